package web

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

//go:embed words/fr.json words/en.json
var wordFiles embed.FS

// words holds every word of the pages, by language and key.
type words map[string]map[string]string

// readWords reads "key": "sentence" and "key": {"tu": "sentence", "vous": "sentence"}.
func readWords(address string) (words, error) {
	if address != "tu" && address != "vous" {
		return nil, fmt.Errorf(`the form of address is "tu" or "vous", not %q`, address)
	}
	all := words{}
	for _, lang := range []string{"fr", "en"} {
		src, err := wordFiles.ReadFile("words/" + lang + ".json")
		if err != nil {
			return nil, err
		}
		var raw map[string]json.RawMessage
		if err := json.Unmarshal(src, &raw); err != nil {
			return nil, fmt.Errorf("%s: %w", lang, err)
		}
		all[lang] = map[string]string{}
		for key, value := range raw {
			var one string
			var two struct{ Tu, Vous string }
			if json.Unmarshal(value, &one) != nil {
				if err := json.Unmarshal(value, &two); err != nil {
					return nil, fmt.Errorf("%s: %s: %w", lang, key, err)
				}
				if one = two.Vous; address == "tu" {
					one = two.Tu
				}
			}
			all[lang][key] = spaced(one)
		}
	}
	return all, nil
}

// find returns a sentence; an error when there is none.
func (w words) find(lang, key string, args ...string) (string, error) {
	s, ok := w[lang][key]
	if !ok {
		return "", errors.New("no words for " + strconv.Quote(key) + " in " + lang)
	}
	for i := 0; i+1 < len(args); i += 2 {
		s = strings.ReplaceAll(s, "{"+args[i]+"}", args[i+1])
	}
	return s, nil
}

// say returns a sentence, or its key when there is none.
func (w words) say(lang, key string, args ...string) string {
	s, err := w.find(lang, key, args...)
	if err != nil {
		return key
	}
	return s
}

// span says a duration in whole days, or in hours when it is short.
func (w words) span(lang string, d time.Duration) string {
	if hours := int(d.Hours()); hours <= 48 {
		return w.say(lang, "hours", "n", strconv.Itoa(hours))
	}
	return w.say(lang, "days", "n", strconv.Itoa(int(d.Hours()/24)))
}

// day says a date in full words.
func (w words) day(lang string, t time.Time) string {
	weekday := strings.Fields(w.say(lang, "weekdays"))
	month := strings.Fields(w.say(lang, "months"))
	if len(weekday) != 7 || len(month) != 12 {
		return t.Format("2006-01-02")
	}
	n := strconv.Itoa(t.Day())
	if lang == "fr" && t.Day() == 1 {
		n = "1er"
	}
	return w.say(lang, "day", "weekday", weekday[t.Weekday()], "n", n, "month", month[t.Month()-1],
		"year", strconv.Itoa(t.Year()))
}
