package discord

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

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

// Doctor checks everything that the bot needs of Discord. It changes nothing.
func (p *Platform) Doctor(ctx context.Context) []Check {
	ctx, cancel := context.WithTimeout(ctx, callTimeout*2)
	defer cancel()
	d := &doctor{p: p, h: &home{campaign: map[string]bool{}}}
	if !d.account(ctx) || !d.server(ctx) {
		return d.checks // the rest would only repeat it
	}
	d.content()
	list, err := p.guildChannels(ctx, d.h)
	if err != nil {
		d.failed("channels", err)
		return d.checks
	}
	for _, name := range p.o.Channels {
		d.channel("channel #"+name, name, list, d.campaign)
	}
	for _, name := range p.o.TeamChannels {
		d.channel("team channel #"+name, name, list, d.private("jury reminders go only to private channels", "team_channel"))
	}
	if name := p.o.RecruitersChannel; name != "" {
		d.channel("recruiters' channel #"+name, name, list, d.private("recruiters are told there what candidates ask", "discord.recruiters_channel"))
	}
	d.commands(ctx)
	return d.checks
}

// doctor is one examination.
type doctor struct {
	p      *Platform
	h      *home
	self   member
	roles  map[string]role
	checks []Check
}

func (d *doctor) good(what, remark string) bool {
	d.checks = append(d.checks, Check{What: "Discord: " + what, OK: true, Do: remark})
	return true
}

func (d *doctor) bad(what, problem, do string) bool {
	d.checks = append(d.checks, Check{What: "Discord: " + what, Problem: problem, Do: do})
	return false
}

// failed reports an error that says nothing about the configuration, or a fatal one with what to do.
func (d *doctor) failed(what string, err error) bool {
	var f retry.Fatal
	if errors.As(err, &f) {
		problem, do, _ := strings.Cut(f.Error(), ": ")
		return d.bad(what, problem, do)
	}
	return d.bad(what, "Discord could not be asked: "+brief(err).Error(),
		"see that this machine may connect to discord.com on port 443, and try again")
}

// account checks the token.
func (d *doctor) account(ctx context.Context) bool {
	if err := d.p.account(ctx, d.h); err != nil {
		return d.failed("token", err)
	}
	return d.good("account "+d.h.me.Username, "")
}

// server checks that the bot is on the server, and the role.
func (d *doctor) server(ctx context.Context) bool {
	if err := d.p.server(ctx, d.h); err != nil {
		return d.failed("server "+d.p.o.Guild, err)
	}
	d.good("server "+d.p.o.Guild, "")
	if d.p.o.RecruitersRole != "" {
		d.good("role "+d.p.o.RecruitersRole, "")
	}
	var roles []role
	err := d.p.rest.call(ctx, http.MethodGet, api("guilds/"+d.h.guild+"/roles"), "roles", nil, &roles)
	if err == nil {
		err = d.p.rest.call(ctx, http.MethodGet, api("guilds/"+d.h.guild+"/members/"+d.h.me.ID), "members", nil, &d.self)
	}
	if err != nil {
		return d.failed("the bot's rights", err)
	}
	d.roles = map[string]role{}
	for _, r := range roles {
		d.roles[r.ID] = r
	}
	return true
}

// content says what the bot may read.
func (d *doctor) content() {
	if d.h.app.Flags&appMessageContent == 0 {
		d.good("message content: not readable, so the bot answers mentions, direct messages and commands only", doContent)
		return
	}
	d.good("message content", "")
}

// may is what the bot may do in a channel: its roles' rights, then the channel's exceptions.
func (d *doctor) may(ch *channel) int64 {
	rights := bits(d.h.everyone.Permissions)
	for _, id := range d.self.Roles {
		rights |= bits(d.roles[id].Permissions)
	}
	if rights&permissionAdmin != 0 {
		return -1
	}
	var allow, deny int64
	for _, o := range ch.Overwrites {
		switch {
		case o.ID == d.h.everyone.ID:
			rights = rights&^bits(o.Deny) | bits(o.Allow)
		case o.Type == 0 && contains(d.self.Roles, o.ID):
			allow, deny = allow|bits(o.Allow), deny|bits(o.Deny)
		}
	}
	rights = rights&^deny | allow
	for _, o := range ch.Overwrites {
		if o.Type == 1 && o.ID == d.h.me.ID {
			rights = rights&^bits(o.Deny) | bits(o.Allow)
		}
	}
	return rights
}

// rights are what the bot needs in a channel, as the server's settings call them.
var rights = []struct {
	bit  int64
	name string
}{
	{permissionView, "View Channel"}, {permissionSend, "Send Messages"}, {permissionHistory, "Read Message History"},
	{permissionEmbed, "Embed Links"}, {permissionAttach, "Attach Files"}, {permissionThreads, "Create Public Threads"},
	{permissionThreadSend, "Send Messages in Threads"},
}

// channel checks that a channel is there, that the bot may work in it, and then what more says.
func (d *doctor) channel(what, name string, list []*channel, more func(what string, ch *channel)) {
	ch := named(list, name)
	if ch == nil && d.p.o.OthersToo {
		d.good(what+": not on Discord", "it may be another chat server's channel alone")
		return
	}
	if ch == nil {
		d.bad(what, "there is no such channel", "create it, or name another one in the configuration")
		return
	}
	may := d.may(ch)
	var missing []string
	for _, r := range rights {
		if may&r.bit == 0 {
			missing = append(missing, "“"+r.name+"”")
		}
	}
	if len(missing) > 0 {
		d.bad(what, "the bot has not the right "+strings.Join(missing, ", ")+" there",
			fmt.Sprintf("give these rights to the bot's role in the channel's settings (Permissions), or to @%s", d.h.me.Username))
		return
	}
	more(what, ch)
}

func (d *doctor) campaign(what string, ch *channel) {
	remark := ""
	if !d.h.public(ch) {
		remark = "it is private: candidates must be let in"
	}
	d.good(what, remark)
}

func (d *doctor) private(why, key string) func(string, *channel) {
	return func(what string, ch *channel) {
		if d.h.public(ch) {
			d.bad(what, "everybody on the server reads it, and "+why, "make it private (channel settings, Permissions), or name another one in "+key)
			return
		}
		d.good(what, "")
	}
}

// commands checks that the application commands are there.
func (d *doctor) commands(ctx context.Context) {
	var list []struct{ Name string }
	err := d.p.rest.call(ctx, http.MethodGet, api("applications/"+d.h.app.ID+"/commands"), "commands", nil, &list)
	if err != nil {
		d.failed("command /"+d.p.o.Command, err)
		return
	}
	for _, c := range list {
		if c.Name == d.p.o.Command {
			d.good("command /"+d.p.o.Command, "")
			return
		}
	}
	d.good("command /"+d.p.o.Command+": not there yet", "the bot makes it when it starts")
}
