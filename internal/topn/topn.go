// Package topn keeps the best of a list without sorting it. Which of two is better cannot be foretold, and a processor that
// guesses wrong loses more time than all the comparing takes: so nothing here asks.
package topn

import "math"

// Ranked is a place in a list and its score, as one number: the higher score is the higher number, and of the same score
// the earlier place. The zero value is under every other.
type Ranked uint64

// As ranks a place, from 0 on, by a score that is not under nothing: such numbers are in the same order as their bits.
func As(score float32, place int32) Ranked {
	return Ranked(math.Float32bits(score))<<32 | Ranked(^uint32(place))
}

// Score is what r is ranked by.
func (r Ranked) Score() float32 { return math.Float32frombits(uint32(r >> 32)) }

// Place is r's place in its list.
func (r Ranked) Place() int32 { return int32(^uint32(r)) }

// Keep puts r in its place among the best, which are in order, then zero; the last may fall out. Each takes the higher and
// hands the lower on.
func Keep(best []Ranked, r Ranked) {
	for i, there := range best {
		best[i] = max(there, r)
		r = min(there, r)
	}
}
