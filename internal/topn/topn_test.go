package topn

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// What is kept is what sorting would put first, and of the same score the earlier place.
func TestKeep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scores := rapid.SliceOfN(rapid.Float32Range(0, 3), 0, 40).Draw(t, "scores")
		if rapid.Bool().Draw(t, "alike") {
			for i := range scores {
				scores[i] = float32(int(scores[i]))
			}
		}
		order := make([]int, len(scores))
		best := make([]Ranked, rapid.IntRange(0, 12).Draw(t, "kept"))
		for i, s := range scores {
			order[i] = i
			Keep(best, As(s, int32(i)))
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b)) })
		for n, r := range best {
			switch {
			case n >= len(order):
				if r != 0 {
					t.Errorf("the place after the last holds %d with %v", r.Place(), r.Score())
				}
			case int(r.Place()) != order[n] || r.Score() != scores[order[n]]:
				t.Errorf("the %d. is %d with %v, want %d with %v", n+1, r.Place(), r.Score(), order[n], scores[order[n]])
			}
		}
	})
}
