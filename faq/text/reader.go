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
	hashes [ways]atomic.Uint32 // looked at first, in one go
	known  [ways]atomic.Pointer[Known]
}

// NewReader returns a reader that knows no word yet.
func NewReader() *Reader { return NewTagger(func(string) uint8 { return 0 }) }

// NewTagger returns a reader that tags each word once, where it is met first.
func NewTagger(tag func(word string) uint8) *Reader {
	return &Reader{tag: tag, free: sync.Pool{New: func() any { return new([]byte) }}}
}

// Read returns the words of s and what they bring.
func (r *Reader) Read(s string) Text {
	buffer := r.free.Get().(*[]byte)
	defer r.free.Put(buffer)
	folded := fold.Append((*buffer)[:0], Head(s))
	*buffer = folded
	t := make(Text, 0, 1+len(folded)/4)
	scan(folded, func(word []byte, h uint32) {
		t = append(t, Token{Known: r.word(word, h)})
	}, func(s Stop) {
		if last := len(t) - 1; last >= 0 {
			t[last].Stop = max(t[last].Stop, s)
		}
	})
	return t
}

// word returns what a word brings, from memory where it was met before; h is its hash.
func (r *Reader) word(letters []byte, h uint32) *Known {
	if len(letters) > maxWord {
		s := strings.ToValidUTF8(string(letters[:maxWord]), "")
		letters, h = []byte(s), hash(Word, s)
	}
	row := &r.rows[h%uint32(len(r.rows))]
	for i := range ways {
		if row.hashes[i].Load() == h {
			if w := row.known[i].Load(); w != nil && w.Word == string(letters) {
				return w
			}
		}
	}
	w := newKnown(string(letters))
	w.Tag = r.tag(w.Word)
	place := r.turn.Add(1) % ways
	for i := range ways {
		if row.known[i].Load() == nil {
			place = uint32(i)
			break
		}
	}
	row.known[place].Store(w)
	row.hashes[place].Store(h)
	return w
}
