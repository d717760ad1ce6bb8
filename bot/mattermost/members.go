package mattermost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/bot"
)

// user returns an account, as of some minutes ago at most.
func (p *Platform) user(ctx context.Context, id string) (*model.User, error) {
	if u, ok := p.users.Get(id); ok {
		return u, nil
	}
	u, _, err := p.client.GetUser(ctx, id, "")
	if err != nil {
		return nil, brief(err)
	}
	p.users.Put(id, u)
	return u, nil
}

// channel returns a channel, as of some minutes ago at most.
func (p *Platform) channel(ctx context.Context, id string) (*model.Channel, error) {
	if ch, ok := p.channels.Get(id); ok {
		return ch, nil
	}
	ch, _, err := p.client.GetChannel(ctx, id)
	if err != nil {
		return nil, brief(err)
	}
	p.channels.Put(id, ch)
	return ch, nil
}

// NameOf implements bot.Namer.
func (p *Platform) NameOf(ctx context.Context, who bot.Person) string {
	u, err := p.user(ctx, string(who.User))
	if err != nil || u.DeleteAt != 0 {
		return ""
	}
	return u.Username
}

func person(u *model.User) bot.Person {
	return bot.Person{Platform: ID, User: bot.UserID(u.Id), Name: u.Username, Bot: u.IsBot}
}

// language is the one that the person chose to read the application in, where Candide speaks it. The server's default
// is no choice: on many French teams' servers it is English.
func (h *home) language(u *model.User) string {
	if u.Locale == h.locale {
		return ""
	}
	switch lang, _, _ := strings.Cut(u.Locale, "-"); lang {
	case "fr", "en":
		return lang
	}
	return ""
}

// defaultLocale is the language of those who chose none. Server 6.7 wants to be asked for the “old” format, which newer
// ones take for their only one.
func (p *Platform) defaultLocale(ctx context.Context) (string, error) {
	resp, err := p.client.DoAPIGet(ctx, "/config/client?format=old", "")
	if err != nil {
		return "", brief(err)
	}
	defer resp.Body.Close()
	var config struct{ DefaultClientLocale string }
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&config); err != nil {
		return "", fmt.Errorf("reading the server's settings: %w", err)
	}
	return config.DefaultClientLocale, nil
}

// IsRecruiter implements bot.Recruiters. It asks the server each time: somebody removed from the recruiters, or whose
// account was closed, has no rights from that moment. An account that was closed stays a member of its channels.
func (p *Platform) IsRecruiter(ctx context.Context, who bot.Person) (bool, error) {
	h, err := p.at()
	if err != nil {
		return false, err
	}
	if h.recruiters == nil || who.Bot || who.User == "" {
		return false, nil
	}
	_, resp, err := p.client.GetChannelMember(ctx, h.recruiters.Id, string(who.User), "")
	switch {
	case status(resp) == 404:
		return false, nil
	case status(resp) == 403:
		// The bot is no longer in the channel and may not look: that is not a no.
		return false, fmt.Errorf("the bot is not a member of the recruiters' channel ~%s: type “/invite @%s” in it",
			h.recruiters.Name, h.me.Username)
	case err != nil:
		return false, fmt.Errorf("asking for the recruiters' channel's members: %w", brief(err))
	}
	u, resp, err := p.client.GetUser(ctx, string(who.User), "")
	if status(resp) == 404 {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("asking whether an account is active: %w", brief(err))
	}
	p.users.Put(u.Id, u)
	return u.DeleteAt == 0 && !u.IsBot, nil
}

// RecruitersPlace implements bot.RecruitersChannel.
func (p *Platform) RecruitersPlace(context.Context) (bot.Place, error) {
	h, err := p.at()
	if err != nil {
		return bot.Place{}, err
	}
	if h.recruiters == nil {
		return bot.Place{}, bot.ErrNoChannel
	}
	return p.placeOf(h, h.recruiters), nil
}

// FindChannel implements bot.Channels.
func (p *Platform) FindChannel(ctx context.Context, name string) (bot.Place, error) {
	h, err := p.at()
	if err != nil {
		return bot.Place{}, err
	}
	name = strings.ToLower(strings.TrimLeft(strings.TrimSpace(name), "~#"))
	if name == "" || strings.ContainsAny(name, "/ ?#%\\") {
		return bot.Place{}, bot.ErrNoChannel
	}
	ch, resp, err := p.client.GetChannelByName(ctx, name, h.team.Id, "")
	if gone(resp) || status(resp) == 400 {
		return bot.Place{}, bot.ErrNoChannel
	}
	if err != nil {
		return bot.Place{}, fmt.Errorf("looking for a channel: %w", brief(err))
	}
	if ch.DeleteAt != 0 {
		return bot.Place{}, bot.ErrNoChannel
	}
	// A public channel is found even where the bot is not a member yet: it can join when it must.
	if ch.Type != model.ChannelTypeOpen {
		_, resp, err = p.client.GetChannelMember(ctx, ch.Id, h.me.Id, "")
		if gone(resp) {
			return bot.Place{}, bot.ErrNoChannel
		}
		if err != nil {
			return bot.Place{}, fmt.Errorf("looking whether the bot is in a channel: %w", brief(err))
		}
	}
	p.channels.Put(ch.Id, ch)
	return p.placeOf(h, ch), nil
}

// FindPerson implements bot.People: active accounts of the team, by their name.
func (p *Platform) FindPerson(ctx context.Context, name string) (bot.Person, error) {
	h, err := p.at()
	if err != nil {
		return bot.Person{}, err
	}
	name = strings.ToLower(strings.Trim(name, "@. "))
	if !model.IsValidUsername(name) {
		return bot.Person{}, bot.ErrNoPerson
	}
	u, resp, err := p.client.GetUserByUsername(ctx, name, "")
	if gone(resp) || status(resp) == 400 {
		return bot.Person{}, bot.ErrNoPerson
	}
	if err != nil {
		return bot.Person{}, fmt.Errorf("looking for a person: %w", brief(err))
	}
	if u.DeleteAt != 0 || u.IsBot {
		return bot.Person{}, bot.ErrNoPerson
	}
	_, resp, err = p.client.GetTeamMember(ctx, h.team.Id, u.Id, "")
	if gone(resp) {
		return bot.Person{}, bot.ErrNoPerson
	}
	if err != nil {
		return bot.Person{}, fmt.Errorf("looking whether a person is in the team: %w", brief(err))
	}
	p.users.Put(u.Id, u)
	return person(u), nil
}

// direct returns the direct channel with a person.
func (p *Platform) direct(ctx context.Context, h *home, user bot.UserID) (string, error) {
	if user == "" {
		return "", errors.New("nobody to write to")
	}
	if id, ok := p.directs.Get(string(user)); ok {
		return id, nil
	}
	ch, _, err := p.client.CreateDirectChannel(ctx, h.me.Id, string(user))
	if err != nil {
		return "", fmt.Errorf("opening a direct channel: %w", brief(err))
	}
	p.directs.Put(string(user), ch.Id)
	return ch.Id, nil
}
