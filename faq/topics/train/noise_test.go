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

// What is lost and crossed is made of the phrases' own words, in their order; short phrases and other languages are left
// alone.
func TestGapsAndCrosses(t *testing.T) {
	n := newNoise(rand.New(rand.NewPCG(1, 2)))
	short := topics.Phrase{Topic: "salaire", Voice: "plain", Text: "quel salaire mensuel"}
	long := topics.Phrase{Topic: "salaire", Voice: "plain", Text: "un deux trois quatre cinq six sept huit"}
	other := topics.Phrase{Topic: "salaire", Voice: "plain", Text: "neuf dix onze douze"}
	english := topics.Phrase{Topic: "salaire", Voice: "en", Text: "one two three four"}
	lost, crossed := 0, 0
	for range 1000 {
		if got := n.lose(short.Text); got != short.Text {
			t.Fatalf("%q lost words: %q", short.Text, got)
		}
		got := strings.Fields(n.lose(long.Text))
		lost += 8 - len(got)
		if !inOrder(got, strings.Fields(long.Text)) {
			t.Fatalf("%q is not %q with gaps", got, long.Text)
		}
		cross := strings.Fields(n.cross(long.Text, long, []topics.Phrase{other}))
		if !inOrder(cross, strings.Fields(long.Text+" "+other.Text)) {
			t.Fatalf("%q does not begin as %q and end as %q", cross, long.Text, other.Text)
		}
		if strings.Join(cross, " ") != long.Text {
			crossed++
		}
		if got := n.cross(long.Text, long, []topics.Phrase{english}); got != long.Text {
			t.Fatalf("French goes on in English: %q", got)
		}
	}
	if share := float64(lost) / 8000; share < 0.2 || share > 0.3 {
		t.Errorf("%.2f of the words are lost, want a quarter", share)
	}
	if crossed < 900 {
		t.Errorf("%d of 1000 are crossed", crossed)
	}
}

// inOrder reports whether got is some of the words of all, in their order.
func inOrder(got, all []string) bool {
	for _, w := range all {
		if len(got) > 0 && got[0] == w {
			got = got[1:]
		}
	}
	return len(got) == 0
}

func FuzzNoise(f *testing.F) {
	f.Add("quel est le salaire", uint64(1))
	f.Add("", uint64(2))
	f.Add("é\xff 日本", uint64(3))
	f.Fuzz(func(t *testing.T, said string, seed uint64) {
		n, p := newNoise(rand.New(rand.NewPCG(seed, 0))), topics.Phrase{Topic: "salaire", Voice: "plain", Text: said}
		n.lose(n.cross(n.spoil(p), p, []topics.Phrase{p}))
	})
}
