package match

import (
	"math/bits"

	"candide/internal/topn"
)

// lanes are numbers from 0 to 127, one for each entry, eight in each word of the processor, so that they are added up
// together: two words' still fit.
type lanes []uint64

// totals are sums of lanes, from 0 to 32,767: for each eight lanes a word of the even ones and one of the odd.
type totals []uint64

const (
	laneMost  = 1<<7 - 1
	totalMost = 1<<15 - 1 // the highest bit is left for comparing

	even     = 0x00ff_00ff_00ff_00ff
	everyOne = 0x0001_0001_0001_0001
	highBits = everyOne << 15
)

func newTotals(n int) totals { return make(totals, 2*((n+7)/8)) }

// inLane is x as a lane of unit steps in one has it; nothing under nothing, so that nothing counts against an entry.
func inLane(x, unit float32) uint64 { return uint64(max(0, min(laneMost, x*unit+0.5))) }

// pack returns the lanes of sums, and the highest of them.
func pack(sums []float32, unit float32) (l lanes, most uint32) {
	l = make(lanes, (len(sums)+7)/8)
	for i, x := range sums {
		n := inLane(x, unit)
		most = max(most, uint32(n))
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

// addAll adds the lanes of each, four together, which is quicker than one by one.
func (t totals) addAll(list []lanes) {
	for ; len(list) >= 4; list = list[4:] {
		a := list[0]
		b, c, d := list[1][:len(a)], list[2][:len(a)], list[3][:len(a)]
		t := t[:2*len(a)]
		for i := range a {
			x, y := a[i]+b[i], c[i]+d[i]
			t[2*i] += x&even + y&even
			t[2*i+1] += x>>8&even + y>>8&even
		}
	}
	for _, one := range list {
		t := t[:2*len(one)]
		for i, w := range one {
			t[2*i] += w & even
			t[2*i+1] += w >> 8 & even
		}
	}
}

// over appends to found the totals of at least from, which is over nothing, each with its entry. Where they stand cannot be
// foretold, and a processor that guesses wrong loses more time than the counting takes: so it is not asked of each word
// of t whether it holds any. words has room for as many as t has.
func (t totals) over(found []topn.Ranked, words []uint32, from uint64) []topn.Ranked {
	least := everyOne * max(1, min(totalMost, from)) // in each lane: what is looked for
	n := 0
	for i, word := range t {
		// A lane's highest bit stays where the lane is not under least.
		over := ((word | highBits) - least) & highBits
		words[n] = uint32(i)
		n += int((over | -over) >> 63)
	}
	for _, i := range words[:n] {
		word := t[i]
		for over := ((word | highBits) - least) & highBits; over != 0; over &= over - 1 {
			lane := bits.TrailingZeros64(over) / 16
			found = append(found, topn.As(float32(word>>(lane*16)&(1<<16-1)), entryAt(int(i), lane)))
		}
	}
	return found
}
