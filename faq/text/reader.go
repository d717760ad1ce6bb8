package text

import (
	"strings"
	"sync"

	"candide/internal/fold"
)

// maxKnown is how many words a Reader remembers at most.
const maxKnown = 8192

// Reader reads texts. It remembers words, since most are met again, and stems are slow to find. It is safe for
// concurrent use.
type Reader struct {
	known *Memo[Known]
	free  sync.Pool // *[]byte
	tag   func(word string) uint8
}

// NewReader returns a reader that knows no word yet.
func NewReader() *Reader { return NewTagger(func(string) uint8 { return 0 }) }

// NewTagger returns a reader that tags each word once, where it is met first.
func NewTagger(tag func(word string) uint8) *Reader {
	return &Reader{known: NewMemo[Known](maxKnown), tag: tag, free: sync.Pool{New: func() any { return new([]byte) }}}
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
	if w := r.known.letters(h, letters); w != nil {
		return w
	}
	w := newKnown(string(letters))
	w.Tag = r.tag(w.Word)
	return r.known.put(h, w.Word, w)
}
