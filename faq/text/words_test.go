package text

import (
	"slices"
	"testing"
)

func TestWords(t *testing.T) {
	for in, want := range map[string][]string{
		"":                          {},
		"L’entretien, c'est QUAND?": {"l", "entretien", "c", "est", "quand"},
		"2 500 € nets/mois":         {"2", "500", "€", "nets", "mois"},
		"¿Cuánto?":                  {"cuanto"},
	} {
		if got := Words(in); !slices.Equal(got, want) {
			t.Errorf("Words(%q) = %q, want %q", in, got, want)
		}
	}
}
