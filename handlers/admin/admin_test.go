package admin_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/faq"
	"candide/handlers/admin"
	"candide/handlers/campaigns"
	"candide/handlers/words"
	"candide/storage"
)

type index struct{ f *faq.FAQ }

func (x index) FAQ() *faq.FAQ                    { return x.f }
func (x index) Decide(faq.Question) faq.Decision { return faq.Decision{} }

// start begins on Monday 16 November 2020 at 10:00 in Paris. rita is a recruiter, carl is not.
func start(t *testing.T) *bottest.World {
	t.Helper()
	f, err := faq.Parse("test.yaml", []byte("id: test\ntitle: {fr: Un poste, en: A job}\naddress: tu\nentries: [{id: a, question: Q ?, answer: R.}]"), nil)
	if err != nil {
		t.Fatal(err)
	}
	w, err := words.New("tu", "fr")
	if err != nil {
		t.Fatal(err)
	}
	set := campaigns.NewSet(campaigns.New(index{f}, nil, "", nil))
	world := bottest.NewWorld(t, bottest.Options{Phrases: w, Register: func(world *bottest.World) {
		if err := admin.New(world.Store, w, set, world.Clock.Now, world.Runtime).Register(world.Routes); err != nil {
			t.Fatal(err)
		}
		world.Routes.Text(func(context.Context, bot.Request) (bot.Response, error) { return bot.Say("une réponse"), nil })
	}})
	world.Platform.AddRecruiter("rita")
	return world
}

// say is what a direct message is answered.
func say(w *bottest.World, who bot.UserID, text string) string {
	var all []string
	for _, made := range w.Direct(who, text) {
		all = append(all, made.Post.Text)
	}
	return strings.Join(all, "\n")
}

func TestHelp(t *testing.T) {
	w := start(t)
	carl, rita := say(w, "carl", "aide"), say(w, "rita", "aide")
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
	if got := say(w, "rita", "aide"); got != carl {
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
		if got := say(w, "rita", "pause "+text); !strings.HasPrefix(got, "Je me tais jusqu’au ") {
			t.Errorf("%q: %q", text, got)
			continue
		}
		w.Clock.Advance(span - time.Second)
		if got := say(w, "carl", "combien ?"); got != "Je suis en pause pour l’instant. L’équipe de recrutement me remettra en route bientôt." {
			t.Errorf("%q, a second before its end: %q", text, got)
		}
		w.Clock.Advance(time.Second)
		if got := say(w, "carl", "combien ?"); got != "une réponse" {
			t.Errorf("%q, at its end: %q", text, got)
		}
	}
}

// What is no time is no command: people speak of lunch breaks too.
func TestNoPause(t *testing.T) {
	w := start(t)
	for _, text := range []string{
		"pause déjeuner ?", "pause 0m", "pause -5m", "pause 30", "pause 32j", "pause 99999j", "pause 999999999999h", "pause m", "pause 1,5h", "pause 30m stp",
	} {
		if got := say(w, "rita", text); got != "une réponse" {
			t.Errorf("%q: %q", text, got)
		}
	}
	if _, paused, err := w.Store.Pause(context.Background(), w.Clock.Now()); paused || err != nil {
		t.Errorf("paused: %v, %v", paused, err)
	}
	if got := say(w, "carl", "pause"); got != "Cette commande est réservée à l’équipe de recrutement." {
		t.Errorf("a candidate is answered %q", got)
	}
}

func TestPauseUntilResumed(t *testing.T) {
	w := start(t)
	if got := say(w, "rita", "pause"); got != "Je me tais jusqu’à nouvel ordre. `reprendre` me remet en route." {
		t.Errorf("answered %q", got)
	}
	w.Clock.Advance(1000 * time.Hour)
	w.Restart()
	if got := say(w, "carl", "combien ?"); !strings.HasPrefix(got, "Je suis en pause") {
		t.Errorf("weeks later: %q", got)
	}
	if got := say(w, "rita", "reprendre"); got != "Me revoilà, je réponds de nouveau." {
		t.Errorf("answered %q", got)
	}
	if got := say(w, "carl", "combien ?"); got != "une réponse" {
		t.Errorf("resumed: %q", got)
	}
}

func interested(t *testing.T, w *bottest.World, n int) {
	t.Helper()
	for i := range n {
		_, _, err := w.Store.SaveInterest(context.Background(), storage.Interest{
			Campaign: "test", Person: storage.PersonRef(fmt.Sprint("fake:p", i)), Name: fmt.Sprintf("Personne %d", i+1),
			Reach: "p@example.org", Level: "experienced", Message: "bonjour {stage}", Stage: storage.StageNew,
			CreatedAt: w.Clock.Now(), ConsentAt: w.Clock.Now(),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestCandidates(t *testing.T) {
	w := start(t)
	if got := say(w, "rita", "candidats"); got != "Personne n’a encore laissé ses coordonnées." {
		t.Errorf("nobody: %q", got)
	}
	interested(t, w, 1)
	if got := say(w, "rita", "candidats liste"); got != "**1 personne intéressée**\n\n- n° 1 · Personne 1 · nouveau · depuis le lundi 16 novembre 2020" {
		t.Errorf("one: %q", got)
	}
	interested(t, w, 7) // the first again, and six more
	posts := w.Direct("rita", "candidats")
	if got := posts[0].Post.Text; !strings.HasPrefix(got, "**7 personnes intéressées**") || strings.Count(got, "\n- n° ") != 7 {
		t.Errorf("seven: %q", got)
	}
	if n := len(posts[0].Post.Actions); n != 5 || posts[0].Button("Voir n° 7") == "" || posts[0].Button("Voir n° 2") != "" {
		t.Errorf("%d buttons: %+v", n, posts[0].Post.Actions)
	}
	shown := w.Press("rita", posts[0], "Voir n° 7")
	want := "**N° 7 : Personne 7**\nJoindre : p@example.org\nExpérience : Plus de 5 ans\nÉquipes ou sujets : non précisé\n" +
		"Message : bonjour {stage}\nÉtape : nouveau · inscrit·e le lundi 16 novembre 2020 · autres campagnes : non"
	if got := shown[0].Post.Text; got != want {
		t.Errorf("shown\n%q, want\n%q", got, want)
	}
	for text, want := range map[string]string{
		"candidats voir n° 7": "**N° 7 : Personne 7**",
		"candidats voir #2":   "**N° 2 : Personne 2**",
		"candidats voir 9":    "Il n’y a pas de n° 9.",
		"candidats voir":      "Il faut un numéro",
		"candidats voir sept": "Il faut un numéro",
	} {
		if got := say(w, "rita", text); !strings.HasPrefix(got, want) {
			t.Errorf("%q: %q, want %q…", text, got, want)
		}
	}
}

// Names never go where everybody reads, whoever asks and however.
func TestNamesStayPrivate(t *testing.T) {
	w := start(t)
	interested(t, w, 3)
	for _, text := range []string{"candidats", "candidats voir 2"} {
		if got := say(w, "carl", text); got != "Cette commande est réservée à l’équipe de recrutement." {
			t.Errorf("%q by a candidate: %q", text, got)
		}
		public := bottest.PublicPlace("recrutement")
		asked := w.Message(bot.Message{Place: public, From: bottest.Who("rita"), Text: text, Addressed: true})
		asked = append(asked, w.Slash("rita", public, text)...)
		for _, made := range asked {
			if strings.Contains(made.Post.Text, "Personne") && !made.To.Direct && !made.To.Private {
				t.Errorf("%q in public: %q", text, made.Post.Text)
			}
		}
		if len(asked) != 2 {
			t.Errorf("%q in public is answered %d times", text, len(asked))
		}
	}
	// A button with a name behind it, in somebody else's hands.
	menu := w.Direct("rita", "candidats")[0]
	err := w.TryPress(bot.Press{Key: menu.Button("Voir n° 2"), Person: bottest.Who("carl"), Place: menu.To.Place, Post: menu.ID})
	if !errors.Is(err, bot.ErrRefused) {
		t.Errorf("pressed by a candidate: %v", err)
	}
}

// A cross by a recruiter takes the bot's post away; any other emoji, or anybody else's, does nothing.
func TestCrossedOut(t *testing.T) {
	w := start(t)
	made := w.Direct("carl", "combien ?")[0]
	react := func(who bot.UserID, emoji string) bool {
		t.Helper()
		err := w.Runtime.React(context.Background(), bot.Reaction{Emoji: emoji, Person: bottest.Who(who), Place: made.To.Place, Post: made.ID})
		if err != nil {
			t.Fatal(err)
		}
		w.Direct(who, "aide") // worked on after the reaction, in the same person's turn
		return w.Platform.Posts()[0].Removed
	}
	if react("carl", "x") || react("rita", "+1") {
		t.Error("the post was taken away")
	}
	if !react("rita", "x") {
		t.Error("the post is still there")
	}
}
