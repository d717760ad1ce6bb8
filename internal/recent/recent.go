// Package recent remembers what was worked out lately, for those who work it out again otherwise: a bounded table that any
// number of goroutines read and write without waiting for each other. What is kept is shared: it must not change, or be safe
// to change. Nothing may depend on its being kept.
package recent

import (
	"math/bits"
	"sync/atomic"
)

// ways is how many values a row has room for: the keys of a row fill one line of a processor's memory.
const ways = 8

// Table holds values by key. Keys must be spread evenly over all 64 bits, and others must not be able to choose them.
type Table[T any] struct {
	rows []row[T]
	turn atomic.Uint32 // whose place is taken next, in a row that is full
}

type row[T any] struct {
	keys   [ways]atomic.Uint64 // looked at first, all in one go
	values [ways]atomic.Pointer[slot[T]]
}

// slot keeps a value together with its key: those of a row are written one after the other.
type slot[T any] struct {
	key   uint64
	value T
}

// New returns a table of at most so many values: a power of two, from 8 on.
func New[T any](most int) *Table[T] { return &Table[T]{rows: make([]row[T], most/ways)} }

func (t *Table[T]) row(key uint64) *row[T] { return &t.rows[key&uint64(len(t.rows)-1)] }

// Find returns the value of key; nil where it is not known, or not any more.
func (t *Table[T]) Find(key uint64) *T {
	r := t.row(key)
	same := uint64(0) // a bit for each place that has the key: which one cannot be foretold, so none is asked alone
	for i := range ways {
		other := r.keys[i].Load() ^ key
		same |= ((other|-other)>>63 ^ 1) << i
	}
	for ; same != 0; same &= same - 1 {
		if s := r.values[bits.TrailingZeros64(same)].Load(); s != nil && s.key == key {
			return &s.value
		}
	}
	return nil
}

// Keep makes value known under key, in the place of another where there is none left, and returns where it stays.
func (t *Table[T]) Keep(key uint64, value T) *T {
	r := t.row(key)
	place := t.turn.Add(1) % ways
	for i := range ways {
		if r.values[i].Load() == nil {
			place = uint32(i)
			break
		}
	}
	s := &slot[T]{key, value}
	r.values[place].Store(s)
	r.keys[place].Store(key)
	return &s.value
}
