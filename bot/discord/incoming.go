package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/bwmarrin/discordgo"

	"candide/bot"
)

// take works on events in the order in which they came, until ctx is done.
func (p *Platform) take(ctx context.Context, events <-chan *discordgo.Event) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-events:
			if err := p.event(ctx, e.Type, e.RawData); err != nil && !errors.Is(err, context.Canceled) {
				p.log.Error("an event was not handled", "event", e.Type, "error", err)
				if e.Type == "MESSAGE_CREATE" && !errors.Is(err, errUnreadable) {
					p.reading.miss()
				}
			}
		}
	}
}

// errUnreadable: an event is not what it should be. What it holds is not told: somebody wrote it.
var errUnreadable = errors.New("the event cannot be read")

func read(raw []byte, v any) error {
	if json.Unmarshal(raw, v) != nil {
		return errUnreadable
	}
	return nil
}

// event hands one event on. Those it does not know it drops: Discord makes new ones all the time.
func (p *Platform) event(ctx context.Context, kind string, raw []byte) error {
	switch kind {
	case "MESSAGE_CREATE", "MESSAGE_UPDATE":
		var m message
		if err := read(raw, &m); err != nil {
			return err
		}
		if kind == "MESSAGE_UPDATE" && m.Edited == nil {
			return nil // Discord itself added to it: a link's picture, say
		}
		return p.messaged(ctx, &m)
	case "MESSAGE_DELETE":
		var m message
		if err := read(raw, &m); err != nil {
			return err
		}
		return p.removed(ctx, &m)
	case "MESSAGE_REACTION_ADD":
		return p.reacted(ctx, raw)
	case "CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE", "THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE":
		var ch channel
		if err := read(raw, &ch); err != nil {
			return err
		}
		p.channels.Drop(ch.ID)
	case "GUILD_ROLE_UPDATE":
		return p.roleChanged(raw)
	}
	return nil
}

// roleChanged keeps what everybody may see.
func (p *Platform) roleChanged(raw []byte) error {
	var e struct {
		GuildID string `json:"guild_id"`
		Role    role   `json:"role"`
	}
	if err := read(raw, &e); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.home != nil && e.GuildID == p.home.guild && e.Role.ID == p.home.guild {
		changed := *p.home
		changed.everyone = e.Role
		p.home = &changed
	}
	return nil
}

// messaged hands on a message that is for the bot, or may be.
func (p *Platform) messaged(ctx context.Context, m *message) error {
	h, err := p.at()
	if err != nil {
		return err
	}
	if m.GuildID != "" && m.GuildID != h.guild {
		return nil // the bot works for one server
	}
	heard, ok, err := p.message(ctx, h, m)
	if err != nil || !ok {
		return err
	}
	if _, err = p.sink().Message(ctx, heard); err != nil {
		return err
	}
	p.reading.taken(m)
	return nil
}

// message turns what was written into a message. ok is false when it is not for the bot.
func (p *Platform) message(ctx context.Context, h *home, m *message) (heard bot.Message, ok bool, err error) {
	if m.Author.Bot || m.WebhookID != "" || m.Type != messageDefault && m.Type != messageReply {
		return bot.Message{}, false, nil
	}
	mentioned, text := stripMention(m.Content, h.me.ID, h.ownRole)
	text = readable(text, m.Mentions)
	ch := &channel{ID: m.ChannelID, Type: channelDirect}
	if m.GuildID != "" {
		if !mentioned && m.Content == "" {
			return bot.Message{}, false, nil // without the intent, nothing but mentions can be read
		}
		if ch, err = p.channel(ctx, m.ChannelID); err != nil {
			return bot.Message{}, false, err
		}
	}
	place, err := p.placeOf(ctx, h, ch)
	if err != nil {
		return bot.Message{}, false, err
	}
	heard = bot.Message{
		ID: bot.PostID(m.ID), Place: place, Text: text, At: m.Timestamp, From: person(m.Author, m.Member),
		Addressed: mentioned || place.Visibility == bot.Direct, Campaign: h.campaign[string(place.Channel)],
	}
	if !heard.Addressed && !heard.Campaign && !isNumber(text) {
		return bot.Message{}, false, nil
	}
	if m.Edited != nil {
		heard.Edited = *m.Edited
	}
	p.authors.Put(m.ID, heard.From)
	if place.Visibility == bot.Direct {
		p.directs.Put(m.Author.ID, m.ChannelID)
	} else if place.Thread == "" {
		heard.Place.Thread = bot.PostID(m.ID) // the answer begins a thread
	}
	return heard, true, nil
}

// removed hands on that a message was taken back. Discord does not say whose it was.
func (p *Platform) removed(ctx context.Context, m *message) error {
	h, err := p.at()
	if err != nil || m.GuildID != "" && m.GuildID != h.guild {
		return err
	}
	ch := &channel{ID: m.ChannelID, Type: channelDirect}
	if m.GuildID != "" {
		if ch, err = p.channel(ctx, m.ChannelID); err != nil {
			return err
		}
	}
	place, err := p.placeOf(ctx, h, ch)
	if err != nil {
		return err
	}
	if place.Visibility != bot.Direct && place.Thread == "" {
		place.Thread = bot.PostID(m.ID)
	}
	who, _ := p.authors.Get(m.ID)
	who.Platform = ID
	return p.sink().Removed(ctx, bot.Removal{ID: bot.PostID(m.ID), Place: place, Person: who})
}

// emojis are the names of the reactions that mean something, in the vocabulary's spelling.
var emojis = map[string]string{
	"👍": "+1", "👎": "-1", "❌": "x", "✖️": "x", "✅": "white_check_mark", "✔️": "heavy_check_mark",
}

// reacted hands on an emoji put on one of the bot's posts.
func (p *Platform) reacted(ctx context.Context, raw []byte) error {
	var e struct {
		UserID    string  `json:"user_id"`
		ChannelID string  `json:"channel_id"`
		MessageID string  `json:"message_id"`
		GuildID   string  `json:"guild_id"`
		Author    string  `json:"message_author_id"`
		Member    *member `json:"member"`
		Emoji     struct {
			Name string `json:"name"`
		} `json:"emoji"`
	}
	if err := read(raw, &e); err != nil {
		return err
	}
	h, err := p.at()
	if err != nil || e.UserID == h.me.ID || e.GuildID != "" && e.GuildID != h.guild {
		return err
	}
	if e.Author == "" {
		var m message
		url := api("channels/" + e.ChannelID + "/messages/" + e.MessageID)
		err := p.rest.call(ctx, http.MethodGet, url, "messages/"+e.ChannelID, nil, &m)
		if gone(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("looking at the message reacted to: %w", err)
		}
		e.Author = m.Author.ID
	}
	if e.Author != h.me.ID {
		return nil
	}
	ch := &channel{ID: e.ChannelID, Type: channelDirect}
	if e.GuildID != "" {
		if ch, err = p.channel(ctx, e.ChannelID); err != nil {
			return err
		}
	}
	place, err := p.placeOf(ctx, h, ch)
	if err != nil {
		return err
	}
	who := user{ID: e.UserID}
	if e.Member != nil && e.Member.User != nil {
		who = *e.Member.User
	}
	name := emojis[e.Emoji.Name]
	if name == "" {
		name = e.Emoji.Name
	}
	return p.sink().React(ctx, bot.Reaction{
		Emoji: name, Person: person(who, e.Member), Place: place, Post: bot.PostID(e.MessageID),
	})
}

// discordEpoch is where ids begin to count milliseconds.
const discordEpoch = 1420070400000

// snowflake is the lowest id of a moment.
func snowflake(t time.Time) uint64 {
	return uint64(max(t.UnixMilli()-discordEpoch, 0)) << 22
}

// idAfter reports whether an id was made after another one.
func idAfter(id string, than uint64) bool {
	return number(id) > than
}

// made is when an id was made.
func made(id string) time.Time {
	return time.UnixMilli(int64(number(id)>>22) + discordEpoch)
}
