package jury

import (
	"context"
	"fmt"
	"time"

	"candide/bot"
	"candide/internal/dates"
	"candide/storage"
)

// ComposeReminder implements bot.Composer.
func (h *Handler) ComposeReminder(ctx context.Context, r storage.Reminder, late time.Duration) (bot.Reply, error) {
	j, err := h.Store.Jury(ctx, r.Jury)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("looking for jury %d: %w", r.Jury, err)
	}
	lang := h.Campaigns.ByID(j.Campaign).FAQ().Language
	text := h.say(lang, "reminder", j, "relative", h.relative(j, lang))
	if late > 0 {
		text += "\n" + h.Words.Say(lang, "reminder-late", "due", h.moment(j, r.Due, lang))
	}
	return bot.Reply{Text: text}, nil
}

// ComposeMissed implements bot.Composer.
func (h *Handler) ComposeMissed(ctx context.Context, r storage.Reminder) (bot.Reply, error) {
	j, err := h.Store.Jury(ctx, r.Jury)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("looking for jury %d: %w", r.Jury, err)
	}
	return bot.Reply{Text: h.say(h.Campaigns.ByID(j.Campaign).FAQ().Language, "reminder-missed", j, "rule", r.Rule), Key: r.ID + "/missed"}, nil
}

// relative says how far the jury is: “demain”, “dans 6 jours”, “dans 45 minutes”. Days are the calendar's, in the
// jury's own zone.
func (h *Handler) relative(j storage.Jury, lang string) string {
	now, at := h.Now().In(h.zoneOf(j)), j.At.In(h.zoneOf(j))
	left := at.Sub(now)
	days := calendarDays(now, at)
	switch {
	case days == 0 && left > 2*time.Hour:
		return h.Words.Say(lang, "reminder-today")
	case days == 1 && left > 2*time.Hour:
		return h.Words.Say(lang, "reminder-tomorrow")
	case days > 1:
		left = time.Duration(days) * 24 * time.Hour
	}
	return h.Words.Say(lang, "reminder-in", "span", dates.Span(left, lang))
}

func (h *Handler) zoneOf(j storage.Jury) *time.Location {
	if zone, err := time.LoadLocation(j.Zone); err == nil {
		return zone
	}
	return h.Campaigns.ByID(j.Campaign).Zone
}

func calendarDays(from, to time.Time) int {
	noon := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC) }
	return int(noon(to).Sub(noon(from)).Hours() / 24)
}

// Addressee implements bot.Composer.
func (h *Handler) Addressee(_ context.Context, r storage.Reminder) (bot.Target, error) {
	return bot.Target{Place: bot.Place{
		Platform: bot.PlatformID(r.To.Platform), Channel: bot.ChannelID(r.To.ID), Name: r.To.Name, Visibility: bot.Private,
	}}, nil
}
