// Package mattermost is Candide on a Mattermost server.
//
// It speaks the server's REST API and websocket as a bot account, and is called back by the server for slash
// commands, buttons and dialogs. It is written for server 6.7 and everything since; where newer servers differ, the
// comment at that place says so.
package mattermost

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/bot"
	"candide/internal/cache"
	"candide/internal/retry"
)

// ID is the platform's name in the vocabulary and in the store.
const ID bot.PlatformID = "mattermost"

// Store is what the platform keeps: its own secrets. Secret fails with storage.ErrNotFound where there is none.
type Store interface {
	Secret(ctx context.Context, name string) (string, error)
	SaveSecret(ctx context.Context, name, value string) error
}

// Options say which server, as whom, and where. URL, Token, Team and Store are required.
type Options struct {
	URL               string
	Token             string
	Team              string   // its name in URLs
	RecruitersChannel string   // private; its members are the recruiters
	TeamChannels      []string // private; where reminders go: only the doctor reads them
	Channels          []string // public; where the bot answers without being mentioned
	Command           string   // the slash command's trigger; empty: none
	CommandToken      string   // of a command that an administrator made; empty: the bot makes its own
	PublicURL         string   // where the server reaches Routes

	// Fresh is how old a message missed while away may be to be answered still; 0: DefaultFresh.
	Fresh time.Duration

	Store   Store
	Memory  Memory      // nil: nothing is caught up
	Meter   Meter       // nil: nothing is counted
	Phrases bot.Phrases // the few words of the platform itself; nil: none
	Log     *slog.Logger
	Now     func() time.Time
}

// Platform is one server. It implements bot.Platform and its optional capabilities.
type Platform struct {
	o      Options
	client *model.Client4
	log    *slog.Logger
	now    func() time.Time

	inbox     atomic.Value // of inboxBox: set by Run
	callbacks callbacks
	tickets   *tickets
	users     *cache.Cache[*model.User]
	channels  *cache.Cache[*model.Channel]
	directs   *cache.Cache[string] // user id → direct channel id
	ephemeral atomic.Int64         // when posting ephemerals was last refused, as Unix seconds
	secret    secretKey
	reading   *reading
	meter     Meter

	mu      sync.RWMutex
	home    *home  // nil until the server was reached and everything configured was found
	problem error  // why the platform does not work now; nil when it does
	tokens  tokens // what a slash command may prove itself with
}

// home is what never changes on a server once it was found: who the bot is and where it works.
type home struct {
	me         *model.User
	team       *model.Team
	recruiters *model.Channel
	campaign   map[string]bool // ids of the channels where the bot answers without being mentioned
	version    string
	locale     string // of the people who chose none
}

type inboxBox struct{ bot.Inbox }

// New returns a platform that is not connected yet.
func New(o Options) *Platform {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Fresh == 0 {
		o.Fresh = DefaultFresh
	}
	if o.Meter == nil {
		o.Meter = noMeter{}
	}
	o.URL, o.PublicURL = strings.TrimRight(o.URL, "/"), strings.TrimRight(o.PublicURL, "/")
	p := &Platform{
		o: o, log: o.Log.With("platform", string(ID)), now: o.Now,
		tickets:  newTickets(),
		reading:  newReading(),
		meter:    o.Meter,
		users:    cache.New[*model.User](5000, 10*time.Minute, time.Now),
		channels: cache.New[*model.Channel](2000, 5*time.Minute, time.Now),
		directs:  cache.New[string](5000, 24*time.Hour, time.Now),
		problem:  fmt.Errorf("not connected to %s yet", o.URL),
	}
	p.client = newClient(o.URL, o.Token)
	p.secret.store = o.Store
	return p
}

// ID implements bot.Platform.
func (p *Platform) ID() bot.PlatformID { return ID }

// Ready implements bot.Readier.
func (p *Platform) Ready() error {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.problem
}

// setProblem says what keeps the platform from working, and logs each change once.
func (p *Platform) setProblem(problem error) {
	p.mu.Lock()
	before := p.problem
	p.problem = problem
	p.mu.Unlock()
	switch {
	case problem == nil && before != nil:
		p.log.Info("connected", "url", p.o.URL)
	case problem != nil && (before == nil || before.Error() != problem.Error()):
		p.log.Warn("not working", "error", problem)
	}
}

// at returns what was found on the server, or why nothing was yet.
func (p *Platform) at() (*home, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.home == nil {
		return nil, fmt.Errorf("mattermost: %w", p.problem)
	}
	return p.home, nil
}

// Run implements bot.Platform. A server that does not answer is waited for; what only a person can repair (a refused
// token, a missing channel) ends it with an error that says what to do.
func (p *Platform) Run(ctx context.Context, inbox bot.Inbox) error {
	done, err := retry.Until(ctx, newBackoff(), p.settle, func(err error) {
		p.setProblem(fmt.Errorf("waiting for %s: %w", p.o.URL, err))
	})
	if !done {
		return err
	}
	p.inbox.Store(inboxBox{inbox})
	return p.stayConnected(ctx)
}

// settle finds everything that is configured on the server, joins the public channels and sees to the slash command.
func (p *Platform) settle(ctx context.Context) error {
	h, err := p.find(ctx)
	if err != nil {
		return err
	}
	if err := p.secret.load(ctx); err != nil {
		return retry.Fatalf("the secret that signs buttons: %w", err)
	}
	p.mu.Lock()
	p.home = h
	p.mu.Unlock()
	return p.ensureCommand(ctx, h)
}

// find looks for the bot's account, the team and the channels.
func (p *Platform) find(ctx context.Context) (*home, error) {
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	h := &home{campaign: map[string]bool{}}
	me, resp, err := p.client.GetMe(ctx, "")
	switch {
	case status(resp) == http.StatusUnauthorized:
		return nil, retry.Fatalf("%s refuses the token: make a new access token for the bot account and put it in "+
			"mattermost.token or CANDIDE_MATTERMOST_TOKEN", p.o.URL)
	case status(resp) == http.StatusNotFound || err == nil && me.Id == "":
		return nil, retry.Fatalf("there is no Mattermost at %s: check mattermost.url", p.o.URL)
	case err != nil:
		return nil, brief(err)
	}
	h.me, h.version = me, resp.ServerVersion
	if h.locale, err = p.defaultLocale(ctx); err != nil {
		return nil, err
	}
	h.team, resp, err = p.client.GetTeamByName(ctx, p.o.Team, "")
	if err != nil {
		if gone(resp) {
			return nil, retry.Fatalf("the bot @%s finds no team %q: check mattermost.team, and add the bot to the team "+
				"(team menu, “Add members”)", me.Username, p.o.Team)
		}
		return nil, brief(err)
	}
	if _, resp, err = p.client.GetTeamMember(ctx, h.team.Id, me.Id, ""); err != nil {
		if gone(resp) {
			return nil, retry.Fatalf("the bot @%s is not in the team %q: add it (team menu, “Add members”)", me.Username, p.o.Team)
		}
		return nil, brief(err)
	}
	for _, name := range p.o.Channels {
		ch, err := p.joined(ctx, h, name)
		if err != nil {
			return nil, err
		}
		h.campaign[ch.Id] = true
	}
	if p.o.RecruitersChannel != "" {
		ch, err := p.joined(ctx, h, p.o.RecruitersChannel)
		if err != nil {
			return nil, err
		}
		if ch.Type != model.ChannelTypePrivate {
			return nil, retry.Fatalf("the recruiters' channel ~%s is public: anybody could become a recruiter. Make it private, "+
				"or name another one in mattermost.recruiters_channel", ch.Name)
		}
		h.recruiters = ch
	}
	return h, nil
}

// joined returns a channel of the team that the bot is a member of; it joins a public one by itself.
func (p *Platform) joined(ctx context.Context, h *home, name string) (*model.Channel, error) {
	ch, err := p.channelNamed(ctx, h, name)
	if err != nil {
		return nil, err
	}
	_, resp, err := p.client.GetChannelMember(ctx, ch.Id, h.me.Id, "")
	if err == nil {
		return ch, nil
	}
	if !gone(resp) {
		return nil, brief(err)
	}
	if ch.Type == model.ChannelTypeOpen {
		if _, resp, err = p.client.AddChannelMember(ctx, ch.Id, h.me.Id); err == nil {
			return ch, nil
		} else if !gone(resp) {
			return nil, brief(err)
		}
	}
	return nil, retry.Fatalf("the bot @%s is not a member of ~%s: type “/invite @%s” in it", h.me.Username, ch.Name, h.me.Username)
}

// channelNamed returns a channel of the team.
func (p *Platform) channelNamed(ctx context.Context, h *home, name string) (*model.Channel, error) {
	name = strings.TrimLeft(name, "~#")
	ch, resp, err := p.client.GetChannelByName(ctx, name, h.team.Id, "")
	switch {
	case err != nil && gone(resp):
		return nil, retry.Fatalf("the bot @%s finds no channel ~%s in the team %q: create it, or, if it is private, type "+
			"“/invite @%s” in it", h.me.Username, name, h.team.Name, h.me.Username)
	case err != nil:
		return nil, brief(err)
	case ch.DeleteAt != 0:
		return nil, retry.Fatalf("the channel ~%s is archived: unarchive it, or name another one in the configuration", name)
	}
	return ch, nil
}
