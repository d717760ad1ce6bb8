package privacy

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"candide/bot"
	"candide/storage"
)

const (
	// nightly is the name of the night's work, for the store.
	nightly = "nightly"
	// everyNight is how long after the last night's work another is due, whatever the hour: a machine that is off at
	// night forgets too.
	everyNight = 25 * time.Hour
	// removeAtNight bounds the time spent taking posts away.
	removeAtNight = 5 * time.Minute
)

// Night forgets what is over, asks whose consent runs out within a month whether to renew it, takes away the posts of
// those who are gone, and rewrites the file when something personal was deleted since it last was. It is called once a
// night by one goroutine at a time; what fails does not keep the rest from being done.
func (h *Handler) Night(ctx context.Context) error {
	now := h.Now()
	err := errors.Join(h.askRenewals(ctx, now), h.purge(ctx, now))
	if _, removing := h.removePosts(ctx, removeAtNight); removing != nil {
		err = errors.Join(err, removing)
	}
	return errors.Join(err, h.compact(ctx), h.Store.MarkDone(ctx, nightly, now))
}

// Hour forgets what is over, and does the night's work where it was not done the night before.
func (h *Handler) Hour(ctx context.Context) error {
	now := h.Now()
	last, err := h.Store.LastDone(ctx, nightly)
	if err != nil {
		return fmt.Errorf("looking for the last night's work: %w", err)
	}
	if now.Sub(last) >= everyNight {
		return h.Night(ctx)
	}
	return h.purge(ctx, now)
}

func (h *Handler) purge(ctx context.Context, now time.Time) error {
	if _, err := h.Store.Purge(ctx, now); err != nil {
		return fmt.Errorf("forgetting what is over: %w", err)
	}
	return nil
}

func (h *Handler) compact(ctx context.Context) error {
	needs, err := h.Store.NeedsCompact(ctx)
	if err != nil || !needs {
		return err
	}
	return h.Store.Compact(ctx)
}

// askRenewals asks, a month before the end, whether somebody still wants to hear of other campaigns. Whoever says
// nothing is forgotten.
func (h *Handler) askRenewals(ctx context.Context, now time.Time) error {
	list, err := h.Store.Interests(ctx, "")
	if err != nil {
		return fmt.Errorf("looking for consents that run out: %w", err)
	}
	var errs []error
	for _, i := range list {
		due := !i.RecontactAt.IsZero() && i.RenewalAt.IsZero() && !i.ExpiresAt.IsZero() &&
			i.ExpiresAt.After(now) && !i.ExpiresAt.AddDate(0, -1, 0).After(now) &&
			i.RecontactAt.Before(i.ExpiresAt.AddDate(0, -2, 0)) // a demonstration's day is no time to ask
		if !due {
			continue
		}
		if err := h.askRenewal(ctx, i, now); err != nil {
			errs = append(errs, fmt.Errorf("asking candidate %d to renew: %w", i.Number, err))
		}
	}
	return errors.Join(errs...)
}

func (h *Handler) askRenewal(ctx context.Context, i storage.Interest, now time.Time) error {
	lang, to := h.Language, bot.PersonFromRef(i.Person)
	data := map[string]string{"lang": lang, "n": strconv.Itoa(i.Number)}
	ttl := i.ExpiresAt.Sub(now)
	_, err := h.Chat.Deliver(ctx, bot.Target{To: to, Direct: true, Place: bot.Place{Platform: to.Platform}}, bot.Reply{
		Text:  h.Words.Say(lang, "renewal-ask", "date", h.day(i.ExpiresAt, lang), "months", strconv.Itoa(h.Renewal)),
		About: []storage.PersonRef{i.Person},
		Buttons: []bot.Button{
			{Label: h.Words.Say(lang, "renewal-yes"), Do: "renew.yes", Once: true, TTL: ttl, Data: data},
			{Label: h.Words.Say(lang, "renewal-no"), Do: "erase.yes", Style: bot.Danger, Once: true, TTL: ttl, Data: data},
		},
	})
	if err != nil {
		return err
	}
	// Noted once it is said: asked twice after a crash is better than forgotten without having been asked.
	_, err = h.Store.ClaimRenewal(ctx, i.Number, now)
	return err
}

func (h *Handler) renew(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang, now := h.lang(r), h.Now()
	n, err := strconv.Atoi(r.Data["n"])
	if err != nil {
		return bot.Response{}, fmt.Errorf("a button names the candidate %q", r.Data["n"])
	}
	until := now.AddDate(0, h.Renewal, 0)
	_, err = h.Store.RenewConsent(ctx, n, r.From.Ref(), now, until)
	key := "renewal-done"
	switch {
	case errors.Is(err, storage.ErrNotFound), errors.Is(err, storage.ErrForeign):
		key = "renewal-gone"
	case err != nil:
		return bot.Response{}, fmt.Errorf("renewing a consent: %w", err)
	}
	text := h.Words.Say(lang, key, "date", h.day(until, lang))
	return bot.Response{Replies: []bot.Reply{{Text: text, Replace: true}}}, nil
}
