package menu

import (
	"strings"
	"testing"
	"unicode/utf8"

	"candide/handlers/words"
)

// The menu is what Discord takes: its limits are the narrowest.
func TestMenu(t *testing.T) {
	w, err := words.New("vous", "fr")
	if err != nil {
		t.Fatal(err)
	}
	list, err := All(w)
	if err != nil {
		t.Fatal(err)
	}
	levels := map[string]int{}
	for _, item := range list {
		name := strings.Join(item.Words, " ")
		if n := len(item.Words); n < 1 || n > 2 {
			t.Errorf("%q has %d words", name, n)
		}
		if len(item.Words) == 2 {
			if levels[item.Words[0]]++; levels[item.Words[0]] == 1 {
				levels[""]++
			}
		} else {
			levels[""]++
		}
		if strings.ToLower(name) != name {
			t.Errorf("%q is not in small letters", name)
		}
		texts := []map[string]string{item.About}
		required := true
		for _, o := range item.Options {
			texts = append(texts, o.About)
			if o.Required && !required {
				t.Errorf("%q: %s is required and comes after what is not", name, o.Name)
			}
			required = o.Required
		}
		for _, about := range texts {
			for _, lang := range words.Languages {
				if n := utf8.RuneCountInString(about[lang]); n == 0 || n > 100 {
					t.Errorf("%q says %q in %s: %d characters", name, about[lang], lang, n)
				}
			}
		}
	}
	for level, n := range levels {
		if n > 25 {
			t.Errorf("%q has %d commands", level, n)
		}
	}
	if len(list) < 20 {
		t.Errorf("only %d commands", len(list))
	}
}
