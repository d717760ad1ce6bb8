package interest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/handlers/campaigns"
	"candide/handlers/handlertest"
	"candide/handlers/interest"
	"candide/storage"
)

const campaign = `
id: test
title: {fr: Un poste, en: A job}
address: vous
closes: 2020-11-23T23:59
decision_days: 28
contact: rh@example.org
apply: https://apply.example.org
entries: [{id: salaire, question: Combien ?, answer: Assez.}]
`

// index has a FAQ and answers nothing.
var configured = interest.Privacy{
	Controller: "le service du recrutement", Contact: "dpo@example.org", LegalBasis: "le consentement",
	AfterCampaign: 3, WithConsent: 24,
}

func start(t *testing.T, file string, p interest.Privacy) *bottest.World {
	t.Helper()
	f := handlertest.Parse(t, file)
	w := handlertest.Words(t, "vous")
	set := campaigns.NewSet(campaigns.New(handlertest.Index{Of: f}, nil, "", nil))
	return bottest.NewWorld(t, bottest.Options{Phrases: w, Register: func(world *bottest.World) {
		if err := interest.New(world.Store, w, set, world.Clock.Now, p).Register(world.Routes); err != nil {
			t.Fatal(err)
		}
	}})
}

// fill says each answer in turn, and returns what the last one was answered.
func fill(w *bottest.World, who bot.UserID, answers ...string) string {
	last := ""
	for _, answer := range answers {
		last = ""
		for _, made := range w.Direct(who, answer) {
			last += made.Post.Text
		}
	}
	return last
}

func stored(t *testing.T, w *bottest.World, who bot.UserID) storage.Interest {
	t.Helper()
	i, err := w.Store.InterestOf(context.Background(), "test", bottest.Who(who).Ref())
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func none(t *testing.T, w *bottest.World, who bot.UserID) {
	t.Helper()
	if i, err := w.Store.InterestOf(context.Background(), "test", bottest.Who(who).Ref()); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("kept %+v, %v", i, err)
	}
}

func TestWholeForm(t *testing.T) {
	w := start(t, campaign, configured)
	notice := fill(w, "carl", "intérêt")
	for _, must := range []string{ // what people must read before anything is collected
		"le service du recrutement", "échanger au sujet de « Un poste »", "Base légale : le consentement. Elles sont gardées jusqu’au dimanche 21 mars 2021 au plus tard. L’accord",
		"Seule l’équipe de recrutement", "retiré à tout moment", "`mes-donnees`", "`effacer-mes-donnees`", "dpo@example.org",
		"cnil.fr", "la santé ou la famille", "1. J’accepte et j’ai 15 ans ou plus", "2. Non merci",
	} {
		if !strings.Contains(notice, must) {
			t.Errorf("the notice lacks %q: %s", must, notice)
		}
	}
	if strings.Contains(notice, "  ") {
		t.Errorf("the notice has two spaces in a row: %q", notice)
	}
	none(t, w, "carl")
	if got := fill(w, "carl", "1"); !strings.HasPrefix(got, "**Votre nom**") {
		t.Errorf("after the consent: %q", got)
	}
	if got := fill(w, "carl", "Carl", "quelque part", "2"); !strings.HasPrefix(got, "Il faut une adresse e-mail ou un numéro de téléphone.") {
		t.Errorf("nowhere to be reached: %q", got)
	}
	got := fill(w, "carl", "carl@example.org", "2", "santé, écologie", "passer", "oui, pour d'autres campagnes aussi")
	if !strings.HasPrefix(got, "Merci, c’est enregistré (n° 1).") || !strings.Contains(got, "https://apply.example.org") {
		t.Errorf("at the end: %q", got)
	}
	now := w.Clock.Now()
	want := storage.Interest{
		Number: 1, Campaign: "test", Person: "fake:carl", Name: "Carl", Reach: "carl@example.org", Level: "experienced",
		Subjects: "santé, écologie", Stage: storage.StageNew,
	}
	i := stored(t, w, "carl")
	for what, at := range map[string]time.Time{"consent": i.ConsentAt, "recontact": i.RecontactAt, "creation": i.CreatedAt, "update": i.UpdatedAt} {
		if !at.Equal(now) {
			t.Errorf("%s at %s, want %s", what, at, now)
		}
	}
	// 24 months from now, which is later than three months after the decisions.
	if !i.ExpiresAt.Equal(now.AddDate(0, 24, 0)) {
		t.Errorf("forgotten at %s", i.ExpiresAt)
	}
	i.ConsentAt, i.RecontactAt, i.CreatedAt, i.UpdatedAt, i.ExpiresAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}, time.Time{}
	if i.Name != want.Name || i.Reach != want.Reach || i.Level != want.Level || i.Subjects != want.Subjects ||
		i.Message != "" || i.Number != 1 || i.Stage != want.Stage || i.Person != want.Person {
		t.Errorf("kept %+v, want %+v", i, want)
	}
}

func TestConsentRefused(t *testing.T) {
	w := start(t, campaign, configured)
	if got := fill(w, "carl", "interet", "non merci"); got != "C’est noté, rien n’est enregistré. Vous pouvez toujours écrire à **rh@example.org**." {
		t.Errorf("answered %q", got)
	}
	none(t, w, "carl")
	w = start(t, strings.Replace(campaign, "contact: rh@example.org\n", "", 1), configured)
	if got := fill(w, "carl", "interet", "2"); got != "C’est noté, rien n’est enregistré." {
		t.Errorf("where the campaign names nobody: %q", got)
	}
}

func TestCancelledHalfway(t *testing.T) {
	w := start(t, campaign, configured)
	fill(w, "carl", "interet", "1", "Carl", "carl@example.org", "annuler")
	none(t, w, "carl")
}

// Without anybody who answers for the data, none is taken.
func TestNoController(t *testing.T) {
	p := configured
	p.Controller = ""
	w := start(t, campaign, p)
	if got := fill(w, "carl", "interet"); got != "Je ne peux pas prendre vos coordonnées ici. Écrivez à **rh@example.org**." {
		t.Errorf("answered %q", got)
	}
	if p.Collects() {
		t.Error("it collects")
	}
	if got := fill(w, "carl", "1"); got != "" {
		t.Errorf("and yet a form goes on: %q", got)
	}
}

func TestDemonstration(t *testing.T) {
	w := start(t, campaign, interest.Privacy{Demonstration: true, AfterCampaign: 3, WithConsent: 24})
	notice := fill(w, "carl", "interet")
	if !strings.Contains(notice, "Ceci est une démonstration") || !strings.Contains(notice, "après 24 heures") || strings.Contains(notice, "gardées jusqu’au") {
		t.Errorf("the notice says %q", notice)
	}
	if got := fill(w, "carl", "1", "Carl", "06 12 34 56 78", "3", "-", "-"); strings.Contains(got, "24 mois") {
		t.Errorf("the second consent promises %q", got)
	}
	fill(w, "carl", "2") // yes, to hear of other campaigns
	i := stored(t, w, "carl")
	if i.RecontactAt.IsZero() || !i.ExpiresAt.Equal(w.Clock.Now().Add(24*time.Hour)) {
		t.Errorf("forgotten at %s", i.ExpiresAt)
	}
	w.Clock.Advance(24*time.Hour - time.Second)
	if purged, err := w.Store.Purge(context.Background(), w.Clock.Now()); err != nil || purged.Interests != 0 {
		t.Errorf("a second before: %+v, %v", purged, err)
	}
	w.Clock.Advance(time.Second)
	if purged, err := w.Store.Purge(context.Background(), w.Clock.Now()); err != nil || purged.Interests != 1 {
		t.Errorf("after a day: %+v, %v", purged, err)
	}
	none(t, w, "carl")
}

func TestExpiry(t *testing.T) {
	for _, c := range []struct {
		name       string
		now        string
		afterMonth int
		recontact  string
		want       string
	}{
		// Closes on 23 November, decided 28 days later, on 21 December; kept three months more.
		{"open", "2020-11-16T10:00:00+01:00", 3, "non", "2021-03-21T23:59:00+01:00"},
		{"closed, before the decisions", "2020-12-01T10:00:00+01:00", 3, "non", "2021-03-21T23:59:00+01:00"},
		{"after the decisions", "2021-02-01T10:00:00+01:00", 3, "non", "2021-05-01T10:00:00+02:00"},
		{"recontact", "2020-11-16T10:00:00+01:00", 3, "oui", "2022-11-16T10:00:00+01:00"},
		// A consent to more never shortens what the campaign keeps anyway.
		{"recontact shorter than the campaign", "2020-11-16T10:00:00+01:00", 36, "oui", "2023-12-21T23:59:00+01:00"},
	} {
		p := configured
		p.AfterCampaign = c.afterMonth
		w := start(t, campaign, p)
		now, want := instant(t, c.now), instant(t, c.want)
		w.Clock.Set(now)
		fill(w, "carl", "interet", "1", "Carl", "carl@example.org", "1", "-", "-", c.recontact)
		if got := stored(t, w, "carl").ExpiresAt; got.Sub(want).Abs() > time.Hour { // an hour of summer time either way
			t.Errorf("%s: forgotten at %s, want %s", c.name, got, want)
		}
	}
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// Saying it again changes what is kept: the same number, the first consent, the other answers new.
func TestEdit(t *testing.T) {
	w := start(t, campaign, configured)
	fill(w, "dina", "interet", "1", "Dina", "dina@example.org", "1", "-", "-", "1")
	fill(w, "carl", "interet", "1", "Carl", "carl@example.org", "1", "santé", "bonjour", "2")
	first := stored(t, w, "carl")
	w.Clock.Advance(48 * time.Hour)
	if got := fill(w, "carl", "interet"); !strings.HasPrefix(got, "**Votre nom**") || !strings.Contains(got, "Carl") {
		t.Errorf("the consent was given: %q", got)
	}
	if got := fill(w, "carl", "garder", "07 11 22 33 44"); !strings.Contains(got, "garder » pour laisser : Jusqu’à 5 ans") {
		t.Errorf("the level is asked as %q", got)
	}
	if got := fill(w, "carl", "garder", "garder", "passer", "1"); got != "C’est mis à jour (n° 2)." {
		t.Errorf("at the end: %q", got)
	}
	i := stored(t, w, "carl")
	if i.Number != 2 || i.Name != "Carl" || i.Reach != "07 11 22 33 44" || i.Level != "junior" || i.Subjects != "santé" || i.Message != "" {
		t.Errorf("kept %+v", i)
	}
	if !i.ConsentAt.Equal(first.ConsentAt) || !i.CreatedAt.Equal(first.CreatedAt) || !i.UpdatedAt.Equal(w.Clock.Now()) || !i.RecontactAt.IsZero() {
		t.Errorf("times %+v", i)
	}
}

// Erased between two steps: nothing is assumed of a consent that is gone.
func TestErasedHalfway(t *testing.T) {
	w := start(t, campaign, configured)
	fill(w, "carl", "interet", "1", "Carl", "carl@example.org", "1", "-", "-", "1")
	fill(w, "carl", "interet", "garder", "garder", "garder", "-")
	if _, err := w.Store.ErasePerson(context.Background(), "fake:carl", w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	fill(w, "carl", "-", "1")
	none(t, w, "carl")
}

func TestReach(t *testing.T) {
	for reach, want := range map[string]bool{
		"carl@example.org":                   true,
		"Carl <carl@example.org>":            true,
		"par mail : carl@example.org.":       true,
		"06 12 34 56 78":                     true,
		"+33 (0)6.12.34.56.78":               true,
		"@carl sur le chat":                  false,
		"carl@localhost":                     false,
		"1234567":                            false,
		"demandez à l'accueil":               false,
		"carl@@example.org":                  false,
		"carl@example.org ou 06 12 34 56 78": true,
	} {
		w := start(t, campaign, configured)
		asked := fill(w, "carl", "interet", "1", "Carl", reach, "1")
		if got := strings.HasPrefix(asked, "**Équipes ou sujets**"); got != want {
			t.Errorf("%q: taken: %v, want %v (%q)", reach, got, want, asked)
		}
	}
}

func TestInEnglish(t *testing.T) {
	w := start(t, campaign, configured)
	posts := w.Message(bot.Message{Place: bottest.DirectPlace("carl"), From: bottest.Who("carl"), Text: "interest", Addressed: true, Lang: "en"})
	if got := posts[0].Post.Text; !strings.Contains(got, "Before you start.") || !strings.Contains(got, "“A job”") || !strings.Contains(got, "Sunday 21 March 2021") {
		t.Errorf("the notice says %q", got)
	}
}

// Under 15 there is no form, only the contact.
func TestTooYoung(t *testing.T) {
	w := start(t, campaign, configured)
	got := fill(w, "carl", "interet", "j'ai moins de 15 ans")
	if !strings.Contains(got, "moins de 15 ans, et rien n’est enregistré. Écrivez à **rh@example.org**") {
		t.Errorf("answered %q", got)
	}
	none(t, w, "carl")
	if kept, err := w.Store.Kept(context.Background(), "fake:carl"); err != nil || len(kept.Forms) != 0 {
		t.Errorf("kept %+v, %v", kept, err)
	}
	if got := fill(w, "carl", "Carl"); got != "" {
		t.Errorf("and yet the form goes on: %q", got)
	}
}

func TestName(t *testing.T) {
	for name, want := range map[string]bool{
		"Carl": true, "Ł": true, "李": true, "C. d’Arc-Lîn": true, "Jean 2": true, "Passereau": true,
		"-": false, "—": false, "...": false, "42": false, "passer": false, "Skip": false, "🙂": false, "garder": false,
	} {
		w := start(t, campaign, configured)
		asked := fill(w, "carl", "interet", "1", name, "carl@example.org", "1")
		if got := strings.HasPrefix(asked, "**Équipes ou sujets**"); got != want {
			t.Errorf("%q: taken: %v, want %v (%q)", name, got, want, asked)
		}
		if !want && !strings.HasPrefix(asked, "Il faut un nom, avec des lettres.") {
			t.Errorf("%q: answered %q", name, asked)
		}
	}
}

// Withdrawn by the command or the button, and back by the form.
func TestWithdraw(t *testing.T) {
	w := start(t, campaign, configured)
	if got := fill(w, "carl", "intérêt retirer"); got != "Je n’ai pas vos coordonnées pour cette campagne : il n’y a rien à retirer." {
		t.Errorf("nothing to withdraw: %q", got)
	}
	fill(w, "carl", "interet", "1", "Carl", "carl@example.org", "1", "-", "-", "1")
	saved := w.Platform.Last()
	if got := fill(w, "carl", "interet retirer"); !strings.HasPrefix(got, "C’est noté : vous vous retirez (n° 1)") {
		t.Errorf("answered %q", got)
	}
	if i := stored(t, w, "carl"); i.Stage != storage.StageWithdrawn || i.Name != "Carl" {
		t.Errorf("kept %+v", i)
	}
	fill(w, "carl", "interet", "garder", "garder", "garder", "-", "-", "1")
	if i := stored(t, w, "carl"); i.Stage != storage.StageNew || i.Number != 1 {
		t.Errorf("back: %+v", i)
	}
	w.Press("carl", saved, "Me retirer")
	if i := stored(t, w, "carl"); i.Stage != storage.StageWithdrawn {
		t.Errorf("by the button: %+v", i)
	}
}
