package mattermost

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"candide/storage"
)

// TestPatience: a request refused by the rate limit is made again, whole, after the time that the server asks for.
func TestPatience(t *testing.T) {
	t.Parallel()
	var bodies []string
	var times []time.Time
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies, times = append(bodies, string(body)), append(times, time.Now())
		if len(bodies) == 1 {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "limit exceeded", http.StatusTooManyRequests)
			return
		}
		_, _ = io.WriteString(w, `{"id":"x"}`)
	}))
	defer server.Close()
	client := newClient(server.URL, "token")
	resp, err := client.HTTPClient.Post(server.URL, "text/plain", strings.NewReader("whole"))
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	_ = resp.Body.Close()
	if len(bodies) != 2 || bodies[1] != "whole" || times[1].Sub(times[0]) < time.Second {
		t.Errorf("sent %q, %v apart", bodies, times[1].Sub(times[0]))
	}

	// Somebody who gives up is not kept waiting.
	bodies = nil
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	begun := time.Now()
	if _, err := client.HTTPClient.Do(req); err == nil || time.Since(begun) > 900*time.Millisecond {
		t.Errorf("it waited %s: %v", time.Since(begun), err)
	}
}

// secrets is a store of secrets in memory.
type secrets map[string]string

func (s secrets) Secret(_ context.Context, name string) (string, error) {
	if v, ok := s[name]; ok {
		return v, nil
	}
	return "", storage.ErrNotFound
}

func (s secrets) SaveSecret(_ context.Context, name, value string) error {
	s[name] = value
	return nil
}

func TestSignature(t *testing.T) {
	t.Parallel()
	store := secrets{}
	key := secretKey{store: store}
	if key.verify(key.sign("a"), "a") {
		t.Error("something verifies before there is a key")
	}
	if err := key.load(t.Context()); err != nil {
		t.Fatal(err)
	}
	signature := key.sign("action", "ab", "c")
	if !key.verify(signature, "action", "ab", "c") {
		t.Error("the signature does not verify")
	}
	for _, parts := range [][]string{{"action", "a", "bc"}, {"action", "ab"}, {"dialog", "ab", "c"}, {"action", "ab", "c", ""}} {
		if key.verify(signature, parts...) {
			t.Errorf("it verifies for %q", parts)
		}
	}
	again := secretKey{store: store} // after a restart
	if err := again.load(t.Context()); err != nil || !again.verify(signature, "action", "ab", "c") {
		t.Error("buttons do not outlive the process:", err)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	known := tokens{own: "abc", configured: "def"}
	for token, want := range map[string]bool{"abc": true, "def": true, "": false, "ab": false, "abcd": false} {
		if known.accept(token) != want {
			t.Errorf("accept(%q) is %v", token, !want)
		}
	}
	if (tokens{}).accept("") {
		t.Error("no token accepts the empty one")
	}
}
