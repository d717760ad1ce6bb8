package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"candide/storage"
)

const (
	// claimLease is how long a claimed reminder belongs to the tick that claimed it. Past it, the process that
	// claimed it is taken for dead, and its key is looked up before anything is posted again.
	claimLease = 2 * time.Minute
	// claimMax is how many reminders are claimed at a time.
	claimMax = 5000
	// atOnce is how many reminders are sent at the same time: enough to keep a server's rate limit busy while answers
	// and pauses are waited for.
	atOnce = 16
	// lateAfter is the lateness from which a reminder says that it is late.
	lateAfter = time.Minute
	// retryAfter is the wait after a first failed attempt; it doubles up to retryMax, which is below
	// storage.ClockSlack.
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

// ErrNothing is returned by a Composer where there is nothing to say any more, or nobody to say it to.
var ErrNothing = errors.New("nothing to say")

// Composer says what a reminder says, and to whom.
type Composer interface {
	// Addressee is where a reminder goes: its channel, or a person. It returns ErrNothing, wrapped, where nobody is
	// left to hear it.
	Addressee(ctx context.Context, r storage.Reminder) (Target, error)
	// ComposeReminder says it; late is 0 when it is on time. It returns ErrNothing where all was said meanwhile.
	ComposeReminder(ctx context.Context, r storage.Reminder, late time.Duration) (Reply, error)
	// ComposeMissed is what recruiters are told of a reminder that its subject overtook; ErrNothing: nothing.
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
	woken    chan struct{}
}

// NewEngine returns an engine that posts through r.
func NewEngine(r *Runtime, store ReminderStore, composer Composer) *Engine {
	return &Engine{runtime: r, store: store, composer: composer, now: r.now, log: r.log, woken: make(chan struct{}, 1)}
}

// standing says how a claimed reminder stands now: whether it is still to be sent (its jury may have been moved or
// cancelled since it was claimed), and whether it is the last of its subject and kind that has come due, the only one
// worth sending where each says all. The store is asked and not the other claims alone: one that failed is tried again
// later than the rest. card is the jury's card.
func (e *Engine) standing(ctx context.Context, r storage.Reminder) (live, last bool, card storage.Reminder, err error) {
	all, err := e.store.RemindersOf(ctx, r.Subject)
	if err != nil {
		return false, false, card, fmt.Errorf("looking at the reminders of %s: %w", r.Subject, err)
	}
	live, last = false, true
	for _, other := range all {
		if other.Kind == storage.KindCard {
			card = other
		}
		switch {
		case other.ID == r.ID:
			live = other.State == storage.ReminderSending
		case other.Kind != r.Kind || !overtakes(r.Kind):
		case other.State == storage.ReminderCancelled || other.State == storage.ReminderUnwanted || other.Due.After(e.now()):
		case !other.Begins.Equal(r.Begins): // sent for a date that was moved since
		case other.Due.After(r.Due) || other.Due.Equal(r.Due) && other.ID > r.ID:
			last = false
		}
	}
	return live, last, card, nil
}

// overtakes reports whether a later reminder of this kind says all that an earlier one does.
func overtakes(kind storage.ReminderKind) bool {
	switch kind {
	case storage.KindNotice, storage.KindLetter, storage.KindCard:
		return false
	}
	return true
}

func (e *Engine) one(ctx context.Context, r storage.Reminder) error {
	now := e.now()
	if r.Attempts == 1 {
		e.runtime.meter.Reminder(ReminderDue)
	}
	e.runtime.passed(PointIntended) // claiming it says so
	live, last, card, err := e.standing(ctx, r)
	if err != nil || !live {
		return err // still claimed, in the first case: it comes again once the lease is over
	}
	to, err := e.addressee(ctx, r)
	if errors.Is(err, ErrNothing) {
		return e.store.MarkReminder(ctx, r.ID, storage.ReminderSkipped, "nobody to tell")
	}
	if err != nil {
		return e.retry(ctx, r, err)
	}
	if err := e.ready(to); err != nil { // it will soon be, at a start
		return e.release(ctx, r, time.Second, err)
	}
	if r.Attempts > 1 && r.Kind != storage.KindRefresh {
		// An earlier attempt may have posted it and died before saying so.
		id, found, err := e.find(ctx, to, r)
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
	if errors.Is(err, ErrNothing) {
		return e.store.MarkReminder(ctx, r.ID, storage.ReminderSkipped, "nothing to say any more")
	}
	if err != nil {
		return e.retry(ctx, r, err)
	}
	if r.Kind == storage.KindRefresh {
		return e.refresh(ctx, r, to.Place, card, reply)
	}
	reply.Key = r.ID
	post, err := e.runtime.Deliver(ctx, to, reply)
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

// addressee completes where a reminder goes: a channel that is known by its name alone is looked for now.
func (e *Engine) addressee(ctx context.Context, r storage.Reminder) (Target, error) {
	to, err := e.composer.Addressee(ctx, r)
	if err != nil || to.Direct || to.Place.Channel != "" {
		return to, err
	}
	to.Place, err = e.runtime.FindChannel(ctx, to.Place.Platform, to.Place.Name)
	return to, err
}

// refresh puts what the card says now in its place. A card that was never posted will say it by itself.
func (e *Engine) refresh(ctx context.Context, r storage.Reminder, in Place, card storage.Reminder, reply Reply) error {
	switch card.State {
	case storage.ReminderSent:
	case storage.ReminderSending:
		return e.retry(ctx, r, errCardUnderWay)
	default:
		return e.store.MarkReminder(ctx, r.ID, storage.ReminderSkipped, "the card is not posted yet")
	}
	reply.Key = card.ID
	if err := e.runtime.Revise(ctx, in, PostID(card.Post), reply); err != nil {
		if errors.Is(err, ErrGone) || r.Attempts >= refreshAttempts { // somebody removed it
			return errors.Join(err, e.store.MarkReminder(ctx, r.ID, storage.ReminderSkipped, "the card cannot be changed"))
		}
		return e.retry(ctx, r, err)
	}
	return e.store.MarkSent(context.WithoutCancel(ctx), r.ID, card.Post, e.now())
}

// refreshAttempts is how often a change of the card is tried: half an hour.
const refreshAttempts = 12

var errCardUnderWay = errors.New("the card is being posted")

func (e *Engine) find(ctx context.Context, to Target, r storage.Reminder) (PostID, bool, error) {
	id := to.Place.Platform
	if to.Direct {
		id = to.To.Platform
	}
	platform, ok := e.runtime.Platform(id)
	if !ok {
		return "", false, fmt.Errorf("the platform %q is not connected", id)
	}
	finder, ok := platform.(Finder)
	if !ok {
		return "", false, nil
	}
	return finder.FindPost(ctx, to, r.ID, r.Due.Add(-time.Minute))
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
	if errors.Is(err, ErrNothing) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = e.runtime.TellRecruiters(ctx, PlatformID(r.To.Platform), reply)
	return err
}

// ready says why the platform that a reminder goes to does not work now.
func (e *Engine) ready(to Target) error {
	id := to.Place.Platform
	if to.Direct {
		id = to.To.Platform
	}
	platform, _ := e.runtime.Platform(id)
	if readier, ok := platform.(Readier); ok {
		return readier.Ready()
	}
	return nil
}

func (e *Engine) retry(ctx context.Context, r storage.Reminder, cause error) error {
	return e.release(ctx, r, retryAfter, cause)
}

// release gives a reminder back, to be tried again after a wait that doubles each time.
func (e *Engine) release(ctx context.Context, r storage.Reminder, first time.Duration, cause error) error {
	wait := first << min(r.Attempts-1, 10)
	if wait > retryMax || wait <= 0 {
		wait = retryMax
	}
	// The cause is logged by the caller; the store keeps its kind only, since it may quote a channel's name.
	if err := e.store.ReleaseReminder(ctx, r.ID, e.now().Add(wait), "posting failed"); err != nil {
		return errors.Join(cause, err)
	}
	return cause
}
