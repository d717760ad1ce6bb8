package bot_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/storage"
)

// counting counts what the engine asks of the store.
type counting struct {
	bot.ReminderStore
	claims atomic.Int64
}

func (c *counting) ClaimDue(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]storage.Reminder, error) {
	c.claims.Add(1)
	return c.ReminderStore.ClaimDue(ctx, now, lease, limit)
}

// The engine ticks by the time that passes. A clock that jumps at every look makes it neither spin nor stop.
func TestRunWithAWildClock(t *testing.T) {
	p := newPanel(t, nil)
	p.plan(120, 60)
	store := &counting{ReminderStore: p.Store}
	engine := bot.NewEngine(p.Runtime, store, composer{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	begun := time.Now()
	go func() {
		defer close(done)
		engine.Run(ctx)
	}()
	for store.claims.Load() < 4 {
		if time.Since(begun) > time.Minute {
			t.Fatal("it stopped ticking")
		}
		p.Clock.Set(time.Date(2020, 11, 16, 9, 0, 0, 0, time.UTC).Add(time.Duration(rand.IntN(49)-24) * time.Hour))
		time.Sleep(time.Millisecond)
	}
	cancel()
	<-done
	if took := time.Since(begun); took < 2900*time.Millisecond {
		t.Errorf("four ticks in %s", took)
	}
}

func TestWake(t *testing.T) {
	p := newPanel(t, nil)
	store := &counting{ReminderStore: p.Store}
	engine := bot.NewEngine(p.Runtime, store, composer{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		engine.Run(ctx)
	}()
	for begun := time.Now(); store.claims.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Since(begun) > time.Minute {
			t.Fatal("it does not tick")
		}
	}
	begun := time.Now()
	for range 100 { // however often it is woken, it ticks once
		engine.Wake()
	}
	for store.claims.Load() == 1 {
		if time.Since(begun) > time.Minute {
			t.Fatal("it sleeps on")
		}
		time.Sleep(time.Millisecond)
	}
	cancel()
	<-done
	if n := store.claims.Load(); n > 3 {
		t.Errorf("it ticked %d times", n)
	}
}

// The machine sleeps from the evening to the morning: what came due in the night is told at once, late, and says so;
// what was for a jury of the night is given up, and the recruiters know.
func TestNightAsleep(t *testing.T) {
	p := newPanel(t, nil)
	p.Clock.Set(time.Date(2020, 11, 16, 21, 0, 0, 0, time.UTC))
	morning := p.plan(12*60, 11*60, 60) // at nine, told at ten in the evening and at eight
	night := p.plan(5*60, 60)           // at two
	p.Clock.Advance(11*time.Hour + 30*time.Minute)
	p.tick()
	p.tick()
	p.want("in the morning", morning, "M-660 skipped, M-60 sent", "M-60 late by 30m0s", "missed M-60")
	if got := p.states(night); got != "M-60 missed" {
		t.Errorf("the night's: %s", got)
	}
}

// An hour back: what was told is not told again, what waits goes at its hour, and a failure's next try, noted by the
// hour that never was, does not wait for it.
func TestClockAnHourBack(t *testing.T) {
	p := newPanel(t, nil)
	j := p.plan(180, 150, 60)
	p.Clock.Advance(30 * time.Minute)
	p.tick()
	p.Clock.Advance(-time.Hour)
	for range 61 {
		p.tick()
		p.Clock.Advance(time.Minute)
	}
	p.want("half past again", j, "M-150 sent, M-60 due", "M-150")
	p.Clock.Advance(89 * time.Minute)
	p.tick()
	p.want("at its hour", j, "M-150 sent, M-60 sent", "M-150", "M-60")

	p = newPanel(t, nil)
	j = p.plan(300, 60)
	p.Clock.Advance(6*time.Hour + 24*time.Hour) // a day ahead: its jury has begun, says the clock
	p.tick()
	p.want("a day ahead", j, "M-60 missed", "missed M-60")
	p.Clock.Advance(-26*time.Hour + -time.Minute) // right again, before its time
	p.tick()
	p.want("right again", j, "M-60 due", "missed M-60")
	p.Clock.Advance(time.Minute)
	p.tick()
	p.want("at its hour", j, "M-60 sent", "missed M-60", "M-60")
}

// Both nights in which the clocks change, minute by minute: one reminder each, at its minute, none twice.
func TestNightsOfTheClocks(t *testing.T) {
	for _, c := range []struct{ zone, evening string }{
		{"Europe/Paris", "2026-03-28 22:00"}, {"Europe/Paris", "2026-10-24 22:00"},
		{"Europe/Paris", "2027-03-27 22:00"}, {"Europe/Paris", "2027-10-30 22:00"},
		{"America/Montreal", "2026-03-07 22:00"}, {"America/Montreal", "2026-10-31 22:00"},
		{"Indian/Reunion", "2026-03-28 22:00"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.ParseInLocation("2006-01-02 15:04", c.evening, zone)
		if err != nil {
			t.Fatal(err)
		}
		p := newPanel(t, nil)
		p.Clock.Set(at)
		var want []string
		for half := range 16 { // a jury each half hour of the night, told a quarter of an hour before
			j := p.plan(30*half+20, 15)
			want = append(want, fmt.Sprintf("jury/%d/0/M-15 %s", j.Number, j.At.Add(-15*time.Minute).UTC().Format("15:04")))
		}
		var got []string
		seen := 0
		for range 9 * 60 {
			p.tick()
			for _, made := range p.Platform.Posts()[seen:] {
				got = append(got, made.Post.Key+" "+p.Clock.Now().UTC().Format("15:04"))
				seen++
			}
			p.Clock.Set(p.Clock.Now().Add(time.Minute).In(zone))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("the night of %s in %s:\n got %s\nwant %s", c.evening, c.zone, strings.Join(got, ", "), strings.Join(want, ", "))
		}
	}
}

// BenchmarkLateness lets reminders fall due at any moment of some seconds, with no burst, and says how late they are
// posted.
func BenchmarkLateness(b *testing.B) {
	const count, span = 400, 20 * time.Second
	for b.Loop() {
		w := bottest.NewWorld(b, bottest.Options{Now: time.Now})
		due := map[string]time.Time{}
		var list []storage.Reminder
		for i := range count {
			r := storage.Reminder{
				ID: fmt.Sprintf("r%d", i), Subject: fmt.Sprintf("s%d", i), Due: time.Now().Add(time.Second + rand.N(span)),
				To: storage.Channel{Platform: string(bottest.ID), ID: "c"},
			}
			due[r.ID], list = r.Due, append(list, r)
		}
		if err := w.Store.AddReminders(b.Context(), list); err != nil {
			b.Fatal(err)
		}
		late := make(chan time.Duration, count)
		w.Platform.AfterPost(func(made bottest.Posted) { late <- time.Since(due[made.Post.Key]) })
		ctx, cancel := context.WithCancel(b.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			bot.NewEngine(w.Runtime, w.Store, composer{}).Run(ctx)
		}()
		var all []time.Duration
		for range count {
			all = append(all, <-late)
		}
		cancel()
		<-done
		slices.Sort(all)
		b.ReportMetric(float64(all[count/2].Milliseconds()), "p50-ms")
		b.ReportMetric(float64(all[count*99/100].Milliseconds()), "p99-ms")
		b.ReportMetric(float64(all[count-1].Milliseconds()), "max-ms")
		w.Close()
	}
}
