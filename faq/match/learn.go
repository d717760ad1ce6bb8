package match

import (
	"math"
	"math/rand/v2"
	"slices"
)

// The centres are first what an entry's phrasings have in common; then they learn what tells entries apart. Each
// phrasing is put to its own entry, as if it were not one of its phrasings, and to those that resemble it most, and
// what they share is moved from the wrong ones to the right one.
const (
	learnEpochs = 12
	learnRate   = 0.05
	learnSharp  = 16.0 // how sharply a difference in likeness becomes one in probability
	learnRivals = 8    // how many entries a phrasing is put to
	learnEnough = 0.95 // the probability of the right entry from which a phrasing is learnt
	// learnMost is the number of phrasings past which nothing is learnt: it would take too long, each time that an
	// entry is edited.
	learnMost = 20_000
)

// learn moves the centres; own are the phrasings by entry, norms are how long the sum of each entry's phrasings was.
func (m *Matcher) learn(s *scratch, own [][][]weighted, norms []float32) {
	type example struct {
		entry  int32
		v      []weighted
		rivals []int32
	}
	var examples []example
	for entry, phrasings := range own {
		if len(phrasings) < 2 {
			continue
		}
		for _, v := range phrasings {
			e := example{entry: int32(entry), v: v}
			list, _ := m.sharing(slices.Clone(v), s)
			for _, c := range list {
				if c.Entry != e.entry && len(e.rivals) < learnRivals {
					e.rivals = append(e.rivals, c.Entry)
				}
			}
			if len(e.rivals) > 0 {
				examples = append(examples, e)
			}
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	p := make([]float64, 0, learnRivals+1)
	for range learnEpochs {
		rng.Shuffle(len(examples), func(i, j int) { examples[i], examples[j] = examples[j], examples[i] })
		open := examples[:0]
		for _, e := range examples {
			s.ask(e.v)
			p = append(p[:0], float64(s.dot(m.centres[e.entry])-1/norms[e.entry]))
			for _, r := range e.rivals {
				p = append(p, float64(s.dot(m.centres[r])))
			}
			top := slices.Max(p)
			sum := 0.0
			for i := range p {
				p[i] = math.Exp(learnSharp * (p[i] - top))
				sum += p[i]
			}
			if p[0]/sum < learnEnough {
				open = append(open, e)
			}
			m.move(e.entry, s, float32(learnRate*(1-p[0]/sum)))
			for i, r := range e.rivals {
				m.move(r, s, float32(-learnRate*p[i+1]/sum))
			}
			s.forget(e.v)
		}
		examples = open
	}
}

// move adds a share of the question to an entry's centre, where the centre has its terms already.
func (m *Matcher) move(entry int32, s *scratch, share float32) {
	if share > -1e-4 && share < 1e-4 {
		return
	}
	for i, w := range m.centres[entry] {
		if q := s.question[w.term]; q != 0 {
			m.centres[entry][i].weight += share * q
		}
	}
}
