package match

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// What lanes add up and find is what plain numbers do, but for the rounding of each number added.
func TestLanes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "entries")
		words := rapid.SliceOfN(rapid.SliceOfN(rapid.Float32Range(-2, 7), n, n), 1, 9).Draw(t, "words")
		want, got := make([]float64, n), newTotals(n)
		var four [4]lanes
		for i, word := range words {
			packed, most := pack(word, 32)
			if top := inLane(slices.Max(word), 32); most != top {
				t.Errorf("the highest lane is %d, want %d", most, top)
			}
			if four[i%4] = packed; i%4 == 3 {
				got.addFour(&four)
			}
			for k, x := range word {
				want[k] += max(0, float64(x))
			}
		}
		for _, one := range four[:len(words)%4] {
			got.addOne(one)
		}
		most := rapid.IntRange(0, n+2).Draw(t, "wanted")
		list := got.highest(nil, most, 1, 1.0/32)
		if len(list) > most {
			t.Fatalf("%d entries, wanted %d", len(list), most)
		}
		rounding := float64(len(words)) / 32
		kept := map[int32]bool{}
		for i, s := range list {
			kept[s.Entry] = true
			if math.Abs(float64(s.Score)-want[s.Entry]) > rounding || s.Score <= 0 {
				t.Errorf("entry %d scores %v, want %v", s.Entry, s.Score, want[s.Entry])
			}
			if i > 0 && s.Score > list[i-1].Score {
				t.Errorf("not the best first: %v", list)
			}
		}
		for k, x := range want {
			switch {
			case kept[int32(k)] || x <= rounding:
			case len(list) < most:
				t.Errorf("entry %d scores %v and is left out", k, x)
			case most > 0 && x > float64(list[len(list)-1].Score)+rounding:
				t.Errorf("entry %d scores %v and is left out for %v", k, x, list[len(list)-1])
			}
		}
	})
}

func TestInLane(t *testing.T) {
	for x, want := range map[float32]uint64{-1: 0, 0: 0, 1: 32, 0.1: 3, 1e9: laneMost, 7.9: 253, float32(math.Inf(-1)): 0} {
		if got := inLane(x, 32); got != want {
			t.Errorf("%v is %d in a lane, want %d", x, got, want)
		}
	}
}
