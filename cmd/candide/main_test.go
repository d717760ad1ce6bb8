package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// runMain runs one command in this process.
func runMain(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	p := program{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: func(string) string { return "" }}
	code = p.main(context.Background(), args)
	return code, out.String(), errs.String()
}

// TestAskOddTexts: whatever somebody writes gets an honest answer, not a crash, and is not said back.
func TestAskOddTexts(t *testing.T) {
	texts := map[string]string{
		"empty":          "",
		"blank":          " \t\n ",
		"100 kB":         strings.Repeat("salaire ", 100<<10/8),
		"100 kB, a word": strings.Repeat("a", 100<<10),
		"binary":         "\x00\x01\xff\xfe\x80marqueur\x1b[31m",
		"markup":         `<script>marqueur()</script><img src=x onerror=marqueur()> **marqueur** [x](javascript:marqueur)`,
		"template":       "{{.Marqueur}} {closes} ${marqueur} %s%d%n",
		"mentions":       "@all @channel marqueur",
		"combining":      "e" + strings.Repeat("\u0301", 50_000),
		"right to left":  "\u202emarqueur\u202c",
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			args := []string{"ask", "--json", "--", text}
			if strings.TrimSpace(text) == "" {
				args = []string{"ask", "--json", "--channel", "--", text}
			}
			code, stdout, stderr := runMain(t, args...)
			if code != exitOK || stderr != "" {
				t.Fatalf("exit code %d, %q", code, stderr)
			}
			var d struct{ Outcome string }
			if err := json.Unmarshal([]byte(stdout), &d); err != nil {
				t.Fatalf("the answer is no JSON: %v", err)
			}
			if strings.Contains(strings.ToLower(stdout), "marqueur") {
				t.Errorf("what was written is said back: %s", stdout)
			}
			if !utf8.ValidString(stdout) {
				t.Error("the answer is not UTF-8")
			}
			if strings.TrimSpace(text) == "" && d.Outcome != "silent" {
				t.Errorf("nothing said in a channel is answered: %s", d.Outcome)
			}
		})
	}
}

// TestSocketPath: a database deep in folders still gets a control socket that Unix accepts.
func TestSocketPath(t *testing.T) {
	deep := filepath.Join(t.TempDir(), strings.Repeat("d", 100), "candide.db")
	for _, database := range []string{"candide.db", "/var/lib/candide/candide.db", deep} {
		path, err := socketPath(database)
		if err != nil {
			t.Fatal(err)
		}
		if len(path) > maxSocketPath || !filepath.IsAbs(path) {
			t.Errorf("the socket of %s is %s", database, path)
		}
		if again, _ := socketPath(database); again != path {
			t.Errorf("%s has two sockets, %s and %s", database, path, again)
		}
	}
	one, _ := socketPath(deep)
	if other, _ := socketPath(deep + "2"); one == other {
		t.Error("two databases share a socket")
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
