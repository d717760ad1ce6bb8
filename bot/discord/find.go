package discord

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"candide/bot"
)

// answering is what the key of a post that answers a message says: which message, as it was edited when, and which of the
// posts that answer it.
type answering struct {
	to     string
	edited time.Time
	nth    int
}

// answerOf reads the runtime's keys: "re:discord:ID:N", and "re:discord:ID:EDITED:N" for an edited message.
func answerOf(key string) (a answering, ok bool) {
	rest, ok := strings.CutPrefix(key, "re:"+string(ID)+":")
	parts := strings.Split(rest, ":")
	if !ok || parts[0] == "" || strings.Trim(parts[0], "0123456789") != "" {
		return answering{}, false
	}
	a.to = parts[0]
	if n, err := strconv.Atoi(parts[len(parts)-1]); err == nil && len(parts) > 1 {
		a.nth = n
	}
	if len(parts) > 2 {
		if ms, err := strconv.ParseInt(parts[1], 36, 64); err == nil {
			a.edited = time.UnixMilli(ms)
		}
	}
	return a, true
}

// FindPost implements bot.Finder. What answers a message refers to it, or is in the thread that it began; anything else
// bears a mark.
func (p *Platform) FindPost(ctx context.Context, to bot.Target, key string, since time.Time) (bot.PostID, bool, error) {
	h, err := p.at()
	if err != nil || key == "" {
		return "", false, err
	}
	where := string(to.Place.Channel)
	switch {
	case to.Private || to.Direct || where == "":
		if to.To.User == "" {
			return "", false, nil
		}
		if where, err = p.direct(ctx, to.To.User); err != nil {
			return "", false, err
		}
	case to.Place.Thread != "" && to.Place.Visibility != bot.Direct:
		where = string(to.Place.Thread)
	}
	id, found, missing, err := p.findIn(ctx, h, where, key, since)
	if missing && where != string(to.Place.Channel) && to.Place.Channel != "" {
		// No thread: where the bot may make none, it answers in the channel.
		id, found, _, err = p.findIn(ctx, h, string(to.Place.Channel), key, since)
	}
	return id, found, err
}

// findIn looks in one channel or thread; missing reports that there is none.
func (p *Platform) findIn(ctx context.Context, h *home, where, key string, since time.Time) (found bot.PostID, ok, missing bool, err error) {
	// The bot's clock may have been set; Discord's ids bear real times. An hour covers what clocks differ.
	after := snowflake(time.Now().Add(-max(p.now().Sub(since), 0) - time.Hour))
	a, answers := answerOf(key)
	mark := markText(markOf(key))
	nth := 0
	for range maxPages {
		page, err := p.page(ctx, where, after)
		if status(err) == http.StatusNotFound {
			return "", false, true, nil
		}
		if err != nil {
			return "", false, false, fmt.Errorf("looking for a post: %w", err)
		}
		for _, m := range page {
			after = max(after, number(m.ID))
			switch {
			case m.Author.ID != h.me.ID:
			case !answers && bears(m, mark):
				return bot.PostID(m.ID), true, false, nil
			case answers && a.is(m, where):
				if nth == a.nth && a.current(m) {
					return bot.PostID(m.ID), true, false, nil
				}
				nth++
			}
		}
		if len(page) < pageSize {
			break
		}
	}
	return "", false, false, nil
}

// page returns the messages after an id, oldest first.
func (p *Platform) page(ctx context.Context, where string, after uint64) ([]*message, error) {
	var page []*message
	url := api("channels/" + where + "/messages?limit=" + strconv.Itoa(pageSize) + "&after=" + strconv.FormatUint(after, 10))
	if err := p.rest.call(ctx, http.MethodGet, url, "messages/"+where, nil, &page); err != nil {
		return nil, err
	}
	for i, j := 0, len(page)-1; i < j; i, j = i+1, j-1 { // Discord gives the newest first
		page[i], page[j] = page[j], page[i]
	}
	return page, nil
}

// is reports whether one of the bot's messages answers the message: it refers to it, or, referring to none, is in the
// thread that it began.
func (a answering) is(m *message, where string) bool {
	if m.Reference != nil && m.Reference.MessageID != "" {
		return m.Reference.MessageID == a.to
	}
	return where == a.to
}

// current reports whether it answers the message as it was last edited: made, or changed, since.
func (a answering) current(m *message) bool {
	return a.edited.IsZero() || !made(m.ID).Before(a.edited) || m.Edited != nil && !m.Edited.Before(a.edited)
}

// bears reports whether a message bears a mark.
func bears(m *message, mark string) bool {
	if strings.HasSuffix(m.Content, mark) {
		return true
	}
	for _, e := range m.Embeds {
		if e.Footer != nil && strings.HasSuffix(e.Footer.Text, mark) {
			return true
		}
	}
	return false
}

// OthersIn implements bot.Threads. Other programs count as others: they answer too.
func (p *Platform) OthersIn(ctx context.Context, in bot.Place, than bot.Person) (bool, error) {
	h, err := p.at()
	if err != nil || in.Thread == "" {
		return false, err
	}
	if _, known := p.channels.Get(string(in.Thread)); !known {
		return false, nil // a thread that the answer will begin
	}
	page, err := p.page(ctx, string(in.Thread), 0)
	if gone(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading a thread: %w", err)
	}
	for _, m := range page {
		if m.Author.ID != string(than.User) && m.Author.ID != h.me.ID && (m.Type == messageDefault || m.Type == messageReply) {
			return true, nil
		}
	}
	return false, nil
}

// number is an id as one.
func number(id string) uint64 {
	n, _ := strconv.ParseUint(id, 10, 64)
	return n
}
