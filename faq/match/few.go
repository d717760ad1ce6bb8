package match

import (
	"math"

	"candide/faq/text"
	"candide/internal/topn"
)

const (
	// fewEntries is how many entries a FAQ may have for each word to remember what it adds to every one of them, in a
	// byte each.
	fewEntries = 2048
	// likely is the likeness over which entries are looked for first, since most are under it, and enough is how many have
	// to be found.
	likely = 0.05
	enough = 6
	// pairBits is how many bits tell that a pair may be known.
	pairBits = 1 << 16
	// laneSteps is how many steps a lane has in the rarity of the rarest term: a word's sums hardly ever exceed laneMost, and
	// what is lost by rounding stays far under what decides.
	laneSteps = 32
)

// part is what a word adds to a question, wherever it stands.
type part struct {
	of     *Matcher
	square float32 // of its length, with what no phrasing has
	most   uint32  // the highest of lanes
	lanes  lanes   // by entry, where they are few: how much it resembles each centre
	terms  []weighted
}

// word returns what a word adds.
func (m *Matcher) word(w *text.Known) *part {
	if p, ok := w.Recall(text.OfMatch).(*part); ok && p.of == m {
		return p
	}
	p := &part{of: m}
	p.terms, p.square = m.weigh(nil, w.Own)
	if m.few() {
		sums := make([]float32, len(m.ids))
		for _, t := range p.terms {
			for _, e := range m.entries[t.term] {
				sums[e.entry] += t.weight * e.weight
			}
		}
		p.terms = nil
		p.lanes, p.most = pack(sums, m.unit)
	}
	w.Keep(text.OfMatch, p)
	return p
}

// pair is what two words in a row add to a question, where entries are few.
type pair struct {
	square float32
	most   uint32 // the highest of steps
	steps  []step
}

// step is an entry, and how much its lane rises.
type step struct{ entry, step uint32 }

// pairUp makes the pairs of the terms of that kind.
func (m *Matcher) pairUp(examples [][]text.Feature) {
	m.pairs, m.paired = map[uint32]pair{}, make([]uint64, pairBits/64)
	for _, features := range examples {
		for _, f := range features {
			if _, done := m.pairs[f.Hash]; done || f.Kind != text.Pair {
				continue
			}
			var p pair
			term := m.terms[f.Hash]
			w := once[text.Pair] * m.rarity[term]
			p.square = w * w
			for _, e := range m.entries[term] {
				if n := inLane(w*e.weight, m.unit); n > 0 {
					p.steps = append(p.steps, step{uint32(e.entry), uint32(n)})
					p.most = max(p.most, uint32(n))
				}
			}
			m.entries[term] = nil // no word has it
			m.pairs[f.Hash] = p
			m.paired[f.Hash%pairBits/64] |= 1 << (f.Hash % 64)
		}
	}
}

// byLanes returns the entries whose centres the question resembles most, where they are few.
func (m *Matcher) byLanes(s *scratch) []Candidate {
	clear(s.totals)
	square, most := float32(0), uint32(0)
	s.lanes = s.lanes[:0]
	for _, w := range s.words {
		p := m.word(w)
		if most+p.most > totalMost {
			continue // a question so long has been asked without it
		}
		most += p.most
		square += p.square
		s.lanes = append(s.lanes, p.lanes)
	}
	s.totals.addAll(s.lanes)
	clear(s.lanes)
	for _, f := range s.pairs {
		p, known := pair{}, false
		if m.paired[f.Hash%pairBits/64]>>(f.Hash%64)&1 != 0 { // most are not
			p, known = m.pairs[f.Hash]
		}
		if !known {
			square += once[text.Pair] * once[text.Pair] * m.unseen * m.unseen
			continue
		}
		if most+p.most > totalMost {
			continue
		}
		most += p.most
		square += p.square
		for _, e := range p.steps {
			s.totals.add(e.entry, uint64(e.step))
		}
	}
	length := float32(math.Sqrt(float64(square))) * m.unit
	for from := length * likely; ; from /= 4 {
		s.found = s.totals.over(s.found[:0], s.hits, uint64(from))
		if len(s.found) >= enough || from < 2 {
			break
		}
	}
	if len(s.found) > shortlist {
		var b [shortlist]topn.Ranked
		for _, r := range s.found {
			topn.Keep(b[:], r)
		}
		s.found = append(s.found[:0], b[:]...)
	}
	s.list = s.list[:0]
	for _, r := range s.found {
		s.list = append(s.list, Candidate{r.Place(), r.Score() / length})
	}
	return s.list
}
