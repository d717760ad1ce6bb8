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
	if list := h.slots(lang, j); list != "" {
		rows = append(rows, h.say(lang, "jury-card-slots", j, "list", list))
	}
	rows = append(rows, h.panel(lang, j)...)
	rows = append(rows, h.rows(lang, j, reminders)...)
	reply := bot.Reply{Text: strings.Join(rows, "\n"), Private: true}
	if len(j.Untold()) > 0 && (j.State == storage.JuryCancelled || j.At.After(h.Now())) {
		reply.Text += "\n" + h.untold(lang, j)
		reply.Buttons = h.lettersButton(lang, j)
	}
	return bot.Response{Replies: []bot.Reply{reply}}, nil
}

// rows are what is planned before a jury, and the letters: what was said at once is in the team's channel.
func (h *Handler) rows(lang string, j storage.Jury, reminders []storage.Reminder) []string {
	var rows []string
	for _, r := range reminders {
		state := h.Words.Say(lang, "reminder-state-"+string(r.State))
		switch r.Kind {
		case storage.KindReminder:
			rows = append(rows, h.Words.Say(lang, "jury-reminder-row", "rule", r.Rule, "when", h.moment(j, r.Due, lang), "state", state))
		case storage.KindNudge:
			rows = append(rows, h.Words.Say(lang, "jury-nudge-row", "rule", r.Rule, "when", h.moment(j, r.Due, lang), "state", state))
		case storage.KindLetter:
			rows = append(rows, h.Words.Say(lang, "jury-letter-row", "what", h.Words.Say(lang, "jury-what-"+r.Rule),
				"n", strconv.Itoa(r.Candidate), "when", h.moment(j, r.Due, lang), "state", state))
		}
	}
	return rows
}

// move reads “3 jeudi 3 décembre 10h”.
func (h *Handler) move(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	j, rest, problem, err := h.find(ctx, lang, r.Text)
	if err != nil || problem != "" {
		return bot.Whisper(problem), err
	}
	if j.State == storage.JuryCancelled {
		return bot.Whisper(h.say(lang, "jury-already-cancelled", j)), nil
	}
	w, problem := h.when(h.zoneOf(j), rest, lang)
	if problem != "" {
		return bot.Whisper(problem), nil
	}
	data := func(at time.Time) map[string]string {
		return map[string]string{
			"n": strconv.Itoa(j.Number), "sequence": strconv.Itoa(j.Sequence), "at": at.Format(time.RFC3339), "lang": lang,
		}
	}
	if len(w.others) == 0 {
		r.Data = data(w.at)
		return h.moveSure(ctx, r)
	}
	reply := bot.Reply{Text: h.Words.Say(lang, "jury-ambiguous"), Private: true}
	for _, at := range append([]time.Time{w.at}, w.others...)[:min(len(w.others)+1, 4)] {
		reply.Buttons = append(reply.Buttons, bot.Button{
			Label: dates.Moment(at, lang), Do: "jury.move", Data: data(at), Once: true, TTL: time.Hour,
		})
	}
	return bot.Response{Replies: []bot.Reply{reply}}, nil
}

// moveSure moves a jury, or first asks about what is odd in its new date.
func (h *Handler) moveSure(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	j, problem, err := h.numbered(ctx, r, lang)
	if err != nil || problem != "" {
		return bot.Whisper(problem), err
	}
	at, err := time.Parse(time.RFC3339, r.Data["at"])
	if err != nil {
		return bot.Response{}, fmt.Errorf("a button moves a jury: %w", err)
	}
	if strconv.Itoa(j.Sequence) != r.Data["sequence"] {
		return bot.Whisper(h.say(lang, "jury-changed-since", j)), nil
	}
	if odd := h.odd(at, h.zoneOf(j), lang); odd != "" && r.Data["sure"] != "yes" {
		text := h.Words.Say(lang, "jury-odd", "title", j.Title, "when", h.moment(j, at, lang), "odd", odd)
		data := map[string]string{"n": strconv.Itoa(j.Number), "sequence": r.Data["sequence"], "at": r.Data["at"]}
		return bot.Whisper(text, h.sure(lang, "jury.move", data)...), nil
	}
	made, moved, err := h.replan(func(reminders func(storage.Jury) []storage.Reminder) (storage.Jury, error) {
		return h.Store.MoveJury(ctx, j.Number, at, func(j storage.Jury) []storage.Reminder {
			return append(reminders(j), h.noticeOf(j, "moved", ""), h.refreshOf(j))
		})
	})
	if errors.Is(err, storage.ErrState) {
		return bot.Whisper(h.say(lang, "jury-already-cancelled", j)), nil
	}
	if err != nil {
		return bot.Response{}, fmt.Errorf("moving jury %d: %w", j.Number, err)
	}
	if err := h.record(ctx, r, storage.ChangeJuryMoved, moved); err != nil {
		return bot.Response{}, err
	}
	h.wake()
	return h.done(lang, moved, h.say(lang, "jury-moved", moved)+"\n"+h.upcoming(lang, moved, made)), nil
}

// done is what a recruiter is answered once a jury was moved or cancelled: the team is told by itself, the candidates
// are not.
func (h *Handler) done(lang string, j storage.Jury, text string) bot.Response {
	reply := bot.Reply{Text: text + "\n" + h.say(lang, "jury-team-told", j), Private: true}
	if len(j.Untold()) > 0 {
		reply.Text += "\n" + h.untold(lang, j)
		reply.Buttons = h.lettersButton(lang, j)
	}
	return bot.Response{Replies: []bot.Reply{reply}}
}

// replan runs a change of the store that computes the reminders anew, and returns them.
func (h *Handler) replan(change func(func(storage.Jury) []storage.Reminder) (storage.Jury, error)) ([]storage.Reminder, storage.Jury, error) {
	var made []storage.Reminder
	var planErr error
	j, err := change(func(j storage.Jury) []storage.Reminder {
		made, planErr = h.schedule(j)
		return made
	})
	return made, j, errors.Join(err, planErr)
}

// schedule is all that is planned of a jury: its reminders, the nudge and the card.
func (h *Handler) schedule(j storage.Jury) ([]storage.Reminder, error) {
	list, err := Reminders(j, h.Now())
	if err != nil {
		return nil, err
	}
	if nudge, ok := nudgeOf(j, h.Now()); ok {
		list = append(list, nudge)
	}
	return append(list, h.cardOf(j)), nil
}

func (h *Handler) cancel(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	j, reason, problem, err := h.find(ctx, lang, r.Text)
	if err != nil || problem != "" {
		return bot.Whisper(problem), err
	}
	cancelled, err := h.Store.CancelJury(ctx, j.Number, strings.TrimRight(reason, ". "), func(j storage.Jury) []storage.Reminder {
		return []storage.Reminder{h.noticeOf(j, "cancelled", ""), h.refreshOf(j)}
	})
	if errors.Is(err, storage.ErrState) {
		return bot.Whisper(h.say(lang, "jury-already-cancelled", j)), nil
	}
	if err != nil {
		return bot.Response{}, fmt.Errorf("cancelling jury %d: %w", j.Number, err)
	}
	if err := h.record(ctx, r, storage.ChangeJuryCancelled, cancelled); err != nil {
		return bot.Response{}, err
	}
	h.wake()
	return h.done(lang, cancelled, h.say(lang, "jury-cancelled", cancelled)), nil
}

// rules changes a jury's reminders, or, with a number alone, shows them with a button each to do without it.
func (h *Handler) rules(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	j, rest, problem, err := h.find(ctx, lang, r.Text)
	if err != nil || problem != "" {
		return bot.Whisper(problem), err
	}
	rules, bad := parseRules(rest)
	if bad != "" {
		return bot.Whisper(h.Words.Say(lang, "jury-bad-rule", "part", bad)), nil
	}
	if len(rules) == 0 {
		reply, err := h.wanted(ctx, lang, j)
		return bot.Response{Replies: []bot.Reply{reply}}, err
	}
	made, changed, err := h.replan(func(reminders func(storage.Jury) []storage.Reminder) (storage.Jury, error) {
		return h.Store.SetJuryRules(ctx, j.Number, rules, reminders)
	})
	if errors.Is(err, storage.ErrState) {
		return bot.Whisper(h.say(lang, "jury-already-cancelled", j)), nil
	}
	if err != nil {
		return bot.Response{}, fmt.Errorf("changing the reminders of jury %d: %w", j.Number, err)
	}
	if err := h.record(ctx, r, storage.ChangeJuryRules, changed); err != nil {
		return bot.Response{}, err
	}
	return bot.Whisper(h.upcoming(lang, changed, made)), nil
}

// maxSkips is how many reminders get a button.
const maxSkips = 5

// wanted shows the reminders to come, each with a button to do without it or to want it again.
func (h *Handler) wanted(ctx context.Context, lang string, j storage.Jury) (bot.Reply, error) {
	reminders, err := h.Store.RemindersOf(ctx, subject(j.Number))
	if err != nil {
		return bot.Reply{}, fmt.Errorf("listing the reminders of jury %d: %w", j.Number, err)
	}
	reply := bot.Reply{Private: true}
	rows := []string{h.say(lang, "jury-rules", j)}
	for _, r := range reminders {
		if r.Kind != storage.KindReminder && r.Kind != storage.KindNudge || r.State == storage.ReminderCancelled {
			continue
		}
		rows = append(rows, h.rows(lang, j, []storage.Reminder{r})...)
		key, want := "jury-skip", "no"
		switch {
		case r.State == storage.ReminderUnwanted && r.Due.After(h.Now()):
			key, want = "jury-unskip", "yes"
		case r.State != storage.ReminderDue:
			continue
		}
		name := r.Rule
		if r.Kind == storage.KindNudge {
			name = h.Words.Say(lang, "jury-the-nudge")
		}
		if len(reply.Buttons) < maxSkips {
			reply.Buttons = append(reply.Buttons, bot.Button{
				Label: h.Words.Say(lang, key, "rule", name), Do: "jury.want",
				Data: map[string]string{"n": strconv.Itoa(j.Number), "id": r.ID, "want": want, "lang": lang},
			})
		}
	}
	rows = append(rows, h.Words.Say(lang, "jury-rules-usage"))
	reply.Text = strings.Join(rows, "\n")
	return reply, nil
}

// want does without one reminder, or wants it again.
func (h *Handler) want(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	j, problem, err := h.numbered(ctx, r, lang)
	if err != nil || problem != "" {
		return bot.Whisper(problem), err
	}
	// A state that does not allow it is shown as it is: somebody else was faster, or the reminder left meanwhile.
	if err := h.Store.WantReminder(ctx, r.Data["id"], r.Data["want"] == "yes"); err != nil && !errors.Is(err, storage.ErrState) {
		return bot.Response{}, fmt.Errorf("changing a reminder of jury %d: %w", j.Number, err)
	}
	reply, err := h.wanted(ctx, lang, j)
	reply.Replace = true
	return bot.Response{Replies: []bot.Reply{reply}}, err
}
