// Package web is the candidates' page: a conversation with the bot and the FAQ, rendered by the server, usable on a
// phone, by keyboard, by screen reader and without JavaScript.
//
// What lives here: the pages, their words, their one style sheet and their one script, who a visitor is (a secret
// cookie), the conversations that the page keeps because no chat server does, and the limits on what strangers may
// send. What may not: what the bot answers, how a question is understood, what a form asks. Those come through
// bot.Inbox and the small interfaces of this package.
package web

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"candide/bot"
	"candide/storage"
)

// ID is the platform's name.
const ID bot.PlatformID = "web"

// Conversations is what the page keeps of each visitor: lines, for a time.
type Conversations interface {
	AppendLines(ctx context.Context, p storage.PersonRef, lines []storage.Line, keepUntil time.Time) error
	RemoveLine(ctx context.Context, p storage.PersonRef, id string) error
	Lines(ctx context.Context, p storage.PersonRef) ([]storage.Line, error)
	EraseLines(ctx context.Context, p storage.PersonRef) error
}

// Pages is what the page says of the campaign.
type Pages interface {
	FAQ(lang string, now time.Time) Page
}

// Page is a campaign as candidates see it, in one language and at one moment.
type Page struct {
	Title    string    // the campaign's
	Status   string    // one sentence: open until when, or closed since when
	Open     bool      // whether one can still apply
	Contact  string    // an address that a person reads; empty: none
	Apply    string    // where to apply, a URL; empty: nowhere, or not any more
	Starters []string  // a few questions to begin with
	Sections []Section // the FAQ
	Notice   string    // about personal data, Markdown; shown beside the page's own
}

// Section is one question of the FAQ with its approved answer.
type Section struct {
	ID       string // fit for a URL fragment
	Question string
	Answer   string // Markdown
	Source   string // where the answer comes from
}

// Link is a page of the operator's, shown at the foot: legal notice, accessibility statement.
type Link struct {
	Label, URL string
}

// Limits bounds how often strangers may send something: so many at once, then one each Every.
type Limits struct {
	Burst int
	Every time.Duration
}

// Options are what the page is made of. Store and FAQ are required.
type Options struct {
	Store Conversations
	FAQ   Pages
	Now   func() time.Time
	Log   *slog.Logger

	Language string         // of those who do not choose: "fr" (the default) or "en"
	Address  string         // "tu" or "vous" (the default)
	Zone     *time.Location // in which times are shown; nil: UTC
	Keep     time.Duration  // how long a conversation is kept after its last line; 0: 30 days
	Links    []Link         // at the foot of each page

	// Demonstration says on each page that nobody reads it.
	Demonstration bool
	// NoInterest hides the invitation to leave one's details, where they cannot be taken.
	NoInterest bool

	// Secure: candidates reach the page by https. The cookie is then sent by https alone.
	Secure bool
	// PublicURL is how candidates reach the page ("https://recrutement.example.org"); empty: as they asked for it.
	PublicURL string
	// Proxies are the addresses whose X-Forwarded-For is believed.
	Proxies []netip.Prefix

	// Visitor and Client limit what one visitor and one network address may send, Reader what one address may
	// read; zero: sensible bounds.
	Visitor, Client, Reader Limits
	// Patience is how long a page waits for an answer before it says that one is coming; 0: 5 s.
	Patience time.Duration
}

// Platform is the candidates' page as a chat platform. It is a bot.Platform, a bot.FormOpener, a bot.Finder and a
// bot.Readier.
type Platform struct {
	o         Options
	words     words
	templates *template.Template
	assets    assets
	tickets   *tickets
	newcomers *newcomers
	files     *files
	limits    limits

	mu    sync.RWMutex
	inbox bot.Inbox
}

// New returns the page. It refuses requests until Run.
func New(o Options) (*Platform, error) {
	if o.Store == nil || o.FAQ == nil {
		return nil, errors.New("the web page needs a store and a FAQ")
	}
	o.defaults()
	if _, err := url.Parse(o.PublicURL); err != nil {
		return nil, fmt.Errorf("the web page's public URL: %w", err)
	}
	p := &Platform{
		o:         o,
		tickets:   newTickets(),
		newcomers: newNewcomers(),
		files:     newFiles(),
		limits: limits{
			visitor: newLimiter(o.Visitor),
			client:  newLimiter(o.Client),
			reader:  newLimiter(o.Reader),
		},
	}
	var err error
	if p.words, err = readWords(o.Address); err != nil {
		return nil, fmt.Errorf("reading the web page's words: %w", err)
	}
	if _, ok := p.words[o.Language]; !ok {
		return nil, fmt.Errorf("the web page does not speak %q", o.Language)
	}
	if p.assets, err = readAssets(); err != nil {
		return nil, fmt.Errorf("reading the web page's assets: %w", err)
	}
	if p.templates, err = readTemplates(); err != nil {
		return nil, fmt.Errorf("reading the web page's templates: %w", err)
	}
	return p, nil
}

func (o *Options) defaults() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Language == "" {
		o.Language = "fr"
	}
	if o.Address == "" {
		o.Address = "vous"
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Keep == 0 {
		o.Keep = 30 * 24 * time.Hour
	}
	if o.Patience == 0 {
		o.Patience = 5 * time.Second
	}
	if o.Visitor.Burst == 0 {
		o.Visitor = Limits{Burst: 15, Every: 2 * time.Second}
	}
	if o.Client.Burst == 0 {
		o.Client = Limits{Burst: 100, Every: 200 * time.Millisecond}
	}
	if o.Reader.Burst == 0 {
		o.Reader = Limits{Burst: 300, Every: 20 * time.Millisecond}
	}
}

// ID implements bot.Platform.
func (p *Platform) ID() bot.PlatformID { return ID }

// Run implements bot.Platform: until ctx is done, what visitors send goes to inbox.
func (p *Platform) Run(ctx context.Context, inbox bot.Inbox) error {
	p.setInbox(inbox)
	defer p.setInbox(nil)
	<-ctx.Done()
	return nil
}

func (p *Platform) setInbox(inbox bot.Inbox) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inbox = inbox
}

func (p *Platform) currentInbox() bot.Inbox {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.inbox
}

// Ready implements bot.Readier.
func (p *Platform) Ready() error {
	if p.currentInbox() == nil {
		return errors.New("the web page is not running")
	}
	return nil
}

var (
	_ bot.Platform   = (*Platform)(nil)
	_ bot.FormOpener = (*Platform)(nil)
	_ bot.Finder     = (*Platform)(nil)
	_ bot.Readier    = (*Platform)(nil)
)
