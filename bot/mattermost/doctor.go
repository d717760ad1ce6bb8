package mattermost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/internal/retry"
)

// Check is one thing that the doctor looked at. Where it is not OK, Problem says what is wrong and Do what to do about
// it, a sentence each. Where it is, Do may hold a remark.
type Check struct {
	What    string
	OK      bool
	Problem string
	Do      string
}

const (
	// maxSkew is how far the server's clock may be from ours: reminders go by ours, and people see the server's.
	maxSkew = 5 * time.Second
	// oldestTested and newestKnown are the server versions that the bot was tried on and written for.
	oldestMajor, oldestMinor = 6, 7
)

// Doctor checks everything that the bot needs of the server, from the address to the way back. It changes nothing: what
// the bot does by itself at its start is a remark. PublicURL must lead meanwhile to Doctoring or to the running bot.
func (p *Platform) Doctor(ctx context.Context) []Check {
	d := &doctor{p: p, h: &home{campaign: map[string]bool{}}}
	for _, look := range []func(context.Context) bool{d.server, d.account, d.team} {
		if !look(ctx) {
			return d.checks // the rest would only repeat it
		}
	}
	for _, name := range p.o.Channels {
		d.campaign(ctx, "channel ~"+name, name)
	}
	for _, name := range p.o.TeamChannels {
		what := "team channel ~" + name
		switch ch := d.member(ctx, what, name); {
		case ch == nil:
		case ch.Type != model.ChannelTypePrivate:
			d.bad(what, "it is public, and jury reminders go only to private channels",
				"make it private (channel menu, “Convert to Private Channel”), or name another one in team_channel")
		default:
			d.good(what, "")
		}
	}
	d.recruiters(ctx)
	d.command(ctx)
	d.wayBack(ctx)
	return d.checks
}

// Doctoring answers the call that Doctor makes the server do, where the bot itself does not run.
func (p *Platform) Doctoring() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+actionPath, func(w http.ResponseWriter, r *http.Request) {
		var req model.PostActionIntegrationRequest
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxCallback)).Decode(&req); err != nil {
			http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
			return
		}
		if nonce, _ := req.Context["probe"].(string); !p.callbacks.arrived(nonce) {
			http.Error(w, http.StatusText(http.StatusForbidden), http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{}")
	})
	return mux
}

// doctor is one examination.
type doctor struct {
	p      *Platform
	h      *home
	checks []Check
}

func (d *doctor) good(what, remark string) {
	d.checks = append(d.checks, Check{What: what, OK: true, Do: remark})
}

func (d *doctor) bad(what, problem, do string) bool {
	d.checks = append(d.checks, Check{What: what, Problem: problem, Do: do})
	return false
}

// failed reports an error that says nothing about the configuration.
func (d *doctor) failed(what string, err error) bool {
	return d.bad(what, "the server could not be asked: "+brief(err).Error(), "look at the server's log, and try again")
}

// server checks the address, the version and the clock.
func (d *doctor) server(ctx context.Context) bool {
	what := "server " + d.p.o.URL
	begun := time.Now()
	ping, resp, err := d.p.client.GetPingWithOptions(ctx, model.SystemPingOptions{})
	if resp == nil && err != nil {
		return d.bad(what, "it does not answer: "+brief(err).Error(),
			"check mattermost.url, and that this machine may connect to it")
	}
	if _, isMattermost := ping["status"]; err != nil || !isMattermost {
		return d.bad(what, fmt.Sprintf("something answers there (HTTP %d), but it is no Mattermost", status(resp)),
			"set mattermost.url to the address that people open in their browser, without a path after it")
	}
	d.h.version = resp.ServerVersion
	d.good(what, versionNote(resp.ServerVersion))
	d.clock(resp, begun)
	return true
}

// versionNote says what to know about a server's version.
func versionNote(v string) string {
	major, minor, ok := version(v)
	switch {
	case !ok:
		return "version unknown"
	case major < oldestMajor || major == oldestMajor && minor < oldestMinor:
		return fmt.Sprintf("version %d.%d is older than any that Candide was tried on (6.7): update it if something fails", major, minor)
	case major == oldestMajor && minor == oldestMinor:
		return "version 6.7: a dialog must open within 3 seconds, and slash commands do not say in which thread they are typed"
	default:
		return fmt.Sprintf("version %d.%d", major, minor)
	}
}

// version reads "6.7.2.6.7.2.hash".
func version(v string) (major, minor int, ok bool) {
	parts := strings.Split(v, ".")
	if len(parts) < 2 {
		return 0, 0, false
	}
	major, err := strconv.Atoi(parts[0])
	if err != nil {
		return 0, 0, false
	}
	minor, err = strconv.Atoi(parts[1])
	return major, minor, err == nil
}

func (d *doctor) clock(resp *model.Response, begun time.Time) {
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return // a proxy took it away
	}
	// The header has whole seconds, and the answer took its time.
	skew := date.Sub(begun)
	if skew < 0 {
		if skew += time.Since(begun) + time.Second; skew > 0 {
			skew = 0
		}
	}
	if skew.Abs() > maxSkew {
		d.bad("clock", fmt.Sprintf("the server's clock differs from this machine's by %s", skew.Abs().Round(time.Second)),
			"switch on time synchronisation (NTP) on both machines: “timedatectl set-ntp true”")
		return
	}
	d.good("clock", "")
}

// account checks the token.
func (d *doctor) account(ctx context.Context) bool {
	me, resp, err := d.p.client.GetMe(ctx, "")
	if status(resp) == http.StatusUnauthorized {
		return d.bad("token", "the server refuses it",
			"make a new access token for the bot account (Integrations, Bot Accounts, “Create New Token”) and put it in "+
				"CANDIDE_MATTERMOST_TOKEN or mattermost.token")
	}
	if err != nil {
		return d.failed("token", err)
	}
	d.h.me = me
	if !me.IsBot {
		d.bad("account @"+me.Username, "it is a person's account, not a bot's",
			"make a bot account (Integrations, Bot Accounts) and use its token: people must see that they talk to a program")
		return true
	}
	d.good("account @"+me.Username, "")
	return true
}

// team checks that the team exists and the bot is in it.
func (d *doctor) team(ctx context.Context) bool {
	what := "team " + d.p.o.Team
	add := fmt.Sprintf("check mattermost.team (the name in the team's URL), and add @%s to the team (team menu, “Add members”)", d.h.me.Username)
	team, resp, err := d.p.client.GetTeamByName(ctx, d.p.o.Team, "")
	if gone(resp) {
		return d.bad(what, "the bot finds no such team", add)
	}
	if err != nil {
		return d.failed(what, err)
	}
	d.h.team = team
	if _, resp, err = d.p.client.GetTeamMember(ctx, team.Id, d.h.me.Id, ""); gone(resp) {
		return d.bad(what, "the bot is not in it", add)
	}
	if err != nil {
		return d.failed(what, err)
	}
	d.good(what, "")
	return true
}

// member checks that the bot is in a channel, and returns it, or nil.
func (d *doctor) member(ctx context.Context, what, name string) *model.Channel {
	ch, err := d.p.joined(ctx, d.h, name)
	var f retry.Fatal
	if errors.As(err, &f) {
		problem, do, _ := strings.Cut(f.Error(), ": ")
		d.bad(what, problem, do)
		return nil
	}
	if err != nil {
		d.failed(what, err)
		return nil
	}
	return ch
}

// campaign checks a channel where the bot answers without being mentioned.
func (d *doctor) campaign(ctx context.Context, what, name string) {
	ch, err := d.p.channelNamed(ctx, d.h, name)
	if err == nil && ch.Type == model.ChannelTypeOpen {
		remark := ""
		if _, resp, err := d.p.client.GetChannelMember(ctx, ch.Id, d.h.me.Id, ""); gone(resp) {
			remark = "the bot is not in it yet, and joins it when it starts"
		} else if err != nil {
			d.failed(what, err)
			return
		}
		d.good(what, remark)
		return
	}
	if d.member(ctx, what, name) != nil {
		d.good(what, "it is private: candidates must be invited")
	}
}

// recruiters checks the channel whose members are the recruiters.
func (d *doctor) recruiters(ctx context.Context) {
	if d.p.o.RecruitersChannel == "" {
		return
	}
	what := "recruiters' channel ~" + d.p.o.RecruitersChannel
	ch := d.member(ctx, what, d.p.o.RecruitersChannel)
	if ch == nil {
		return
	}
	if ch.Type != model.ChannelTypePrivate {
		d.bad(what, "it is public: anybody could become a recruiter",
			"make it private (channel menu, “Convert to Private Channel”), or name another one in mattermost.recruiters_channel")
		return
	}
	people, err := d.people(ctx, ch.Id)
	if err != nil {
		d.failed(what, err)
		return
	}
	if people == 0 {
		d.bad(what, "there is no person in it: nobody is a recruiter", "add the recruiters to it (“/invite @name” there)")
		return
	}
	d.good(what, "")
}

// people counts a channel's active members who are no bots, as far as the first two hundred tell.
func (d *doctor) people(ctx context.Context, channel string) (int, error) {
	members, _, err := d.p.client.GetChannelMembers(ctx, channel, 0, 200, "")
	if err != nil {
		return 0, err
	}
	n := 0
	for _, m := range members {
		u, err := d.p.user(ctx, m.UserId)
		if err != nil {
			return 0, err
		}
		if !u.IsBot && u.DeleteAt == 0 {
			n++
		}
	}
	return n, nil
}

// command checks the slash command.
func (d *doctor) command(ctx context.Context) {
	if d.p.o.Command == "" {
		return
	}
	what := "slash command /" + d.p.o.Command
	found, err := d.p.findCommand(ctx, d.h)
	if err == nil && found != nil {
		err = d.p.takenBy(found, d.h)
	}
	var missing errCommand
	switch {
	case err == nil && found == nil:
		d.good(what, "it is not there yet: the bot makes it when it starts")
	case err == nil && found.URL != d.p.o.PublicURL+commandPath:
		d.good(what, "it calls "+found.URL+" now: the bot sets it to "+d.p.o.PublicURL+commandPath+" when it starts")
	case err == nil:
		d.good(what, "")
	case errors.As(err, &missing) && d.p.o.CommandToken != "":
		d.good(what, "it is yours to make: its token is configured, its URL must be "+d.p.o.PublicURL+commandPath)
	case errors.As(err, &missing):
		d.bad(what, missing.problem, missing.do)
	default:
		d.failed(what, err)
	}
}

// wayBack checks that the server can call the bot, by making it.
func (d *doctor) wayBack(ctx context.Context) {
	what := "way back to " + d.p.o.PublicURL
	err := d.p.probe(ctx, d.h)
	var cannot errUnreachable
	switch {
	case err == nil:
		d.good(what, "")
	case errors.As(err, &cannot):
		d.bad(what, "the server cannot call the bot: buttons become numbered lists, forms go step by step, and there is no "+
			"slash command", d.p.openTheWay())
	default:
		d.failed(what, err)
	}
}
