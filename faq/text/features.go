package text

import "math"

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
	Skip              // two words with one between
	Stem              // a word's French stem
	StemEnglish       // a word's English stem
	Heard             // a word as it sounds
	HeardPair         // two words in a row as they sound
	Letters           // two to five letters of a word with its borders
	HeardLetters      // five of what is heard, across words: those that were cut wrongly still meet
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
	key         uint64 // of the word
	hash, sound uint32 // of the word itself, and of what is heard, as features
	begin, end  edge   // of what is heard
	Tag         uint8  // what the reader's owner has to remember of the word
	notes       notebook

	Word string    // folded
	Own  []Feature // each once
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
next:
	for _, w := range t.head() {
		for _, seen := range list[start:] {
			if seen.hash == w.hash {
				continue next
			}
		}
		list = append(list, w.Known)
	}
	return list
}

// border stands before the first word, as a hash.
const border = 0x5bd1e995

// Between appends to list what words bring by standing beside each other, as often as they do.
func (t Text) Between(list []Feature) []Feature {
	before, previous, heardBefore := uint32(border), uint32(border), uint32(border)
	words := t.head()
	for i, w := range words {
		list = append(list, Feature{join(Pair, previous, w.hash), 1, Pair}, Feature{join(Skip, before, w.hash), 1, Skip},
			Feature{join(HeardPair, heardBefore, w.sound), 1, HeardPair})
		if i > 0 {
			list = across(list, &words[i-1].end, words[i:])
		}
		before, previous, heardBefore = previous, w.hash, w.sound
	}
	return list
}

// Pairs appends to list the features of kind Pair that Between would.
func (t Text) Pairs(list []Feature) []Feature {
	previous := uint32(border)
	for _, w := range t.head() {
		list = append(list, Feature{join(Pair, previous, w.hash), 1, Pair})
		previous = w.hash
	}
	return list
}

// across appends the groups that begin in what is heard of a word, of which end is the end, and end in one of those that
// follow.
func across(list []Feature, end *edge, next Text) []Feature {
	var after [runLength - 1]byte
	n := 0
	for _, w := range next {
		n += copy(after[n:], w.begin.letters[:w.begin.n])
		if n == len(after) {
			break
		}
	}
	heard := end.letters[:end.n]
	for from := range heard {
		more := runLength - (len(heard) - from)
		if more > n {
			continue
		}
		h := seed(HeardLetters)
		for _, c := range heard[from:] {
			h = (h ^ uint32(c)) * fnvPrime
		}
		for _, c := range after[:more] {
			h = (h ^ uint32(c)) * fnvPrime
		}
		list = append(list, Feature{stir(h), 1, HeardLetters})
	}
	return list
}

// Features are all that the text has.
func (t Text) Features() []Feature {
	var list []Feature
	for _, w := range t.Distinct(nil) {
		list = append(list, w.Own...)
	}
	return t.Between(list)
}

func newKnown(word string, key uint64) *Known {
	heard := Sound(word)
	w := &Known{Word: word, key: key, hash: hash(Word, word), sound: hash(Heard, heard)}
	w.begin, w.end = edges(heard)
	fr, en := stems(word)
	w.Own = append(w.Own,
		Feature{w.hash, 1, Word}, Feature{w.sound, 1, Heard},
		Feature{hash(Stem, fr), 1, Stem}, Feature{hash(StemEnglish, en), 1, StemEnglish})
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
