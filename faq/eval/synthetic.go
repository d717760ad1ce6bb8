package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"candide/faq"
)

// Synthetic returns f with as many invented entries more as make n of it, to measure speed with: four phrasings each,
// of words as often met as in a language, some of them in the frames of real questions. The same n gives the same FAQ.
func Synthetic(f *faq.FAQ, n int) *faq.FAQ {
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	big := *f
	big.Entries = slices.Clone(f.Entries)
	for i := len(big.Entries); i < n; i++ {
		e := faq.Entry{ID: fmt.Sprintf("entry-%d", i), Answer: faq.Text{"fr": "Réponse."}, Phrasings: map[string][]string{}}
		own := []string{invented(rng), invented(rng)}
		e.Question = faq.Text{"fr": phrased(rng, own)}
		e.Title = e.Question
		for range 3 {
			e.Phrasings["fr"] = append(e.Phrasings["fr"], phrased(rng, own))
		}
		big.Entries = append(big.Entries, e)
	}
	return &big
}

var frames = []string{
	"Est-ce que %s ?", "Comment %s ?", "Quel est %s ?", "Bonjour, je voudrais savoir si %s", "Peut-on %s ?", "%s c'est possible ?",
	"Where is %s?", "%s svp", "Dois-je %s avant le début ?", "Combien de temps %s ?",
}

func phrased(rng *rand.Rand, own []string) string {
	words := slices.Clone(own)
	for range 3 {
		words = append(words, invented(rng))
	}
	rng.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	return fmt.Sprintf(frames[rng.IntN(len(frames))], strings.Join(words, " "))
}

// invented returns a word of some 20,000, the first of them met far more often than the last.
func invented(rng *rand.Rand) string {
	const vocabulary = 20_000
	rank := int(math.Pow(vocabulary, rng.Float64()))
	syllables := []string{"ba", "ron", "ti", "meu", "la", "cor", "vi", "dou", "sse", "pre", "gan", "lo", "que", "fer", "ni", "tra", "chu", "mon", "é", "ble"}
	var b strings.Builder
	for b.Len() == 0 || rank > 0 {
		b.WriteString(syllables[rank%len(syllables)])
		rank /= len(syllables)
	}
	return b.String()
}
