package harness

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"
)

// World is one test's corner of a server: a team of its own, with the
// channels and the people that the test makes. Nothing is shared with other
// tests but the server, so tests may run in parallel.
//
// Its methods, like those of User, end the test when something goes wrong:
// they may only be called from the test's own goroutine.
type World struct {
	// Admin is the server's administrator, who owns the team.
	Admin *User
	// Team is the test's own team.
	Team *model.Team
	// Server is the server that the team is on.
	Server *Mattermost

	t testing.TB
}

// Peer is someone who has an account: a User or a Bot.
type Peer interface{ UserID() string }

// Bot is a bot account, for the program under test to use.
type Bot struct {
	*model.Bot
	Token  string         // its access token
	Client *model.Client4 // acts as the bot
}

// UserID returns the identifier of the bot's account.
func (b *Bot) UserID() string { return b.Bot.UserId }

// NewWorld makes a team on the package's shared server.
func NewWorld(t testing.TB) *World {
	t.Helper()
	return NewWorldOn(t, Shared(t))
}

// NewWorldOn makes a team on a given server.
func NewWorldOn(t testing.TB, mm *Mattermost) *World {
	t.Helper()
	w := &World{Server: mm, t: t}
	admin := mm.NewClient(mm.adminToken)
	ctx, cancel := call(t)
	defer cancel()
	team, _, err := admin.CreateTeam(ctx, &model.Team{
		Name: unique("team"), DisplayName: t.Name()[:min(60, len(t.Name()))], Type: model.TeamOpen,
	})
	if err != nil {
		t.Fatalf("create team: %v", err)
	}
	w.Team = team
	w.Admin = newUser(t, w, mm.admin, mm.adminToken)
	return w
}

// In returns the world as seen by another test, usually a subtest.
func (w *World) In(t testing.TB) *World {
	other := *w
	other.t = t
	other.Admin = w.Admin.In(t)
	return &other
}

// Public makes a public channel, with members.
func (w *World) Public(name string, members ...Peer) *model.Channel {
	w.t.Helper()
	return w.channel(name, model.ChannelTypeOpen, members)
}

// Private makes a private channel, with members.
func (w *World) Private(name string, members ...Peer) *model.Channel {
	w.t.Helper()
	return w.channel(name, model.ChannelTypePrivate, members)
}

func (w *World) channel(name string, kind model.ChannelType, members []Peer) *model.Channel {
	w.t.Helper()
	ctx, cancel := call(w.t)
	defer cancel()
	channel, _, err := w.Admin.Client.CreateChannel(ctx, &model.Channel{
		TeamId: w.Team.Id, Name: name, DisplayName: name, Type: kind,
	})
	if err != nil {
		w.t.Fatalf("create channel %s: %v", name, err)
	}
	w.Join(channel, members...)
	return channel
}

// Join adds people to a channel.
func (w *World) Join(channel *model.Channel, peers ...Peer) {
	w.t.Helper()
	for _, peer := range peers {
		w.must("add a member to "+channel.Name, func(ctx context.Context) error {
			_, _, err := w.Admin.Client.AddChannelMember(ctx, channel.Id, peer.UserID())
			return err
		})
	}
}

// Leave removes someone from a channel.
func (w *World) Leave(channel *model.Channel, peer Peer) {
	w.t.Helper()
	w.must("remove a member from "+channel.Name, func(ctx context.Context) error {
		_, err := w.Admin.Client.RemoveUserFromChannel(ctx, channel.Id, peer.UserID())
		return err
	})
}

// User makes a person of the team with a session and an open websocket, and
// has them join channels. Account names belong to the whole server, so the
// real one has a suffix: see User.Username.
func (w *World) User(name string, channels ...*model.Channel) *User {
	w.t.Helper()
	ctx, cancel := call(w.t)
	defer cancel()
	account, token, err := w.Server.createUser(ctx, w.Admin.Client, unique(name))
	if err != nil {
		w.t.Fatal(err)
	}
	w.joinTeam(account.Id)
	user := newUser(w.t, w, account, token)
	for _, channel := range channels {
		w.Join(channel, user)
	}
	return user
}

// Bot makes a bot account in the team with an access token, and has it join
// channels. The name gets a suffix, as a user's does.
func (w *World) Bot(name string, channels ...*model.Channel) *Bot {
	w.t.Helper()
	bot := &Bot{}
	w.must("create bot "+name, func(ctx context.Context) (err error) {
		bot.Bot, _, err = w.Admin.Client.CreateBot(ctx, &model.Bot{Username: unique(name), DisplayName: name})
		return err
	})
	w.must("create a token for bot "+name, func(ctx context.Context) error {
		token, _, err := w.Admin.Client.CreateUserAccessToken(ctx, bot.UserID(), "end-to-end test", 0)
		if err == nil {
			bot.Token, bot.Client = token.Token, w.Server.NewClient(token.Token)
		}
		return err
	})
	w.joinTeam(bot.UserID())
	for _, channel := range channels {
		w.Join(channel, bot)
	}
	return bot
}

// joinTeam adds an account to the team.
func (w *World) joinTeam(id string) {
	w.t.Helper()
	w.must("join the team", func(ctx context.Context) error {
		_, _, err := w.Admin.Client.AddTeamMember(ctx, w.Team.Id, id)
		return err
	})
}

// MakeTeamAdmin lets someone manage the team: it is what allows a bot to
// create its slash command.
func (w *World) MakeTeamAdmin(peer Peer) {
	w.t.Helper()
	w.must("make a team administrator", func(ctx context.Context) error {
		_, err := w.Admin.Client.UpdateTeamMemberRoles(ctx, w.Team.Id, peer.UserID(), "team_user team_admin")
		return err
	})
}

// Deactivate closes someone's account. They stay a member of their channels.
func (w *World) Deactivate(peer Peer) {
	w.t.Helper()
	w.must("deactivate an account", func(ctx context.Context) error {
		_, err := w.Admin.Client.UpdateUserActive(ctx, peer.UserID(), false)
		return err
	})
}

// Command registers a slash command that the server sends to url. Its Token
// is what the server will prove itself with.
func (w *World) Command(trigger, url string) *model.Command {
	w.t.Helper()
	var command *model.Command
	w.must("create command /"+trigger, func(ctx context.Context) (err error) {
		command, _, err = w.Admin.Client.CreateCommand(ctx, &model.Command{
			TeamId: w.Team.Id, Trigger: trigger, URL: url, Method: model.CommandMethodPost, DisplayName: trigger,
		})
		return err
	})
	return command
}

// must runs one request and ends the test if it fails.
func (w *World) must(what string, request func(context.Context) error) {
	w.t.Helper()
	ctx, cancel := call(w.t)
	defer cancel()
	if err := request(ctx); err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
}

// call returns the context of one request.
func call(t testing.TB) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(t.Context(), callTimeout, fmt.Errorf("no answer in %v", callTimeout))
}

// unique makes a name that no other test has.
func unique(name string) string {
	return strings.ToLower(name) + "-" + model.NewId()[:8]
}
