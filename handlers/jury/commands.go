package jury

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"candide/bot"
	"candide/storage"
)

func (h *Handler) list(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	juries, err := h.Store.Juries(ctx, h.Campaigns.In(r.Place).FAQ().ID)
	if err != nil {
		return bot.Response{}, fmt.Errorf("listing the juries: %w", err)
	}
	if len(juries) == 0 {
		return bot.Whisper(h.Words.Say(lang, "jury-none")), nil
	}
	rows := make([]string, len(juries))
	for i, j := range juries {
		rows[i] = h.say(lang, "jury-row", j, "state", h.state(lang, j))
	}
	return bot.Whisper(strings.Join(rows, "\n")), nil
}

func (h *Handler) state(lang string, j storage.Jury) string {
	switch {
	case j.State == storage.JuryCancelled:
		return h.Words.Say(lang, "jury-state-cancelled")
	case !j.At.After(h.Now()):
		return h.Words.Say(lang, "jury-state-past")
	default:
		return h.Words.Say(lang, "jury-state-planned")
	}
}

// find returns the jury whose number text begins with; problem is what to answer where there is none.
func (h *Handler) find(ctx context.Context, lang, text string) (j storage.Jury, rest, problem string, err error) {
	n, rest, ok := number(text)
	if !ok {
		return storage.Jury{}, "", h.Words.Say(lang, "jury-number"), nil
	}
	j, err = h.Store.Jury(ctx, n)
	if errors.Is(err, storage.ErrNotFound) {
		return storage.Jury{}, "", h.Words.Say(lang, "jury-unknown", "n", strconv.Itoa(n)), nil
	}
	if err != nil {
		return storage.Jury{}, "", "", fmt.Errorf("looking for jury %d: %w", n, err)
	}
	return j, rest, "", nil
}

func (h *Handler) view(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	j, _, problem, err := h.find(ctx, lang, r.Text)
	if err != nil || problem != "" {
		return bot.Whisper(problem), err
	}
	reminders, err := h.Store.RemindersOf(ctx, subject(j.Number))
	if err != nil {
		return bot.Response{}, fmt.Errorf("listing the reminders of jury %d: %w", j.Number, err)
	}
	rows := []string{h.say(lang, "jury-view", j, "state", h.state(lang, j))}
	for _, rem := range reminders {
		rows = append(rows, h.Words.Say(lang, "jury-reminder-row", "rule", rem.Rule,
			"when", h.moment(j, rem.Due, lang), "state", h.Words.Say(lang, "reminder-state-"+string(rem.State))))
	}
	return bot.Whisper(strings.Join(rows, "\n")), nil
}

func (h *Handler) move(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	j, rest, problem, err := h.find(ctx, lang, r.Text)
	if err != nil || problem != "" {
		return bot.Whisper(problem), err
	}
	at, _, problem := h.when(h.zoneOf(j), rest, lang)
	if problem != "" {
		return bot.Whisper(problem), nil
	}
	planned, moved, err := h.replan(func(reminders func(storage.Jury) []storage.Reminder) (storage.Jury, error) {
		return h.Store.MoveJury(ctx, j.Number, at, reminders)
	})
	if errors.Is(err, storage.ErrState) {
		return bot.Whisper(h.say(lang, "jury-already-cancelled", j)), nil
	}
	if err != nil {
		return bot.Response{}, fmt.Errorf("moving jury %d: %w", j.Number, err)
	}
	told := h.announce(ctx, lang, moved, "jury-announce-moved")
	return bot.Whisper(h.say(lang, "jury-moved", moved) + "\n" + h.upcoming(lang, moved, planned) + told), nil
}

// replan runs a change of the store that computes the reminders anew, and returns them.
func (h *Handler) replan(change func(func(storage.Jury) []storage.Reminder) (storage.Jury, error)) ([]storage.Reminder, storage.Jury, error) {
	var planned []storage.Reminder
	var planErr error
	j, err := change(func(j storage.Jury) []storage.Reminder {
		planned, planErr = Reminders(j, h.Now())
		return planned
	})
	return planned, j, errors.Join(err, planErr)
}

func (h *Handler) cancel(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	j, reason, problem, err := h.find(ctx, lang, r.Text)
	if err != nil || problem != "" {
		return bot.Whisper(problem), err
	}
	cancelled, err := h.Store.CancelJury(ctx, j.Number, strings.TrimRight(reason, ". "), nil)
	if errors.Is(err, storage.ErrState) {
		return bot.Whisper(h.say(lang, "jury-already-cancelled", j)), nil
	}
	if err != nil {
		return bot.Response{}, fmt.Errorf("cancelling jury %d: %w", j.Number, err)
	}
	told := h.announce(ctx, lang, cancelled, "jury-announce-cancelled")
	return bot.Whisper(h.say(lang, "jury-cancelled", cancelled) + told), nil
}

// announce tells the team's channel of a change, in the campaign's language. The change itself is made: where the team
// could not be told, the recruiter is, in what is to be added to the answer.
func (h *Handler) announce(ctx context.Context, lang string, j storage.Jury, key string) string {
	place := bot.Place{
		Platform: bot.PlatformID(j.Team.Platform), Channel: bot.ChannelID(j.Team.ID), Name: j.Team.Name, Visibility: bot.Private,
	}
	reply := bot.Reply{
		Text: h.say(h.Campaigns.ByID(j.Campaign).FAQ().Language, key, j),
		Key:  fmt.Sprintf("jury/%d/%d/announce", j.Number, j.Sequence),
	}
	if _, err := h.Chat.Deliver(ctx, bot.Target{Place: place}, reply); err != nil {
		return "\n" + h.say(lang, "jury-announce-failed", j)
	}
	return ""
}

func (h *Handler) rules(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	j, rest, problem, err := h.find(ctx, lang, r.Text)
	if err != nil || problem != "" {
		return bot.Whisper(problem), err
	}
	rules, bad := parseRules(rest)
	if bad != "" {
		return bot.Whisper(h.Words.Say(lang, "jury-bad-rule", "rule", bad)), nil
	}
	if len(rules) == 0 {
		return bot.Whisper(h.Words.Say(lang, "jury-rules-usage")), nil
	}
	planned, changed, err := h.replan(func(reminders func(storage.Jury) []storage.Reminder) (storage.Jury, error) {
		return h.Store.SetJuryRules(ctx, j.Number, rules, reminders)
	})
	if errors.Is(err, storage.ErrState) {
		return bot.Whisper(h.say(lang, "jury-already-cancelled", j)), nil
	}
	if err != nil {
		return bot.Response{}, fmt.Errorf("changing the reminders of jury %d: %w", j.Number, err)
	}
	return bot.Whisper(h.upcoming(lang, changed, planned)), nil
}
