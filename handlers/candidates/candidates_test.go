package candidates_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/handlers/campaigns"
	"candide/handlers/candidates"
	"candide/handlers/handlertest"
	"candide/handlers/words"
	"candide/internal/fold"
	"candide/storage"
)

// start begins on Monday 16 November 2020 at 10:00 in Paris. rita and rose are recruiters, carl is not.
func start(t *testing.T, others ...string) *bottest.World {
	t.Helper()
	var list []*campaigns.Campaign
	for _, id := range append([]string{"test"}, others...) {
		f := handlertest.Parse(t, "id: "+id+"\ntitle: {fr: Un poste, en: A job}\naddress: tu\nentries: [{id: a, question: Q ?, answer: R.}]")
		list = append(list, campaigns.New(handlertest.Index{Of: f}, []string{"canal-" + id}, "", nil))
	}
	w := handlertest.Words(t, "tu")
	set := campaigns.NewSet(list[0], list[1:]...)
	world := bottest.NewWorld(t, bottest.Options{Phrases: w, Register: func(world *bottest.World) {
		if err := candidates.New(world.Store, w, set, world.Clock.Now, world.Runtime).Register(world.Routes); err != nil {
			t.Fatal(err)
		}
		world.Routes.Text(func(context.Context, bot.Request) (bot.Response, error) { return bot.Say("une réponse"), nil })
	}})
	world.Platform.AddRecruiter("rita")
	world.Platform.AddRecruiter("rose")
	return world
}

func interested(t *testing.T, w *bottest.World, n int) {
	t.Helper()
	for i := range n {
		_, _, err := w.Store.SaveInterest(context.Background(), storage.Interest{
			Campaign: "test", Person: storage.PersonRef(fmt.Sprint("fake:p", i)), Name: fmt.Sprintf("Personne %d", i+1),
			Reach: "p@example.org", Level: []string{"experienced", "junior"}[i%2], Message: "bonjour {stage}", Stage: storage.StageNew,
			CreatedAt: w.Clock.Now(), UpdatedAt: w.Clock.Now(), ConsentAt: w.Clock.Now(),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func interestOf(t *testing.T, w *bottest.World, n int) storage.Interest {
	t.Helper()
	i, err := w.Store.Interest(context.Background(), n)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestList(t *testing.T) {
	w := start(t)
	if got := w.Say("rita", "candidats"); got != "Personne n’a encore laissé ses coordonnées." {
		t.Errorf("nobody: %q", got)
	}
	interested(t, w, 1)
	if got := w.Say("rita", "candidats liste"); got != "**1 personne intéressée**\n\n- n° 1 · Personne 1 · nouveau · depuis le lundi 16 novembre 2020" {
		t.Errorf("one: %q", got)
	}
	interested(t, w, 23)
	first := w.Direct("rita", "candidats")[0]
	if got := first.Post.Text; !strings.HasPrefix(got, "**23 personnes intéressées**") || strings.Count(got, "\n- n° ") != 10 ||
		!strings.HasSuffix(got, "1 à 10, sur 23.") || first.Button("Précédents") != "" {
		t.Errorf("the first page: %q", got)
	}
	if first.Button("Voir n° 10") == "" || first.Button("Voir n° 11") != "" {
		t.Errorf("buttons: %+v", first.Post.Actions)
	}
	for _, press := range []struct {
		label, want string
		rows        int
	}{{"Suivants", "11 à 20, sur 23.", 10}, {"Suivants", "21 à 23, sur 23.", 3}, {"Précédents", "11 à 20, sur 23.", 10}} {
		w.Press("rita", w.Platform.Last(), press.label)
		if got := w.Platform.Last().Post.Text; !strings.HasSuffix(got, press.want) || strings.Count(got, "\n- n° ") != press.rows {
			t.Errorf("%s: %q", press.label, got)
		}
	}
}

// With two campaigns, their own channels list their own candidates, and every other place all of them.
func TestSeveralCampaigns(t *testing.T) {
	w := start(t, "other")
	interested(t, w, 12)
	_, _, err := w.Store.SaveInterest(context.Background(), storage.Interest{
		Campaign: "other", Person: "fake:p1", Name: "Autre", CreatedAt: w.Clock.Now(), UpdatedAt: w.Clock.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	all := w.Say("rita", "candidats")
	if !strings.HasPrefix(all, "**13 personnes") || !strings.Contains(all, "- n° 1 · Personne 1 · nouveau · depuis le lundi 16 novembre 2020 · Un poste") {
		t.Errorf("everywhere: %q", all)
	}
	for place, want := range map[string]string{"canal-test": "**12 personnes intéressées**", "canal-other": "**1 personne intéressée**"} {
		got := w.Slash("rita", bottest.PrivatePlace(place), "candidats")[0]
		if !strings.HasPrefix(got.Post.Text, want) || strings.Contains(got.Post.Text, "Un poste") {
			t.Errorf("in %s: %q", place, got.Post.Text)
		}
		if place == "canal-test" { // its second page, turned where the answer is read
			w.Press("rita", got, "Suivants")
			found := false
			for _, made := range w.Platform.Posts() {
				found = found || strings.HasSuffix(made.Post.Text, "11 à 12, sur 12.")
			}
			if !found {
				t.Error("the page leaves its campaign")
			}
		}
		files := w.Slash("rita", bottest.PrivatePlace(place), "candidats export")[0].Post.Files
		if n := strings.Count(string(files[1].Data), `"number"`); fmt.Sprint(n) != strings.Fields(want[2:])[0] {
			t.Errorf("%s exports %d", place, n)
		}
	}
	// Short for the same.
	if got := w.Say("rita", "candidat voir 13"); !strings.HasPrefix(got, "**N° 13 : Autre**") {
		t.Errorf("answered %q", got)
	}
}

func TestFilter(t *testing.T) {
	w := start(t)
	interested(t, w, 4)
	for n, stage := range map[int]string{1: "contacté", 2: "a candidaté", 3: "retenue"} {
		if got := w.Say("rita", fmt.Sprintf("candidats étape %d %s", n, stage)); !strings.HasPrefix(got, fmt.Sprintf("N° %d : nouveau → ", n)) {
			t.Errorf("moved: %q", got)
		}
	}
	for filter, want := range map[string]string{
		"contacté": "1", "contactee": "1", "CONTACTED": "1", "contacté·e": "1", "A CANDIDATE": "2", "a-candidaté": "2", "applied": "2",
		"retenu": "3", "retenu(e)": "3", "nouveau": "4", "nouv": "4", "new": "4", "junior": "2 4", "expérimenté": "1 3", "junior nouveau": "4",
		"jury": "", "non retenu": "", "désisté·e": "",
	} {
		got := w.Say("rita", "candidats liste "+filter)
		var found []string
		for n := 1; n <= 4; n++ {
			if strings.Contains(got, fmt.Sprintf("- n° %d ", n)) {
				found = append(found, fmt.Sprint(n))
			}
		}
		if strings.Join(found, " ") != want {
			t.Errorf("%q: %q", filter, got)
		}
		if want == "" && !strings.Contains(got, "Personne n’est dans ce cas.") {
			t.Errorf("%q, which nobody is: %q", filter, got)
		}
	}
	if got := w.Say("rita", "candidats liste nonchalants"); !strings.HasPrefix(got, "Je ne connais pas l’étape « nonchalants ».") ||
		!strings.Contains(got, "nouveau, contacté, a candidaté, jury, retenu, non retenu, désisté·e") {
		t.Errorf("no stage: %q", got)
	}
}

// Every stage is understood by its name, in both languages, with or without accents.
func TestEveryStage(t *testing.T) {
	w := start(t)
	interested(t, w, 1)
	phrases := handlertest.Words(t, "tu")
	for _, lang := range words.Languages {
		for _, stage := range append(storage.Stages()[1:], storage.StageNew) {
			name := phrases.Say(lang, "stage-"+string(stage))
			for _, typed := range []string{name, strings.ToUpper(name), fold.String(name), string(stage)} {
				w.Say("rita", "candidats étape 1 "+typed)
				if got := interestOf(t, w, 1).Stage; got != stage {
					t.Errorf("%q is taken for %s, not %s", typed, got, stage)
				}
			}
		}
	}
}

func TestView(t *testing.T) {
	w := start(t)
	interested(t, w, 7)
	shown := w.Press("rita", w.Direct("rita", "candidats")[0], "Voir n° 7")
	want := "**N° 7 : Personne 7**\nJoindre : p@example.org\nExpérience : Plus de 5 ans\nÉquipes ou sujets : non précisé\n" +
		"Message : bonjour {stage}\nÉtape : nouveau · inscrit·e le lundi 16 novembre 2020 · autres campagnes : non"
	if got := shown[0].Post.Text; got != want {
		t.Errorf("shown\n%q, want\n%q", got, want)
	}
	for text, want := range map[string]string{
		"candidats voir n° 7":    "**N° 7 : Personne 7**",
		"candidats voir #2":      "**N° 2 : Personne 2**",
		"candidates view no. 2":  "**N° 2 : Personne 2**",
		"candidats voir 9":       "Il n’y a pas de n° 9.",
		"candidats voir":         "Il faut un numéro",
		"candidats voir sept":    "Il faut un numéro",
		"candidats voir 0":       "Il faut un numéro",
		"candidats étape":        "Écrire : `candidats étape 1 jury`.",
		"candidats étape jury 2": "Écrire : `candidats étape 1 jury`.",
		"candidats étape 2 loin": "Je ne connais pas l’étape « loin ».",
		"candidats étape 9 jury": "Il n’y a pas de n° 9.",
		"candidats note":         "Écrire : `candidats note 1 à rappeler lundi`.",
		"candidats note 9 vu":    "Il n’y a pas de n° 9.",
		"candidats etap 2 jury":  "Je ne connais pas cette commande. Peut-être : `candidats étape` ?",
	} {
		if got := w.Say("rita", text); !strings.HasPrefix(got, want) {
			t.Errorf("%q: %q, want %q…", text, got, want)
		}
	}
}

// From the new to the accepted, by buttons, by words and by the form, with notes by two recruiters.
func TestStagesAndNotes(t *testing.T) {
	w := start(t)
	interested(t, w, 2)
	moved := w.Press("rita", w.Direct("rita", "candidats voir 2")[0], "Passer à : contacté")
	if got := moved[0].Post.Text; got != "N° 2 : nouveau → contacté." {
		t.Errorf("moved: %q", got)
	}
	if got := w.Say("rita", "candidats étape 2 contacté"); got != "N° 2 est déjà à l’étape « contacté »." {
		t.Errorf("moved where they are: %q", got)
	}
	w.Clock.Advance(time.Hour)
	if got := w.Say("rose", "candidats note 2 : appelée, très intéressée"); got != "C’est noté pour le n° 2." {
		t.Errorf("noted: %q", got)
	}
	asked := w.Press("rita", w.Direct("rita", "candidats voir 2")[0], "Autre étape")
	if got := asked[0].Post.Text; !strings.Contains(got, "N° 2, à l’étape « contacté ».") || !strings.Contains(got, "5. retenu") {
		t.Errorf("asked: %q", got)
	}
	if got := w.Say("rita", "5"); got != "N° 2 : contacté → retenu." {
		t.Errorf("moved by the form: %q", got)
	}
	w.Press("rita", w.Direct("rita", "candidats voir 2")[0], "Ajouter une note")
	if got := w.Say("rita", strings.Repeat("é", 1001)); !strings.Contains(got, "1000") {
		t.Errorf("a note that is too long: %q", got)
	}
	if got := w.Say("rita", "contrat envoyé"); got != "C’est noté pour le n° 2." {
		t.Errorf("noted by the form: %q", got)
	}
	card := w.Say("rose", "candidats voir 2")
	for _, must := range []string{
		"- Note du lundi 16 novembre 2020 à 11 h, par rose : appelée, très intéressée",
		"- Note du lundi 16 novembre 2020 à 11 h, par rita : contrat envoyé", "Étape : retenu",
	} {
		if !strings.Contains(card, must) {
			t.Errorf("the card lacks %q: %q", must, card)
		}
	}
	if i := interestOf(t, w, 1); i.Stage != storage.StageNew || len(i.Notes) != 0 {
		t.Errorf("the other one: %+v", i)
	}
	// Who did what is in the log, without a word of what was written.
	changes, err := w.Store.Changes(context.Background(), "candidate/2", 0)
	if err != nil {
		t.Fatal(err)
	}
	var log []string
	for _, c := range changes {
		log = append(log, fmt.Sprintf("%s %s %s", c.By, c.Action, c.Detail))
	}
	if got, want := strings.Join(log, "; "), "fake:rita note ; fake:rita stage contacte > retenu; fake:rose note ; fake:rita stage nouveau > contacte;  interest "; got != want {
		t.Errorf("the log: %q", got)
	}
}

// A card with many notes is still one post.
func TestManyNotes(t *testing.T) {
	w := start(t)
	interested(t, w, 1)
	for n := range 8 {
		w.Say("rita", fmt.Sprintf("candidats note 1 vue %d", n+1))
	}
	got := w.Say("rita", "candidats voir 1")
	if strings.Contains(got, "vue 3") || !strings.Contains(got, "(3 notes plus anciennes, dans `candidats export`)") || !strings.Contains(got, "vue 4") || !strings.HasSuffix(got, "vue 8") {
		t.Errorf("shown %q", got)
	}
}

// Somebody who is no recruiter any more when they send the form changes nothing.
func TestFormsCheckRights(t *testing.T) {
	w := start(t)
	interested(t, w, 1)
	for _, ask := range []string{"candidats étape 1", "candidats note 1"} {
		w.Direct("rita", ask)
		w.Platform.RemoveRecruiter("rita")
		if got := w.Say("rita", "jury"); got != "Cette commande est réservée à l’équipe de recrutement." {
			t.Errorf("%q: %q", ask, got)
		}
		w.Platform.AddRecruiter("rita")
	}
	if i := interestOf(t, w, 1); i.Stage != storage.StageNew || len(i.Notes) != 0 {
		t.Errorf("changed: %+v", i)
	}
}

// Erased between the list and the click.
func TestErasedMeanwhile(t *testing.T) {
	w := start(t)
	interested(t, w, 1)
	card := w.Direct("rita", "candidats voir 1")[0]
	w.Direct("rita", "candidats note 1")
	if _, err := w.Store.ErasePerson(context.Background(), "fake:p0", w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if got := w.Say("rita", "vue"); !strings.HasPrefix(got, "Il n’y a pas de n° 1.") {
		t.Errorf("the note: %q", got)
	}
	if got := w.Press("rita", card, "contacté")[0].Post.Text; !strings.HasPrefix(got, "Il n’y a pas de n° 1.") {
		t.Errorf("the button: %q", got)
	}
}

func TestExport(t *testing.T) {
	w := start(t)
	if got := w.Say("rita", "candidats export"); got != "Personne n’a encore laissé ses coordonnées." {
		t.Errorf("nobody: %q", got)
	}
	interested(t, w, 3)
	w.Say("rita", "candidats note 2 =1+1")
	for _, place := range []bot.Place{bottest.PublicPlace("recrutement"), bottest.PrivatePlace("recruteurs")} {
		posts := w.Slash("rita", place, "candidats export")
		if len(posts) != 1 || !posts[0].To.Direct || len(posts[0].Post.Files) != 2 {
			t.Fatalf("in %s: %+v", place.Name, posts)
		}
		files := posts[0].Post.Files
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(files[0].Data), "\ufeff"))).ReadAll()
		if err != nil || len(rows) != 4 || rows[2][2] != "Personne 2" || !strings.HasSuffix(rows[2][12], "=1+1") || rows[2][12][0] == '=' {
			t.Errorf("the table: %q, %v", rows, err)
		}
		var list []storage.Interest
		if err := json.Unmarshal(files[1].Data, &list); err != nil || len(list) != 3 || list[1].Notes[0].Text != "=1+1" {
			t.Errorf("the tree: %+v, %v", list, err)
		}
	}
	changes, err := w.Store.Changes(context.Background(), "campaign/test", 0)
	if err != nil || len(changes) != 2 || changes[0].Action != storage.ChangeExport || changes[0].By != "fake:rita" {
		t.Errorf("the log: %+v, %v", changes, err)
	}
}

// Names never go where everybody reads, whoever asks and however.
func TestNamesStayPrivate(t *testing.T) {
	w := start(t)
	interested(t, w, 3)
	for _, text := range []string{"candidats", "candidats liste junior", "candidats voir 2", "candidats étape 2 jury", "candidats note 2 vue", "candidats export"} {
		if got := w.Say("carl", text); got != "Cette commande est réservée à l’équipe de recrutement." {
			t.Errorf("%q by a candidate: %q", text, got)
		}
		public := bottest.PublicPlace("recrutement")
		asked := w.Message(bot.Message{Place: public, From: bottest.Who("rita"), Text: text, Addressed: true})
		asked = append(asked, w.Slash("rita", public, text)...)
		for _, made := range asked {
			if !made.To.Direct && !made.To.Private {
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
