package main

import (
	"testing"

	"candide/bot"
)

func TestFailpoint(t *testing.T) {
	for _, c := range []struct {
		spec string
		dies int // at which passing of "posted"; 0: never
		ok   bool
	}{
		{"", 0, true}, {"posted", 1, true}, {"posted:1", 1, true}, {"posted:3", 3, true}, {"marked", 0, true},
		{"posted:0", 0, false}, {"posted:x", 0, false}, {"nowhere", 0, false}, {":1", 0, false},
	} {
		died, n := 0, 0
		passed, err := failpoint(c.spec, func() { died = n })
		if (err == nil) != c.ok {
			t.Errorf("%q: %v", c.spec, err)
		}
		if passed == nil {
			continue
		}
		for n = 1; n <= 5; n++ {
			passed(bot.PointSeen)
			passed(bot.PointPosted)
		}
		if died != c.dies {
			t.Errorf("%q: died at %d, want %d", c.spec, died, c.dies)
		}
	}
}
