package discord

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"candide/bot"
)

// api is the address of a route.
func api(path string) string { return discordgo.EndpointAPI + path }

// guildChannels lists the server's channels, as far as the bot sees them.
func (p *Platform) guildChannels(ctx context.Context, h *home) ([]*channel, error) {
	var list []*channel
	err := p.rest.call(ctx, http.MethodGet, api("guilds/"+h.guild+"/channels"), "channels", nil, &list)
	if err != nil {
		return nil, fmt.Errorf("asking for the server's channels: %w", err)
	}
	for _, ch := range list {
		p.channels.Put(ch.ID, ch)
	}
	return list, nil
}

// named returns the channel of a name or id that messages can be posted in, or nil.
func named(list []*channel, name string) *channel {
	name = strings.ToLower(strings.TrimLeft(strings.TrimSpace(name), "~#"))
	for _, ch := range list {
		if ch.Type != channelText && ch.Type != channelAnnouncement {
			continue
		}
		if ch.ID == name || strings.ToLower(ch.Name) == name {
			return ch
		}
	}
	return nil
}

// channel returns a channel, as of some minutes ago at most.
func (p *Platform) channel(ctx context.Context, id string) (*channel, error) {
	if ch, ok := p.channels.Get(id); ok {
		return ch, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	ch := &channel{}
	if err := p.rest.call(ctx, http.MethodGet, api("channels/"+id), "channel/"+id, nil, ch); err != nil {
		return nil, fmt.Errorf("asking for a channel: %w", err)
	}
	p.channels.Put(id, ch)
	return ch, nil
}

// public reports whether everybody on the server may read a channel.
func (h *home) public(ch *channel) bool {
	allowed := bits(h.everyone.Permissions)&(permissionView|permissionAdmin) != 0
	for _, o := range ch.Overwrites {
		if o.ID != h.everyone.ID {
			continue
		}
		if bits(o.Deny)&permissionView != 0 {
			allowed = false
		}
		if bits(o.Allow)&permissionView != 0 {
			allowed = true
		}
	}
	return allowed
}

func bits(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// placeOf says where a channel is. A thread is the place of its parent, and its own id is that of the message that it
// began with.
func (p *Platform) placeOf(ctx context.Context, h *home, ch *channel) (bot.Place, error) {
	if ch.Type == channelDirect {
		return bot.Place{Platform: ID, Channel: bot.ChannelID(ch.ID), Visibility: bot.Direct}, nil
	}
	thread := bot.PostID("")
	hidden := ch.Type == threadPrivate
	if ch.Type == threadPublic || ch.Type == threadPrivate || ch.Type == threadAnnouncement {
		parent, err := p.channel(ctx, ch.ParentID)
		if err != nil {
			return bot.Place{}, err
		}
		thread, ch = bot.PostID(ch.ID), parent
	}
	place := bot.Place{
		Platform: ID, Channel: bot.ChannelID(ch.ID), Name: ch.Name, Thread: thread, Visibility: bot.Private,
	}
	if h.public(ch) && !hidden {
		place.Visibility = bot.Public
	}
	return place, nil
}

// person is somebody, by the name that others see.
func person(u user, m *member) bot.Person {
	name := u.GlobalName
	if m != nil && m.Nick != "" {
		name = m.Nick
	}
	if name == "" {
		name = u.Username
	}
	return bot.Person{Platform: ID, User: bot.UserID(u.ID), Name: name, Bot: u.Bot}
}

// IsRecruiter implements bot.Recruiters. It asks Discord each time: who lost the role, or left the server, has no rights
// from that moment.
func (p *Platform) IsRecruiter(ctx context.Context, who bot.Person) (bool, error) {
	h, err := p.at()
	if err != nil {
		return false, err
	}
	if h.recruiters == "" || who.Bot || who.User == "" {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	var m member
	err = p.rest.call(ctx, http.MethodGet, api("guilds/"+h.guild+"/members/"+string(who.User)), "members", nil, &m)
	if c := code(err); c == codeUnknownMember || c == codeUnknownUser {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("asking for somebody's roles: %w", err)
	}
	if m.User != nil && m.User.Bot {
		return false, nil
	}
	return contains(m.Roles, h.recruiters), nil
}

// RecruitersPlace implements bot.RecruitersChannel.
func (p *Platform) RecruitersPlace(ctx context.Context) (bot.Place, error) {
	h, err := p.at()
	if err != nil {
		return bot.Place{}, err
	}
	if h.place == nil {
		return bot.Place{}, bot.ErrNoChannel
	}
	return p.placeOf(ctx, h, h.place)
}

// FindChannel implements bot.Channels. It takes a name, an id, or what Discord makes of a channel that was picked.
func (p *Platform) FindChannel(ctx context.Context, name string) (bot.Place, error) {
	h, err := p.at()
	if err != nil {
		return bot.Place{}, err
	}
	name = strings.TrimSuffix(strings.TrimPrefix(strings.TrimLeft(strings.TrimSpace(name), "~"), "<#"), ">")
	if name == "" {
		return bot.Place{}, bot.ErrNoChannel
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	list, err := p.guildChannels(ctx, h)
	if err != nil {
		return bot.Place{}, err
	}
	ch := named(list, name)
	if ch == nil {
		return bot.Place{}, bot.ErrNoChannel
	}
	// Discord lists channels that the bot may not look into; looking tells.
	if err := p.rest.call(ctx, http.MethodGet, api("channels/"+ch.ID), "channel/"+ch.ID, nil, nil); gone(err) {
		return bot.Place{}, bot.ErrNoChannel
	} else if err != nil {
		return bot.Place{}, fmt.Errorf("looking into a channel: %w", err)
	}
	return p.placeOf(ctx, h, ch)
}

// direct returns the direct channel with a person.
func (p *Platform) direct(ctx context.Context, who bot.UserID) (string, error) {
	if who == "" {
		return "", errors.New("nobody to write to")
	}
	if id, ok := p.directs.Get(string(who)); ok {
		return id, nil
	}
	var ch channel
	in := map[string]string{"recipient_id": string(who)}
	if err := p.rest.call(ctx, http.MethodPost, api("users/@me/channels"), "directs", in, &ch); err != nil {
		return "", fmt.Errorf("opening a direct channel: %w", err)
	}
	p.directs.Put(string(who), ch.ID)
	return ch.ID, nil
}
