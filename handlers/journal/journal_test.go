package journal_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/handlers/campaigns"
	"candide/handlers/handlertest"
	"candide/handlers/journal"
	"candide/storage"
)

// start begins on Monday 16 November 2020 at 10:00 in Paris. rita is a recruiter, carl is not.
func start(t *testing.T) *bottest.World {
	t.Helper()
	f := handlertest.Parse(t, "id: test\ntitle: Un poste\naddress: tu\nentries: [{id: a, question: Q ?, answer: R.}]")
	w := handlertest.Words(t, "tu")
	world := bottest.NewWorld(t, bottest.Options{Phrases: w, Register: func(world *bottest.World) {
		set := campaigns.NewSet(campaigns.New(handlertest.Index{Of: f}, nil, "", nil))
		if err := journal.New(world.Store, w, set, world.Runtime).Register(world.Routes); err != nil {
			t.Fatal(err)
		}
		world.Routes.Text(func(context.Context, bot.Request) (bot.Response, error) { return bot.Say("une réponse"), nil })
	}})
	world.Platform.AddRecruiter("rita")
	return world
}

func TestJournal(t *testing.T) {
	w, ctx := start(t), context.Background()
	if got := w.Say("rita", "journal"); got != "Rien n’a encore été changé." {
		t.Errorf("nothing: %q", got)
	}
	_, _, err := w.Store.SaveInterest(ctx, storage.Interest{
		Campaign: "test", Person: "fake:carl", Name: "Carl Secret", CreatedAt: w.Clock.Now(), UpdatedAt: w.Clock.Now(),
		ExpiresAt: w.Clock.Now().Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Store.SetStage(ctx, 1, storage.StageJury, "fake:rita", w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(time.Hour)
	if _, err := w.Store.Purge(ctx, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []storage.Change{
		{Action: "x.unknown", Subject: "y/7"}, {By: "fake:", Action: "note", Subject: "candidate/2"}, {By: "fake:rita", Action: "export", Subject: "campaign/test"},
	} {
		c.At = w.Clock.Now()
		if err := w.Store.RecordChange(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	want := strings.Join([]string{
		"**Les 6 derniers changements**", "",
		"- lundi 16 novembre 2020 à 11 h : rita, export (campagne test)",
		"- lundi 16 novembre 2020 à 11 h : quelqu’un, note (n° 2)",
		"- lundi 16 novembre 2020 à 11 h : la personne elle-même, x.unknown (y/7)",
		"- lundi 16 novembre 2020 à 11 h : le robot, oubli au terme prévu (n° 1)",
		"- lundi 16 novembre 2020 à 10 h : rita, changement d’étape (nouveau → jury) (n° 1)",
		"- lundi 16 novembre 2020 à 10 h : la personne elle-même, coordonnées laissées ou modifiées (n° 1)",
	}, "\n")
	if got := w.Say("rita", "journal"); got != want {
		t.Errorf("said\n%s\nwant\n%s", got, want)
	}
	for text, rows := range map[string]int{"journal 1": 3, "journal n° 1": 3, "changes #2": 1, "journal jury 1": 0, "journal faq salaire": 0} {
		if got := w.Say("rita", text); strings.Count(got, "\n- ") != rows {
			t.Errorf("%q: %q", text, got)
		}
	}
	if got := w.Say("carl", "journal"); got != "Cette commande est réservée à l’équipe de recrutement." {
		t.Errorf("a candidate: %q", got)
	}
	// People speak of newspapers too.
	if got := w.Say("carl", "journal de bord ?"); got != "une réponse" {
		t.Errorf("no command: %q", got)
	}
}

func TestLatestOnly(t *testing.T) {
	w := start(t)
	for i := range 30 {
		err := w.Store.RecordChange(context.Background(), storage.Change{At: w.Clock.Now(), Action: "note", Subject: fmt.Sprint("candidate/", i)})
		if err != nil {
			t.Fatal(err)
		}
	}
	got := w.Say("rita", "journal")
	if strings.Count(got, "\n- ") != 20 || !strings.Contains(got, "(n° 29)") || strings.Contains(got, "(n° 9)") {
		t.Errorf("said %q", got)
	}
}
