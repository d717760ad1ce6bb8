package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/bot/bottest/scenarios"
	"candide/cmd/candide/config"
)

// opened is when every scenario plays.
var opened = time.Date(2020, 11, 16, 9, 0, 0, 0, time.UTC)

// playConfig is the scenarios' configuration; more is added to it.
const playConfig = `
http: {listen: "127.0.0.1:0"}
web: {listen: ""}
storage: {path: "%s/candide.db"}
campaigns:
  - {channels: [recrutement], team_channel: jury-deploiement}
privacy: {controller: Direction du test, contact: dpo@example.org, legal_basis: mission d'intérêt public}
%s
`

// playApp runs the whole bot in this process, with a platform more.
func playApp(t *testing.T, more string, add func(*app)) *app {
	t.Helper()
	dir, err := os.MkdirTemp("", "play") // a test's own folder has too long a name for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(path, fmt.Appendf(nil, playConfig, dir, more), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	a, err := newApp(cfg, appOptions{now: startingAt(opened), log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if add != nil {
		add(a)
	}
	run(t, a)
	return a
}

// run runs a program until the test ends.
func run(t *testing.T, a *app) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := a.close(); err != nil {
			t.Error(err)
		}
	})
}

// written is a command with what is filled in, as people write it.
func written(words string, filled []scenarios.Pair) string {
	for _, f := range filled {
		words += " " + f[1]
	}
	return words
}

func TestScenariosOnTheTestPlatform(t *testing.T) {
	scenarios.Run(t, func(t *testing.T) scenarios.Driver { return newFakeDriver(t) })
}

// fakeDriver acts on the platform of the tests, with every capability.
type fakeDriver struct {
	t        *testing.T
	app      *app
	platform *bottest.Platform

	n     int
	seen  map[string]bottest.Posted // by person, the post seen last
	read  int                       // posts of before the last action
	forms int                       // dialogs used
}

// fieldDialogs opens dialogs for fields alone: as on chat servers, a choice is buttons.
type fieldDialogs struct{ bottest.FullDialogs }

// OpenForm implements bot.FormOpener.
func (d fieldDialogs) OpenForm(ctx context.Context, ticket bot.Ticket, v bot.FormView) error {
	if len(v.Step.Choices) > 0 {
		return bot.ErrNoDialog
	}
	return d.FullDialogs.OpenForm(ctx, ticket, v)
}

func newFakeDriver(t *testing.T) *fakeDriver {
	d := &fakeDriver{t: t, platform: bottest.New(bottest.ID), seen: map[string]bottest.Posted{}}
	d.platform.AddRecruiter("rose")
	d.platform.AddChannel(bottest.PrivatePlace("jury-deploiement"))
	d.platform.AddChannel(bottest.PrivatePlace("recruteurs"))
	d.app = playApp(t, "", func(a *app) { a.add(fieldDialogs{bottest.NewFullDialogs(d.platform)}) })
	return d
}

func (d *fakeDriver) Can(need string) bool { return need != "harmless" }
func (d *fakeDriver) Dialogs() bool        { return true }

// send hands a message to the bot and waits until it was worked on.
func (d *fakeDriver) send(m bot.Message) {
	d.t.Helper()
	d.n++
	if m.ID = bot.PostID(fmt.Sprintf("m%d", d.n)); m.Place.Visibility != bot.Direct && !m.Command {
		m.Place.Thread = m.ID
	}
	m.At = opened
	d.read = len(d.platform.Posts())
	done, err := d.app.runtime.Message(context.Background(), m)
	if err != nil {
		d.t.Fatal(err)
	}
	<-done
}

func (d *fakeDriver) Ask(who, text string) {
	d.send(bot.Message{Place: bottest.PublicPlace("recrutement"), From: bottest.Who(bot.UserID(who)), Text: text, Addressed: true, Campaign: true})
}

func (d *fakeDriver) Tell(who, text string) {
	d.send(bot.Message{Place: bottest.PublicPlace("recrutement"), From: bottest.Who(bot.UserID(who)), Text: text, Campaign: true})
}

func (d *fakeDriver) Command(who, words string, filled []scenarios.Pair) {
	d.send(bot.Message{
		Place: bottest.PrivatePlace("recruteurs"), From: bottest.Who(bot.UserID(who)), Text: written(words, filled), Addressed: true,
		Command: true, Ticket: "ticket",
	})
}

func (d *fakeDriver) Press(who, label string) {
	d.t.Helper()
	made := d.seen[who]
	key := made.Button(label)
	if label == "1" {
		key = made.Post.Actions[0].Key
	}
	d.read = len(d.platform.Posts())
	done, err := d.app.runtime.Press(context.Background(), bot.Press{
		Key: key, Person: bottest.Who(bot.UserID(who)), Place: made.To.Place, Post: made.ID, Ticket: "ticket", Private: made.To.Private,
	})
	if err != nil {
		d.t.Fatalf("pressing %q of %q: %v", label, made.Post.Text, err)
	}
	<-done
}

func (d *fakeDriver) Fill(who string, values []scenarios.Pair, _ bool) string {
	d.t.Helper()
	forms := d.platform.Forms()
	if len(forms) <= d.forms {
		d.t.Fatal("no dialog is open")
	}
	d.forms = len(forms)
	filled := map[string]string{}
	for _, v := range values {
		filled[v[0]] = v[1]
	}
	d.read = len(d.platform.Posts())
	invalid, err := d.app.runtime.Submit(context.Background(), bot.Submission{
		Key: forms[len(forms)-1].View.Key, Person: bottest.Who(bot.UserID(who)), Place: bottest.PrivatePlace("recruteurs"),
		Values: filled, Ticket: "stale ticket",
	})
	if err != nil {
		d.t.Fatal(err)
	}
	var problems []string
	for _, problem := range invalid {
		problems = append(problems, problem)
	}
	return strings.Join(problems, "\n")
}

// words are all that is read in a post.
func postedText(made bottest.Posted) string {
	text := made.Post.Text
	for _, a := range made.Post.Actions {
		text += "\n[" + a.Label + "]"
	}
	return text
}

func (d *fakeDriver) find(texts []string) (bottest.Posted, bool) {
	posts := d.platform.Posts()
	for i := len(posts) - 1; i >= 0; i-- {
		if i < d.read && posts[i].Updates == 0 {
			continue
		}
		if all(postedText(posts[i]), texts) {
			return posts[i], true
		}
	}
	return bottest.Posted{}, false
}

func all(text string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

func (d *fakeDriver) Sees(who string, texts []string) string {
	d.t.Helper()
	made, ok := d.find(texts)
	if !ok {
		d.t.Fatalf("%s sees no %q; the posts are %q", who, texts, d.platform.Texts())
	}
	d.seen[who] = made
	return postedText(made)
}

func (d *fakeDriver) Unsure(who, text string) bool {
	d.Ask(who, text)
	_, ok := d.find([]string{"Aucune de celles-ci"})
	return ok
}

func (d *fakeDriver) Quiet(string) {
	d.t.Helper()
	for _, made := range d.platform.Posts()[d.read:] {
		if made.To.Place.Name != "recruteurs" { // where recruiters are told what nobody could answer
			d.t.Errorf("the bot answers %q", made.Post.Text)
		}
	}
}
