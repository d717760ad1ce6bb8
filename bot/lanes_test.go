package bot

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"candide/storage"
)

// add reserves a place and takes it.
func add(l *lanes, key string, f func()) error {
	if err := l.reserve(); err != nil {
		return err
	}
	l.do(key, f)
	return nil
}

func TestLanesKeepOrder(t *testing.T) {
	l := newLanes(4, 1000)
	var mu sync.Mutex
	got := map[string][]int{}
	for i := range 100 {
		for _, key := range []string{"ada", "bob", "cid"} {
			err := add(l, key, func() {
				mu.Lock()
				defer mu.Unlock()
				got[key] = append(got[key], i)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	l.close()
	for key, order := range got {
		if len(order) != 100 || !slices.IsSorted(order) {
			t.Errorf("%s was served in the order %v", key, order)
		}
	}
}

// One whose work takes long keeps nobody else waiting.
func TestLanesAreIndependent(t *testing.T) {
	l := newLanes(2, 10)
	slow, quick := make(chan struct{}), make(chan struct{})
	for _, err := range []error{
		add(l, "slow", func() { <-slow }),
		add(l, "quick", func() { close(quick) }),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	<-quick
	close(slow)
	l.close()
}

func TestLanesBound(t *testing.T) {
	l := newLanes(1, 3)
	hold := make(chan struct{})
	done := make(chan struct{}, 3)
	work := func() { <-hold; done <- struct{}{} }
	for i := range 3 {
		if err := add(l, fmt.Sprint(i), work); err != nil {
			t.Fatalf("place %d of 3: %v", i+1, err)
		}
	}
	if err := add(l, "late", work); !errors.Is(err, ErrBusy) {
		t.Errorf("a fourth: %v, want ErrBusy", err)
	}
	close(hold)
	for range 3 {
		<-done
	}
	l.close()
	if l.waiting != 0 || len(l.queues) != 0 {
		t.Errorf("at the end %d wait, in %d queues", l.waiting, len(l.queues))
	}
	if err := l.reserve(); !errors.Is(err, ErrBusy) {
		t.Errorf("after close: %v, want ErrBusy", err)
	}
}

func TestLanesReleased(t *testing.T) {
	l := newLanes(1, 1)
	for range 5 {
		if err := l.reserve(); err != nil {
			t.Fatal(err)
		}
		l.release()
	}
	l.close() // does not wait for places given back
}

// close waits for what was taken, also for what waits behind it.
func TestLanesClose(t *testing.T) {
	l := newLanes(1, 10)
	hold, closed := make(chan struct{}), make(chan struct{})
	n := 0
	for range 5 {
		if err := add(l, "ada", func() { <-hold; n++ }); err != nil {
			t.Fatal(err)
		}
	}
	go func() { l.close(); close(closed) }()
	close(hold)
	<-closed
	if n != 5 {
		t.Errorf("%d of 5 were done", n)
	}
}

// The numbered choices of a thousand people are a bounded memory: the oldest go first.
func TestChoicesForgetTheOldest(t *testing.T) {
	c := newChoices(2)
	now := time.Date(2020, 11, 16, 9, 0, 0, 0, time.UTC)
	in := Place{Channel: "c", Thread: "t", Visibility: Public}
	for i, who := range []storage.PersonRef{"x:ada", "x:bob", "x:cid"} {
		c.put(who, in, "post", []storage.Offer{{Key: string(who)}}, now.Add(time.Duration(i)*time.Minute))
	}
	for who, want := range map[storage.PersonRef]bool{"x:ada": false, "x:bob": true, "x:cid": true} {
		if _, ok := c.take(who, in, 1, now.Add(3*time.Minute)); ok != want {
			t.Errorf("%s: %v, want %v", who, ok, want)
		}
	}
}
