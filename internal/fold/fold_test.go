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

// The quick way and the one by the book agree.
func FuzzAppend(f *testing.F) {
	for _, s := range []string{"", "Où est l’été ?", "e\u0301", "½ ﬁn ǆ", "🤖❤\ufe0f", "\xff", "日本", "\u2026\u2028", "a\u0300\u0327", "`´"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := string(Append([]byte("x"), s)), string(whole([]byte("x"), s)); got != want {
			t.Errorf("%q becomes %q, by the book %q", s, got, want)
		}
	})
}
