// Package match finds which of a FAQ's entries a question resembles, by the entries' own phrasings and nothing else: it
// knows no topics and no recruitment, so that an entry about anything at all is found.
//
// What a score is worth, and what to do with it, is decided in faq.
package match

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"

	"candide/faq/text"
)

// Example is one phrasing of an entry.
type Example struct {
	ID      string // the entry's
	Text    text.Text
	Meaning []float32 // a vector of length one; nil: none is compared
}

// Candidate is an entry and how much a question resembles it, from 0 to 1.
type Candidate struct {
	ID    string
	Score float64
}

// How much each likeness counts: with the nearest phrasing, with all of an entry's together, and in meaning.
const (
	nearestShare = 0.25
	centreShare  = 0.55
	meaningShare = 0.2
)

// worth is how much one occurrence of each kind of feature counts.
var worth = [text.Kinds]float64{
	text.Word: 1, text.Pair: 0.5, text.Stem: 0.8, text.StemEnglish: 0.8, text.Letters: 0.25,
}

const (
	// postings bounds how many (entry, feature) pairs one question looks at: its rarest features come first, and what
	// is left out is what nearly all entries have. It is what keeps large FAQs fast.
	postings = 4_000
	// shortlist is how many entries are compared in full, and closeList how many of them phrasing by phrasing.
	shortlist = 32
	closeList = 8
)

// Matcher compares questions with the phrasings of a FAQ. It is safe for concurrent use.
type Matcher struct {
	ids     []string         // entries, sorted
	terms   map[uint32]int32 // feature → its term, an index below
	rarity  []float32        // by term
	entries [][]posting      // by term: the entries that have it
	centres [][]weighted     // by entry: all of its phrasings together
	own     [][][]weighted   // by entry: its phrasings
	meaning [][]float32      // by entry; nil without one
	unseen  float32          // the rarity of a feature that no phrasing has
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

// scratch is what one question needs: sums by entry, and the question's weights by term.
type scratch struct {
	question []float32
	sums     []float32
	touched  []int32
	list     []scored
}

// New returns a matcher of examples, whatever their order.
func New(examples []Example) *Matcher {
	m := &Matcher{terms: map[uint32]int32{}}
	examples = inOrder(examples)
	owner := make([]int32, len(examples))
	for i, e := range examples {
		if i == 0 || e.ID != examples[i-1].ID {
			m.ids = append(m.ids, e.ID)
		}
		owner[i] = int32(len(m.ids) - 1)
		for _, f := range e.Text.Features {
			term, known := m.terms[f.Hash]
			if !known {
				term = int32(len(m.rarity))
				m.terms[f.Hash] = term
				m.rarity = append(m.rarity, 0)
			}
			m.rarity[term]++
		}
	}
	n := float64(len(examples))
	for term, df := range m.rarity {
		m.rarity[term] = float32(math.Log((n + 1) / (float64(df) + 0.5)))
	}
	m.unseen = float32(math.Log((n + 1) / 0.5))
	m.own = make([][][]weighted, len(m.ids))
	for i, e := range examples {
		m.own[owner[i]] = append(m.own[owner[i]], m.weigh(e.Text))
	}
	norms := m.addCentres()
	m.post()
	if len(examples) <= learnMost {
		m.learn(norms)
		m.post()
	}
	m.addMeanings(owner, examples)
	m.free.New = func() any {
		return &scratch{question: make([]float32, len(m.rarity)), sums: make([]float32, len(m.ids))}
	}
	return m
}

// inOrder returns the examples that have words, by entry and then by words.
func inOrder(examples []Example) []Example {
	list := make([]Example, 0, len(examples))
	for _, e := range examples {
		if len(e.Text.Features) > 0 {
			list = append(list, e)
		}
	}
	slices.SortStableFunc(list, func(a, b Example) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), slices.Compare(a.Text.Words, b.Text.Words))
	})
	return list
}

// weigh returns the known terms of t, of length one together with those that are not known.
func (m *Matcher) weigh(t text.Text) []weighted {
	v := make([]weighted, 0, len(t.Features))
	sum := float32(0)
	for _, f := range t.Features {
		if worth[f.Kind] == 0 {
			continue
		}
		term, known := m.terms[f.Hash]
		rarity := m.unseen
		if known {
			rarity = m.rarity[term]
		}
		w := float32(math.Sqrt(float64(f.Count)*worth[f.Kind])) * rarity
		sum += w * w
		if known {
			v = append(v, weighted{term, w})
		}
	}
	scale := float32(1 / math.Sqrt(float64(sum)))
	for i := range v {
		v[i].weight *= scale
	}
	return v
}

// addCentres makes each entry's centre, of length one, and returns how long the sum of its phrasings was.
func (m *Matcher) addCentres() (norms []float32) {
	m.centres = make([][]weighted, len(m.ids))
	norms = make([]float32, len(m.ids))
	total := make([]float32, len(m.rarity))
	for entry, phrasings := range m.own {
		var terms []int32
		for _, p := range phrasings {
			for _, w := range p {
				if total[w.term] == 0 {
					terms = append(terms, w.term)
				}
				total[w.term] += w.weight
			}
		}
		sum := 0.0
		for _, t := range terms {
			sum += float64(total[t]) * float64(total[t])
		}
		norms[entry] = float32(math.Sqrt(sum))
		centre := make([]weighted, len(terms))
		for i, t := range terms {
			centre[i] = weighted{t, total[t] / float32(math.Sqrt(sum))}
			total[t] = 0
		}
		m.centres[entry] = centre
	}
	return norms
}

// post lists the entries by what their centres have.
func (m *Matcher) post() {
	m.entries = make([][]posting, len(m.rarity))
	for entry, centre := range m.centres {
		for _, w := range centre {
			m.entries[w.term] = append(m.entries[w.term], posting{int32(entry), w.weight})
		}
	}
}

// addMeanings gives each entry the sum of its phrasings' meanings, brought to length one.
func (m *Matcher) addMeanings(owner []int32, examples []Example) {
	m.meaning = make([][]float32, len(m.ids))
	for i, e := range examples {
		v := e.Meaning
		if v == nil {
			continue
		}
		sum := m.meaning[owner[i]]
		if sum == nil {
			sum = make([]float32, len(v))
			m.meaning[owner[i]] = sum
		}
		for k, x := range v {
			sum[k] += x
		}
	}
	for _, v := range m.meaning {
		length := math.Sqrt(dot(v, v))
		for k := range v {
			v[k] = float32(float64(v[k]) / length)
		}
	}
}

func dot(a, b []float32) float64 {
	sum := 0.0
	for k := range min(len(a), len(b)) {
		sum += float64(a[k]) * float64(b[k])
	}
	return sum
}

// scored is an entry under comparison.
type scored struct {
	entry int32
	score float64
}

func best(a, b scored) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.entry, b.entry))
}

// Rank returns the n entries that t resembles most, the best first, and none that it shares nothing with. meaning is
// t's, nil where it has none.
func (m *Matcher) Rank(t text.Text, meaning []float32, n int) []Candidate {
	if len(m.ids) == 0 || len(t.Features) == 0 {
		return nil
	}
	s := m.free.Get().(*scratch)
	defer m.free.Put(s)
	question := m.weigh(t)
	list, exact := m.shortlist(question, s)
	for _, w := range question {
		s.question[w.term] = w.weight
	}
	for i, c := range list {
		if !exact {
			c.score = s.dot(m.centres[c.entry])
		}
		list[i].score = centreShare * max(0, min(1, c.score)) // a centre that has learnt is no longer of length one
		list[i].score += meaningShare * dot(meaning, m.meaning[c.entry])
	}
	slices.SortFunc(list, best)
	for i, c := range list {
		// Further down the nearest phrasing cannot make a candidate of an entry any more: it is left at its centre's.
		if i < closeList {
			list[i].score += nearestShare * s.nearest(m.own[c.entry])
		} else {
			list[i].score += nearestShare * min(list[i].score, 1)
		}
	}
	for _, w := range question {
		s.question[w.term] = 0
	}
	slices.SortFunc(list, best)
	list = slices.DeleteFunc(list, func(c scored) bool { return c.score <= 0 })
	candidates := make([]Candidate, min(n, len(list)))
	for i := range candidates {
		candidates[i] = Candidate{m.ids[list[i].entry], list[i].score}
	}
	return candidates
}

// shortlist returns the entries that share most with the question, by its rarest terms; exact: by all of them.
func (m *Matcher) shortlist(question []weighted, s *scratch) (list []scored, exact bool) {
	slices.SortFunc(question, func(a, b weighted) int {
		return cmp.Or(cmp.Compare(len(m.entries[a.term]), len(m.entries[b.term])), cmp.Compare(a.term, b.term))
	})
	left, exact := postings, true
	for _, w := range question {
		if left -= len(m.entries[w.term]); left < 0 && len(s.touched) > 0 {
			exact = false
			break
		}
		for _, p := range m.entries[w.term] {
			if s.sums[p.entry] == 0 {
				s.touched = append(s.touched, p.entry)
			}
			s.sums[p.entry] += w.weight * p.weight
		}
	}
	return s.top(shortlist), exact
}

// top returns the n entries with the highest sums, the best first, and clears the sums. The list is the scratch's own.
func (s *scratch) top(n int) []scored {
	// Which sums can be among the n highest is found by counting them in steps, without sorting those of a large FAQ.
	const steps = 512
	var counts [steps]int32
	step := func(sum float32) int { return max(0, min(steps-1, int(sum*steps))) }
	for _, entry := range s.touched {
		counts[step(s.sums[entry])]++
	}
	from, kept := steps-1, 0
	for ; from > 0; from-- {
		if kept += int(counts[from]); kept >= n {
			break
		}
	}
	s.list = s.list[:0]
	for _, entry := range s.touched {
		if sum := s.sums[entry]; step(sum) >= from {
			s.list = append(s.list, scored{entry, float64(sum)})
		}
		s.sums[entry] = 0
	}
	s.touched = s.touched[:0]
	slices.SortFunc(s.list, best)
	return s.list[:min(n, len(s.list))]
}

// dot is how much of v the question has.
func (s *scratch) dot(v []weighted) float64 {
	sum := float32(0)
	for _, w := range v {
		sum += s.question[w.term] * w.weight
	}
	return float64(sum)
}

// nearest is the question's likeness to the one of phrasings that it resembles most.
func (s *scratch) nearest(phrasings [][]weighted) float64 {
	top := 0.0
	for _, p := range phrasings {
		top = max(top, s.dot(p))
	}
	return top
}
