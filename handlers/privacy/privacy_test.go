package privacy_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/handlers/handlertest"
	"candide/handlers/privacy"
	"candide/storage"
)

func start(t *testing.T) *bottest.World {
	t.Helper()
	world, _ := begin(t)
	return world
}

// begin is start, with the handler of the last start.
func begin(t *testing.T, change ...func(*privacy.Options)) (*bottest.World, **privacy.Handler) {
	t.Helper()
	var handler *privacy.Handler
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	w := handlertest.Words(t, "tu")
	return bottest.NewWorld(t, bottest.Options{Phrases: w, Register: func(world *bottest.World) {
		o := privacy.Options{
			Store: world.Store, Words: w, Chat: world.Runtime, Now: world.Clock.Now, Zone: paris, Language: "fr",
			Renewal: 24, Backups: 1,
		}
		for _, f := range change {
			f(&o)
		}
		handler = privacy.New(o)
		if err := handler.Register(world.Routes); err != nil {
			t.Fatal(err)
		}
	}}), &handler
}

// keep stores everything that can be kept of carl, each thing with a word of its own, and as much of dina.
func keep(t *testing.T, w *bottest.World) (secrets []string) {
	t.Helper()
	ctx, now := context.Background(), w.Clock.Now()
	later := now.Add(time.Hour)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, who := range []string{"carl", "dina"} {
		ref := storage.PersonRef("fake:" + who)
		for _, campaign := range []string{"one", "two"} {
			i, _, err := w.Store.SaveInterest(ctx, storage.Interest{
				Campaign: campaign, Person: ref, Name: who + "-name", Reach: who + "-reach@example.org", Level: "junior",
				Subjects: who + "-subjects", Message: who + "-message", ConsentAt: now, CreatedAt: now, UpdatedAt: now, ExpiresAt: later,
			})
			must(err)
			_, err = w.Store.AddNote(ctx, i.Number, storage.Note{By: "fake:rita", At: now, Text: who + "-note"})
			must(err)
		}
		must(w.Store.SaveForm(ctx, storage.Form{
			Key: who + "-form", Name: "interest", Person: ref, Answers: map[string]string{"name": who + "-typed"}, Expires: later,
		}))
		must(w.Store.SaveOffers(ctx, []storage.Offer{{
			Key: who + "-offer", Group: who + "-group", Do: "x", For: ref, Data: map[string]string{"d": who + "-data"}, Expires: later,
		}}))
		must(w.Store.AppendLines(ctx, ref, []storage.Line{{ID: "1", At: now, Body: body(who)}}, later))
		_, err := w.Store.FileQuestion(ctx, storage.Group{Campaign: "one"}, storage.Asked{
			Person: ref, Text: who + "-question", At: now, ExpiresAt: later,
		}, func([]storage.Filed) int { return 0 })
		must(err)
		// A post about them in a recruiter's conversation, and a jury that they organise.
		_, err = w.Runtime.Deliver(ctx, bot.Target{To: bottest.Who("rita"), Direct: true, Place: bottest.DirectPlace("rita")},
			bot.Reply{Text: who + "-card", About: []storage.PersonRef{ref}})
		must(err)
		_, err = w.Store.PlanJury(ctx, storage.Jury{
			Campaign: "one", Organiser: ref, OrganiserName: who + "-organiser", Members: []storage.Member{{Person: "fake:rita", Name: "rita-member"}},
		}, nil)
		must(err)
	}
	return []string{"-name", "-reach", "-subjects", "-message", "-note", "-form", "-typed", "-offer", "-data", "-line", "-question", "-organiser"}
}

// body is a line of who's conversation.
func body(who string) []byte { return []byte(`{"text":"` + who + `-line"}`) }

// written is how something of who's stands in the file: the bodies of lines in base64, the rest as it is.
func written(who, word string) []byte {
	if word == "-line" {
		return []byte(base64.StdEncoding.EncodeToString(body(who)))
	}
	return []byte(who + word)
}

func file(t *testing.T, w *bottest.World) []byte {
	t.Helper()
	src, err := os.ReadFile(w.Path())
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func TestExport(t *testing.T) {
	w := start(t)
	keep(t, w)
	public := bottest.PublicPlace("recrutement")
	posts := w.Message(bot.Message{Place: public, From: bottest.Who("carl"), Text: "mes-données", Addressed: true})
	if len(posts) != 1 || !posts[0].To.Direct || posts[0].To.To.User != "carl" {
		t.Fatalf("asked in public, it goes to %+v", posts)
	}
	files := posts[0].Post.Files
	if len(files) != 1 || files[0].Name != "mes-donnees.json" || files[0].Type != "application/json" {
		t.Fatalf("files: %+v", files)
	}
	var export struct {
		Exported  time.Time
		Interests []storage.Interest
		Lines     []struct {
			At   time.Time
			Line struct{ Text string }
		} `json:"conversation"`
	}
	if err := json.Unmarshal(files[0].Data, &export); err != nil {
		t.Fatal(err)
	}
	if !export.Exported.Equal(w.Clock.Now()) || len(export.Interests) != 2 || len(export.Lines) != 1 || export.Lines[0].Line.Text != "carl-line" {
		t.Errorf("exported %s", files[0].Data)
	}
	for _, must := range []string{"carl-name", "carl-reach@example.org", "junior", "carl-subjects", "carl-message", "carl-note", "carl-line", "carl-question", "carl-typed", "carl-data", "carl-organiser", "post-1", "consent_at", "expires_at", `"one"`, `"two"`} {
		if !bytes.Contains(files[0].Data, []byte(must)) {
			t.Errorf("the export lacks %q", must)
		}
	}
	if bytes.Contains(files[0].Data, []byte("rita")) {
		t.Error("the export says who wrote the notes")
	}
	if bytes.Contains(files[0].Data, []byte("dina")) {
		t.Error("the export holds somebody else's data")
	}
}

func TestExportOfNothing(t *testing.T) {
	posts := start(t).Direct("carl", "mes données")
	if len(posts) != 1 || posts[0].Post.Text != "Je ne garde rien sur toi." || len(posts[0].Post.Files) != 0 {
		t.Errorf("answered %+v", posts)
	}
}

// Erased means gone from the file, not only from what the program shows.
func TestErase(t *testing.T) {
	w := start(t)
	secrets := keep(t, w)
	for _, word := range secrets {
		if !bytes.Contains(file(t, w), written("carl", word)) {
			t.Fatalf("%q is not in the file to begin with: the search finds nothing", "carl"+word)
		}
	}
	public := bottest.PublicPlace("recrutement")
	asked := w.Message(bot.Message{Place: public, From: bottest.Who("carl"), Text: "effacer mes données", Addressed: true})
	if len(asked) != 1 || !asked[0].To.Direct {
		t.Fatalf("asked in public, it goes to %+v", asked)
	}
	w.Press("carl", asked[0], "Oui, tout effacer")
	got := w.Platform.Last().Post.Text
	if !strings.HasPrefix(got, "C’est fait : tout ce que je gardais sur toi est effacé (2 expressions d’intérêt, 1 ligne de conversation, 1 question à l’équipe, 1 message du robot, un nom retiré de 1 jury, note ou réponse, réponses en cours et boutons).") {
		t.Errorf("answered %q", got)
	}
	for _, must := range []string{
		"Le fichier n’en contient plus rien le lundi 16 novembre 2020, les sauvegardes le mercredi 16 décembre 2020 au plus tard.",
		"Ce que je ne peux pas atteindre", "tes propres messages", "serveur de discussion", "le journal des changements",
	} {
		if !strings.Contains(got, must) {
			t.Errorf("the receipt lacks %q: %q", must, got)
		}
	}
	if strings.Contains(got, "exportés") || strings.Contains(got, "n’a pas voulu retirer") {
		t.Errorf("the receipt says what did not happen: %q", got)
	}
	for _, made := range w.Platform.Posts() {
		if made.Removed != (made.Post.Text == "carl-card") {
			t.Errorf("removed %v: %q", made.Removed, made.Post.Text)
		}
	}
	src := file(t, w)
	if bytes.Contains(src, []byte("fake:carl")) {
		t.Error("the person's reference is still in the file")
	}
	for _, word := range secrets {
		if bytes.Contains(src, written("carl", word)) {
			t.Errorf("%q is still in the file", "carl"+word)
		}
		if !bytes.Contains(src, written("dina", word)) {
			t.Errorf("%q went with it", "dina"+word)
		}
	}
	if posts := w.Direct("carl", "mes-donnees"); posts[0].Post.Text != "Je ne garde rien sur toi." {
		t.Errorf("shown afterwards: %q", posts[0].Post.Text)
	}
}

func TestEraseNothing(t *testing.T) {
	w := start(t)
	keep(t, w)
	asked := w.Direct("carl", "effacer-mes-donnees")
	w.Press("carl", asked[0], "Non, ne rien effacer")
	if got := w.Platform.Last().Post.Text; got != "Rien n’a été effacé." {
		t.Errorf("answered %q", got)
	}
	if list, err := w.Store.InterestsOf(context.Background(), "fake:carl"); err != nil || len(list) != 2 {
		t.Errorf("kept %d, %v", len(list), err)
	}
	if err := w.TryPress(bot.Press{Key: asked[0].Button("Oui"), Person: bottest.Who("carl"), Place: asked[0].To.Place, Post: asked[0].ID}); !errors.Is(err, bot.ErrRefused) {
		t.Errorf("the other button, after the choice: %v", err)
	}
}

// Nobody erases for somebody else, nor an hour after having asked.
func TestEraseIsOnesOwn(t *testing.T) {
	w := start(t)
	keep(t, w)
	asked := w.Direct("carl", "effacer-mes-donnees")
	press := bot.Press{Key: asked[0].Button("Oui"), Person: bottest.Who("dina"), Place: asked[0].To.Place, Post: asked[0].ID}
	if err := w.TryPress(press); !errors.Is(err, bot.ErrRefused) {
		t.Errorf("by somebody else: %v", err)
	}
	w.Clock.Advance(time.Hour)
	press.Person = bottest.Who("carl")
	if err := w.TryPress(press); !errors.Is(err, bot.ErrRefused) {
		t.Errorf("an hour later: %v", err)
	}
	for _, who := range []storage.PersonRef{"fake:carl", "fake:dina"} {
		if list, err := w.Store.InterestsOf(context.Background(), who); err != nil || len(list) != 2 {
			t.Errorf("%s: kept %d, %v", who, len(list), err)
		}
	}
}

// A file that would take long to rewrite is not while everybody waits: the receipt says the next day, and the night
// does it.
func TestLargeFile(t *testing.T) {
	w, handler := begin(t, func(o *privacy.Options) { o.AtOnce = 1 })
	keep(t, w)
	asked := w.Direct("carl", "effacer-mes-donnees")
	w.Press("carl", asked[0], "Oui")
	if got := w.Platform.Posts()[len(w.Platform.Posts())-1].Post.Text; !strings.Contains(got, "plus rien le mardi 17 novembre 2020, les sauvegardes le jeudi 17 décembre 2020") {
		t.Errorf("the receipt: %q", got)
	}
	if needs, err := w.Store.NeedsCompact(context.Background()); err != nil || !needs {
		t.Errorf("compaction is needed: %v, %v", needs, err)
	}
	if err := (*handler).Night(context.Background()); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(file(t, w), []byte("carl-name")) {
		t.Error("the name is still in the file after the night")
	}
}

// The receipt says what happened before and what failed: files that recruiters took, a post that the server keeps. The
// night tries again.
func TestReceiptOfTheUnreached(t *testing.T) {
	w, handler := begin(t)
	keep(t, w)
	ctx := context.Background()
	if err := w.Store.RecordChange(ctx, storage.Change{At: w.Clock.Now(), Action: storage.ChangeExport, Subject: "campaign/two"}); err != nil {
		t.Fatal(err)
	}
	asked := w.Direct("carl", "effacer-mes-donnees")
	refuse := errors.New("the server refuses")
	w.Platform.Fail(func(op bottest.Op) error {
		if op == bottest.OpUpdate {
			return refuse
		}
		return nil
	})
	// The receipt cannot take the place of the question either: the erasure is done all the same.
	if err := w.TryPress(bot.Press{Key: asked[0].Button("Oui"), Person: bottest.Who("carl"), Place: asked[0].To.Place}); err != nil {
		t.Fatal(err)
	}
	if kept, err := w.Store.Kept(ctx, "fake:carl"); err != nil || !kept.Empty() {
		t.Errorf("kept %+v, %v", kept, err)
	}
	w.Platform.Fail(nil)
	if list, err := w.Store.DoomedPosts(ctx, 0); err != nil || len(list) != 1 {
		t.Fatalf("to take away: %+v, %v", list, err)
	}
	if err := (*handler).Night(ctx); err != nil {
		t.Fatal(err)
	}
	for _, made := range w.Platform.Posts() {
		if made.Post.Text == "carl-card" && !made.Removed {
			t.Error("the card is still there after the night")
		}
	}
	// The same, seen from the receipt of somebody whose post alone is refused.
	asked = w.Direct("dina", "effacer-mes-donnees")
	first := true
	w.Platform.Fail(func(op bottest.Op) error {
		if op == bottest.OpUpdate && first {
			first = false
			return refuse
		}
		return nil
	})
	w.Press("dina", asked[0], "Oui")
	got := ""
	for _, made := range w.Platform.Posts() {
		if made.ID == asked[0].ID {
			got = made.Post.Text
		}
	}
	for _, must := range []string{"1 de mes messages, que le serveur n’a pas voulu retirer", "les fichiers que l’équipe de recrutement a exportés"} {
		if !strings.Contains(got, must) {
			t.Errorf("the receipt lacks %q: %q", must, got)
		}
	}
}
