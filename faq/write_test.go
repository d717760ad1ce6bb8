package faq

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// again is what Parse makes of what Marshal made of f.
func again(t rapid.TB, f *FAQ) *FAQ {
	t.Helper()
	src := Marshal(f)
	back, err := Parse("again.yaml", src, nil)
	if err != nil {
		t.Fatalf("what was written cannot be read: %v\n%s", err, src)
	}
	return back
}

// sameFAQ compares two FAQs: no list is like an empty one, and times count by their instant.
func sameFAQ(a, b *FAQ) bool {
	plain := func(f *FAQ) *FAQ {
		c := *f
		c.Opens, c.Closes, c.Starts = c.Opens.UTC(), c.Closes.UTC(), c.Starts.UTC()
		c.Zone = nil
		c.Entries = nil
		for _, e := range f.Entries {
			kept := map[string][]string{}
			for lang, list := range e.Phrasings {
				if len(list) > 0 {
					kept[lang] = list
				}
			}
			e.Phrasings = kept
			if len(e.Topics) == 0 {
				e.Topics = nil
			}
			if len(e.See) == 0 {
				e.See = nil
			}
			c.Entries = append(c.Entries, e)
		}
		return &c
	}
	return reflect.DeepEqual(plain(a), plain(b)) && a.Zone.String() == b.Zone.String()
}

func TestMarshalDefault(t *testing.T) {
	f, err := Parse(DefaultName, DefaultFile(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if back := again(t, f); !sameFAQ(f, back) {
		t.Errorf("read back:\n%s", Marshal(back))
	}
}

// Whatever texts hold, what is written is read back the same.
func TestMarshal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.OneOf(
			rapid.StringMatching(`[a-zA-Zéàç’«» ,.:;?!#&*{}\[\]|>%@"'\\\n\t-]{1,40}`), rapid.String(),
			rapid.SampledFrom([]string{"true", "null", "~", "1", "1.5", "- a", "a: b", "# x", "|", "> x", "\u2028", "\ufeffa", "a\n\n b", "😀\n😀", "\u200b", "0x1", "2020-11-16", "=", "<<"}),
		)
		text := rapid.Map(word, func(s string) string {
			s = strings.TrimSpace(strings.ToValidUTF8(placeholder.ReplaceAllString(s, ""), ""))
			if s == "" {
				return "rien"
			}
			return s
		})
		texts := func(label string) Text {
			t := Text{"fr": text.Draw(t, label)}
			return t
		}
		f := &FAQ{
			ID: "c", Title: texts("title"), Language: "fr", Address: "tu", Zone: time.UTC, DecisionDays: rapid.IntRange(0, 90).Draw(t, "days"),
			Contact: "rh@example.org", Apply: "https://example.org/a?b=c#d", Source: text.Draw(t, "source"),
			Closes: time.Date(2020, 11, 23, 23, rapid.IntRange(0, 59).Draw(t, "minute"), 0, 0, time.UTC),
		}
		for i := range rapid.IntRange(1, 3).Draw(t, "entries") {
			e := Entry{
				ID: fmt.Sprintf("e%d", i), Title: Text{"fr": "Titre"}, Question: Text{"fr": text.Draw(t, "question") + fmt.Sprintf(" %d", i)}, Answer: texts("answer"),
				Applying: rapid.Bool().Draw(t, "applying"), Source: text.Draw(t, "entry source"),
				Topics: rapid.SliceOfN(text, 0, 2).Draw(t, "topics"), Phrasings: map[string][]string{},
			}
			if rapid.Bool().Draw(t, "closed") {
				e.Closed = Text{"fr": text.Draw(t, "closed fr"), "en": text.Draw(t, "closed en")}
			}
			if i > 0 {
				e.See = []string{"e0"}
			}
			for j, lang := range []string{"fr", "en"} {
				if rapid.Bool().Draw(t, "phrased "+lang) {
					e.Phrasings[lang] = []string{fmt.Sprintf("%d %d %s", i, j, text.Draw(t, "phrasing"))}
				}
			}
			f.Entries = append(f.Entries, e)
		}
		if back := again(t, f); !sameFAQ(f, back) {
			t.Fatalf("written\n%s\nread back as\n%+v\nwant\n%+v", Marshal(f), back, f)
		}
	})
}
