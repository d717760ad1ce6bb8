// Package text reads what people write, for whoever has to understand it: words without case and accents, their stems,
// how they sound, and the letters that they share with others, each a hashed feature.
//
// What the features mean is not known here: faq/topics learns what they say about recruitment, faq/match compares them
// with a FAQ's phrasings.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/french"

	"candide/internal/fold"
)

const (
	// maxBytes is how much of a text is read: a question has been asked by then.
	maxBytes = 4000
	// maxWords is how many of its words have features.
	maxWords = 120
	// maxWord is how many bytes of one word count; no word that people write is longer.
	maxWord = 40
)

// Words are the folded words of text, without punctuation. Text beyond 4,000 bytes is not read.
func Words(text string) []string {
	var list []string
	scan(fold.Append(nil, Head(text)), func(word []byte, _ uint64) { list = append(list, string(word)) }, func(Stop) {})
	return list
}

// Head is as much of text as is read.
func Head(text string) string {
	if len(text) <= maxBytes {
		return text
	}
	return strings.ToValidUTF8(text[:maxBytes], "")
}

// Stop is what stands after a word.
type Stop uint8

// The stops, the strongest last.
const (
	None     Stop = iota
	Pause         // a comma
	Sentence      // the end of a sentence or of a line
)

// class is what each ASCII character is.
var class = func() (c [utf8.RuneSelf]uint8) {
	for r := range c {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
			c[r] = letter
		case r == ',':
			c[r] = uint8(Pause)
		case strings.ContainsRune(".!?;\n", rune(r)):
			c[r] = uint8(Sentence)
		}
	}
	return c
}()

const letter = 0xff

// scan calls found with each word of a folded text and its key, and then stopped with what stands after it.
func scan(folded []byte, found func(word []byte, key uint64), stopped func(Stop)) {
	start, h := -1, uint64(0)
	for i := 0; i < len(folded); {
		kind, size := uint8(None), 1
		if c := folded[i]; c < utf8.RuneSelf {
			kind = class[c]
		} else {
			var r rune
			r, size = utf8.DecodeRune(folded[i:])
			if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '€' {
				kind = letter
			}
		}
		if kind == letter {
			if start < 0 {
				start, h = i, keyOffset
			}
			for _, c := range folded[i : i+size] {
				h = (h ^ uint64(c)) * keyPrime
			}
		} else {
			if start >= 0 {
				found(folded[start:i], h)
				start = -1
			}
			if kind != uint8(None) {
				stopped(Stop(kind))
			}
		}
		i += size
	}
	if start >= 0 {
		found(folded[start:], h)
	}
}

// stems returns the French and the English stem of a folded word.
func stems(word string) (fr, en string) {
	env := snowballstem.NewEnv(word)
	french.Stem(env)
	fr = strings.Clone(env.Current())
	env.SetCurrent(word)
	english.Stem(env)
	return fr, env.Current()
}
