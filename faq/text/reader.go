package text

import (
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
	free sync.Pool     // *[]byte
	tag  func(word string) uint8
}

type row struct {
	keys  [ways]atomic.Uint64 // looked at first, in one go
	known [ways]atomic.Pointer[Known]
}

// NewReader returns a reader that knows no word yet.
func NewReader() *Reader { return NewTagger(func(string) uint8 { return 0 }) }

// NewTagger returns a reader that tags each word once, where it is met first.
func NewTagger(tag func(word string) uint8) *Reader {
	return &Reader{tag: tag, free: sync.Pool{New: func() any { return new([]byte) }}}
}

// Read returns the words of s and what they bring.
func (r *Reader) Read(s string) Text { return r.Append(nil, s) }

// Append appends Read(s) to t.
func (r *Reader) Append(t Text, s string) Text {
	buffer := r.free.Get().(*[]byte)
	defer r.free.Put(buffer)
	folded := fold.Append((*buffer)[:0], Head(s))
	*buffer = folded
	start := len(t)
	scan(folded, func(word []byte, key uint64) {
		t = append(t, Token{Known: r.word(word, key)})
	}, func(s Stop) {
		if last := len(t) - 1; last >= start {
			t[last].Stop = max(t[last].Stop, s)
		}
	})
	return t
}

// word returns what a word brings, from memory where it was met before; key is its own.
func (r *Reader) word(letters []byte, key uint64) *Known {
	if len(letters) > maxWord {
		s := strings.ToValidUTF8(string(letters[:maxWord]), "")
		letters, key = []byte(s), keyOf(s)
	}
	row := &r.rows[(key^key>>32)%uint64(len(r.rows))]
	for i := range ways {
		if row.keys[i].Load() == key {
			if w := row.known[i].Load(); w != nil && w.key == key {
				return w
			}
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
