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

// card is what the team's channel shows of a jury: candidates by their numbers, members with their answers.
func (h *Handler) card(lang string, j storage.Jury) bot.Reply {
	if j.State == storage.JuryCancelled {
		return bot.Reply{Text: h.say(lang, "jury-card-cancelled", j)}
	}
	lines := []string{h.say(lang, "jury-card", j)}
	if rows := h.slots(lang, j); rows != "" {
		lines = append(lines, h.say(lang, "jury-card-slots", j, "list", rows))
	}
	lines = append(lines, h.panel(lang, j)...)
	if j.Sequence > 0 {
		lines = append(lines, h.Words.Say(lang, "jury-card-moved"))
	}
	return bot.Reply{Text: strings.Join(lines, "\n"), Buttons: h.answers(lang, j), Mentions: people(j.Members)}
}

// slots says the candidates' times: “n° 3 à 14 h · n° 4 à 14 h 30”; "" without any.
func (h *Handler) slots(lang string, j storage.Jury) string {
	var all []string
	for _, s := range j.Slots {
		if !s.At.IsZero() {
			all = append(all, h.Words.Say(lang, "jury-slot", "n", strconv.Itoa(s.Candidate),
				"clock", dates.Clock(s.At.In(h.zoneOf(j)), lang)))
		}
	}
	return strings.Join(all, " · ")
}

// panel says who is on the jury and what they answered, and the quorum where there is one.
func (h *Handler) panel(lang string, j storage.Jury) []string {
	if len(j.Members) == 0 {
		return nil
	}
	all := make([]string, len(j.Members))
	for i, m := range j.Members {
		state := "none"
		if m.Answer != storage.NoAnswer {
			state = string(m.Answer)
		}
		all[i] = h.Words.Say(lang, "jury-member-"+state, "name", m.Name)
	}
	lines := []string{h.Words.Say(lang, "jury-members", "list", strings.Join(all, " · "))}
	if j.Quorum > 0 {
		lines = append(lines, h.quorum(lang, j))
	}
	return lines
}

func (h *Handler) quorum(lang string, j storage.Jury) string {
	key := "jury-quorum"
	if j.Possible() < j.Quorum {
		key = "jury-quorum-lost"
	}
	return h.Words.Say(lang, key, "n", strconv.Itoa(j.Quorum), "possible", strconv.Itoa(j.Possible()))
}

func people(members []storage.Member) []bot.Person {
	var list []bot.Person
	for _, m := range members {
		who := bot.PersonFromRef(m.Person)
		who.Name = m.Name
		list = append(list, who)
	}
	return list
}

// answers are the two buttons of the card and of the nudge: anybody may press them, and members are listened to.
func (h *Handler) answers(lang string, j storage.Jury) []bot.Button {
	left := j.At.Sub(h.Now())
	if len(j.Members) == 0 || left <= 0 {
		return nil
	}
	button := func(key string, answer storage.Answer, style bot.Style) bot.Button {
		return bot.Button{Label: h.Words.Say(lang, key), Do: "jury.answer", Anyone: true, Style: style, TTL: left, Data: map[string]string{
			"n": strconv.Itoa(j.Number), "sequence": strconv.Itoa(j.Sequence), "answer": string(answer),
		}}
	}
	return []bot.Button{button("jury-here", storage.AnswerHere, bot.Primary), button("jury-away", storage.AnswerAway, bot.Plain)}
}

// answer takes a member's word for a jury's date. The card follows by itself, and the organiser is told of an absence.
func (h *Handler) answer(ctx context.Context, r bot.Request) (bot.Response, error) {
	n, _ := strconv.Atoi(r.Data["n"])
	sequence, err := strconv.Atoi(r.Data["sequence"])
	answer := storage.Answer(r.Data["answer"])
	if err != nil || answer != storage.AnswerHere && answer != storage.AnswerAway {
		return bot.Response{}, fmt.Errorf("a button answers %q for sequence %q", r.Data["answer"], r.Data["sequence"])
	}
	lang := r.Lang
	if lang == "" {
		lang = h.Campaigns.In(r.Place).FAQ().Language
	}
	now := h.Now()
	j, changed, err := h.Store.AnswerJury(ctx, n, sequence, r.From.Ref(), answer, now, func(before, after storage.Jury) []storage.Reminder {
		more := []storage.Reminder{h.refreshOf(after)}
		was, _ := before.Member(r.From.Ref())
		switch {
		case answer == storage.AnswerAway:
			more = append(more, h.noticeOf(after, "absent", r.From.Ref()))
		case was.Answer == storage.AnswerAway:
			more = append(more, h.noticeOf(after, "back", r.From.Ref()))
		}
		return more
	})
	switch {
	case errors.Is(err, storage.ErrForeign):
		return bot.Whisper(h.Words.Say(lang, "jury-answer-foreign")), nil
	case errors.Is(err, storage.ErrState):
		return bot.Whisper(h.Words.Say(lang, "jury-answer-over")), nil
	case err != nil:
		return bot.Response{}, fmt.Errorf("noting an answer for jury %d: %w", n, err)
	}
	if changed {
		h.wake()
	}
	return bot.Whisper(h.say(lang, "jury-answered-"+string(answer), j)), nil
}

// keep is how long what is said at once is tried to be said: until the jury begins, and three days at least.
const keep = 3 * 24 * time.Hour

func (h *Handler) atOnce(j storage.Jury, kind storage.ReminderKind, name string) storage.Reminder {
	now := h.Now()
	begins := j.At
	if least := now.Add(keep); begins.Before(least) {
		begins = least
	}
	return storage.Reminder{
		ID: fmt.Sprintf("%s/%s/%06d", subject(j.Number), name, j.Changes), Subject: subject(j.Number), Kind: kind,
		Jury: j.Number, Rule: name, Due: now, Begins: begins, To: j.Team, State: storage.ReminderDue,
	}
}

// cardOf is the jury's card, which is posted once in its life.
func (h *Handler) cardOf(j storage.Jury) storage.Reminder {
	r := h.atOnce(j, storage.KindCard, "card")
	r.ID, r.Begins = subject(j.Number)+"/card", time.Time{}
	return r
}

// refreshOf is a change of the card.
func (h *Handler) refreshOf(j storage.Jury) storage.Reminder {
	r := h.atOnce(j, storage.KindRefresh, "refresh")
	r.Begins = time.Time{}
	return r
}

// noticeOf tells the team of a move or a cancellation ("moved", "cancelled"), or the organiser of what a member
// answered ("absent", "back").
func (h *Handler) noticeOf(j storage.Jury, what string, about storage.PersonRef) storage.Reminder {
	r := h.atOnce(j, storage.KindNotice, what)
	r.Person = about
	return r
}

// setMembers makes a jury's panel: “jury membres 3 @alice @bob”.
func (h *Handler) setMembers(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	j, rest, text, err := h.find(ctx, lang, r.Text)
	if err != nil || text != "" {
		return bot.Whisper(text), err
	}
	names, left := splitNames(" " + rest)
	if left != "" || len(names) == 0 {
		return bot.Whisper(h.Words.Say(lang, "jury-members-usage")), nil
	}
	members, text, err := h.people(ctx, r, lang, names)
	if err != nil || text != "" {
		return bot.Whisper(text), err
	}
	j, err = h.Store.SetJuryMembers(ctx, j.Number, members, func(j storage.Jury) []storage.Reminder {
		more := []storage.Reminder{h.refreshOf(j)}
		if nudge, ok := nudgeOf(j, h.Now()); ok {
			more = append(more, nudge)
		}
		return more
	})
	if errors.Is(err, storage.ErrState) {
		return bot.Whisper(h.say(lang, "jury-already-cancelled", j)), nil
	}
	if err != nil {
		return bot.Response{}, fmt.Errorf("setting the members of jury %d: %w", j.Number, err)
	}
	if err := h.record(ctx, r, storage.ChangeJuryMembers, j); err != nil {
		return bot.Response{}, err
	}
	h.wake()
	return bot.Whisper(strings.Join(append([]string{h.say(lang, "jury-members-set", j)}, h.panel(lang, j)...), "\n")), nil
}

// setSlots says whom a jury sees: “jury candidats 3 4 14h, 7 14h30”, or “aucun”.
func (h *Handler) setSlots(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	j, rest, text, err := h.find(ctx, lang, r.Text)
	if err != nil || text != "" {
		return bot.Whisper(text), err
	}
	var typed []slot
	switch strings.ToLower(rest) {
	case "":
		return bot.Whisper(h.Words.Say(lang, "jury-slots-usage")), nil
	case "aucun", "aucune", "none":
	default:
		var bad *misread
		if typed, bad = parseSlots(rest); bad != nil {
			return bot.Whisper(h.Words.Say(lang, bad.key, "part", bad.part)), nil
		}
	}
	slots, text, err := h.seen(ctx, lang, h.Campaigns.ByID(j.Campaign), typed, j.At.In(h.zoneOf(j)), j.Duration)
	if err != nil || text != "" {
		return bot.Whisper(text), err
	}
	changed, err := h.Store.SetJurySlots(ctx, j.Number, slots, func(j storage.Jury) []storage.Reminder {
		return []storage.Reminder{h.refreshOf(j)}
	})
	if errors.Is(err, storage.ErrState) {
		return bot.Whisper(h.say(lang, "jury-already-cancelled", j)), nil
	}
	if err != nil {
		return bot.Response{}, fmt.Errorf("setting the candidates of jury %d: %w", j.Number, err)
	}
	if err := h.record(ctx, r, storage.ChangeJuryCandidates, changed); err != nil {
		return bot.Response{}, err
	}
	h.wake()
	rows := h.slots(lang, changed)
	if rows == "" {
		rows = h.Words.Say(lang, "jury-slots-none")
	}
	reply := bot.Reply{Text: h.say(lang, "jury-slots-set", changed, "list", rows), Private: true}
	if len(changed.Untold()) > 0 {
		reply.Text += "\n" + h.untold(lang, changed)
		reply.Buttons = h.lettersButton(lang, changed)
	}
	return bot.Response{Replies: []bot.Reply{reply}}, nil
}
