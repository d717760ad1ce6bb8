package bot

import (
	"context"
	"fmt"
	"sync"
	"time"

	"candide/storage"
)

// How often the bot speaks unasked: once a minute to one person, and a few times a minute in one channel.
const (
	unaskedEvery      = time.Minute
	unaskedPerChannel = 6
	// maxManners bounds how many people and channels are remembered.
	maxManners = 10_000
)

// manners remember when the bot last spoke without being asked. It is memory that may be lost: after a restart one more
// answer is no harm.
type manners struct {
	mu       sync.Mutex
	people   map[storage.PersonRef]time.Time
	channels map[channelKey][]time.Time
}

type channelKey struct {
	platform PlatformID
	channel  ChannelID
}

func newManners() *manners {
	return &manners{people: map[storage.PersonRef]time.Time{}, channels: map[channelKey][]time.Time{}}
}

// allow reports whether the bot may speak to somebody unasked, and remembers that it did.
func (m *manners) allow(who Person, in Place, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	recent := func(at time.Time) bool { return now.Sub(at) < unaskedEvery && !at.After(now) }
	where := channelKey{in.Platform, in.Channel}
	var kept []time.Time
	for _, at := range m.channels[where] {
		if recent(at) {
			kept = append(kept, at)
		}
	}
	if recent(m.people[who.Ref()]) || len(kept) >= unaskedPerChannel {
		return false
	}
	if len(m.people) >= maxManners {
		clear(m.people)
	}
	if len(m.channels) >= maxManners {
		clear(m.channels)
	}
	m.people[who.Ref()] = now
	m.channels[where] = append(kept, now)
	return true
}

// held reports whether an answer that nobody asked the bot for is better kept back: people answer each other there
// already, or the bot has just spoken.
func (r *Runtime) held(ctx context.Context, req Request) (bool, error) {
	platform, _ := r.Platform(req.Place.Platform)
	if threads, ok := platform.(Threads); ok && req.Place.Thread != "" {
		others, err := threads.OthersIn(ctx, req.Place, req.From)
		if err != nil {
			return false, fmt.Errorf("looking who talks in a thread: %w", err)
		}
		if others {
			return true, nil
		}
	}
	return !r.manners.allow(req.From, req.Place, r.now()), nil
}
