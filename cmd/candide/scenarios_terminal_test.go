package main

import (
	"io"
	"regexp"
	"strings"
	"testing"

	"candide/bot/bottest/scenarios"
	"candide/bot/terminal"
)

func TestScenariosAtThePrompt(t *testing.T) {
	scenarios.Run(t, func(t *testing.T) scenarios.Driver {
		in, typing := io.Pipe()
		p := &prompt{t: t, in: typing}
		playApp(t, "", func(a *app) { a.add(terminal.New(in, p, "candide> ", a.now)) })
		t.Cleanup(func() { _ = typing.Close() })
		p.await("candide> ")
		return &promptDriver{t: t, prompt: p}
	})
}

// promptDriver acts at the prompt, where one person is everybody.
type promptDriver struct {
	t      *testing.T
	prompt *prompt
	said   string // since the last line
}

func (d *promptDriver) Can(need string) bool { return need == "recruiter" }
func (d *promptDriver) Dialogs() bool        { return false }

func (d *promptDriver) Ask(_, text string)  { d.said = d.prompt.say(text) }
func (d *promptDriver) Tell(_, text string) { d.said = d.prompt.say(text) }

func (d *promptDriver) Command(_, words string, filled []scenarios.Pair) {
	d.said = d.prompt.say(written(words, filled))
}

// Press says the number of the choice.
func (d *promptDriver) Press(_, label string) {
	d.t.Helper()
	if label != "1" {
		m := regexp.MustCompile(`(\d+)\. ` + regexp.QuoteMeta(label)).FindStringSubmatch(d.said)
		if m == nil {
			d.t.Fatalf("no choice %q in %q", label, d.said)
		}
		label = m[1]
	}
	d.said = d.prompt.say(label)
}

func (d *promptDriver) Fill(_ string, values []scenarios.Pair, wrong bool) string {
	for _, v := range values {
		d.said = d.prompt.say(v[1])
	}
	if wrong {
		return d.said
	}
	return ""
}

// Sees reads what was said, with one space for each stretch of blanks.
func (d *promptDriver) Sees(_ string, texts []string) string {
	d.t.Helper()
	for _, text := range texts {
		for !strings.Contains(d.said, strings.Join(strings.Fields(text), " ")) {
			d.said += " " + d.prompt.await("candide> ") // it is said a moment later, or never
		}
	}
	return d.said
}

func (d *promptDriver) Unsure(_, text string) bool {
	d.said = d.prompt.say(text)
	return strings.Contains(d.said, "Aucune de celles-ci")
}

func (d *promptDriver) Quiet(string) { d.t.Fatal("at the prompt everything is for the bot") }
