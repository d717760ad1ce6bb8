package discordtest

import (
	"encoding/json"
	"strings"
	"testing"
)

// The stand-in refuses what Discord refuses and its description allows.
func TestLimits(t *testing.T) {
	row := func(buttons string) string {
		return `{"content":"x","components":[{"type":1,"components":[` + buttons + `]}]}`
	}
	button := func(id string) string { return `{"type":2,"style":1,"label":"x","custom_id":"` + id + `"}` }
	for what, c := range map[string]struct {
		body string
		ok   bool
	}{
		"fine":          {row(button("a") + "," + button("b")), true},
		"too long":      {`{"content":"` + strings.Repeat("é", 2001) + `"}`, false},
		"as long":       {`{"content":"` + strings.Repeat("é", 2000) + `"}`, true},
		"empty":         {`{}`, false},
		"embeds":        {`{"embeds":[{"description":"` + strings.Repeat("x", 3500) + `"},{"description":"` + strings.Repeat("x", 3500) + `"}]}`, false},
		"six rows":      {`{"content":"x","components":[` + strings.TrimSuffix(strings.Repeat(`{"type":1,"components":[{"type":2,"style":5,"url":"https://example.org"}]},`, 6), ",") + `]}`, false},
		"same id":       {row(button("a") + "," + button("a")), false},
		"no id":         {row(`{"type":2,"style":1,"label":"x"}`), false},
		"link with id":  {row(`{"type":2,"style":5,"custom_id":"a","url":"https://example.org"}`), false},
		"six buttons":   {row(button("a") + "," + button("b") + "," + button("c") + "," + button("d") + "," + button("e") + "," + button("f")), false},
		"menu with one": {row(`{"type":3,"custom_id":"m","options":[{"value":"1"}]},` + button("a")), false},
		"same value":    {row(`{"type":3,"custom_id":"m","options":[{"value":"1"},{"value":"1"}]}`), false},
	} {
		var m map[string]any
		if err := json.Unmarshal([]byte(c.body), &m); err != nil {
			t.Fatal(err)
		}
		if err := checkMessage(m, false); (err == nil) != c.ok {
			t.Errorf("%s: %v", what, err)
		}
	}
	for body, ok := range map[string]bool{
		`[{"name":"candide","description":"x","options":[{"name":"étape","description":"x","required":true},{"name":"b","description":"x"}]}]`: true,
		`[{"name":"Candide","description":"x"}]`: false,
		`[{"name":"a b","description":"x"}]`:     false,
		`[{"name":"a","description":""}]`:        false,
		`[{"name":"a","description":"x","options":[{"name":"o","description":"x"},{"name":"p","description":"x","required":true}]}]`: false,
		`[{"name":"a","description":"x","name_localizations":{"fr":"Écrire"}}]`:                                                      false,
	} {
		var list []any
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Fatal(err)
		}
		if err := checkCommands(list); (err == nil) != ok {
			t.Errorf("%s: %v", body, err)
		}
	}
}
