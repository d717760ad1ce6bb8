package discord

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	// catchUpWithin bounds one catching up.
	catchUpWithin = 5 * time.Minute
	// clocksDiffer is how far this machine's clock may be from Discord's.
	clocksDiffer = time.Minute
	// pageSize is how many messages Discord gives at once, and maxPages how many times they are asked for.
	pageSize, maxPages = 100, 20
)

// catchUp asks for what was written since a time and may not have come by the gateway. What did come is handled once all
// the same: the runtime knows each message's id.
func (p *Platform) catchUp(ctx context.Context, from time.Time) {
	ctx, cancel := context.WithTimeout(ctx, catchUpWithin)
	defer cancel()
	if err := p.missed(ctx, snowflake(from.Add(-clocksDiffer))); err != nil && !errors.Is(err, context.Canceled) {
		p.log.Error("what was missed could not be caught up", "error", err)
	}
}

// missed hands on every message after an id, in every channel that has one.
func (p *Platform) missed(ctx context.Context, after uint64) error {
	h, err := p.at()
	if err != nil {
		return err
	}
	list, err := p.guildChannels(ctx, h)
	if err != nil {
		return err
	}
	var active struct {
		Threads []*channel `json:"threads"`
	}
	url := api("guilds/" + h.guild + "/threads/active")
	if err := p.rest.call(ctx, http.MethodGet, url, "threads", nil, &active); err != nil {
		return fmt.Errorf("asking for the active threads: %w", err)
	}
	for _, ch := range active.Threads {
		p.channels.put(ch.ID, ch)
	}
	var errs []error
	for _, ch := range append(list, active.Threads...) {
		if ch.Type == channelVoice || ch.Type == channelCategory || !idAfter(ch.LastMessage, after) {
			continue
		}
		errs = append(errs, p.missedIn(ctx, ch.ID, h.guild, after))
	}
	for _, id := range p.directs.values() {
		errs = append(errs, p.missedIn(ctx, id, "", after))
	}
	return errors.Join(errs...)
}

// missedIn hands on the messages of one channel, oldest first. A channel that the bot may not read is no error.
func (p *Platform) missedIn(ctx context.Context, id, guild string, after uint64) error {
	for range maxPages {
		page, err := p.page(ctx, id, after)
		if gone(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("asking for what was missed: %w", err)
		}
		for _, m := range page {
			m.GuildID = guild // not said over REST
			if err := p.messaged(ctx, m); err != nil {
				return err
			}
			after = max(after, number(m.ID))
		}
		if len(page) < pageSize {
			return nil
		}
	}
	return nil
}
