package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"candide/bot"
	"candide/bot/terminal"
	"candide/cmd/candide/config"
	"candide/handlers/admin"
	"candide/handlers/ask"
	"candide/handlers/campaigns"
	"candide/handlers/candidates"
	"candide/handlers/digest"
	"candide/handlers/editor"
	"candide/handlers/feedback"
	"candide/handlers/figures"
	"candide/handlers/inbox"
	"candide/handlers/interest"
	"candide/handlers/journal"
	"candide/handlers/jury"
	"candide/handlers/menu"
	"candide/handlers/milestones"
	"candide/handlers/privacy"
	"candide/handlers/words"
	"candide/internal/metrics"
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
	inbox     *inbox.Handler
	faqFile   []byte // the first campaign's, as read at start
	store     *boltdb.Store
	menu      []bot.MenuItem
	metrics   *metrics.Metrics
	runtime   *bot.Runtime
	engine    *bot.Engine
	juries    *jury.Handler
	dates     *milestones.Handler
	byHand    bool
	prompted  bool // somebody can type at the program's standard input
	interests *interest.Handler
	personal  *privacy.Handler
	mornings  *digest.Handler
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
	passed func(bot.Point) // nil outside tests of crashes
	byHand bool            // the engine ticks when a test says so
}

// newApp opens everything that can fail before anything is started: the FAQ, the database, the ports.
func newApp(cfg config.Config, o appOptions) (a *app, err error) {
	a = &app{cfg: cfg, log: o.log, now: o.now, prompted: o.prompt != nil, byHand: o.byHand}
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
	a.metrics = metrics.New(metrics.Options{Version: versionString(), StoreSize: a.store.Size})
	fresh, _ := cfg.Mattermost.Fresh() // checked when the configuration was read
	a.runtime = bot.NewRuntime(bot.Options{
		Store: a.store, Routes: routes, Phrases: a.words, Now: o.now, Log: o.log,
		Patience: fresh, Meter: a.metrics, Passed: o.passed,
	})
	if err := a.register(routes); err != nil {
		return a, err
	}
	if a.menu, err = menu.Items(a.words, routes); err != nil {
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
		return nil, environmentFault(withRemedy(err))
	}
	return store, nil
}

// withRemedy adds to what the system says of the database's file what to do about it.
func withRemedy(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: make its folder, or name another storage.path", err)
	case errors.Is(err, syscall.EISDIR):
		return fmt.Errorf("%w: name a file in storage.path", err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: give the user who runs candide the right to read and write it and its folder", err)
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%w: make room on that disk, or name another storage.path", err)
	}
	return err
}

// loadCampaigns reads every campaign's FAQ.
func (a *app) loadCampaigns() error {
	var list []*campaigns.Campaign
	for i, c := range a.cfg.Campaigns {
		name, src, err := readCampaignFAQ(a.cfg, i)
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
	a.newReminders()
	a.inbox = a.newInbox()
	a.editor.OnSaved(a.inbox.OnSaved)
	questions := ask.New(ask.Options{
		Words: a.words, Campaigns: a.campaigns, Now: a.now, Collects: privacyRules.Collects(),
		Inbox: a.inbox, Tallies: a.store, Log: a.log,
	})
	questions.Register(routes)
	feedback.New(a.store, a.runtime, a.inbox, a.words, a.campaigns, a.now).Register(routes)
	a.mornings = digest.New(a.store, a.words, a.runtime, a.campaigns, a.now)
	a.personal = privacy.New(privacy.Options{
		Store: a.store, Words: a.words, Chat: a.runtime, Now: a.now, Zone: a.campaigns.First().Zone, Language: a.cfg.Language,
		Renewal: privacyRules.WithConsent, Backups: a.backups(), Forget: questions.Forget, Log: a.log,
	})
	menu.Suggestions{Store: a.store, Words: a.words, Campaigns: a.campaigns, Now: a.now}.Register(routes)
	a.interests = interest.New(a.store, a.words, a.campaigns, a.now, privacyRules)
	return errors.Join(
		a.interests.Register(routes),
		a.juries.Register(routes),
		a.editor.Register(routes),
		admin.New(a.store, a.words, a.campaigns, a.now).Register(routes),
		journal.New(a.store, a.words, a.campaigns, a.runtime).Register(routes),
		a.mornings.Register(routes),
		figures.New(a.store, a.words, a.campaigns, a.now).Register(routes),
		a.inbox.Register(routes),
		candidates.New(a.store, a.words, a.campaigns, a.now, a.runtime).Register(routes),
		a.personal.Register(routes),
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

// backups is for how many months the operator keeps backups; it was checked when the configuration was read.
func (a *app) backups() int {
	months, _ := config.Months(a.cfg.Privacy.KeepBackups)
	return months
}

func (a *app) addPlatforms(o appOptions) error {
	if o.prompt != nil {
		a.add(terminal.New(o.prompt, o.out, "candide> ", o.now))
	}
	chat := newMattermost(a)
	if chat != nil {
		a.add(chat)
	}
	if err := a.addDiscord(); err != nil {
		return err
	}
	page, err := newWeb(a)
	if err != nil {
		return err
	}
	if a.servers, err = listen(a); err != nil {
		return err
	}
	if address := a.cfg.Metrics.Listen; address != "" {
		mux, err := a.servers.at(address, a.log)
		if err != nil {
			return err
		}
		mux.Handle("GET /metrics", a.metrics.Handler())
	}
	callbacks, err := a.servers.at(a.cfg.HTTP.Listen, a.log)
	if err != nil {
		return err
	}
	callbacks.HandleFunc("GET "+jury.FeedPath, a.juries.ServeCalendar)
	if chat != nil {
		chat.Routes(callbacks)
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
	ticks, err := a.ticks(ctx)
	if err != nil {
		return err
	}
	hours, err := a.hours(ctx)
	if err != nil {
		return errors.Join(err, ticks.Shutdown())
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
	if !a.byHand {
		group.Go(func() error { a.engine.Run(ctx); return nil })
	}
	group.Go(func() error { a.inbox.Run(ctx); return nil })
	ticks.Start()
	hours.Start()
	err = group.Wait()
	return errors.Join(err, ticks.Shutdown(), hours.Shutdown())
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
