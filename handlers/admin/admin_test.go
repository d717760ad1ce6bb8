package admin_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/handlers/admin"
	"candide/handlers/campaigns"
	"candide/handlers/handlertest"
)

// start begins on Monday 16 November 2020 at 10:00 in Paris. rita is a recruiter, carl is not.
func start(t *testing.T) *bottest.World {
	t.Helper()
	f := handlertest.Parse(t, "id: test\ntitle: {fr: Un poste, en: A job}\naddress: tu\nentries: [{id: a, question: Q ?, answer: R.}]")
	w := handlertest.Words(t, "tu")
	set := campaigns.NewSet(campaigns.New(handlertest.Index{Of: f}, nil, "", nil))
	world := bottest.NewWorld(t, bottest.Options{Phrases: w, Register: func(world *bottest.World) {
		if err := admin.New(world.Store, w, set, world.Clock.Now).Register(world.Routes); err != nil {
			t.Fatal(err)
		}
		world.Routes.Text(func(context.Context, bot.Request) (bot.Response, error) { return bot.Say("une réponse"), nil })
	}})
	world.Platform.AddRecruiter("rita")
	return world
}

func TestHelp(t *testing.T) {
	w := start(t)
	carl, rita := w.Say("carl", "aide"), w.Say("rita", "aide")
	if !strings.HasPrefix(carl, "**Je suis Candide, un programme qui répond aux questions sur « Un poste ».**") || strings.Contains(carl, "jury") {
		t.Errorf("a candidate reads %q", carl)
	}
	if !strings.HasPrefix(rita, carl) || !strings.Contains(rita, "`jury planifier") {
		t.Errorf("a recruiter reads %q", rita)
	}
	w.Platform.Fail(func(op bottest.Op) error {
		if op == bottest.OpRecruiter {
			return errors.New("the server does not answer")
		}
		return nil
	})
	if got := w.Say("rita", "aide"); got != carl {
		t.Errorf("when the server cannot say who is a recruiter: %q", got)
	}
	posts := w.Message(bot.Message{Place: bottest.DirectPlace("carl"), From: bottest.Who("carl"), Text: "help", Addressed: true, Lang: "en"})
	if got := posts[0].Post.Text; !strings.Contains(got, "“A job”") {
		t.Errorf("in English: %q", got)
	}
}

func TestPauseSpans(t *testing.T) {
	for text, span := range map[string]time.Duration{
		"30m": 30 * time.Minute, "30 min": 30 * time.Minute, "45 mn": 45 * time.Minute, "1 minute": time.Minute,
		"2h": 2 * time.Hour, "2 heures": 2 * time.Hour, "1 H": time.Hour, "3j": 72 * time.Hour, "1 jour": 24 * time.Hour,
		"31j": 31 * 24 * time.Hour, "90 minutes": 90 * time.Minute,
	} {
		w := start(t)
		if got := w.Say("rita", "pause "+text); !strings.HasPrefix(got, "Je me tais jusqu’au ") {
			t.Errorf("%q: %q", text, got)
			continue
		}
		w.Clock.Advance(span - time.Second)
		if got := w.Say("carl", "combien ?"); got != "Je suis en pause pour l’instant. L’équipe de recrutement me remettra en route bientôt." {
			t.Errorf("%q, a second before its end: %q", text, got)
		}
		w.Clock.Advance(time.Second)
		if got := w.Say("carl", "combien ?"); got != "une réponse" {
			t.Errorf("%q, at its end: %q", text, got)
		}
	}
}

// What is no time is no command: people speak of lunch breaks too.
func TestNoPause(t *testing.T) {
	w := start(t)
	for _, text := range []string{
		"pause déjeuner ?", "pause m", "pause 30m stp", "pause de 30 minutes ?",
	} {
		if got := w.Say("rita", text); got != "une réponse" {
			t.Errorf("%q: %q", text, got)
		}
	}
	for _, text := range []string{
		"pause 0m", "pause -5m", "pause 30", "pause 32j", "pause 99999j", "pause 999999999999h", "pause 1,5h",
	} {
		if got := w.Say("rita", text); got != "Je n’ai pas compris cette durée : `pause 30m`, `pause 2h` ou `pause` tout court." {
			t.Errorf("%q: %q", text, got)
		}
	}
	if _, paused, err := w.Store.Pause(context.Background(), w.Clock.Now()); paused || err != nil {
		t.Errorf("paused: %v, %v", paused, err)
	}
	if got := w.Say("carl", "pause"); got != "Cette commande est réservée à l’équipe de recrutement." {
		t.Errorf("a candidate is answered %q", got)
	}
}

func TestPauseUntilResumed(t *testing.T) {
	w := start(t)
	if got := w.Say("rita", "pause"); got != "Je me tais jusqu’à nouvel ordre. `reprendre` me remet en route." {
		t.Errorf("answered %q", got)
	}
	w.Clock.Advance(1000 * time.Hour)
	w.Restart()
	if got := w.Say("carl", "combien ?"); !strings.HasPrefix(got, "Je suis en pause") {
		t.Errorf("weeks later: %q", got)
	}
	if got := w.Say("rita", "reprendre"); got != "Me revoilà, je réponds de nouveau." {
		t.Errorf("answered %q", got)
	}
	if got := w.Say("carl", "combien ?"); got != "une réponse" {
		t.Errorf("resumed: %q", got)
	}
}
