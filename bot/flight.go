package bot

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"candide/storage"
)

const (
	// defaultPatience is how long a message is tried when it cannot be handled, and defaultRetry the first wait.
	defaultPatience, defaultRetry = 30 * time.Minute, 500 * time.Millisecond
	// postAttempts is how often one post is tried before the whole message is put aside for a while.
	postAttempts = 3
	// removeAttempts is how often the removal of answers is tried again.
	removeAttempts = 5
)

// flight is a message that this process works on, in its newest version.
type flight struct {
	platform PlatformID
	who      Person
	known    storage.Message // as the store has it
	done     chan struct{}
	begun    time.Time // by the machine's clock
	tries    int
	owed     *owed // what an attempt decided to say, until it is said

	m       Message // guarded by flights.mu, like changed
	changed bool    // edited since it was last looked at
}

// owed is a response that could not be delivered yet.
type owed struct {
	req     Request
	to      Target
	res     Response
	outcome Outcome
}

// flights are the messages being worked on: one handed over again meanwhile is the same one.
type flights struct {
	mu    sync.Mutex
	known map[string]*flight
}

// board begins a message's flight. It returns nil when it has begun already; an edit is then taken along.
func (fs *flights) board(ref string, m Message) *flight {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f, ok := fs.known[ref]; ok {
		if m.Edited.After(f.m.Edited) {
			f.m, f.changed = m, true
		}
		return nil
	}
	f := &flight{platform: m.Place.Platform, who: m.From, m: m, done: make(chan struct{}), begun: time.Now()}
	fs.known[ref] = f
	return f
}

// current returns the newest version of the message.
func (fs *flights) current(f *flight) Message {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f.changed {
		f.changed, f.owed = false, nil
	}
	return f.m
}

// land ends a flight. Unless anyway, it reports false, and does not, when the message was edited meanwhile.
func (fs *flights) land(ref string, f *flight, anyway bool) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f.changed && !anyway {
		return false
	}
	delete(fs.known, ref)
	return true
}

func refOf(platform PlatformID, id PostID) string { return string(platform) + ":" + string(id) }

func record(m Message, now time.Time) storage.Message {
	return storage.Message{
		Ref: refOf(m.Place.Platform, m.ID), Channel: string(m.Place.Channel), At: m.At, SeenAt: now, Edited: m.Edited,
	}
}

// Message implements Inbox.
func (r *Runtime) Message(ctx context.Context, m Message) (<-chan struct{}, error) {
	if m.From.Bot {
		return closedDone, nil
	}
	lanes := r.lanesOf(m.From.Platform)
	if err := lanes.reserve(); err != nil {
		r.meter.Refused(string(m.Place.Platform), m.Again)
		return nil, err
	}
	if m.ID == "" {
		return r.reserved(ctx, m.From, func(ctx context.Context) error { return r.message(ctx, m, nil) }), nil
	}
	ref := refOf(m.Place.Platform, m.ID)
	f := r.flights.board(ref, m)
	if f == nil {
		lanes.release()
		return closedDone, nil
	}
	known, open, err := r.store.SeeMessage(ctx, record(m, r.now()))
	if err != nil || !open {
		r.flights.land(ref, f, true)
		lanes.release()
		if err != nil {
			return nil, fmt.Errorf("noting a message as seen: %w", err)
		}
		return closedDone, nil
	}
	r.passed(PointSeen)
	f.known = known
	r.fly(context.WithoutCancel(ctx), f)
	return f.done, nil
}

// fly works on a message in its author's lane, where a place is reserved, until nothing is left to do.
func (r *Runtime) fly(ctx context.Context, f *flight) {
	r.lanesOf(f.who.Platform).do(string(f.who.Ref()), func() {
		if landed := r.work(ctx, f); landed {
			close(f.done)
		}
	})
}

// work reports false when the message was put aside, to be worked on later.
func (r *Runtime) work(ctx context.Context, f *flight) (landed bool) {
	ref := f.known.Ref
	for {
		err := r.attempt(ctx, f, r.flights.current(f))
		if err != nil {
			r.logFailure(f.platform, err)
			if r.aside(ctx, f) {
				return false
			}
		}
		if r.flights.land(ref, f, err != nil) {
			return true
		}
		// Edited while it was being answered.
		known, open, err := r.store.SeeMessage(ctx, record(r.flights.current(f), r.now()))
		if err != nil || !open {
			if err != nil {
				r.logFailure(f.platform, err)
			}
			return r.flights.land(ref, f, true)
		}
		f.known = known
	}
}

// attempt handles a message and marks it as done. A panic is the end of the message, not of the bot.
func (r *Runtime) attempt(ctx context.Context, f *flight, m Message) (err error) {
	ctx, cancel := context.WithTimeout(ctx, handleTimeout)
	defer cancel()
	l := newLife(r, f, m)
	defer func() {
		if v := recover(); v != nil {
			r.logPanic(f.platform, v)
			l.outcome = OutcomeFailed
			err = l.mark(ctx)
		}
	}()
	err = r.message(ctx, m, l)
	f.known = l.known
	switch {
	case errors.Is(err, errTakenBack):
		// Whoever took it back marks it, once what may have answered it is gone.
		r.meter.Handled(string(f.platform), string(OutcomeRemoved), time.Since(f.begun))
		return nil
	case errors.Is(err, ErrGone):
		l.outcome = OutcomeRemoved
	case err != nil:
		return err
	}
	return l.mark(ctx)
}

// aside puts a message off after a failure, until the chat server or the disk may be well again. It reports false when
// it was tried for long enough, or the bot stops: what is not marked comes again after the next start.
func (r *Runtime) aside(ctx context.Context, f *flight) bool {
	wait := r.retry << min(f.tries, 6)
	wait += time.Duration(rand.Int64N(int64(wait)/2 + 1))
	f.tries++
	if time.Since(f.begun)+wait > r.patience {
		r.meter.Handled(string(f.platform), string(OutcomeFailed), time.Since(f.begun))
		return false
	}
	lanes := r.lanesOf(f.who.Platform)
	if lanes.reserve() != nil {
		return false
	}
	go func() {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
			r.fly(ctx, f)
		case <-r.closing:
			r.flights.land(f.known.Ref, f, true)
			close(f.done)
			lanes.release()
		}
	}()
	return true
}

// Removed implements Inbox: what answered a message goes with it. It tries for a while; after that the message stays open,
// and comes again with the next catch-up.
func (r *Runtime) Removed(ctx context.Context, d Removal) error {
	_, err := r.behind(ctx, d.Person, func(ctx context.Context) error {
		err := r.takeAnswersAway(ctx, d)
		for try := 0; err != nil && try < removeAttempts && r.pause(ctx, r.retry<<try); try++ {
			err = r.takeAnswersAway(ctx, d)
		}
		return err
	})
	return err
}

func (r *Runtime) takeAnswersAway(ctx context.Context, d Removal) error {
	ref := refOf(d.Place.Platform, d.ID)
	m, err := r.store.RemoveMessage(ctx, ref)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("noting a message as removed: %w", err)
	}
	platform, ok := r.Platform(d.Place.Platform)
	if !ok {
		return fmt.Errorf("removing an answer on %q: the platform is not connected", d.Place.Platform)
	}
	posts, err := answersTo(ctx, platform, d, m)
	if err != nil {
		return err
	}
	for _, id := range posts {
		if err := platform.Update(ctx, d.Place, id, nil); err != nil {
			return fmt.Errorf("removing an answer: %w", err)
		}
	}
	return r.store.MarkMessage(ctx, ref, false, nil)
}

// answersTo are the posts that answer a message: those recorded, and those made by a process that died before it could.
func answersTo(ctx context.Context, platform Platform, d Removal, m storage.Message) ([]PostID, error) {
	var posts []PostID
	for _, id := range m.Posts {
		posts = append(posts, PostID(id))
	}
	finder, ok := platform.(Finder)
	for n := len(posts); ok; n++ {
		id, found, err := finder.FindPost(ctx, Target{Place: d.Place, To: d.Person}, answerKey(m.Ref, n), m.At)
		if err != nil {
			return nil, fmt.Errorf("looking for an answer to remove: %w", err)
		}
		if !found {
			break
		}
		posts = append(posts, id)
	}
	return posts, nil
}
