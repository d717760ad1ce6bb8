// Package discordtest is a stand-in for Discord, for tests: the gateway and the REST routes that Candide uses, on
// loopback. It does what Discord documents, fails on demand as Discord does now and then, and refuses what Discord would
// refuse; with Discord's own description at hand it also checks every body that comes and goes.
package discordtest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server is the stand-in. Several guilds live on it, each with its own application and bot, so that tests share one
// address: the library's are package variables.
type Server struct {
	URL     string
	http    *httptest.Server
	referee *Referee

	mu     sync.Mutex
	guilds map[string]*Guild // by the bot's token
	lastID uint64
}

// Start starts a server. referee may be nil.
func Start(referee *Referee) *Server {
	s := &Server{referee: referee, guilds: map[string]*Guild{}}
	mux := http.NewServeMux()
	s.routes(mux)
	mux.HandleFunc("GET /gateway/", s.serveGateway)
	mux.HandleFunc("GET /resume/", s.serveGateway)
	s.http = httptest.NewServer(mux)
	s.URL = s.http.URL
	return s
}

// Close stops the server.
func (s *Server) Close() { s.http.Close() }

// discordEpoch is where ids begin to count milliseconds.
const discordEpoch = 1420070400000

// id makes a snowflake: unique, and later ones are larger.
func (s *Server) id() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := uint64(time.Now().UnixMilli()-discordEpoch) << 22
	s.lastID = max(s.lastID+1, n)
	return strconv.FormatUint(s.lastID, 10)
}

func lower(s string) string { return strings.ToLower(s) }

// Guild is one server with the application that joined it.
type Guild struct {
	ID, AppID, BotID string
	Token            string
	Role             string // the recruiters'
	BotRole          string

	s *Server
	t testing.TB

	mu           sync.Mutex
	changed      *sync.Cond
	channels     map[string]*Channel
	order        []string // of the channels
	members      map[string]*Member
	interactions map[string]*Interaction // by token
	commands     []any
	content      bool // the application may read messages that are not for it
	rules        []*rule
	calls        []Call
	nonces       map[string]*Message // by channel and nonce
	noThreads    bool
	gate         gate
	closed       bool
}

// Call is one request that the bot made.
type Call struct {
	Method, Path string
	Status       int
	At           time.Time
}

// Guild makes a guild with its application. The test fails when the bot does what Discord would not understand.
func (s *Server) Guild(t testing.TB) *Guild {
	t.Helper()
	g := &Guild{
		s: s, t: t, ID: s.id(), AppID: s.id(), BotID: s.id(), Role: s.id(), BotRole: s.id(), content: true,
		channels: map[string]*Channel{}, members: map[string]*Member{}, interactions: map[string]*Interaction{},
		nonces: map[string]*Message{},
	}
	g.Token = "token-" + g.AppID
	g.changed = sync.NewCond(&g.mu)
	g.gate.init()
	bot := &Member{ID: g.BotID, Name: "candide", bot: true, roles: []string{g.BotRole}, g: g}
	g.members[g.BotID] = bot
	s.mu.Lock()
	s.guilds[g.Token] = g
	s.mu.Unlock()
	t.Cleanup(func() {
		g.mu.Lock()
		g.closed = true
		g.mu.Unlock()
		g.gate.shut()
	})
	return g
}

// Name is the guild's.
func (g *Guild) Name() string { return "guild-" + g.ID }

// SetContentIntent says whether the application may read messages that are not for it; at first it may.
func (g *Guild) SetContentIntent(on bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.content = on
}

// Channel is a text channel, a thread or a direct conversation.
type Channel struct {
	ID, Name string
	Kind     int
	Parent   string
	Private  bool // everybody but the bot and the recruiters is kept out
	Hidden   bool // from the bot too

	person   string // of a direct conversation
	messages []*Message
}

// The kinds of channel.
const (
	KindText   = 0
	KindDirect = 1
	KindThread = 11
)

// Public makes a channel that everybody reads.
func (g *Guild) Public(name string) *Channel { return g.channel(&Channel{Name: name}) }

// Private makes a channel that only some read, the bot among them.
func (g *Guild) Private(name string) *Channel { return g.channel(&Channel{Name: name, Private: true}) }

// Hidden makes a channel that the bot may not look into.
func (g *Guild) Hidden(name string) *Channel {
	return g.channel(&Channel{Name: name, Private: true, Hidden: true})
}

func (g *Guild) channel(c *Channel) *Channel {
	if c.ID == "" {
		c.ID = g.s.id()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.channels[c.ID] = c
	g.order = append(g.order, c.ID)
	return c
}

// errorf fails the test, while it runs.
func (g *Guild) errorf(format string, args ...any) {
	g.mu.Lock()
	closed := g.closed
	g.mu.Unlock()
	if !closed {
		g.t.Errorf("discord: "+format, args...)
	}
}

// waitTime is how long tests wait for what must happen.
const waitTime = 20 * time.Second

// Until waits until cond holds, which is called with the guild locked, and fails the test when it never does.
func (g *Guild) Until(what string, cond func() bool) {
	g.t.Helper()
	if !g.within(waitTime, cond) {
		g.t.Fatalf("waited %s in vain for %s\n%s", waitTime, what, g.Transcript())
	}
}

func (g *Guild) within(d time.Duration, cond func() bool) bool {
	deadline := time.Now().Add(d)
	// What a condition looks at may change elsewhere too: it is looked at again from time to time.
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	over := make(chan struct{})
	defer close(over)
	go func() {
		for {
			select {
			case <-ticker.C:
				g.poke()
			case <-over:
				return
			}
		}
	}()
	stop := time.AfterFunc(d, func() { g.mu.Lock(); g.changed.Broadcast(); g.mu.Unlock() })
	defer stop.Stop()
	g.mu.Lock()
	defer g.mu.Unlock()
	for !cond() {
		if time.Now().After(deadline) {
			return false
		}
		g.changed.Wait()
	}
	return true
}

// Transcript is everything that was said, for a failing test.
func (g *Guild) Transcript() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var b strings.Builder
	for _, id := range g.order {
		c := g.channels[id]
		for _, m := range c.messages {
			fmt.Fprintf(&b, "#%s %s: %s\n", c.Name, g.members[m.Author].Name, m.text())
		}
	}
	for _, i := range g.interactions {
		for _, m := range i.messages {
			fmt.Fprintf(&b, "to %s alone: %s\n", i.who.Name, m.text())
		}
	}
	return b.String()
}

// rule makes some requests fail with 429.
type rule struct {
	method, path string // path: what its end is like
	left         int
	after        time.Duration
	limit        int
	every        time.Duration
	windows      map[string]*window // by path: each channel has its own
}

// window is how much of a limit was used.
type window struct {
	begun time.Time
	used  int
}

// Refuse makes the next n requests of a method whose path contains part fail with 429.
func (g *Guild) Refuse(method, part string, n int, after time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rules = append(g.rules, &rule{method: method, path: part, left: n, after: after})
}

// Limit lets so many requests of each path pass in so much time, and announces it in every answer, as Discord does.
func (g *Guild) Limit(method, part string, limit int, every time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rules = append(g.rules, &rule{method: method, path: part, limit: limit, every: every, windows: map[string]*window{}})
}

// limited decides about one request, and sets the headers that announce the limit.
func (g *Guild) limited(method, path string, h http.Header) (wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range g.rules {
		if r.method != method || !strings.Contains(path, r.path) {
			continue
		}
		if r.windows == nil {
			if r.left > 0 {
				r.left--
				return r.after
			}
			continue
		}
		w := r.windows[path]
		if w == nil {
			w = &window{}
			r.windows[path] = w
		}
		now := time.Now()
		if now.Sub(w.begun) >= r.every {
			w.begun, w.used = now, 0
		}
		w.used++
		reset := r.every - now.Sub(w.begun)
		h.Set("X-RateLimit-Limit", strconv.Itoa(r.limit))
		h.Set("X-RateLimit-Remaining", strconv.Itoa(max(r.limit-w.used, 0)))
		h.Set("X-RateLimit-Reset-After", fmt.Sprintf("%.3f", reset.Seconds()+0.001))
		if w.used > r.limit {
			return reset
		}
	}
	return 0
}

// Calls returns the requests that the bot made, oldest first, whose path contains part.
func (g *Guild) Calls(method, part string) []Call {
	g.mu.Lock()
	defer g.mu.Unlock()
	var list []Call
	for _, c := range g.calls {
		if c.Method == method && strings.Contains(c.Path, part) {
			list = append(list, c)
		}
	}
	return list
}
