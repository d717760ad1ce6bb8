package match

import (
	"cmp"
	"slices"
)

// postings bounds how many (entry, feature) pairs one question looks at in a FAQ of many entries: its rarest features
// come first, and what is left out is what nearly all entries have. It is what keeps large FAQs fast.
const postings = 4_000

// rarest returns the entries that share most with the question by its rarest terms.
func (m *Matcher) rarest(s *scratch) []Candidate {
	s.asked = s.asked[:0]
	square := float32(0)
	for _, w := range s.words {
		p := m.word(w)
		s.asked = append(s.asked, p.terms...)
		square += p.square
	}
	var more float32
	s.asked, more = m.weigh(s.asked, s.pairs)
	question := s.unit(s.asked, square+more)
	list, exact := m.sharing(question, s)
	if !exact {
		s.ask(question)
		for i, c := range list {
			list[i].Score = s.dot(m.centres[c.Entry])
		}
		s.forget(question)
	}
	return list
}

// sharing returns the entries that share most with the question, by its rarest terms; exact: by all of them.
func (m *Matcher) sharing(question []weighted, s *scratch) (list []Candidate, exact bool) {
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
func (s *scratch) top(n int) []Candidate {
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
			s.list = append(s.list, Candidate{entry, sum})
		}
		s.sums[entry] = 0
	}
	s.touched = s.touched[:0]
	slices.SortFunc(s.list, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Entry, b.Entry))
	})
	return s.list[:min(n, len(s.list))]
}

// ask puts the question v, of which forget takes the weights away again.
func (s *scratch) ask(v []weighted) {
	for _, w := range v {
		s.question[w.term] = w.weight
	}
}

func (s *scratch) forget(v []weighted) {
	for _, w := range v {
		s.question[w.term] = 0
	}
}

// dot is how much of v the question has.
func (s *scratch) dot(v []weighted) (sum float32) {
	for _, w := range v {
		sum += s.question[w.term] * w.weight
	}
	return sum
}
