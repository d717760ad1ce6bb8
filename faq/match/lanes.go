package match

import "math/bits"

// lanes are numbers from 0 to laneMost, four in each word of the processor, so that four are added or compared at once.
type lanes []uint64

const (
	laneBits = 16
	perWord  = 64 / laneBits
	laneMost = 1<<(laneBits-1) - 1 // the highest bit is left for comparing
	everyOne = 0x0001_0001_0001_0001
	highBits = everyOne << (laneBits - 1)
)

func newLanes(n int) lanes { return make(lanes, (n+perWord-1)/perWord) }

// inLane is x as a lane of unit steps in one has it; nothing under nothing, so that nothing counts against an entry.
func inLane(x, unit float32) uint64 { return uint64(max(0, min(laneMost, x*unit+0.5))) }

// pack returns the lanes of sums, and the highest of them.
func pack(sums []float32, unit float32) (l lanes, most uint64) {
	l = newLanes(len(sums))
	for i, x := range sums {
		n := inLane(x, unit)
		most = max(most, n)
		l.add(uint32(i), n)
	}
	return l, most
}

// add adds n to the lane i. What a lane holds together must not exceed laneMost.
func (l lanes) add(i uint32, n uint64) { l[i/perWord] += n << (i % perWord * laneBits) }

// addFour adds four others of the same length.
func (l lanes) addFour(others *[4]lanes) {
	a, b, c, d := others[0][:len(l)], others[1][:len(l)], others[2][:len(l)], others[3][:len(l)]
	for i := range l {
		l[i] += a[i] + b[i] + c[i] + d[i]
	}
}

// addOne adds another of the same length.
func (l lanes) addOne(other lanes) {
	for i, n := range other[:len(l)] {
		l[i] += n
	}
}

// highest appends to list the n entries with the highest lanes of at least from, which is over nothing, the best first,
// each lane times scale.
func (l lanes) highest(list []Candidate, n int, from uint64, scale float32) []Candidate {
	if n == 0 {
		return list
	}
	start := len(list)
	least := everyOne * max(1, min(laneMost, from)) // in each lane: what is looked for
	for i, word := range l {
		// A lane's highest bit stays where the lane is not under least.
		for over := ((word | highBits) - least) & highBits; over != 0; over &= over - 1 {
			lane := bits.TrailingZeros64(over) / laneBits
			sum := float32(word >> (lane * laneBits) & (1<<laneBits - 1))
			full := len(list)-start == n
			if full && sum <= list[len(list)-1].Score { // least has risen since
				continue
			}
			if !full {
				list = append(list, Candidate{})
			}
			at := len(list) - 1
			for at > start && list[at-1].Score < sum {
				list[at] = list[at-1]
				at--
			}
			list[at] = Candidate{int32(i*perWord + lane), sum}
			if len(list)-start == n {
				least = everyOne * (uint64(list[len(list)-1].Score) + 1)
			}
		}
	}
	for i := range list[start:] {
		list[start+i].Score *= scale
	}
	return list
}
