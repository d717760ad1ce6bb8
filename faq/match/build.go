package match

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"candide/faq/text"
)

// worth is how much one occurrence of each kind of feature counts.
var worth = [text.Kinds]float64{
	text.Word: 1, text.Pair: 0.25, text.Stem: 0.8, text.StemEnglish: 0.8, text.Letters: 0.3,
}

// once is the root of worth: what one occurrence counts.
var once = text.Roots(worth)

// New returns a matcher of examples, whatever their order.
func New(examples []Example) *Matcher {
	m := &Matcher{terms: map[uint32]int32{}, exact: map[uint64]int32{}}
	examples = inOrder(examples)
	owner := make([]int32, len(examples))
	for i, e := range examples {
		if i == 0 || e.ID != examples[i-1].ID {
			m.ids = append(m.ids, e.ID)
		}
		owner[i] = int32(len(m.ids) - 1)
		hash := e.Text.Hash()
		if _, taken := m.exact[hash]; !taken {
			m.exact[hash] = owner[i]
		}
	}
	features := m.count(examples)
	own := make([][][]weighted, len(m.ids)) // by entry: its phrasings
	s := m.newScratch()
	for i := range examples {
		own[owner[i]] = append(own[owner[i]], s.unit(m.weigh(nil, features[i])))
	}
	norms := m.addCentres(own)
	m.post()
	if len(examples) <= learnMost {
		m.learn(s, own, norms)
	}
	m.widen(s, own)
	m.post()
	m.addMeanings(own, owner, examples)
	m.free.New = func() any { return m.newScratch() }
	if m.few() {
		m.unit = laneSteps / max(slices.Max(append(m.rarity, 0)), 1e-3)
		m.pairUp(features)
		m.centres = nil // they are in the postings too
		m.free.New = func() any {
			t := newTotals(len(m.ids))
			return &scratch{totals: t, hits: make([]uint32, len(t))}
		}
	}
	return m
}

func (m *Matcher) newScratch() *scratch {
	return &scratch{question: make([]float32, len(m.rarity)), sums: make([]float32, len(m.ids))}
}

// count makes the terms and how rare they are, and returns each example's features.
func (m *Matcher) count(examples []Example) (features [][]text.Feature) {
	var last []int // by term: the example that counted it last
	for i, e := range examples {
		features = append(features, e.Text.Features())
		for _, f := range features[i] {
			if worth[f.Kind] == 0 {
				continue
			}
			term, known := m.terms[f.Hash]
			if !known {
				term = int32(len(m.rarity))
				m.terms[f.Hash] = term
				m.rarity, last = append(m.rarity, 0), append(last, -1)
			}
			if last[term] != i {
				m.rarity[term]++
				last[term] = i
			}
		}
	}
	n := float64(len(examples))
	for term, df := range m.rarity {
		m.rarity[term] = float32(math.Log((n + 1) / (float64(df) + 0.5)))
	}
	m.unseen = float32(math.Log((n + 1) / 0.5))
	return features
}

// inOrder returns the examples that have words, by entry and then by words.
func inOrder(examples []Example) []Example {
	list := make([]Example, 0, len(examples))
	for _, e := range examples {
		if len(e.Text) > 0 {
			list = append(list, e)
		}
	}
	slices.SortStableFunc(list, func(a, b Example) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), slices.Compare(a.Text.Strings(), b.Text.Strings()))
	})
	return list
}

// weigh appends the terms of features to v; square is that of the length of all of them, known or not.
func (m *Matcher) weigh(v []weighted, features []text.Feature) (terms []weighted, square float32) {
	for _, f := range features {
		if worth[f.Kind] == 0 {
			continue
		}
		term, known := m.terms[f.Hash]
		rarity := m.unseen
		if known {
			rarity = m.rarity[term]
		}
		w := once[f.Kind] * rarity
		if f.Count > 1 {
			w *= float32(math.Sqrt(float64(f.Count)))
		}
		square += w * w
		if known {
			v = append(v, weighted{term, w})
		}
	}
	return v, square
}

// unit brings v to length one, and what it has of a term together.
func (s *scratch) unit(v []weighted, square float32) []weighted {
	scale := float32(1 / math.Sqrt(float64(square)))
	n := 0
	for _, w := range v {
		if s.question[w.term] == 0 {
			v[n].term = w.term
			n++
		}
		s.question[w.term] += w.weight * scale
	}
	v = v[:n]
	for i, w := range v {
		v[i].weight = s.question[w.term]
		s.question[w.term] = 0
	}
	return v
}

// addCentres makes each entry's centre, of length one, and returns how long the sum of its phrasings was.
func (m *Matcher) addCentres(own [][][]weighted) (norms []float32) {
	m.centres = make([][]weighted, len(m.ids))
	norms = make([]float32, len(m.ids))
	total := make([]float32, len(m.rarity))
	for entry, phrasings := range own {
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

// widening is how much widen makes up for: 0 nothing, 1 all, so that an entry's own phrasings resemble their centre
// wholly, on average.
const widening = 0.4

// widen makes up for what an entry's phrasings have not in common: the more unlike they are, the less each of them, and
// each question like it, resembles their centre.
func (m *Matcher) widen(s *scratch, own [][][]weighted) {
	for entry, phrasings := range own {
		sum := 0.0
		for _, p := range phrasings {
			s.ask(p)
			sum += float64(s.dot(m.centres[entry]))
			s.forget(p)
		}
		scale := float32(math.Pow(max(sum/float64(len(phrasings)), 0.1), -widening))
		for i := range m.centres[entry] {
			m.centres[entry][i].weight *= scale
		}
	}
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

// addMeanings gives each entry the sum of its phrasings' meanings, brought to a length that says how sure it is.
func (m *Matcher) addMeanings(own [][][]weighted, owner []int32, examples []Example) {
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
	for entry, v := range m.meaning {
		// A single phrasing says little of what else an entry may be asked with.
		n := float64(len(own[entry]))
		scale := float32(n / (n + 1) / math.Sqrt(dot(v, v)))
		for k := range v {
			v[k] *= scale
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
