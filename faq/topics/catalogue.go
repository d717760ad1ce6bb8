// Package topics knows what people ask about in any recruitment, whatever the FAQ: the catalogue of topics, the
// corpus of phrasings written for each, and the model trained from it. It is pure, and knows no FAQ.
package topics

import (
	_ "embed"
	"fmt"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed catalogue.yaml
var catalogueFile []byte

// Kind is whom a topic is for.
type Kind string

// The kinds of topic.
const (
	Recruitment Kind = "recruitment" // a question for recruiters
	Talk        Kind = "talk"        // small talk with the bot
	Refused     Kind = "refused"     // never answered with an entry, never kept
	Chatter     Kind = "chatter"     // people talking to each other
)

// Topic is one thing that people ask about.
type Topic struct {
	ID      string   `yaml:"id"`
	Kind    Kind     `yaml:"kind"`
	FR      string   `yaml:"fr"`
	EN      string   `yaml:"en"`
	About   string   `yaml:"about"`
	Near    []string `yaml:"near"`    // topics worth suggesting when nothing covers this one
	Private bool     `yaml:"private"` // about health or family
	Careful bool     `yaml:"careful"` // about money, contract or deadline, where a wrong fact costs most
}

// catalogue is read once, on first use: it is part of the program, so that it can only be wrong in a build that its
// tests refuse.
var catalogue = sync.OnceValue(func() map[string]Topic {
	list, err := parseCatalogue(catalogueFile)
	if err != nil {
		panic(err)
	}
	byID := make(map[string]Topic, len(list))
	for _, t := range list {
		byID[t.ID] = t
	}
	return byID
})

func parseCatalogue(src []byte) ([]Topic, error) {
	var file struct {
		Topics []Topic `yaml:"topics"`
	}
	if err := yaml.UnmarshalWithOptions(src, &file, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("reading the catalogue of topics: %w", err)
	}
	return file.Topics, nil
}

// Known reports whether the catalogue has this topic.
func Known(id string) bool {
	_, ok := catalogue()[id]
	return ok
}

// ByID returns a topic of the catalogue.
func ByID(id string) (Topic, bool) {
	t, ok := catalogue()[id]
	return t, ok
}
