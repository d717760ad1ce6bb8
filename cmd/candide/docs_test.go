package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"candide/faq/topics"
)

// doc reads a file of the repository's docs.
func doc(t *testing.T, path ...string) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// TestFAQDoc: the example that recruiters copy from docs/faq-file.md is a valid file, and every topic is listed.
func TestFAQDoc(t *testing.T) {
	text := doc(t, "docs", "faq-file.md")
	_, rest, _ := strings.Cut(text, "```yaml\n")
	example, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("there is no example")
	}
	path := filepath.Join(t.TempDir(), "exemple.yaml")
	write(t, path, example)
	if code, _, stderr := runMain(t, "faq", "check", path); code != exitOK {
		t.Errorf("the example is refused: %s", stderr)
	}
	listed := map[string]bool{}
	_, list, _ := strings.Cut(text, "## Le catalogue")
	for _, found := range regexp.MustCompile("`([a-z-]+)`\\s\\(").FindAllStringSubmatch(list, -1) {
		listed[found[1]] = true
		if !topics.Known(found[1]) {
			t.Errorf("docs/faq-file.md lists the topic %s, which there is not", found[1])
		}
	}
	catalogue := doc(t, "faq", "topics", "catalogue.yaml")
	for _, found := range regexp.MustCompile(`id: ([a-z-]+), kind: recruitment`).FindAllStringSubmatch(catalogue, -1) {
		if !listed[found[1]] {
			t.Errorf("docs/faq-file.md does not list the topic %s", found[1])
		}
	}
	if len(listed) == 0 {
		t.Error("docs/faq-file.md lists no topic")
	}
}

// TestREADME: the commands of the README's table are the program's.
func TestREADME(t *testing.T) {
	text := doc(t, "README.md")
	_, help, _ := runMain(t, "--help")
	for _, command := range []string{"run", "ask", "faq check", "faq eval", "faq examples", "faq export", "interests export", "backup", "doctor", "version"} {
		if !strings.Contains(text, "`candide "+command) {
			t.Errorf("the README does not have candide %s", command)
		}
		if !strings.Contains(help, "  "+command) {
			t.Errorf("candide --help does not have %s", command)
		}
	}
	for _, image := range []string{"web-phone.png", "web-desktop.png"} {
		if !strings.Contains(text, "docs/images/"+image) {
			t.Errorf("the README does not show %s", image)
		}
		if src := doc(t, "docs", "images", image); !strings.HasPrefix(src, "\x89PNG") {
			t.Errorf("%s is no picture", image)
		}
	}
}
