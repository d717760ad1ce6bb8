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
	"candide/handlers/privacy"
	"candide/handlers/words"
	"candide/storage"
)

func start(t *testing.T) *bottest.World {
	t.Helper()
	w, err := words.New("tu", "fr")
	if err != nil {
		t.Fatal(err)
	}
	return bottest.NewWorld(t, bottest.Options{Phrases: w, Register: func(world *bottest.World) {
		if err := privacy.New(world.Store, w, world.Clock.Now, "fr").Register(world.Routes); err != nil {
			t.Fatal(err)
		}
	}})
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
	}
	return []string{"-name", "-reach", "-subjects", "-message", "-note", "-form", "-typed", "-offer", "-data", "-line"}
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
	for _, must := range []string{"carl-name", "carl-reach@example.org", "junior", "carl-subjects", "carl-message", "carl-note", "carl-line", "consent_at", "expires_at", `"one"`, `"two"`} {
		if !bytes.Contains(files[0].Data, []byte(must)) {
			t.Errorf("the export lacks %q", must)
		}
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
	if !strings.HasPrefix(got, "C’est fait : tout ce que je gardais sur toi est effacé (2 expressions d’intérêt, 1 ligne de conversation, réponses en cours et boutons).") {
		t.Errorf("answered %q", got)
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
