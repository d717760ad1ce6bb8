package harness

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// Proxy is a TCP relay in front of a server, for cutting and stalling the
// connections of one client without touching the server.
type Proxy struct {
	listener net.Listener
	target   string
	wg       sync.WaitGroup

	mu     sync.Mutex
	resume chan struct{} // closed while traffic flows
	answer chan struct{} // closed while the target's answers flow
	conns  map[net.Conn]struct{}
	closed bool

	limited atomic.Int64 // answers 429
}

// ListenProxy relays connections from a free loopback port to target, a
// host:port.
func ListenProxy(target string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	p := &Proxy{listener: l, target: target, resume: make(chan struct{}), answer: make(chan struct{}), conns: map[net.Conn]struct{}{}}
	close(p.resume)
	close(p.answer)
	p.wg.Go(p.accept)
	return p, nil
}

// Addr returns the proxy's own host:port.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// URL returns the proxy's address for HTTP.
func (p *Proxy) URL() string { return "http://" + p.Addr() }

// Limited returns how many answers the target's rate limit gave (HTTP 429).
func (p *Proxy) Limited() int { return int(p.limited.Load()) }

// CutAll resets the connections that are open and returns how many there
// were. New ones are accepted.
func (p *Proxy) CutAll() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for conn := range p.conns {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset, as from a broken network
		}
		_ = conn.Close()
		n++
	}
	return n / 2 // one on each side
}

// Pause stops the traffic without closing anything: what is sent is neither
// refused nor answered, on new connections too. Nothing is lost: Resume
// delivers it.
func (p *Proxy) Pause() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.resume:
		p.resume = make(chan struct{})
	default: // already paused
	}
}

// PauseAnswers is Pause for what the target sends only: requests arrive, and
// the client never learns what became of them.
func (p *Proxy) PauseAnswers() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.answer:
		p.answer = make(chan struct{})
	default: // already paused
	}
}

// Resume lets the traffic flow again, both ways.
func (p *Proxy) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, gate := range []chan struct{}{p.resume, p.answer} {
		select {
		case <-gate:
		default:
			close(gate)
		}
	}
}

// Close stops the proxy, cuts its connections and waits for its goroutines.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	err := p.listener.Close()
	p.Resume()
	p.CutAll()
	p.wg.Wait()
	return err
}

// accept relays connections until the listener is closed.
func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.wg.Go(func() { p.relay(client) })
	}
}

// relay joins a client to the target until either side ends.
func (p *Proxy) relay(client net.Conn) {
	if !p.register(client) {
		return
	}
	defer p.forget(client)
	server, err := net.Dial("tcp", p.target)
	if err != nil || !p.register(server) {
		return
	}
	defer p.forget(server)
	var both sync.WaitGroup
	both.Go(func() { p.copy(server, client, false) })
	both.Go(func() { p.copy(client, server, true) })
	both.Wait()
}

// copy moves bytes one way until an end, and hands the end on.
func (p *Proxy) copy(to, from net.Conn, answers bool) {
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		p.flowing(answers)
		if answers && bytes.HasPrefix(buf[:n], []byte("HTTP/1.1 429")) {
			p.limited.Add(1)
		}
		if n > 0 {
			if _, errWrite := to.Write(buf[:n]); errWrite != nil {
				_ = from.Close()
				return
			}
		}
		if errors.Is(err, io.EOF) {
			if tcp, ok := to.(*net.TCPConn); ok {
				_ = tcp.CloseWrite()
			}
			return
		}
		if err != nil {
			_ = to.Close()
			return
		}
	}
}

// flowing blocks while the proxy is paused.
func (p *Proxy) flowing(answers bool) {
	p.mu.Lock()
	resume, answer := p.resume, p.answer
	p.mu.Unlock()
	<-resume
	if answers {
		<-answer
	}
}

// register records an open connection. It closes the connection and returns
// false when the proxy is closed.
func (p *Proxy) register(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = conn.Close()
		return false
	}
	p.conns[conn] = struct{}{}
	return true
}

// forget closes a connection and drops it from the record.
func (p *Proxy) forget(conn net.Conn) {
	_ = conn.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, conn)
}
