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

// What a candidate is told.
const (
	invitation   = "invite"
	move         = "move"
	cancellation = "cancel"
)

// letterTo says which letter an untold slot asks for.
func letterTo(j storage.Jury, s storage.Slot) string {
	switch {
	case j.State == storage.JuryCancelled || s.At.IsZero():
		return cancellation
	case s.Told.IsZero():
		return invitation
	default:
		return move
	}
}

// untold says how many candidates are to be told.
func (h *Handler) untold(lang string, j storage.Jury) string {
	return h.Words.Count(lang, "jury-untold", len(j.Untold()))
}

func (h *Handler) lettersButton(lang string, j storage.Jury) []bot.Button {
	return []bot.Button{{
		Label: h.Words.Say(lang, "jury-letters-see"), Do: "jury.letters", Style: bot.Primary,
		Data: map[string]string{"n": strconv.Itoa(j.Number), "lang": lang},
	}}
}

// numbered is the jury that a button or a command names.
func (h *Handler) numbered(ctx context.Context, r bot.Request, lang string) (storage.Jury, string, error) {
	text := r.Text
	if n := r.Data["n"]; n != "" {
		text = n
	}
	j, _, problem, err := h.find(ctx, lang, text)
	return j, problem, err
}

// letters shows a recruiter what the candidates would be told, each by their name, and how. Nothing is sent before
// they press a button.
func (h *Handler) letters(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	j, text, err := h.numbered(ctx, r, lang)
	if err != nil || text != "" {
		return bot.Whisper(text), err
	}
	if j.State != storage.JuryCancelled && !j.At.After(h.Now()) {
		return bot.Whisper(h.say(lang, "jury-letters-past", j)), nil
	}
	untold := j.Untold()
	if len(untold) == 0 {
		return bot.Whisper(h.say(lang, "jury-letters-none", j)), nil
	}
	reply := bot.Reply{Private: true}
	parts := []string{h.say(lang, "jury-letters", j)}
	sendable := 0
	for _, s := range untold {
		in, err := h.Store.Interest(ctx, s.Candidate)
		n := strconv.Itoa(s.Candidate)
		if errors.Is(err, storage.ErrNotFound) {
			parts = append(parts, h.Words.Say(lang, "jury-letter-erased", "n", n))
			continue
		}
		if err != nil {
			return bot.Response{}, fmt.Errorf("looking for candidate %d: %w", s.Candidate, err)
		}
		sendable++
		reply.About = append(reply.About, in.Person)
		by := h.Words.Say(lang, "jury-letter-by-direct")
		if bot.PersonFromRef(in.Person).Platform == "web" {
			by = h.Words.Say(lang, "jury-letter-by-page")
		}
		parts = append(parts, h.Words.Say(lang, "jury-letter-preview", "n", n, "name", in.Name, "by", by,
			"text", quoted(h.letterText(j, s, letterTo(j, s)))))
	}
	reply.Text = strings.Join(parts, "\n\n")
	data := map[string]string{"n": strconv.Itoa(j.Number), "changes": strconv.Itoa(j.Changes), "lang": lang}
	if sendable > 0 {
		reply.Buttons = []bot.Button{
			{Label: h.Words.Count(lang, "jury-letters-send", sendable), Do: "jury.send", Data: data, Style: bot.Primary, Once: true},
			{Label: h.Words.Say(lang, "jury-letters-copy"), Do: "jury.copy", Data: data},
		}
	} else {
		reply.Buttons = []bot.Button{{Label: h.Words.Say(lang, "jury-letters-done"), Do: "jury.told", Data: data, Once: true}}
	}
	return bot.Response{Replies: []bot.Reply{reply}}, nil
}

// quoted puts a text where Markdown shows it as somebody's words.
func quoted(text string) string { return "> " + strings.ReplaceAll(text, "\n", "\n> ") }

// letterText is what a candidate reads, in their campaign's language and form of address.
func (h *Handler) letterText(j storage.Jury, s storage.Slot, what string) string {
	f := h.Campaigns.ByID(j.Campaign).FAQ()
	lang, at := f.Language, s.At
	j.Duration = 0 // the jury's, not theirs
	if what == cancellation {
		at = s.Told
		if at.IsZero() { // told of the cancellation already, by the time this is composed
			at = j.At
		}
	}
	text := h.say(lang, "jury-letter-"+what, j, "campaign", f.Title.In(lang, f.Language), "at", h.moment(j, at, lang))
	if f.Contact != "" {
		text += " " + h.Words.Say(lang, "jury-letter-contact", "contact", f.Contact)
	}
	return text
}

// letter is a letter as it leaves, from the jury as it stands: it changes with every change, and so does what was read.
func (h *Handler) letter(ctx context.Context, j storage.Jury, r storage.Reminder) (bot.Reply, error) {
	s := storage.Slot{Candidate: r.Candidate, Told: r.About}
	for _, known := range j.Slots {
		if known.Candidate == r.Candidate && !known.At.IsZero() {
			s.At = known.At
			if r.Rule != cancellation && !known.Told.Equal(known.At) {
				return bot.Reply{}, bot.ErrNothing // not what was read: they are to be told again
			}
		}
	}
	if s.At.IsZero() && r.Rule != cancellation {
		return bot.Reply{}, bot.ErrNothing // taken off since
	}
	reply := bot.Reply{Text: h.letterText(j, s, r.Rule)}
	in, err := h.Store.Interest(ctx, r.Candidate)
	switch {
	case err == nil:
		reply.About = []storage.PersonRef{in.Person}
	case !errors.Is(err, storage.ErrNotFound):
		return bot.Reply{}, fmt.Errorf("looking for candidate %d: %w", r.Candidate, err)
	}
	return reply, nil
}

// send writes to the candidates what was shown, if nothing changed since.
func (h *Handler) send(ctx context.Context, r bot.Request) (bot.Response, error) {
	return h.tell(ctx, r, true)
}

// told notes that the candidates were told by other means.
func (h *Handler) told(ctx context.Context, r bot.Request) (bot.Response, error) {
	return h.tell(ctx, r, false)
}

func (h *Handler) tell(ctx context.Context, r bot.Request, send bool) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	j, text, err := h.numbered(ctx, r, lang)
	if err != nil || text != "" {
		return bot.Whisper(text), err
	}
	changes, err := strconv.Atoi(r.Data["changes"])
	if err != nil {
		return bot.Response{}, fmt.Errorf("a button is about change %q of a jury", r.Data["changes"])
	}
	untold := j.Untold()
	var candidates []int
	for _, s := range untold {
		candidates = append(candidates, s.Candidate)
	}
	_, err = h.Store.LetterCandidates(ctx, j.Number, changes, candidates, func(after storage.Jury) []storage.Reminder {
		var list []storage.Reminder
		for _, s := range untold {
			if send {
				list = append(list, h.letterOf(after, s, letterTo(j, s)))
			}
		}
		return list
	})
	if errors.Is(err, storage.ErrState) {
		return bot.Whisper(h.say(lang, "jury-letters-changed", j), h.lettersButton(lang, j)...), nil
	}
	if err != nil {
		return bot.Response{}, fmt.Errorf("writing to the candidates of jury %d: %w", j.Number, err)
	}
	if err := h.record(ctx, r, storage.ChangeJuryLetters, j); err != nil {
		return bot.Response{}, err
	}
	h.wake()
	key := "jury-letters-noted"
	if send {
		key = "jury-letters-sent"
	}
	return bot.Response{Replies: []bot.Reply{{Text: h.Words.Count(lang, key, len(untold)), Replace: true, Private: true}}}, nil
}

func (h *Handler) letterOf(j storage.Jury, s storage.Slot, what string) storage.Reminder {
	r := h.atOnce(j, storage.KindLetter, "letter")
	r.ID += "/" + strconv.Itoa(s.Candidate)
	r.Rule, r.Candidate, r.About, r.To = what, s.Candidate, s.Told, storage.Channel{Platform: j.Team.Platform}
	return r
}

// copies gives the letters as texts to copy into an e-mail.
func (h *Handler) copies(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	j, text, err := h.numbered(ctx, r, lang)
	if err != nil || text != "" {
		return bot.Whisper(text), err
	}
	reply := bot.Reply{Private: true}
	parts := []string{h.say(lang, "jury-letters-to-copy", j)}
	for _, s := range j.Untold() {
		in, err := h.Store.Interest(ctx, s.Candidate)
		if errors.Is(err, storage.ErrNotFound) {
			continue
		}
		if err != nil {
			return bot.Response{}, fmt.Errorf("looking for candidate %d: %w", s.Candidate, err)
		}
		reply.About = append(reply.About, in.Person)
		parts = append(parts, h.Words.Say(lang, "jury-letter-copy", "n", strconv.Itoa(s.Candidate), "name", in.Name, "reach", in.Reach,
			"text", strings.ReplaceAll(h.letterText(j, s, letterTo(j, s)), "`", "’")))
	}
	reply.Text = strings.Join(parts, "\n\n")
	reply.Buttons = []bot.Button{{
		Label: h.Words.Say(lang, "jury-letters-done"), Do: "jury.told", Once: true,
		Data: map[string]string{"n": strconv.Itoa(j.Number), "changes": strconv.Itoa(j.Changes), "lang": lang},
	}}
	return bot.Response{Replies: []bot.Reply{reply}}, nil
}
