package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/storage"
)

// composer says a reminder's rule, and by how much it is late.
type composer struct{ err error }

func (c composer) ComposeReminder(_ context.Context, r storage.Reminder, late time.Duration) (bot.Reply, error) {
	text := r.Rule
	if late > 0 {
		text += " late by " + late.String()
	}
	return bot.Reply{Text: text}, c.err
}

func (c composer) Addressee(_ context.Context, r storage.Reminder) (bot.Target, error) {
	return bot.Target{Place: bot.Place{
		Platform: bot.PlatformID(r.To.Platform), Channel: bot.ChannelID(r.To.ID), Name: r.To.Name, Visibility: bot.Private,
	}}, nil
}

func (c composer) ComposeMissed(_ context.Context, r storage.Reminder) (bot.Reply, error) {
	return bot.Reply{Text: "missed " + r.Rule, Key: r.ID + "/missed"}, c.err
}

// panel is a world with a jury's team, its recruiters and an engine.
type panel struct {
	*bottest.World
	engine *bot.Engine
	ticked []error
}

func newPanel(t *testing.T, platform func(*bottest.Platform) bot.Platform) *panel {
	p := &panel{}
	p.World = bottest.NewWorld(t, bottest.Options{Platform: platform, Register: func(w *bottest.World) {
		p.engine = bot.NewEngine(w.Runtime, w.Store, composer{})
	}})
	p.Platform.AddChannel(bottest.PrivatePlace("recruteurs"))
	return p
}

// tick ticks, and fails the test on an error.
func (p *panel) tick() {
	p.T.Helper()
	if err := p.engine.Tick(context.Background()); err != nil {
		p.T.Errorf("tick: %v", err)
	}
}

// before makes one reminder for each number of minutes before the jury.
func before(minutes ...int) func(storage.Jury) []storage.Reminder {
	return func(j storage.Jury) []storage.Reminder {
		var list []storage.Reminder
		for _, n := range minutes {
			rule := fmt.Sprintf("M-%d", n)
			list = append(list, storage.Reminder{
				ID:      fmt.Sprintf("jury/%d/%d/%s", j.Number, j.Sequence, rule),
				Subject: storage.JurySubject(j.Number), Rule: rule, Begins: j.At, To: j.Team,
				Due: j.At.Add(-time.Duration(n) * time.Minute), State: storage.ReminderDue,
			})
		}
		return list
	}
}

// plan plans a jury in so many minutes.
func (p *panel) plan(in int, minutes ...int) storage.Jury {
	p.T.Helper()
	j := storage.Jury{
		Campaign: "c", Title: "Jury", At: p.Clock.Now().Add(time.Duration(in) * time.Minute), Zone: "Europe/Paris",
		Team: storage.Channel{Platform: string(bottest.ID), ID: "c-equipe", Name: "equipe"},
	}
	planned, err := p.Store.PlanJury(context.Background(), j, func(number int) []storage.Reminder {
		j.Number = number
		return before(minutes...)(j)
	})
	if err != nil {
		p.T.Fatal(err)
	}
	return planned
}

// states are those of a jury's reminders, in the order of their due times.
func (p *panel) states(j storage.Jury) string {
	p.T.Helper()
	list, err := p.Store.RemindersOf(context.Background(), storage.JurySubject(j.Number))
	if err != nil {
		p.T.Fatal(err)
	}
	var states []string
	for _, r := range list {
		states = append(states, fmt.Sprintf("%s %s", r.Rule, r.State))
	}
	return strings.Join(states, ", ")
}

// want checks everything posted so far, and a jury's reminders.
func (p *panel) want(when string, j storage.Jury, states string, posts ...string) {
	p.T.Helper()
	// Of what is sent at the same time no order can be told.
	got := p.Platform.Texts()
	slices.Sort(got)
	slices.Sort(posts)
	if !slices.Equal(got, posts) {
		p.T.Errorf("%s: posted %q, want %q", when, got, posts)
	}
	if got := p.states(j); got != states {
		p.T.Errorf("%s: %s; want %s", when, got, states)
	}
}

func TestReminderOnTime(t *testing.T) {
	p := newPanel(t, nil)
	j := p.plan(120, 60, 10)
	p.tick()
	p.Clock.Advance(time.Hour - time.Second)
	p.tick()
	p.want("a second before", j, "M-60 due, M-10 due")
	p.Clock.Advance(time.Second)
	p.tick()
	p.tick()
	p.want("on time", j, "M-60 sent, M-10 due", "M-60")
	made := p.Platform.Last()
	if made.To.Place.Channel != "c-equipe" || made.Post.Key != "jury/1/0/M-60" {
		t.Errorf("posted in %+v with the key %q", made.To.Place, made.Post.Key)
	}
	p.Restart()
	p.Clock.Advance(50 * time.Minute)
	p.tick()
	p.want("after a restart", j, "M-60 sent, M-10 sent", "M-60", "M-10")
	p.Clock.Advance(24 * time.Hour)
	p.tick()
	p.want("a day later", j, "M-60 sent, M-10 sent", "M-60", "M-10")
}

func TestReminderLate(t *testing.T) {
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{time.Minute - time.Second, "M-60"}, // nobody would call that late
		{time.Minute, "M-60 late by 1m0s"},
		{59 * time.Minute, "M-60 late by 59m0s"},
	} {
		p := newPanel(t, nil)
		j := p.plan(61, 60)
		p.Clock.Advance(time.Minute + c.after)
		p.tick()
		p.want(c.after.String(), j, "M-60 sent", c.want)
	}
}

// The bot was away: only the latest of several is worth reading.
func TestRemindersOverdue(t *testing.T) {
	p := newPanel(t, nil)
	j := p.plan(120, 100, 60, 40, 10)
	other := p.plan(120, 60)
	p.Clock.Advance(90 * time.Minute)
	p.tick()
	p.tick()
	p.want("back again", j, "M-100 skipped, M-60 skipped, M-40 sent, M-10 due", "M-60 late by 30m0s", "M-40 late by 10m0s")
	if got := p.states(other); got != "M-60 sent" {
		t.Errorf("another jury's: %s", got)
	}
}

// Two rules may fall due at the same time (two days before a Monday, moved to the same Friday).
func TestRemindersDueTogether(t *testing.T) {
	p := newPanel(t, nil)
	j := p.plan(120, 60)
	twins := func(j storage.Jury) []storage.Reminder {
		list := append(before(60)(j), before(60)(j)...)
		list[1].ID, list[1].Rule = list[1].ID+"-bis", "M-60-bis"
		return list
	}
	if _, err := p.Store.SetJuryRules(context.Background(), j.Number, nil, twins); err != nil {
		t.Fatal(err)
	}
	p.Clock.Advance(time.Hour)
	p.tick()
	if got := p.Platform.Texts(); len(got) != 1 {
		t.Errorf("posted %q, want one of the two", got)
	}
}

func TestReminderMissed(t *testing.T) {
	p := newPanel(t, nil)
	j := p.plan(120, 60, 10)
	p.Clock.Advance(2 * time.Hour) // the very moment it begins
	p.tick()
	p.tick()
	p.want("begun", j, "M-60 missed, M-10 missed", "missed M-10")
	if made := p.Platform.Last(); made.To.Place.Name != "recruteurs" {
		t.Errorf("told to %+v", made.To.Place)
	}
}

func TestReminderMissedAndNobodyToTell(t *testing.T) {
	p := newPanel(t, func(p *bottest.Platform) bot.Platform { return bottest.Finder{Platform: p} })
	j := p.plan(120, 60)
	p.Clock.Advance(2 * time.Hour)
	if err := p.engine.Tick(context.Background()); !errors.Is(err, bot.ErrNoChannel) {
		t.Errorf("tick: %v, want ErrNoChannel", err)
	}
	p.want("begun", j, "M-60 missed")
}

func TestReminderRetried(t *testing.T) {
	p := newPanel(t, nil)
	j := p.plan(600, 300)
	p.Clock.Advance(300 * time.Minute)
	p.Platform.Fail(failing(bottest.OpPost))
	tries := 0
	attempt := func() bool { // reports whether the server was asked
		err := p.engine.Tick(context.Background())
		if err != nil && !errors.Is(err, errServer) {
			t.Fatal(err)
		}
		return err != nil
	}
	// The waits between two attempts, in seconds: doubled each time, up to five minutes.
	for _, wait := range []int{5, 10, 20, 40, 80, 160, 300, 300, 300} {
		if !attempt() {
			t.Fatalf("attempt %d was not made", tries+1)
		}
		tries++
		p.Clock.Advance(time.Duration(wait)*time.Second - time.Second)
		if attempt() {
			t.Errorf("attempt %d came before its %d seconds", tries+1, wait)
		}
		p.Clock.Advance(time.Second)
	}
	p.want("failing", j, "M-300 due")
	p.Platform.Fail(nil)
	p.tick()
	p.tick()
	p.want("working again", j, "M-300 sent", "M-300 late by 20m15s")
}

// One jury's channel that is gone holds nobody else's reminder back.
func TestReminderFailureIsAlone(t *testing.T) {
	p := newPanel(t, nil)
	const juries = 40
	for range juries {
		p.plan(120, 60)
	}
	var posts atomic.Int32
	p.Clock.Advance(time.Hour)
	p.Platform.Fail(func(op bottest.Op) error {
		if op == bottest.OpPost && posts.Add(1) == 1 {
			return errServer
		}
		return nil
	})
	if err := p.engine.Tick(context.Background()); !errors.Is(err, errServer) {
		t.Errorf("tick: %v", err)
	}
	if n := len(p.Platform.Posts()); n != juries-1 {
		t.Errorf("%d of %d were posted, one of which failed", n, juries)
	}
	p.Clock.Advance(5 * time.Second)
	p.tick()
	if n := len(p.Platform.Posts()); n != juries {
		t.Errorf("%d of %d were posted in the end", n, juries)
	}
}

// A reminder held back by failures is not sent after a later one that went through.
func TestReminderHeldBackIsOvertaken(t *testing.T) {
	p := newPanel(t, nil)
	j := p.plan(70, 60, 58)
	p.Clock.Advance(10 * time.Minute)
	p.Platform.Fail(failing(bottest.OpPost))
	for range 115 { // failing for nearly two minutes, until the waits are longer than what is left
		_ = p.engine.Tick(context.Background())
		p.Clock.Advance(time.Second)
	}
	p.Platform.Fail(nil)
	for range 600 {
		p.Clock.Advance(time.Second)
		p.tick()
	}
	p.want("at the end", j, "M-60 skipped, M-58 sent", "M-58")
}

// What was sent for a date that was moved since says nothing of the new one.
func TestReminderOfAMovedJuryIsNotOvertaken(t *testing.T) {
	p := newPanel(t, nil)
	j := p.plan(60, 30)
	p.Clock.Advance(30 * time.Minute)
	p.tick()
	moved, err := p.Store.MoveJury(context.Background(), j.Number, p.Clock.Now().Add(time.Hour), before(90))
	if err != nil {
		t.Fatal(err)
	}
	p.Clock.Advance(time.Second)
	p.tick()
	p.want("moved", moved, "M-90 sent, M-30 sent", "M-30", "M-90 late by 30m1s")
}
