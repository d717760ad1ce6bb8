package text

import "sync/atomic"

// Note is a place beside a word where a package keeps what it has worked out of it, as long as the word's reader
// remembers the word. What is kept must say whose it is, since another's may take its place.
type Note int

// The notes that a word has room for, each for values of one type.
const (
	OfTopics Note = iota // what it says about topics
	OfMatch              // how it resembles a FAQ's entries
	notes
)

type notebook [notes]atomic.Value

// Recall returns what was kept last at a note; nil: nothing.
func (w *Known) Recall(n Note) any { return w.notes[n].Load() }

// Keep keeps value at a note. It is safe to call from several goroutines at once.
func (w *Known) Keep(n Note, value any) { w.notes[n].Store(value) }
