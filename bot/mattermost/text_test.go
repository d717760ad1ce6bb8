package mattermost

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"candide/bot"
	"candide/internal/prose"
)

func TestStripMention(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, rest string
		mentioned  bool
	}{
		{"@candide c'est payé combien ?", "c'est payé combien ?", true},
		{"@candide, c'est payé combien ?", "c'est payé combien ?", true},
		{"@candide: aide", "aide", true},
		{"Bonjour @Candide. Aide", "Bonjour . Aide", true},
		{"merci @candide", "merci", true},
		{"@candide @candide aide", "aide", true},
		{"(@candide) aide", "() aide", true},
		{"@candide-2 aide", "@candide-2 aide", false},
		{"@candidement", "@candidement", false},
		{"moi@candide.fr", "moi@candide.fr", false},
		{"`@candide` aide", "`@candide` aide", false},
		{"```\n@candide\n``` aide", "```\n@candide\n``` aide", false},
		{"`un` @candide aide", "`un` aide", true},
		{"@all aide", "@all aide", false},
		{"", "", false},
		{"@candide", "", true},
	} {
		mentioned, rest := stripMention(c.text, "candide")
		if mentioned != c.mentioned || rest != c.rest {
			t.Errorf("stripMention(%q) = %v, %q; want %v, %q", c.text, mentioned, rest, c.mentioned, c.rest)
		}
	}
}

func TestHarmless(t *testing.T) {
	t.Parallel()
	rose := []bot.Person{{Name: "rose.d"}}
	for text, want := range map[string]string{
		"@all":                        "@|all",
		"a @channel, b @here.":        "a @|channel, b @|here.",
		"recrutement@beta.gouv.fr":    "recrutement@beta.gouv.fr",
		"*@rose*":                     "*@|rose*",
		"x:@all":                      "x:@|all",
		"@rose.d et @rose.d. @rose.e": "@rose.d et @rose.d. @|rose.e",
		"@@all":                       "@|@|all",
	} {
		if got := harmless(text, rose); got != strings.ReplaceAll(want, "|", zeroWidth) {
			t.Errorf("harmless(%q) = %q", text, got)
		}
	}
}

// notifies is a mention as the server would find it: an @ that no letter or digit precedes, and a name after it.
var notifies = regexp.MustCompile(`(?:^|[^\p{L}\p{N}])@[A-Za-z0-9._-]`)

func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "@all", "a@b @here `@channel`", "@candide, aide", strings.Repeat("é@all\n\n", 50), "\xff@all"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		safe := harmless(text, nil)
		if m := notifies.FindString(safe); m != "" {
			t.Fatalf("%q notifies somebody: %q in %q", text, m, safe)
		}
		if utf8.ValidString(text) && strings.ReplaceAll(safe, zeroWidth, "") != strings.ReplaceAll(text, zeroWidth, "") {
			t.Fatalf("%q became %q", text, safe)
		}
		for _, part := range prose.Split(safe, 40) {
			if utf8.RuneCountInString(part) > 40 {
				t.Fatalf("a part of %d characters", utf8.RuneCountInString(part))
			}
			if m := notifies.FindString(part); m != "" {
				t.Fatalf("cut into pieces, %q notifies somebody: %q", text, part)
			}
		}
		if _, rest := stripMention(text, "candide"); utf8.ValidString(text) && !utf8.ValidString(rest) {
			t.Fatalf("stripMention cut a character: %q", rest)
		}
		if c := clip(text, 24); utf8.ValidString(text) && (len(c) > 24 || !utf8.ValidString(c)) {
			t.Fatalf("clip(%q) = %q", text, c)
		}
	})
}

func TestLinkCannotBeEndedByItsLabel(t *testing.T) {
	t.Parallel()
	if got := link("a](http://b) [c", "https://d/(e) f"); got != "[a)(http://b) (c](https://d/%28e%29%20f)" {
		t.Error(got)
	}
}
