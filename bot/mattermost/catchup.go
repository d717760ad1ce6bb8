package mattermost

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/bot"
	"candide/internal/retry"
)

const (
	// DefaultFresh is how old a missed message may be to be answered still.
	DefaultFresh = 30 * time.Minute
	// editedWithin is how old a message may be for an edit of it to count.
	editedWithin = 24 * time.Hour
	// saveEvery is how often cursors are saved: what a crash loses of them is only read again.
	saveEvery = 3 * time.Second
	// overlap is how far before a cursor reading begins: two posts written at once may be told in either order.
	overlap = 15 * time.Second
	// replayTime is how long what the server replays may take to arrive, before it is made sure that all of it did.
	replayTime = 2 * time.Second
	// busyWait is the wait when the bot has too much to do to take what was missed.
	busyWait = 200 * time.Millisecond
)

// follow reads what was missed, as long as ctx: everything after a gap, then the channels in which something could not be
// taken. It runs beside the socket, from the moment from which that misses nothing: a post may come both ways, and is
// taken once.
func (p *Platform) follow(ctx context.Context) {
	if p.o.Memory == nil {
		return
	}
	defer p.saveCursors(context.WithoutCancel(ctx))
	save := time.NewTicker(saveEvery)
	defer save.Stop()
	wait := newBackoff()
	for {
		if todo := p.reading.todo(); todo.gap || len(todo.missed) > 0 {
			if todo.gap && todo.replay && !retry.Sleep(ctx, replayTime) {
				return
			}
			if err := p.catchUp(ctx, todo); err != nil {
				if ctx.Err() != nil {
					return
				}
				p.log.Warn("what was missed cannot be read yet", "error", err)
				if !wait.Sleep(ctx) {
					return
				}
				continue
			}
			wait.Reset()
		}
		select {
		case <-ctx.Done():
			return
		case <-save.C:
			p.saveCursors(ctx)
		case <-p.reading.wake:
			if !retry.Sleep(ctx, busyWait) {
				return
			}
		}
	}
}

func (p *Platform) saveCursors(ctx context.Context) {
	changed := p.reading.unsaved()
	if changed == nil {
		return
	}
	if err := p.o.Memory.SaveCursors(ctx, string(ID), changed); err != nil {
		p.log.Error("saving the cursors failed", "error", err)
	}
}

// catchUp hands over what was missed: in every channel after a gap, else in those where something could not be taken.
func (p *Platform) catchUp(ctx context.Context, todo todo) error {
	h, err := p.at()
	if err != nil {
		return err
	}
	opened, err := p.remember(ctx)
	if err != nil {
		return err
	}
	channels, resp, err := p.client.GetChannelsForTeamForUser(ctx, h.team.Id, h.me.Id, false, "")
	if err != nil {
		return fmt.Errorf("listing the bot's channels: %w", brief(err))
	}
	// Those where people wait first: new posts before what may only have been edited.
	slices.SortStableFunc(channels, func(a, b *model.Channel) int { return cmp.Compare(b.LastPostAt, a.LastPostAt) })
	floor := serverTime(resp).Add(-p.o.Fresh).UnixMilli()
	first := len(channels) > 0 && p.reading.begin(channels[0].LastPostAt)
	posts := 0
	for _, ch := range channels {
		since, due := p.due(h, ch, floor, opened, first)
		if todo.replay { // edits and removals are told by the server: only posts are made sure of
			due = ch.LastPostAt > p.reading.newest(ch.Id)
		}
		if _, again := todo.missed[ch.Id]; !again && !(todo.gap && due) {
			continue
		}
		n, err := p.readChannel(ctx, h, ch, since, floor)
		if err != nil {
			return err
		}
		posts += n
	}
	for channel, n := range todo.missed { // also those that the bot is no member of any more
		p.reading.reread(channel, n)
	}
	if todo.gap {
		p.reading.close(todo.gaps)
		p.log.Info("caught up", "posts", posts, "replayed", todo.replay)
	}
	p.saveCursors(ctx)
	p.meter.CaughtUp(string(ID), posts)
	return nil
}

// remember takes the saved cursors, and returns the oldest open message of each channel.
func (p *Platform) remember(ctx context.Context) (opened map[string]int64, err error) {
	saved, err := p.o.Memory.Cursors(ctx, string(ID))
	if err != nil {
		return nil, err
	}
	p.reading.load(saved)
	open, err := p.o.Memory.OpenMessages(ctx, string(ID))
	if err != nil {
		return nil, err
	}
	opened = map[string]int64{}
	for _, m := range open {
		if at, known := opened[m.Channel]; !known || m.At.UnixMilli() < at {
			opened[m.Channel] = m.At.UnixMilli()
		}
	}
	return opened, nil
}

// serverTime is the server's clock: what it writes into posts.
func serverTime(resp *model.Response) time.Time {
	if resp != nil {
		if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
			return at
		}
	}
	return time.Now()
}

// due says from when on a channel is to be read after a gap, and whether anything can have happened there: a new post, or
// an edit of one that is fresh.
func (p *Platform) due(h *home, ch *model.Channel, floor int64, opened map[string]int64, first bool) (since int64, due bool) {
	since, own := p.reading.cursor(ch.Id)
	since -= overlap.Milliseconds()
	if at, is := opened[ch.Id]; is {
		since = min(since, at-1)
	} else if first {
		return since, false // what was said before the bot ever came is not for it
	}
	due = ch.LastPostAt > max(since, floor) || own && since >= floor || h.campaign[ch.Id]
	return max(since, floor), due
}

// readChannel hands over the posts of a channel that are new, edited or removed since, oldest first, and returns how many.
func (p *Platform) readChannel(ctx context.Context, h *home, ch *model.Channel, since, floor int64) (int, error) {
	if ch.TeamId != "" && ch.TeamId != h.team.Id {
		return 0, nil
	}
	posts, err := p.postsSince(ctx, ch.Id, since)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, post := range posts {
		fresh := post.CreateAt > floor || post.EditAt > floor && post.CreateAt > floor-editedWithin.Milliseconds()
		if post.UserId != h.me.Id && (fresh || post.DeleteAt > floor) {
			for {
				err = p.take(ctx, h, post, ch)
				if !errors.Is(err, bot.ErrBusy) {
					break
				}
				if !retry.Sleep(ctx, busyWait) {
					return n, ctx.Err()
				}
			}
			if err != nil {
				return n, err
			}
			n++
		}
		p.reading.took(ch.Id, post.CreateAt)
	}
	return n, nil
}

// postsSince returns the posts of a channel that changed since a time, oldest first.
func (p *Platform) postsSince(ctx context.Context, channel string, since int64) ([]*model.Post, error) {
	list, _, err := p.client.GetPostsSince(ctx, channel, since, false)
	if err != nil {
		return nil, fmt.Errorf("reading what was missed: %w", brief(err))
	}
	known := list.Posts
	// Past its limit the server leaves out any of them: then all are read, page by page from the newest.
	for page := 0; len(list.Order) >= sincePage && page < maxPages; page++ {
		more, _, err := p.client.GetPostsForChannel(ctx, channel, page, pageSize, "", false, false)
		if err != nil {
			return nil, fmt.Errorf("reading what was missed: %w", brief(err))
		}
		done := len(more.Order) < pageSize
		for _, id := range more.Order {
			if post := more.Posts[id]; post != nil {
				known[id] = post
				done = done || post.CreateAt <= since
			}
		}
		if done {
			break
		}
	}
	posts := slices.DeleteFunc(slices.Collect(maps.Values(known)), func(post *model.Post) bool {
		return post.UpdateAt <= since // a thread's first post comes with its replies
	})
	slices.SortFunc(posts, func(a, b *model.Post) int { return cmp.Compare(a.CreateAt, b.CreateAt) })
	return posts, nil
}

// take hands a post over, whichever way it came.
func (p *Platform) take(ctx context.Context, h *home, post *model.Post, ch *model.Channel) error {
	if post.DeleteAt != 0 {
		if post.UserId == h.me.Id {
			return nil
		}
		place := p.placeOf(h, ch)
		place.Thread = threadOf(post, place)
		return p.sink().Removed(ctx, bot.Removal{
			ID: bot.PostID(post.Id), Place: place, Person: bot.Person{Platform: ID, User: bot.UserID(post.UserId)},
		})
	}
	m, ok, err := p.message(ctx, h, post, ch)
	if err != nil || !ok {
		return err
	}
	_, err = p.sink().Message(ctx, m)
	return err
}

// threadOf is the thread that answers to a post go to: its own, or the one that it begins.
func threadOf(post *model.Post, place bot.Place) bot.PostID {
	if post.RootId == "" && place.Visibility != bot.Direct {
		return bot.PostID(post.Id)
	}
	return bot.PostID(post.RootId)
}
