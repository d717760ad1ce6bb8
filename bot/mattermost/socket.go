package mattermost

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/mattermost/mattermost/server/public/model"

	"candide/internal/retry"
)

const (
	// helloTimeout is how long the server may take to greet a new connection. It greets none whose token it refuses.
	helloTimeout = 10 * time.Second
	// steadyAfter is how long a connection must have lived for the next wait to begin short again.
	steadyAfter = 20 * time.Second
	// probeEvery is how often the server is asked for a sign of life, probeTimeout how long asking may take, and silentFor
	// after how long without one it is taken for frozen.
	probeEvery, probeTimeout, silentFor = 10 * time.Second, 5 * time.Second, 30 * time.Second
	// resumeGrace is how long a server that listens may take to say that it does not know the connection any more.
	resumeGrace = 500 * time.Millisecond
	// checkWithin is how long a new connection waits to know whether the server can call the bot.
	checkWithin = 3 * time.Second
)

// line is what one connection leaves to the next: by which name and number the server can go on where it ended.
type line struct {
	id       string // the server's name of the connection; empty: none
	next     int64  // the number of the event that comes next
	sessions int    // how many connections were greeted
}

// stayConnected keeps one websocket open until ctx is done or the token is refused.
func (p *Platform) stayConnected(ctx context.Context) error {
	wait := newBackoff()
	var l line
	for {
		begun, sessions := time.Now(), l.sessions
		err := p.session(ctx, &l)
		p.reading.gap()
		if ctx.Err() != nil {
			return nil
		}
		var f retry.Fatal
		if errors.As(err, &f) {
			return err
		}
		p.setProblem(fmt.Errorf("waiting for %s: %w", p.o.URL, err))
		switch {
		case time.Since(begun) > steadyAfter:
			wait.Reset()
		case l.sessions > sessions: // the server is there, and the network between is poor
			wait.Ease()
		}
		if !wait.Sleep(ctx) {
			return nil
		}
	}
}

// session is one connection, from dialing to its end; it never returns nil. A client is not used again: it cannot be.
func (p *Platform) session(ctx context.Context, l *line) error {
	dialer := &websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, HandshakeTimeout: helloTimeout, ReadBufferSize: 16 << 10, WriteBufferSize: 4 << 10,
	}
	address := "ws" + strings.TrimPrefix(p.o.URL, "http")
	client, err := model.NewReliableWebSocketClientWithDialer(dialer, address, p.o.Token, l.id, int(l.next), true)
	if err != nil {
		return p.whyNot(ctx, err)
	}
	pongs := make(chan struct{}, 1)
	client.Conn.SetPongHandler(func(string) error {
		select {
		case pongs <- struct{}{}:
		default:
		}
		return nil
	})
	client.Listen()
	defer hangUp(client)

	ctx, cancel := context.WithCancel(ctx)
	var following sync.WaitGroup
	defer following.Wait()
	defer cancel()
	resuming, listens, greeted := l.id != "", false, false
	defer func() {
		if !greeted {
			l.id, l.next = "", 0 // whatever was the matter, the next connection begins anew
		}
	}()
	greet := func(resumed bool) {
		greeted = true
		l.sessions++
		if !resumed {
			p.reading.notReplayed()
		}
		p.connected(ctx, l.sessions, resumed)
		following.Go(func() { p.follow(ctx) })
	}
	hello, probe := time.NewTimer(helloTimeout), time.NewTicker(probeEvery)
	defer hello.Stop()
	defer probe.Stop()
	heard := time.Now()
	if resuming {
		// The server greets only whom it does not know any more. A pong shows that it listens.
		_ = client.Conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(probeTimeout))
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-hello.C:
			switch {
			case greeted:
			case resuming && listens:
				greet(true)
			default:
				return p.whyNot(ctx, errors.New("the server does not greet the connection"))
			}
		case <-client.PingTimeoutChannel:
			return errors.New("the server fell silent")
		case <-pongs:
			heard = time.Now()
			if !greeted && resuming && !listens {
				listens = true
				hello.Reset(resumeGrace)
			}
		case <-probe.C:
			if time.Since(heard) > silentFor {
				return errors.New("the server fell silent")
			}
			// Its failure shows as the connection's end, or as silence.
			_ = client.Conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(probeTimeout))
		case _, ok := <-client.ResponseChannel:
			if !ok {
				return p.ended(ctx, client, greeted)
			}
			heard = time.Now()
		case e, ok := <-client.EventChannel:
			if !ok {
				return p.ended(ctx, client, greeted)
			}
			isHello := e.EventType() == model.WebsocketEventHello
			switch {
			case isHello:
				l.id, _ = e.GetData()["connection_id"].(string)
				resuming = false
			case e.GetSequence() != l.next && greeted: // the server dropped something
				p.reading.gap()
				p.reading.notReplayed()
			}
			l.next = e.GetSequence() + 1
			if !greeted {
				greet(!isHello)
			}
			p.event(ctx, e)
			heard = time.Now() // handling it may have taken long, and what came meanwhile waits
		}
	}
}

// hangUp closes a client and lets its goroutines end: they block on channels that nobody reads. The connection is
// closed rather than the client, whose Close waits for a writer that may be waiting for a frozen server.
func hangUp(client *model.WebSocketClient) {
	_ = client.Conn.Close()
	go func() {
		for range client.EventChannel {
		}
	}()
	go func() {
		for range client.ResponseChannel {
		}
	}()
}

func (p *Platform) ended(ctx context.Context, client *model.WebSocketClient, greeted bool) error {
	err := errors.New("the connection ended")
	if client.ListenError != nil {
		err = fmt.Errorf("the connection ended: %w", client.ListenError)
	}
	if !greeted {
		return p.whyNot(ctx, err)
	}
	return err
}

// whyNot tells a refused token from a server that is away: the websocket does not.
func (p *Platform) whyNot(ctx context.Context, cause error) error {
	ctx, cancel := context.WithTimeout(ctx, helloTimeout)
	defer cancel()
	_, resp, err := p.client.GetMe(ctx, "")
	if status(resp) == http.StatusUnauthorized {
		return retry.Fatalf("%s no longer accepts the token: make a new access token for the bot account and put it in "+
			"mattermost.token or CANDIDE_MATTERMOST_TOKEN", p.o.URL)
	}
	if err != nil {
		return brief(err)
	}
	return cause
}

// connected is called when a connection works: from now on nothing is missed.
func (p *Platform) connected(ctx context.Context, session int, resumed bool) {
	// What is offered depends on whether the server can call back: the first moments wait for the answer.
	checked := make(chan struct{})
	go p.checkCallbacks(ctx, checked)
	if session == 1 {
		select {
		case <-checked:
		case <-time.After(checkWithin):
		case <-ctx.Done():
		}
	} else {
		p.log.Info("reconnected", "resumed", resumed)
		p.meter.Reconnected(string(ID), resumed)
	}
	p.setProblem(nil)
}
