package privacy

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"candide/bot"
	"candide/internal/dates"
	"candide/storage"
)

const (
	// removeFor bounds the time spent taking posts away while the person waits; the night takes the rest.
	removeFor = 15 * time.Second
	// removeEach bounds one of them.
	removeEach = 5 * time.Second
)

func (h *Handler) ask(_ context.Context, r bot.Request) (bot.Response, error) {
	lang := h.lang(r)
	data := map[string]string{"lang": lang}
	return direct(bot.Reply{Text: h.Words.Say(lang, "erase-ask"), Buttons: []bot.Button{
		{Label: h.Words.Say(lang, "erase-yes"), Do: "erase.yes", Style: bot.Danger, Once: true, TTL: time.Hour, Data: data},
		{Label: h.Words.Say(lang, "erase-no"), Do: "erase.no", Once: true, TTL: time.Hour, Data: data},
	}}), nil
}

func (h *Handler) keep(_ context.Context, r bot.Request) (bot.Response, error) {
	return bot.Response{Replies: []bot.Reply{{Text: h.Words.Say(h.lang(r), "erase-kept"), Replace: true}}}, nil
}

// erase deletes everything, and answers with a receipt: what is gone, what cannot be reached, and when the file and
// the backups are clean.
func (h *Handler) erase(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang, who := h.lang(r), r.From.Ref()
	kept, err := h.Store.Kept(ctx, who)
	if err != nil {
		return bot.Response{}, fmt.Errorf("reading what is kept about a person: %w", err)
	}
	exported, err := h.exported(ctx, kept)
	if err != nil {
		return bot.Response{}, err
	}
	erased, err := h.Store.ErasePerson(ctx, who, h.Now())
	if err != nil {
		return bot.Response{}, fmt.Errorf("erasing a person's data: %w", err)
	}
	h.Forget(r)
	left, err := h.removePosts(ctx, removeFor)
	if err != nil {
		h.Log.Error("taking posts away after an erasure failed", "error", err)
	}
	// The person's data are gone from every answer by now: a file that cannot be compacted at once is so at night.
	clean := h.Now()
	if now, err := h.compactNow(ctx); !now || err != nil {
		clean = clean.AddDate(0, 0, 1)
		if err != nil {
			h.Log.Error("compacting the store after an erasure failed", "error", err)
		}
	}
	lines := []string{
		h.Words.Say(lang, "erase-done", "what", h.what(lang, erased)),
		h.Words.Say(lang, "erase-clean", "file", h.day(clean, lang), "backups", h.day(clean.AddDate(0, h.Backups, 0), lang)),
		h.Words.Say(lang, "erase-unreached"),
		"- " + h.Words.Say(lang, "erase-unreached-own"),
		"- " + h.Words.Say(lang, "erase-unreached-server"),
	}
	if left > 0 {
		lines = append(lines, "- "+h.Words.Count(lang, "erase-unreached-posts", left))
	}
	if len(kept.Juries) > 0 {
		lines = append(lines, "- "+h.Words.Say(lang, "erase-unreached-juries"))
	}
	if exported {
		lines = append(lines, "- "+h.Words.Say(lang, "erase-unreached-export"))
	}
	if erased.Interests > 0 || len(kept.Work) > 0 {
		lines = append(lines, "- "+h.Words.Say(lang, "erase-unreached-log"))
	}
	return bot.Response{Replies: []bot.Reply{{Text: strings.Join(lines, "\n"), Replace: true}}}, nil
}

// compactNow rewrites the file, unless it is so large that the night should.
func (h *Handler) compactNow(ctx context.Context) (done bool, err error) {
	size, err := h.Store.Size(ctx)
	if err != nil || size > h.AtOnce {
		return false, err
	}
	return true, h.compact(ctx)
}

func (h *Handler) day(t time.Time, lang string) string { return dates.Day(t.In(h.Zone), lang) }

// exported reports whether recruiters took a file of candidates since the person became one.
func (h *Handler) exported(ctx context.Context, kept storage.Kept) (bool, error) {
	for _, i := range kept.Interests {
		changes, err := h.Store.Changes(ctx, "campaign/"+i.Campaign, 0)
		if err != nil {
			return false, fmt.Errorf("looking for exports: %w", err)
		}
		for _, c := range changes {
			if c.Action == storage.ChangeExport && !c.At.Before(i.CreatedAt) {
				return true, nil
			}
		}
	}
	return false, nil
}

// what lists what was erased.
func (h *Handler) what(lang string, e storage.Erased) string {
	var what []string
	for _, kind := range []struct {
		key string
		n   int
	}{
		{"erased-interests", e.Interests}, {"erased-lines", e.Lines}, {"erased-questions", e.Questions},
		{"erased-posts", e.Posts}, {"erased-work", e.Work},
	} {
		if kind.n > 0 {
			what = append(what, h.Words.Count(lang, kind.key, kind.n))
		}
	}
	if e.Forms+e.Offers > 0 || len(what) == 0 {
		what = append(what, h.Words.Say(lang, "erased-others"))
	}
	return strings.Join(what, ", ")
}

// removePosts takes the doomed posts away, for as long as it may; left is how many are still to be taken.
func (h *Handler) removePosts(ctx context.Context, most time.Duration) (left int, err error) {
	posts, err := h.Store.DoomedPosts(ctx, 0)
	if err != nil {
		return 0, fmt.Errorf("looking for posts to take away: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	var last error
	for _, post := range posts {
		in := bot.Place{Platform: bot.PlatformID(post.Channel.Platform), Channel: bot.ChannelID(post.Channel.ID)}
		one, done := context.WithTimeout(ctx, removeEach)
		err := h.Chat.Remove(one, in, bot.PostID(post.Post))
		done()
		if err == nil {
			err = h.Store.PostGone(ctx, post.Number)
		}
		if err != nil {
			left, last = left+1, fmt.Errorf("taking post %s away: %w", strconv.Itoa(post.Number), err)
		}
	}
	return left, last
}
