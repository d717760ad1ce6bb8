package main

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"candide/cmd/candide/config"
	"candide/faq"
)

// TestEditsFromChat: what a recruiter changes is in the export and in what “ask” says, while the bot runs and after; it
// wins over the file, and a file that changes underneath is reported.
func TestEditsFromChat(t *testing.T) {
	dir := t.TempDir()
	database, file, cfg := filepath.Join(dir, "candide.db"), filepath.Join(dir, "faq.yaml"), filepath.Join(dir, "config.yaml")
	write(t, file, string(faq.DefaultFile()))
	write(t, cfg, "storage: {path: "+database+"}\nhttp: {listen: 127.0.0.1:0}\nweb: {listen: \"\"}\ncampaigns: [{faq: "+file+"}]\n")
	exported := func() string {
		t.Helper()
		code, stdout, stderr := runMain(t, "faq", "export", "--config", cfg)
		if code != exitOK {
			t.Fatal(stderr)
		}
		return stdout
	}
	answered := func(want string) {
		t.Helper()
		code, stdout, stderr := runMain(t, "ask", "--config", cfg, "c'est payé combien ?")
		if code != exitOK || !strings.Contains(stdout, want) {
			t.Errorf("ask: %q %q, not %q", stdout, stderr, want)
		}
	}
	now := &clock{now: time.Date(2020, 11, 16, 9, 0, 0, 0, time.UTC)}
	p := startWith(t, cfg, now)
	if exported() != string(faq.DefaultFile()) {
		t.Error("the export of what nobody changed is not the file itself")
	}
	p.expect("faq modifier salaire", "Question")
	p.say("garder")
	p.say("Trois mille euros nets.")
	p.say("garder")
	p.expect("passer", "Aperçu")
	p.expect("1", "version 1")
	if !strings.Contains(exported(), "Trois mille euros nets.") {
		t.Error("the edit is not in the export of the running bot")
	}
	answered("Trois mille euros nets.")
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	out := exported()
	answered("Trois mille euros nets.")
	again := filepath.Join(dir, "again.yaml")
	write(t, again, out)
	if code, _, stderr := runMain(t, "faq", "check", again); code != exitOK || strings.Count(out, "  - id: ") != 18 {
		t.Errorf("the export is no right FAQ: %s", stderr)
	}

	// The file changes underneath: the edit still answers, and the log says so, once for each such entry.
	write(t, file, strings.Replace(string(faq.DefaultFile()), "2 500 € nets par mois", "2 550 € nets par mois", 1))
	c, err := config.Load(cfg, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	a, err := newApp(c, appOptions{now: now.Now, log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
	if strings.Count(log.String(), "entry=salaire") != 1 {
		t.Errorf("logged: %s", log.String())
	}
	answered("Trois mille euros nets.")
}
