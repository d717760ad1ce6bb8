package figures_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	_ "image/png"
	"os"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/handlers/campaigns"
	"candide/handlers/figures"
	"candide/handlers/handlertest"
	"candide/storage"
)

// start begins on Monday 16 November 2020 at 10:00 in Paris. rita is a recruiter, carl is not.
func start(t *testing.T) *bottest.World {
	t.Helper()
	f := handlertest.Parse(t, "id: test\ntitle: Un poste\naddress: tu\ndecision_days: 28\nentries: [{id: salaire, title: Le salaire, question: Q ?, answer: R.}]")
	w := handlertest.Words(t, "tu")
	set := campaigns.NewSet(campaigns.New(handlertest.Index{Of: f}, nil, "", nil))
	world := bottest.NewWorld(t, bottest.Options{Phrases: w, Register: func(world *bottest.World) {
		if err := figures.New(world.Store, w, set, world.Clock.Now).Register(world.Routes); err != nil {
			t.Fatal(err)
		}
	}})
	world.Platform.AddRecruiter("rita")
	return world
}

// filled has what people asked in October and November, and seven candidates.
func filled(t *testing.T, w *bottest.World) {
	t.Helper()
	ctx := context.Background()
	tally := func(day string, kind storage.TallyKind, name string, n int) {
		t.Helper()
		if err := w.Store.Count(ctx, []storage.Tally{{Campaign: "test", Day: day, Kind: kind, Name: name, Count: n}}); err != nil {
			t.Fatal(err)
		}
	}
	tally("2020-11-16", storage.TallyOutcome, "answer", 3)
	tally("2020-11-16", storage.TallyOutcome, "silent", 50) // people talking to each other ask nothing
	tally("2020-11-14", storage.TallyOutcome, "unknown", 2)
	tally("2020-11-10", storage.TallyOutcome, "suggest", 1)
	tally("2020-11-09", storage.TallyOutcome, "answer", 100) // eight days ago
	tally("2020-11-16", storage.TallyEntry, "salaire", 3)
	tally("2020-11-16", storage.TallyEntry, "gone", 1)
	tally("2020-11-14", storage.TallyUncovered, "repas", 2)
	tally("2020-11-16", storage.TallyFeedback, "up", 2)
	tally("2020-11-16", storage.TallyFeedback, "down", 1)
	now := w.Clock.Now()
	for n, c := range []struct {
		came, decided int // days ago
		stage         storage.Stage
	}{
		{40, 30, storage.StageAccepted}, {40, 20, storage.StageRefused}, {40, 5, storage.StageRefused},
		{40, 1, storage.StageWithdrawn}, {30, 1, storage.StageJury}, {28, 0, storage.StageNew}, {2, 0, storage.StageNew},
	} {
		_, _, err := w.Store.SaveInterest(ctx, storage.Interest{
			Campaign: "test", Person: storage.PersonRef(fmt.Sprint("fake:p", n)), Name: fmt.Sprint("Secret ", n), Reach: "secret@example.org",
			CreatedAt: now.AddDate(0, 0, -c.came), UpdatedAt: now.AddDate(0, 0, -c.came),
		})
		if err == nil && c.stage != storage.StageNew {
			_, err = w.Store.SetStage(ctx, n+1, c.stage, "fake:rita", now.AddDate(0, 0, -c.decided))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestTable(t *testing.T) {
	w := start(t)
	filled(t, w)
	posts := w.Slash("rita", bottest.PrivatePlace("recruteurs"), "stats 7j")
	if len(posts) != 1 || !posts[0].To.Direct {
		t.Fatalf("posts: %+v", posts)
	}
	want := `**Les chiffres de « Un poste »**, du mardi 10 novembre 2020 au lundi 16 novembre 2020. L’image jointe montre les mêmes.

| Questions par jour | Nombre |
|:--|--:|
| mardi 10 novembre 2020 | 1 |
| mercredi 11 novembre 2020 | 0 |
| jeudi 12 novembre 2020 | 0 |
| vendredi 13 novembre 2020 | 0 |
| samedi 14 novembre 2020 | 2 |
| dimanche 15 novembre 2020 | 0 |
| lundi 16 novembre 2020 | 3 |
| En tout | 6 |

| Ce que j’en ai fait | Nombre |
|:--|--:|
| Répondu | 3 |
| Proposé des réponses | 1 |
| Pas su répondre | 2 |

| Réponses les plus données | Nombre |
|:--|--:|
| Le salaire | 3 |
| gone | 1 |

| Sujets sans réponse | Nombre |
|:--|--:|
| Repas | 2 |

**Satisfaction : 67 %** (3 avis ; positifs : 2, négatifs : 1).

| Candidat·es par étape | Nombre |
|:--|--:|
| nouveau | 2 |
| contacté | 0 |
| a candidaté | 0 |
| jury | 1 |
| retenu | 1 |
| non retenu | 2 |
| désisté·e | 1 |

**Délai médian de décision : 20 jours** pour 3 personnes ; l’objectif est de 28 jours, le plus long a été de 35. 1 personne attend depuis plus de 28 jours.`
	if got := posts[0].Post.Text; got != want {
		t.Errorf("said\n%s\nwant\n%s", got, want)
	}
	if strings.Contains(posts[0].Post.Text, "Secret") || strings.Contains(posts[0].Post.Text, "example.org") {
		t.Error("the figures name somebody")
	}
}

func TestSpans(t *testing.T) {
	w := start(t)
	filled(t, w)
	for text, want := range map[string]string{
		"stats": "| En tout | 6 |", "stats 7d": "| En tout | 6 |", "stats semaine": "| En tout | 6 |",
		"stats 8 jours": "| En tout | 106 |", "stats 30j": "| En tout | 106 |", "statistiques 1 mois": "| En tout | 106 |", "chiffres 2 semaines": "| En tout | 106 |",
		"figures 366 days": "| En tout | 106 |", "stats 1j": "| En tout | 3 |",
		"stats 0j": "Je n’ai pas compris la durée « 0j »", "stats 367j": "Je n’ai pas compris", "stats hier": "Je n’ai pas compris la durée « hier »",
	} {
		if got := w.Direct("rita", text)[0].Post.Text; !strings.Contains(got, want) {
			t.Errorf("%q: %q", text, got)
		}
	}
	if got := w.Direct("rita", "stats 30j")[0].Post.Text; !strings.Contains(got, "| Semaine du dimanche 18 octobre 2020 | 0 |") || strings.Contains(got, "| mardi 10") {
		t.Errorf("a month: %q", got)
	}
	if got := w.Direct("carl", "stats")[0].Post; got.Text != "Cette commande est réservée à l’équipe de recrutement." || len(got.Files) > 0 {
		t.Errorf("a candidate: %+v", got)
	}
}

func TestNothingYet(t *testing.T) {
	w := start(t)
	post := w.Direct("rita", "stats")[0].Post
	for _, must := range []string{"| En tout | 0 |", "aucun avis", "aucune décision pour l’instant ; l’objectif est de 28 jours"} {
		if !strings.Contains(post.Text, must) {
			t.Errorf("%q is not in %q", must, post.Text)
		}
	}
	drawn(t, post.Files)
}

func drawn(t *testing.T, files []bot.File) image.Image {
	t.Helper()
	if len(files) != 1 || files[0].Name != "stats.png" || files[0].Type != "image/png" {
		t.Fatalf("files: %+v", files)
	}
	if dir := os.Getenv("CANDIDE_PICTURES"); dir != "" { // to look at it
		if err := os.WriteFile(dir+"/"+strings.ReplaceAll(t.Name(), "/", "-")+".png", files[0].Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	picture, format, err := image.Decode(bytes.NewReader(files[0].Data))
	if err != nil || format != "png" || picture.Bounds().Dx() != 1000 || picture.Bounds().Dy() != 1000 || len(files[0].Data) > 500<<10 {
		t.Fatalf("%s of %v, %d bytes, %v", format, picture.Bounds(), len(files[0].Data), err)
	}
	return picture
}

// inked is the share of the picture that has the bars' colour.
func inked(picture image.Image) float64 {
	ink, n := color.NRGBAModel.Convert(color.NRGBA{0x1f, 0x4e, 0x8c, 0xff}), 0
	b := picture.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if color.NRGBAModel.Convert(picture.At(x, y)) == ink {
				n++
			}
		}
	}
	return float64(n) / float64(b.Dx()*b.Dy())
}

func TestPicture(t *testing.T) {
	empty := inked(drawn(t, start(t).Direct("rita", "stats")[0].Post.Files))
	w := start(t)
	filled(t, w)
	for _, span := range []string{"1j", "7j", "30j", "366j"} {
		t.Run(span, func(t *testing.T) {
			if full := inked(drawn(t, w.Direct("rita", "stats "+span)[0].Post.Files)); full < empty+0.02 {
				t.Errorf("bars on %.3f of the picture, %.3f where there is nothing", full, empty)
			}
		})
	}
	begun := time.Now()
	w.Direct("rita", "stats 30j")
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}
