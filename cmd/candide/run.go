package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"candide/cmd/candide/config"
	"candide/faq"
)

type runCmd struct {
	Config string `help:"The configuration file; without it, a demonstration." placeholder:"FILE"`
	At     string `help:"Start the clock at a time, as 2020-11-16T10:00:00+01:00." placeholder:"RFC3339"`
}

// Run runs the bot until it is told to stop.
func (c runCmd) Run(ctx context.Context, p program) (err error) {
	at, err := parseAt(c.At)
	if err != nil {
		return err
	}
	cfg, err := config.Load(c.Config, p.getenv)
	if err != nil {
		return inputFault(err)
	}
	o := appOptions{now: time.Now, log: p.logger(cfg), out: p.stdout}
	if o.passed, err = failpoint(p.getenv(failpointVariable), kill); err != nil {
		return err
	}
	if c.At != "" {
		o.now = startingAt(at)
	}
	if isTerminal(p.stdin) {
		o.prompt = p.stdin
	}
	a, err := newApp(cfg, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	a.greet(p.stdout, o.prompt != nil)
	a.log.Info("started", "version", versionString(), "addresses", a.servers.addresses())
	err = a.run(ctx)
	a.log.Info("stopped")
	return err
}

// startingAt is a clock that was at that time when this was called, and goes on at the usual pace.
func startingAt(at time.Time) func() time.Time {
	start := time.Now()
	return func() time.Time { return at.Add(time.Since(start)) }
}

// logger writes for people at a prompt only what they must see, and for supervisors everything, as JSON.
func (p program) logger(cfg config.Config) *slog.Logger {
	if isTerminal(p.stdin) {
		return slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	return slog.New(slog.NewJSONHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

// greet says what runs where, and what to try.
func (a *app) greet(w io.Writer, prompt bool) {
	f, lang := a.campaigns.First().FAQ(), a.cfg.Language
	say := func(key string, args ...string) { fmt.Fprintln(w, a.words.Say(lang, key, args...)) }
	say("start-title", "title", f.Title.In(lang, f.Language))
	if f.Phase(a.now()) == faq.Closed {
		fmt.Fprintln(w, plain(f.ClosedNotice(lang)))
	}
	if a.cfg.Demonstration {
		say("start-demo")
		if f.Phase(a.now()) == faq.Closed {
			say("start-demo-open")
		}
	}
	if listen := *a.cfg.Web.Listen; listen != "" {
		say("start-web", "url", "http://"+a.servers.address(listen)+"/")
	}
	if url := a.cfg.Mattermost.URL; url != "" {
		say("start-mattermost", "url", url)
	}
	if a.cfg.Discord.Token != "" {
		say("start-discord", "guild", a.cfg.Discord.Guild)
	}
	say("start-data", "path", a.cfg.Storage.Path)
	if prompt {
		say("start-prompt")
	}
	fmt.Fprintln(w)
}
