package match

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"candide/internal/topn"
)

// What lanes add up and find is what plain numbers do, but for the rounding of each number added.
func TestLanes(t *testing.T) {
	const unit = 16
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "entries")
		words := rapid.SliceOfN(rapid.SliceOfN(rapid.Float32Range(-2, 7), n, n), 1, 9).Draw(t, "words")
		want, got := make([]float64, n), newTotals(n)
		var list []lanes
		for _, word := range words {
			packed, most := pack(word, unit)
			if top := inLane(slices.Max(word), unit); uint64(most) != top {
				t.Errorf("the highest lane is %d, want %d", most, top)
			}
			list = append(list, packed)
			for k, x := range word {
				want[k] += max(0, float64(x))
			}
		}
		got.addAll(list)
		from := rapid.Uint64Range(1, 200).Draw(t, "from")
		rounding := float64(len(words)) / unit
		found := map[int32]bool{}
		b := make([]topn.Ranked, 13)
		above := got.over(nil, make([]uint32, len(got)), from)
		for _, r := range above {
			topn.Keep(b, r)
			found[r.Place()] = true
			if score := float64(r.Score()) / unit; math.Abs(score-want[r.Place()]) > rounding || uint64(r.Score()) < from {
				t.Errorf("entry %d scores %v, want %v", r.Place(), score, want[r.Place()])
			}
		}
		for k, x := range want {
			if !found[int32(k)] && x > float64(from)/unit+rounding {
				t.Errorf("entry %d scores %v and is left out of those over %d", k, x, from)
			}
		}
		slices.SortFunc(above, func(a, b topn.Ranked) int {
			return cmp.Or(cmp.Compare(b.Score(), a.Score()), cmp.Compare(a.Place(), b.Place()))
		})
		for i, r := range b {
			if i < len(above) && r != above[i] || i >= len(above) && r != 0 {
				t.Errorf("place %d has entry %d with %v; the order is %v", i, r.Place(), r.Score(), above)
			}
		}
	})
}

func TestInLane(t *testing.T) {
	for x, want := range map[float32]uint64{-1: 0, 0: 0, 1: 32, 0.1: 3, 1e9: laneMost, 3.9: 125, float32(math.Inf(-1)): 0} {
		if got := inLane(x, 32); got != want {
			t.Errorf("%v is %d in a lane, want %d", x, got, want)
		}
	}
}
