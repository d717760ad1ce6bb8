// Package menu says what commands there are, for platforms that offer them typed, and what may be filled in.
//
// The commands themselves belong to the conversations: here is only what people see of them before they are sent.
package menu

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"

	"candide/bot"
	"candide/handlers/words"
	"candide/storage"
)

//go:embed menu.yaml
var file []byte

// Purposes of what is filled in.
const (
	Question  bot.Purpose = "question"
	Entry     bot.Purpose = "entry"
	Candidate bot.Purpose = "candidate"
	Jury      bot.Purpose = "jury"
	Date      bot.Purpose = "date"
	Rules     bot.Purpose = "rules"
	Span      bot.Purpose = "span"
	Pause     bot.Purpose = "pause"
)

type item struct {
	Words   string            `yaml:"words"`
	En      string            `yaml:"en"`
	About   map[string]string `yaml:"about"`
	Bare    bool              `yaml:"bare"`
	Options []option          `yaml:"options"`
}

type option struct {
	Name     string            `yaml:"name"`
	En       string            `yaml:"en"`
	About    map[string]string `yaml:"about"`
	Kind     string            `yaml:"kind"`
	Complete string            `yaml:"complete"`
	Stages   bool              `yaml:"stages"`
	Required bool              `yaml:"required"`
}

// Items returns the menu, with those commands alone that routes know.
func Items(w *words.Words, routes *bot.Routes) ([]bot.MenuItem, error) {
	list, err := All(w)
	if err != nil {
		return nil, err
	}
	var known []bot.MenuItem
	for _, i := range list {
		if _, ok := routes.Named(i.Words...); ok || i.Bare {
			known = append(known, i)
		}
	}
	return known, nil
}

// All returns the whole menu.
func All(w *words.Words) ([]bot.MenuItem, error) {
	var raw []item
	if err := yaml.UnmarshalWithOptions(file, &raw, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("reading the menu: %w", err)
	}
	var list []bot.MenuItem
	for _, i := range raw {
		made := bot.MenuItem{Words: strings.Fields(i.Words), Names: english(i.En), About: i.About, Bare: i.Bare}
		for _, o := range i.Options {
			kind, ok := kinds[o.Kind]
			if !ok {
				return nil, fmt.Errorf("reading the menu: %s: unknown kind %q", i.Words, o.Kind)
			}
			option := bot.MenuOption{
				Name: o.Name, Names: english(o.En), About: o.About, Kind: kind, Purpose: bot.Purpose(o.Complete), Required: o.Required,
			}
			if o.Stages {
				for _, stage := range storage.Stages() {
					option.Choices = append(option.Choices, bot.Choice{Value: string(stage), Label: w.Say("", "stage-"+string(stage))})
				}
			}
			made.Options = append(made.Options, option)
		}
		list = append(list, made)
	}
	return list, nil
}

var kinds = map[string]bot.OptionKind{"": bot.OptionText, "number": bot.OptionNumber, "channel": bot.OptionChannel}

func english(word string) map[string]string {
	if word == "" {
		return nil
	}
	return map[string]string{"en": word}
}
