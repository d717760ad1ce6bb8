package discord

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"candide/bot"
	"candide/storage"
)

const (
	// DefaultFresh is how old a missed message may be to be answered still.
	DefaultFresh = 30 * time.Minute
	// saveEvery is how often cursors are saved: what a crash loses of them is only read again.
	saveEvery = 3 * time.Second
	// overlap is how far before a cursor reading begins: two messages written at once may come in either order.
	overlap = 15 * time.Second
	// pageSize is how many messages Discord gives at once, and maxPages how many times they are asked for.
	pageSize, maxPages = 100, 20
	// maxDirects is how many direct conversations are read again: Discord does not list a bot's.
	maxDirects = 200
	// everywhere names the cursor of the whole server.
	everywhere = "*"
)

// Memory is what the platform keeps to know, after a restart, what it missed.
type Memory interface {
	Cursors(ctx context.Context, platform string) (map[string]time.Time, error)
	SaveCursors(ctx context.Context, platform string, cursors map[string]time.Time) error
	OpenMessages(ctx context.Context, platform string) ([]storage.Message, error)
}

// reading knows up to when everything was handed over, by Discord's clock: one moment for the server, whose events come in
// order, and one for each direct conversation, which tells in which ones to look.
type reading struct {
	mu      sync.Mutex
	cursor  time.Time
	directs map[string]time.Time
	owed    bool // something may have been missed since the cursor: it stays until that was read
	round   int  // grows with each reason to read
	changed bool
	wake    chan struct{}
}

func newReading() *reading {
	return &reading{directs: map[string]time.Time{}, wake: make(chan struct{}, 1)}
}

// taken notes that a message was handed over.
func (r *reading) taken(m *message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := made(m.ID)
	if m.GuildID == "" && at.After(r.directs[m.ChannelID]) {
		r.directs[m.ChannelID] = at
		r.changed = true
	}
	if !r.owed && at.After(r.cursor) {
		r.cursor, r.changed = at, true
	}
}

// miss notes that something may not have been handed over.
func (r *reading) miss() {
	r.mu.Lock()
	r.owed = true
	r.round++
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// done notes that everything up to at was read, unless there was another reason to read meanwhile.
func (r *reading) done(round int, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.round == round {
		r.owed = false
	}
	if at.After(r.cursor) {
		r.cursor, r.changed = at, true
	}
}

// load takes what was saved; the first time ever, reading begins now.
func (r *reading) load(saved map[string]time.Time, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for channel, at := range saved {
		if channel != everywhere && at.After(r.directs[channel]) {
			r.directs[channel] = at
		}
	}
	if at := saved[everywhere]; at.After(r.cursor) {
		r.cursor = at
	}
	if r.cursor.IsZero() {
		r.cursor, r.changed = now, true
	}
}

// follow reads what was missed, as long as ctx, and saves how far reading has come.
func (p *Platform) follow(ctx context.Context) {
	defer p.saveCursors(context.WithoutCancel(ctx))
	save := time.NewTicker(saveEvery)
	defer save.Stop()
	wait := newBackoff(p.o.pace.retry)
	for {
		p.reading.mu.Lock()
		owed := p.reading.owed
		p.reading.mu.Unlock()
		if owed && p.Ready() == nil {
			if err := p.catchUp(ctx); err != nil {
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
			if !pause(ctx) {
				return
			}
		}
	}
}

func (p *Platform) saveCursors(ctx context.Context) {
	r := p.reading
	r.mu.Lock()
	if !r.changed || p.o.Memory == nil {
		r.mu.Unlock()
		return
	}
	all := map[string]time.Time{everywhere: r.cursor}
	for channel, at := range r.directs {
		all[channel] = at
	}
	r.changed = false
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	if err := p.o.Memory.SaveCursors(ctx, string(ID), all); err != nil {
		p.log.Error("saving the cursors failed", "error", err)
	}
}

// catchUp hands over what was written since the cursor and may not have come by the gateway, or was begun by a process
// that died. What did come is handled once all the same: the runtime knows each message's id.
func (p *Platform) catchUp(ctx context.Context) error {
	h, err := p.at()
	if err != nil {
		return err
	}
	from, round, err := p.since(ctx)
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
		p.channels.Put(ch.ID, ch)
	}
	after := snowflake(from)
	var newest uint64
	posts := 0
	for _, ch := range append(list, active.Threads...) {
		if ch.Type == channelVoice || ch.Type == channelCategory || !idAfter(ch.LastMessage, after) {
			continue
		}
		newest = max(newest, number(ch.LastMessage))
		n, err := p.missedIn(ctx, ch.ID, h.guild, after)
		if err != nil {
			return err
		}
		posts += n
	}
	for _, id := range p.reading.recentDirects() {
		n, err := p.missedIn(ctx, id, "", after)
		if err != nil {
			return err
		}
		posts += n
	}
	p.reading.done(round, made(fmt.Sprint(newest)))
	p.log.Info("caught up", "posts", posts)
	p.meter.CaughtUp(string(ID), posts)
	return nil
}

// since says from when on to read: from the cursor, or from the oldest message that a process has left open, but nothing
// that is too old to be answered still.
func (p *Platform) since(ctx context.Context) (from time.Time, round int, err error) {
	saved := map[string]time.Time{}
	var open []storage.Message
	if p.o.Memory != nil {
		if saved, err = p.o.Memory.Cursors(ctx, string(ID)); err != nil {
			return time.Time{}, 0, err
		}
		if open, err = p.o.Memory.OpenMessages(ctx, string(ID)); err != nil {
			return time.Time{}, 0, err
		}
	}
	p.reading.load(saved, time.Now())
	p.reading.mu.Lock()
	defer p.reading.mu.Unlock()
	from = p.reading.cursor
	for _, m := range open {
		if m.At.Before(from) {
			from = m.At
		}
	}
	from = from.Add(-overlap)
	if floor := time.Now().Add(-p.o.Fresh); from.Before(floor) {
		from = floor
	}
	return from, p.reading.round, nil
}

// recentDirects are the direct conversations, the newest first.
func (r *reading) recentDirects() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []string
	for id := range r.directs {
		list = append(list, id)
	}
	slices.SortFunc(list, func(a, b string) int { return r.directs[b].Compare(r.directs[a]) })
	return list[:min(len(list), maxDirects)]
}

// missedIn hands over the messages of one channel, oldest first. A channel that the bot may not read is no error.
func (p *Platform) missedIn(ctx context.Context, id, guild string, after uint64) (posts int, err error) {
	for range maxPages {
		page, err := p.page(ctx, id, after)
		if gone(err) {
			return posts, nil
		}
		if err != nil {
			return posts, fmt.Errorf("asking for what was missed: %w", err)
		}
		for _, m := range page {
			m.GuildID = guild // not said over REST
			for {
				err := p.messaged(ctx, m)
				if err == nil {
					break
				}
				if !errors.Is(err, bot.ErrBusy) {
					return posts, err
				}
				if !pause(ctx) {
					return posts, ctx.Err()
				}
			}
			posts++
			after = max(after, number(m.ID))
		}
		if len(page) < pageSize {
			break
		}
	}
	return posts, nil
}
