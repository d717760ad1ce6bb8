package discord

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"candide/bot"
)

// Post implements bot.Platform.
//
// A private post answers its interaction, seen by that person alone, where there is one that still can be answered; else
// it is a direct message.
func (p *Platform) Post(ctx context.Context, to bot.Target, post bot.Post) (bot.PostID, error) {
	if _, err := p.at(); err != nil {
		return "", err
	}
	t := p.tickets.get(to.Ticket)
	if t != nil && (t.user != string(to.To.User) || !t.alive()) {
		t = nil
	}
	private := to.Private || to.Direct || to.Place.Visibility == bot.Direct
	if t != nil && private && (t.direct || to.Private && !to.Direct) {
		id, err := p.whisperAll(ctx, t, post)
		if err == nil || !expired(err) {
			return id, err
		}
	}
	if to.Direct || to.Private && to.Place.Visibility != bot.Direct {
		return p.postDirect(ctx, to, t, post)
	}
	if to.Place.Channel == "" {
		return "", errors.New("posting nowhere: no channel")
	}
	where, err := p.where(ctx, to.Place, post)
	if err != nil {
		return "", err
	}
	return p.create(ctx, where, p.render(post, where), post.Files)
}

// expired reports that an interaction cannot be answered any more.
func expired(err error) bool {
	c := code(err)
	return errors.Is(err, errNoTicket) || c == codeUnknownWebhook || c == codeInvalidToken || c == codeUnknownInteraction
}

// whisperAll answers an interaction with a post.
func (p *Platform) whisperAll(ctx context.Context, t *ticket, post bot.Post) (id bot.PostID, err error) {
	parts := p.render(post, t.channel)
	for i, part := range parts {
		var files []bot.File
		if i == len(parts)-1 {
			files = post.Files
		}
		if id, err = p.whisper(ctx, t, part, files); err != nil {
			return "", fmt.Errorf("answering an interaction: %w", err)
		}
	}
	return id, nil
}

// postDirect writes to somebody. Those who take no direct messages get it as the answer to their interaction, if there is
// one, and else are told in public that they can ask for it.
func (p *Platform) postDirect(ctx context.Context, to bot.Target, t *ticket, post bot.Post) (bot.PostID, error) {
	where, err := p.direct(ctx, to.To.User)
	if err == nil {
		var id bot.PostID
		if id, err = p.create(ctx, where, p.render(post, where), post.Files); err == nil {
			if t != nil && !t.direct {
				p.pointTo(ctx, t, post.Lang)
			}
			return id, nil
		}
	}
	if code(err) != codeNoDirect {
		return "", err
	}
	p.directs.Drop(string(to.To.User))
	if t != nil {
		return p.whisperAll(ctx, t, post)
	}
	if to.Place.Channel == "" || to.Place.Visibility == bot.Direct {
		return "", err
	}
	closed := bot.Post{Text: p.say(post.Lang, "direct-closed")}
	where, err = p.where(ctx, to.Place, closed)
	if err != nil {
		return "", err
	}
	_, err = p.create(ctx, where, p.render(closed, where), nil)
	return "", err
}

// pointTo tells somebody whose interaction still waits that the answer is a direct message.
func (p *Platform) pointTo(ctx context.Context, t *ticket, lang string) {
	if _, err := p.acknowledge(ctx, t, nil); err != nil {
		return
	}
	t.mu.Lock()
	pending := t.pending
	t.mu.Unlock()
	if pending {
		_, _ = p.whisper(ctx, t, newMessage{Content: p.say(lang, "see-direct"), Allowed: mentions{Parse: []string{}}}, nil)
	}
}

// where is the id of the channel or thread that a post goes to. A thread is made where there is none yet; where the bot
// may not, the post goes to the channel itself.
func (p *Platform) where(ctx context.Context, place bot.Place, post bot.Post) (string, error) {
	channelID, thread := string(place.Channel), string(place.Thread)
	if thread == "" || place.Visibility == bot.Direct {
		return channelID, nil
	}
	if _, known := p.channels.Get(thread); known {
		return thread, nil
	}
	name := "Candide"
	if post.Entry != "" {
		name += " · " + post.Entry
	}
	in := map[string]any{"name": clip(name, maxThreadName), "auto_archive_duration": 1440}
	var ch channel
	err := p.rest.call(ctx, http.MethodPost, api("channels/"+channelID+"/messages/"+thread+"/threads"), "threads/"+channelID, in, &ch)
	switch {
	case err == nil:
		p.channels.Put(ch.ID, &ch)
		return thread, nil
	case code(err) == codeThreadExists:
		return thread, nil
	case code(err) == codeUnknownMessage || code(err) == codeUnknownChannel:
		// No message of that id here: a thread that began otherwise, or one whose message is gone since.
		_, err := p.channel(ctx, thread)
		if gone(err) {
			return "", fmt.Errorf("beginning a thread: its message was %w", bot.ErrGone)
		}
		return thread, err
	case gone(err):
		return channelID, nil // no right to make threads: the answer refers to the question
	default:
		return "", fmt.Errorf("beginning a thread: %w", err)
	}
}

// create makes messages in a channel, and returns the last one's id.
func (p *Platform) create(ctx context.Context, where string, parts []newMessage, files []bot.File) (id bot.PostID, err error) {
	for i, part := range parts {
		var attached []bot.File
		if i == len(parts)-1 {
			attached = files[:min(len(files), maxFiles)]
		}
		if id, err = p.createOne(ctx, where, part, attached); err != nil {
			return "", err
		}
	}
	return id, nil
}

func (p *Platform) createOne(ctx context.Context, where string, part newMessage, files []bot.File) (bot.PostID, error) {
	url, bucket := api("channels/"+where+"/messages"), "messages/"+where
	var created message
	err := p.rest.call(ctx, http.MethodPost, url, bucket, part, &created, files...)
	if code(err) == codeNoPermission && len(part.Embeds) > 0 {
		// Without the right to show cards, the words matter more.
		part.Content, part.Embeds = plain(part.Embeds[0]), nil
		err = p.rest.call(ctx, http.MethodPost, url, bucket, part, &created, files...)
	}
	if code(err) == codeUnknownChannel {
		return "", fmt.Errorf("creating a message: its thread or channel was %w", bot.ErrGone)
	}
	if err != nil {
		return "", fmt.Errorf("creating a message: %w", err)
	}
	return bot.PostID(created.ID), nil
}

// plain is a card as text.
func plain(e embed) string {
	text := e.Description
	if e.Title != "" {
		text = "**" + e.Title + "**\n" + text
	}
	if e.Footer != nil {
		return clip(text, maxContent-100) + "\n" + small + e.Footer.Text
	}
	return clip(text, maxContent)
}

// Update implements bot.Platform.
func (p *Platform) Update(ctx context.Context, in bot.Place, id bot.PostID, post *bot.Post) error {
	if _, err := p.at(); err != nil {
		return err
	}
	if id == "" {
		return errors.New("changing a post that has no id")
	}
	url, bucket := p.messageURL(in, string(id))
	if t := p.tickets.of(string(id)); t != nil {
		name := string(id)
		if t.press && t.message == name {
			if _, err := p.acknowledge(ctx, t, nil); err != nil {
				return fmt.Errorf("changing a private message: %w", err)
			}
			name = "@original"
		}
		url, bucket = p.hook(t, name), tokenBucket("hook", t.token)
	}
	if post == nil {
		err := p.rest.call(ctx, http.MethodDelete, url, "delete/"+bucket, nil, nil)
		if err != nil && status(err) != http.StatusNotFound {
			return fmt.Errorf("removing a message: %w", err)
		}
		return nil
	}
	parts := p.render(*post, "")
	first := parts[0]
	if len(parts) > 1 {
		first.Components, first.Attachments = nil, nil
	}
	edit := editedMessage{
		Content: first.Content, Embeds: first.Embeds, Components: first.Components, Allowed: first.Allowed,
		Attachments: first.Attachments,
	}
	var files []bot.File
	if len(parts) == 1 {
		files = post.Files
	}
	err := p.rest.call(ctx, http.MethodPatch, url, bucket, edit.whole(), nil, files...)
	if c := code(err); c == codeUnknownMessage || c == codeUnknownChannel {
		return fmt.Errorf("changing a message: %w", bot.ErrGone)
	}
	if err != nil {
		return fmt.Errorf("changing a message: %w", err)
	}
	if len(parts) > 1 {
		where, err := p.where(ctx, in, *post)
		if err != nil {
			return err
		}
		_, err = p.create(ctx, where, parts[1:], post.Files)
		return err
	}
	return nil
}

// messageURL is the address of a message of a place.
func (p *Platform) messageURL(in bot.Place, id string) (url, bucket string) {
	where := string(in.Channel)
	if in.Thread != "" && in.Visibility != bot.Direct {
		where = string(in.Thread)
	}
	return api("channels/" + where + "/messages/" + id), "messages/" + where
}
