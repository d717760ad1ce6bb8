package topics

import (
	"math"
	"slices"

	"candide/faq/match"
)

// Buckets is how many features the model tells apart: each hashes to one, and the rare collisions do little harm.
const Buckets = 1 << 18

// maxWords is how much of a text is read.
const maxWords = 120

// Feature is a bucket and how much of it a text has.
type Feature struct {
	Bucket uint32
	Value  float32
}

// Kinds of feature: the same letters count apart in each.
const (
	kindWord byte = iota + 1
	kindPair
	kindSkip
	kindStem
	kindSound
	kindSoundPair
	kindGram
	kindRun
	kindEdge
)

func bucket(kind byte, parts ...string) uint32 {
	h := uint64(14695981039346656037)
	h = (h ^ uint64(kind)) * 1099511628211
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint64(p[i])) * 1099511628211
		}
		h = (h ^ 0xff) * 1099511628211
	}
	h ^= h >> 29
	return uint32(h % Buckets)
}

// Extract counts the features of text.
func Extract(text string) map[uint32]float64 {
	words := match.Words(text)
	if len(words) > maxWords {
		words = words[:maxWords]
	}
	counts := make(map[uint32]float64, 32*len(words))
	add := func(w float64, kind byte, parts ...string) { counts[bucket(kind, parts...)] += w }
	previous, before, heardBefore := "^", "^", "^"
	run := make([]byte, 0, 128)
	for _, w := range words {
		heard := Sound(w)
		add(1, kindWord, w)
		add(1, kindPair, previous, w)
		add(0.7, kindSkip, before, w)
		add(0.8, kindStem, match.Stem(w, "fr"))
		add(1, kindSound, heard)
		add(0.7, kindSoundPair, heardBefore, heard)
		padded := " " + w + " "
		for n := 2; n <= 5; n++ {
			for i := 0; i+n <= len(padded); i++ {
				add(0.5, kindGram, padded[i:i+n])
			}
		}
		run = append(run, heard...)
		before, previous, heardBefore = previous, w, heard
	}
	// What is heard without the spaces: words cut wrongly still meet.
	for n := 4; n <= 6; n++ {
		for i := 0; i+n <= len(run); i++ {
			add(0.4, kindRun, string(run[i:i+n]))
		}
	}
	return counts
}

// Vector is what the model reads of text: weighted by rarity, of length one, in bucket order. Features that the model
// does not know (idf 0) are left out.
func Vector(text string, idf []float32) []Feature {
	counts := Extract(text)
	v := make([]Feature, 0, len(counts))
	for b, c := range counts {
		if idf[b] > 0 {
			v = append(v, Feature{b, float32(math.Sqrt(c)) * idf[b]})
		}
	}
	slices.SortFunc(v, func(a, b Feature) int { return int(a.Bucket) - int(b.Bucket) })
	sum := 0.0
	for _, f := range v {
		sum += float64(f.Value) * float64(f.Value)
	}
	if sum > 0 {
		scale := float32(1 / math.Sqrt(sum))
		for i := range v {
			v[i].Value *= scale
		}
	}
	return v
}
