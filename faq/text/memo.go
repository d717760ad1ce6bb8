package text

import "sync/atomic"

// Memo keeps a value for each of some words, and forgets others for new ones where they are too many. Words are told
// apart by their letters, whoever read them. It is safe for concurrent use.
type Memo[V any] struct {
	rows []row[V]
	turn atomic.Uint32 // whose place is taken next, in a row that is full
}

// ways is in how many places of its row a word may be.
const ways = 8

type row[V any] struct {
	hashes [ways]atomic.Uint32 // looked at first, in one go
	kept   [ways]atomic.Pointer[kept[V]]
}

type kept[V any] struct {
	word  string
	value V
}

// NewMemo returns a memo of at most n words, a multiple of eight.
func NewMemo[V any](n int) *Memo[V] { return &Memo[V]{rows: make([]row[V], n/ways)} }

// Get returns the value of a word; nil: none is kept.
func (m *Memo[V]) Get(w *Known) *V {
	r := m.row(w.hash)
	for i := range ways {
		if r.hashes[i].Load() == w.hash {
			if k := r.kept[i].Load(); k != nil && k.word == w.Word {
				return &k.value
			}
		}
	}
	return nil
}

// Put keeps the value of a word, and returns where it is kept.
func (m *Memo[V]) Put(w *Known, v V) *V { return m.put(w.hash, w.Word, v) }

func (m *Memo[V]) row(hash uint32) *row[V] { return &m.rows[hash%uint32(len(m.rows))] }

func (m *Memo[V]) put(hash uint32, word string, v V) *V {
	r, place := m.row(hash), m.turn.Add(1)%ways
	for i := range ways {
		if r.kept[i].Load() == nil {
			place = uint32(i)
			break
		}
	}
	k := &kept[V]{word, v}
	r.kept[place].Store(k)
	r.hashes[place].Store(hash)
	return &k.value
}

// letters returns the value of a word by its hash and letters; nil: none is kept.
func (m *Memo[V]) letters(hash uint32, word []byte) *V {
	r := m.row(hash)
	for i := range ways {
		if r.hashes[i].Load() == hash {
			if k := r.kept[i].Load(); k != nil && k.word == string(word) {
				return &k.value
			}
		}
	}
	return nil
}
