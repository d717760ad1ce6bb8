package bot

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"candide/storage"
)

const (
	// maxText is the longest message that is read, in characters; a longer one gets a fixed reply.
	maxText = 4000
	// handleTimeout bounds one conversation's work on one message, chat server included.
	handleTimeout = 30 * time.Second
	// offerTTL is how long a button works unless it says otherwise, and formTTL how long a form stays open.
	offerTTL = 24 * time.Hour
	formTTL  = time.Hour
)

// Store is what the runtime keeps. A message's ref is "platform:message-id".
type Store interface {
	SeeMessage(ctx context.Context, m storage.Message) (known storage.Message, open bool, err error)
	IntendMessage(ctx context.Context, ref string, once bool) error
	MarkMessage(ctx context.Context, ref string, unsure bool, posts []string) error
	RemoveMessage(ctx context.Context, ref string) (storage.Message, error)
	SaveOffers(ctx context.Context, offers []storage.Offer) error
	BindOffers(ctx context.Context, group, post string) error
	Offer(ctx context.Context, key string, by storage.PersonRef, post string, now time.Time) (storage.Offer, error)
	UseOffer(ctx context.Context, key string, by storage.PersonRef, post string, now time.Time) (storage.Offer, error)
	SaveForm(ctx context.Context, f storage.Form) error
	Form(ctx context.Context, key string, by storage.PersonRef, now time.Time) (storage.Form, error)
	TypedForm(ctx context.Context, by storage.PersonRef, now time.Time) (storage.Form, error)
	DeleteForm(ctx context.Context, key string) error
	Pause(ctx context.Context, now time.Time) (storage.Pause, bool, error)
	RememberPost(ctx context.Context, people []storage.PersonRef, post storage.OwnPost) error
}

// Phrases says the runtime's few fixed sentences, in the person's language.
type Phrases interface {
	Say(lang, key string, args ...string) string
}

// Options are what a runtime is made of. Store, Routes and Phrases are required.
type Options struct {
	Store   Store
	Routes  *Routes
	Phrases Phrases
	Now     func() time.Time
	Log     *slog.Logger
	// Running is how many messages of one platform are worked on at once, Waiting how many may wait; 0: 32 and 2,000.
	Running, Waiting int
	// Patience is how long a message is tried that cannot be handled, Retry the first wait, which then doubles; 0: half
	// an hour and half a second.
	Patience, Retry time.Duration
	// Meter, if not nil, counts.
	Meter Meter
	// Passed, if not nil, is called as a message or a reminder passes a point: tests let the process die there.
	Passed func(Point)
}

// Runtime routes what happens on the platforms to the conversations and delivers what they say.
type Runtime struct {
	store            Store
	routes           *Routes
	phrases          Phrases
	now              func() time.Time
	log              *slog.Logger
	running, waiting int
	choices          *choices
	flights          flights
	manners          *manners
	meter            Meter
	passed           func(Point)

	patience, retry time.Duration
	closing         chan struct{}
	close           sync.Once

	mu        sync.RWMutex
	platforms map[PlatformID]Platform
	lanes     map[PlatformID]*lanes // each platform's own: where one hangs, the others' people do not wait
}

// NewRuntime returns a runtime without platforms.
func NewRuntime(o Options) *Runtime {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Running == 0 {
		o.Running = 32
	}
	if o.Waiting == 0 {
		o.Waiting = 2000
	}
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	if o.Retry == 0 {
		o.Retry = defaultRetry
	}
	if o.Meter == nil {
		o.Meter = noMeter{}
	}
	if o.Passed == nil {
		o.Passed = func(Point) {}
	}
	return &Runtime{
		store: o.Store, routes: o.Routes, phrases: o.Phrases, now: o.Now, log: o.Log,
		running:   o.Running,
		waiting:   o.Waiting,
		lanes:     map[PlatformID]*lanes{},
		choices:   newChoices(1000),
		flights:   flights{known: map[string]*flight{}},
		manners:   newManners(),
		meter:     o.Meter,
		passed:    o.Passed,
		patience:  o.Patience,
		retry:     o.Retry,
		closing:   make(chan struct{}),
		platforms: map[PlatformID]Platform{},
	}
}

// Add makes a platform known. Add every platform before any of them runs.
func (r *Runtime) Add(p Platform) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.platforms[p.ID()] = p
}

// Platform returns a known platform.
func (r *Runtime) Platform(id PlatformID) (Platform, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	p, ok := r.platforms[id]
	return p, ok
}

// Close waits for the work under way and refuses more. What was put aside is left for the next start.
func (r *Runtime) Close() {
	r.close.Do(func() { close(r.closing) })
	r.mu.RLock()
	all := slices.Collect(maps.Values(r.lanes))
	r.mu.RUnlock()
	for _, l := range all {
		l.close()
	}
}

// lanesOf returns a platform's lanes.
func (r *Runtime) lanesOf(id PlatformID) *lanes {
	r.mu.Lock()
	defer r.mu.Unlock()
	l, known := r.lanes[id]
	if !known {
		l = newLanes(r.running, r.waiting)
		select {
		case <-r.closing:
			l.closed = true
		default:
		}
		r.lanes[id] = l
	}
	return l
}

var closedDone = func() <-chan struct{} { c := make(chan struct{}); close(c); return c }()

// behind runs f in the person's lane, with the runtime's own deadline: the platform's request may end before.
func (r *Runtime) behind(ctx context.Context, who Person, f func(context.Context) error) (<-chan struct{}, error) {
	if err := r.lanesOf(who.Platform).reserve(); err != nil {
		return nil, err
	}
	return r.reserved(ctx, who, f), nil
}

// reserved is behind with a place already reserved.
func (r *Runtime) reserved(ctx context.Context, who Person, f func(context.Context) error) <-chan struct{} {
	done := make(chan struct{})
	ctx = context.WithoutCancel(ctx)
	r.lanesOf(who.Platform).do(string(who.Ref()), func() {
		defer close(done)
		ctx, cancel := context.WithTimeout(ctx, handleTimeout)
		defer cancel()
		defer func() {
			if v := recover(); v != nil {
				r.logPanic(who.Platform, v)
			}
		}()
		if err := f(ctx); err != nil {
			r.logFailure(who.Platform, err)
		}
	})
	return done
}

// logPanic: one message must not take the bot down for everyone. The value may hold what someone wrote.
func (r *Runtime) logPanic(platform PlatformID, v any) {
	r.log.Error("a conversation panicked", "platform", platform, "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
}

func (r *Runtime) logFailure(platform PlatformID, err error) {
	r.log.Error("handling failed", "platform", platform, "error", err)
}

// message routes a message. l is nil for a slash command.
func (r *Runtime) message(ctx context.Context, m Message, l *life) error {
	req := Request{
		From: m.From, Place: m.Place, Text: m.Text, Lang: m.Lang, ID: m.ID,
		Addressed: m.Addressed, Command: m.Command, Campaign: m.Campaign,
		IsRecruiter: r.recruiter(m.From), life: l,
	}
	// Nobody else saw a slash command: nobody else sees its answer.
	to := Target{Place: m.Place, To: m.From, Ticket: m.Ticket, Private: m.Command}
	if l != nil && l.f.owed != nil { // decided by an earlier attempt, and not delivered
		o := l.f.owed
		l.ends(o.outcome)
		o.req.life = l
		return r.deliver(ctx, o.req, o.to, o.res)
	}
	if l.interrupted() {
		l.ends(OutcomeCommand)
		return r.deliver(ctx, req, to, Whisper(r.phrases.Say(m.Lang, "interrupted")))
	}
	if utf8.RuneCountInString(m.Text) > maxText {
		l.ends(OutcomeRefused)
		if !m.Addressed {
			return nil
		}
		return r.deliver(ctx, req, to, Whisper(r.phrases.Say(m.Lang, "too-long")))
	}
	if handled, err := r.instruction(ctx, req, to); handled || err != nil {
		return err
	}
	if _, paused, err := r.store.Pause(ctx, r.now()); err != nil {
		return fmt.Errorf("looking whether the bot is paused: %w", err)
	} else if paused {
		l.ends(OutcomePaused)
		if !m.Addressed {
			return nil
		}
		return r.deliver(ctx, req, to, Whisper(r.phrases.Say(m.Lang, "paused")))
	}
	if m.Addressed {
		if name := r.routes.near(m.Text); name != "" {
			if ok, err := req.IsRecruiter(ctx); err == nil && ok {
				return r.deliver(ctx, req, to, Whisper(r.phrases.Say(m.Lang, "near-command", "name", name)))
			}
		}
	}
	if r.routes.text == nil {
		return nil
	}
	return r.answer(ctx, req, to, r.routes.text)
}

// instruction takes a message that is an answer to a form, a command, or the number of a button.
func (r *Runtime) instruction(ctx context.Context, req Request, to Target) (handled bool, err error) {
	if req.Addressed {
		if req.Place.Visibility == Direct && !req.Command {
			if handled, err := r.typedAnswer(ctx, req, to); handled || err != nil {
				return handled, err
			}
		}
		if cmd, args := r.routes.find(req.Text); cmd != nil {
			return true, r.command(ctx, req, to, cmd, args)
		}
	}
	n, err := strconv.Atoi(strings.TrimSpace(req.Text))
	if err != nil {
		return false, nil
	}
	key, ok := r.choices.take(req.From.Ref(), req.Place, n, r.now())
	if !ok {
		return false, nil
	}
	if err := req.life.intend(ctx, true); err != nil {
		return true, err
	}
	req.life.ends(OutcomeCommand)
	return true, r.press(ctx, Press{Key: key, Person: req.From, Place: req.Place, Lang: req.Lang, Ticket: to.Ticket})
}

func (r *Runtime) command(ctx context.Context, req Request, to Target, cmd *Command, args string) error {
	req.life.ends(OutcomeCommand)
	req.Text = args
	if cmd.Recruiters {
		ok, err := req.IsRecruiter(ctx)
		if err != nil {
			r.log.Error("checking a recruiter's rights failed", "platform", req.From.Platform, "error", err)
			return r.deliver(ctx, req, to, Whisper(r.phrases.Say(req.Lang, "rights-unknown")))
		}
		if !ok {
			return r.deliver(ctx, req, to, Whisper(r.phrases.Say(req.Lang, "recruiters-only")))
		}
		// What recruiters are answered may carry names: nothing of it is said in public.
		to.Direct = req.Place.Visibility == Public
	}
	if err := req.life.intend(ctx, true); err != nil {
		return err
	}
	return r.answer(ctx, req, to, cmd.Run)
}

// answer runs f and delivers what it says; a failure becomes one apology, its cause goes to the log.
func (r *Runtime) answer(ctx context.Context, req Request, to Target, f Func) error {
	res, err := f(ctx, req)
	if err != nil {
		r.logFailure(req.From.Platform, err)
		req.life.ends(OutcomeFailed)
		if !req.Addressed {
			return nil
		}
		res = Whisper(r.phrases.Say(req.Lang, "sorry"))
	}
	if !req.Addressed && len(res.Replies) > 0 {
		if held, err := r.held(ctx, req); err != nil {
			return err
		} else if held {
			req.life.ends(OutcomeHeld)
			return nil
		}
	}
	return r.deliver(ctx, req, to, res)
}

// recruiter asks the person's platform for their rights.
func (r *Runtime) recruiter(p Person) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		platform, _ := r.Platform(p.Platform)
		if rights, ok := platform.(Recruiters); ok {
			return rights.IsRecruiter(ctx, p)
		}
		return false, nil
	}
}

func newKey() string {
	var b [24]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand panics rather than return an error
	return base64.RawURLEncoding.EncodeToString(b[:])
}
