package mattermost

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/internal/retry"
)

const (
	// callTimeout bounds one request, waiting for a rate limit included.
	callTimeout = 60 * time.Second
	// answerTimeout is how long the server may take to begin its answer.
	answerTimeout = 15 * time.Second
	// settleTimeout bounds the looking for everything that is configured.
	settleTimeout = 30 * time.Second
	// maxPatience is the longest Retry-After that is waited for.
	maxPatience = 30 * time.Second
)

// newClient returns a REST client with the timeouts that model.Client4 lacks, which waits where the server asks it to.
func newClient(url, token string) *model.Client4 {
	c := model.NewAPIv4Client(url)
	c.HTTPClient = &http.Client{Timeout: callTimeout, Transport: patient{turns: newTurns(), next: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: answerTimeout,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   16,
		IdleConnTimeout:       time.Minute,
	}}}
	c.SetToken(token)
	return c
}

// patient is a transport that waits when the server answers 429 and asks again, until the request's own time is over.
// (Client4 reports the text body of a 429 as a decoding error, so it must be seen here.) While one request waits, those
// that come after it stand in line behind it: none is refused again and again because others were luckier, and what
// was begun first ends first.
type patient struct {
	next  http.RoundTripper
	turns *turns
}

// RoundTrip implements http.RoundTripper.
func (t patient) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	first := t.turns.waiting.Load() > 0
	if first && !t.turns.enter(ctx) {
		return nil, ctx.Err()
	}
	defer func() {
		if first {
			t.turns.leave()
		}
	}()
	for {
		resp, err := t.next.RoundTrip(req)
		if err != nil || resp.StatusCode != http.StatusTooManyRequests {
			return resp, err
		}
		if req.Body != nil && req.Body != http.NoBody {
			if req.GetBody == nil {
				return resp, nil // it cannot be sent again
			}
			body, err := req.GetBody()
			if err != nil {
				return resp, nil
			}
			req = req.Clone(ctx)
			req.Body = body
		}
		again := time.Now().Add(retryAfter(resp.Header))
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
		_ = resp.Body.Close()
		if !first {
			if !t.turns.enter(ctx) {
				return nil, ctx.Err()
			}
			first = true
		}
		if !retry.Sleep(ctx, time.Until(again)) {
			return nil, ctx.Err()
		}
	}
}

// turns are where requests stand while the server's limit is met: one at its head, the others in the order they came.
type turns struct {
	waiting atomic.Int32
	head    chan struct{}
}

func newTurns() *turns { return &turns{head: make(chan struct{}, 1)} }

// enter returns true once the request is at the head, false when its time was over before.
func (l *turns) enter(ctx context.Context) bool {
	l.waiting.Add(1)
	select {
	case l.head <- struct{}{}:
		return true
	case <-ctx.Done():
		l.waiting.Add(-1)
		return false
	}
}

func (l *turns) leave() {
	<-l.head
	l.waiting.Add(-1)
}

// retryAfter is how long the server asks to wait, with a little jitter so that not everybody comes back at once.
func retryAfter(h http.Header) time.Duration {
	wait := time.Second
	if s, err := strconv.Atoi(h.Get("Retry-After")); err == nil && s >= 0 {
		wait = time.Duration(s) * time.Second
	} else if s, err := strconv.Atoi(h.Get("X-RateLimit-Reset")); err == nil && s >= 0 {
		wait = time.Duration(s) * time.Second
	}
	return min(wait, maxPatience) + time.Duration(rand.Int64N(int64(250*time.Millisecond)))
}

// newBackoff is how the server is waited for.
func newBackoff() retry.Backoff {
	return retry.Backoff{First: 250 * time.Millisecond, Max: 30 * time.Second}
}

// status is the HTTP status of an answer; 0 when there was none.
func status(resp *model.Response) int {
	if resp == nil {
		return 0
	}
	return resp.StatusCode
}

// gone reports that the server says “not there” or “not for you”, which look alike from outside.
func gone(resp *model.Response) bool {
	s := status(resp)
	return s == http.StatusNotFound || s == http.StatusForbidden
}

// brief takes out of an error what repeats on every line of the log: the request's URL. It may hold ids of people.
func brief(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
