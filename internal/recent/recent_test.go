package recent

import (
	"math/rand/v2"
	"sync"
	"testing"
	"unsafe"
)

func TestFindsWhatIsKept(t *testing.T) {
	table := New[int](ways)
	if got := table.Find(0); got != nil {
		t.Errorf("an empty table has %d", *got)
	}
	for key := range uint64(ways) {
		if got := table.Keep(key, int(key)+100); *got != int(key)+100 {
			t.Errorf("kept %d as %d", key, *got)
		}
	}
	for key := range uint64(ways) {
		if got := table.Find(key); got == nil || *got != int(key)+100 {
			t.Errorf("%d is not what was kept", key)
		}
	}
	// One more takes the place of one.
	table.Keep(ways, 7)
	lost := 0
	for key := range uint64(ways) {
		if table.Find(key) == nil {
			lost++
		}
	}
	if got := table.Find(ways); got == nil || *got != 7 || lost != 1 {
		t.Errorf("the newest is %v, and %d were lost", got, lost)
	}
}

// However many write at once, a key never finds another's value, and what several keep under one key is found.
func TestManyAtOnce(t *testing.T) {
	table := New[uint64](2 * ways)
	var wg sync.WaitGroup
	for n := range uint64(4) {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(n, 1))
			for range 20_000 {
				key := rng.Uint64N(24)
				got := table.Find(key)
				if got == nil {
					got = table.Keep(key, key*3)
				}
				if *got != key*3 {
					t.Errorf("%d finds %d", key, *got)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestKeysOfARowAreOneLine(t *testing.T) {
	if size := unsafe.Sizeof(row[int]{}.keys); size != 64 {
		t.Errorf("a row's keys take %d bytes", size)
	}
}
