package mattermost

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"
	"github.com/mattermost/mattermost/server/public/model"
)

const (
	// helloTimeout is how long the server may take to greet a new connection. It greets none whose token it refuses.
	helloTimeout = 10 * time.Second
	// steadyAfter is how long a connection must have lived for the next wait to begin short again.
	steadyAfter = 20 * time.Second
	// checkWithin is how long a new connection waits to know whether the server can call the bot.
	checkWithin = 3 * time.Second
)

// gap is a time during which events may have been missed.
type gap struct{ From, To time.Time }

// stayConnected keeps one websocket open until ctx is done or the token is refused.
func (p *Platform) stayConnected(ctx context.Context) error {
	wait := backoff{}
	for {
		begun := time.Now()
		err := p.session(ctx)
		if ctx.Err() != nil {
			return nil
		}
		var f errFatal
		if errors.As(err, &f) {
			return err
		}
		p.setProblem(fmt.Errorf("waiting for %s: %w", p.o.URL, err))
		if time.Since(begun) > steadyAfter {
			wait.reset()
		}
		if !wait.sleep(ctx) {
			return nil
		}
	}
}

// session is one connection, from dialing to its end; it never returns nil. A client is not used again: it cannot be.
func (p *Platform) session(ctx context.Context) error {
	dialer := &websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, HandshakeTimeout: helloTimeout, ReadBufferSize: 16 << 10, WriteBufferSize: 4 << 10,
	}
	client, err := model.NewWebSocketClientWithDialer(dialer, "ws"+strings.TrimPrefix(p.o.URL, "http"), p.o.Token)
	if err != nil {
		return p.whyNot(ctx, err)
	}
	client.Listen()
	defer hangUp(client)
	hello := time.NewTimer(helloTimeout)
	defer hello.Stop()
	greeted := false
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-hello.C:
			if !greeted {
				return p.whyNot(ctx, errors.New("the server does not greet the connection"))
			}
		case <-client.PingTimeoutChannel:
			return errors.New("the server fell silent")
		case _, ok := <-client.ResponseChannel:
			if !ok {
				return p.ended(ctx, client, greeted)
			}
		case e, ok := <-client.EventChannel:
			if !ok {
				return p.ended(ctx, client, greeted)
			}
			if e.EventType() == model.WebsocketEventHello && !greeted {
				greeted = true
				p.connected(ctx)
			}
			p.event(ctx, e)
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
		return fatal("%s no longer accepts the token: make a new access token for the bot account and put it in "+
			"mattermost.token or CANDIDE_MATTERMOST_TOKEN", p.o.URL)
	}
	if err != nil {
		return brief(err)
	}
	return cause
}

// connected is called when the server has greeted a connection: from now on nothing is missed.
func (p *Platform) connected(ctx context.Context) {
	now := time.Now()
	p.mu.Lock()
	from := p.lastSeen
	p.lastSeen = now
	p.mu.Unlock()
	// What is offered depends on whether the server can call back: the first moments wait for the answer.
	checked := make(chan struct{})
	go p.checkCallbacks(ctx, checked)
	select {
	case <-checked:
	case <-time.After(checkWithin):
	case <-ctx.Done():
	}
	p.setProblem(nil)
	if !from.IsZero() {
		p.catchUp(ctx, gap{From: from, To: now})
	}
}

// catchUp is called once after every gap, with the time during which events may have been missed.
func (p *Platform) catchUp(_ context.Context, g gap) {
	p.log.Info("reconnected", "gap", g.To.Sub(g.From).Round(time.Millisecond).String())
}
