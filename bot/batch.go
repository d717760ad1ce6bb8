package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"candide/storage"
)

// tickEvery is how often the engine asks what is due: what a reminder is late by, at most, with nothing in its way.
const tickEvery = time.Second

// afterAnswer is how long what is due at once waits for the answer to whoever asked for it.
const afterAnswer = 200 * time.Millisecond

// Run ticks until ctx is done. It counts the time that passes, not the clock's hours: a clock that is set changes
// nothing, and a machine that slept ticks once when it wakes.
func (e *Engine) Run(ctx context.Context) {
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	for {
		if err := e.Tick(ctx); err != nil && ctx.Err() == nil {
			e.log.Error("sending reminders failed", "error", err)
		}
		select {
		case <-ticker.C:
		case <-e.woken:
			select { // what somebody is answered comes first
			case <-time.After(afterAnswer):
			case <-ctx.Done():
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// Wake makes Run tick now: something is due at once.
func (e *Engine) Wake() {
	select {
	case e.woken <- struct{}{}:
	default: // it will tick already
	}
}

// Tick sends what is due, the most urgent first, several at once, and returns when nothing is left that is due. It is
// called by one goroutine at a time.
func (e *Engine) Tick(ctx context.Context) error {
	b := batch{known: map[string]bool{}, busy: map[string]bool{}}
	if err := e.claim(ctx, &b); err != nil {
		return err
	}
	var errs []error
	claimed, done, running := e.now(), make(chan outcome), 0
	for {
		for running < atOnce && ctx.Err() == nil {
			r, ok := b.next()
			if !ok {
				break
			}
			running++
			go func() { done <- e.attempt(ctx, r) }()
		}
		if running == 0 {
			return errors.Join(errs...)
		}
		o := <-done
		running--
		b.end(o.reminder)
		if o.panicked != nil {
			for ; running > 0; running-- {
				<-done
			}
			panic(o.panicked)
		}
		if o.err != nil {
			errs = append(errs, fmt.Errorf("reminder %s: %w", o.reminder.ID, o.err))
		}
		// What came due meanwhile may be more urgent than what still waits.
		if now := e.now(); len(b.waiting) > 0 && (now.Sub(claimed) >= tickEvery || now.Before(claimed)) {
			claimed = now
			if err := e.claim(ctx, &b); err != nil {
				errs = append(errs, err)
			}
		}
	}
}

func (e *Engine) claim(ctx context.Context, b *batch) error {
	list, err := e.store.ClaimDue(ctx, e.now(), claimLease, claimMax)
	if err != nil {
		return fmt.Errorf("claiming the reminders that are due: %w", err)
	}
	b.add(list)
	return nil
}

// outcome is how the sending of one reminder ended. A panic is the tick's, which runs where it can be caught.
type outcome struct {
	reminder storage.Reminder
	err      error
	panicked any
}

func (e *Engine) attempt(ctx context.Context, r storage.Reminder) (o outcome) {
	o.reminder = r
	defer func() { o.panicked = recover() }()
	o.err = e.one(ctx, r)
	return o
}

// batch is what one tick has claimed and not sent yet. Reminders of one subject are sent one after the other.
type batch struct {
	waiting []storage.Reminder // the most urgent first
	known   map[string]bool    // ids, waiting or being sent: a claim outlived by a long tick is not taken twice
	busy    map[string]bool    // subjects
}

func (b *batch) add(list []storage.Reminder) {
	for _, r := range list {
		if !b.known[r.ID] {
			b.known[r.ID] = true
			b.waiting = append(b.waiting, r)
		}
	}
	slices.SortStableFunc(b.waiting, byUrgency)
}

// byUrgency puts what is said at once first, then what begins sooner.
func byUrgency(a, b storage.Reminder) int {
	return cmp.Or(a.Begins.Compare(b.Begins), a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID))
}

func (b *batch) next() (storage.Reminder, bool) {
	for i, r := range b.waiting {
		if !b.busy[r.Subject] {
			b.busy[r.Subject] = true
			b.waiting = slices.Delete(b.waiting, i, i+1)
			return r, true
		}
	}
	return storage.Reminder{}, false
}

func (b *batch) end(r storage.Reminder) {
	delete(b.busy, r.Subject)
	delete(b.known, r.ID)
}
