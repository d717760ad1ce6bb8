package web

import (
	"sync"
	"time"

	"candide/bot"
)

const (
	// ticketTTL is a little longer than the runtime works on one message.
	ticketTTL  = time.Minute
	maxTickets = 5000
)

// tickets are the requests under way that may open a form. Each opens one at most.
type tickets struct {
	mu   sync.Mutex
	open map[bot.Ticket]*ticket
}

type ticket struct {
	visitor string
	expires time.Time
	form    bool // it opened a form
	void    bool // its visitor erased the conversation meanwhile: nothing more is kept
}

func newTickets() *tickets { return &tickets{open: map[bot.Ticket]*ticket{}} }

// issue makes a ticket for one request of a visitor; empty when too many are open.
func (t *tickets) issue(visitor string, now time.Time) bot.Ticket {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.open) >= maxTickets {
		for key, old := range t.open {
			if !now.Before(old.expires) {
				delete(t.open, key)
			}
		}
		if len(t.open) >= maxTickets {
			return ""
		}
	}
	key := bot.Ticket(randomToken())
	t.open[key] = &ticket{visitor: visitor, expires: now.Add(ticketTTL)}
	return key
}

// use takes a ticket's one form; false when it has none to give.
func (t *tickets) use(key bot.Ticket, now time.Time) (visitor string, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	known, ok := t.open[key]
	if !ok || known.form || known.void || !now.Before(known.expires) {
		return "", false
	}
	known.form = true
	return known.visitor, true
}

// opened reports whether a ticket opened a form.
func (t *tickets) opened(key bot.Ticket) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	known, ok := t.open[key]
	return ok && known.form
}

// done ends a ticket whose request was answered in full.
func (t *tickets) done(key bot.Ticket) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, key)
}

// cancel makes void what is under way for a visitor.
func (t *tickets) cancel(visitor string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, known := range t.open {
		if known.visitor == visitor {
			known.void = true
		}
	}
}

// void reports whether what this ticket brings must not be kept.
func (t *tickets) void(key bot.Ticket) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	known, ok := t.open[key]
	return ok && known.void
}
