package text

import (
	"math/bits"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"candide/internal/fold"
)

// A Reader remembers at most maxKnown words, in rows of eight by hash.
const (
	maxKnown = 8192
	ways     = 8
)

// Reader reads texts. It remembers words, since most are met again, and stems are slow to find. It is safe for
// concurrent use.
type Reader struct {
	rows [maxKnown / ways]row
	turn atomic.Uint32 // whose place is taken next, in a row that is full
	free sync.Pool     // *scratch
	tag  func(word string) uint8
}

// scratch is what one text needs.
type scratch struct {
	folded  []byte
	letters letters
}

type row struct {
	keys  [ways]atomic.Uint64 // looked at first, in one go
	known [ways]atomic.Pointer[Known]
}

// NewReader returns a reader that knows no word yet.
func NewReader() *Reader { return NewTagger(func(string) uint8 { return 0 }) }

// NewTagger returns a reader that tags each word once, where it is met first.
func NewTagger(tag func(word string) uint8) *Reader {
	return &Reader{tag: tag, free: sync.Pool{New: func() any { return new(scratch) }}}
}

// Read returns the words of s and what they bring.
func (r *Reader) Read(s string) Text { return r.Append(nil, s) }

// Append appends Read(s) to t.
func (r *Reader) Append(t Text, said string) Text {
	s := r.free.Get().(*scratch)
	defer r.free.Put(s)
	s.folded = fold.Append(s.folded[:0], Head(said))
	s.folded = slices.Grow(s.folded, 8) // keys are read eight bytes at a time
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
func (r *Reader) word(letters []byte) *Known {
	if len(letters) > maxWord {
		letters = []byte(strings.ToValidUTF8(string(letters[:maxWord]), ""))
	}
	key := keyOf(letters)
	row := &r.rows[(key^key>>32)%uint64(len(r.rows))]
	same := uint64(0) // a bit for each place that has the key
	for i := range ways {
		other := row.keys[i].Load() ^ key
		same |= ((other|-other)>>63 ^ 1) << i
	}
	if same != 0 {
		if w := row.known[bits.TrailingZeros64(same)].Load(); w != nil && w.key == key {
			return w
		}
	}
	w := newKnown(string(letters), key)
	w.Tag = r.tag(w.Word)
	place := r.turn.Add(1) % ways
	for i := range ways {
		if row.known[i].Load() == nil {
			place = uint32(i)
			break
		}
	}
	row.known[place].Store(w)
	row.keys[place].Store(key)
	return w
}
