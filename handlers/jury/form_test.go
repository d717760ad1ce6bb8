package jury_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"candide/storage"
)

func TestPlanByForm(t *testing.T) {
	p := start(t, "equipe")
	p.Platform.AddPerson("alice")
	has(t, "the first step", p.say("jury planifier"), "**Titre** (1/4)")
	p.say("garder")
	p.say("2026-12-01")
	p.say("longtemps")
	has(t, "without an hour", p.say("salle 4"), "Il manque l’heure", "**Date et heure**")
	p.say("2026-12-01 14:00")
	p.say("longtemps")
	has(t, "no duration", p.say("salle 4"), "« longtemps » n’est pas une durée", "**Durée**")
	p.say("1h30")
	has(t, "the second step", p.say("salle 4"), "**Canal de l’équipe** (1/4)")
	p.say("cantine")
	p.say("@alice, @nemo")
	p.say("2")
	has(t, "a public channel", p.say("J-1"), "est public", "**Canal de l’équipe**")
	p.say("passer")
	p.say("@alice, @nemo")
	p.say("2")
	has(t, "nobody", p.say("J-1"), "Je ne connais pas @nemo", "**Membres du jury**")
	p.say("@alice")
	p.say("2")
	has(t, "a quorum too high", p.say("J-1"), "Un quorum de 2 ne va pas avec 1", "**Quorum**")
	p.say("1")
	has(t, "planned", p.say("J-1"), "**Jury n° 1 planifié : Jury de recrutement**", "J-1 le lundi 30 novembre 2026")
	j := p.jury(1)
	if j.Location != "salle 4" || j.Team.ID != "c-equipe" || j.Duration != 90*time.Minute || j.Quorum != 1 ||
		len(j.Members) != 1 || j.Members[0].Person != "fake:alice" || !slices.Equal(j.Rules, []string{"J-1"}) {
		t.Errorf("kept %+v", j)
	}
	has(t, "seen", p.say("jury voir 1"), ", 1 h 30 · salle 4", "@alice (n’a pas répondu)")
}

// With somebody interested the form asks whom the jury sees, and of an odd date whether it is meant.
func TestPlanByFormWithCandidates(t *testing.T) {
	p := start(t, "equipe")
	p.interested(t, "zoé", storage.StageContacted)
	p.interested(t, "gil", storage.StageRefused)
	p.say("jury planifier")
	p.say("garder")
	p.say("dimanche 6 décembre 14h")
	p.say("1h")
	p.say("passer")
	p.say("passer")
	p.say("passer")
	p.say("passer")
	got := p.say("garder")
	has(t, "the candidates", got, "- n° 1 · contacté", "**Candidat·es**")
	if strings.Contains(got, "zoé") || strings.Contains(got, "n° 2") {
		t.Errorf("the form says %q", got)
	}
	has(t, "one refused", p.say("2 14h"), "Le n° 2 est à l’étape « non retenu »")
	has(t, "one outside", p.say("1 15h"), "Le créneau du n° 1 n’est pas pendant le jury")
	has(t, "a Sunday", p.say("1 14h30"), "dimanche 6 décembre 2026 à 14 h.", "C’est un dimanche.", "1. Oui")
	has(t, "planned", p.say("1"), "**Jury n° 1 planifié", "1 candidat·e est à prévenir")
	if j := p.jury(1); len(j.Slots) != 1 || !j.Slots[0].At.Equal(time.Date(2026, 12, 6, 13, 30, 0, 0, time.UTC)) {
		t.Errorf("kept %+v", j.Slots)
	}
	p.say("jury planifier")
	for _, text := range []string{"garder", "dimanche 6 décembre 14h", "1h", "passer", "passer", "passer", "passer", "garder", "passer"} {
		p.say(text)
	}
	has(t, "declined", p.say("2"), "Rien n’a été fait")
	if juries, err := p.Store.Juries(context.Background(), ""); err != nil || len(juries) != 1 {
		t.Errorf("planned %+v, %v", juries, err)
	}
}
