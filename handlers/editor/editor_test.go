package editor_test

import (
	"context"
	"strings"
	"testing"

	"candide/bot"
	"candide/bot/bottest"
	"candide/faq"
	"candide/faq/text"
	"candide/faq/topics"
	"candide/handlers/ask"
	"candide/handlers/campaigns"
	"candide/handlers/editor"
	"candide/handlers/handlertest"
)

const file = `
id: test
title: Un poste
address: tu
closes: 2020-11-23T23:59
contact: rh@example.org
entries:
  - id: salaire
    topics: [salaire]
    title: {fr: Le salaire, en: Pay}
    question: {fr: Quel est le salaire ?, en: How much is the pay?}
    answer: {fr: 2 500 € nets., en: "€2,500 net."}
    phrasings: {fr: ["C'est payé combien ?", "Combien on gagne ?"]}
  - id: contrat
    topics: [contrat, duree-contrat]
    title: Le contrat
    question: Quel est le contrat ?
    answer: Un CDD de six mois.
    see: [salaire]
    phrasings: ["CDD ou CDI ?"]
`

// rig is a world in which rita and rosa recruit, and carl does not.
type rig struct {
	*bottest.World
	t       *testing.T
	set     *campaigns.Set
	editor  *editor.Handler
	changed []editor.Changed
	file    string
}

func start(t *testing.T, dialogs bool) *rig {
	t.Helper()
	model, err := topics.Load()
	if err != nil {
		t.Fatal(err)
	}
	build := func(f *faq.FAQ) (campaigns.Index, error) { return faq.NewIndex(f, model), nil }
	w := handlertest.Words(t, "tu")
	r := &rig{t: t, file: file}
	o := bottest.Options{Phrases: w, Register: func(world *bottest.World) {
		f, err := faq.Parse("test.yaml", []byte(r.file), topics.Known)
		if err != nil {
			t.Fatal(err)
		}
		index, _ := build(f)
		r.set = campaigns.NewSet(campaigns.New(index, []string{"recrutement"}, "", nil))
		r.editor = editor.New(editor.Options{
			Store: world.Store, Words: w, Campaigns: r.set, Now: world.Clock.Now, Build: build, Topics: topics.Known,
			Propose: func(q string) string { scores := model.Classify(text.NewReader().Read(q)); return scores[0].Topic },
		})
		if r.changed, err = r.editor.Load(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := r.editor.Register(world.Routes); err != nil {
			t.Fatal(err)
		}
		ask.New(ask.Options{Words: w, Campaigns: r.set, Now: world.Clock.Now}).Register(world.Routes)
	}}
	if dialogs {
		o.Platform = func(p *bottest.Platform) bot.Platform { return bottest.NewFullDialogs(p) }
	}
	r.World = bottest.NewWorld(t, o)
	r.Platform.AddRecruiter("rita")
	r.Platform.AddRecruiter("rosa")
	return r
}

func TestListAndView(t *testing.T) {
	r := start(t, false)
	made := r.Direct("rita", "faq liste")[0]
	for _, want := range []string{"Un poste", "2 fiches en ligne", "1. **Le salaire** · `salaire`", "2. **Le contrat**"} {
		if !strings.Contains(made.Post.Text, want) {
			t.Errorf("%q is not in the list:\n%s", want, made.Post.Text)
		}
	}
	seen := r.Press("rita", made, "Le contrat")[0].Post.Text
	if !strings.Contains(seen, "Un CDD de six mois.") || !strings.Contains(seen, "CDD ou CDI") {
		t.Errorf("pressed: %s", seen)
	}
	for text, want := range map[string]string{
		"faq voir 1": "2 500 €", "faq voir salaire": "2 500 €", "FAQ Voir Le Salaire": "2 500 €", "faq view #1": "2 500 €",
		"faq voir salair": "Peut-être l’une de celles-ci", "faq voir contra": "Peut-être", "faq voir xyzzy": "Il n’y a pas de fiche « xyzzy »",
		"faq voir": "De quelle fiche", "faq voir 9": "Il n’y a pas de fiche", "faq": "2 fiches", "faq list": "2 fiches",
		"faq modifer salaire": "`faq modifier`", "faq histrique salaire": "`faq historique`", "faq archvier salaire": "`faq archiver`",
	} {
		r.Expect("rita", text, want)
	}
	near := r.Direct("rita", "faq voir salair")[0]
	if got := r.Press("rita", near, "Le salaire")[0].Post.Text; !strings.Contains(got, "2 500 €") {
		t.Errorf("the one that was meant: %s", got)
	}
	for _, text := range []string{"faq liste", "faq voir 1", "faq ajouter", "faq modifier 1", "faq archiver 1", "faq historique 1", "faq annuler 1", "faq tester combien ?"} {
		r.Expect("carl", text, "réservée à l’équipe")
	}
}

// change answers the typed form of an entry: a new answer, all else kept.
func (r *rig) change(who bot.UserID, id, answer string) string {
	r.t.Helper()
	r.Expect(who, "faq modifier "+id, "**Question**")
	r.Say(who, "garder")
	r.Say(who, answer)
	r.Say(who, "garder")
	return r.Say(who, "passer")
}

func TestChangeIsLive(t *testing.T) {
	r := start(t, false)
	preview := r.change("rita", "salaire", "2 600 € nets.")
	for _, want := range []string{"Aperçu de « Le salaire »", "> 2 600 € nets.", "anglais n’a pas changé", "Aucune question connue", "1. Enregistrer"} {
		if !strings.Contains(preview, want) {
			t.Errorf("%q is not in the preview:\n%s", want, preview)
		}
	}
	r.Expect("carl", "c'est payé combien ?", "2 500 €")
	r.Expect("rita", "1", "est enregistrée et répond dès maintenant", "version 1")
	r.Expect("carl", "c'est payé combien ?", "2 600 €")
	r.Restart()
	r.Expect("carl", "c'est payé combien ?", "2 600 €")
	r.Expect("rita", "faq historique salaire", "Version 1, modifiée par rita le lundi 16 novembre 2020", "Le fichier : « 2 500 € nets. »")
	r.Expect("rita", "faq liste", "`salaire` · modifiée")
	r.Expect("rita", "faq annuler salaire", "2 500 €", "version 2")
	r.Expect("carl", "c'est payé combien ?", "2 500 €")
	r.Expect("rita", "faq annuler salaire", "2 600 €", "version 3")
	r.Expect("rita", "faq annuler contrat", "n’a jamais été changée")
	made := r.Direct("rita", "faq historique 1")[0]
	if got := r.Press("rita", made, "texte du fichier")[0].Post.Text; !strings.Contains(got, "2 500 €") {
		t.Errorf("back to the file: %s", got)
	}
	r.Expect("carl", "c'est payé combien ?", "2 500 €")
}

func TestTwoRecruitersAtOnce(t *testing.T) {
	r := start(t, false)
	r.change("rita", "salaire", "2 600 € nets.")
	r.change("rosa", "salaire", "2 700 € nets.")
	r.Expect("rita", "1", "est enregistrée")
	r.Expect("rosa", "1", "Rien n’est enregistré", "rita a changé « Le salaire »", "> 2 700 € nets.")
	r.Expect("carl", "c'est payé combien ?", "2 600 €")
	// Another entry is none of their business.
	r.change("rosa", "contrat", "Un CDI.")
	r.Expect("rosa", "1", "est enregistrée")
}

func TestProblemsAreSaidBesideTheirField(t *testing.T) {
	r := start(t, true)
	r.Slash("rita", bottest.PrivatePlace("recruteurs"), "faq modifier salaire")
	opened := r.Platform.Forms()[0]
	send := func(values map[string]string) map[string]string {
		t.Helper()
		invalid, err := r.Runtime.Submit(context.Background(), bot.Submission{
			Key: opened.View.Key, Person: bottest.Who("rita"), Place: bottest.PrivatePlace("recruteurs"), Values: values, Ticket: "stale",
		})
		if err != nil {
			t.Fatal(err)
		}
		return invalid
	}
	values := map[string]string{"question": "Quel est le salaire ?", "answer": "Jusqu’au {fermeture}.", "title": "Le salaire"}
	if got := send(values); got["answer"] != "Ce nom entre accolades n’existe pas : fermeture." {
		t.Errorf("an unknown placeholder: %q", got)
	}
	values["answer"] = "Dès le {starts}."
	if got := send(values); !strings.Contains(got["answer"], "La campagne ne dit pas starts") {
		t.Errorf("a placeholder that the campaign does not say: %q", got)
	}
	values["answer"] = "Jusqu’au {closes}."
	if got := send(values); len(got) != 0 {
		t.Fatalf("a right answer: %q", got)
	}
	preview := r.Platform.Last()
	if !strings.Contains(preview.Post.Text, "Jusqu’au lundi 23 novembre 2020 à 23 h 59.") || !preview.To.Private {
		t.Errorf("the preview: %+v", preview)
	}
	saved := r.Press("rita", preview, "Enregistrer")
	if !strings.Contains(saved[0].Post.Text, "est enregistrée") {
		t.Errorf("saved: %+v", saved)
	}
	r.Expect("carl", "c'est payé combien ?", "23 novembre")
}

func TestAddAndArchive(t *testing.T) {
	r := start(t, false)
	r.Expect("carl", "y a des tickets resto ?", "Je n’ai pas la réponse")
	r.Expect("rita", "faq ajouter Y a-t-il des tickets restaurant ?", "**Question**", "tickets restaurant")
	r.Say("rita", "garder")
	r.Say("rita", "Oui, de 9 €.")
	r.Say("rita", "passer")
	r.Expect("rita", "- ya des tickets resto ?\n- titres restaurant ?", "Aperçu de « Y a-t-il des tickets restaurant ? »", "Sujet reconnu : Repas", "Enregistrer")
	r.Expect("rita", "enregistrer", "version 1")
	r.Expect("carl", "y a des tickets resto ?", "Oui, de 9 €.")
	r.Expect("rita", "faq voir 3", "`tickets-restaurant`", "titres restaurant ?")

	made := r.Direct("rita", "faq archiver 3")[0]
	if !strings.Contains(made.Post.Text, "3 questions connues changeraient de réponse") || !strings.Contains(made.Post.Text, "de `tickets-restaurant` à rien du tout") {
		t.Errorf("archiving: %s", made.Post.Text)
	}
	r.Press("rita", made, "Archiver la fiche")
	r.Expect("carl", "y a des tickets resto ?", "Je n’ai pas la réponse")
	r.Expect("rita", "faq liste", "2 fiches", "`tickets-restaurant` · archivée")
	r.Expect("rita", "faq modifier 3", "est archivée")
	r.Expect("rita", "faq annuler 3", "Oui, de 9 €.")
	r.Expect("carl", "y a des tickets resto ?", "Oui, de 9 €.")

	// What others refer to leaves no reference behind.
	made = r.Direct("rita", "faq archiver salaire")[0]
	r.Press("rita", made, "Archiver la fiche")
	r.Restart()
	r.Expect("rita", "faq liste", "2 fiches")
}

func TestFileChangedUnderneath(t *testing.T) {
	r := start(t, false)
	r.change("rita", "salaire", "2 600 € nets.")
	r.Say("rita", "1")
	if len(r.changed) != 0 {
		t.Fatalf("changed at first: %v", r.changed)
	}
	r.file = strings.Replace(file, "2 500 € nets.", "2 550 € nets.", 1)
	r.Restart()
	if len(r.changed) != 1 || r.changed[0] != (editor.Changed{Campaign: "test", Entry: "salaire"}) {
		t.Errorf("reported: %v", r.changed)
	}
	r.Expect("carl", "c'est payé combien ?", "2 600 €")
	r.Expect("rita", "faq liste", "son fichier a changé depuis")
	made := r.Direct("rita", "faq voir salaire")[0]
	if !strings.Contains(made.Post.Text, "Le fichier de la FAQ a changé depuis") {
		t.Errorf("seen: %s", made.Post.Text)
	}
	r.Press("rita", made, "Garder")
	r.Restart()
	if len(r.changed) != 0 {
		t.Errorf("reported once it was kept: %v", r.changed)
	}
	r.file = strings.Replace(file, "2 500 € nets.", "2 575 € nets.", 1)
	r.Restart()
	made = r.Direct("rita", "faq voir salaire")[0]
	r.Press("rita", made, "Prendre le texte du fichier")
	r.Expect("carl", "c'est payé combien ?", "2 575 €")
}

func TestTry(t *testing.T) {
	r := start(t, false)
	r.Expect("rita", "faq tester c'est payé combien ?", "Je répondrais avec `salaire`", "> 2 500 €", "je répondrais.", "Pourquoi", "à partir de 50 %")
	r.Expect("rita", "faq tester y a des tickets resto ?", "Aucune fiche ne répond", "je me tairais", "une question sans fiche")
	r.Expect("rita", "faq tester je suis enceinte, je peux postuler ?", "santé ou à la famille")
	r.Expect("rita", "faq tester", "Quelle question essayer")
	r.Expect("rita", "faq test how much does it pay?", "salaire")
}
