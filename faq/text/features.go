package text

import (
	"math"
	"math/bits"
	"slices"
)

// Feature is something that a text has. Different features have the same hash once in some billions.
type Feature struct {
	Hash  uint32
	Count uint16 // how often: more than once only within a word
	Kind  Kind
}

// Kind is what a feature is: the same letters count apart in each.
type Kind uint8

// The kinds of feature.
const (
	Word         Kind = iota
	Pair              // two words in a row
	StemPair          // two words in a row by their French stems
	Stem              // a word's French stem
	StemEnglish       // a word's English stem
	Heard             // a word as it sounds
	HeardPair         // two words in a row as they sound
	Letters           // two to five letters of a word with its borders
	HeardLetters      // five of what is heard, across two words too: those that were cut wrongly still meet
	Kinds             // how many there are
)

// Roots returns what one occurrence of each kind counts, of what it is worth: the root, since both sides of a product
// count it.
func Roots(worth [Kinds]float64) (roots [Kinds]float32) {
	for kind, w := range worth {
		roots[kind] = float32(math.Sqrt(w))
	}
	return roots
}

// The lengths of groups of letters.
const (
	gramMin, gramMax = 2, 5
	runLength        = 5
)

// Known is a word, and what it brings wherever it stands.
type Known struct {
	// What is needed of each word of each text comes first, close together.
	key   uint64 // tells words apart
	notes notebook
	hash  uint32 // as a feature
	Tag   uint8  // what the reader's owner has to remember of the word

	sound, stem uint32    // what is heard of the word, and its French stem, as features
	begin, end  edge      // of what is heard
	Word        string    // folded
	Own         []Feature // each once
}

// edge is up to four letters where what is heard of a word begins or ends.
type edge struct {
	letters [runLength - 1]byte
	n       uint8
}

func edges(heard string) (begin, end edge) {
	begin.n = uint8(copy(begin.letters[:], heard))
	end.n = uint8(copy(end.letters[:], heard[max(0, len(heard)-len(end.letters)):]))
	return begin, end
}

// Token is a word where it stands.
type Token struct {
	*Known
	Stop Stop // what follows
}

// Text is what was read of a text; a part of it is one too.
type Text []Token

// Strings are the text's words.
func (t Text) Strings() []string {
	list := make([]string, len(t))
	for i, w := range t {
		list[i] = w.Word
	}
	return list
}

// Hash is the same for the same words in the same order.
func (t Text) Hash() uint64 {
	h := uint64(len(t))
	for _, w := range t {
		h = (h ^ uint64(w.hash)) * keyPrime
	}
	return h
}

// head is as much of t as has features.
func (t Text) head() Text { return t[:min(maxWords, len(t))] }

// Distinct appends the words that have features to list, each once.
func (t Text) Distinct(list []*Known) []*Known {
	start := len(list)
	var met [4]uint64 // a bit for some of the words' keys: nearly all words are new
	for _, w := range t.head() {
		word, bit := &met[w.key>>6&3], uint64(1)<<(w.key&63)
		if *word&bit != 0 && slices.ContainsFunc(list[start:], func(seen *Known) bool { return seen.key == w.key }) {
			continue
		}
		*word |= bit
		list = append(list, w.Known)
	}
	return list
}

// border stands before the first word, as a hash.
const border = 0x5bd1e995

// Joint is where two words meet.
type Joint struct{ Before, Word *Known } // Before is nil at the beginning

// Joints appends to list those of the words that have features, one for each.
func (t Text) Joints(list []Joint) []Joint {
	var before *Known
	for _, w := range t.head() {
		list = append(list, Joint{before, w.Known})
		before = w.Known
	}
	return list
}

// Key tells joints apart, in all the readers of a program.
func (j Joint) Key() uint64 {
	if j.Before == nil {
		return j.Word.key
	}
	return bits.RotateLeft64(j.Before.key, 1)*keyPrime ^ j.Word.key
}

// Features appends to list what the words bring by standing beside each other: their pair, as it is written, as it
// sounds and by its stems, and the groups that begin in what is heard of one and end in the other.
func (j Joint) Features(list []Feature) []Feature {
	if j.Before == nil {
		return append(list, Feature{join(Pair, border, j.Word.hash), 1, Pair}, Feature{join(HeardPair, border, j.Word.sound), 1, HeardPair})
	}
	list = append(list,
		Feature{join(Pair, j.Before.hash, j.Word.hash), 1, Pair},
		Feature{join(HeardPair, j.Before.sound, j.Word.sound), 1, HeardPair},
		Feature{join(StemPair, j.Before.stem, j.Word.stem), 1, StemPair})
	end, begin := j.Before.end.letters[:j.Before.end.n], j.Word.begin.letters[:j.Word.begin.n]
	for from := range end {
		more := runLength - (len(end) - from)
		if more > len(begin) {
			continue
		}
		h := seed(HeardLetters)
		for _, c := range end[from:] {
			h = (h ^ uint32(c)) * fnvPrime
		}
		for _, c := range begin[:more] {
			h = (h ^ uint32(c)) * fnvPrime
		}
		list = append(list, Feature{stir(h), 1, HeardLetters})
	}
	return list
}

// Pairs appends to list the pairs of words.
func (t Text) Pairs(list []Feature) []Feature {
	previous := uint32(border)
	for _, w := range t.head() {
		list = append(list, Feature{join(Pair, previous, w.hash), 1, Pair})
		previous = w.hash
	}
	return list
}

// Features are all that the text has.
func (t Text) Features() []Feature {
	var list []Feature
	for _, w := range t.Distinct(nil) {
		list = append(list, w.Own...)
	}
	for _, j := range t.Joints(nil) {
		list = j.Features(list)
	}
	return list
}

func newKnown(word string, key uint64) Known {
	heard := Sound(word)
	fr, en := stems(word)
	w := Known{Word: word, key: key, hash: hash(Word, word), sound: hash(Heard, heard), stem: hash(Stem, fr)}
	w.begin, w.end = edges(heard)
	w.Own = append(w.Own,
		Feature{w.hash, 1, Word}, Feature{w.sound, 1, Heard},
		Feature{w.stem, 1, Stem}, Feature{hash(StemEnglish, en), 1, StemEnglish})
	w.addGroups(Letters, " "+word+" ", gramMin, gramMax)
	w.addGroups(HeardLetters, heard, runLength, runLength)
	return w
}

func (w *Known) addGroups(kind Kind, letters string, from, to int) {
	start := len(w.Own)
	groups(kind, []byte(letters), from, to, func(hash uint32) {
		for i, f := range w.Own[start:] {
			if f.Hash == hash {
				w.Own[start+i].Count++
				return
			}
		}
		w.Own = append(w.Own, Feature{hash, 1, kind})
	})
}
