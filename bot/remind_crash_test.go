package bot_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/storage"
)

// crash ticks, and reports whether the process died on the way; it is started again then.
func (p *panel) crash() (died bool) {
	defer func() {
		if v := recover(); v != nil {
			if v != errCrash {
				panic(v)
			}
			died = true
			p.Platform.AfterPost(nil)
			p.Platform.Fail(nil)
			p.Restart()
		}
	}()
	p.ticked = append(p.ticked, p.engine.Tick(context.Background()))
	return false
}

var errCrash = errors.New("the process dies")

// It died after the server had taken the post and before the store knew.
func TestCrashBetweenPostAndMark(t *testing.T) {
	p := newPanel(t, nil)
	j := p.plan(120, 60)
	p.Clock.Advance(time.Hour)
	p.Platform.AfterPost(func(bottest.Posted) { panic(errCrash) })
	if !p.crash() {
		t.Fatal("it did not die")
	}
	p.tick()
	p.Clock.Advance(2*time.Minute - time.Second)
	p.tick()
	p.want("while it may still be somebody's", j, "M-60 sending", "M-60")
	p.Clock.Advance(time.Second)
	p.Platform.Fail(failing(bottest.OpFind))
	if err := p.engine.Tick(context.Background()); !errors.Is(err, errServer) {
		t.Errorf("the server cannot say: %v", err)
	}
	p.want("the server cannot say", j, "M-60 due", "M-60")
	p.Platform.Fail(nil)
	p.Clock.Advance(time.Minute)
	p.tick()
	p.want("found by its key", j, "M-60 sent", "M-60")
	list, err := p.Store.RemindersOf(context.Background(), "jury/1")
	if err != nil || list[0].Post != "post-1" {
		t.Errorf("kept the post %q, %v", list[0].Post, err)
	}
}

// Found also when its jury has begun meanwhile: it was not missed.
func TestCrashThenBegun(t *testing.T) {
	p := newPanel(t, nil)
	j := p.plan(120, 60)
	p.Clock.Advance(time.Hour)
	p.Platform.AfterPost(func(bottest.Posted) { panic(errCrash) })
	p.crash()
	p.Clock.Advance(time.Hour)
	p.tick()
	p.want("begun", j, "M-60 sent", "M-60")
}

func TestCrashBeforePost(t *testing.T) {
	p := newPanel(t, nil)
	j := p.plan(120, 60)
	p.Clock.Advance(time.Hour)
	p.Platform.Fail(func(op bottest.Op) error {
		if op == bottest.OpPost {
			panic(errCrash)
		}
		return nil
	})
	if !p.crash() {
		t.Fatal("it did not die")
	}
	p.Clock.Advance(2 * time.Minute)
	p.tick()
	p.tick()
	p.want("sent after all", j, "M-60 sent", "M-60 late by 2m0s")
}

// A platform that cannot find its posts cannot tell: a reminder posted twice is better than one that is never seen.
func TestCrashWithoutFinder(t *testing.T) {
	p := newPanel(t, func(p *bottest.Platform) bot.Platform { return bottest.Staff{Platform: p} })
	j := p.plan(120, 60)
	p.Clock.Advance(time.Hour)
	p.Platform.AfterPost(func(bottest.Posted) { panic(errCrash) })
	p.crash()
	p.Clock.Advance(2 * time.Minute)
	p.tick()
	p.Clock.Advance(time.Hour)
	p.tick()
	p.want("at the end", j, "M-60 sent", "M-60", "M-60 late by 2m0s")
}

// The chat server of a reminder is not configured any more: it is kept, and tried again.
func TestReminderWithoutPlatform(t *testing.T) {
	p := newPanel(t, nil)
	j := storage.Jury{
		Number: 1, Campaign: "c", At: p.Clock.Now().Add(time.Hour), Zone: "Europe/Paris",
		Team: storage.Channel{Platform: "gone", ID: "c-equipe"},
	}
	j, err := p.Store.PlanJury(context.Background(), j, func(int) []storage.Reminder { return before(30)(j) })
	if err != nil {
		t.Fatal(err)
	}
	p.Clock.Advance(30 * time.Minute)
	if err := p.engine.Tick(context.Background()); err == nil {
		t.Error("no error")
	}
	p.want("without its platform", j, "M-30 due")
}

func TestReminderMovedAndCancelled(t *testing.T) {
	ctx := context.Background()
	p := newPanel(t, nil)
	j := p.plan(120, 60, 30)
	p.Clock.Advance(time.Hour)
	p.tick()
	moved, err := p.Store.MoveJury(ctx, j.Number, p.Clock.Now().Add(3*time.Hour), before(60, 30))
	if err != nil {
		t.Fatal(err)
	}
	p.Clock.Advance(time.Hour)
	p.tick()
	p.want("moved", moved, "M-60 sent, M-30 cancelled, M-60 due, M-30 due", "M-60")
	p.Clock.Advance(time.Hour)
	p.tick()
	if _, err := p.Store.CancelJury(ctx, j.Number, "", nil); err != nil {
		t.Fatal(err)
	}
	p.Clock.Advance(2 * time.Hour)
	p.tick()
	p.want("cancelled", moved, "M-60 sent, M-30 cancelled, M-60 sent, M-30 cancelled", "M-60", "M-60")
}

// Cancelled while others of the same tick, which may take minutes, were being sent.
func TestReminderCancelledAfterItsClaim(t *testing.T) {
	p := newPanel(t, nil)
	const others = 40 // more than are sent at once
	for range others {
		p.plan(110, 50)
	}
	j := p.plan(120, 60)
	var once sync.Once
	p.Platform.AfterPost(func(bottest.Posted) {
		once.Do(func() {
			if _, err := p.Store.CancelJury(context.Background(), j.Number, "", nil); err != nil {
				t.Error(err)
			}
		})
	})
	p.Clock.Advance(time.Hour)
	p.tick()
	if n := len(p.Platform.Posts()); n != others || p.states(j) != "M-60 cancelled" {
		t.Errorf("%d posts, and the cancelled one is %s", n, p.states(j))
	}
}
