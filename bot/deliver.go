package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"candide/storage"
)

// deliver posts a response's replies in order, then shows its form.
func (r *Runtime) deliver(ctx context.Context, req Request, to Target, res Response) error {
	platform, ok := r.Platform(to.Place.Platform)
	if !ok {
		return fmt.Errorf("answering on %q: no such platform", to.Place.Platform)
	}
	if err := req.life.say(ctx, req, to, res); err != nil {
		return err
	}
	for _, reply := range res.Replies {
		target := to
		// A post that cannot be replaced was seen by one person alone, and so is what comes in its place.
		target.Private = to.Private || reply.Private || reply.Replace && req.Post == ""
		target.Direct = to.Direct || reply.Direct || target.Private && to.Place.Visibility == Direct
		if _, err := r.publish(ctx, platform, target, req, reply); err != nil {
			return err
		}
	}
	if res.Form == nil {
		return nil
	}
	return r.openForm(ctx, platform, req, to, *res.Form)
}

// Deliver posts a reply of the bot's own accord, and returns the post's id.
func (r *Runtime) Deliver(ctx context.Context, to Target, reply Reply) (PostID, error) {
	id := to.Place.Platform
	if to.Direct {
		id = to.To.Platform
	}
	platform, ok := r.Platform(id)
	if !ok {
		return "", fmt.Errorf("posting on %q: the platform is not connected", id)
	}
	return r.publish(ctx, platform, to, Request{From: to.To, Place: to.Place}, reply)
}

// publish turns a reply into a post: its buttons' meaning is stored before anybody can press them.
func (r *Runtime) publish(ctx context.Context, platform Platform, to Target, req Request, reply Reply) (PostID, error) {
	var instead PostID
	if req.life != nil && reply.Key == "" {
		reply.Key, instead = req.life.nextKey()
	}
	post := Post{Text: reply.Text, Files: reply.Files, Key: reply.Key, Entry: reply.Entry, Mentions: reply.Mentions, Lang: req.Lang}
	group, offers := newKey(), []storage.Offer(nil)
	for _, b := range reply.Buttons {
		a := Action{Label: b.Label, Style: b.Style, URL: b.URL}
		if b.URL == "" {
			offer := r.offer(group, b, to, req)
			a.Key = offer.Key
			offers = append(offers, offer)
		}
		post.Actions = append(post.Actions, a)
	}
	if len(offers) > 0 {
		if err := r.store.SaveOffers(ctx, offers); err != nil {
			return "", fmt.Errorf("keeping what the buttons do: %w", err)
		}
	}
	who, shown := r.shownTo(platform, to, req)
	if shown.Visibility == Direct {
		// Before the post is out: whoever reads it may answer with a number at once.
		r.choices.put(who, shown, "", offers, r.now())
	}
	id, err := r.place(ctx, platform, to, req, reply, post, instead)
	if err != nil {
		return "", err
	}
	// A post without an id was seen by one person alone, and goes by itself.
	if len(reply.About) > 0 && id != "" {
		own := storage.OwnPost{
			Channel: storage.Channel{Platform: string(platform.ID()), ID: string(to.Place.Channel)}, Post: string(id), At: r.now(),
		}
		if err := r.store.RememberPost(ctx, reply.About, own); err != nil {
			return id, fmt.Errorf("remembering whose data a post shows: %w", err)
		}
	}
	if len(offers) > 0 && id != "" {
		if err := r.store.BindOffers(ctx, group, string(id)); err != nil {
			return id, fmt.Errorf("binding the buttons to their post: %w", err)
		}
	}
	r.choices.put(who, shown, id, offers, r.now())
	if to.Private && !to.Direct { // a platform without ephemeral posts says it in the direct conversation
		r.choices.put(req.From.Ref(), Place{Visibility: Direct}, id, offers, r.now())
	}
	return id, nil
}

// shownTo is who may choose by number among a post's buttons, and where.
func (r *Runtime) shownTo(platform Platform, to Target, req Request) (storage.PersonRef, Place) {
	if solo, ok := platform.(Solo); ok && req.From.User == "" {
		return solo.Only().Ref(), Place{Visibility: Direct}
	}
	if to.Direct {
		return req.From.Ref(), Place{Visibility: Direct} // whatever place it was asked in: a number said there is about something else
	}
	return req.From.Ref(), to.Place
}

func (r *Runtime) place(ctx context.Context, platform Platform, to Target, req Request, reply Reply, post Post, instead PostID) (PostID, error) {
	if reply.Replace && req.Post != "" {
		if err := platform.Update(ctx, to.Place, req.Post, &post); err != nil {
			return "", fmt.Errorf("replacing a post: %w", err)
		}
		return req.Post, nil
	}
	if req.life == nil {
		id, err := platform.Post(ctx, to, post)
		return id, wrap(err, "posting")
	}
	return r.placeOnce(ctx, platform, to, req.life, post, instead)
}

// placeOnce posts what answers a message with an id. Whenever an earlier try may have posted it, the post is first looked
// for by its key: a request that failed may have been taken all the same. A post that answered an earlier version of the
// message is replaced, which may be done any number of times.
func (r *Runtime) placeOnce(ctx context.Context, platform Platform, to Target, l *life, post Post, instead PostID) (PostID, error) {
	var failed error
	for try := range postAttempts {
		if try > 0 && !r.pause(ctx, r.retry<<(try-1)) {
			break
		}
		var id PostID
		if id, failed = r.placeTry(ctx, platform, to, l, post, instead, l.again || try > 0); failed == nil {
			l.posted(id)
			return id, nil
		}
		if errors.Is(failed, ErrGone) {
			break
		}
	}
	return "", failed
}

func (r *Runtime) placeTry(ctx context.Context, platform Platform, to Target, l *life, post Post, instead PostID, again bool) (PostID, error) {
	if instead != "" {
		err := platform.Update(ctx, to.Place, instead, &post)
		if err == nil || !errors.Is(err, ErrGone) {
			return instead, wrap(err, "replacing a post")
		}
	}
	if finder, ok := platform.(Finder); ok && again {
		id, found, err := finder.FindPost(ctx, to, post.Key, l.known.At)
		switch {
		case err != nil:
			return "", fmt.Errorf("looking for an earlier post: %w", err)
		case found && l.edited && id != instead:
			return id, wrap(platform.Update(ctx, to.Place, id, &post), "replacing a post")
		case found:
			return id, nil
		}
	}
	id, err := platform.Post(ctx, to, post)
	return id, wrap(err, "posting")
}

// pause waits and reports whether it could.
func (r *Runtime) pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-r.closing:
	}
	return false
}

func (r *Runtime) offer(group string, b Button, to Target, req Request) storage.Offer {
	ttl := b.TTL
	if ttl == 0 {
		ttl = offerTTL
	}
	o := storage.Offer{
		Key: newKey(), Group: group, Do: b.Do, Data: b.Data, Once: b.Once,
		Channel: storage.Channel{Platform: string(to.Place.Platform), ID: string(to.Place.Channel)},
		Expires: r.now().Add(ttl),
	}
	if !b.Anyone {
		o.For = req.From.Ref()
	}
	return o
}

// Revise puts a reply in the place of a post of the bot.
func (r *Runtime) Revise(ctx context.Context, in Place, id PostID, reply Reply) error {
	platform, ok := r.Platform(in.Platform)
	if !ok {
		return fmt.Errorf("changing a post on %q: the platform is not connected", in.Platform)
	}
	reply.Replace = true
	_, err := r.publish(ctx, platform, Target{Place: in}, Request{Place: in, Post: id}, reply)
	return err
}

// FindPerson finds somebody by the name that people write.
func (r *Runtime) FindPerson(ctx context.Context, id PlatformID, name string) (Person, error) {
	platform, ok := r.Platform(id)
	if !ok {
		return Person{}, fmt.Errorf("looking for a person on %q: the platform is not connected", id)
	}
	people, ok := platform.(People)
	if !ok {
		return Person{}, ErrNoPerson
	}
	return people.FindPerson(ctx, name)
}

// Remove takes a post of the bot away.
func (r *Runtime) Remove(ctx context.Context, in Place, id PostID) error {
	platform, ok := r.Platform(in.Platform)
	if !ok {
		return fmt.Errorf("removing a post on %q: the platform is not connected", in.Platform)
	}
	return platform.Update(ctx, in, id, nil)
}

// choices remembers the last numbered buttons shown to each person in each place, so that "2" chooses the second one
// where buttons cannot be pressed. It forgets after an hour, and the oldest when there are too many.
type choices struct {
	mu    sync.Mutex
	max   int
	shown map[choiceKey]choice
}

type choiceKey struct {
	who     storage.PersonRef
	channel ChannelID // empty: the direct conversation, of which each person has one
}

func keyOf(who storage.PersonRef, in Place) choiceKey {
	if in.Visibility == Direct {
		return choiceKey{who: who}
	}
	return choiceKey{who, in.Channel}
}

type choice struct {
	thread PostID
	keys   []string
	at     time.Time
}

func newChoices(max int) *choices { return &choices{max: max, shown: map[choiceKey]choice{}} }

func (c *choices) put(who storage.PersonRef, in Place, post PostID, offers []storage.Offer, now time.Time) {
	if len(offers) == 0 || who == ":" {
		return
	}
	thread := in.Thread
	if thread == "" {
		thread = post
	}
	keys := make([]string, len(offers))
	for i, o := range offers {
		keys[i] = o.Key
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.shown) >= c.max {
		var oldest choiceKey
		var at time.Time
		for k, v := range c.shown {
			if at.IsZero() || v.at.Before(at) {
				oldest, at = k, v.at
			}
		}
		delete(c.shown, oldest)
	}
	c.shown[keyOf(who, in)] = choice{thread: thread, keys: keys, at: now}
}

// take returns the key of the nth button last shown to who in this place.
func (c *choices) take(who storage.PersonRef, in Place, n int, now time.Time) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.shown[keyOf(who, in)]
	if !ok || n < 1 || n > len(v.keys) || now.Sub(v.at) > time.Hour {
		return "", false
	}
	if in.Visibility != Direct && in.Thread != v.thread {
		return "", false // a number said elsewhere in the channel is about something else
	}
	return v.keys[n-1], true
}

// NameOf says how a person is called on their platform; "" where that is not known.
func (r *Runtime) NameOf(ctx context.Context, p Person) string {
	platform, _ := r.Platform(p.Platform)
	if names, ok := platform.(Namer); ok {
		return names.NameOf(ctx, p)
	}
	return ""
}

// FindChannel finds a channel of a platform by the name that people write.
func (r *Runtime) FindChannel(ctx context.Context, id PlatformID, name string) (Place, error) {
	platform, ok := r.Platform(id)
	if !ok {
		return Place{}, fmt.Errorf("looking for a channel on %q: the platform is not connected", id)
	}
	channels, ok := platform.(Channels)
	if !ok {
		return Place{}, ErrNoChannel
	}
	return channels.FindChannel(ctx, name)
}
