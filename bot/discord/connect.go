package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"

	"candide/internal/retry"
)

// ready takes what a new session says of itself: where to resume it.
func (g *gateway) ready(e *discordgo.Event) {
	var r struct {
		ResumeURL string `json:"resume_gateway_url"`
	}
	g.known.Store(true)
	if json.Unmarshal(e.RawData, &r) == nil {
		g.resume.Store(strings.TrimRight(r.ResumeURL, "/"))
	}
}

// signpost answers the library's question where the gateway is: for a session to be resumed, where Discord said so.
type signpost struct {
	next http.RoundTripper
	g    *gateway
}

// RoundTrip implements http.RoundTripper.
func (s signpost) RoundTrip(req *http.Request) (*http.Response, error) {
	where, _ := s.g.resume.Load().(string)
	if where == "" || req.URL.String() != discordgo.EndpointGateway {
		return s.next.RoundTrip(req)
	}
	body, err := json.Marshal(map[string]string{"url": where})
	if err != nil {
		return nil, err
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(string(body))),
		ContentLength: int64(len(body)), Request: req,
	}, nil
}

// stayConnected keeps one gateway connection until ctx is done or Discord refuses the bot.
func (p *Platform) stayConnected(ctx context.Context) error {
	events := make(chan *discordgo.Event, maxEvents)
	var wg sync.WaitGroup
	defer wg.Wait()
	work, stop := context.WithCancel(ctx)
	defer stop()
	wg.Go(func() { p.take(work, events) })
	wg.Go(func() { p.follow(work) })
	p.reading.miss() // since the last process
	wait := newBackoff(p.o.pace.retry)
	var g *gateway
	failures := 0
	for {
		if g == nil {
			var err error
			if g, err = p.newGateway(events); err != nil {
				return retry.Fatalf("%w", err)
			}
		}
		begun := time.Now()
		err := p.connection(ctx, g, &failures)
		if ctx.Err() != nil {
			g.close(true)
			return nil
		}
		g.close(false)
		var f retry.Fatal
		if errors.As(err, &f) {
			return err
		}
		p.setProblem(fmt.Errorf("waiting for Discord: %w", err))
		if failures >= maxResumes || !g.known.Load() || errors.Is(err, errFresh) {
			g, failures = nil, 0 // what happened meanwhile is caught up over REST
		}
		if time.Since(begun) > steadyAfter {
			wait.Reset()
		}
		if !wait.Sleep(ctx) {
			return nil
		}
	}
}

// errFresh: the session is over, a new one must begin.
var errFresh = errors.New("the session is over")

// connection is one connection, from dialing to its end; it never returns nil.
func (p *Platform) connection(ctx context.Context, g *gateway, failures *int) error {
	resumed, err := g.open(ctx)
	if err != nil {
		*failures++
		return p.whyNot(err)
	}
	*failures = 0
	p.setProblem(nil)
	p.log.Info("the gateway is open", "resumed", resumed)
	if p.opened.Swap(true) {
		p.meter.Reconnected(string(ID), resumed)
	}
	// What came before this connection may not have come by it; what Discord gives again is handled once.
	p.reading.miss()
	err = g.watch(ctx)
	p.reading.miss()
	return err
}

// whyNot reads why Discord refused a connection.
func (p *Platform) whyNot(err error) error {
	var closed *websocket.CloseError
	if !errors.As(err, &closed) {
		if code(brief(err)) == 0 && status(brief(err)) == http.StatusUnauthorized {
			return retry.Fatalf("Discord no longer accepts the token: make a new one in the developer portal and put it in " +
				"discord.token or CANDIDE_DISCORD_TOKEN")
		}
		return brief(err)
	}
	switch closed.Code {
	case closeBadToken:
		return retry.Fatalf("Discord no longer accepts the token: make a new one in the developer portal and put it in " +
			"discord.token or CANDIDE_DISCORD_TOKEN")
	case closeNoIntents:
		p.mu.Lock()
		had := p.content
		p.content = false
		p.mu.Unlock()
		if !had {
			return retry.Fatalf("Discord refuses the bot's intents, of which none is privileged")
		}
		p.log.Warn("Discord does not let the bot read messages that are not for it", "do", doContent)
		return errFresh
	case closeBadIntents:
		return retry.Fatalf("Discord does not know the bot's intents: this version of Candide is too old for it")
	case closeBadSeq, closeTimedOut:
		return errFresh
	}
	return fmt.Errorf("the gateway closed the connection (code %d)", closed.Code)
}
