package mattermost

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/bot"
)

const (
	// sincePage is how many posts the server returns at most since a time; pageSize how many before a post.
	sincePage, pageSize = 1000, 200
	// maxPages bounds how far back a post is looked for.
	maxPages = 50
)

// FindPost implements bot.Finder. A post that was removed since counts: it was posted.
//
// In a thread that is still there, the thread is read; else the channel.
func (p *Platform) FindPost(ctx context.Context, to bot.Target, key string, since time.Time) (bot.PostID, bool, error) {
	h, err := p.at()
	if err != nil || key == "" {
		return "", false, err
	}
	direct := to.Private || to.Direct // a private post is a direct message, or one that nobody can find
	if channel := string(to.Place.Channel); !direct && channel != "" {
		id, found, err := p.findIn(ctx, h, channel, string(to.Place.Thread), key, since)
		return id, found, err
	}
	if to.To.User == "" {
		return "", false, nil
	}
	channel, err := p.direct(ctx, h, to.To.User)
	if err != nil {
		return "", false, err
	}
	return p.findIn(ctx, h, channel, "", key, since)
}

func (p *Platform) findIn(ctx context.Context, h *home, channel, thread, key string, since time.Time) (bot.PostID, bool, error) {
	if key == "" {
		return "", false, nil
	}
	match := func(list *model.PostList) (bot.PostID, bool) {
		for _, post := range list.Posts {
			if k, _ := post.GetProp(propKey).(string); k == key && post.UserId == h.me.Id {
				return bot.PostID(post.Id), true
			}
		}
		return "", false
	}
	if thread != "" {
		list, resp, err := p.client.GetPostThread(ctx, thread, "", false)
		if err == nil {
			id, found := match(list)
			return id, found, nil
		}
		if status(resp) != http.StatusNotFound {
			return "", false, fmt.Errorf("looking for a post in its thread: %w", brief(err))
		}
	}
	// The bot's clock may have been set; the server's posts bear real times. An hour covers what clocks differ.
	from := time.Now().Add(-max(p.now().Sub(since), 0) - time.Hour).UnixMilli()
	list, _, err := p.client.GetPostsSince(ctx, channel, from, false)
	if err != nil {
		return "", false, fmt.Errorf("looking for a post: %w", brief(err))
	}
	full := len(list.Order) >= sincePage
	for page := 0; ; page++ {
		if id, found := match(list); found {
			return id, true, nil
		}
		if !full || len(list.Order) == 0 || page == maxPages {
			return "", false, nil
		}
		oldest := list.Posts[list.Order[len(list.Order)-1]]
		if oldest == nil || oldest.CreateAt < from {
			return "", false, nil
		}
		if list, _, err = p.client.GetPostsBefore(ctx, channel, oldest.Id, 0, pageSize, "", false, false); err != nil {
			return "", false, fmt.Errorf("looking for a post: %w", brief(err))
		}
	}
}

// OthersIn implements bot.Threads. Other programs count as others: they answer too.
func (p *Platform) OthersIn(ctx context.Context, in bot.Place, than bot.Person) (bool, error) {
	h, err := p.at()
	if err != nil || in.Thread == "" {
		return false, err
	}
	list, resp, err := p.client.GetPostThread(ctx, string(in.Thread), "", false)
	if status(resp) == http.StatusNotFound {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading a thread: %w", brief(err))
	}
	for _, post := range list.Posts {
		if post.UserId != string(than.User) && post.UserId != h.me.Id && post.Type == model.PostTypeDefault && post.DeleteAt == 0 {
			return true, nil
		}
	}
	return false, nil
}
