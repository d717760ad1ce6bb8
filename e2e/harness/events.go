package harness

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/mattermost/mattermost/server/public/model"
)

// listener holds a user's websocket open, as their application would, and
// keeps what arrives until a test asks for it. It connects again by itself.
type listener struct {
	mm    *Mattermost
	token string
	stop  context.CancelFunc
	ended chan struct{}

	mu     sync.Mutex
	boot   int64                   // the server start it is connected to; 0: none
	events []*model.WebSocketEvent // what no test has taken yet
}

// listen starts a listener. It runs until close.
func listen(mm *Mattermost, token string) *listener {
	ctx, cancel := context.WithCancel(context.Background())
	l := &listener{mm: mm, token: token, stop: cancel, ended: make(chan struct{})}
	go func() {
		defer close(l.ended)
		for ctx.Err() == nil {
			l.session(ctx)
			select {
			case <-ctx.Done():
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return l
}

// close ends the listener and waits until its goroutines have ended.
func (l *listener) close() {
	l.stop()
	<-l.ended
}

// session connects once and reads until the connection or ctx ends.
func (l *listener) session(ctx context.Context) {
	boot := l.mm.boots.Load()
	dialer := &websocket.Dialer{HandshakeTimeout: 5 * time.Second}
	url := "ws" + strings.TrimPrefix(l.mm.URL(), "http")
	client, err := model.NewWebSocketClientWithDialer(dialer, url, l.token)
	if err != nil {
		return // the server is away: tried again
	}
	client.Listen()
	defer func() {
		l.connected(0)
		client.Close()
		// The client blocks for ever on channels that nobody reads.
		for range client.EventChannel {
		}
		for range client.ResponseChannel {
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case <-client.PingTimeoutChannel:
			return
		case _, ok := <-client.ResponseChannel:
			if !ok {
				return
			}
		case event, ok := <-client.EventChannel:
			if !ok {
				return
			}
			if event.EventType() == model.WebsocketEventHello {
				l.connected(boot)
			}
			l.keep(event)
		}
	}
}

// connected records the start of the server that the listener hears.
func (l *listener) connected(boot int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.boot = boot
}

// keep adds an event to those that wait for a test.
func (l *listener) keep(event *model.WebSocketEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, event)
}

// awaitHello waits until the server as it now runs has greeted the
// listener: from then on it misses nothing.
func (l *listener) awaitHello(ctx context.Context) error {
	return until(ctx, func(context.Context) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		if boot := l.mm.boots.Load(); l.boot != boot {
			return errors.New("the websocket is not connected")
		}
		return nil
	})
}

// take waits for an event that match accepts and removes it, so that the
// next call finds the next one.
func (l *listener) take(ctx context.Context, match func(*model.WebSocketEvent) bool) (*model.WebSocketEvent, error) {
	var found *model.WebSocketEvent
	err := until(ctx, func(context.Context) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		for i, event := range l.events {
			if match(event) {
				found = event
				l.events = append(l.events[:i:i], l.events[i+1:]...)
				return nil
			}
		}
		return fmt.Errorf("no such event; there are %s", l.summary())
	})
	return found, err
}

// summary lists what has arrived, for the message of a failed test.
func (l *listener) summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d:", len(l.events))
	for _, event := range l.events[max(0, len(l.events)-15):] {
		fmt.Fprintf(&b, "\n  %s", event.EventType())
		if post, ok := event.GetData()["post"].(string); ok {
			fmt.Fprintf(&b, " %.300s", post)
		}
	}
	return b.String()
}
