package ask

import (
	"sync"
	"time"

	"candide/bot"
)

// A conversation's subject is forgotten after a while, and the oldest when there are too many.
const (
	subjectFor  = 30 * time.Minute
	maxSubjects = 5000
)

// subjects remembers which entry each conversation was last answered with, so that “et pour un senior ?” is
// understood. It is memory that may be lost: a restart only makes people say again what they talk about.
type subjects struct {
	mu    sync.Mutex
	known map[subjectKey]subject
}

type subjectKey struct {
	platform bot.PlatformID
	channel  bot.ChannelID
	thread   bot.PostID
}

type subject struct {
	entry string
	at    time.Time
}

func newSubjects() *subjects { return &subjects{known: map[subjectKey]subject{}} }

// key is the thread of a request; a direct conversation is one. A message outside any thread begins one of its own.
func key(r bot.Request) (k subjectKey, ok bool) {
	k = subjectKey{platform: r.Place.Platform, channel: r.Place.Channel, thread: r.Place.Thread}
	if r.Place.Visibility == bot.Direct {
		k.thread = ""
		return k, true
	}
	return k, k.thread != ""
}

func (s *subjects) drop(r bot.Request) {
	if k, ok := key(r); ok {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.known, k)
	}
}

func (s *subjects) get(r bot.Request, now time.Time) string {
	k, ok := key(r)
	if !ok {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.known[k]; ok && now.Sub(known.at) < subjectFor {
		return known.entry
	}
	return ""
}

func (s *subjects) set(r bot.Request, entry string, now time.Time) {
	k, ok := key(r)
	if !ok || entry == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= maxSubjects {
		for old, v := range s.known {
			if now.Sub(v.at) >= subjectFor {
				delete(s.known, old)
			}
		}
		if len(s.known) >= maxSubjects {
			clear(s.known) // more conversations at once than anyone has: forgetting costs little
		}
	}
	s.known[k] = subject{entry, now}
}
