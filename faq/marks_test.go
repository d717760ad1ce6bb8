package faq

import (
	"strings"
	"testing"

	"candide/faq/text"
)

func TestAsks(t *testing.T) {
	x := index(t)
	for said, want := range map[string]bool{
		"C'est payé combien":                         true,
		"est-ce que c'est à Paris":                   true,
		"eske on peu teletravailler":                 true,
		"how long is the contract":                   true,
		"Le salaire ?":                               true,
		"la communauté est vraiment top":             false,
		"La deadline c'est ce soir, bon courage":     false,
		"bravo pour ton CDI Léa !":                   false,
		"désolé, du retard sur la ligne":             false,
		"moi j'ai débarqué en janvier":               false,
		"je voudrais des renseignements sur la paie": true,
	} {
		if got := x.message(x.scratch(), Question{Text: said}).asks(); got != want {
			t.Errorf("asks(%q) = %v, want %v", said, got, want)
		}
	}
}

// Courtesies are left aside, but for what answers somebody in a channel; a question mark after them stays.
func TestToThePoint(t *testing.T) {
	r := newReader()
	for _, c := range []struct {
		said    string
		channel bool
		want    string // with what stands after the last word
	}{
		{"Bonjour, quel est le salaire, s’il vous plaît ? Bonne journée.", false, "quel est le salaire?"},
		{"Le salaire ? Merci. Et le contrat ? Merci !", false, "le salaire et le contrat?"},
		{"Un CDD, svp ? Merci d’avance", false, "un cdd?"},
		{"Oui, merci beaucoup. Le salaire", false, "le salaire "},
		{"Bonjour, merci !", false, "bonjour merci."},
		{"Bonjour Paul, merci", false, "bonjour paul,"},
		{"", false, ""},
		{"Bonjour, le salaire, merci", true, "le salaire,"},
		{"Oui, le 4 janvier", true, "oui le 4 janvier "},
		{"Merci, pour le CV", true, "merci pour le cv "},
		{"La soirée, oui, c’est quand ?", true, "la soiree oui c est quand?"},
	} {
		got := toThePoint(r.Read(c.said), c.channel)
		list := strings.Join(got.Strings(), " ")
		if len(got) > 0 {
			list += map[text.Stop]string{text.None: " ", text.Pause: ",", text.Sentence: ".", text.Question: "?"}[got[len(got)-1].Stop]
		}
		if list != c.want {
			t.Errorf("%q (in a channel: %v) comes to %q, want %q", c.said, c.channel, list, c.want)
		}
	}
}

// What is left aside still tells the language, and a phrasing that holds courtesies is still its entry's.
func TestCourtesiesTell(t *testing.T) {
	x := index(t)
	for _, said := range []string{"Hello, salary?", "Thanks! Interview?", "Hello, deadline ?"} {
		if d := x.Decide(Question{Text: said}); d.Lang != "en" {
			t.Errorf("%q is answered in %q", said, d.Lang)
		}
	}
	f := &FAQ{Language: "fr"}
	for id, said := range map[string]string{"with": "Bonjour, le jury", "without": "Le jury"} {
		f.Entries = append(f.Entries, Entry{ID: id, Answer: Text{"fr": "Réponse."}, Phrasings: map[string][]string{"fr": {said}}})
	}
	own := NewIndex(f, x.topics)
	for said, want := range map[string]string{"Bonjour, le jury !": "with", "le jury ?": "without", "Merci, le jury ?": "without"} {
		if d := own.Decide(Question{Text: said}); d.Entry != want || d.Outcome != Answered {
			t.Errorf("%q: %s with %q, want %q", said, d.Outcome, d.Entry, want)
		}
	}
}

// In a channel, what answers somebody is not for the bot; in a thread, thanks are no question.
func TestRepliesAreLeftAlone(t *testing.T) {
	for _, said := range []string{
		"Oui, le 4 janvier", "oui, CDD de 6 mois", "Ok, deadline ce soir", "Voilà, la fiche de poste", "merci, pour le CV", "Ok, entretien à 14 h",
	} {
		if d := decide(t, Question{Text: said, Channel: true}); d.Outcome != Silent {
			t.Errorf("%q is %s in a channel with %s", said, d.Outcome, d.Entry)
		}
	}
	for _, said := range []string{"ok", "ok merci", "OK thanks", "et merci !", "Ok merci, bonne journée"} {
		if d := decide(t, Question{Text: said, Subject: "salaire"}); d.Outcome == Answered {
			t.Errorf("%q in a thread is answered with %s", said, d.Entry)
		}
	}
}
