package match

import (
	"cmp"
	"math"
	"slices"
)

// Example is one way of asking for an entry.
type Example struct {
	ID   string // the entry's
	Text string
}

// Candidate is an entry and how much a question resembles it, from 0 (nothing shared) to 1 (the same words).
type Candidate struct {
	ID    string
	Score float64
}

// Matcher ranks entries by their examples.
type Matcher struct {
	ids      []string // entries, in the order first seen
	owner    []int32  // example → entry
	idf      map[uint64]float64
	postings map[uint64][]posting
	unseen   float64 // the rarity of a feature that no example has
}

type posting struct {
	example int32
	weight  float32
}

// New builds a matcher. Examples without any letter or digit are left out.
func New(examples []Example) *Matcher {
	m := &Matcher{idf: map[uint64]float64{}, postings: map[uint64][]posting{}}
	index := map[string]int32{}
	var vectors [][]feature
	for _, e := range examples {
		v := features(e.Text)
		if len(v) == 0 {
			continue
		}
		entry, known := index[e.ID]
		if !known {
			entry = int32(len(m.ids))
			index[e.ID] = entry
			m.ids = append(m.ids, e.ID)
		}
		m.owner = append(m.owner, entry)
		vectors = append(vectors, v)
		for _, f := range v {
			m.idf[f.hash]++
		}
	}
	n := float64(len(vectors))
	for h, df := range m.idf {
		m.idf[h] = math.Log((n+1)/(df+0.5)) + 0.1
	}
	m.unseen = math.Log((n+1)/0.5) + 0.1
	for i, v := range vectors {
		scale := 1 / m.norm(v)
		for _, f := range v {
			w := f.weight * m.idf[f.hash] * scale
			m.postings[f.hash] = append(m.postings[f.hash], posting{int32(i), float32(w)})
		}
	}
	return m
}

func (m *Matcher) weight(f feature) float64 {
	idf, ok := m.idf[f.hash]
	if !ok {
		idf = m.unseen
	}
	return f.weight * idf
}

func (m *Matcher) norm(v []feature) float64 {
	sum := 0.0
	for _, f := range v {
		w := m.weight(f)
		sum += w * w
	}
	return math.Sqrt(sum)
}

// Rank returns the n entries that text resembles most, best first; fewer when fewer share anything with it.
func (m *Matcher) Rank(text string, n int) []Candidate {
	v := features(text)
	if len(v) == 0 || len(m.owner) == 0 {
		return nil
	}
	scale := 1 / m.norm(v)
	similar := make([]float64, len(m.owner))
	for _, f := range v {
		postings, ok := m.postings[f.hash]
		if !ok {
			continue
		}
		w := m.weight(f) * scale
		for _, p := range postings {
			similar[p.example] += w * float64(p.weight)
		}
	}
	// The best example decides, helped a little by the others: one phrasing said almost word for word is worth
	// more than many that share a word each.
	best, sum, count := make([]float64, len(m.ids)), make([]float64, len(m.ids)), make([]float64, len(m.ids))
	for i, s := range similar {
		e := m.owner[i]
		best[e] = max(best[e], s)
		sum[e] += s
		count[e]++
	}
	var candidates []Candidate
	for e, b := range best {
		if b > 0 {
			score := 0.8*b + 0.2*math.Min(1, 3*sum[e]/(count[e]+2))
			candidates = append(candidates, Candidate{m.ids[e], score})
		}
	}
	slices.SortFunc(candidates, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
	})
	return candidates[:min(n, len(candidates))]
}
