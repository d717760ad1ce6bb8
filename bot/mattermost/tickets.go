package mattermost

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
	"sync"
	"time"

	"candide/bot"
)

const (
	// ticketTTL is how long a ticket is known; its parts live shorter.
	ticketTTL = 30 * time.Minute
	// triggerTTL is how long a trigger may open a dialog: 3 s on server 6.7, 30 s by default since. The server decides.
	triggerTTL = 30 * time.Second
	// hookTTL and hookUses are the server's limits on answering one slash command.
	hookTTL, hookUses = 30 * time.Minute, 5
	// maxTickets bounds how many are remembered.
	maxTickets = 10000
)

// ticket is what one interaction allows: to open a dialog, and to answer one person in one channel privately.
type ticket struct {
	user, channel string
	at            time.Time
	hook          *hook

	mu      sync.Mutex
	trigger string
	waiting bool // the server is waiting for our answer, which may carry a private text
	said    []string
}

// hook answers a slash command after the fact (its response_url): what it posts, only that person sees.
type hook struct {
	id   string
	at   time.Time
	mu   sync.Mutex
	left int
}

// use takes one of the hook's uses.
func (h *hook) use() bool {
	if h == nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.left == 0 || time.Since(h.at) > hookTTL-time.Minute {
		return false
	}
	h.left--
	return true
}

// spoil keeps a hook that failed from being used again.
func (h *hook) spoil() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.left = 0
}

// takeTrigger returns the trigger, once.
func (t *ticket) takeTrigger() string {
	if t == nil || time.Since(t.at) > triggerTTL {
		return ""
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	trigger := t.trigger
	t.trigger = ""
	return trigger
}

// say adds a private text to the answer that the server waits for. It reports whether there is such an answer.
func (t *ticket) say(text string) bool {
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting {
		t.said = append(t.said, text)
	}
	return t.waiting
}

// answered ends the wait and returns what was said meanwhile.
func (t *ticket) answered() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting = false
	return strings.Join(t.said, "\n\n")
}

// tickets are the interactions of the last minutes, in memory: after a restart none of them works any more anyway.
type tickets struct {
	mu    sync.Mutex
	known map[bot.Ticket]*ticket
	hooks map[[2]string]*hook // by person and channel, the newest
}

func newTickets() *tickets {
	return &tickets{known: map[bot.Ticket]*ticket{}, hooks: map[[2]string]*hook{}}
}

// issue remembers an interaction. Without a hook of its own it inherits the newest one of the same person in the same
// channel, so that a form opened by a slash command goes on in private where it began.
func (ts *tickets) issue(user, channel, trigger, hookID string, waiting bool) (bot.Ticket, *ticket) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.forget()
	where := [2]string{user, channel}
	if hookID != "" {
		ts.hooks[where] = &hook{id: hookID, at: time.Now(), left: hookUses}
	}
	t := &ticket{user: user, channel: channel, at: time.Now(), trigger: trigger, hook: ts.hooks[where], waiting: waiting}
	var b [16]byte
	_, _ = rand.Read(b[:])
	id := bot.Ticket(base64.RawURLEncoding.EncodeToString(b[:]))
	ts.known[id] = t
	return id, t
}

// forget drops what is over. The lock is held.
func (ts *tickets) forget() {
	if len(ts.known) < 100 {
		return
	}
	for id, t := range ts.known {
		if time.Since(t.at) > ticketTTL || len(ts.known) >= maxTickets {
			delete(ts.known, id)
		}
	}
	for where, h := range ts.hooks {
		if time.Since(h.at) > hookTTL || len(ts.hooks) >= maxTickets {
			delete(ts.hooks, where)
		}
	}
}

// get returns a ticket, or nil.
func (ts *tickets) get(id bot.Ticket) *ticket {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return ts.known[id]
}
