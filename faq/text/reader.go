package text

import (
	"strings"
	"sync"

	"candide/internal/fold"
	"candide/internal/recent"
)

// maxKnown is how many words a Reader remembers.
const maxKnown = 1 << 13

// Reader reads texts. It remembers words, since most are met again, and stems are slow to find. It is safe for
// concurrent use.
type Reader struct {
	known *recent.Table[Known] // by key
	free  sync.Pool            // *scratch
	tag   func(word string) uint8
}

// scratch is what one text needs.
type scratch struct {
	folded  []byte
	letters letters
}

// NewReader returns a reader that knows no word yet.
func NewReader() *Reader { return NewTagger(func(string) uint8 { return 0 }) }

// NewTagger returns a reader that tags each word once, where it is met first.
func NewTagger(tag func(word string) uint8) *Reader {
	return &Reader{known: recent.New[Known](maxKnown), tag: tag, free: sync.Pool{New: func() any { return new(scratch) }}}
}

// Read returns the words of s and what they bring.
func (r *Reader) Read(s string) Text { return r.Append(nil, s) }

// Append appends Read(s) to t.
func (r *Reader) Append(t Text, said string) Text {
	s := r.free.Get().(*scratch)
	defer r.free.Put(s)
	s.folded = fold.Append(s.folded[:0], Head(said))
	folded := s.folded
	s.letters.mark(folded)
	for from, to := s.letters.next(0); from < to; {
		word := folded[from:to]
		from = to
		after, end := s.letters.next(to)
		stop := uint8(None)
		for _, c := range folded[to:min(after, len(folded))] {
			stop = max(stop, stopAt[c])
		}
		t = append(t, Token{r.word(word), Stop(stop)})
		from, to = after, end
	}
	return t
}

// word returns what a word brings, from memory where it was met before.
func (r *Reader) word(spelt []byte) *Known {
	if len(spelt) > maxWord {
		spelt = []byte(strings.ToValidUTF8(string(spelt[:maxWord]), ""))
	}
	key := keyOf(spelt)
	if w := r.known.Find(key); w != nil {
		return w
	}
	w := newKnown(string(spelt), key)
	w.Tag = r.tag(w.Word)
	return r.known.Keep(key, w)
}
