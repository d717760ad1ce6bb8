package jury_test

import (
	"context"
	"strings"
	"testing"

	"candide/bot/bottest"
)

func TestLetters(t *testing.T) {
	p := full(t)
	if said := append(p.to("zoé"), p.to("yann")...); len(said) != 0 {
		t.Fatalf("candidates are told by themselves: %q", said)
	}
	got := p.say("jury inviter 1")
	has(t, "the preview", got, "Rien n’est encore parti", "**N° 1 · zoé**, par message direct :", "> Bonjour, tu es invité·e à un entretien pour « Un poste » : mardi 1er décembre 2026 à 14 h (Europe/Paris) · salle 4.",
		"**N° 2 · yann**", "mardi 1er décembre 2026 à 14 h 45")
	if said := append(p.to("zoé"), p.to("yann")...); len(said) != 0 {
		t.Fatalf("candidates are told by a preview: %q", said)
	}
	has(t, "copies", p.press("Textes à copier"), "**N° 1 · zoé** · zoé@example.org", "```\nBonjour, tu es invité·e")
	p.say("jury inviter 1")
	has(t, "sent", p.press("Envoyer 2 messages"), "2 messages partent.")
	if said := p.to("zoé"); len(said) != 1 || !strings.HasPrefix(said[0], "Bonjour, tu es invité·e") {
		t.Errorf("zoé is told %q", said)
	}
	if said := p.to("yann"); len(said) != 1 || !strings.Contains(said[0], "14 h 45") {
		t.Errorf("yann is told %q", said)
	}
	has(t, "nothing left", p.say("jury inviter 1"), "Personne n’est à prévenir")
	has(t, "seen", p.say("jury voir 1"), "- invitation au n° 1", "envoyé")

	// A move: both are to be told, and what was shown must be what is sent.
	has(t, "moved", p.say("jury déplacer 1 2026-12-03 10:00"), "2 candidat·es sont à prévenir")
	has(t, "the preview", p.press("Voir les messages"), "> Bonjour, ton entretien pour « Un poste » change de date. Il aura lieu le jeudi 3 décembre 2026 à 10 h")
	p.say("jury candidats 1 1 10h15")
	has(t, "changed since", p.press("Envoyer 2 messages"), "a changé depuis cet aperçu")
	has(t, "the new preview", p.say("jury inviter 1"), "jeudi 3 décembre 2026 à 10 h 15", "prévu le mardi 1er décembre 2026 à 14 h 45 (Europe/Paris), est annulé")
	p.press("Envoyer 2 messages")
	if said := p.to("zoé"); len(said) != 2 || !strings.Contains(said[1], "jeudi 3 décembre 2026 à 10 h 15") {
		t.Errorf("zoé is told %q", said)
	}
	if said := p.to("yann"); len(said) != 2 || !strings.Contains(said[1], "est annulé") || !strings.Contains(said[1], "mardi 1er décembre 2026 à 14 h 45") {
		t.Errorf("yann is told %q", said)
	}

	// A cancellation, told by other means.
	has(t, "cancelled", p.say("jury annuler 1"), "1 candidat·e est à prévenir")
	has(t, "the preview", p.press("Voir les messages"), "prévu le jeudi 3 décembre 2026 à 10 h 15")
	p.press("Textes à copier")
	has(t, "noted", p.press("C’est fait"), "1 personne prévenue par ailleurs")
	if said := p.to("zoé"); len(said) != 2 {
		t.Errorf("zoé is told %q", said)
	}
	has(t, "nothing left", p.say("jury inviter 1"), "Personne n’est à prévenir")
	for _, text := range p.inTeam() {
		if strings.Contains(text, "zoé") || strings.Contains(text, "yann") {
			t.Errorf("the team is told a name: %q", text)
		}
	}
}

// What was planned for somebody whose data was erased goes nowhere.
func TestLetterToSomebodyErased(t *testing.T) {
	p := full(t)
	p.say("jury inviter 1")
	var sent bottest.Posted
	for _, made := range p.Platform.Posts() {
		if made.Button("Envoyer") != "" {
			sent = made
		}
	}
	p.Press("rita", sent, "Envoyer")
	if _, err := p.Store.ErasePerson(context.Background(), "fake:zoé", p.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	p.tick()
	if said := p.to("zoé"); len(said) != 0 {
		t.Errorf("zoé is told %q", said)
	}
	if said := p.to("yann"); len(said) != 1 {
		t.Errorf("yann is told %q", said)
	}
	p.say("jury déplacer 1 2026-12-03 10:00")
	has(t, "the preview", p.press("Voir les messages"), "N° 1 : ses données ont été effacées")
}
