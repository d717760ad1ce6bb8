// Package text reads what people write, for whoever has to understand it: words without case and accents, their stems,
// how they sound, and the letters that they share with others, each a hashed feature.
//
// What the features mean is not known here: faq/topics learns what they say about recruitment, faq/match compares them
// with a FAQ's phrasings.
package text

import (
	"math/bits"
	"slices"
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
	var l letters
	folded := fold.Append(nil, Head(text))
	l.mark(folded)
	for from, to := l.next(0); from < to; from, to = l.next(to) {
		list = append(list, string(folded[from:to]))
	}
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
	Pause         // a comma, and what stands for one
	Sentence      // the end of a sentence or of a line
	Question      // a question mark
)

// isLetter and stopAt are what each ASCII character is: one for a letter or a digit, and what it says after a word.
var isLetter, stopAt = func() (letter, stop [256]uint8) {
	for c := range utf8.RuneSelf {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			letter[c] = 1
		case strings.ContainsRune(",:/+", rune(c)):
			stop[c] = uint8(Pause)
		case strings.ContainsRune(".!;\n", rune(c)):
			stop[c] = uint8(Sentence)
		case c == '?':
			stop[c] = uint8(Question)
		}
	}
	return letter, stop
}()

// letters are the bytes of a folded text that are part of a word, a bit each. Where words begin and end cannot be
// foretold, and a processor that guesses wrong loses more time than the rest of reading takes: so nothing is asked of each
// byte alone.
type letters []uint64

// mark sets the bits of folded. At least one more stays unset after its end, so that every word ends.
func (l *letters) mark(folded []byte) {
	n := len(folded)/64 + 1
	*l = slices.Grow((*l)[:0], n)[:n]
	ascii := uint8(0)
	for i := range *l {
		word := uint64(0)
		for at, c := range folded[64*i : min(64*i+64, len(folded))] {
			word |= uint64(isLetter[c]) << at
			ascii |= c
		}
		(*l)[i] = word
	}
	if ascii < utf8.RuneSelf {
		return
	}
	for i := 0; i < len(folded); {
		r, size := utf8.DecodeRune(folded[i:])
		if r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '€') {
			for at := i; at < i+size; at++ {
				(*l)[at/64] |= 1 << (at % 64)
			}
		}
		i += size
	}
}

// next returns where the first word from at on begins and ends; nothing after the last.
func (l letters) next(at int) (from, to int) {
	from = l.find(at, 0)
	return from, l.find(from, ^uint64(0))
}

// find returns the first place from at on whose bit differs from those of same, the end where there is none.
func (l letters) find(at int, same uint64) int {
	i := at / 64
	if i >= len(l) {
		return 64 * len(l)
	}
	word := (l[i] ^ same) >> (at % 64) << (at % 64)
	for word == 0 {
		if i++; i == len(l) {
			return 64 * i
		}
		word = l[i] ^ same
	}
	return 64*i + bits.TrailingZeros64(word)
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
