package faq

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"
)

// doubles ask two things at once, in plain words. Hardly any is not seen as such, and none may get an answer that it did not
// ask for.
var doubles = map[string][]string{
	"Quel est le salaire et jusqu’à quand peut-on postuler ?":                    {"date-limite", "salaire"},
	"C’est un CDD ou un CDI ? Et quand est-ce que ça commence ?":                 {"contrat", "date-debut"},
	"How much is the pay, and can I work remotely?":                              {"salaire", "teletravail"},
	"Bonjour, combien êtes-vous payés par mois et le télétravail est possible ?": {"salaire", "teletravail"},
	"Faut-il une lettre de motivation ? Et combien de temps dure l’entretien ?":  {"dossier", "entretien"},
	"What is the salary? When is the deadline to apply?":                         {"date-limite", "salaire"},
	"Où dois-je postuler, et quand aurai-je une réponse ?":                       {"candidater", "delai"},
	"Quel est le salaire et jusqu’à quand puis-je postuler ?":                    {"date-limite", "salaire"},
	"Le contrat dure combien de mois et peut-il être renouvelé après ?":          {"contrat", "perspectives"},
}

func TestTwoQuestionsTwoAnswers(t *testing.T) {
	both := 0
	for _, text := range slices.Sorted(maps.Keys(doubles)) {
		got := entriesOf(decide(t, Question{Text: text}))
		if slices.Equal(got, doubles[text]) {
			both++
			continue
		}
		t.Logf("%q is answered with %v, want %v", text, got, doubles[text])
		if slices.ContainsFunc(got, func(id string) bool { return !slices.Contains(doubles[text], id) }) {
			t.Errorf("%q is answered with %v, asked for %v", text, got, doubles[text])
		}
	}
	if both < 7 {
		t.Errorf("%d of %d double questions get both answers", both, len(doubles))
	}
	for _, text := range []string{"Quel est le salaire ?", "Le salaire, c’est combien et c’est combien par mois ?"} {
		if d := decide(t, Question{Text: text}); !slices.Equal(entriesOf(d), []string{"salaire"}) {
			t.Errorf("%q is answered with %v", text, entriesOf(d))
		}
	}
}

// What marks two questions and what does not, one case for each rule.
func TestWhatMakesSeveralQuestions(t *testing.T) {
	for _, c := range []struct {
		text    string
		channel bool
		want    []string
	}{
		// Question marks alone.
		{text: "C’est un CDD ? Le télétravail est possible ?", want: []string{"contrat", "teletravail"}},
		{text: "C’est un CDD, s’il vous plaît ? Le télétravail est possible, merci ?", want: []string{"contrat", "teletravail"}},
		// Of a whole that says nothing of one of them, but for a question that is plainly one.
		{text: "Faut-il envoyer une lettre de motivation ? Et le salaire, il est de combien par mois ?", want: []string{"dossier", "salaire"}},
		// Courtesies and what goes on after a comma ask nothing.
		{text: "Bonjour, merci beaucoup, quel est le salaire, s’il vous plaît ? Bonne journée.", want: []string{"salaire"}},
		{text: "C’est quoi les étapes du recrutement, concrètement ?", want: []string{"procedure"}},
		{text: "Peut-on postuler par e-mail ?", want: []string{"candidater"}},
		// People's own talk.
		{text: "Samia, tu as eu ta réponse ? Moi mon entretien est demain, et toi il est à quelle heure ?", channel: true},
		{text: "hey Dan did you hear back yet? I got a call from them this morning, so nervous", channel: true},
		{text: "Paul, tu prends quoi à midi ? Et tu sais quand commence la réunion ?", channel: true},
		// Said to nobody, one answer is enough, unless the whole speaks of both.
		{text: "Quel est le salaire ? Quelle est la date limite pour postuler ?", want: []string{"date-limite", "salaire"}},
		{text: "Quel est le salaire ? Quelle est la date limite pour postuler ?", channel: true, want: []string{"date-limite"}},
	} {
		if got := entriesOf(decide(t, Question{Text: c.text, Channel: c.channel})); !slices.Equal(got, c.want) {
			t.Errorf("%q is answered with %v, want %v", c.text, got, c.want)
		}
	}
}

// The answers come in the order of the questions.
func TestAnswersInOrder(t *testing.T) {
	for text, want := range map[string][]string{
		"Quelles missions et quel profil ?":                    {"missions", "profil"},
		"Quel profil et quelles missions ?":                    {"profil", "missions"},
		"Quel est le salaire ? Quand est-ce que je commence ?": {"salaire", "date-debut"},
	} {
		d := decide(t, Question{Text: text})
		var got []string
		for _, a := range d.Answers {
			got = append(got, a.Entry)
		}
		if !slices.Equal(got, want) || d.Entry != want[0] {
			t.Errorf("%q is answered with %v (first %s), want %v", text, got, d.Entry, want)
		}
	}
}

// TestStrangersDoubles puts messages of a stranger, who asked two or three things in 90 of them and one in the others, among
// what asks nothing or what nothing answers. At least half of the 90 get all of their answers, and one message in twenty
// at most gets one that it did not ask for.
func TestStrangersDoubles(t *testing.T) {
	src, err := os.ReadFile("testdata/doubles.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	lines, several, all, unasked := 0, 0, 0, 0
	for line := range bytes.Lines(src) {
		var q struct {
			Text   string
			Expect []string
		}
		if err := json.Unmarshal(line, &q); err != nil {
			t.Fatal(err)
		}
		lines++
		got := entriesOf(decide(t, Question{Text: q.Text}))
		if slices.ContainsFunc(got, func(id string) bool { return !slices.Contains(q.Expect, id) }) {
			unasked++
			t.Logf("%q is answered with %v, asked for %v", q.Text, got, q.Expect)
		}
		if len(q.Expect) > 1 {
			several++
			slices.Sort(q.Expect)
			if slices.Equal(got, q.Expect) {
				all++
			}
		}
	}
	t.Logf("of %d messages that ask several things %d get all answers; of %d in all %d get one that was not asked for", several, all, lines, unasked)
	if lines < 150 || several < 90 || 2*all < several || 20*unasked > lines {
		t.Errorf("%d of %d get all answers; %d of %d get one that was not asked for", all, several, unasked, lines)
	}
}
