package text

import "sync/atomic"

// Note is a place beside a word where a package keeps what it has worked out of it, as long as the word's reader
// remembers the word. Each place holds one owner's: another's takes its place.
type Note int

// The notes that a word has room for.
const (
	OfTopics Note = iota // what it says about topics
	OfMatch              // how it resembles a FAQ's entries
	notes
)

// noted is what an owner keeps.
type noted struct{ owner, value any }

// Recall returns what owner keeps at a note; nil: nothing.
func (w *Known) Recall(n Note, owner any) any {
	if kept := w.notes[n].Load(); kept != nil && kept.owner == owner {
		return kept.value
	}
	return nil
}

// Keep keeps owner's value at a note. It is safe to call from several goroutines at once.
func (w *Known) Keep(n Note, owner, value any) { w.notes[n].Store(&noted{owner, value}) }

type notebook [notes]atomic.Pointer[noted]
