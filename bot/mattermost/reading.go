package mattermost

import (
	"context"
	"maps"
	"sync"
	"time"

	"candide/storage"
)

// Memory is what the platform keeps of its reading, so that nothing is missed while it is away.
type Memory interface {
	// Cursors are up to when each channel was read, by the server's clock.
	Cursors(ctx context.Context, platform string) (map[string]time.Time, error)
	SaveCursors(ctx context.Context, platform string, cursors map[string]time.Time) error
	// OpenMessages are those whose handling did not come to its end.
	OpenMessages(ctx context.Context, platform string) ([]storage.Message, error)
}

// Meter counts the connection's life. It is told nothing about people.
type Meter interface {
	// Reconnected counts a connection after the first one; resumed: the server replayed what was missed.
	Reconnected(platform string, resumed bool)
	// CaughtUp counts a catch-up and the posts that it handed over.
	CaughtUp(platform string, posts int)
}

type noMeter struct{}

func (noMeter) Reconnected(string, bool) {}
func (noMeter) CaughtUp(string, int)     {}

// everywhere is the cursor of the channels that have none yet: since when the platform is followed at all.
const everywhere = "*"

// reading is up to when each channel was taken in whole. A cursor never passes a post that was not taken: while a gap is
// open, or a post of the channel could not be handed over, it stays where it is.
type reading struct {
	mu      sync.Mutex
	cursors map[string]int64 // milliseconds of the server's clock
	dirty   map[string]bool  // cursors that are not saved
	top     map[string]int64 // the newest post taken in each channel
	whole   bool             // no gap is open
	gaps    int              // how many there have been
	lost    bool             // it holds what the server does not replay
	missed  map[string]int   // channels in which a post was not taken, and how many
	wake    chan struct{}    // something was missed
}

func newReading() *reading {
	return &reading{
		cursors: map[string]int64{}, dirty: map[string]bool{}, top: map[string]int64{}, missed: map[string]int{},
		wake: make(chan struct{}, 1), lost: true,
	}
}

// load takes the saved cursors, once.
func (r *reading) load(saved map[string]time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for channel, at := range saved {
		r.cursors[channel] = max(r.cursors[channel], at.UnixMilli())
	}
}

// gap opens a gap: from now on cursors stand still until close.
func (r *reading) gap() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.whole = false
	r.gaps++
	r.signal()
}

// notReplayed notes that the gap holds what the server does not hand over by itself. That stays so when the gap goes on
// before it is read.
func (r *reading) notReplayed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lost = true
}

// took notes that a post was taken, or was of no interest.
func (r *reading) took(channel string, at int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.top[channel] = max(r.top[channel], at)
	if r.whole && r.missed[channel] == 0 {
		r.advance(channel)
	}
}

// miss notes that a post could not be taken: its channel is to be read again.
func (r *reading) miss(channel string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.missed[channel]++
	r.signal()
}

// todo is what is to be read.
type todo struct {
	gap    bool           // a gap is open
	gaps   int            // how many there have been
	replay bool           // the server replays all that the gap held
	missed map[string]int // channels in which something was missed, and how often
}

// todo returns what is to be read now.
func (r *reading) todo() todo {
	r.mu.Lock()
	defer r.mu.Unlock()
	return todo{gap: !r.whole, gaps: r.gaps, replay: !r.lost, missed: maps.Clone(r.missed)}
}

// reread notes that a channel was read again after so many misses.
func (r *reading) reread(channel string, misses int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.missed[channel] -= misses; r.missed[channel] <= 0 {
		delete(r.missed, channel)
		if r.whole {
			r.advance(channel)
		}
	}
}

// close ends the gap, unless another one opened since there were so many: everything before it was read.
func (r *reading) close(gaps int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gaps != gaps {
		return
	}
	r.whole, r.lost = true, false
	for channel := range r.top {
		if r.missed[channel] == 0 {
			r.advance(channel)
		}
	}
}

// cursor is up to when a channel was read.
func (r *reading) cursor(channel string) (at int64, own bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at, own = r.cursors[channel]; own {
		return at, true
	}
	return r.cursors[everywhere], false
}

// newest is the newest post taken in a channel, whatever is missing before it.
func (r *reading) newest(channel string) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return max(r.top[channel], r.cursors[channel])
}

// begin sets since when the platform is followed, the first time, and reports whether it was.
func (r *reading) begin(at int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.cursors[everywhere]; known {
		return false
	}
	r.cursors[everywhere], r.dirty[everywhere] = at, true
	return true
}

// unsaved returns the cursors that changed, and takes them for saved.
func (r *reading) unsaved() map[string]time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.dirty) == 0 {
		return nil
	}
	changed := make(map[string]time.Time, len(r.dirty))
	for channel := range r.dirty {
		changed[channel] = time.UnixMilli(r.cursors[channel])
	}
	clear(r.dirty)
	return changed
}

// advance moves a channel's cursor to the newest post taken. The lock is held.
func (r *reading) advance(channel string) {
	if r.top[channel] > r.cursors[channel] {
		r.cursors[channel], r.dirty[channel] = r.top[channel], true
	}
}

// signal wakes who reads again. The lock is held.
func (r *reading) signal() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}
