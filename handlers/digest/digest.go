// Package digest tells the recruiters each working morning who is new and who has waited too long, by number; and, two
// days before a campaign closes, offers to write to those who are interested and have not applied. It writes to nobody
// by itself.
package digest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"candide/bot"
	"candide/faq"
	"candide/handlers/campaigns"
	"candide/handlers/words"
	"candide/internal/dates"
	"candide/internal/workdays"
	"candide/storage"
)

const (
	// Hour and Minute are when the morning's digest is due; Cron is the same for a scheduler.
	Hour, Minute = 8, 30
	Cron         = "30 8 * * 1-5"
	// untilHour is when it is too late for a morning's digest: the next one tells the same.
	untilHour = 18
	// slack is how early a scheduler may be.
	slack = time.Second
	// rowsShown is how many candidates are listed in each part, and buttonsShown how many have a button.
	rowsShown, buttonsShown = 15, 5
)

// Store is what these conversations read and keep.
type Store interface {
	Interests(ctx context.Context, campaign string) ([]storage.Interest, error)
	ClaimClosing(ctx context.Context, number int, by storage.PersonRef, at time.Time) (bool, error)
	LastDone(ctx context.Context, name string) (time.Time, error)
	MarkDone(ctx context.Context, name string, at time.Time) error
}

// Chat tells recruiters and writes to people. *bot.Runtime is behind it.
type Chat interface {
	TellRecruitersOnce(ctx context.Context, platform bot.PlatformID, reply bot.Reply, since time.Time) (bot.PostID, error)
	Deliver(ctx context.Context, to bot.Target, reply bot.Reply) (bot.PostID, error)
}

// Handler tells the recruiters.
type Handler struct {
	store     Store
	words     *words.Words
	chat      Chat
	campaigns *campaigns.Set
	now       func() time.Time
}

// New returns a handler.
func New(store Store, w *words.Words, chat Chat, set *campaigns.Set, now func() time.Time) *Handler {
	return &Handler{store: store, words: w, chat: chat, campaigns: set, now: now}
}

// Register adds the conversations to routes.
func (h *Handler) Register(routes *bot.Routes) error {
	routes.Action("closing.preview", true, h.preview)
	routes.Action("closing.send", true, h.send)
	routes.Action("closing.no", true, h.dont)
	return routes.Command(bot.Command{
		Names: []string{"candidats relancer", "candidates nudge"}, Recruiters: true, Run: h.preview,
	})
}

// Morning tells what is to be told of every campaign this morning, once: it may be called at any time and as often as
// one likes.
func (h *Handler) Morning(ctx context.Context) error {
	var errs []error
	for _, c := range h.campaigns.All() {
		if err := h.morning(ctx, c); err != nil && !errors.Is(err, bot.ErrNoChannel) { // nobody to tell
			errs = append(errs, fmt.Errorf("the digest of %s: %w", c.FAQ().ID, err))
		}
	}
	return errors.Join(errs...)
}

func (h *Handler) morning(ctx context.Context, c *campaigns.Campaign) error {
	f, now := c.FAQ(), h.now().In(c.Zone)
	due := time.Date(now.Year(), now.Month(), now.Day(), Hour, Minute, 0, 0, c.Zone)
	if now.Before(due.Add(-slack)) || now.Hour() >= untilHour || !workdays.New().Is(now) {
		return nil
	}
	name := "digest/" + f.ID
	last, err := h.store.LastDone(ctx, name)
	if err != nil {
		return fmt.Errorf("looking for the last digest: %w", err)
	}
	if !last.Before(due.Add(-slack)) {
		return nil
	}
	list, err := h.store.Interests(ctx, f.ID)
	if err != nil {
		return fmt.Errorf("listing the candidates: %w", err)
	}
	if reply, something := h.compose(c, list, last, now); something {
		reply.Key = name + "/" + now.Format(time.DateOnly)
		if _, err := h.chat.TellRecruitersOnce(ctx, "", reply, due.Add(-time.Hour)); err != nil {
			return err
		}
	}
	if err := h.propose(ctx, c, list, now); err != nil {
		return err
	}
	return h.store.MarkDone(ctx, name, now)
}

// compose says who has waited too long, then who is new since the last digest; something is false when there is
// nobody.
func (h *Handler) compose(c *campaigns.Campaign, list []storage.Interest, last, now time.Time) (reply bot.Reply, something bool) {
	f, lang := c.FAQ(), c.FAQ().Language
	limit := c.Target()
	var late, fresh []storage.Interest
	for _, i := range list {
		switch {
		case i.Stage.Decided():
		case days(i.CreatedAt, now) > limit:
			late = append(late, i)
		case !i.CreatedAt.Before(last):
			fresh = append(fresh, i)
		}
	}
	rows := []string{h.words.Say(lang, "digest-title", "title", f.Title.In(lang, f.Language), "date", dates.Day(now, lang))}
	if len(late) > 0 {
		rows = append(rows, "", h.words.Say(lang, "digest-late", "days", strconv.Itoa(limit)))
		rows = append(rows, h.rows(lang, late, now)...)
	}
	if len(fresh) > 0 {
		rows = append(rows, "", h.words.Say(lang, "digest-new"))
		rows = append(rows, h.rows(lang, fresh, now)...)
	}
	shown := append(late[:min(len(late), rowsShown):len(late)], fresh...)
	for _, i := range shown[:min(len(shown), buttonsShown)] {
		n := strconv.Itoa(i.Number)
		reply.Buttons = append(reply.Buttons, bot.Button{
			Label: h.words.Say(lang, "candidates-view", "n", n), Do: "candidates.view", Anyone: true, TTL: 7 * 24 * time.Hour,
			Data: map[string]string{"n": n},
		})
	}
	reply.Text = strings.Join(append(rows, "", h.words.Say(lang, "digest-more")), "\n")
	return reply, len(late)+len(fresh) > 0
}

// rows are candidates by number: names are said in private alone.
func (h *Handler) rows(lang string, list []storage.Interest, now time.Time) []string {
	var rows []string
	for _, i := range list[:min(len(list), rowsShown)] {
		rows = append(rows, h.words.Count(lang, "digest-row", days(i.CreatedAt, now), "number", strconv.Itoa(i.Number),
			"stage", h.words.Say(lang, "stage-"+string(i.Stage))))
	}
	if more := len(list) - rowsShown; more > 0 {
		rows = append(rows, h.words.Count(lang, "digest-others", more))
	}
	return rows
}

// days is how many calendar days lie between two times, in now's zone.
func days(from, now time.Time) int {
	from = from.In(now.Location())
	a := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC)
	b := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	return int(b.Sub(a) / (24 * time.Hour))
}

// closes returns when a campaign that is still open closes.
func closes(f *faq.FAQ, now time.Time) (time.Time, bool) {
	return f.Closes, !f.Closes.IsZero() && f.Phase(now) != faq.Closed
}
