package faq

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

func knownTopic(id string) bool { return id == "salaire" }

// TestProblems reads testdata/problems.txt, which says how.
func TestProblems(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/problems.txt")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(archive.Files); i += 2 {
		file, want := archive.Files[i], archive.Files[i+1]
		name, _ := strings.CutSuffix(file.Name, ".yaml")
		if want.Name != name+".want" {
			t.Fatalf("after %s comes %s", file.Name, want.Name)
		}
		t.Run(name, func(t *testing.T) {
			_, err := Parse(file.Name, file.Data, knownTopic)
			var problems Problems
			if err != nil && !errors.As(err, &problems) {
				t.Fatalf("the error is a %T", err)
			}
			lines := strings.Split(strings.TrimSpace(string(want.Data)), "\n")
			if lines[0] == "" {
				lines = nil
			}
			for i, line := range lines {
				number, words, _ := strings.Cut(line, " ")
				n, err := strconv.Atoi(number)
				if err != nil {
					t.Fatal(err)
				}
				if i < len(problems) && (problems[i].Line != n || !strings.Contains(problems[i].What, words)) {
					t.Errorf("problem %d is %q, want line %d with %q", i+1, problems[i], n, words)
				}
			}
			if len(problems) != len(lines) {
				t.Errorf("%d problems, want %d:\n%v", len(problems), len(lines), problems)
			}
		})
	}
}

// small is a file with one entry, to be altered.
func small(campaign, entry string) string {
	return "id: a\ntitle: T\n" + campaign + "entries:\n  - id: x\n    question: Q\n" + entry
}

func TestTooLong(t *testing.T) {
	for _, c := range []struct {
		name  string
		limit int
		file  func(text string) string
	}{
		{"answer", 1500, func(s string) string { return small("", "    answer: "+s+"\n") }},
		{"closed", 1500, func(s string) string { return small("", "    answer: R\n    closed: "+s+"\n") }},
		{"title", 40, func(s string) string { return small("", "    answer: R\n    title: "+s+"\n") }},
		{"phrasing", 600, func(s string) string { return small("", "    answer: R\n    phrasings: ["+s+"]\n") }},
		{"source", 200, func(s string) string { return small("", "    answer: R\n    source: "+s+"\n") }},
		{"source", 200, func(s string) string { return small("source: "+s+"\n", "    answer: R\n") }},
	} {
		if _, err := Parse("f", []byte(c.file(strings.Repeat("é", c.limit))), nil); err != nil {
			t.Errorf("%s of %d characters: %v", c.name, c.limit, err)
		}
		_, err := Parse("f", []byte(c.file(strings.Repeat("é", c.limit+1))), nil)
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%d characters, more than %d", c.limit+1, c.limit)) {
			t.Errorf("%s of %d characters: %v", c.name, c.limit+1, err)
		}
	}
}

// What is too large or too deep is refused before it costs anything.
func TestHostileSizes(t *testing.T) {
	for name, c := range map[string]struct{ src, want string }{
		"two megabytes and more": {strings.Repeat("#", 2<<20+1), "f:1: the file is larger than 2 MB"},
		"brackets":               {"id: a\n" + strings.Repeat("[", 1<<20), "f:2: more than 500 lists"},
		"braces":                 {strings.Repeat("{a: ", 1<<18), "f:1: more than 500 lists"},
		"lists":                  {"a:\n" + strings.Repeat("- ", 1<<19), "f:2: more than 500 lists"},
	} {
		begun := time.Now()
		if _, err := Parse("f", []byte(c.src), nil); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %.100v, want %q", name, err, c.want)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
}

func TestByteOrderMarkAndCarriageReturns(t *testing.T) {
	src := "\ufeff" + strings.ReplaceAll(small("", "    answer: |\n      Une ligne.\n      Une autre.\n"), "\n", "\r\n")
	f, err := Parse("f", []byte(src), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.ReplaceAll(f.Entries[0].Answer["fr"], "\r", ""); got != "Une ligne.\nUne autre." {
		t.Errorf("read %q", got)
	}
}

func TestDatesInTheCampaignsZone(t *testing.T) {
	for _, c := range []struct{ zone, closes, want string }{
		{"Europe/Paris", "2020-11-23T23:59", "2020-11-23T22:59:00Z"},
		{"Europe/Paris", "2020-11-23 23:59", "2020-11-23T22:59:00Z"},
		{"Europe/Paris", "2020-11-23", "2020-11-23T22:59:00Z"}, // the day lasts until its last minute
		{"Europe/Paris", "2026-03-29", "2026-03-29T21:59:00Z"}, // 23 hours long
		{"Europe/Paris", "2026-10-25", "2026-10-25T22:59:00Z"}, // 25 hours long
		{"Indian/Reunion", "2020-11-23", "2020-11-23T19:59:00Z"},
		{"America/Montreal", "2020-11-23", "2020-11-24T04:59:00Z"},
	} {
		f, err := Parse("f", []byte(small("timezone: "+c.zone+"\ncloses: "+c.closes+"\n", "    answer: R\n")), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Closes.UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%s in %s: %s, want %s", c.closes, c.zone, got, c.want)
		}
	}
}

// FuzzParse: whatever the bytes, there is a FAQ or a list of problems, each on a line of the file; and what is taken
// can be said in every language at any time, and read again by its ids.
func FuzzParse(f *testing.F) {
	archive, err := txtar.ParseFile("testdata/problems.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range archive.Files {
		if strings.HasSuffix(file.Name, ".yaml") {
			f.Add(file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 4096 {
			t.Skip("size is tried elsewhere")
		}
		read, err := Parse("f", src, nil)
		if err != nil {
			var problems Problems
			if !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("the error is %T: %v", err, err)
			}
			last := strings.Count(string(src), "\n") + strings.Count(string(src), "\r") + 1 // either ends a line
			for _, p := range problems {
				if p.Line < 1 || p.Line > last {
					t.Errorf("%q: the file has %d lines", p, last)
				}
			}
			return
		}
		for i := range read.Entries {
			e := &read.Entries[i]
			if got, ok := read.Entry(e.ID); !ok || got.ID != e.ID {
				t.Errorf("the entry %q cannot be found", e.ID)
			}
			for _, now := range []time.Time{{}, read.Closes, read.Closes.Add(time.Hour), read.Opens.Add(-time.Hour)} {
				for _, lang := range []string{"fr", "en", ""} {
					if read.Render(e, lang, now) == "" {
						t.Errorf("the entry %q says nothing in %q at %s", e.ID, lang, now)
					}
				}
			}
		}
	})
}
