package discord

import (
	"context"
	"strings"

	"candide/bot"
)

// commandChoice is one value offered for an option.
type commandChoice struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// typed is a command as if it had been written.
func (p *Platform) typed(data interactionData) string {
	var words []string
	var walk func([]commandOption)
	walk = func(list []commandOption) {
		for _, o := range list {
			if s, ok := o.Value.(string); ok {
				words = append(words, s)
			} else {
				words = append(words, o.Name)
			}
			walk(o.Options)
		}
	}
	walk(data.Options)
	return strings.Join(words, " ")
}

// complete answers what is being typed.
func (p *Platform) complete(context.Context, *interaction, bot.Person) {}
