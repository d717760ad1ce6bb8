package text

import (
	"strings"
	"sync"
)

// Feature is something that a text has, and how often. Different features have the same hash once in some billions.
type Feature struct {
	Hash  uint32
	Count uint16
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
	HeardLetters      // four to six of what is heard, across words: those that were cut wrongly still meet
	Kinds             // how many there are
)

// The lengths of groups of letters.
const (
	gramMin, gramMax = 2, 5
	runMin, runMax   = 4, 6
)

// Text is what was read of a text.
type Text struct {
	Words    []string  // folded
	Features []Feature // each once, in the order first met
}

// Reader reads texts. It remembers the words that it has seen, up to a bound, since stems are slow to find. It is safe
// for concurrent use.
type Reader struct {
	mu    sync.RWMutex
	known map[string]*word
	free  sync.Pool // *counter
}

// maxKnown bounds how many words a Reader remembers; it forgets them all past it.
const maxKnown = 8192

// word is what one word brings, wherever it stands.
type word struct {
	hash, sound uint32 // of the word itself, and of what is heard
	heard       string
	features    []Feature
}

// NewReader returns a reader that knows no word yet.
func NewReader() *Reader {
	return &Reader{known: map[string]*word{}, free: sync.Pool{New: func() any { return new(counter) }}}
}

// Read returns the words and the features of s.
func (r *Reader) Read(s string) Text {
	t := Text{Words: Words(s)}
	count := r.free.Get().(*counter)
	defer r.free.Put(count)
	count.reset()
	const border = 0x5bd1e995
	before, previous, heardBefore := uint32(border), uint32(border), uint32(border)
	for _, s := range t.Words[:min(maxWords, len(t.Words))] {
		w := r.word(s)
		for _, f := range w.features {
			count.add(f.Kind, f.Hash)
		}
		count.add(Pair, join(Pair, previous, w.hash))
		count.add(Skip, join(Skip, before, w.hash))
		count.add(HeardPair, join(HeardPair, heardBefore, w.sound))
		count.run = append(count.run, w.heard...)
		before, previous, heardBefore = previous, w.hash, w.sound
	}
	groups(HeardLetters, count.run, runMin, runMax, func(hash uint32) { count.add(HeardLetters, hash) })
	t.Features = append(t.Features, count.list...)
	return t
}

// word returns what s brings, from memory where it was met before.
func (r *Reader) word(s string) *word {
	if len(s) > maxWord {
		s = strings.ToValidUTF8(s[:maxWord], "")
	}
	r.mu.RLock()
	w, ok := r.known[s]
	r.mu.RUnlock()
	if ok {
		return w
	}
	w = newWord(s)
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.known) >= maxKnown {
		clear(r.known)
	}
	r.known[strings.Clone(s)] = w // s is a part of a longer text, which must not be kept for it
	return w
}

func newWord(s string) *word {
	w := &word{hash: hash(Word, s), heard: Sound(s)}
	w.sound = hash(Heard, w.heard)
	fr, en := stems(s)
	w.features = append(w.features,
		Feature{Hash: w.hash, Kind: Word}, Feature{Hash: w.sound, Kind: Heard},
		Feature{Hash: hash(Stem, fr), Kind: Stem}, Feature{Hash: hash(StemEnglish, en), Kind: StemEnglish})
	groups(Letters, []byte(" "+s+" "), gramMin, gramMax, func(hash uint32) {
		w.features = append(w.features, Feature{Hash: hash, Kind: Letters})
	})
	return w
}

// FNV-1a, of 32 bits, and a last stirring so that the low bits alone are as good as all.
const (
	fnvOffset = 2166136261
	fnvPrime  = 16777619
)

func seed(kind Kind) uint32 { return (fnvOffset ^ (uint32(kind) + 1)) * fnvPrime }

func stir(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}

func hash(kind Kind, s string) uint32 {
	h := seed(kind)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * fnvPrime
	}
	return stir(h)
}

// join is the hash of two hashes in order.
func join(kind Kind, a, b uint32) uint32 {
	return stir((seed(kind)^a)*fnvPrime ^ b*0x9e3779b1)
}

// groups calls found with the hash of each run of from to to bytes.
func groups(kind Kind, letters []byte, from, to int, found func(hash uint32)) {
	for i := range letters {
		h := seed(kind)
		for n, c := range letters[i:min(i+to, len(letters))] {
			h = (h ^ uint32(c)) * fnvPrime
			if n+1 >= from {
				found(stir(h))
			}
		}
	}
}

// counter adds up features, each once, in the order first met.
type counter struct {
	list  []Feature
	slots []int32 // open addressing by hash: position in list plus one; 0: free
	run   []byte
}

// startSlots is a power of two, as is every later number of slots.
const startSlots = 1024

func (c *counter) reset() {
	c.list, c.run = c.list[:0], c.run[:0]
	if c.slots == nil {
		c.slots = make([]int32, startSlots)
	}
	clear(c.slots)
}

func (c *counter) add(kind Kind, hash uint32) {
	i := c.find(hash)
	if at := c.slots[i]; at > 0 {
		c.list[at-1].Count++
		return
	}
	c.list = append(c.list, Feature{hash, 1, kind})
	c.slots[i] = int32(len(c.list))
	if 2*len(c.list) > len(c.slots) {
		c.grow()
	}
}

func (c *counter) find(hash uint32) int {
	last := uint32(len(c.slots) - 1)
	for i := hash & last; ; i = (i + 1) & last {
		if at := c.slots[i]; at == 0 || c.list[at-1].Hash == hash {
			return int(i)
		}
	}
}

func (c *counter) grow() {
	c.slots = make([]int32, 2*len(c.slots))
	for n, f := range c.list {
		c.slots[c.find(f.Hash)] = int32(n + 1)
	}
}
