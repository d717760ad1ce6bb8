package faq

import (
	"slices"
	"strings"
	"testing"

	"candide/faq/text"
	"candide/faq/topics"
)

// heard is a model that finds topics where a text holds their words.
type heard map[string][]topics.Score

func (heard) Names() []string {
	return []string{"contrat", "duree-contrat", "hors-sujet", "primes", "salaire"}
}

func (h heard) Append(p []float64, t text.Text) []float64 {
	for word, scores := range h {
		if !slices.Contains(t.Strings(), word) {
			continue
		}
		heard := make([]float64, len(h.Names()))
		for _, s := range scores {
			heard[slices.Index(h.Names(), s.Topic)] = s.Probability
		}
		return append(p, heard...)
	}
	return p
}

func advised(t *testing.T, src string, model Topics) []string {
	t.Helper()
	f, err := Parse("f.yaml", []byte(src), topics.Known)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, p := range Advise("f.yaml", []byte(src), f, model) {
		if !p.Advice {
			t.Errorf("no advice, but a problem: %s", p)
		}
		list = append(list, p.String())
	}
	return list
}

func TestAdvise(t *testing.T) {
	model := heard{
		"argent":  {{Topic: "salaire", Probability: 0.9}, {Topic: "primes", Probability: 0.1}},
		"contrat": {{Topic: "contrat", Probability: 0.5}, {Topic: "duree-contrat", Probability: 0.3}, {Topic: "salaire", Probability: 0.2}},
		"peu":     {{Topic: "salaire", Probability: 0.59}, {Topic: "contrat", Probability: 0.1}},
		"meteo":   {{Topic: "hors-sujet", Probability: 0.95}},
	}
	const head = "id: a\ntitle: A\nentries:\n"
	for name, c := range map[string]struct {
		src  string
		want []string
	}{
		"one topic": {"  - id: paye\n    question: argent ?\n    answer: b\n    phrasings: [\"de l’argent\"]\n", []string{
			"f.yaml:4: advice: the entry “paye” names no topics, and its phrasings speak of salaire: add “topics: [salaire]” and it will be found in other words too",
		}},
		"on average": {"  - id: paye\n    question: argent ?\n    answer: b\n    phrasings: [un peu]\n", []string{ // (0.9 + 0.59) / 2
			"f.yaml:4: advice: the entry “paye” names no topics, and its phrasings speak of salaire: add “topics: [salaire]” and it will be found in other words too",
		}},
		"several topics": {"  - id: c\n    question: contrat ?\n    answer: b\n", []string{
			"f.yaml:4: advice: the entry “c” names no topics, and its phrasings speak of contrat and duree-contrat and salaire: add “topics: [contrat, duree-contrat, salaire]” and it will be found in other words too",
		}},
		"not sure":       {"  - id: paye\n    question: un peu ?\n    answer: b\n", nil},
		"no recruitment": {"  - id: temps\n    question: météo ?\n    answer: b\n", nil},
		"no words":       {"  - id: temps\n    question: zzz\n    answer: b\n", nil},
		"named":          {"  - id: paye\n    topics: [salaire]\n    question: argent ?\n    answer: b\n", nil},
		"named by nobody": {"  - id: c\n    topics: [contact]\n    question: argent ?\n    answer: b\n",
			nil},
		"another's": {"  - id: c\n    topics: [contact]\n    question: argent ?\n    answer: b\n  - id: paye\n    topics: [salaire]\n    question: son argent ?\n    answer: b\n",
			[]string{"f.yaml:4: advice: the phrasings of “c” mostly speak of the topic salaire, which is that of the entry “paye”: move them there, or add the topic here"}},
		"proposed and another's": {"  - id: paye\n    topics: [salaire]\n    question: argent ?\n    answer: b\n  - id: c\n    question: son argent ?\n    answer: b\n",
			[]string{"f.yaml:8: advice: the entry “c” names no topics, and its phrasings speak of salaire: add “topics: [salaire]” and it will be found in other words too (the entry “paye” names salaire already)"}},
	} {
		if got := advised(t, head+c.src, model); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%q, want\n%q", name, got, c.want)
		}
	}
}

// The default FAQ needs no advice; a bare one of this project's own kind gets it from the embedded model.
func TestAdviseWithTheEmbeddedModel(t *testing.T) {
	model := index(t).topics
	if got := advised(t, string(DefaultFile()), model); got != nil {
		t.Errorf("the default FAQ is advised %q", got)
	}
	const bare = `id: a
title: A
entries:
  - id: argent
    question: Combien serai-je payé ?
    answer: b
    phrasings: [Quel est le salaire ?, On touche combien par mois ?]
`
	if got := advised(t, bare, model); len(got) != 1 || !strings.HasPrefix(got[0], "f.yaml:4: advice: ") || !strings.Contains(got[0], "“topics: [salaire]”") {
		t.Errorf("advised %q", got)
	}
}
