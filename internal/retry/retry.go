// Package retry waits for a server that does not answer, and knows what waiting does not repair.
package retry

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// Sleep waits for d and reports whether ctx let it.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Backoff waits longer each time, from First to Max, with jitter of half of it either way. First is required.
type Backoff struct {
	First, Max time.Duration

	n int
}

// Sleep waits and reports whether ctx let it.
func (b *Backoff) Sleep(ctx context.Context) bool {
	d := min(b.First<<min(b.n, 10), b.Max)
	b.n++
	return Sleep(ctx, d/2+time.Duration(rand.Int64N(int64(d))))
}

// Reset begins anew after a success.
func (b *Backoff) Reset() { b.n = 0 }

// Ease keeps the next wait to at most four times the first after a success that did not last.
func (b *Backoff) Ease() { b.n = min(b.n, 2) }

// Fatal is what waiting does not repair, but a person: a refused token, a channel that does not exist.
type Fatal struct{ error }

// Unwrap is what errors.Is and errors.As look into.
func (f Fatal) Unwrap() error { return f.error }

// Fatalf makes a Fatal as fmt.Errorf makes an error.
func Fatalf(format string, args ...any) error { return Fatal{fmt.Errorf(format, args...)} }

// Until does something until it succeeds, and tells waiting before each wait why it did not. It ends early when ctx does,
// or with a Fatal error; done says that it succeeded.
func Until(ctx context.Context, wait Backoff, do func(context.Context) error, waiting func(error)) (done bool, err error) {
	for {
		err := do(ctx)
		if err == nil {
			return true, nil
		}
		if ctx.Err() != nil {
			return false, nil
		}
		if f := (Fatal{}); errors.As(err, &f) {
			return false, err
		}
		waiting(err)
		if !wait.Sleep(ctx) {
			return false, nil
		}
	}
}
