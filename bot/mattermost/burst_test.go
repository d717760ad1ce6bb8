package mattermost

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"
	"golang.org/x/time/rate"

	"candide/bot"
	"candide/storage"
	"candide/storage/boltdb"
)

// limited is a server that takes posts as Mattermost does with its rate limit switched on: so many a second, so many at
// once, and 429 with the seconds to wait for the others.
type limited struct {
	limiter *rate.Limiter

	mu      sync.Mutex
	keys    []string
	refused int
}

func (l *limited) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !l.limiter.Allow() {
		l.mu.Lock()
		l.refused++
		l.mu.Unlock()
		w.Header().Set("Retry-After", "1")
		http.Error(w, "limit exceeded", http.StatusTooManyRequests)
		return
	}
	var post model.Post
	if err := json.NewDecoder(r.Body).Decode(&post); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	post.Id = model.NewId()
	key, _ := post.GetProp(propKey).(string)
	l.mu.Lock()
	l.keys = append(l.keys, key)
	l.mu.Unlock()
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(&post)
}

// burst is a platform on a limited server, and an engine with reminders that are all due now.
type burst struct {
	server *limited
	engine *bot.Engine
	store  *boltdb.Store
}

func newBurst(tb testing.TB, count int, perSecond rate.Limit, atOnce int) *burst {
	tb.Helper()
	store, err := boltdb.Open(filepath.Join(tb.TempDir(), "candide.db"))
	if err != nil {
		tb.Fatal(err)
	}
	b := &burst{server: &limited{limiter: rate.NewLimiter(perSecond, atOnce)}, store: store}
	server := httptest.NewServer(b.server)
	p := New(Options{URL: server.URL, Token: "token", Team: "team", Store: secrets{}})
	p.problem = nil
	p.home = &home{me: &model.User{Id: model.NewId()}, team: &model.Team{Id: model.NewId()}}
	runtime := bot.NewRuntime(bot.Options{Store: store, Routes: bot.NewRoutes(), Phrases: mute{}})
	runtime.Add(p)
	tb.Cleanup(func() {
		runtime.Close()
		server.Close()
		if err := store.Close(); err != nil {
			tb.Error(err)
		}
	})
	now := time.Now()
	var list []storage.Reminder
	for i := range count {
		// The last ones stored are the most urgent.
		list = append(list, storage.Reminder{
			ID: fmt.Sprintf("r%04d", i), Subject: fmt.Sprintf("s%04d", i), Rule: "M-15", Due: now.Add(-time.Duration(i%60) * time.Millisecond),
			Begins: now.Add(time.Hour + time.Duration(count-i)*time.Minute), To: storage.Channel{Platform: string(ID), ID: "c"},
		})
	}
	if err := store.AddReminders(context.Background(), list); err != nil {
		tb.Fatal(err)
	}
	b.engine = bot.NewEngine(runtime, store, plainComposer{})
	return b
}

type mute struct{}

func (mute) Say(_, key string, _ ...string) string { return key }

type plainComposer struct{}

func (plainComposer) Addressee(_ context.Context, r storage.Reminder) (bot.Target, error) {
	return bot.Target{Place: bot.Place{Platform: ID, Channel: bot.ChannelID(r.To.ID), Visibility: bot.Private}}, nil
}

func (plainComposer) ComposeReminder(_ context.Context, r storage.Reminder, late time.Duration) (bot.Reply, error) {
	return bot.Reply{Text: fmt.Sprintf("%s, late by %s", r.Rule, late)}, nil
}

func (plainComposer) ComposeMissed(context.Context, storage.Reminder) (bot.Reply, error) {
	return bot.Reply{}, bot.ErrNothing
}

// Everything goes out, once, in the order of urgency but for what is under way at the same time, at nearly the rate
// that the server allows.
func TestBurst(t *testing.T) {
	t.Parallel()
	const count, perSecond, atOnce = 200, 50, 40
	b := newBurst(t, count, perSecond, atOnce)
	begun := time.Now()
	if err := b.engine.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	took := time.Since(begun)
	if len(b.server.keys) != count {
		t.Fatalf("%d posts", len(b.server.keys))
	}
	if b.server.refused == 0 {
		t.Error("the limit was never met")
	}
	if allowed := time.Duration(count-atOnce) * time.Second / perSecond; took > 2*allowed+2*time.Second {
		t.Errorf("it took %s, where %s are allowed", took, allowed)
	}
	if early := overtaken(b.server.keys); early > 32 {
		t.Errorf("a reminder came %d places too late", early)
	}
	sorted := slices.Clone(b.server.keys)
	slices.Sort(sorted)
	if len(slices.Compact(sorted)) != count {
		t.Error("some were posted twice")
	}
}

// overtaken is by how many places, at most, a reminder was posted after less urgent ones: the most urgent has the
// highest number.
func overtaken(keys []string) int {
	sorted := slices.Clone(keys)
	slices.Sort(sorted)
	slices.Reverse(sorted)
	worst := 0
	for place, key := range sorted {
		worst = max(worst, slices.Index(keys, key)-place)
	}
	return worst
}

// BenchmarkBurst sends 1,000 reminders due in the same minute to a server with Mattermost's own rate limit: ten a
// second, a hundred at once.
func BenchmarkBurst(b *testing.B) {
	const count, perSecond, atOnce = 1000, 10, 100
	for b.Loop() {
		burst := newBurst(b, count, perSecond, atOnce)
		begun := time.Now()
		if err := burst.engine.Tick(b.Context()); err != nil {
			b.Fatal(err)
		}
		took := time.Since(begun)
		if len(burst.server.keys) != count {
			b.Fatalf("%d posts", len(burst.server.keys))
		}
		allowed := time.Duration(count-atOnce) * time.Second / perSecond
		b.ReportMetric(took.Seconds(), "s")
		b.ReportMetric(100*allowed.Seconds()/took.Seconds(), "%limit")
		b.ReportMetric(float64(overtaken(burst.server.keys)), "places-late")
	}
}
