package prose_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"candide/internal/prose"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	paragraph := strings.Repeat("mot ", 100)
	parts := prose.Split(strings.TrimSpace(strings.Repeat(paragraph+"\n\n", 50)), 1000)
	if len(parts) < 20 {
		t.Fatalf("%d parts", len(parts))
	}
	for _, part := range parts {
		if !strings.HasSuffix(part, "mot") || !strings.HasPrefix(part, "mot") {
			t.Errorf("a part begins or ends inside a word: %q", part[:20])
		}
	}
	if whole := prose.Split(strings.Repeat("é", 2500), 1000); len(whole) != 3 || strings.Join(whole, "") != strings.Repeat("é", 2500) {
		t.Errorf("a text without spaces: %d parts", len(whole))
	}
	if got := prose.Split("", 10); len(got) != 1 || got[0] != "" {
		t.Errorf("an empty text: %q", got)
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"été", 0, ""}, {"été", 1, "é"}, {"été", 2, "ét"}, {"été", 3, "été"}, {"été", 4, "été"}, {"", 0, ""}, {"", 2, ""},
	} {
		if got := prose.Head(c.text, c.n); got != c.want {
			t.Errorf("Head(%q, %d) = %q, want %q", c.text, c.n, got, c.want)
		}
	}
}

func TestHideCode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"un `@a` deux":          "un      deux",
		"```\n@a\n``` b":        "           b",
		"``` jamais fermé @a":   strings.Repeat(" ", len("``` jamais fermé @a")),
		"un seul ` et\nun ` @a": "un seul ` et\nun ` @a",
		"sans":                  "sans",
	} {
		if got := prose.HideCode(text); got != want {
			t.Errorf("HideCode(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestUnaddressed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		" , aide": "aide", ": aide": "aide", " — aide ": "aide", "Bonjour  aide": "Bonjour aide", "(a)": "(a)", "": "", " ": "",
	} {
		if got := prose.Unaddressed(text); got != want {
			t.Errorf("Unaddressed(%q) = %q, want %q", text, got, want)
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"", "un mot", strings.Repeat("é a\n\n", 50), "\xff\xff", strings.Repeat("x", 90)} {
		f.Add(seed, 40)
	}
	f.Fuzz(func(t *testing.T, text string, limit int) {
		if limit < 1 || limit > 1000 {
			return
		}
		parts := prose.Split(text, limit)
		for i, part := range parts {
			if utf8.RuneCountInString(part) > limit {
				t.Fatalf("a part of %d characters, of at most %d", utf8.RuneCountInString(part), limit)
			}
			if part == "" && len(parts) > 1 {
				t.Fatalf("part %d of %d is empty", i, len(parts))
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if got := squeeze(strings.Join(parts, " ")); got != squeeze(text) {
			t.Fatalf("%q became %q", text, parts)
		}
	})
}
