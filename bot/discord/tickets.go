package discord

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"sync"
	"time"

	"candide/bot"
)

const (
	// ackWithin is how long the first answer to an interaction waits for a dialog, which can be nothing but the first
	// answer. Discord's own limit is three seconds.
	ackWithin = 300 * time.Millisecond
	// ackTimeout is how long Discord may take to accept it.
	ackTimeout = 2500 * time.Millisecond
	// tokenTTL is how long an interaction can be answered: fifteen minutes, less what the way takes.
	tokenTTL = 14*time.Minute + 30*time.Second
	// maxTickets bounds how many interactions are remembered.
	maxTickets = 10000
)

// ticket is one interaction: what it allows, and how far it was answered.
type ticket struct {
	id, token string
	user      string
	channel   string
	direct    bool // in the direct conversation, where everything is private
	press     bool // of a button: the message with it can be changed
	message   string
	at        time.Time

	mu       sync.Mutex
	acked    bool
	dialog   bool // the first answer was a dialog
	pending  bool // Discord shows that the bot is thinking: the first thing said takes that place
	deferred chan struct{}
}

func (t *ticket) alive() bool { return t != nil && time.Since(t.at) < tokenTTL }

// acknowledge gives the interaction its first answer, unless it has one. A dialog is one; anything else only says that the
// answer follows. It reports whether this call was the first.
func (p *Platform) acknowledge(ctx context.Context, t *ticket, dialog *modal) (first bool, err error) {
	t.mu.Lock()
	if t.acked {
		t.mu.Unlock()
		if dialog == nil {
			<-t.deferred // what follows must not overtake it
		}
		return false, nil
	}
	t.acked = true
	var answer callback
	switch {
	case dialog != nil:
		t.dialog = true
		answer = callback{Type: callModal, Data: dialog}
	case t.press:
		answer = callback{Type: callUpdate}
	default:
		t.pending = true
		flags := flagEphemeral
		if t.direct {
			flags = 0
		}
		answer = callback{Type: callDefer, Data: deferral{Flags: flags}}
	}
	t.mu.Unlock()
	defer close(t.deferred)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ackTimeout)
	defer cancel()
	return true, p.respond(ctx, t, answer)
}

// respond sends the first answer to an interaction. Each has its own limit, so it waits for no other.
func (p *Platform) respond(ctx context.Context, t *ticket, answer callback) error {
	url := api("interactions/" + t.id + "/" + t.token + "/callback")
	err := p.rest.call(ctx, http.MethodPost, url, tokenBucket("callback", t.id), answer, nil)
	if code(err) == codeAcknowledged {
		return nil
	}
	return err
}

// finish ends an interaction that was worked on: it is acknowledged, and no longer shows that the bot is thinking.
func (p *Platform) finish(ctx context.Context, t *ticket) {
	if _, err := p.acknowledge(ctx, t, nil); err != nil {
		p.log.Warn("an interaction was not acknowledged", "error", err)
		return
	}
	if !t.takePending() {
		return
	}
	err := p.rest.call(ctx, http.MethodDelete, p.hook(t, "@original"), tokenBucket("hook", t.token), nil, nil)
	if err != nil && !gone(err) {
		p.log.Warn("an interaction still shows that the bot is thinking", "error", err)
	}
}

// takePending reports whether the bot is still shown as thinking, once.
func (t *ticket) takePending() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	pending := t.pending
	t.pending = false
	return pending
}

// hook is the address of a message that answers an interaction; with an empty id, of those to come.
func (p *Platform) hook(t *ticket, message string) string {
	url := api("webhooks/" + p.appID() + "/" + t.token)
	if message != "" {
		url += "/messages/" + message
	}
	return url
}

func (p *Platform) appID() string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.home == nil {
		return ""
	}
	return p.home.app.ID
}

// errNoTicket: the interaction cannot be answered any more.
var errNoTicket = errors.New("the interaction is over")

// whisper answers an interaction: with a message that only the person sees, or, in a direct conversation, an ordinary
// one. It returns the message's id.
func (p *Platform) whisper(ctx context.Context, t *ticket, m newMessage, files []bot.File) (bot.PostID, error) {
	if !t.alive() {
		return "", errNoTicket
	}
	if _, err := p.acknowledge(ctx, t, nil); err != nil {
		return "", err
	}
	m.Reference, m.Nonce, m.EnforceNonce = nil, "", false
	var made message
	var err error
	if t.takePending() {
		edit := editedMessage{Content: m.Content, Embeds: m.Embeds, Components: m.Components, Allowed: m.Allowed, Attachments: m.Attachments}
		err = p.rest.call(ctx, http.MethodPatch, p.hook(t, "@original"), tokenBucket("hook", t.token), edit.whole(), &made, files...)
	} else {
		if !t.direct {
			m.Flags |= flagEphemeral
		}
		err = p.rest.call(ctx, http.MethodPost, p.hook(t, "")+"?wait=true", tokenBucket("hook", t.token), m, &made, files...)
	}
	if err != nil {
		return "", err
	}
	if !t.direct {
		p.tickets.made(made.ID, t)
	}
	return bot.PostID(made.ID), nil
}

// whole makes what a message no longer has explicit.
func (e editedMessage) whole() editedMessage {
	if e.Embeds == nil {
		e.Embeds = []embed{}
	}
	if e.Components == nil {
		e.Components = []component{}
	}
	if e.Attachments == nil {
		e.Attachments = []attachment{}
	}
	return e
}

// tickets are the interactions of the last minutes, in memory: after a restart none of them can be relied on.
type tickets struct {
	mu    sync.Mutex
	known map[bot.Ticket]*ticket
	posts map[string]*ticket // by the id of a private message: what can still change it
	seen  map[string]time.Time
}

func newTickets() *tickets {
	return &tickets{known: map[bot.Ticket]*ticket{}, posts: map[string]*ticket{}, seen: map[string]time.Time{}}
}

// first reports whether an interaction comes for the first time: Discord repeats some when a session is resumed.
func (ts *tickets) first(id string) bool {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if _, seen := ts.seen[id]; seen {
		return false
	}
	if len(ts.seen) >= maxTickets {
		for old, at := range ts.seen {
			if time.Since(at) > tokenTTL {
				delete(ts.seen, old)
			}
		}
	}
	ts.seen[id] = time.Now()
	return true
}

// issue remembers an interaction.
func (ts *tickets) issue(t *ticket) bot.Ticket {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.forget()
	t.at, t.deferred = time.Now(), make(chan struct{})
	var b [16]byte
	_, _ = rand.Read(b[:])
	id := bot.Ticket(base64.RawURLEncoding.EncodeToString(b[:]))
	ts.known[id] = t
	return id
}

// forget drops what is over. The lock is held.
func (ts *tickets) forget() {
	if len(ts.known) < 100 {
		return
	}
	for id, t := range ts.known {
		if !t.alive() || len(ts.known) >= maxTickets {
			delete(ts.known, id)
		}
	}
	for id, t := range ts.posts {
		if !t.alive() || len(ts.posts) >= maxTickets {
			delete(ts.posts, id)
		}
	}
}

// get returns a ticket, or nil.
func (ts *tickets) get(id bot.Ticket) *ticket {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return ts.known[id]
}

// made remembers what can change a private message.
func (ts *tickets) made(message string, t *ticket) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.posts[message] = t
}

// of returns what can change a private message, or nil.
func (ts *tickets) of(message string) *ticket {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if t := ts.posts[message]; t.alive() {
		return t
	}
	return nil
}
