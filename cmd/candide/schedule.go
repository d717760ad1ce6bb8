package main

import (
	"context"
	"fmt"
	"time"

	"github.com/go-co-op/gocron/v2"
	"github.com/jonboulle/clockwork"

	"candide/handlers/digest"
)

// nightAt is when the night's work on personal data begins, in the first campaign's time zone: after the hour that
// daylight saving time skips or repeats.
const nightAt = "30 3 * * *"

// ticks are the periodic jobs. The reminder engine ticks by itself.
func (a *app) ticks(ctx context.Context) (gocron.Scheduler, error) {
	s, err := gocron.NewScheduler(gocron.WithStopTimeout(10 * time.Second))
	if err != nil {
		return nil, fmt.Errorf("making the scheduler: %w", err)
	}
	for _, job := range []struct {
		every time.Duration
		doing string
		work  func(context.Context) error
	}{
		{10 * time.Minute, "planning the campaigns' dates", a.dates.Plan},
		{time.Hour, "warning of what will be forgotten", a.inbox.Warn},
		{time.Hour, "forgetting what is over", a.personal.Hour},
		{10 * time.Minute, "the morning's digest", a.mornings.Morning}, // what the cron job below missed
	} {
		_, err := s.NewJob(gocron.DurationJob(job.every), gocron.NewTask(a.task(ctx, job.doing, job.work)),
			gocron.WithSingletonMode(gocron.LimitModeReschedule), gocron.WithStartAt(gocron.WithStartImmediately()))
		if err != nil {
			return nil, fmt.Errorf("scheduling: %w", err)
		}
	}
	return s, nil
}

// hours are the jobs of an hour of the day, by the bot's own clock and in the campaign's time zone. A run that was
// missed is not caught up here: each job's work looks by itself whether it was done.
func (a *app) hours(ctx context.Context) (gocron.Scheduler, error) {
	s, err := gocron.NewScheduler(gocron.WithStopTimeout(10*time.Second),
		gocron.WithClock(botClock{clockwork.NewRealClock(), a.now}))
	if err != nil {
		return nil, fmt.Errorf("making the scheduler: %w", err)
	}
	zone := "CRON_TZ=" + a.campaigns.First().Zone.String() + " "
	jobs := map[string]func(){zone + nightAt: a.task(ctx, "the night's work on personal data", a.personal.Night)}
	for _, c := range a.campaigns.All() {
		jobs["CRON_TZ="+c.Zone.String()+" "+digest.Cron] = a.task(ctx, "the morning's digest", a.mornings.Morning)
	}
	for at, task := range jobs {
		if _, err := s.NewJob(gocron.CronJob(at, false), gocron.NewTask(task), gocron.WithSingletonMode(gocron.LimitModeReschedule)); err != nil {
			return nil, fmt.Errorf("scheduling %q: %w", at, err)
		}
	}
	return s, nil
}

// task is work whose failure is logged.
func (a *app) task(ctx context.Context, doing string, work func(context.Context) error) func() {
	return func() {
		if err := work(ctx); err != nil {
			a.log.Error(doing+" failed", "error", err)
		}
	}
}

// botClock tells the bot's time, which may have been set with --at, and waits as the machine does.
type botClock struct {
	clockwork.Clock
	now func() time.Time
}

func (c botClock) Now() time.Time                  { return c.now() }
func (c botClock) Since(t time.Time) time.Duration { return c.now().Sub(t) }
func (c botClock) Until(t time.Time) time.Duration { return t.Sub(c.now()) }
