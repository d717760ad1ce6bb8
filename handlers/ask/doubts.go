package ask

import (
	"sync"
	"time"

	"candide/bot"
	"candide/faq"
)

// A doubt is kept as long as its buttons work.
const (
	doubtFor  = 24 * time.Hour
	maxDoubts = 5000
)

// doubt is a question that was answered with suggestions.
type doubt struct {
	text     string
	from     bot.Person
	command  bool
	decision faq.Decision
	at       time.Time
}

// doubts remembers the question behind the suggestions of each conversation, for “none of these”. It is memory that may
// be lost: a restart only keeps a question from the recruiters' inbox.
type doubts struct {
	mu    sync.Mutex
	known map[subjectKey]doubt
}

func newDoubts() *doubts { return &doubts{known: map[subjectKey]doubt{}} }

func (s *doubts) set(r bot.Request, d doubt, now time.Time) {
	k, ok := key(r)
	if !ok {
		return
	}
	d.at = now
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= maxDoubts {
		for old, v := range s.known {
			if now.Sub(v.at) >= doubtFor {
				delete(s.known, old)
			}
		}
		if len(s.known) >= maxDoubts {
			clear(s.known)
		}
	}
	s.known[k] = d
}

// forget lets go of every question of somebody.
func (s *doubts) forget(p bot.Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, d := range s.known {
		if d.from.Ref() == p.Ref() {
			delete(s.known, k)
		}
	}
}

// take returns the doubt of a conversation, once.
func (s *doubts) take(r bot.Request, now time.Time) (doubt, bool) {
	k, ok := key(r)
	if !ok {
		return doubt{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.known[k]
	delete(s.known, k)
	return d, ok && now.Sub(d.at) < doubtFor
}
