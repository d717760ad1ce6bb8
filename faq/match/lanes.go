package match

import "math/bits"

// lanes are numbers from 0 to 255, one for each entry, eight in each word of the processor, so that they are added up
// together.
type lanes []uint64

// totals are sums of lanes, from 0 to 32,767: for each eight lanes a word of the even ones and one of the odd.
type totals []uint64

const (
	laneMost  = 1<<8 - 1
	totalMost = 1<<15 - 1 // the highest bit is left for comparing

	even     = 0x00ff_00ff_00ff_00ff
	everyOne = 0x0001_0001_0001_0001
	highBits = everyOne << 15
)

func newTotals(n int) totals { return make(totals, 2*((n+7)/8)) }

// inLane is x as a lane of unit steps in one has it; nothing under nothing, so that nothing counts against an entry.
func inLane(x, unit float32) uint64 { return uint64(max(0, min(laneMost, x*unit+0.5))) }

// pack returns the lanes of sums, and the highest of them.
func pack(sums []float32, unit float32) (l lanes, most uint64) {
	l = make(lanes, (len(sums)+7)/8)
	for i, x := range sums {
		n := inLane(x, unit)
		most = max(most, n)
		l[i/8] |= n << (i % 8 * 8)
	}
	return l, most
}

// place is the word of totals that an entry is in, and its first bit there.
func place(entry uint32) (word, bit uint32) { return entry/8*2 + entry%2, entry % 8 / 2 * 16 }

// entryAt is the entry of a word's lane, counted in sixteen bits.
func entryAt(word, lane int) int32 { return int32(word/2*8 + lane*2 + word%2) }

// add adds n to an entry's total. What one holds together must not exceed totalMost.
func (t totals) add(entry uint32, n uint64) {
	word, bit := place(entry)
	t[word] += n << bit
}

// addFour adds the lanes of four.
func (t totals) addFour(four *[4]lanes) {
	a := four[0]
	b, c, d := four[1][:len(a)], four[2][:len(a)], four[3][:len(a)]
	t = t[:2*len(a)]
	for i := range a {
		w, x, y, z := a[i], b[i], c[i], d[i]
		t[2*i] += w&even + x&even + y&even + z&even
		t[2*i+1] += w>>8&even + x>>8&even + y>>8&even + z>>8&even
	}
}

// addOne adds the lanes of one.
func (t totals) addOne(one lanes) {
	t = t[:2*len(one)]
	for i, w := range one {
		t[2*i] += w & even
		t[2*i+1] += w >> 8 & even
	}
}

// highest appends to list the n entries with the highest totals of at least from, which is over nothing, the best first,
// each total times scale.
func (t totals) highest(list []Candidate, n int, from uint64, scale float32) []Candidate {
	if n == 0 {
		return list
	}
	start := len(list)
	least := everyOne * max(1, min(totalMost, from)) // in each lane: what is looked for
	for i, word := range t {
		// A lane's highest bit stays where the lane is not under least.
		for over := ((word | highBits) - least) & highBits; over != 0; over &= over - 1 {
			lane := bits.TrailingZeros64(over) / 16
			sum := float32(word >> (lane * 16) & (1<<16 - 1))
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
			list[at] = Candidate{entryAt(i, lane), sum}
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
