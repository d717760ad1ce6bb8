package discord

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"

	"candide/internal/retry"
)

// The library keeps one gateway connection well, and a lost one badly. What it does wrong is contained here:
//
//   - it closes with code 1000 before it reconnects, which ends the session, so that what happened meanwhile is lost:
//     here close frames do not leave the machine, and the session can be resumed;
//   - it forgets resume_gateway_url: here the answer to “where is the gateway” is that one;
//   - Open may wait for ever in a read, holding its lock: here its connection is cut when it takes too long;
//   - it notices a dead connection after five heartbeats: here a write that nothing answers is noticed in seconds;
//   - it reconnects by itself, twice at times: here it does not, this does.
//
// After each gap, resumed or not, what was missed is asked for over REST (catchup.go); the runtime handles once what
// thus comes twice.

// pace is how patient the watchdog is.
type pace struct {
	open    time.Duration // how long Discord may take to greet
	silence time.Duration // after which the bot asks for a sign of life
	answer  time.Duration // how long that sign may take
	check   time.Duration // how often it looks
	retry   time.Duration // the first wait before connecting anew
}

var usualPace = pace{
	open: 20 * time.Second, silence: 15 * time.Second, answer: 10 * time.Second, check: time.Second,
	retry: 500 * time.Millisecond,
}

const (
	// maxBackoff is the longest wait before connecting anew.
	maxBackoff = time.Minute
	// steadyAfter is how long a connection must have lived for the next wait to begin short again.
	steadyAfter = 30 * time.Second
	// maxResumes is how often resuming is tried before a session is given up.
	maxResumes = 3
	// maxEvents is how many events may wait; more are dropped, and caught up over REST.
	maxEvents = 4096
)

// Close codes of the gateway's that say why.
const (
	closeBadToken   = 4004
	closeBadSeq     = 4007
	closeTimedOut   = 4009
	closeBadIntents = 4013
	closeNoIntents  = 4014
)

// gateway is one session with Discord, over one or more connections.
type gateway struct {
	p       *Platform
	session *discordgo.Session
	wire    *wire
	events  chan *discordgo.Event
	ended   chan struct{} // a token each time the library gave up a connection
	greeted chan string   // READY or RESUMED
	seq     atomic.Int64
	missed  atomic.Bool // an event was dropped
	resume  atomic.Value
	known   atomic.Bool // the session has an id, so that it can be resumed
}

// newGateway returns a session that is not connected yet.
func (p *Platform) newGateway(events chan *discordgo.Event) (*gateway, error) {
	s, err := discordgo.New("Bot " + p.o.Token)
	if err != nil {
		return nil, fmt.Errorf("making a Discord session: %w", err)
	}
	g := &gateway{p: p, session: s, wire: &wire{}, events: events, ended: make(chan struct{}, 8), greeted: make(chan string, 8)}
	g.resume.Store("")
	s.StateEnabled = false
	s.SyncEvents = true // in order; the handlers below never wait
	s.ShouldReconnectOnError = false
	s.LogLevel = silent
	s.Compress = false
	p.mu.RLock()
	content := p.content
	p.mu.RUnlock()
	s.Identify.Intents = discordgo.IntentsGuilds | discordgo.IntentsGuildMessages | discordgo.IntentsGuildMessageReactions |
		discordgo.IntentsDirectMessages | discordgo.IntentsDirectMessageReactions
	if content {
		s.Identify.Intents |= discordgo.IntentsMessageContent
	}
	s.Client = &http.Client{Timeout: p.o.pace.open, Transport: signpost{next: p.rest.session.Client.Transport, g: g}}
	s.Dialer = &websocket.Dialer{
		HandshakeTimeout: p.o.pace.open, Proxy: http.ProxyFromEnvironment,
		NetDialContext: g.wire.dial, NetDialTLSContext: g.wire.dialTLS,
	}
	s.AddHandler(func(_ *discordgo.Session, e *discordgo.Event) { g.event(e) })
	s.AddHandler(func(*discordgo.Session, *discordgo.Disconnect) {
		select {
		case g.ended <- struct{}{}:
		default:
		}
	})
	return g, nil
}

// event is called by the library for each event, in order, with its locks held: it only hands on.
func (g *gateway) event(e *discordgo.Event) {
	g.seq.Store(e.Sequence)
	switch e.Type {
	case "READY", "RESUMED":
		if e.Type == "READY" {
			g.ready(e)
		}
		// A session begun anew on the same connection is a gap as well: the library answers so to one that is over.
		g.p.reading.miss()
		select {
		case g.greeted <- e.Type:
		default:
		}
		return
	case "INTERACTION_CREATE":
		g.p.interact(e.RawData) // at once: somebody waits
		return
	}
	select {
	case g.events <- e:
	default:
		g.missed.Store(true)
	}
}

// close ends the connection, and the session with it when it is for good. It does not wait for a peer that is silent.
func (g *gateway) close(forGood bool) {
	if forGood {
		g.wire.farewell.Store(true)
		done := make(chan struct{})
		go func() { _ = g.session.Close(); close(done) }()
		select {
		case <-done:
		case <-time.After(2 * time.Second):
		}
	}
	g.wire.cut()
}

// open connects and returns once Discord greeted; resumed tells whether nothing was missed by Discord's account.
func (g *gateway) open(ctx context.Context) (resumed bool, err error) {
	for drained := false; !drained; {
		select {
		case <-g.ended:
		case <-g.greeted:
		default:
			drained = true
		}
	}
	if where, _ := g.resume.Load().(string); where != "" {
		// Only a dial that fails makes the library ask anew where the gateway is.
		g.wire.refuse.Store(true)
		_ = g.session.Open()
		g.wire.refuse.Store(false)
	}
	opened := make(chan error, 1)
	go func() { opened <- g.session.Open() }()
	patience := time.NewTimer(g.p.o.pace.open)
	defer patience.Stop()
	connected := false
	for {
		select {
		case err := <-opened:
			if err != nil {
				return false, err
			}
			connected = true
		case how := <-g.greeted:
			if !connected { // the library still holds its locks: let it finish
				select {
				case err := <-opened:
					if err != nil {
						return false, err
					}
				case <-patience.C:
					return false, g.giveUp(opened, false, errors.New("the gateway greets and then falls silent"))
				}
			}
			return how == "RESUMED", nil
		case <-g.ended:
			if connected {
				return false, errors.New("the gateway ended the connection at once")
			}
		case <-patience.C:
			return false, g.giveUp(opened, connected, errors.New("the gateway does not greet the connection"))
		case <-ctx.Done():
			return false, g.giveUp(opened, connected, ctx.Err())
		}
	}
}

// giveUp cuts the connection, and waits until the library has noticed: it holds its locks until then.
func (g *gateway) giveUp(opened <-chan error, returned bool, err error) error {
	g.wire.cut()
	if !returned {
		select {
		case <-opened:
		case <-time.After(5 * time.Second):
		}
	}
	return err
}

// watch returns why the connection ended.
func (g *gateway) watch(ctx context.Context) error {
	tick := time.NewTicker(g.p.o.pace.check)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-g.ended:
			return errors.New("the connection ended")
		case <-tick.C:
			quiet, unanswered := g.wire.quiet()
			if unanswered > g.p.o.pace.answer {
				return errors.New("the gateway fell silent")
			}
			if quiet > g.p.o.pace.silence && unanswered == 0 {
				// The library's own heartbeats are far apart. Like them, this one is answered at once.
				go func() { _ = g.session.GatewayWriteStruct(heartbeat{Op: 1, Data: g.seq.Load()}) }()
			}
			if g.missed.CompareAndSwap(true, false) {
				return errors.New("events came faster than they could be taken")
			}
		}
	}
}

type heartbeat struct {
	Op   int   `json:"op"`
	Data int64 `json:"d"`
}

// wire is the connection below the library's: it can be cut, knows when it last heard something, and keeps close frames
// from leaving.
type wire struct {
	farewell atomic.Bool // close frames may leave
	refuse   atomic.Bool // no connection is made

	mu      sync.Mutex
	conn    net.Conn
	heard   time.Time
	waiting time.Time // of the first write since
}

// errRefused: a dial that is meant to fail.
var errRefused = errors.New("not now")

func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if w.refuse.Load() {
		return nil, errRefused
	}
	conn, err := (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return w.hold(conn), nil
}

func (w *wire) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	if w.refuse.Load() {
		return nil, errRefused
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	dialer := tls.Dialer{
		NetDialer: &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second},
		Config:    &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}},
	}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return w.hold(conn), nil
}

func (w *wire) hold(conn net.Conn) net.Conn {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conn, w.heard, w.waiting = conn, time.Now(), time.Time{}
	return &strand{Conn: conn, w: w}
}

// cut closes the connection without a word.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn != nil {
		_ = w.conn.Close()
	}
}

// quiet returns for how long nothing was heard, and for how long a write has been unanswered.
func (w *wire) quiet() (quiet, unanswered time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.waiting.IsZero() {
		unanswered = time.Since(w.waiting)
	}
	return time.Since(w.heard), unanswered
}

// strand is one connection of a wire.
type strand struct {
	net.Conn
	w *wire
}

// Read implements net.Conn.
func (s *strand) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	if n > 0 {
		s.w.mu.Lock()
		if s.w.conn == s.Conn {
			s.w.heard, s.w.waiting = time.Now(), time.Time{}
		}
		s.w.mu.Unlock()
	}
	return n, err
}

// closeFrame is the first byte of the frame that ends a websocket; the library writes each frame at once.
const closeFrame = 0x88

// Write implements net.Conn.
func (s *strand) Write(b []byte) (int, error) {
	if len(b) > 0 && b[0] == closeFrame && !s.w.farewell.Load() {
		return len(b), nil
	}
	s.w.mu.Lock()
	if s.w.conn == s.Conn && s.w.waiting.IsZero() {
		s.w.waiting = time.Now()
	}
	s.w.mu.Unlock()
	return s.Conn.Write(b)
}

// newBackoff is how Discord is waited for; first is the first wait, when that is not very short.
func newBackoff(first time.Duration) retry.Backoff {
	return retry.Backoff{First: max(first, 50*time.Millisecond), Max: maxBackoff}
}

// pause waits a moment and reports whether ctx let it.
func pause(ctx context.Context) bool {
	wait := newBackoff(0)
	return wait.Sleep(ctx)
}
