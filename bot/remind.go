package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"candide/storage"
)

const (
	// claimLease is how long a claimed reminder belongs to the tick that claimed it. Past it, the process that
	// claimed it is taken for dead, and its key is looked up before anything is posted again.
	claimLease = 2 * time.Minute
	// claimMax is how many reminders one tick takes.
	claimMax = 200
	// lateAfter is the lateness from which a reminder says that it is late.
	lateAfter = 2 * time.Minute
	// retryAfter is the wait after a first failed attempt; it doubles up to retryMax.
	retryAfter, retryMax = 5 * time.Second, 5 * time.Minute
)

// ReminderStore is what the engine needs of the store.
type ReminderStore interface {
	ClaimDue(ctx context.Context, now time.Time, lease time.Duration, max int) ([]storage.Reminder, error)
	MarkSent(ctx context.Context, id, post string, at time.Time) error
	MarkReminder(ctx context.Context, id string, state storage.ReminderState, reason string) error
	ReleaseReminder(ctx context.Context, id string, nextTry time.Time, reason string) error
	RemindersOf(ctx context.Context, subject string) ([]storage.Reminder, error)
}

// Composer says what a reminder says. late is 0 when it is on time.
type Composer interface {
	ComposeReminder(ctx context.Context, r storage.Reminder, late time.Duration) (Reply, error)
	// ComposeMissed is what recruiters are told of a reminder that its subject overtook.
	ComposeMissed(ctx context.Context, r storage.Reminder) (Reply, error)
}

// Engine sends the reminders that are due, once each. Its due times live in the store: Tick only asks what is due, so
// that a stopped, sleeping or wrongly set machine loses nothing.
type Engine struct {
	runtime  *Runtime
	store    ReminderStore
	composer Composer
	now      func() time.Time
	log      *slog.Logger
}

// NewEngine returns an engine that posts through r.
func NewEngine(r *Runtime, store ReminderStore, composer Composer) *Engine {
	return &Engine{runtime: r, store: store, composer: composer, now: r.now, log: r.log}
}

// Tick sends what is due. It is called by one goroutine at a time, about once a second.
func (e *Engine) Tick(ctx context.Context) error {
	claimed, err := e.store.ClaimDue(ctx, e.now(), claimLease, claimMax)
	if err != nil {
		return fmt.Errorf("claiming the reminders that are due: %w", err)
	}
	slices.SortStableFunc(claimed, func(a, b storage.Reminder) int { return a.Begins.Compare(b.Begins) })
	var errs []error
	for _, r := range claimed {
		if err := e.one(ctx, r); err != nil {
			errs = append(errs, fmt.Errorf("reminder %s: %w", r.ID, err))
		}
	}
	return errors.Join(errs...)
}

// standing says how a claimed reminder stands now: whether it is still to be sent (its jury may have been moved or
// cancelled since it was claimed), and whether it is the last of its subject that has come due, the only one worth
// sending. The store is asked and not the other claims alone: one that failed is tried again later than the rest.
func (e *Engine) standing(ctx context.Context, r storage.Reminder) (live, last bool, err error) {
	all, err := e.store.RemindersOf(ctx, r.Subject)
	if err != nil {
		return false, false, fmt.Errorf("looking at the reminders of %s: %w", r.Subject, err)
	}
	live, last = false, true
	for _, other := range all {
		switch {
		case other.ID == r.ID:
			live = other.State == storage.ReminderSending
		case other.State == storage.ReminderCancelled || other.Due.After(e.now()):
		case !other.Begins.Equal(r.Begins): // sent for a date that was moved since
		case other.Due.After(r.Due) || other.Due.Equal(r.Due) && other.ID > r.ID:
			last = false
		}
	}
	return live, last, nil
}

func (e *Engine) one(ctx context.Context, r storage.Reminder) error {
	now := e.now()
	if r.Attempts == 1 {
		e.runtime.meter.Reminder(ReminderDue)
	}
	e.runtime.passed(PointIntended) // claiming it says so
	live, last, err := e.standing(ctx, r)
	if err != nil || !live {
		return err // still claimed, in the first case: it comes again once the lease is over
	}
	place := Place{
		Platform: PlatformID(r.To.Platform), Channel: ChannelID(r.To.ID), Name: r.To.Name, Visibility: Private,
	}
	if r.Attempts > 1 {
		// An earlier attempt may have posted it and died before saying so.
		id, found, err := e.find(ctx, place, r)
		if err != nil {
			return e.retry(ctx, r, fmt.Errorf("looking for an earlier post: %w", err))
		}
		if found {
			return e.sent(ctx, r, id, 0)
		}
	}
	if !r.Begins.IsZero() && !now.Before(r.Begins) {
		return e.missed(ctx, r, last)
	}
	if !last {
		return e.store.MarkReminder(ctx, r.ID, storage.ReminderSkipped, "a later reminder for the same subject was due too")
	}
	late := now.Sub(r.Due)
	if late < lateAfter {
		late = 0
	}
	reply, err := e.composer.ComposeReminder(ctx, r, late)
	if err != nil {
		return e.retry(ctx, r, err)
	}
	reply.Key = r.ID
	post, err := e.runtime.Deliver(ctx, Target{Place: place}, reply)
	if err != nil {
		return e.retry(ctx, r, err)
	}
	e.runtime.passed(PointPosted)
	return e.sent(ctx, r, post, late)
}

// sent records that a reminder is out: a stop at this moment must not leave it looking unsent.
func (e *Engine) sent(ctx context.Context, r storage.Reminder, post PostID, late time.Duration) error {
	if err := e.store.MarkSent(context.WithoutCancel(ctx), r.ID, string(post), e.now()); err != nil {
		return err
	}
	e.runtime.passed(PointMarked)
	e.runtime.meter.Reminder(ReminderSent)
	if late > 0 {
		e.runtime.meter.Reminder(ReminderLate)
	}
	return nil
}

func (e *Engine) find(ctx context.Context, place Place, r storage.Reminder) (PostID, bool, error) {
	platform, ok := e.runtime.Platform(place.Platform)
	if !ok {
		return "", false, fmt.Errorf("the platform %q is not connected", place.Platform)
	}
	finder, ok := platform.(Finder)
	if !ok {
		return "", false, nil
	}
	return finder.FindPost(ctx, Target{Place: place}, r.ID, r.Due.Add(-time.Minute))
}

// missed marks a reminder that its subject overtook, then tells the recruiters, once for each subject. It marks
// first: telling twice would be worse than once too few, since the state is in the store for them to read.
func (e *Engine) missed(ctx context.Context, r storage.Reminder, tell bool) error {
	if err := e.store.MarkReminder(ctx, r.ID, storage.ReminderMissed, "its subject had begun"); err != nil {
		return err
	}
	e.runtime.meter.Reminder(ReminderMissed)
	if !tell {
		return nil
	}
	reply, err := e.composer.ComposeMissed(ctx, r)
	if err != nil {
		return err
	}
	_, err = e.runtime.TellRecruiters(ctx, PlatformID(r.To.Platform), reply)
	return err
}

func (e *Engine) retry(ctx context.Context, r storage.Reminder, cause error) error {
	wait := retryAfter << min(r.Attempts-1, 10)
	if wait > retryMax || wait <= 0 {
		wait = retryMax
	}
	// The cause is logged by the caller; the store keeps its kind only, since it may quote a channel's name.
	if err := e.store.ReleaseReminder(ctx, r.ID, e.now().Add(wait), "posting failed"); err != nil {
		return errors.Join(cause, err)
	}
	return cause
}
