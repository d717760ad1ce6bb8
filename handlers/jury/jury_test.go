package jury_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/handlers/campaigns"
	"candide/handlers/handlertest"
	"candide/handlers/jury"
	"candide/storage"
)

// panel is a world with an engine, recruiters and channels.
type panel struct {
	*bottest.World
	engine  *bot.Engine
	handler *jury.Handler
}

// start begins on Monday 16 November 2026 at 10:00 in Paris. rita is a recruiter, carl is not.
func start(t *testing.T, teamChannel string) *panel {
	t.Helper()
	return startAt(t, teamChannel, bottest.Options{At: time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)})
}

func startAt(t *testing.T, teamChannel string, o bottest.Options) *panel {
	t.Helper()
	f := handlertest.Parse(t, "id: test\ntitle: Un poste\naddress: tu\nentries: [{id: a, question: Q ?, answer: R.}]")
	w := handlertest.Words(t, "tu")
	p := &panel{}
	set := campaigns.NewSet(campaigns.New(handlertest.Index{Of: f}, nil, teamChannel, nil))
	o.Phrases = w
	o.Register = func(world *bottest.World) {
		h := jury.New(jury.Options{
			Store: world.Store, Words: w, Chat: world.Runtime, Campaigns: set, Now: world.Clock.Now, Rules: []string{"J-7", "J-1", "H-1"},
			PublicURL: "https://candide.example.org/",
		})
		if err := h.Register(world.Routes); err != nil {
			t.Fatal(err)
		}
		p.engine, p.handler = bot.NewEngine(world.Runtime, world.Store, h), h
	}
	p.World = bottest.NewWorld(t, o)
	p.Platform.AddRecruiter("rita")
	p.Platform.AddChannel(bottest.PrivatePlace("equipe"))
	p.Platform.AddChannel(bottest.PrivatePlace("recruteurs"))
	p.Platform.AddChannel(bottest.PublicPlace("cantine"))
	return p
}

// say is what rita is answered; what is due at once is out by then.
func (p *panel) say(text string) string {
	p.T.Helper()
	return p.last(p.Direct("rita", text)).Post.Text
}

// last is the last of the posts that answer somebody; the engine ticks first.
func (p *panel) last(answers []bottest.Posted) bottest.Posted {
	p.T.Helper()
	var last bottest.Posted
	for _, made := range answers {
		if made.To.Place.Visibility == bot.Direct || made.To.Private {
			last = made
		}
	}
	p.tick()
	return last
}

// press presses a button of the post that last answered rita, and returns the answer.
func (p *panel) press(label string) string {
	p.T.Helper()
	var shown bottest.Posted
	for _, made := range p.Platform.Posts() {
		if made.To.To.User == "rita" && made.Button(label) != "" {
			shown = made
		}
	}
	answers := p.Press("rita", shown, label)
	if len(answers) == 0 { // it replaced the one pressed
		for _, made := range p.Platform.Posts() {
			if made.ID == shown.ID {
				answers = append(answers, made)
			}
		}
	}
	return p.last(answers).Post.Text
}

func (p *panel) tick() {
	p.T.Helper()
	if err := p.engine.Tick(context.Background()); err != nil {
		p.T.Errorf("tick: %v", err)
	}
}

func (p *panel) jury(n int) storage.Jury {
	p.T.Helper()
	j, err := p.Store.Jury(context.Background(), n)
	if err != nil {
		p.T.Fatal(err)
	}
	return j
}

// inTeam is everything said in the team's channel, but for the cards.
func (p *panel) inTeam() []string {
	var said []string
	for _, made := range p.Platform.Posts() {
		if made.To.Place.Name == "equipe" && !made.To.Private && !strings.HasSuffix(made.Post.Key, "/card") {
			said = append(said, made.Post.Text)
		}
	}
	return said
}

// card is a jury's card as it stands.
func (p *panel) card(n int) bottest.Posted {
	p.T.Helper()
	var found []bottest.Posted
	for _, made := range p.Platform.Posts() {
		if made.Post.Key == fmt.Sprintf("jury/%d/card", n) {
			found = append(found, made)
		}
	}
	if len(found) != 1 {
		p.T.Fatalf("%d cards of jury %d", len(found), n)
	}
	return found[0]
}

func has(t *testing.T, what, got string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(got, want) {
			t.Errorf("%s: %q lacks %q", what, got, want)
		}
	}
}

func TestPlan(t *testing.T) {
	p := start(t, "")
	got := p.say("jury planifier 2026-12-01 14:00 ~equipe Premier jury")
	has(t, "planned", got, "**Jury n° 1 planifié : Premier jury**", "mardi 1er décembre 2026", "(Europe/Paris)", "dans ~equipe",
		"J-7 le mardi 24 novembre 2026", "J-1 le lundi 30 novembre 2026", "H-1 le mardi 1er décembre 2026")
	j := p.jury(1)
	if want := time.Date(2026, 12, 1, 13, 0, 0, 0, time.UTC); !j.At.Equal(want) || j.Title != "Premier jury" || j.Team.ID != "c-equipe" ||
		j.Campaign != "test" || j.Organiser != "fake:rita" || j.State != storage.JuryPlanned {
		t.Errorf("kept %+v", j)
	}
	if said := p.inTeam(); len(said) != 0 {
		t.Errorf("the team is told %q already", said)
	}
	has(t, "listed", p.say("jury liste"), "- n° 1 · Premier jury · mardi 1er décembre 2026", "prévu")
	has(t, "listed by the shorter name", p.say("jury"), "- n° 1 · Premier jury")
	has(t, "seen", p.say("jury voir n° 1"), "**Jury n° 1 : Premier jury** (prévu)", "Organisé par rita, dans ~equipe.",
		"- J-7 : mardi 24 novembre 2026", "à envoyer")
}

func TestPlanRefused(t *testing.T) {
	p := start(t, "")
	for text, want := range map[string]string{
		"jury planifier ~equipe Premier":                                    "Il manque la date",
		"jury planifier 2026-12-01 ~equipe":                                 "Il manque l’heure",
		"jury planifier 2026-11-16 09:00 ~equipe":                           "Cette date est passée. On continue ?",
		"jury planifier 2020-11-16 09:00 ~equipe":                           "Cette date est passée. On continue ?",
		"jury planifier 2026-12-06 14:00 ~equipe":                           "C’est un dimanche. On continue ?",
		"jury planifier 2026-12-25 14:00 ~equipe":                           "C’est un jour férié : Noël. On continue ?",
		"jury planifier 2026-12-01 23:00 ~equipe":                           "C’est une heure inhabituelle : 23 h. On continue ?",
		"jury planifier mardi 2 décembre 14h":                               "mercredi",
		"jury planifier 2026-12-01 14:00 ~equipe Titre @nemo":               "Je ne connais pas @nemo",
		"jury planifier 2026-12-01 14:00 ~equipe Titre ; quorum 2":          "Un quorum de 2 ne va pas avec 0 membre(s)",
		"jury planifier 2026-12-01 14:00 ~equipe Titre ; salle 4 ; salle 5": "Je ne sais pas que faire de « salle 5 »",
		"jury planifier 2026-12-01 14:00 ~equipe Titre ; candidats 7 14h":   "Il n’y a pas de n° 7",
		"jury planifier 2026-12-01 14:00 Premier":                           "Il faut un canal d’équipe",
		"jury planifier 2026-12-01 14:00 ~inconnu":                          "Je ne trouve pas le canal « inconnu »",
		"jury planifier 2026-12-01 14:00 ~cantine":                          "Le canal « cantine » est public",
		"jury voir":                        "Il faut un numéro",
		"jury voir un":                     "Il faut un numéro",
		"jury voir 7":                      "Il n’y a pas de jury n° 7",
		"jury déplacer 7 2026-12-01 14:00": "Il n’y a pas de jury n° 7",
		"jury annuler 7":                   "Il n’y a pas de jury n° 7",
		"jury rappels 7 J-1":               "Il n’y a pas de jury n° 7",
		"jury liste":                       "Aucun jury n’est prévu",
	} {
		has(t, text, p.say(text), want)
	}
	if juries, err := p.Store.Juries(context.Background(), ""); err != nil || len(juries) != 0 {
		t.Errorf("planned %+v, %v", juries, err)
	}
	if got := p.Direct("carl", "jury planifier 2026-12-01 14:00 ~equipe x"); got[0].Post.Text != "Cette commande est réservée à l’équipe de recrutement." {
		t.Errorf("a candidate is answered %q", got[0].Post.Text)
	}
}

func TestDefaultChannelAndTitle(t *testing.T) {
	p := start(t, "equipe")
	has(t, "planned", p.say("jury planifier 2026-12-01 14:00"), "Jury de recrutement", "dans ~equipe")
	if j := p.jury(1); j.Team.ID != "c-equipe" || j.Title != "Jury de recrutement" {
		t.Errorf("kept %+v", j)
	}
}

// A date that can be read in two ways is asked about, and so is an odd one; a press answers.
func TestPlanAsks(t *testing.T) {
	p := start(t, "equipe")
	got := p.say("jury planifier dans quinze jours 9h Titre")
	has(t, "two readings", got, "Laquelle est la bonne ?")
	has(t, "one chosen", p.press("lundi 30 novembre 2026 à 9 h"), "**Jury n° 1 planifié : Titre**", "lundi 30 novembre 2026 à 9 h")
	p.say("jury planifier 2026-12-25 14:00 Noël")
	has(t, "meant", p.press("Oui"), "**Jury n° 2 planifié : Noël**", "vendredi 25 décembre 2026")
	p.say("jury planifier 2026-12-25 14:00 Noël")
	has(t, "not meant", p.press("Non"), "Rien n’a été fait")
	p.say("jury déplacer 1 2026-12-06 14:00")
	if p.jury(1).Sequence != 0 {
		t.Error("moved to a Sunday unasked")
	}
	has(t, "moved", p.press("Oui"), "**Jury n° 1 déplacé", "dimanche 6 décembre 2026")
	if juries, err := p.Store.Juries(context.Background(), ""); err != nil || len(juries) != 2 {
		t.Errorf("planned %d, %v", len(juries), err)
	}
}

func TestMove(t *testing.T) {
	p := start(t, "")
	p.say("jury planifier 2026-12-01 14:00 ~equipe Premier jury")
	has(t, "moved", p.say("jury déplacer 1 2026-12-03 10:00"), "**Jury n° 1 déplacé : Premier jury**", "jeudi 3 décembre 2026",
		"J-7 le jeudi 26 novembre 2026")
	if said := p.inTeam(); len(said) != 1 || !strings.HasPrefix(said[0], "**Déplacé : Premier jury** (jury n° 1). Nouvelle date : jeudi 3 décembre 2026") {
		t.Errorf("the team is told %q", said)
	}
	has(t, "in the past", p.say("jury déplacer 1 2026-11-01 10:00"), "Cette date est passée", "On continue ?")
	has(t, "no date", p.say("jury déplacer 1 bientôt"), "Il manque la date")
	if j := p.jury(1); j.Sequence != 1 || !j.At.Equal(time.Date(2026, 12, 3, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("kept %+v", j)
	}
	// What was planned for the first date is not sent.
	p.Clock.Set(time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC))
	p.tick()
	if said := p.inTeam(); len(said) != 1 {
		t.Errorf("the team is told %q", said)
	}
}

func TestCancel(t *testing.T) {
	p := start(t, "")
	p.say("jury planifier 2026-12-01 14:00 ~equipe Premier jury")
	has(t, "cancelled", p.say("jury annuler 1 salle indisponible."), "**Jury n° 1 annulé : Premier jury**", ". Motif : salle indisponible. Plus aucun rappel")
	if said := p.inTeam(); len(said) != 1 || !strings.HasPrefix(said[0], "**Annulé : Premier jury** (jury n° 1)") || !strings.HasSuffix(said[0], "Motif : salle indisponible.") {
		t.Errorf("the team is told %q", said)
	}
	for _, text := range []string{"jury annuler 1", "jury déplacer 1 2026-12-03 10:00", "jury rappels 1 J-1"} {
		if got := p.say(text); got != "Le jury n° 1 est déjà annulé." {
			t.Errorf("%s: %q", text, got)
		}
	}
	has(t, "listed", p.say("jury liste"), "· annulé")
	p.Clock.Set(time.Date(2026, 12, 1, 13, 0, 0, 0, time.UTC))
	p.tick()
	if said := p.inTeam(); len(said) != 1 {
		t.Errorf("the team is told %q", said)
	}
}

// The change is made even when the team cannot be told; it is told once the server answers again.
func TestTeamIsToldLater(t *testing.T) {
	p := start(t, "")
	p.say("jury planifier 2026-12-01 14:00 ~equipe Premier jury")
	p.Direct("rita", "jury déplacer 1 2026-12-03 10:00")
	p.Platform.Fail(func(op bottest.Op) error {
		if op == bottest.OpPost || op == bottest.OpUpdate {
			return errors.New("the server does not answer")
		}
		return nil
	})
	if err := p.engine.Tick(context.Background()); err == nil {
		t.Error("no error")
	}
	if said := p.inTeam(); len(said) != 0 {
		t.Errorf("the team is told %q", said)
	}
	p.Platform.Fail(nil)
	p.Clock.Advance(5 * time.Second)
	p.tick()
	if said := p.inTeam(); len(said) != 1 || !strings.HasPrefix(said[0], "**Déplacé : Premier jury**") {
		t.Errorf("the team is told %q", said)
	}
	has(t, "the card", p.card(1).Post.Text, "jeudi 3 décembre 2026")
}

func TestRules(t *testing.T) {
	p := start(t, "")
	p.say("jury planifier 2026-12-01 14:00 ~equipe Premier jury")
	has(t, "changed", p.say("jury rappels 1 M-30 j-2"), "Rappels : J-2 le vendredi 27 novembre 2026", "M-30 le mardi 1er décembre 2026") // the 29th is a Sunday
	has(t, "seen", p.say("jury voir 1"), "- J-7 : mardi 24 novembre 2026", "annulé")
	has(t, "no rule", p.say("jury rappels 1 J-1 bientôt"), "« bientôt » n’est pas un rappel")
	has(t, "none given", p.say("jury rappels 1"), "M-30", "Écrire : `jury rappels 1 J-7 J-1 H-1`")
	has(t, "all past", p.say("jury rappels 1 J-20"), "Aucun rappel ne partira avant ce jury.")
}

// What the team reads, from the first reminder to the last.
func TestWhatRemindersSay(t *testing.T) {
	p := start(t, "")
	p.say("jury planifier 2026-12-01 14:00 ~equipe Premier jury")
	for _, c := range []struct {
		at   time.Time
		want []string
	}{
		{time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC), []string{"**Rappel : Premier jury** (jury n° 1), dans 7 jours.", "mardi 1er décembre 2026", "(Europe/Paris)", "Organisé par rita."}},
		{time.Date(2026, 11, 30, 13, 0, 0, 0, time.UTC), []string{"**Rappel : Premier jury** (jury n° 1), demain."}},
		{time.Date(2026, 12, 1, 12, 10, 0, 0, time.UTC), []string{"**Rappel : Premier jury** (jury n° 1), dans 50 minutes.", "_Ce rappel part avec retard : il était prévu le mardi 1er décembre 2026"}},
	} {
		before := len(p.inTeam())
		p.Clock.Set(c.at)
		p.tick()
		said := p.inTeam()[before:]
		if len(said) != 1 {
			t.Fatalf("at %s the team is told %q", c.at, said)
		}
		has(t, c.at.String(), said[0], c.want...)
		if late := strings.Contains(said[0], "retard"); late != (len(c.want) == 2) {
			t.Errorf("at %s: %q", c.at, said[0])
		}
	}
	has(t, "seen", p.say("jury voir 1"), "envoyé")
}

func TestMissedReminderIsTold(t *testing.T) {
	p := start(t, "")
	p.say("jury planifier 2026-12-01 14:00 ~equipe Premier jury")
	p.Clock.Set(time.Date(2026, 12, 1, 13, 0, 0, 0, time.UTC))
	p.tick()
	last := p.Platform.Last()
	if last.To.Place.Name != "recruteurs" || len(p.inTeam()) != 0 {
		t.Errorf("told in %s; the team: %q", last.To.Place.Name, p.inTeam())
	}
	has(t, "told", last.Post.Text, "Le jury n° 1 « Premier jury » a commencé le mardi 1er décembre 2026", "sans son rappel (H-1)")
	has(t, "seen", p.say("jury voir 1"), "(passé)", "manqué")
}

// Every change of a jury is in the log, with who made it.
func TestChangesAreRecorded(t *testing.T) {
	p := start(t, "equipe")
	interested, _, err := p.Store.SaveInterest(context.Background(), storage.Interest{
		Campaign: "test", Person: "fake:carl", Name: "Carl", CreatedAt: p.Clock.Now(), UpdatedAt: p.Clock.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"jury planifier jeudi 3 décembre 2026 10h Premier jury", "jury rappels 1 J-1",
		fmt.Sprintf("jury candidats 1 %d 10h", interested.Number), "jury déplacer 1 vendredi 4 décembre 2026 10h", "jury annuler 1",
	} {
		p.say(text)
	}
	changes, err := p.Store.Changes(context.Background(), storage.JurySubject(1), 0)
	if err != nil {
		t.Fatal(err)
	}
	var log []string
	for _, c := range changes {
		log = append(log, string(c.By)+" "+c.Action)
	}
	want := "fake:rita jury.cancelled, fake:rita jury.moved, fake:rita jury.candidates, fake:rita jury.rules, fake:rita jury.planned"
	if got := strings.Join(log, ", "); got != want {
		t.Errorf("the log: %s, want %s", got, want)
	}
}
