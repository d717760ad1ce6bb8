// Package text reads what people write, for whoever has to understand it: words without case and accents, their stems,
// how they sound, and the letters that they share with others, each a hashed feature.
//
// What the features mean is not known here: faq/topics learns what they say about recruitment, faq/match compares them
// with a FAQ's phrasings.
package text

import (
	"strings"
	"unicode"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/french"

	"candide/internal/fold"
)

const (
	// maxBytes is how much of a text is read: a question has been asked by then.
	maxBytes = 4000
	// maxWords is how many of its words count.
	maxWords = 120
	// maxWord is how many bytes of one word count; no word that people write is longer.
	maxWord = 40
)

// Words are the folded words of text, without punctuation. Text beyond 4,000 bytes is not read.
func Words(text string) []string {
	return strings.FieldsFunc(fold.String(Head(text)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '€'
	})
}

// Head is as much of text as is read.
func Head(text string) string {
	if len(text) <= maxBytes {
		return text
	}
	return strings.ToValidUTF8(text[:maxBytes], "")
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
