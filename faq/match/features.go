// Package match finds the entry that a question most resembles, from example phrasings alone: a matcher that knows
// nothing of recruitment, and so works for any FAQ. It is pure and safe for concurrent use once built.
package match

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/french"

	"candide/internal/fold"
)

// maxRunes is how much of a question is read: what a person asks stands in far less.
const maxRunes = 1000

// Words returns the folded words of text, in order; an apostrophe ends a word, as in French elisions.
func Words(text string) []string {
	if len(text) > 4*maxRunes {
		text = strings.ToValidUTF8(text[:4*maxRunes], "")
	}
	return strings.FieldsFunc(fold.String(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '€'
	})
}

// Stem cuts a folded word down to what its forms share, in "fr" or "en".
func Stem(word, lang string) string {
	env := snowballstem.NewEnv(word)
	if lang == "en" {
		english.Stem(env)
	} else {
		french.Stem(env)
	}
	return env.Current()
}

// Kinds of feature: the same letters count apart as a word, as a stem and as a part of a word.
const (
	kindWord uint64 = iota + 1
	kindPair
	kindStem
	kindGram
)

// hash is FNV-1a over s, started from its kind.
func hash(kind uint64, s string) uint64 {
	h := 14695981039346656037 ^ kind*0x9e3779b97f4a7c15
	for i := range len(s) {
		h ^= uint64(s[i])
		h *= 1099511628211
	}
	return h
}

// feature is something seen in a text, and how much it counts there before its rarity is known.
type feature struct {
	hash   uint64
	weight float64
}

// features returns what text is made of: words, pairs of words, stems, and the two- to five-letter parts of words
// that survive typing errors.
func features(text string) []feature {
	words := Words(text)
	counts := make(map[uint64]float64, 16*len(words))
	previous := "^"
	for _, w := range words {
		counts[hash(kindWord, w)] += wordWeight
		counts[hash(kindPair, previous+" "+w)] += pairWeight
		for _, lang := range [...]string{"fr", "en"} {
			counts[hash(kindStem, Stem(w, lang))] += stemWeight
		}
		previous = w
		padded := []byte(" " + w + " ")
		for n := 2; n <= 5; n++ {
			for i := 0; i+n <= len(padded); i++ {
				counts[hash(kindGram, string(padded[i:i+n]))] += gramWeight
			}
		}
	}
	list := make([]feature, 0, len(counts))
	for h, c := range counts {
		list = append(list, feature{h, math.Sqrt(c)})
	}
	slices.SortFunc(list, byHash) // so that sums over it are the same each time
	return list
}

func byHash(a, b feature) int { return cmp.Compare(a.hash, b.hash) }

// How much each kind of feature counts.
const (
	wordWeight = 1.0
	pairWeight = 0.5
	stemWeight = 0.8 // once for each language
	gramWeight = 0.25
)
