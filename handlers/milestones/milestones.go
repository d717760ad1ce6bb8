// Package milestones tells teams, and where wished everybody, when a campaign's dates come nearer: it closes in seven
// days, tomorrow, it closed, its decision is due.
//
// The dates are the FAQ's, which recruiters may edit: Plan is called again and again, and changes what is planned only
// where a date changed. When a message leaves, and once only, is the engine's business.
package milestones

import (
	"context"
	"errors"
	"fmt"
	"time"

	"candide/bot"
	"candide/faq"
	"candide/handlers/campaigns"
	"candide/handlers/words"
	"candide/internal/dates"
	"candide/internal/workdays"
	"candide/storage"
)

// morning is the hour at which a milestone is told.
const morning = 9

// Store is what is kept.
type Store interface {
	RemindersOf(ctx context.Context, subject string) ([]storage.Reminder, error)
	PlanReminders(ctx context.Context, subject string, made []storage.Reminder) error
}

// Options are what a handler is made of.
type Options struct {
	Store     Store
	Words     *words.Words
	Campaigns *campaigns.Set
	Now       func() time.Time
	// Platform is where the channels are.
	Platform bot.PlatformID
	// Team and Public are who is told: a campaign's team, and its public channels of its closing.
	Team, Public bool
}

// Handler plans milestones and says them. Reminders of any other kind are the next composer's.
type Handler struct {
	Options
	next bot.Composer
}

// New returns a handler; next says every other reminder.
func New(o Options, next bot.Composer) *Handler { return &Handler{o, next} }

// What is told: the closing to come, the closing, the decision.
const (
	weekBefore = "J-7"
	dayBefore  = "J-1"
	closed     = "closed"
	decision   = "decision"
)

// Plan plans what is still to come of every campaign, and takes back what a changed date made untrue.
func (h *Handler) Plan(ctx context.Context) error {
	var errs []error
	for _, c := range h.Campaigns.All() {
		if c.TeamChannel != "" {
			var told []string
			if h.Team {
				told = []string{weekBefore, dayBefore, closed, decision}
			}
			errs = append(errs, h.plan(ctx, c, c.TeamChannel, "team", told...))
		}
		for _, channel := range c.Channels {
			var told []string
			if h.Public {
				told = []string{weekBefore, dayBefore, closed}
			}
			errs = append(errs, h.plan(ctx, c, channel, "public/"+channel, told...))
		}
	}
	return errors.Join(errs...)
}

func (h *Handler) plan(ctx context.Context, c *campaigns.Campaign, channel, audience string, rules ...string) error {
	f := c.FAQ()
	subject := "campaign/" + f.ID + "/" + audience
	known, err := h.Store.RemindersOf(ctx, subject)
	if err != nil {
		return fmt.Errorf("listing the milestones of %s: %w", f.ID, err)
	}
	planned := map[string]bool{}
	for _, r := range known {
		planned[r.ID] = r.State != storage.ReminderCancelled
	}
	var made []storage.Reminder
	for _, rule := range rules {
		due, begins, ok := times(f, c.Zone, rule)
		if !ok {
			continue
		}
		r := storage.Reminder{
			ID: subject + "/" + rule + "/" + f.Closes.In(c.Zone).Format(time.DateOnly), Subject: subject, Kind: storage.KindMilestone,
			Rule: rule, Due: due, Begins: begins, To: storage.Channel{Platform: string(h.Platform), Name: channel}, State: storage.ReminderDue,
		}
		// What is past when it is first planned is not told; what was planned in time is, however late.
		if due.After(h.Now()) || planned[r.ID] {
			made = append(made, r)
		}
	}
	if err := h.Store.PlanReminders(ctx, subject, made); err != nil {
		return fmt.Errorf("planning the milestones of %s: %w", f.ID, err)
	}
	return nil
}

// times are when a milestone is told and from when on it is pointless (zero: never), in the campaign's zone.
func times(f *faq.FAQ, zone *time.Location, rule string) (due, begins time.Time, ok bool) {
	if f.Closes.IsZero() {
		return due, begins, false
	}
	last := f.Closes.In(zone)
	work := workdays.New()
	at := time.Date(last.Year(), last.Month(), last.Day(), morning, 0, 0, 0, zone)
	switch rule {
	case weekBefore:
		return work.OnOrBefore(at.AddDate(0, 0, -7)), f.Closes, true
	case dayBefore:
		return work.OnOrBefore(at.AddDate(0, 0, -1)), f.Closes, true
	case closed:
		return work.OnOrAfter(at.AddDate(0, 0, 1)), time.Time{}, true
	}
	return work.OnOrBefore(at.AddDate(0, 0, f.DecisionDays)), time.Time{}, f.DecisionDays > 0
}

// Addressee implements bot.Composer: a channel by its name, which is looked for when the message leaves.
func (h *Handler) Addressee(ctx context.Context, r storage.Reminder) (bot.Target, error) {
	if r.Kind != storage.KindMilestone {
		return h.next.Addressee(ctx, r)
	}
	return bot.Target{Place: bot.Place{Platform: bot.PlatformID(r.To.Platform), Name: r.To.Name}}, nil
}

// ComposeReminder implements bot.Composer.
func (h *Handler) ComposeReminder(ctx context.Context, r storage.Reminder, late time.Duration) (bot.Reply, error) {
	if r.Kind != storage.KindMilestone {
		return h.next.ComposeReminder(ctx, r, late)
	}
	c, public, ok := h.about(r)
	if !ok {
		return bot.Reply{}, bot.ErrNothing // its campaign is no longer configured
	}
	f := c.FAQ()
	lang := f.Language
	key := "milestone-" + r.Rule
	if r.Rule == weekBefore || r.Rule == dayBefore {
		key = "milestone-closes"
	}
	if public {
		key += "-public"
	}
	args := []string{
		"title", f.Title.In(lang, lang), "when", dates.Moment(f.Closes.In(c.Zone), lang), "relative", h.relative(f.Closes.In(c.Zone), lang),
		"decision", dates.Day(f.Closes.In(c.Zone).AddDate(0, 0, f.DecisionDays), lang),
	}
	reply := bot.Reply{Text: h.Words.Say(lang, key, args...)}
	if public && r.Rule != closed && f.Apply != "" {
		reply.Text += "\n" + h.Words.Say(lang, "milestone-apply", "apply", f.Apply)
	}
	if late > 0 {
		reply.Text += "\n" + h.Words.Say(lang, "reminder-late", "due", dates.Moment(r.Due.In(c.Zone), lang))
	}
	return reply, nil
}

// ComposeMissed implements bot.Composer: that it closed is told by itself.
func (h *Handler) ComposeMissed(ctx context.Context, r storage.Reminder) (bot.Reply, error) {
	if r.Kind != storage.KindMilestone {
		return h.next.ComposeMissed(ctx, r)
	}
	return bot.Reply{}, bot.ErrNothing
}

// about finds the campaign and the audience of a milestone.
func (h *Handler) about(r storage.Reminder) (c *campaigns.Campaign, public, ok bool) {
	for _, c := range h.Campaigns.All() {
		switch prefix := "campaign/" + c.FAQ().ID + "/"; r.Subject {
		case prefix + "team":
			return c, false, true
		case prefix + "public/" + r.To.Name:
			return c, true, true
		}
	}
	return nil, false, false
}

// relative says how many of the calendar's days are left: “aujourd’hui”, “demain”, “dans 10 jours”.
func (h *Handler) relative(at time.Time, lang string) string {
	now := h.Now().In(at.Location())
	noon := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC) }
	switch days := int(noon(at).Sub(noon(now)).Hours() / 24); days {
	case 0:
		return h.Words.Say(lang, "reminder-today")
	case 1:
		return h.Words.Say(lang, "reminder-tomorrow")
	default:
		return h.Words.Say(lang, "reminder-in", "span", dates.Span(time.Duration(days)*24*time.Hour, lang))
	}
}
