package fold

import "testing"

func TestString(t *testing.T) {
	for in, want := range map[string]string{
		"":                            "",
		"Déplacer":                    "deplacer",
		"À l’Œuvre":                   "a l'oeuvre",
		"TÉLÉ\u200bTRAVAIL":           "teletravail",
		"e\u0301te\u0301":             "ete",
		"candidat\u00ade":             "candidate",
		"déjà vu à 14\u202fh\u00a030": "deja vu a 14 h 30",
	} {
		if got := String(in); got != want {
			t.Errorf("String(%q) = %q, want %q", in, got, want)
		}
	}
}
