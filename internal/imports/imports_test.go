// Package imports holds which package may know which: the layout of the program, as a test.
package imports

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pkg is what `go list -json` says of a package; its tests' imports are left out.
type pkg struct {
	ImportPath string
	Name       string
	Standard   bool
	Imports    []string
	Deps       []string
}

// list returns every package of the program and all that they need, by import path.
func list(t *testing.T) map[string]pkg {
	t.Helper()
	look(t)
	out, err := exec.Command("go", "list", "-e", "-deps", "-json=ImportPath,Name,Standard,Imports,Deps", "candide/...").Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		t.Fatalf("go list: %v\n%s", err, failed.Stderr)
	}
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string]pkg{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = p
	}
}

// look opens every folder of the program. `go test` says “cached” until something that the test itself looked at changes,
// and does not see what `go list` reads.
func look(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && path != "../.." && (strings.HasPrefix(name, ".") || name == "e2e" || name == "testdata" || name == "docs") {
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// within reports whether path is one of the folders or below one. A folder that ends with "/*" is what lies below it
// alone.
func within(path string, folders ...string) bool {
	for _, folder := range folders {
		if parent, below := strings.CutSuffix(folder, "/*"); below {
			if strings.HasPrefix(path, parent+"/") {
				return true
			}
		} else if path == folder || strings.HasPrefix(path, folder+"/") {
			return true
		}
	}
	return false
}

// The packages that one may import of this program, the first rule that fits. "." is the package's own folder.
var rules = []struct {
	of  []string
	may []string
}{
	{of: []string{"candide/bot/bottest"}, may: []string{"candide/bot", "candide/storage"}}, // for tests
	{of: []string{"candide/bot/*"}, may: []string{".", "candide/bot=", "candide/internal", "candide/storage="}},
	{of: []string{"candide/bot"}, may: []string{"candide/internal", "candide/storage="}},
	{of: []string{"candide/faq"}, may: []string{"candide/faq", "candide/internal"}},
	{of: []string{"candide/storage"}, may: []string{"candide/storage", "candide/internal"}},
	{of: []string{"candide/handlers"}, may: []string{"candide/handlers", "candide/bot=", "candide/faq", "candide/internal", "candide/storage="}},
	{of: []string{"candide/internal"}, may: []string{"candide/internal"}},
	{of: []string{"candide/cmd"}, may: []string{"candide"}},
	{of: []string{"candide/bench"}, may: []string{"candide/faq", "candide/internal"}}, // for its makers: nothing imports it
}

// Dependencies point one way.
func TestLayout(t *testing.T) {
	packages := list(t)
	seen := map[string]bool{}
	for path, p := range packages {
		if !within(path, "candide") {
			continue
		}
		i := slices.IndexFunc(rules, func(r struct{ of, may []string }) bool { return within(path, r.of...) })
		if i < 0 {
			t.Errorf("%s is in no folder of the layout", path)
			continue
		}
		seen[rules[i].of[0]] = true
		for _, imported := range p.Imports {
			if within(imported, "candide") && !allowed(path, imported, rules[i].may) {
				t.Errorf("%s imports %s", path, imported)
			}
			if within(imported, "candide/bot/bottest", "candide/storage/storagetest", "candide/bot/discord/discordtest", "candide/handlers/handlertest") {
				t.Errorf("%s imports %s, which is for tests", path, imported)
			}
		}
	}
	for _, r := range rules {
		if !seen[r.of[0]] {
			t.Errorf("no package is in %s: the rule checks nothing", r.of[0])
		}
	}
}

// allowed reports whether path may import another package of the program: "=" after a folder means that package and
// nothing below it.
func allowed(path, imported string, may []string) bool {
	for _, folder := range may {
		exact, one := strings.CutSuffix(folder, "=")
		switch {
		case one && imported == exact, !one && folder != "." && within(imported, folder):
			return true
		case folder == ".":
			// The folder of one platform, whichever package in it asks.
			own := strings.Join(strings.SplitN(path, "/", 4)[:3], "/")
			if within(imported, own) {
				return true
			}
		}
	}
	return false
}

// The FAQ is pure: nothing in it reaches a network, a file or a database by itself, nor through a library.
func TestFAQIsPure(t *testing.T) {
	packages := list(t)
	direct := []string{"os", "os/exec", "net", "net/http", "syscall", "database/sql", "log/slog", "log"}
	libraries := []string{"go.etcd.io", "github.com/mattermost", "github.com/bwmarrin", "golang.org/x/net", "modernc.org"}
	checked := 0
	for path, p := range packages {
		if !within(path, "candide/faq") || p.Name == "main" { // a tool for its makers, which nothing can import
			continue
		}
		checked++
		for _, imported := range p.Imports {
			if slices.Contains(direct, imported) {
				t.Errorf("%s imports %s", path, imported)
			}
		}
		for _, dep := range p.Deps {
			if within(dep, libraries...) || dep == "net/http" || dep == "database/sql" {
				t.Errorf("%s needs %s", path, dep)
			}
			if within(dep, "candide") && !within(dep, "candide/faq", "candide/internal") {
				t.Errorf("%s needs %s", path, dep)
			}
		}
	}
	if checked < 4 {
		t.Errorf("only %d packages of the FAQ were found", checked)
	}
}

// Each chat system's library stays in its own package, and the database's in the store.
func TestLibrariesStayHome(t *testing.T) {
	homes := map[string]string{
		"go.etcd.io/bbolt":                        "candide/storage/boltdb",
		"github.com/mattermost/mattermost/server": "candide/bot/mattermost",
		"github.com/bwmarrin/discordgo":           "candide/bot/discord",
		"github.com/go-co-op/gocron":              "candide/cmd",
		"github.com/alecthomas/kong":              "candide/cmd",
	}
	for path, p := range list(t) {
		for _, imported := range p.Imports {
			for library, home := range homes {
				if within(path, "candide") && within(imported, library) && !within(path, home) {
					t.Errorf("%s imports %s, which belongs to %s", path, imported, home)
				}
			}
		}
	}
}
