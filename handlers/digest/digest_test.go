package digest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/handlers/campaigns"
	"candide/handlers/digest"
	"candide/handlers/handlertest"
	"candide/storage"
)

const campaign = `
id: test
title: Un poste
address: tu
closes: 2020-11-23T23:59
decision_days: 28
apply: https://apply.example.org
entries: [{id: a, question: Q ?, answer: R.}]
`

type world struct {
	*bottest.World
	handler *digest.Handler
	paris   *time.Location
}

// start begins on Monday 16 November 2020 at 10:00 in Paris, with a recruiters' channel. rita is a recruiter.
func start(t *testing.T, file string) *world {
	t.Helper()
	f := handlertest.Parse(t, file)
	w := handlertest.Words(t, "tu")
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	set := campaigns.NewSet(campaigns.New(handlertest.Index{Of: f}, nil, "", paris))
	here := &world{paris: paris}
	here.World = bottest.NewWorld(t, bottest.Options{Phrases: w, Register: func(made *bottest.World) {
		here.handler = digest.New(made.Store, w, made.Runtime, set, made.Clock.Now)
		if err := here.handler.Register(made.Routes); err != nil {
			t.Fatal(err)
		}
		made.Routes.Action("candidates.view", true, func(context.Context, bot.Request) (bot.Response, error) { return bot.Whisper("vu"), nil })
		made.Routes.Action("interest.withdraw", false, func(context.Context, bot.Request) (bot.Response, error) { return bot.Whisper("retiré"), nil })
	}})
	here.Platform.AddRecruiter("rita")
	here.Platform.AddChannel(bottest.PrivatePlace("recruteurs"))
	return here
}

func (w *world) at(s string) {
	w.T.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, w.paris)
	if err != nil {
		w.T.Fatal(err)
	}
	w.Clock.Set(at)
}

func (w *world) interest(who string, stage storage.Stage) int {
	w.T.Helper()
	in, _, err := w.Store.SaveInterest(context.Background(), storage.Interest{
		Campaign: "test", Person: storage.PersonRef("fake:" + who), Name: who + "-name", CreatedAt: w.Clock.Now(), UpdatedAt: w.Clock.Now(),
	})
	if err == nil && stage != storage.StageNew {
		_, err = w.Store.SetStage(context.Background(), in.Number, stage, "fake:rita", w.Clock.Now())
	}
	if err != nil {
		w.T.Fatal(err)
	}
	return in.Number
}

// morning is what is posted by the work of a moment.
func (w *world) morning() []bottest.Posted {
	w.T.Helper()
	before := len(w.Platform.Posts())
	if err := w.handler.Morning(context.Background()); err != nil {
		w.T.Fatal(err)
	}
	return w.Platform.Posts()[before:]
}

// Nothing when there is nothing, nor before the hour, at weekends or on holidays; else once.
func TestWhen(t *testing.T) {
	w := start(t, campaign)
	w.at("2020-11-06 15:00") // a Friday
	w.interest("anna", storage.StageNew)
	for _, c := range []struct {
		at   string
		want int
	}{
		{"2020-11-06 17:59", 1}, // nobody ever told of her
		{"2020-11-07 08:30", 0}, {"2020-11-08 08:30", 0},
		{"2020-11-09 08:00", 0}, {"2020-11-09 08:30", 0}, // Monday: nothing is new
		{"2020-11-10 07:00", -1}, // bert
		{"2020-11-10 08:29", 0},
		{"2020-11-10 08:30", 1}, {"2020-11-10 08:30", 0}, {"2020-11-10 12:00", 0},
		{"2020-11-10 13:00", -1},                         // carl
		{"2020-11-11 08:30", 0}, {"2020-11-11 11:00", 0}, // Armistice
		{"2020-11-12 18:00", 0}, // too late: it waits for the morning
		{"2020-11-13 09:15", 1}, // the bot was stopped at half past eight
	} {
		w.at(c.at)
		if c.want < 0 {
			w.interest("somebody at "+c.at, storage.StageNew)
			continue
		}
		if got := w.morning(); len(got) != c.want {
			t.Errorf("%s: %d posts, want %d: %+v", c.at, len(got), c.want, got)
		}
		w.Restart()
	}
}

func TestDigest(t *testing.T) {
	w := start(t, campaign)
	w.at("2020-12-01 10:00")
	for n, stage := range []storage.Stage{storage.StageContacted, storage.StageRefused, storage.StageAccepted, storage.StageWithdrawn, storage.StageJury} {
		w.interest(fmt.Sprint("old", n), stage)
	}
	w.at("2020-12-02 08:30")
	if got := w.morning(); len(got) != 1 || strings.Contains(got[0].Post.Text, "Attendent") {
		t.Errorf("the day after: %+v", got)
	}
	w.at("2020-12-29 08:30") // 28 days: on time still
	if got := w.morning(); len(got) != 0 {
		t.Errorf("at the target: %+v", got)
	}
	w.interest("new", storage.StageNew)
	w.at("2020-12-30 08:30")
	got := w.morning()
	if len(got) != 1 {
		t.Fatalf("posts: %+v", got)
	}
	want := strings.Join([]string{
		"**Le point du matin** · Un poste · mercredi 30 décembre 2020", "",
		"**Attendent depuis plus de 28 jours, le délai visé :**",
		"- n° 1 · contacté · depuis 29 jours", "- n° 5 · jury · depuis 29 jours", "",
		"**Nouveau depuis le dernier point :**", "- n° 6 · nouveau · depuis 1 jour", "",
		"`candidats liste` les montre, avec les noms, en privé.",
	}, "\n")
	post := got[0]
	if post.Post.Text != want || post.To.Place.Name != "recruteurs" {
		t.Errorf("in %q:\n%s\nwant\n%s", post.To.Place.Name, post.Post.Text, want)
	}
	if strings.Contains(post.Post.Text, "-name") || len(post.Post.Actions) != 3 {
		t.Errorf("post: %+v", post.Post)
	}
	if shown := w.Press("rita", post, "Voir n° 5"); shown[0].Post.Text != "vu" || !shown[0].To.Private {
		t.Errorf("pressed: %+v", shown)
	}
	if refused := w.Press("carl", post, "Voir n° 5"); !strings.HasPrefix(refused[0].Post.Text, "Cette commande est réservée") {
		t.Errorf("pressed by somebody else: %+v", refused)
	}
}

func TestManyRows(t *testing.T) {
	w := start(t, campaign)
	for n := range 40 {
		w.interest(fmt.Sprint("p", n), storage.StageNew)
	}
	w.at("2020-11-17 08:30")
	got := w.morning()[0].Post
	if strings.Count(got.Text, "\n- n° ") != 15 || !strings.Contains(got.Text, "- et 25 autres") || len(got.Actions) != 5 {
		t.Errorf("%d buttons: %q", len(got.Actions), got.Text)
	}
}

// A failure is tried again, and what was posted by a process that died before it learnt so is not posted twice.
func TestOnceAcrossFailures(t *testing.T) {
	w := start(t, campaign)
	w.interest("anna", storage.StageNew)
	w.at("2020-11-17 08:30")
	w.Platform.Fail(func(op bottest.Op) error {
		if op == bottest.OpPost {
			return errors.New("the server does not answer")
		}
		return nil
	})
	if err := w.handler.Morning(context.Background()); err == nil {
		t.Error("no error")
	}
	w.Platform.Fail(nil)
	w.Platform.AfterPost(func(bottest.Posted) { panic("the process dies") })
	func() {
		defer func() { _ = recover() }()
		_ = w.handler.Morning(context.Background())
	}()
	w.Platform.AfterPost(nil)
	w.Restart()
	if got := w.morning(); len(got) != 0 || len(w.Platform.Posts()) != 1 {
		t.Errorf("posted %d times", len(w.Platform.Posts()))
	}
}

// Where there is no recruiters' channel there is nobody to tell, and that is no error.
func TestNobodyToTell(t *testing.T) {
	w := start(t, campaign)
	w.Platform.RemoveChannel("recruteurs")
	w.interest("anna", storage.StageNew)
	w.at("2020-11-17 08:30")
	if got := w.morning(); len(got) != 0 {
		t.Errorf("posted %+v", got)
	}
}

// Two days before the closing recruiters are offered to write, once; the click after the preview writes, once.
func TestClosing(t *testing.T) {
	w := start(t, campaign) // closes on Monday 23 November at 23:59: two days before is a Saturday
	anna, bert := w.interest("anna", storage.StageNew), w.interest("bert", storage.StageContacted)
	w.interest("carl", storage.StageApplied)
	w.interest("dina", storage.StageWithdrawn)
	w.at("2020-11-19 08:30")
	w.morning()
	if got := w.Direct("rita", "candidats relancer")[0].Post.Text; got != "Ce sera possible à partir du vendredi 20 novembre 2020, deux jours avant la clôture." {
		t.Errorf("too early: %q", got)
	}
	w.at("2020-11-20 08:30")
	posts := w.morning()
	if len(posts) != 1 || posts[0].To.Place.Name != "recruteurs" || posts[0].Post.Text != "**« Un poste » ferme le lundi 23 novembre 2020 à 23 h 59.** "+
		"2 personnes intéressées n’ont pas encore candidaté. On peut leur écrire, en un clic, après avoir relu le message." {
		t.Fatalf("proposed: %+v", posts)
	}
	preview := w.Press("rita", posts[0], "Relire le message")[0]
	if got := preview.Post.Text; !preview.To.Private || !strings.HasPrefix(got, fmt.Sprintf("Ce message partira en privé, une seule fois, à 2 personnes (n° %d, %d) :", anna, bert)) ||
		!strings.Contains(got, "\n> Tu as laissé tes coordonnées pour « Un poste »") || !strings.Contains(got, "https://apply.example.org\n> Si c’est") {
		t.Errorf("the preview: %+v", preview)
	}
	if n := len(w.Platform.Posts()); n != 4 { // the digest of the 19th, the answer to rita, the proposal, the preview
		t.Errorf("%d posts before the click", n)
	}
	w.Press("rita", preview, "Ne pas envoyer")
	if got := w.Platform.Posts()[3].Post.Text; got != "Rien n’a été envoyé. `candidats relancer` montre de nouveau le message." {
		t.Errorf("kept: %q", got)
	}

	preview = w.Direct("rita", "candidats relancer")[0]
	letters := w.Press("rita", preview, "Envoyer à 2 personnes")
	if len(letters) != 2 {
		t.Fatalf("sent %+v", letters)
	}
	for i, who := range []bot.UserID{"anna", "bert"} {
		if letters[i].To.To.User != who || !letters[i].To.Direct || !strings.Contains(letters[i].Post.Text, "jusqu’au lundi 23 novembre 2020 à 23 h 59") {
			t.Errorf("to %s: %+v", who, letters[i])
		}
	}
	for _, made := range w.Platform.Posts() {
		if made.ID == preview.ID && made.Post.Text != "C’est envoyé à 2 personnes." {
			t.Errorf("said %q", made.Post.Text)
		}
	}
	// Once: neither by another click, nor another morning, nor by another recruiter's preview.
	if got := w.Direct("rita", "candidats relancer")[0].Post.Text; !strings.HasPrefix(got, "Personne n’est à prévenir") {
		t.Errorf("again: %q", got)
	}
	w.at("2020-11-23 08:30")
	if got := w.morning(); len(got) != 0 {
		t.Errorf("proposed again: %+v", got)
	}
	// Who comes later can still be told, when a recruiter asks for it.
	w.interest("emma", storage.StageNew)
	late := w.Direct("rita", "candidats relancer")[0]
	if late.Button("Envoyer à 1 personne") == "" {
		t.Errorf("for the late: %+v", late.Post)
	}
	w.at("2020-11-24 00:05")
	w.Press("rita", late, "Envoyer à 1 personne")
	for _, made := range w.Platform.Posts() {
		if made.ID == late.ID && made.Post.Text != "Cette campagne est fermée." {
			t.Errorf("after the closing: %q", made.Post.Text)
		}
	}
}

// Two recruiters who click at the same moment write once to each.
func TestTwoClicks(t *testing.T) {
	w := start(t, campaign)
	w.Platform.AddRecruiter("rose")
	for n := range 20 {
		w.interest(fmt.Sprint("p", n), storage.StageNew)
	}
	w.at("2020-11-21 10:00")
	clicks := map[bot.UserID]bottest.Posted{}
	for _, who := range []bot.UserID{"rita", "rose"} {
		clicks[who] = w.Direct(who, "candidats relancer")[0]
	}
	var all sync.WaitGroup
	for who, preview := range clicks {
		all.Go(func() {
			err := w.TryPress(bot.Press{Key: preview.Button("Envoyer"), Person: bottest.Who(who), Place: bottest.DirectPlace(who), Post: preview.ID})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	letters := map[bot.UserID]int{}
	for _, made := range w.Platform.Posts() {
		if strings.HasPrefix(made.Post.Text, "Tu as laissé") {
			letters[made.To.To.User]++
		}
	}
	if len(letters) != 20 {
		t.Errorf("%d people were written to", len(letters))
	}
	for who, n := range letters {
		if n != 1 {
			t.Errorf("%s was written to %d times", who, n)
		}
	}
}

// Nobody but recruiters writes to people, and whoever cannot be reached is said.
func TestClosingFailures(t *testing.T) {
	w := start(t, campaign)
	w.interest("anna", storage.StageNew)
	w.interest("bert", storage.StageNew)
	w.at("2020-11-21 10:00")
	if got := w.Direct("carl", "candidats relancer")[0].Post.Text; !strings.HasPrefix(got, "Cette commande est réservée") {
		t.Errorf("a candidate: %q", got)
	}
	preview := w.Direct("rita", "candidates nudge")[0]
	first := true
	w.Platform.Fail(func(op bottest.Op) error {
		if op == bottest.OpPost && first {
			first = false
			return errors.New("no such account")
		}
		return nil
	})
	w.Press("rita", preview, "Envoyer")
	for _, made := range w.Platform.Posts() {
		if made.ID == preview.ID && made.Post.Text != "C’est envoyé à 1 personne.\nPas pu leur écrire, à faire à la main : n° 1." {
			t.Errorf("said %q", made.Post.Text)
		}
	}
	w = start(t, strings.Replace(campaign, "closes: 2020-11-23T23:59\n", "", 1))
	w.interest("anna", storage.StageNew)
	if got := w.Direct("rita", "candidats relancer")[0].Post.Text; got != "Cette campagne n’a pas de date de clôture." {
		t.Errorf("without a date: %q", got)
	}
}
