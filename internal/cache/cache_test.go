package cache_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"candide/internal/cache"
)

func TestValuesAgeAndAreDropped(t *testing.T) {
	t.Parallel()
	now := time.Date(2020, 11, 16, 9, 0, 0, 0, time.UTC)
	c := cache.New[int](10, time.Minute, func() time.Time { return now })
	known := func(key string, want int) {
		t.Helper()
		got, ok := c.Get(key)
		if ok != (want != 0) || got != want {
			t.Errorf("%s: %d, %v; want %d", key, got, ok, want)
		}
	}
	known("a", 0)
	c.Put("a", 1)
	c.Put("b", 2)
	known("a", 1)
	known("b", 2)
	now = now.Add(40 * time.Second)
	c.Put("b", 3) // anew
	c.Put("c", 4)
	c.Drop("c")
	c.Drop("never")
	known("c", 0)
	now = now.Add(40 * time.Second)
	known("a", 0)
	known("b", 3)
	if got := c.Values(); !slices.Equal(got, []int{3}) {
		t.Errorf("still known: %v", got)
	}
	now = now.Add(time.Minute)
	known("b", 0)
	if got := c.Values(); len(got) != 0 {
		t.Errorf("known for ever: %v", got)
	}
}

func TestBounded(t *testing.T) {
	t.Parallel()
	c := cache.New[int](10, time.Minute, time.Now)
	for i := range 1000 {
		c.Put(strconv.Itoa(i), i)
		if n := len(c.Values()); n > 10 || n == 0 {
			t.Fatalf("%d values after %d", n, i+1)
		}
		if got, ok := c.Get(strconv.Itoa(i)); !ok || got != i {
			t.Fatalf("the last one is not known: %d, %v", got, ok)
		}
	}
}
