package jury_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/storage"
)

// interested makes somebody interested, and returns their number.
func (p *panel) interested(t *testing.T, name string, stage storage.Stage) int {
	t.Helper()
	in, _, err := p.Store.SaveInterest(context.Background(), storage.Interest{
		Campaign: "test", Person: storage.PersonRef("fake:" + name), Name: name, Reach: name + "@example.org", Stage: stage,
		CreatedAt: p.Clock.Now(), UpdatedAt: p.Clock.Now(), ConsentAt: p.Clock.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return in.Number
}

// to is everything that somebody was told in their direct conversation by the bot's own accord.
func (p *panel) to(user bot.UserID) []string {
	var said []string
	for _, made := range p.Platform.Posts() {
		if made.To.Direct && made.To.To.User == user && strings.HasPrefix(made.Post.Key, "jury/") {
			said = append(said, made.Post.Text)
		}
	}
	return said
}

// by presses a button of the team's post, and returns what its presser is told.
func (p *panel) by(user bot.UserID, shown bottest.Posted, label string) string {
	p.T.Helper()
	return p.last(p.Press(user, shown, label)).Post.Text
}

func full(t *testing.T) *panel {
	p := start(t, "equipe")
	for _, name := range []bot.UserID{"alice", "bob", "carole"} {
		p.Platform.AddPerson(name)
	}
	p.interested(t, "zoé", storage.StageContacted)
	p.interested(t, "yann", storage.StageApplied)
	has(t, "planned", p.say("jury planifier mardi 1er décembre 14h Premier jury @alice @bob @carole ; 1h30 ; salle 4 ; quorum 2 ; candidats 1 14h, 2 14h45"),
		"**Jury n° 1 planifié : Premier jury**", "2 candidat·es sont à prévenir")
	return p
}

func TestCard(t *testing.T) {
	p := full(t)
	card := p.card(1)
	has(t, "the card", card.Post.Text, "**Jury n° 1 : Premier jury**", "mardi 1er décembre 2026 à 14 h (Europe/Paris), 1 h 30 · salle 4",
		"n° 1 à 14 h · n° 2 à 14 h 45", "@alice (n’a pas répondu) · @bob (n’a pas répondu)", "Quorum : 2.")
	if strings.Contains(card.Post.Text, "zoé") || strings.Contains(card.Post.Text, "yann") {
		t.Errorf("the card names candidates: %q", card.Post.Text)
	}
	if len(card.Post.Mentions) != 3 || card.To.Place.Name != "equipe" {
		t.Errorf("it mentions %v in %s", card.Post.Mentions, card.To.Place.Name)
	}

	has(t, "here", p.by("alice", card, "Je serai là"), "C’est noté : présence au jury n° 1, mardi 1er décembre 2026")
	has(t, "the card then", p.card(1).Post.Text, "@alice (sera là) · @bob (n’a pas répondu)")
	// The buttons of the card as it was still work, and no second card was made.
	has(t, "away", p.by("bob", card, "Absent·e"), "absence au jury n° 1", "rita est prévenu·e")
	has(t, "the card then", p.card(1).Post.Text, "@alice (sera là) · @bob (absent·e)", "Quorum : 2.")
	if told := p.to("rita"); len(told) != 1 || !strings.HasPrefix(told[0], "**@bob ne pourra pas venir** au jury n° 1") || strings.Contains(told[0], "n’y est plus") {
		t.Errorf("the organiser is told %q", told)
	}
	has(t, "a third", p.by("carole", p.card(1), "Absent·e"), "absence")
	if told := p.to("rita"); len(told) != 2 || !strings.Contains(told[1], "**Le quorum n’y est plus** : il faut 2 membres, il en reste 1.") {
		t.Errorf("the organiser is told %q", told)
	}
	has(t, "again", p.by("carole", p.card(1), "Absent·e"), "absence")
	if told := p.to("rita"); len(told) != 2 {
		t.Errorf("the organiser is told twice: %q", told)
	}
	has(t, "changed", p.by("bob", p.card(1), "Je serai là"), "présence")
	if told := p.to("rita"); len(told) != 3 || !strings.HasPrefix(told[2], "@bob sera finalement là") {
		t.Errorf("the organiser is told %q", told)
	}
	has(t, "the card at last", p.card(1).Post.Text, "@bob (sera là) · @carole (absent·e)")

	has(t, "no member", p.by("dan", p.card(1), "Je serai là"), "Seuls les membres de ce jury répondent ici.")
}

func TestAnswersAfterAMove(t *testing.T) {
	p := full(t)
	card := p.card(1)
	p.by("alice", card, "Je serai là")
	has(t, "moved", p.say("jury déplacer 1 2026-12-03 10:00"), "jeudi 3 décembre 2026", "L’équipe est prévenue dans ~equipe.")
	has(t, "the card", p.card(1).Post.Text, "jeudi 3 décembre 2026 à 10 h", "@alice (n’a pas répondu)", "n° 1 à 10 h · n° 2 à 10 h 45")
	if said := p.inTeam(); len(said) != 1 || !strings.Contains(said[0], "merci de répondre de nouveau") {
		t.Errorf("the team is told %q", said)
	}
	has(t, "an old button", p.by("alice", card, "Je serai là"), "déplacé ou annulé depuis")
	has(t, "a new one", p.by("alice", p.card(1), "Je serai là"), "présence au jury n° 1, jeudi 3 décembre 2026")
	p.say("jury annuler 1 salle fermée")
	cancelled := p.card(1)
	has(t, "the card", cancelled.Post.Text, "**Annulé : jury n° 1, Premier jury**", "Motif : salle fermée.")
	if len(cancelled.Post.Actions) != 0 {
		t.Error("a cancelled jury's card has buttons")
	}
}

// Two days before, those who have not answered are asked again, and nobody else.
func TestNudge(t *testing.T) {
	p := full(t)
	p.by("alice", p.card(1), "Je serai là")
	// Tuesday's J-2 is a Sunday: Friday 27 November.
	p.Clock.Set(time.Date(2026, 11, 27, 13, 0, 0, 0, time.UTC))
	p.say("jury rappels 1 H-1")
	said := p.inTeam()
	if len(said) != 1 || !strings.HasPrefix(said[0], "**Qui sera là ?** @bob, @carole : le jury n° 1") {
		t.Fatalf("the team is told %q", said)
	}
	nudge := p.Platform.Posts()
	for _, made := range nudge {
		if strings.Contains(made.Post.Key, "nudge") {
			has(t, "by the nudge", p.by("bob", made, "Je serai là"), "présence")
		}
	}
	has(t, "the card", p.card(1).Post.Text, "@bob (sera là)")

	other := full(t)
	for _, name := range []bot.UserID{"alice", "bob", "carole"} {
		other.by(name, other.card(1), "Je serai là")
	}
	other.Clock.Set(time.Date(2026, 11, 27, 13, 0, 0, 0, time.UTC))
	other.tick()
	for _, text := range other.inTeam() {
		if strings.Contains(text, "Qui sera là") {
			t.Errorf("everybody answered, and the team is told %q", text)
		}
	}
}

func TestSkip(t *testing.T) {
	p := full(t)
	has(t, "shown", p.say("jury rappels 1"), "**Rappels du jury n° 1", "- J-1 : lundi 30 novembre 2026 à 14 h · à envoyer", "relance des membres (J-2)")
	has(t, "skipped", p.press("Sauter J-1"), "- J-1 : lundi 30 novembre 2026 à 14 h · sauté")
	for _, day := range []int{24, 27, 30} {
		p.Clock.Set(time.Date(2026, 11, day, 13, 0, 0, 0, time.UTC))
		p.tick()
	}
	for _, text := range p.inTeam() {
		if strings.Contains(text, "demain") {
			t.Errorf("the team is told %q", text)
		}
	}
	// One done without holds none before it back: that one is late, and says so.
	asleep := full(t)
	asleep.say("jury rappels 1")
	asleep.press("Sauter J-1")
	asleep.Clock.Set(time.Date(2026, 11, 30, 13, 0, 0, 0, time.UTC))
	asleep.tick()
	late := false
	for _, text := range asleep.inTeam() {
		late = late || strings.Contains(text, "demain") && strings.Contains(text, "retard")
	}
	if !late {
		t.Errorf("the team is told %q", asleep.inTeam())
	}
	has(t, "too late to put back", p.say("jury rappels 1"), "sauté")
	p.say("jury déplacer 1 2026-12-10 14:00")
	p.say("jury rappels 1")
	p.press("Sauter J-7")
	has(t, "put back", p.press("Remettre J-7"), "- J-7 : jeudi 3 décembre 2026 à 14 h · à envoyer")
}

func TestMembers(t *testing.T) {
	p := start(t, "equipe")
	p.Platform.AddPerson("alice")
	has(t, "planned", p.say("jury planifier 2026-12-01 14:00 Premier"), "Pas encore de membres")
	if actions := p.card(1).Post.Actions; len(actions) != 0 {
		t.Errorf("a card without members has buttons: %v", actions)
	}
	has(t, "set", p.say("jury membres 1 @alice"), "@alice (n’a pas répondu)")
	has(t, "the card", p.card(1).Post.Text, "@alice")
	if len(p.card(1).Post.Actions) != 2 {
		t.Error("the card has no buttons")
	}
	has(t, "nobody", p.say("jury membres 1 @nemo"), "Je ne connais pas @nemo")
	has(t, "usage", p.say("jury membres 1 alice"), "Écrire : `jury membres 1 @alice @bob`")
	has(t, "nudged", p.say("jury voir 1"), "relance des membres (J-2) : vendredi 27 novembre 2026")
}
