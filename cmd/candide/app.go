package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/go-co-op/gocron/v2"
	"golang.org/x/sync/errgroup"

	"candide/bot"
	"candide/bot/terminal"
	"candide/cmd/candide/config"
	"candide/handlers/admin"
	"candide/handlers/ask"
	"candide/handlers/campaigns"
	"candide/handlers/candidates"
	"candide/handlers/editor"
	"candide/handlers/interest"
	"candide/handlers/jury"
	"candide/handlers/privacy"
	"candide/handlers/words"
	"candide/storage"
	"candide/storage/boltdb"
)

// app is the running bot: everything it is made of, opened in order and closed in the opposite one.
type app struct {
	cfg       config.Config
	log       *slog.Logger
	now       func() time.Time
	words     *words.Words
	campaigns *campaigns.Set
	editor    *editor.Handler
	faqFile   []byte // the first campaign's, as read at start
	store     *boltdb.Store
	runtime   *bot.Runtime
	engine    *bot.Engine
	platforms []bot.Platform
	servers   *servers
	control   *control
}

// appOptions are what differs between the program and its tests.
type appOptions struct {
	now    func() time.Time
	log    *slog.Logger
	prompt io.Reader // nil: no prompt
	out    io.Writer
}

// newApp opens everything that can fail before anything is started: the FAQ, the database, the ports.
func newApp(cfg config.Config, o appOptions) (a *app, err error) {
	a = &app{cfg: cfg, log: o.log, now: o.now}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	if err := a.loadCampaigns(); err != nil {
		return a, err
	}
	if a.words, err = words.New(a.campaigns.First().FAQ().Address, cfg.Language); err != nil {
		return a, err
	}
	if a.store, err = openStore(cfg.Storage.Path); err != nil {
		return a, err
	}
	if err := a.loadEdits(); err != nil {
		return a, err
	}
	if a.control, err = listenControl(cfg.Storage.Path, a.store); err != nil {
		return a, environmentFault(err)
	}
	routes := bot.NewRoutes()
	a.runtime = bot.NewRuntime(bot.Options{Store: a.store, Routes: routes, Phrases: a.words, Now: o.now, Log: o.log})
	if err := a.register(routes); err != nil {
		return a, err
	}
	if err := a.addPlatforms(o); err != nil {
		return a, err
	}
	a.control.mux.HandleFunc("GET /faq", a.serveFAQ)
	a.control.mux.HandleFunc("GET /status", a.serveStatus)
	return a, nil
}

// openStore opens the database, and says what to do where it cannot.
func openStore(path string) (*boltdb.Store, error) {
	store, err := boltdb.Open(path)
	switch {
	case errors.Is(err, storage.ErrLocked):
		return nil, environmentFault(fmt.Errorf("the database %s is in use: another candide runs on it; stop it first, or name "+
			"another storage.path", path))
	case errors.Is(err, storage.ErrNewer):
		return nil, environmentFault(fmt.Errorf("%w: install that version again, or restore a backup made by this one", err))
	case err != nil:
		return nil, environmentFault(err)
	}
	return store, nil
}

// loadCampaigns reads every campaign's FAQ.
func (a *app) loadCampaigns() error {
	var list []*campaigns.Campaign
	for i, c := range a.cfg.Campaigns {
		name, src, err := readFAQ(c.FAQ)
		if err != nil {
			return err
		}
		f, err := parseFAQ(name, src)
		if err != nil {
			return err
		}
		if i == 0 {
			a.faqFile = src
		}
		index, err := newIndex(f)
		if err != nil {
			return err
		}
		zone, err := time.LoadLocation(c.Timezone)
		if err != nil {
			return inputFault(fmt.Errorf("the time zone of %s: %w", f.ID, err))
		}
		list = append(list, campaigns.New(index, c.Channels, c.TeamChannel, zone))
	}
	a.campaigns = campaigns.NewSet(list[0], list[1:]...)
	return nil
}

// register gives every conversation its routes.
func (a *app) register(routes *bot.Routes) error {
	privacyRules := a.privacy()
	juries := jury.New(jury.Options{
		Store: a.store, Words: a.words, Chat: a.runtime, Campaigns: a.campaigns, Now: a.now, Rules: a.cfg.Reminders.Before,
	})
	ask.New(a.words, a.campaigns, a.now, privacyRules.Collects()).Register(routes)
	a.engine = bot.NewEngine(a.runtime, a.store, juries)
	return errors.Join(
		interest.New(a.store, a.words, a.campaigns, a.now, privacyRules).Register(routes),
		juries.Register(routes),
		a.editor.Register(routes),
		admin.New(a.store, a.words, a.campaigns, a.now, a.runtime).Register(routes),
		candidates.New(a.store, a.words, a.campaigns, a.now, a.runtime).Register(routes),
		privacy.New(a.store, a.words, a.now, a.cfg.Language).Register(routes),
	)
}

// privacy is the configuration's part; the months were checked when it was read.
func (a *app) privacy() interest.Privacy {
	p := a.cfg.Privacy
	after, _ := config.Months(p.KeepAfterCampaign)
	with, _ := config.Months(p.KeepWithConsent)
	return interest.Privacy{
		Controller: p.Controller, Contact: p.Contact, LegalBasis: p.LegalBasis,
		AfterCampaign: after, WithConsent: with, Demonstration: a.cfg.Demonstration,
	}
}

func (a *app) addPlatforms(o appOptions) error {
	if o.prompt != nil {
		a.add(terminal.New(o.prompt, o.out, "candide> ", o.now))
	}
	chat := newMattermost(a)
	if chat != nil {
		a.add(chat)
	}
	page, err := newWeb(a)
	if err != nil {
		return err
	}
	if a.servers, err = listen(a); err != nil {
		return err
	}
	if chat != nil {
		mux, err := a.servers.at(a.cfg.HTTP.Listen, a.log)
		if err != nil {
			return err
		}
		chat.Routes(mux)
	}
	if page != nil {
		a.add(page)
		mux, err := a.servers.at(*a.cfg.Web.Listen, a.log)
		if err != nil {
			return err
		}
		mux.Handle("/", page.Handler())
	}
	return nil
}

func (a *app) add(p bot.Platform) {
	a.platforms = append(a.platforms, p)
	a.runtime.Add(p)
}

// run works until ctx is done or something that cannot be repaired happens, then stops everything in order.
func (a *app) run(ctx context.Context) error {
	scheduler, err := a.schedule(ctx)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, p := range a.platforms {
		group.Go(func() error {
			if err := p.Run(ctx, a.runtime); err != nil {
				return environmentFault(fmt.Errorf("%s: %w", p.ID(), err))
			}
			return nil
		})
	}
	group.Go(func() error { return a.servers.run(ctx) })
	group.Go(func() error { return a.control.run(ctx) })
	scheduler.Start()
	err = group.Wait()
	return errors.Join(err, scheduler.Shutdown())
}

// schedule ticks the reminder engine and purges what is over. The due times live in the store: gocron only ticks.
func (a *app) schedule(ctx context.Context) (gocron.Scheduler, error) {
	s, err := gocron.NewScheduler(gocron.WithStopTimeout(10 * time.Second))
	if err != nil {
		return nil, fmt.Errorf("making the scheduler: %w", err)
	}
	tick := func() {
		if err := a.engine.Tick(ctx); err != nil {
			a.log.Error("sending reminders failed", "error", err)
		}
	}
	purge := func() {
		if err := a.purge(ctx); err != nil {
			a.log.Error("purging failed", "error", err)
		}
	}
	for _, job := range []struct {
		every time.Duration
		task  func()
	}{{time.Second, tick}, {time.Hour, purge}} {
		_, err := s.NewJob(gocron.DurationJob(job.every), gocron.NewTask(job.task),
			gocron.WithSingletonMode(gocron.LimitModeReschedule), gocron.WithStartAt(gocron.WithStartImmediately()))
		if err != nil {
			return nil, fmt.Errorf("scheduling: %w", err)
		}
	}
	return s, nil
}

// purge forgets what is over. Deleted bytes stay in the file until it is compacted, so it is, when anything personal
// was in them.
func (a *app) purge(ctx context.Context) error {
	purged, err := a.store.Purge(ctx, a.now())
	if err != nil {
		return err
	}
	if purged.Interests+purged.Conversations+purged.Forms == 0 {
		return nil
	}
	return a.store.Compact(ctx)
}

// close releases what newApp opened.
func (a *app) close() error {
	if a.runtime != nil {
		a.runtime.Close()
	}
	var errs []error
	if a.servers != nil {
		errs = append(errs, a.servers.close())
	}
	if a.control != nil {
		errs = append(errs, a.control.close())
	}
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	return errors.Join(errs...)
}

// isTerminal reports whether r is a terminal that somebody can type at.
func isTerminal(r io.Reader) bool {
	f, ok := r.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	// The null device is a character device too, and what supervisors give.
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
