package text

import "testing"

// Words spelled by ear are heard as those spelled by the book.
func TestSound(t *testing.T) {
	for _, same := range [][]string{
		{"salaire", "salere", "saler"},
		{"contrat", "kontra", "contra"},
		{"remuneration", "remunerassion"},
		{"formation", "formassion"},
		{"equipe", "ekip"},
		{"entretien", "entretient"},
		{"pourquoi", "pourkoi"},
		{"beaucoup", "bocou"},
		{"photographie", "fotografi"},
		{"vacances", "vakance"},
		{"delai", "dele", "delais"},
		{"candidature", "candidatur"},
		{"au", "eau", "o"},
	} {
		for _, word := range same[1:] {
			if a, b := Sound(same[0]), Sound(word); a != b {
				t.Errorf("%q is heard as %q, %q as %q", same[0], a, word, b)
			}
		}
	}
	heard := map[string]string{}
	for _, word := range []string{"salaire", "contrat", "delai", "jury", "mission", "equipe", "poste", "date", "lieu", "conges", "prime", "stage"} {
		s := Sound(word)
		if other, taken := heard[s]; taken {
			t.Errorf("%q and %q are both heard as %q", word, other, s)
		}
		heard[s] = word
	}
	if Sound("") != "" {
		t.Errorf("nothing is heard as %q", Sound(""))
	}
}

func FuzzSound(f *testing.F) {
	for _, s := range []string{"", "salère", "xxxx", "eeee", "ddd", "\xff", "日本"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, word string) {
		if a, b := Sound(word), Sound(word); a != b {
			t.Errorf("%q is heard as %q, then %q", word, a, b)
		}
	})
}
