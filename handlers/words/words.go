// Package words holds every fixed sentence that Candide says, by language and form of address, so that they can be
// read, corrected and translated in one place. No sentence is built anywhere else out of pieces.
package words

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed fr.yaml en.yaml
var files embed.FS

// Languages that Candide speaks; the first is the one it falls back to.
var Languages = []string{"fr", "en"}

// Words says the fixed sentences in one form of address. It implements bot.Phrases.
type Words struct {
	address  string // "tu" or "vous"
	language string // of those who say nothing
	says     map[string]map[string]string
}

// New reads the sentences. address is "tu" or "vous"; language is that of people who say nothing.
func New(address, language string) (*Words, error) {
	w := &Words{address: address, language: language, says: map[string]map[string]string{}}
	for _, lang := range Languages {
		src, err := files.ReadFile(lang + ".yaml")
		if err != nil {
			return nil, fmt.Errorf("reading the words: %w", err)
		}
		if w.says[lang], err = parse(src, address); err != nil {
			return nil, fmt.Errorf("reading the words in %s: %w", lang, err)
		}
	}
	return w, nil
}

// parse reads “key: sentence” and “key: {tu: sentence, vous: sentence}”.
func parse(src []byte, address string) (map[string]string, error) {
	var raw map[string]any
	if err := yaml.UnmarshalWithOptions(src, &raw, yaml.Strict()); err != nil {
		return nil, err
	}
	says := make(map[string]string, len(raw))
	for key, value := range raw {
		switch v := value.(type) {
		case string:
			says[key] = strings.Trim(v, "\n") // spaces at the ends join a sentence to others
		case map[string]any:
			s, ok := v[address].(string)
			if !ok {
				return nil, fmt.Errorf("%q has no form for %q", key, address)
			}
			says[key] = strings.Trim(s, "\n")
		default:
			return nil, fmt.Errorf("%q is neither a sentence nor a pair of them", key)
		}
	}
	return says, nil
}

// Say returns the sentence key in lang, its {name} filled from args, which are names and values in turn. A key that
// does not exist says itself: the tests see to it that none is missing.
func (w *Words) Say(lang, key string, args ...string) string {
	if _, ok := w.says[lang]; !ok {
		lang = w.language
	}
	s, ok := w.says[lang][key]
	if !ok {
		return key
	}
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		pairs = append(pairs, "{"+args[i]+"}", args[i+1])
	}
	// All at once: what somebody wrote stays as it is, even where it looks like a name in braces.
	return strings.NewReplacer(pairs...).Replace(s)
}

// Count says key+".one" for 0 or 1 in French, 1 in English, and key+".many" otherwise, with {n} filled.
func (w *Words) Count(lang, key string, n int, args ...string) string {
	form := ".many"
	if n == 1 || n == 0 && lang != "en" {
		form = ".one"
	}
	return w.Say(lang, key+form, append(args, "n", fmt.Sprint(n))...)
}

// Address is the form of address: "tu" or "vous".
func (w *Words) Address() string { return w.address }

// Keys returns every key of a language, sorted.
func (w *Words) Keys(lang string) []string { return slices.Sorted(maps.Keys(w.says[lang])) }
