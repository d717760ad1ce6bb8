package mattermost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/bot"
)

// event hands one websocket event on. What it cannot read it drops: the next server version may send anything.
func (p *Platform) event(ctx context.Context, e *model.WebSocketEvent) {
	var err error
	switch e.EventType() {
	case model.WebsocketEventPosted, model.WebsocketEventPostEdited, model.WebsocketEventPostDeleted:
		err = p.posted(ctx, e)
	case model.WebsocketEventReactionAdded:
		err = p.reacted(ctx, e)
	case model.WebsocketEventUserUpdated:
		if user, ok := e.GetData()["user"].(map[string]any); ok {
			if id, ok := user["id"].(string); ok {
				p.users.Drop(id)
			}
		}
	case model.WebsocketEventChannelConverted, model.WebsocketEventChannelUpdated, model.WebsocketEventChannelDeleted:
		p.channels.Drop(e.GetBroadcast().ChannelId)
		if id, ok := e.GetData()["channel_id"].(string); ok {
			p.channels.Drop(id)
		}
	}
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, bot.ErrBusy) {
		p.log.Error("an event was not handled", "event", string(e.EventType()), "error", err)
	}
}

// posted hands on a message that is for the bot, or may be: new, edited or removed. One that cannot be taken now is read
// again later.
func (p *Platform) posted(ctx context.Context, e *model.WebSocketEvent) error {
	var post model.Post
	if err := part(e, "post", &post); err != nil {
		return err
	}
	err := p.postedIn(ctx, e, &post)
	if err != nil {
		p.reading.miss(post.ChannelId)
		return err
	}
	p.reading.took(post.ChannelId, post.CreateAt)
	return nil
}

func (p *Platform) postedIn(ctx context.Context, e *model.WebSocketEvent, post *model.Post) error {
	h, err := p.at()
	if err != nil {
		return err
	}
	if post.UserId == h.me.Id {
		return nil
	}
	var ch *model.Channel
	switch e.EventType() {
	case model.WebsocketEventPosted:
		data := e.GetData()
		kind, _ := data["channel_type"].(string)
		name, _ := data["channel_name"].(string)
		team, _ := data["team_id"].(string)
		ch = &model.Channel{Id: post.ChannelId, Type: model.ChannelType(kind), Name: name, TeamId: team}
	case model.WebsocketEventPostDeleted:
		post.DeleteAt = max(post.DeleteAt, 1) // servers differ in whether they say when
		fallthrough
	default:
		if post.DeleteAt == 0 && time.Since(time.UnixMilli(post.CreateAt)) > editedWithin {
			return nil
		}
		if ch, err = p.channel(ctx, post.ChannelId); err != nil {
			return fmt.Errorf("looking at a channel: %w", err)
		}
	}
	if ch.TeamId != "" && ch.TeamId != h.team.Id {
		return nil // the bot works for one team
	}
	return p.take(ctx, h, post, ch)
}

// message turns a post into a message. ok is false when it is not for the bot.
func (p *Platform) message(ctx context.Context, h *home, post *model.Post, ch *model.Channel) (m bot.Message, ok bool, err error) {
	if post.UserId == h.me.Id || post.Type != model.PostTypeDefault || post.DeleteAt != 0 ||
		isSet(post, model.PostPropsFromWebhook) || isSet(post, model.PostPropsFromBot) || isSet(post, model.PostPropsFromPlugin) {
		return bot.Message{}, false, nil
	}
	place := p.placeOf(h, ch)
	mentioned, text := stripMention(post.Message, h.me.Username)
	m = bot.Message{
		ID: bot.PostID(post.Id), Place: place, Text: text, At: time.UnixMilli(post.CreateAt),
		Addressed: mentioned || place.Visibility == bot.Direct, Campaign: h.campaign[ch.Id],
		Again: p.o.Memory != nil,
	}
	if !m.Addressed && !m.Campaign && !isNumber(text) {
		return bot.Message{}, false, nil
	}
	m.Place.Thread = threadOf(post, place)
	if post.EditAt > 0 {
		m.Edited = time.UnixMilli(post.EditAt)
	}
	user, err := p.user(ctx, post.UserId)
	if err != nil {
		return bot.Message{}, false, fmt.Errorf("asking who wrote: %w", err)
	}
	m.From, m.Lang = person(user), h.language(user)
	return m, !m.From.Bot, nil
}

// isSet reports whether the server marked a post: older ones with "true", newer ones with either.
func isSet(post *model.Post, prop string) bool {
	v := post.GetProp(prop)
	return v == "true" || v == true
}

// isNumber reports that text may be the answer to a numbered list.
func isNumber(text string) bool {
	text = strings.TrimSpace(text)
	return text != "" && len(text) <= 2 && strings.Trim(text, "0123456789") == ""
}

// placeOf says where a channel is, without thread.
func (p *Platform) placeOf(h *home, ch *model.Channel) bot.Place {
	place := bot.Place{Platform: ID, Channel: bot.ChannelID(ch.Id), Name: ch.Name, Visibility: bot.Private}
	switch ch.Type {
	case model.ChannelTypeOpen:
		place.Visibility = bot.Public
	case model.ChannelTypeDirect:
		place.Name = ""
		// Two other people's direct channel is private to them: a slash command may be typed there.
		if h == nil || strings.Contains(ch.Name, h.me.Id) {
			place.Visibility = bot.Direct
		}
	}
	return place
}

// reacted hands on an emoji put on one of the bot's posts.
func (p *Platform) reacted(ctx context.Context, e *model.WebSocketEvent) error {
	var r model.Reaction
	if err := part(e, "reaction", &r); err != nil {
		return err
	}
	h, err := p.at()
	if err != nil || r.UserId == h.me.Id {
		return err
	}
	post, resp, err := p.client.GetPost(ctx, r.PostId, "")
	if gone(resp) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking at the post reacted to: %w", brief(err))
	}
	if post.UserId != h.me.Id {
		return nil
	}
	ch, err := p.channel(ctx, post.ChannelId)
	if err != nil {
		return fmt.Errorf("looking at the channel reacted in: %w", err)
	}
	user, err := p.user(ctx, r.UserId)
	if err != nil {
		return fmt.Errorf("asking who reacted: %w", err)
	}
	place := p.placeOf(h, ch)
	place.Thread = threadOf(post, place)
	return p.sink().React(ctx, bot.Reaction{Emoji: r.EmojiName, Person: person(user), Place: place, Post: bot.PostID(post.Id)})
}

// part reads a part of an event, which the server sends as JSON in a string.
func part(e *model.WebSocketEvent, name string, v any) error {
	text, ok := e.GetData()[name].(string)
	if !ok {
		return fmt.Errorf("the event has no %s", name)
	}
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return fmt.Errorf("the event's %s is no JSON", name) // not the error: it quotes what someone wrote
	}
	return nil
}

// sink is where events go; Run sets it before any can come.
func (p *Platform) sink() bot.Inbox {
	box, _ := p.inbox.Load().(inboxBox)
	return box.Inbox
}
