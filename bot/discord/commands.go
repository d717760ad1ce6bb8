package discord

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"candide/bot"
)

// command is an application command, or one of its options: a group, a subcommand, or something to fill in.
type command struct {
	Type         int               `json:"type"`
	Name         string            `json:"name"`
	Names        map[string]string `json:"name_localizations,omitempty"`
	Description  string            `json:"description"`
	Descriptions map[string]string `json:"description_localizations,omitempty"`
	Options      []command         `json:"options,omitempty"`
	Required     bool              `json:"required,omitempty"`
	Autocomplete bool              `json:"autocomplete,omitempty"`
	Choices      []commandChoice   `json:"choices,omitempty"`
	ChannelTypes []int             `json:"channel_types,omitempty"`
	MinValue     *int              `json:"min_value,omitempty"`
	Contexts     []int             `json:"contexts,omitempty"`
	Integrations []int             `json:"integration_types,omitempty"`
}

// commandChoice is one value offered for an option.
type commandChoice struct {
	Name  string `json:"name"`
	Value any    `json:"value"` // a text, or for options that hold a number, one
}

// The kinds of command and option.
const (
	commandChat       = 1
	optionSubcommand  = 1
	optionGroup       = 2
	optionString      = 3
	optionInteger     = 4
	optionChannelKind = 7
)

const (
	// maxOptions is how many options a command or group has, and choices an option.
	maxOptions = 25
	// maxDescription100 is the longest description of a command or option.
	maxDescription100 = 100
	// completeWithin is how long suggestions may take: whoever types does not wait.
	completeWithin = 2 * time.Second
)

// setCommands makes the application commands, or brings them up to date. Without them the bot works by mention and direct
// message.
func (p *Platform) setCommands(ctx context.Context, h *home) {
	if len(p.o.Menu) == 0 {
		return
	}
	url := api("applications/" + h.app.ID + "/commands")
	if err := p.rest.call(ctx, http.MethodPut, url, "commands", p.commands(), nil); err != nil {
		p.log.Warn("no application commands", "error", err)
	}
}

// commands is the one command, “candide”, with everything below it.
func (p *Platform) commands() []command {
	root := command{
		Type: commandChat, Name: p.o.Command, Description: "Candide",
		Contexts:     []int{0, 1}, // on the server, and in the direct conversation
		Integrations: []int{0},
	}
	groups := map[string]int{}
	for _, item := range p.o.Menu {
		sub := command{
			Type: optionSubcommand, Name: item.Words[len(item.Words)-1], Names: locales(item.Names),
			Description: about(item.About), Descriptions: locales(item.About), Options: options(item.Options),
		}
		if len(item.Words) == 1 {
			root.Options = append(root.Options, sub)
			continue
		}
		group := item.Words[0]
		at, known := groups[group]
		if !known {
			at = len(root.Options)
			groups[group] = at
			root.Options = append(root.Options, command{Type: optionGroup, Name: group, Description: title(group)})
		}
		root.Options[at].Options = append(root.Options[at].Options, sub)
	}
	return []command{root}
}

func title(word string) string {
	r, size := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(r)) + word[size:]
}

// about is the description of those who read neither French nor English.
func about(texts map[string]string) string { return clip(texts["fr"], maxDescription100) }

// locales spreads texts by language over Discord's locales.
func locales(texts map[string]string) map[string]string {
	out := map[string]string{}
	for lang, text := range texts {
		switch lang {
		case "en":
			out["en-US"], out["en-GB"] = clip(text, maxDescription100), clip(text, maxDescription100)
		default:
			out[lang] = clip(text, maxDescription100)
		}
	}
	return out
}

func options(list []bot.MenuOption) []command {
	var out []command
	for _, o := range list {
		c := command{
			Type: optionString, Name: o.Name, Names: locales(o.Names), Description: about(o.About),
			Descriptions: locales(o.About), Required: o.Required,
		}
		switch o.Kind {
		case bot.OptionNumber:
			one := 1
			c.Type, c.MinValue = optionInteger, &one
		case bot.OptionChannel:
			c.Type, c.ChannelTypes = optionChannelKind, []int{channelText, channelAnnouncement}
		}
		for _, choice := range o.Choices {
			c.Choices = append(c.Choices, commandChoice{clip(choice.Label, maxPlaceholder), choice.Value})
		}
		if o.Purpose != "" && len(o.Choices) == 0 && o.Kind != bot.OptionChannel {
			c.Autocomplete = true
		}
		out = append(out, c)
	}
	return out
}

// menu finds what was asked in the menu, and what was filled in.
func (p *Platform) menu(data interactionData) (item bot.MenuItem, filled []commandOption, ok bool) {
	var words []string
	filled = data.Options
	for len(filled) == 1 && (filled[0].Type == optionSubcommand || filled[0].Type == optionGroup) {
		words = append(words, filled[0].Name)
		filled = filled[0].Options
	}
	for _, item := range p.o.Menu {
		if strings.Join(item.Words, " ") == strings.Join(words, " ") {
			return item, filled, true
		}
	}
	return bot.MenuItem{}, nil, false
}

// typed is a command as if it had been written.
func (p *Platform) typed(data interactionData) string {
	item, filled, ok := p.menu(data)
	if !ok {
		return ""
	}
	var words []string
	if !item.Bare {
		words = append(words, item.Words...)
	}
	for _, o := range item.Options {
		for _, f := range filled {
			if f.Name == o.Name {
				words = append(words, p.word(o, f.Value, data.Resolved))
			}
		}
	}
	var people []user
	for _, u := range data.Resolved.Users {
		people = append(people, u)
	}
	return readable(strings.Join(words, " "), people)
}

// word is what was filled in, as it would have been written.
func (p *Platform) word(o bot.MenuOption, value any, known resolved) string {
	switch value := value.(type) {
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	case string:
		if o.Kind != bot.OptionChannel {
			return strings.TrimSpace(value)
		}
		name := known.Channels[value].Name
		for _, ch := range p.channels.Values() {
			if ch.ID != value && ch.Name == name {
				return "~" + value // the name alone would not tell which
			}
		}
		if name == "" {
			return "~" + value
		}
		return "~" + name
	default:
		return fmt.Sprint(value)
	}
}

// complete answers what is being typed with what may follow: nothing rather than late.
func (p *Platform) complete(ctx context.Context, i *interaction, h *home, who bot.Person) {
	ctx, cancel := context.WithTimeout(ctx, completeWithin)
	defer cancel()
	out := completions{Choices: []commandChoice{}}
	if item, filled, ok := p.menu(i.Data); ok {
		for _, f := range filled {
			if f.Focused {
				out.Choices = p.suggestions(ctx, i, h, who, item, f)
			}
		}
	}
	t := &ticket{id: i.ID, token: i.Token}
	if err := p.respond(ctx, t, callback{Type: callComplete, Data: out}); err != nil && code(err) != codeUnknownInteraction {
		p.log.Warn("suggestions did not arrive", "error", err)
	}
}

func (p *Platform) suggestions(ctx context.Context, i *interaction, h *home, who bot.Person, item bot.MenuItem, f commandOption) []commandChoice {
	list := []commandChoice{}
	completer, ok := p.sink().(bot.Completer)
	if !ok {
		return list
	}
	place, err := p.placeOfInteraction(ctx, h, i)
	if err != nil {
		return list
	}
	for _, o := range item.Options {
		if o.Name != f.Name || o.Purpose == "" {
			continue
		}
		found, err := completer.Complete(ctx, bot.Completion{
			Person: who, Place: place, Lang: language(i.Locale), Purpose: o.Purpose, Typed: fmt.Sprint(f.Value),
		})
		if err != nil {
			p.log.Warn("nothing was suggested", "error", err)
		}
		for _, c := range found[:min(len(found), maxOptions)] {
			choice := commandChoice{Name: clip(c.Label, maxPlaceholder), Value: clip(c.Value, maxPlaceholder)}
			if o.Kind == bot.OptionNumber {
				n, err := strconv.Atoi(c.Value)
				if err != nil {
					continue
				}
				choice.Value = n
			}
			list = append(list, choice)
		}
	}
	return list
}
