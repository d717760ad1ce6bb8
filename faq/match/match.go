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

// Embedder gives a text's meaning as a vector of length one, always of the same size; nil for a text without any.
type Embedder func(text string) []float32

// How much each likeness counts: to the nearest example, to all of the entry's examples together, and in meaning.
// Chosen on the public question sets, where neither peer comes near without the second and third.
const (
	nearestShare = 0.25
	centreShare  = 0.5
	meaningShare = 0.25
)

// shortlist is how many entries are compared in meaning: those whose words come nearest.
const shortlist = 100

// Matcher ranks entries by their examples.
type Matcher struct {
	ids      []string // entries, in the order first seen
	owner    []int32  // example → entry
	idf      map[uint64]float64
	examples map[uint64][]posting // feature → the examples that have it
	centres  map[uint64][]posting // feature → the entries that have it
	meaning  [][]float32          // by entry
	unseen   float64              // the rarity of a feature that no example has
}

// posting is where a feature occurs, and its share of that vector.
type posting struct {
	at     int32
	weight float32
}

// New builds a matcher. Examples without any letter or digit are left out. embed may be nil.
func New(examples []Example, embed Embedder) *Matcher {
	m := &Matcher{idf: map[uint64]float64{}, examples: map[uint64][]posting{}, centres: map[uint64][]posting{}}
	index := map[string]int32{}
	var vectors [][]feature
	var texts []string
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
		vectors, texts = append(vectors, v), append(texts, e.Text)
		for _, f := range v {
			m.idf[f.hash]++
		}
	}
	n := float64(len(vectors))
	for h, df := range m.idf {
		m.idf[h] = math.Log((n + 1) / (df + 0.5))
	}
	m.unseen = math.Log((n + 1) / 0.5)
	centres := make([]map[uint64]float64, len(m.ids))
	for i, v := range vectors {
		m.scale(v)
		centre := centres[m.owner[i]]
		if centre == nil {
			centre = map[uint64]float64{}
			centres[m.owner[i]] = centre
		}
		for _, f := range v {
			m.examples[f.hash] = append(m.examples[f.hash], posting{int32(i), float32(f.weight)})
			centre[f.hash] += f.weight
		}
	}
	for entry, centre := range centres {
		m.addCentre(int32(entry), centre)
	}
	if embed != nil {
		m.addMeanings(texts, embed)
	}
	return m
}

func (m *Matcher) addCentre(entry int32, centre map[uint64]float64) {
	v := make([]feature, 0, len(centre))
	for h, w := range centre {
		v = append(v, feature{h, w})
	}
	slices.SortFunc(v, byHash)
	sum := 0.0
	for _, f := range v {
		sum += f.weight * f.weight
	}
	for _, f := range v {
		m.centres[f.hash] = append(m.centres[f.hash], posting{entry, float32(f.weight / math.Sqrt(sum))})
	}
}

func (m *Matcher) addMeanings(texts []string, embed Embedder) {
	m.meaning = make([][]float32, len(m.ids))
	for i, text := range texts {
		v := embed(text)
		if v == nil {
			continue
		}
		sum := m.meaning[m.owner[i]]
		if sum == nil {
			sum = make([]float32, len(v))
			m.meaning[m.owner[i]] = sum
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

// scale weighs a vector by rarity and brings it to length one.
func (m *Matcher) scale(v []feature) {
	sum := 0.0
	for i, f := range v {
		idf, ok := m.idf[f.hash]
		if !ok {
			idf = m.unseen
		}
		v[i].weight = f.weight * idf
		sum += v[i].weight * v[i].weight
	}
	for i := range v {
		v[i].weight /= math.Sqrt(sum)
	}
}

// Rank returns the n entries that text resembles most, best first; fewer when fewer share anything with it. meaning is
// what the embedder makes of text, nil without one.
func (m *Matcher) Rank(text string, meaning []float32, n int) []Candidate {
	v := features(text)
	if len(v) == 0 || len(m.owner) == 0 {
		return nil
	}
	m.scale(v)
	similar, centre := make([]float64, len(m.owner)), make([]float64, len(m.ids))
	for _, f := range v {
		for _, p := range m.examples[f.hash] {
			similar[p.at] += f.weight * float64(p.weight)
		}
		for _, p := range m.centres[f.hash] {
			centre[p.at] += f.weight * float64(p.weight)
		}
	}
	nearest := make([]float64, len(m.ids))
	for i, s := range similar {
		nearest[m.owner[i]] = max(nearest[m.owner[i]], s)
	}
	type scored struct {
		entry int
		score float64
	}
	var list []scored
	for e := range m.ids {
		if nearest[e] > 0 {
			list = append(list, scored{e, nearestShare*nearest[e] + centreShare*centre[e]})
		}
	}
	best := func(a, b scored) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.entry, b.entry)) }
	if m.meaning != nil && meaning != nil {
		slices.SortFunc(list, best)
		list = list[:min(shortlist, len(list))]
		for i := range list {
			list[i].score += meaningShare * dot(meaning, m.meaning[list[i].entry])
		}
	}
	slices.SortFunc(list, best)
	candidates := make([]Candidate, min(n, len(list)))
	for i := range candidates {
		candidates[i] = Candidate{m.ids[list[i].entry], list[i].score}
	}
	return candidates
}
