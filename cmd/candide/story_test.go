package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"candide/cmd/candide/config"
)

// clock is set by the test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// prompt is somebody at a running bot's prompt.
type prompt struct {
	t    *testing.T
	in   *io.PipeWriter
	stop func() error
	app  *app

	mu  sync.Mutex
	out bytes.Buffer
	at  int // what was read until now
}

// Write implements io.Writer for the bot.
func (p *prompt) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

// start runs a bot in this process with a prompt.
func start(t *testing.T, database string, now *clock) *prompt {
	t.Helper()
	cfg, err := config.Load("", func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	off := ""
	cfg.Storage.Path, cfg.HTTP.Listen, cfg.Web.Listen = database, "127.0.0.1:0", &off
	return startConfigured(t, cfg, now)
}

// startWith is start with a configuration file.
func startWith(t *testing.T, file string, now *clock) *prompt {
	t.Helper()
	cfg, err := config.Load(file, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	return startConfigured(t, cfg, now)
}

func startConfigured(t *testing.T, cfg config.Config, now *clock) *prompt {
	t.Helper()
	in, typed := io.Pipe()
	p := &prompt{t: t, in: typed}
	a, err := newApp(cfg, appOptions{now: now.Now, log: slog.New(slog.DiscardHandler), prompt: in, out: p, byHand: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.run(ctx) }()
	p.stop = sync.OnceValue(func() error {
		cancel()
		err := <-ended
		_ = typed.Close()
		if closing := a.close(); err == nil {
			err = closing
		}
		return err
	})
	t.Cleanup(func() {
		if err := p.stop(); err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	p.app = a
	p.await("candide> ")
	return p
}

// tick sends what is due: the engine does not run by itself here, so that what it says comes after the answers.
func (p *prompt) tick() {
	p.t.Helper()
	if err := p.app.engine.Tick(context.Background()); err != nil {
		p.t.Error(err)
	}
}

// say types a line and returns what the bot says until its next prompt.
func (p *prompt) say(line string) string {
	p.t.Helper()
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		p.t.Fatal(err)
	}
	return p.await("candide> ")
}

// await waits until what was not read yet holds text, and returns it up to there, on one line.
func (p *prompt) await(text string) string {
	p.t.Helper()
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(5 * time.Millisecond) {
		p.mu.Lock()
		fresh := p.out.String()[p.at:]
		if i := strings.Index(fresh, text); i >= 0 {
			p.at += i + len(text)
			p.mu.Unlock()
			return strings.Join(strings.Fields(fresh[:i+len(text)]), " ")
		}
		p.mu.Unlock()
	}
	p.t.Fatalf("%q was never said; what was: %s", text, p.out.String())
	return ""
}

func (p *prompt) expect(line string, want ...string) {
	p.t.Helper()
	got := p.say(line)
	for _, w := range want {
		if !strings.Contains(got, w) {
			p.t.Errorf("%q: %q is not in %q", line, w, got)
		}
	}
}

// TestStory is the whole job at the prompt: a question answered, an interest kept, a jury reminded, once, across a
// restart.
func TestStory(t *testing.T) {
	database := filepath.Join(t.TempDir(), "candide.db")
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	now := &clock{now: time.Date(2020, 11, 16, 10, 0, 0, 0, paris)}
	p := start(t, database, now)

	p.expect("c payé combien ?", "2 500", "3 000")
	p.expect("interet", "démonstration", "1. J’accepte")
	p.expect("1", "Ton nom")
	p.expect("Camille", "Comment te joindre")
	p.expect("camille@example.org", "Ton expérience")
	p.expect("3", "Équipes ou sujets")
	p.expect("passer", "Message")
	p.expect("passer", "recontacté·e", "1. Non")
	p.expect("1", "n° 1")
	p.expect("candidats voir 1", "Camille", "camille@example.org")
	p.expect("jury planifier 2020-11-17 14:00 ~equipe Premier jury", "Jury n° 1", "mardi 17 novembre 2020 à 14 h", "~equipe")
	p.tick()
	p.await("Organisé par prompt.") // the team's card
	p.await("candide> ")
	p.expect("jury rappels 1 H-1", "13 h")

	// The bot is stopped overnight; its data is read without it.
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	if rows := interests(t, database); len(rows) != 2 || rows[1][2] != "Camille" {
		t.Errorf("the export is %q", rows)
	}
	now.Set(time.Date(2020, 11, 17, 9, 0, 0, 0, paris))
	p = start(t, database, now)
	p.expect("candidats liste", "n° 1")

	// The reminder comes when it is due, once.
	now.Set(time.Date(2020, 11, 17, 13, 0, 1, 0, paris))
	p.tick()
	if got := p.await("Premier jury"); strings.Contains(got, "retard") {
		t.Errorf("a reminder on time says that it is late: %q", got)
	}
	now.Set(time.Date(2020, 11, 17, 13, 30, 0, 0, paris))
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	p = start(t, database, now)
	p.expect("aide", "interet")
	p.tick()
	p.mu.Lock()
	if said := p.out.String(); strings.Contains(said, "Premier jury") {
		t.Errorf("the reminder came twice: %s", said)
	}
	p.mu.Unlock()

	// What was lent is forgotten after a day, for this is a demonstration.
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	now.Set(time.Date(2020, 11, 18, 10, 0, 0, 0, paris))
	p = start(t, database, now)
	for begin := time.Now(); !strings.Contains(p.say("candidats liste"), "Personne"); time.Sleep(20 * time.Millisecond) {
		if time.Since(begin) > patience {
			t.Fatal("the demonstration still knows its candidate after a day")
		}
	}
}

// interests reads the export of a database that no bot runs on.
func interests(t *testing.T, database string) [][]string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	write(t, file, "storage: {path: "+database+"}\n")
	code, stdout, stderr := runMain(t, "interests", "export", "--config", file)
	if code != exitOK {
		t.Fatal(stderr)
	}
	rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
