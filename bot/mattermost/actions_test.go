package mattermost

import (
	"regexp"
	"testing"
)

// A button keeps its id wherever it stands, two never share one, and the server takes it: letters and digits.
func TestActionID(t *testing.T) {
	seen := map[string]bool{}
	for _, label := range []string{"Répondre…", "Écarter", "En faire une fiche…", ""} {
		for n := range 3 {
			id := actionID(label, n)
			if seen[id] || !regexp.MustCompile(`^[a-zA-Z0-9]+$`).MatchString(id) || id != actionID(label, n) {
				t.Errorf("%q, %d: %q", label, n, id)
			}
			seen[id] = true
		}
	}
}
