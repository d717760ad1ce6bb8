package inbox

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestMask(t *testing.T) {
	for in, want := range map[string]string{
		"Y a-t-il des tickets resto ?":                           "Y a-t-il des tickets resto ?",
		"Mon mail : camille.martin@example.org, merci":           "Mon mail : [e-mail], merci",
		"camille (at) example (point) org":                       "[e-mail]",
		"camille arobase example point fr":                       "[e-mail]",
		"écrivez à <Camille.O'Neil+rh@sous.example.org>":         "écrivez à <[e-mail]>",
		"appelez-moi au 06 12 34 56 78 svp":                      "appelez-moi au [téléphone] svp",
		"+33 (0)6.12.34.56.78":                                   "[téléphone]",
		"0033612345678 ou 06-12-34-56-78":                        "[téléphone] ou [téléphone]",
		"٠٦ ١٢ ٣٤ ٥٦ ٧٨":                                         "[téléphone]",
		"mon numéro de sécu 1 85 05 78 006 084 36":               "mon numéro de sécu [téléphone]",
		"2 500 € nets, ou 3 000 ?":                               "2 500 € nets, ou 3 000 ?",
		"avant le 23/11/2020 à 14h30 ?":                          "avant le 23/11/2020 à 14h30 ?",
		"@camille tu sais ?":                                     "[nom] tu sais ?",
		"voir https://exemple.org/cv/camille et www.exemple.org": "voir [lien] et [lien]",
		"une\nligne\tpuis   une autre":                           "une ligne puis une autre",
		"a\u200b@\u200bexample.org":                              "[e-mail]",
	} {
		if got := Mask(in); got != want {
			t.Errorf("Mask(%q) = %q, want %q", in, got, want)
		}
	}
	if long := Mask(strings.Repeat("mot ", 500)); utf8.RuneCountInString(long) > maxQuestion {
		t.Errorf("kept %d characters", utf8.RuneCountInString(long))
	}
}

var (
	anyMail   = regexp.MustCompile(`[a-z0-9]@[a-z0-9-]+\.[a-z]`)
	anyNumber = regexp.MustCompile(`(?:\p{Nd}[\s.-]?){9}`)
)

// FuzzMask: whatever is written, no address and no long number is left, nothing is masked twice, and the result is one
// short line.
func FuzzMask(f *testing.F) {
	for _, s := range []string{
		"camille@example.org 0612345678", "a@b.c@d.e", "06 12 34 56 78 90 12", "@@a", "\xff\xfe", "１２３４５６７８", "[e-mail]@x.fr", "www.",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Mask(s)
		switch {
		case !utf8.ValidString(got) || strings.IndexFunc(got, unicode.IsControl) >= 0 || utf8.RuneCountInString(got) > maxQuestion:
			t.Errorf("Mask(%q) = %q: not a short line", s, got)
		case anyMail.MatchString(got), anyNumber.MatchString(got):
			t.Errorf("Mask(%q) = %q: not masked", s, got)
		case Mask(got) != got:
			t.Errorf("Mask(%q) = %q, masked again %q", s, got, Mask(got))
		}
	})
}
