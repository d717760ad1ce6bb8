// Package discord is Candide on a Discord server (a “guild”).
//
// It speaks Discord's REST interface and gateway as a bot, through github.com/bwmarrin/discordgo, whose known faults are
// contained here: see gateway.go. Everything arrives by the gateway, interactions included: Discord never calls the bot.
package discord

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"candide/bot"
	"candide/internal/cache"
	"candide/internal/retry"
)

// ID is the platform's name in the vocabulary and in the store.
const ID bot.PlatformID = "discord"

// Options say as whom the bot works, and where. Token and Guild are required.
type Options struct {
	Token             string
	Guild             string   // the server's id, or its name where the bot is in one of that name
	RecruitersRole    string   // its name or id; who has it is a recruiter
	RecruitersChannel string   // private; where recruiters are told things; empty: nowhere on Discord
	TeamChannels      []string // private; where reminders go: only the doctor reads them
	Channels          []string // where the bot answers without being mentioned
	OthersToo         bool     // the channels may be those of another chat system alone

	Memory Memory        // nil: what was missed before the start is not read
	Fresh  time.Duration // how old a missed message may be to be answered still; 0: DefaultFresh
	Meter  Meter         // nil: none

	Menu    []bot.MenuItem // the application commands; empty: none
	Command string         // the word they begin with; empty: candide
	Phrases bot.Phrases    // the few words of the platform itself; nil: none
	Log     *slog.Logger
	Now     func() time.Time

	pace pace // of the watchdog; tests are less patient
}

// Platform is one server. It implements bot.Platform and its optional capabilities.
type Platform struct {
	o    Options
	rest *rest
	log  *slog.Logger
	now  func() time.Time

	inbox    atomic.Value // of inboxBox: set by Run
	tickets  *tickets
	channels *cache.Cache[*channel]
	directs  *cache.Cache[string] // user id → direct channel id
	reading  *reading
	meter    Meter
	authors  *cache.Cache[bot.Person] // of the last messages, by id
	views    *cache.Cache[bot.FormView]
	opened   atomic.Bool    // the gateway was open before
	working  sync.WaitGroup // interactions being answered

	mu      sync.RWMutex
	home    *home // nil until Discord was reached and everything configured was found
	problem error // why the platform does not work now; nil when it does
	content bool  // the gateway lets the bot read what is written around it
}

// home is what was found on Discord: who the bot is and where it works.
type home struct {
	me         user
	app        application
	guild      string
	everyone   role
	ownRole    string // the role that Discord made for the bot: a mention of it is one of the bot
	recruiters string // the role's id; empty: nobody is a recruiter
	place      *channel
	campaign   map[string]bool // ids of the channels where the bot answers without being mentioned
}

var (
	_ bot.Finder            = (*Platform)(nil)
	_ bot.Threads           = (*Platform)(nil)
	_ bot.FormOpener        = (*Platform)(nil)
	_ bot.Recruiters        = (*Platform)(nil)
	_ bot.RecruitersChannel = (*Platform)(nil)
	_ bot.Channels          = (*Platform)(nil)
	_ bot.People            = (*Platform)(nil)
	_ bot.Namer             = (*Platform)(nil)
	_ bot.Recaller          = (*Platform)(nil)
	_ bot.Readier           = (*Platform)(nil)
)

// Meter counts what the platform does.
type Meter interface {
	// Reconnected counts a new connection after another; resumed: in the same session.
	Reconnected(platform string, resumed bool)
	// CaughtUp counts how many messages were read again.
	CaughtUp(platform string, posts int)
}

// noMeter counts nothing.
type noMeter struct{}

func (noMeter) Reconnected(string, bool) {}
func (noMeter) CaughtUp(string, int)     {}

type inboxBox struct{ bot.Inbox }

// New returns a platform that is not connected yet.
func New(o Options) (*Platform, error) {
	SetAPI(defaultAPI)
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
	if o.Command == "" {
		o.Command = "candide"
	}
	if o.pace == (pace{}) {
		o.pace = usualPace
	}
	r, err := newREST(o.Token)
	if err != nil {
		return nil, err
	}
	return &Platform{
		o: o, rest: r, log: o.Log.With("platform", string(ID)), now: o.Now,
		tickets:  newTickets(),
		channels: cache.New[*channel](5000, 10*time.Minute, time.Now),
		directs:  cache.New[string](5000, 24*time.Hour, time.Now),
		reading:  newReading(),
		meter:    o.Meter,
		authors:  cache.New[bot.Person](5000, time.Hour, time.Now),
		views:    cache.New[bot.FormView](5000, time.Hour, time.Now),
		problem:  errors.New("not connected to Discord yet"),
	}, nil
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
		p.log.Info("connected")
	case problem != nil && (before == nil || before.Error() != problem.Error()):
		p.log.Warn("not working", "error", problem)
	}
}

// at returns what was found on Discord, or why nothing was yet.
func (p *Platform) at() (*home, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.home == nil {
		return nil, fmt.Errorf("discord: %w", p.problem)
	}
	return p.home, nil
}

// sink is where events go; Run sets it before any can come.
func (p *Platform) sink() bot.Inbox {
	box, _ := p.inbox.Load().(inboxBox)
	return box.Inbox
}

// say is a sentence of the platform itself.
func (p *Platform) say(lang, key string, args ...string) string {
	if p.o.Phrases == nil {
		return key
	}
	return p.o.Phrases.Say(lang, key, args...)
}

// Run implements bot.Platform. Where Discord does not answer, it waits; what only a person can repair (a refused token,
// a missing channel) ends it with an error that says what to do.
func (p *Platform) Run(ctx context.Context, inbox bot.Inbox) error {
	done, err := retry.Until(ctx, newBackoff(0), p.settle, func(err error) {
		p.setProblem(fmt.Errorf("waiting for Discord: %w", err))
	})
	if !done {
		return err
	}
	p.inbox.Store(inboxBox{inbox})
	err = p.stayConnected(ctx)
	p.working.Wait()
	return err
}

// settle finds everything that is configured, and makes the application commands.
func (p *Platform) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	h, err := p.find(ctx)
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.home, p.content = h, h.app.Flags&appMessageContent != 0
	content := p.content
	p.mu.Unlock()
	p.setCommands(ctx, h)
	if !content {
		p.log.Warn("without the message content intent the bot reads only mentions, direct messages and commands",
			"do", doContent)
	}
	return nil
}

// doContent is what to do where the bot may not read what is written around it.
const doContent = "to let it answer unasked in the campaigns' channels, switch on “Message Content Intent” in the " +
	"developer portal (your application, Bot, Privileged Gateway Intents), then restart the bot"

// find looks for the bot's account, the server, the role and the channels.
func (p *Platform) find(ctx context.Context) (*home, error) {
	h := &home{campaign: map[string]bool{}}
	if err := p.account(ctx, h); err != nil {
		return nil, err
	}
	if err := p.server(ctx, h); err != nil {
		return nil, err
	}
	list, err := p.guildChannels(ctx, h)
	if err != nil {
		return nil, err
	}
	for _, name := range p.o.Channels {
		ch := named(list, name)
		if ch == nil && p.o.OthersToo {
			p.log.Warn("no such channel on Discord", "channel", name)
			continue
		}
		if ch == nil {
			return nil, retry.Fatalf("the bot finds no channel #%s on the Discord server: create it, or, if it is private, give the "+
				"bot's role the right “View Channel” there", strings.TrimLeft(name, "~#"))
		}
		h.campaign[ch.ID] = true
	}
	if name := p.o.RecruitersChannel; name != "" {
		ch := named(list, name)
		switch {
		case ch == nil:
			return nil, retry.Fatalf("the bot finds no channel #%s on the Discord server: create it, private, and give the bot's "+
				"role the right “View Channel” there", name)
		case h.public(ch):
			return nil, retry.Fatalf("the recruiters' channel #%s is public: make it private, or name another one in "+
				"discord.recruiters_channel", ch.Name)
		}
		h.place = ch
	}
	return h, nil
}

// account asks who the bot is.
func (p *Platform) account(ctx context.Context, h *home) error {
	err := p.rest.call(ctx, http.MethodGet, api("users/@me"), "me", nil, &h.me)
	if status(err) == http.StatusUnauthorized {
		return retry.Fatalf("Discord refuses the token: make a new one in the developer portal (your application, Bot, “Reset " +
			"Token”) and put it in discord.token or CANDIDE_DISCORD_TOKEN")
	}
	if err != nil {
		return err
	}
	return p.rest.call(ctx, http.MethodGet, api("applications/@me"), "app", nil, &h.app)
}

// server finds the server and its roles.
func (p *Platform) server(ctx context.Context, h *home) error {
	invite := fmt.Sprintf("https://discord.com/oauth2/authorize?client_id=%s&scope=bot+applications.commands&permissions=%d",
		h.app.ID, wantedPermissions)
	var guilds []struct{ ID, Name string }
	if err := p.rest.call(ctx, http.MethodGet, api("users/@me/guilds"), "guilds", nil, &guilds); err != nil {
		return err
	}
	for _, g := range guilds {
		if g.ID == p.o.Guild || g.Name == p.o.Guild {
			h.guild = g.ID
		}
	}
	if h.guild == "" {
		return retry.Fatalf("the bot is not on the Discord server %q: check discord.guild, and invite the bot with %s", p.o.Guild, invite)
	}
	var roles []role
	if err := p.rest.call(ctx, http.MethodGet, api("guilds/"+h.guild+"/roles"), "roles", nil, &roles); err != nil {
		return err
	}
	var self member
	if err := p.rest.call(ctx, http.MethodGet, api("guilds/"+h.guild+"/members/"+h.me.ID), "members", nil, &self); err != nil {
		return err
	}
	want := strings.TrimLeft(p.o.RecruitersRole, "@")
	for _, r := range roles {
		switch {
		case r.ID == h.guild:
			h.everyone = r // the role that everybody has bears the server's id
		case want != "" && (r.ID == want || strings.EqualFold(r.Name, want)):
			if h.recruiters != "" {
				return retry.Fatalf("there are two roles named %q on the Discord server: write the id of the right one in "+
					"discord.recruiters_role", want)
			}
			h.recruiters = r.ID
		}
		if r.Managed && contains(self.Roles, r.ID) {
			h.ownRole = r.ID
		}
	}
	if want != "" && h.recruiters == "" {
		return retry.Fatalf("there is no role %q on the Discord server: create it and give it to the recruiters, or name another "+
			"one in discord.recruiters_role", want)
	}
	return nil
}

// wantedPermissions are what the invitation asks for: nothing that lets the bot change the server.
const wantedPermissions = permissionView | permissionSend | permissionEmbed | permissionAttach | permissionHistory |
	permissionThreads | permissionThreadSend

func contains(list []string, s string) bool {
	for _, item := range list {
		if item == s {
			return true
		}
	}
	return false
}
