package bot_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
)

// registerForm is a form of two steps: a consent, then a name ("Bad" is refused), a level and a note.
func registerForm(w *bottest.World) {
	w.T.Helper()
	consent := bot.Step{Name: "consent", Title: "Consent", Intro: "The notice.", Choices: []bot.Choice{
		{Value: "yes", Label: "I agree"}, {Value: "no", Label: "No thanks"},
	}}
	details := bot.Step{Name: "details", Title: "Details", Fields: []bot.Field{
		{Name: "name", Label: "Name", Default: "Ada", Max: 10},
		{Name: "level", Label: "Level", Kind: bot.Select, Default: "sr", Options: []bot.Choice{{Value: "jr", Label: "Junior"}, {Value: "sr", Label: "Senior"}}},
		{Name: "note", Label: "Note", Kind: bot.Area, Optional: true},
	}}
	w.Routes.Form("form", func(_ context.Context, r bot.Request, step string, answers map[string]string) (bot.Turn, error) {
		switch {
		case step == "consent" && answers["consent"] == "yes":
			return bot.Turn{Next: &details}, nil
		case step == "consent":
			return bot.Turn{Response: bot.Whisper("nothing kept")}, nil
		case answers["name"] == "Bad":
			return bot.Turn{Invalid: map[string]string{"name": "not that name"}}, nil
		case answers["name"] == "Fail":
			return bot.Turn{}, errors.New("broken")
		case answers["name"] == "Panic":
			panic("someone's name")
		}
		answers["level"] += "!" // what a conversation does to its copy is its own business
		text := fmt.Sprintf("kept %s/%s/%s/%s for %s in %q", answers["consent"], answers["name"],
			strings.TrimSuffix(answers["level"], "!"), answers["note"], r.Data["about"], r.Place.Name)
		return bot.Turn{Response: bot.Whisper(text)}, nil
	})
	err := w.Routes.Command(bot.Command{Names: []string{"fill"}, Run: func(context.Context, bot.Request) (bot.Response, error) {
		return bot.Response{Form: &bot.Form{Name: "form", Data: map[string]string{"about": "x"}, Step: consent}}, nil
	}})
	if err != nil {
		w.T.Fatal(err)
	}
	if err := w.Routes.Command(bot.Command{Names: []string{"aide"}, Run: echo("help")}); err != nil {
		w.T.Fatal(err)
	}
	w.Routes.Text(echo("text"))
}

func TestFormByMessages(t *testing.T) {
	w := bottest.NewWorld(t, bottest.Options{Register: registerForm})
	for _, turn := range []struct{ say, want string }{
		{"fill", "The notice.\n\n[form-choose]\n1. I agree\n2. No thanks\n\n[form-cancel]"},
		{"perhaps", "[form-not-a-choice]\n\n[form-choose]\n1. I agree\n2. No thanks\n\n[form-cancel]"},
		{"3", "[form-not-a-choice]\n\n[form-choose]\n1. I agree\n2. No thanks\n\n[form-cancel]"},
		{"1", "**Name** (1/3)\n[form-default value=Ada]\n\n[form-cancel]"},
		{"passer", "**Level** (2/3)\n1. Junior\n2. Senior\n[form-default value=Senior]"}, // a name, where none may be skipped
		{"seni", "**Note** (3/3)\n[form-skip]"},
		{"aide", "help()"}, // a command is one at any time
		{strings.Repeat("é", 1001), "[form-too-long max=1000 n=1001]\n\n**Note** (3/3)\n[form-skip]\n\n[form-cancel]"},
		{"Skip", "kept yes/passer/sr/ for x in \"\""},
		{"hello", "text(hello)"}, // the form is over
	} {
		if got := texts(w.Direct("carl", turn.say)); got != turn.want {
			t.Fatalf("%.20q is answered\n%q, want\n%q", turn.say, got, turn.want)
		}
	}
}

func TestFormByMessagesDefaultsAndErrors(t *testing.T) {
	w := bottest.NewWorld(t, bottest.Options{Register: registerForm})
	w.Direct("carl", "fill")
	w.Direct("carl", "i agree")
	w.Direct("carl", "12345678901")
	if got := texts(w.Direct("carl", "12345678901")); !strings.HasPrefix(got, "[form-too-long max=10 n=11]\n\n**Name**") {
		t.Errorf("too long a name: %q", got)
	}
	w.Direct("carl", "Bad")
	w.Direct("carl", "Garder")
	// What the conversation refuses is asked again, from the first field that is wrong.
	if got := texts(w.Direct("carl", "a note")); !strings.HasPrefix(got, "not that name\n\n**Name** (1/3)") {
		t.Errorf("a refused name: %q", got)
	}
	w.Direct("carl", "keep")
	w.Direct("carl", "2")
	if got := texts(w.Direct("carl", " another note ")); got != "kept yes/Ada/sr/another note for x in \"\"" {
		t.Errorf("at the end: %q", got)
	}
}

func TestFormCancelledByMessage(t *testing.T) {
	for _, word := range []string{"annuler", "ANNULER", "cancel", "stop"} {
		w := bottest.NewWorld(t, bottest.Options{Register: registerForm})
		w.Direct("carl", "fill")
		w.Direct("carl", "1")
		if got := texts(w.Direct("carl", word)); got != "[form-cancelled]" {
			t.Errorf("%q is answered %q", word, got)
		}
		if got := texts(w.Direct("carl", "Ada")); got != "text(Ada)" {
			t.Errorf("after %q the form goes on: %q", word, got)
		}
	}
}

func TestFormByMessagesAcrossRestart(t *testing.T) {
	w := bottest.NewWorld(t, bottest.Options{Register: registerForm})
	w.Direct("carl", "fill")
	for _, answer := range []string{"1", "Ada", "Junior"} {
		w.Restart()
		w.Direct("carl", answer)
	}
	w.Restart()
	if got := texts(w.Direct("carl", "-")); got != "kept yes/Ada/jr/ for x in \"\"" {
		t.Errorf("at the end: %q", got)
	}
}

func TestFormByMessagesExpires(t *testing.T) {
	w := bottest.NewWorld(t, bottest.Options{Register: registerForm})
	w.Direct("carl", "fill")
	w.Clock.Advance(time.Hour)
	if got := texts(w.Direct("carl", "1")); got != "text(1)" {
		t.Errorf("an hour later: %q", got)
	}
}

// A form opened in public is filled in where nobody else reads, by its person alone, and is about where it was opened.
func TestFormOpenedInPublic(t *testing.T) {
	w := bottest.NewWorld(t, bottest.Options{Register: registerForm})
	in := bottest.PublicPlace("recrutement")
	posts := w.Message(bot.Message{Place: in, From: bottest.Who("carl"), Text: "fill", Addressed: true})
	if len(posts) != 1 || !posts[0].To.Direct || posts[0].To.To.User != "carl" {
		t.Fatalf("asked in %+v", posts)
	}
	if got := texts(w.Direct("dina", "1")); got != "text(1)" {
		t.Errorf("somebody else's answer: %q", got)
	}
	if got := texts(w.Message(bot.Message{Place: in, From: bottest.Who("carl"), Text: "1", Addressed: true})); got != "text(1)" {
		t.Errorf("an answer in public: %q", got)
	}
	for _, answer := range []string{"1", "Ada", "1"} {
		w.Direct("carl", answer)
	}
	posts = w.Direct("carl", "passer")
	if got := texts(posts); got != "kept yes/Ada/jr/ for x in \"recrutement\"" {
		t.Errorf("at the end: %q", got)
	}
	if posts[0].To.Place.Visibility != bot.Direct {
		t.Errorf("what was kept is said in %+v", posts[0].To)
	}
}

func TestFormFailsByMessage(t *testing.T) {
	w := bottest.NewWorld(t, bottest.Options{Register: registerForm})
	for _, answer := range []string{"fill", "1", "Fail", "1"} {
		w.Direct("carl", answer)
	}
	for range 2 { // and the last answer may be given again
		if got := texts(w.Direct("carl", "note")); got != "[sorry]" {
			t.Errorf("a failing conversation: %q", got)
		}
	}
}

// The rest fills the form in by dialogs.

func dialogWorld(t *testing.T) *bottest.World {
	return bottest.NewWorld(t, bottest.Options{
		Platform: func(p *bottest.Platform) bot.Platform { return bottest.NewFullDialogs(p) }, Register: registerForm,
	})
}

// lastForm is the dialog shown last.
func lastForm(t *testing.T, w *bottest.World) bot.FormView {
	t.Helper()
	forms := w.Platform.Forms()
	if len(forms) == 0 {
		t.Fatal("no dialog was shown")
	}
	return forms[len(forms)-1].View
}

func submission(key string, values map[string]string) bot.Submission {
	return bot.Submission{
		Key: key, Person: bottest.Who("carl"), Place: bottest.PublicPlace("recrutement"), Values: values, Ticket: "ticket-2",
	}
}

func submit(t *testing.T, w *bottest.World, s bot.Submission) map[string]string {
	t.Helper()
	invalid, err := w.Runtime.Submit(context.Background(), s)
	if err != nil {
		t.Fatalf("submitting: %v", err)
	}
	return invalid
}

// toDetails opens the form and consents.
func toDetails(t *testing.T, w *bottest.World) bot.FormView {
	t.Helper()
	w.Slash("carl", bottest.PublicPlace("recrutement"), "fill")
	consent := lastForm(t, w)
	if consent.Step.Name != "consent" || len(consent.Key) == 0 || len(consent.Key) > 64 {
		t.Fatalf("shown %+v", consent)
	}
	if invalid := submit(t, w, submission(consent.Key, map[string]string{"consent": "yes"})); len(invalid) > 0 {
		t.Fatalf("consent: %v", invalid)
	}
	details := lastForm(t, w)
	if details.Step.Name != "details" || details.Key == consent.Key {
		t.Fatalf("after the consent: %+v", details)
	}
	return details
}

var right = map[string]string{"name": "Ada", "level": "jr", "note": ""}

func TestFormByDialogs(t *testing.T) {
	w := dialogWorld(t)
	details := toDetails(t, w)
	for _, c := range []struct {
		name  string
		alter map[string]string
		want  map[string]string
	}{
		{"name missing", map[string]string{"name": "  "}, map[string]string{"name": "[form-required]"}},
		{"name too long", map[string]string{"name": "12345678901"}, map[string]string{"name": "[form-too-long max=10 n=11]"}},
		{"level not offered", map[string]string{"level": "boss"}, map[string]string{"level": "[form-not-a-choice]"}},
		{"two at once", map[string]string{"name": "", "level": ""}, map[string]string{"name": "[form-required]", "level": "[form-required]"}},
		{"refused by the conversation", map[string]string{"name": "Bad"}, map[string]string{"name": "not that name"}},
	} {
		values := maps.Clone(right)
		maps.Copy(values, c.alter)
		if got := submit(t, w, submission(details.Key, values)); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	values := maps.Clone(right)
	values["smuggled"], values["consent"] = "x", "altered"
	if invalid := submit(t, w, submission(details.Key, values)); len(invalid) > 0 {
		t.Fatalf("refused: %v", invalid)
	}
	last := w.Platform.Last()
	if last.Post.Text != "kept yes/Ada/jr/ for x in \"recrutement\"" || !last.To.Private {
		t.Errorf("at the end %q, private: %v", last.Post.Text, last.To.Private)
	}
}

func TestFormRefused(t *testing.T) {
	w := dialogWorld(t)
	details := toDetails(t, w)
	foreign := submission(details.Key, right)
	foreign.Person = bottest.Who("dina")
	former := w.Platform.Forms()[0].View.Key
	for name, s := range map[string]bot.Submission{
		"foreign":           foreign,
		"forged":            submission("AAAAAAAAAAAAAAAA", right),
		"a step sent twice": submission(former, map[string]string{"consent": "yes"}),
	} {
		if _, err := w.Runtime.Submit(context.Background(), s); !errors.Is(err, bot.ErrRefused) {
			t.Errorf("%s: %v, want ErrRefused", name, err)
		}
	}
	submit(t, w, submission(details.Key, right))
	before := len(w.Platform.Posts())
	if _, err := w.Runtime.Submit(context.Background(), submission(details.Key, right)); !errors.Is(err, bot.ErrRefused) {
		t.Errorf("the last step sent twice: %v, want ErrRefused", err)
	}
	if len(w.Platform.Posts()) != before {
		t.Error("the second time said something")
	}
}

func TestFormSentTwiceAtOnce(t *testing.T) {
	w := dialogWorld(t)
	details := toDetails(t, w)
	errs := make(chan error, 6)
	for range cap(errs) {
		go func() {
			_, err := w.Runtime.Submit(context.Background(), submission(details.Key, right))
			errs <- err
		}()
	}
	taken := 0
	for range cap(errs) {
		if err := <-errs; err == nil {
			taken++
		} else if !errors.Is(err, bot.ErrRefused) {
			t.Error(err)
		}
	}
	if taken != 1 {
		t.Errorf("taken %d times, want once", taken)
	}
}

func TestFormByDialogsExpires(t *testing.T) {
	w := dialogWorld(t)
	details := toDetails(t, w)
	w.Clock.Advance(time.Hour)
	if _, err := w.Runtime.Submit(context.Background(), submission(details.Key, right)); !errors.Is(err, bot.ErrRefused) {
		t.Errorf("an hour later: %v, want ErrRefused", err)
	}
}

func TestFormByDialogsAcrossRestart(t *testing.T) {
	w := dialogWorld(t)
	details := toDetails(t, w)
	w.Restart()
	submit(t, w, submission(details.Key, right))
	if got := w.Platform.Last().Post.Text; got != "kept yes/Ada/jr/ for x in \"recrutement\"" {
		t.Errorf("at the end %q", got)
	}
}

func TestFormClosed(t *testing.T) {
	w := dialogWorld(t)
	details := toDetails(t, w)
	closed := submission(details.Key, nil)
	closed.Cancelled = true
	submit(t, w, closed)
	if got := w.Platform.Last().Post.Text; got != "[form-cancelled]" {
		t.Errorf("answered %q", got)
	}
	if _, err := w.Runtime.Submit(context.Background(), submission(details.Key, right)); !errors.Is(err, bot.ErrRefused) {
		t.Errorf("after closing: %v", err)
	}
}

// A conversation that fails or panics on a step leaves it open, and leaves the runtime alone.
func TestFormFailsInDialog(t *testing.T) {
	w := dialogWorld(t)
	details := toDetails(t, w)
	for _, name := range []string{"Fail", "Panic"} {
		values := maps.Clone(right)
		values["name"] = name
		if _, err := w.Runtime.Submit(context.Background(), submission(details.Key, values)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	submit(t, w, submission(details.Key, right))
	if got := w.Platform.Last().Post.Text; !strings.HasPrefix(got, "kept yes/Ada") {
		t.Errorf("at the end %q", got)
	}
}

// A ticket too old for a dialog: the choices become buttons, and the fields one button that gives another ticket.
func TestFormWithStaleTicket(t *testing.T) {
	w := dialogWorld(t)
	in := bottest.PublicPlace("recrutement")
	posts := w.Message(bot.Message{Place: in, From: bottest.Who("carl"), Text: "fill", Addressed: true, Command: true, Ticket: "stale"})
	if len(posts) != 1 || posts[0].Post.Text != "The notice." || !posts[0].To.Private {
		t.Fatalf("shown %+v", posts)
	}
	p := press("carl", posts[0], "I agree")
	p.Ticket = "stale again"
	if err := w.TryPress(p); err != nil {
		t.Fatal(err)
	}
	if got := w.Platform.Posts()[0].Post; got.Text != "The notice.\n\n✔ I agree" || len(got.Actions) != 0 {
		t.Errorf("the notice became %+v", got)
	}
	p = press("carl", w.Platform.Last(), "[form-continue]")
	foreign := p
	foreign.Person = bottest.Who("dina")
	if err := w.TryPress(foreign); !errors.Is(err, bot.ErrRefused) {
		t.Errorf("somebody else goes on with the form: %v", err)
	}
	p.Ticket = "fresh"
	if err := w.TryPress(p); err != nil {
		t.Fatal(err)
	}
	submit(t, w, submission(lastForm(t, w).Key, right))
	if got := w.Platform.Last().Post.Text; got != "kept yes/Ada/jr/ for x in \"recrutement\"" {
		t.Errorf("at the end %q", got)
	}
}

// Without a ticket, a platform that has dialogs asks by messages all the same.
func TestFormWithoutTicket(t *testing.T) {
	w := dialogWorld(t)
	w.Direct("carl", "fill")
	if n := len(w.Platform.Forms()); n != 0 {
		t.Errorf("%d dialogs shown", n)
	}
	if got := texts(w.Direct("carl", "2")); got != "nothing kept" {
		t.Errorf("the consent refused: %q", got)
	}
}
