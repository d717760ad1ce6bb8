package main

import (
	"math/rand/v2"
	"strings"
	"testing"

	"candide/faq/text"
	"candide/faq/topics"
)

// Spoilt phrases are still words, mostly differ from what they were, and the same seed spoils in the same way.
func TestNoise(t *testing.T) {
	phrases := []topics.Phrase{
		{Topic: "salaire", Voice: "plain", Text: "Quel est le salaire proposé pour ce poste ?"},
		{Topic: "salaire", Voice: "en", Text: "How much would you pay me each month?"},
		{Topic: "bavardage", Voice: "plain", Text: "Merci Paul, bon week-end !"},
		{Topic: "contrat", Voice: "sms", Text: "cdi ?"},
	}
	a, b := newNoise(rand.New(rand.NewPCG(1, 2))), newNoise(rand.New(rand.NewPCG(1, 2)))
	changed := 0
	const rounds = 200
	for range rounds {
		for _, p := range phrases {
			said := a.spoil(p)
			if again := b.spoil(p); again != said {
				t.Fatalf("%q is spoilt to %q, then to %q", p.Text, said, again)
			}
			if len(text.Words(said)) == 0 {
				t.Errorf("%q is spoilt to %q", p.Text, said)
			}
			if strings.Join(text.Words(said), " ") != strings.Join(text.Words(p.Text), " ") {
				changed++
			}
			if p.Topic == "bavardage" && strings.Contains(said, "annonce") {
				t.Errorf("people's own talk is framed as a question to the bot: %q", said)
			}
		}
	}
	if changed < rounds*len(phrases)/3 {
		t.Errorf("%d of %d are changed", changed, rounds*len(phrases))
	}
}

func FuzzNoise(f *testing.F) {
	f.Add("quel est le salaire", uint64(1))
	f.Add("", uint64(2))
	f.Add("é\xff 日本", uint64(3))
	f.Fuzz(func(t *testing.T, said string, seed uint64) {
		newNoise(rand.New(rand.NewPCG(seed, 0))).spoil(topics.Phrase{Topic: "salaire", Voice: "plain", Text: said})
	})
}
