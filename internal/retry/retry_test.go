package retry_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"candide/internal/retry"
)

func TestBackoffGrowsUpToItsMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait := retry.Backoff{First: 100 * time.Millisecond, Max: time.Second}
		took := func() time.Duration {
			begin := time.Now()
			if !wait.Sleep(t.Context()) {
				t.Fatal("not slept")
			}
			return time.Since(begin)
		}
		within := func(nominal time.Duration) {
			t.Helper()
			if d := took(); d < nominal/2 || d >= nominal*3/2 {
				t.Errorf("%v, around %v", d, nominal)
			}
		}
		for _, nominal := range []time.Duration{100, 200, 400, 800, 1000, 1000} {
			within(nominal * time.Millisecond)
		}
		for range 100 {
			within(time.Second)
		}
		wait.Ease()
		within(400 * time.Millisecond)
		wait.Reset()
		within(100 * time.Millisecond)
		wait.Ease()
		within(200 * time.Millisecond)
	})
}

func TestSleepEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		if retry.Sleep(ctx, time.Hour) {
			t.Error("slept")
		}
		if d := time.Since(begin); d != time.Second {
			t.Errorf("woke after %v", d)
		}
	})
}

func TestUntil(t *testing.T) {
	away := errors.New("away")
	for _, c := range []struct {
		name  string
		says  []error // one a try; after them, cancelled
		done  bool
		fatal bool
		waits int
	}{
		{"at once", []error{nil}, true, false, 0},
		{"after a while", []error{away, away, nil}, true, false, 2},
		{"refused", []error{away, fmt.Errorf("asked: %w", retry.Fatalf("refused: %w", away)), nil}, false, true, 1},
		{"ended while asking", []error{away}, false, false, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				tries, waits := 0, 0
				done, err := retry.Until(ctx, retry.Backoff{First: time.Second, Max: time.Minute}, func(context.Context) error {
					if tries++; tries > len(c.says) {
						cancel()
						return away
					}
					return c.says[tries-1]
				}, func(err error) {
					if waits++; !errors.Is(err, away) {
						t.Errorf("waits because of %v", err)
					}
				})
				if done != c.done || (err != nil) != c.fatal || waits != c.waits {
					t.Errorf("done %v, error %v, %d waits", done, err, waits)
				}
				if f := (retry.Fatal{}); c.fatal && (!errors.As(err, &f) || !errors.Is(err, away)) {
					t.Errorf("not fatal: %v", err)
				}
			})
		})
	}
}

func TestUntilEndsWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin := time.Now()
		done, err := retry.Until(ctx, retry.Backoff{First: time.Hour, Max: time.Hour},
			func(context.Context) error { return errors.New("away") }, func(error) {})
		if done || err != nil || time.Since(begin) != time.Minute {
			t.Errorf("done %v, error %v, after %v", done, err, time.Since(begin))
		}
	})
}
