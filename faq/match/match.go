// Package match finds which of a FAQ's entries a question resembles, by the entries' own phrasings and nothing else: it
// knows no topics and no recruitment, so that an entry about anything at all is found.
//
// What a score is worth, and what to do with it, is decided in faq.
package match

import (
	"sync"

	"candide/faq/text"
	"candide/internal/topn"
)

// Example is one phrasing of an entry.
type Example struct {
	ID      string // the entry's
	Text    text.Text
	Meaning []float32 // a vector of length one; nil: none is compared
}

// Aspect is a part of what a text means: its place in a Meaning, and how much of it there is.
type Aspect struct {
	At    int32
	Share float32
}

// LeastShare is what an aspect must be of a meaning to count: of a topic, a probability of a thousandth.
const LeastShare = 0.03

// Candidate is an entry and how much a question resembles it, from 0 to 1.
type Candidate struct {
	Entry int32 // its place in IDs
	Score float32
}

// How much each likeness counts: in words, with all of an entry's phrasings together, and in meaning.
const (
	centreShare  = 0.75
	meaningShare = 0.25
)

// shortlist is how many entries, the best in words, are compared in meaning too.
const shortlist = 24

// Matcher compares questions with the phrasings of a FAQ. It is safe for concurrent use.
type Matcher struct {
	ids     []string         // entries, sorted
	terms   map[uint32]int32 // feature → its term, an index below
	rarity  []float32        // by term
	unseen  float32          // the rarity of a feature that no phrasing has
	entries [][]posting      // by term: the entries that have it
	centres [][]weighted     // by entry: all of its phrasings together
	meaning [][]float32      // by entry; nil without one
	exact   map[uint64]int32 // a phrasing's hash → its entry
	pairs   map[uint32]pair  // by feature; where entries are few, as are paired and unit
	paired  []uint64         // a bit by feature: it may be a pair
	unit    float32          // how many steps a lane has in one
	free    sync.Pool        // *scratch
}

// posting is an entry, and how much of a term it has.
type posting struct {
	entry  int32
	weight float32
}

// weighted is a term, and how much of it a text of length one has.
type weighted struct {
	term   int32
	weight float32
}

// scratch is what one question needs.
type scratch struct {
	words []*text.Known
	pairs []text.Feature
	list  []Candidate

	// Where entries are few.
	totals totals
	lanes  []lanes
	hits   []uint32
	found  []topn.Ranked

	// Where they are many: the question, its weights by term, sums by entry, and which of them are more than nothing.
	asked    []weighted
	question []float32
	sums     []float32
	touched  []int32
}

// IDs are the entries that have examples, sorted.
func (m *Matcher) IDs() []string { return m.ids }

// few reports whether the entries are few enough for each word to remember what it adds to every one of them.
func (m *Matcher) few() bool { return len(m.ids) <= fewEntries }

// mostRanked is how many entries are ranked at most.
const mostRanked = 12

// Rank appends to list the n entries that t resembles most (mostRanked at most), the best first, and none that it shares
// nothing with. meaning is what t means, nil where nothing is known of it.
func (m *Matcher) Rank(list []Candidate, t text.Text, said uint64, meaning []Aspect, n int) []Candidate {
	if len(m.ids) == 0 || len(t) == 0 {
		return list
	}
	s := m.free.Get().(*scratch)
	defer m.free.Put(s)
	s.words = t.Distinct(s.words[:0])
	s.pairs = t.Pairs(s.pairs[:0])
	defer clear(s.words) // the pool must not keep words that are forgotten
	var near []Candidate
	if m.few() {
		near = m.byLanes(s)
	} else {
		near = m.rarest(s)
	}
	for i, c := range near {
		// A centre that has learnt is no longer of length one.
		near[i].Score = centreShare*max(0, min(1, c.Score)) + meaningShare*along(meaning, m.meaning[c.Entry])
	}
	near = m.verbatim(near, t, said)
	var b [mostRanked]topn.Ranked
	for _, c := range near {
		topn.Keep(b[:], topn.As(c.Score, c.Entry))
	}
	for _, r := range b[:min(n, len(near), mostRanked)] {
		if r.Score() > 0 {
			list = append(list, Candidate{r.Place(), r.Score()})
		}
	}
	return list
}

// verbatim gives the entry of which what was said is a phrasing, to the word, or else t, a likeness of one.
func (m *Matcher) verbatim(near []Candidate, t text.Text, said uint64) []Candidate {
	entry, ok := m.exact[said]
	if !ok {
		entry, ok = m.exact[t.Hash()]
	}
	if !ok {
		return near
	}
	for i, c := range near {
		if c.Entry == entry {
			near[i].Score = 1
			return near
		}
	}
	return append(near, Candidate{entry, 1})
}

// along is how much of v the meaning has.
func along(meaning []Aspect, v []float32) (sum float32) {
	if v == nil {
		return 0
	}
	for _, a := range meaning {
		sum += a.Share * v[a.At]
	}
	return sum
}
