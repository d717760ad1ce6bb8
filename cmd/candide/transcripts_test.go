package main

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var updateDocs = flag.Bool("update-docs", false, "write the transcripts of docs/recruteurs.md again, from the running bot")

// transcript is a block of docs/recruteurs.md that the bot itself has said: “```candide”, then what is typed after the
// prompt, each followed by the answer.
var transcript = regexp.MustCompile("(?s)```candide\n(.*?)```\n")

// sizes are those of attached files, which a new version of a library may change.
var sizes = regexp.MustCompile(`(── [a-z0-9.-]+), \d+ bytes ──`)

const typed = "candide> "

// TestTranscripts: what docs/recruteurs.md shows is what the bot says, word for word, in one conversation from its
// first transcript to its last.
func TestTranscripts(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "recruteurs.md")
	text := doc(t, "docs", "recruteurs.md")
	if len(transcript.FindAllString(text, -1)) < 5 {
		t.Fatal("there are hardly any transcripts: the search is broken")
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	now := &clock{now: time.Date(2020, 11, 16, 10, 0, 0, 0, paris)}
	p := start(t, filepath.Join(t.TempDir(), "candide.db"), now)
	fresh := sizes.ReplaceAllString(transcript.ReplaceAllStringFunc(text, func(block string) string {
		var out strings.Builder
		out.WriteString("```candide\n")
		for line := range strings.Lines(transcript.FindStringSubmatch(block)[1]) {
			command, ok := strings.CutPrefix(line, strings.TrimSpace(typed))
			if !ok {
				continue
			}
			out.WriteString(strings.TrimRight(line, " \n") + "\n")
			if answer := strings.TrimRight(strings.TrimLeft(p.raw(strings.TrimSpace(command)), "\n"), " \n"); answer != "" {
				out.WriteString("\n" + answer + "\n\n")
			}
		}
		return strings.TrimRight(out.String(), "\n") + "\n```\n"
	}), "$1 ──")
	if *updateDocs {
		if err := os.WriteFile(path, []byte(fresh), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if words := func(s string) string { return strings.Join(strings.Fields(s), " ") }; words(fresh) != words(text) {
		have, want := strings.Split(text, "\n"), strings.Split(fresh, "\n")
		for i := range want {
			if i >= len(have) || strings.TrimSpace(have[i]) != strings.TrimSpace(want[i]) {
				t.Errorf("docs/recruteurs.md:%d: the bot says %q (go test ./cmd/candide -run TestTranscripts -update-docs)", i+1, want[i])
				break
			}
		}
	}
}

// raw types a line and returns what the bot says until its next prompt, as it stands. Nothing typed: what it says by
// itself.
func (p *prompt) raw(line string) string {
	p.t.Helper()
	p.mu.Lock()
	from := p.at
	p.mu.Unlock()
	if line == "" {
		p.tick()
	} else if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		p.t.Fatal(err)
	}
	p.await(typed)
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.TrimSuffix(p.out.String()[from:p.at], typed)
}
