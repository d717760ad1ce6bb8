package jury

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"candide/bot"
	"candide/internal/dates"
	"candide/storage"
)

// of returns the jury that a reminder is about, and the language of its campaign.
func (h *Handler) of(ctx context.Context, r storage.Reminder) (j storage.Jury, lang string, err error) {
	if j, err = h.Store.Jury(ctx, r.Jury); err != nil {
		return storage.Jury{}, "", fmt.Errorf("looking for jury %d: %w", r.Jury, err)
	}
	return j, h.Campaigns.ByID(j.Campaign).FAQ().Language, nil
}

// Addressee implements bot.Composer: the team's channel, the organiser for what members answered, a candidate.
func (h *Handler) Addressee(ctx context.Context, r storage.Reminder) (bot.Target, error) {
	switch {
	case r.Kind == storage.KindNotice && r.Person != "":
		j, _, err := h.of(ctx, r)
		if err != nil {
			return bot.Target{}, err
		}
		return bot.Target{To: bot.PersonFromRef(j.Organiser), Direct: true}, nil
	case r.Kind == storage.KindLetter:
		in, err := h.Store.Interest(ctx, r.Candidate)
		if errors.Is(err, storage.ErrNotFound) { // erased since
			return bot.Target{}, bot.ErrNothing
		}
		if err != nil {
			return bot.Target{}, fmt.Errorf("looking for candidate %d: %w", r.Candidate, err)
		}
		return bot.Target{To: bot.PersonFromRef(in.Person), Direct: true}, nil
	}
	return bot.Target{Place: bot.Place{
		Platform: bot.PlatformID(r.To.Platform), Channel: bot.ChannelID(r.To.ID), Name: r.To.Name, Visibility: bot.Private,
	}}, nil
}

// ComposeReminder implements bot.Composer.
func (h *Handler) ComposeReminder(ctx context.Context, r storage.Reminder, late time.Duration) (bot.Reply, error) {
	j, lang, err := h.of(ctx, r)
	if err != nil {
		return bot.Reply{}, err
	}
	switch r.Kind {
	case storage.KindCard:
		reply := h.card(lang, j)
		reply.Files = []bot.File{h.calendarFile(j)}
		return reply, nil
	case storage.KindRefresh: // a post's files stay what they were
		return h.card(lang, j), nil
	case storage.KindNotice:
		return h.notice(lang, j, r)
	case storage.KindLetter:
		return h.letter(ctx, j, r)
	}
	var reply bot.Reply
	if r.Kind == storage.KindNudge {
		if reply, err = h.nudge(lang, j); err != nil {
			return bot.Reply{}, err
		}
	} else {
		lines := []string{h.say(lang, "reminder", j, "relative", h.relative(j, lang))}
		if rows := h.slots(lang, j); rows != "" {
			lines = append(lines, h.say(lang, "jury-card-slots", j, "list", rows))
		}
		lines = append(lines, h.panel(lang, j)...)
		reply = bot.Reply{Text: strings.Join(lines, "\n"), Mentions: people(j.Members)}
	}
	if late > 0 {
		reply.Text += "\n" + h.Words.Say(lang, "reminder-late", "due", h.moment(j, r.Due, lang))
	}
	return reply, nil
}

// nudge asks those who have not answered, by their names.
func (h *Handler) nudge(lang string, j storage.Jury) (bot.Reply, error) {
	var silent []storage.Member
	var names []string
	for _, m := range j.Members {
		if m.Answer == storage.NoAnswer {
			silent, names = append(silent, m), append(names, "@"+m.Name)
		}
	}
	if len(silent) == 0 {
		return bot.Reply{}, bot.ErrNothing
	}
	return bot.Reply{
		Text:    h.say(lang, "jury-nudge", j, "names", strings.Join(names, ", ")),
		Buttons: h.answers(lang, j), Mentions: people(silent),
	}, nil
}

func (h *Handler) notice(lang string, j storage.Jury, r storage.Reminder) (bot.Reply, error) {
	switch r.Rule {
	case "moved":
		reply := bot.Reply{
			Text: h.say(lang, "jury-announce-moved", j), Mentions: people(j.Members), Files: []bot.File{h.calendarFile(j)},
		}
		if len(j.Members) > 0 {
			reply.Text += "\n" + h.Words.Say(lang, "jury-answer-again")
		}
		return reply, nil
	case "cancelled":
		return bot.Reply{
			Text: h.say(lang, "jury-announce-cancelled", j), Mentions: people(j.Members), Files: []bot.File{h.calendarFile(j)},
		}, nil
	}
	m, ok := j.Member(r.Person)
	if !ok {
		return bot.Reply{}, bot.ErrNothing // no longer a member
	}
	text := h.say(lang, "jury-tell-"+r.Rule, j, "name", m.Name)
	if j.Quorum > 0 {
		text += "\n" + h.quorum(lang, j)
	}
	return bot.Reply{Text: text}, nil
}

// ComposeMissed implements bot.Composer.
func (h *Handler) ComposeMissed(ctx context.Context, r storage.Reminder) (bot.Reply, error) {
	j, lang, err := h.of(ctx, r)
	if err != nil {
		return bot.Reply{}, err
	}
	key := "reminder-missed"
	switch r.Kind {
	case storage.KindNotice, storage.KindLetter:
		key = "reminder-missed-" + string(r.Kind)
	case storage.KindNudge:
		return bot.Reply{}, bot.ErrNothing // the reminder, missed as well, says enough
	}
	return bot.Reply{Text: h.say(lang, key, j, "rule", r.Rule, "candidate", strconv.Itoa(r.Candidate)), Key: r.ID + "/missed"}, nil
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
