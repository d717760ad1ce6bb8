package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"candide/bot"
	"candide/faq/topics"
	"candide/internal/dates"
	"candide/storage"
)

const (
	// staleMax is how many groups one tick takes.
	staleMax = 100
	// shownQuestions is how many questions a card shows, the latest ones.
	shownQuestions = 8
	// tries is how many times a person is tried to be told.
	tries = 5
	// waitFirst is the wait after a first failure; it doubles up to waitMost.
	waitFirst, waitMost = 5 * time.Second, 10 * time.Minute
)

// wait is when a group that could not be shown or told is next tried. It is memory that may be lost.
type wait struct {
	until time.Time
	last  time.Duration
}

// Run keeps the cards as their groups stand until ctx is done: at once after a change, and once a second for what fails
// or comes from elsewhere (an erasure, say).
func (h *Handler) Run(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		round, cancel := context.WithTimeout(ctx, time.Minute)
		h.Tick(round)
		cancel()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-h.wake:
		}
	}
}

// Tick tells those who asked what was answered, and makes the cards show how their groups stand. It costs one
// look at the store when nothing changed. What fails is logged, and tried again later.
func (h *Handler) Tick(ctx context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	stale, err := h.Store.StaleGroups(ctx, staleMax)
	if err != nil {
		h.Log.Error("reading the inbox failed", "error", err)
		return
	}
	for _, f := range stale {
		w := h.waits[f.Number]
		if h.Now().Before(w.until) {
			continue
		}
		if err := h.settle(ctx, f); err != nil {
			w.last = min(max(2*w.last, waitFirst), waitMost)
			w.until = h.Now().Add(w.last)
			h.waits[f.Number] = w
			h.Log.Error("showing a group of the inbox failed", "group", f.Number, "error", err)
			continue
		}
		delete(h.waits, f.Number)
	}
}

// Warn makes the cards of what will soon be forgotten say so.
func (h *Handler) Warn(ctx context.Context) error {
	if _, err := h.Store.WarnGroups(ctx, h.Now().Add(min(WarnBefore, h.Keep/4))); err != nil {
		return fmt.Errorf("warning of questions to be forgotten: %w", err)
	}
	return nil
}

// settle tells who is to be told, then shows the card.
func (h *Handler) settle(ctx context.Context, f storage.Filed) error {
	var errs []error
	for _, q := range f.Untold() {
		if now, err := h.Store.Group(ctx, f.Number); err == nil {
			f = now // with who was told meanwhile
		}
		if err := h.tell(ctx, f, q); err != nil {
			errs = append(errs, err)
		}
	}
	fresh, err := h.Store.Group(ctx, f.Number)
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	if err := h.show(ctx, fresh); err != nil {
		return errors.Join(append(errs, err)...)
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	return h.Store.ShowGroup(ctx, fresh.Number, fresh.Revision)
}

// tell gives one person the answer, where they asked. The attempt is noted first: after a crash the post is looked for
// before anything is posted again.
func (h *Handler) tell(ctx context.Context, f storage.Filed, q storage.Asked) error {
	var from origin
	if err := json.Unmarshal(q.Origin, &from); err != nil {
		return fmt.Errorf("reading where a question was asked: %w", err)
	}
	if alone(q) && toldAlone(f, q) {
		return h.Store.Told(ctx, f.Number, q.Number, h.Now(), false) // they read it already, in the same conversation
	}
	if err := h.Store.Told(ctx, f.Number, q.Number, time.Time{}, false); err != nil {
		return err
	}
	key := fmt.Sprintf("inbox/%d/%d", f.Number, q.Number)
	to := bot.Target{To: bot.PersonFromRef(q.Person), Place: bot.Place{
		Platform: from.Platform, Channel: from.Channel, Name: from.Name, Thread: from.Thread, Visibility: from.Visibility,
	}}
	if to.Direct = from.Alone || from.Visibility == bot.Direct; to.Direct {
		to.Place = bot.Place{Platform: from.Platform, Visibility: bot.Direct}
		if from.Visibility == bot.Direct {
			to.Place.Channel = from.Channel
		}
	}
	if q.Attempts > 0 {
		if _, found, err := h.Chat.Find(ctx, to, key, f.ClosedAt.Add(-time.Minute)); err == nil && found {
			return h.Store.Told(ctx, f.Number, q.Number, h.Now(), false)
		}
	}
	lang := q.Lang
	if lang == "" {
		lang = h.Campaigns.ByID(f.Campaign).FAQ().Language
	}
	text := h.Words.Say(lang, "inbox-told", "question", q.Text, "answer", quote(f.Answer))
	_, err := h.Chat.Deliver(ctx, to, bot.Reply{Text: text, Key: key, About: []storage.PersonRef{q.Person}})
	if err != nil && q.Attempts+1 < tries {
		return fmt.Errorf("telling somebody: %w", err)
	}
	if err != nil {
		h.Log.Error("somebody could not be told, and is given up", "group", f.Number, "error", err)
	}
	// It is out: a stop at this moment must not leave it looking untold.
	return h.Store.Told(context.WithoutCancel(ctx), f.Number, q.Number, h.Now(), err != nil)
}

// alone reports whether the answer to a question goes to its asker's direct conversation.
func alone(q storage.Asked) bool {
	var from origin
	return json.Unmarshal(q.Origin, &from) == nil && (from.Alone || from.Visibility == bot.Direct)
}

// toldAlone reports whether the asker of q got the answer in their direct conversation, for another question.
func toldAlone(f storage.Filed, q storage.Asked) bool {
	return slices.ContainsFunc(f.Questions, func(other storage.Asked) bool {
		return other.Number != q.Number && other.Person == q.Person && !other.ToldAt.IsZero() && !other.Unreached && alone(other)
	})
}

func quote(s string) string { return "> " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n> ") }

// show posts a group's card, or changes it. Without a recruiters' channel there is none: “faq questions” has it all.
func (h *Handler) show(ctx context.Context, f storage.Filed) error {
	key := fmt.Sprintf("inbox/%d", f.Number)
	reply := bot.Reply{Text: h.text(f), Buttons: h.buttons(f), Key: key}
	if f.Post == "" {
		if len(f.Questions) == 0 {
			return nil
		}
		place, err := h.Chat.RecruitersPlace(ctx, bot.PlatformID(f.Platform))
		if errors.Is(err, bot.ErrNoChannel) || err == nil && place.Visibility == bot.Direct {
			return nil // at a prompt, a card would speak into what somebody types
		}
		if err != nil {
			return err
		}
		card := storage.Channel{Platform: string(place.Platform), ID: string(place.Channel), Name: place.Name}
		// It may have been posted just before a stop.
		id, found, err := h.Chat.Find(ctx, bot.Target{Place: place}, key, f.FirstAt.Add(-time.Minute))
		if err != nil {
			return fmt.Errorf("looking for a card: %w", err)
		}
		if !found {
			if id, err = h.Chat.Deliver(ctx, bot.Target{Place: place}, reply); err != nil {
				return fmt.Errorf("posting a card: %w", err)
			}
			return h.Store.PlaceCard(context.WithoutCancel(ctx), f.Number, card, string(id))
		}
		if err := h.Store.PlaceCard(ctx, f.Number, card, string(id)); err != nil {
			return err
		}
		f.Card, f.Post = card, string(id)
	}
	place := bot.Place{
		Platform: bot.PlatformID(f.Card.Platform), Channel: bot.ChannelID(f.Card.ID), Name: f.Card.Name, Visibility: bot.Private,
	}
	err := h.Chat.Revise(ctx, place, bot.PostID(f.Post), reply)
	if errors.Is(err, bot.ErrGone) {
		return nil // recruiters took it away; “faq questions” has it still
	}
	if err != nil {
		return fmt.Errorf("changing a card: %w", err)
	}
	return nil
}

// text is a card, in the campaign's language: the questions without who asked them, and how they stand.
func (h *Handler) text(f storage.Filed) string {
	c := h.Campaigns.ByID(f.Campaign)
	lang := c.FAQ().Language
	n := strconv.Itoa(f.Number)
	if len(f.Questions) == 0 {
		return h.Words.Say(lang, "inbox-empty", "n", n)
	}
	var rows []string
	switch about := h.about(f, lang); {
	case f.Disliked:
		rows = append(rows, h.Words.Count(lang, "inbox-title-disliked", f.Count, "number", n, "entry", f.Entry))
	case about == "":
		rows = append(rows, h.Words.Count(lang, "inbox-title", f.Count, "number", n))
	default:
		rows = append(rows, h.Words.Count(lang, "inbox-title-about", f.Count, "number", n, "about", about))
	}
	shown := f.Questions[max(0, len(f.Questions)-shownQuestions):]
	for _, q := range shown {
		rows = append(rows, h.Words.Say(lang, "inbox-question", "text", q.Text))
	}
	if hidden := len(f.Questions) - len(shown); hidden > 0 {
		rows = append(rows, h.Words.Count(lang, "inbox-more", hidden))
	}
	rows = append(rows, "", h.state(f, lang))
	forgotten := dates.Day(f.Questions[0].ExpiresAt.In(c.Zone), lang)
	key := "inbox-forget"
	if f.Warned {
		key = "inbox-forget-soon"
	}
	return strings.Join(append(rows, h.Words.Say(lang, key, "date", forgotten)), "\n")
}

// about names what a group's questions are about; empty when nothing is known.
func (h *Handler) about(f storage.Filed, lang string) string {
	t, ok := topics.ByID(f.Topic)
	if !ok || t.Kind != topics.Recruitment {
		return ""
	}
	if lang == "en" {
		return t.EN
	}
	return t.FR
}

// state says what became of a group.
func (h *Handler) state(f storage.Filed, lang string) string {
	args := []string{"name", f.ByName, "entry", f.Entry}
	text := h.Words.Say(lang, "inbox-state-"+string(f.State), args...)
	if !f.State.Closed() || f.Answer == "" {
		return text
	}
	text += "\n" + quote(f.Answer)
	var told, unreached []storage.Asked
	for _, q := range f.Questions {
		switch {
		case q.Unreached:
			unreached = append(unreached, q)
		case !q.ToldAt.IsZero():
			told = append(told, q)
		}
	}
	if n := storage.Askers(told); n > 0 {
		text += "\n" + h.Words.Count(lang, "inbox-told-to", n)
	}
	if n := storage.Askers(unreached); n > 0 {
		text += "\n" + h.Words.Count(lang, "inbox-unreached", n)
	}
	return text
}

// buttons are what can be done with a group as it stands. Whoever reads the card may press them; the rights are checked.
func (h *Handler) buttons(f storage.Filed) []bot.Button {
	if len(f.Questions) == 0 {
		return nil
	}
	lang := h.Campaigns.ByID(f.Campaign).FAQ().Language
	var list []bot.Button
	add := func(label, action string, style bot.Style) {
		list = append(list, bot.Button{
			Label: h.Words.Say(lang, label), Do: action, Style: style, Anyone: true, TTL: h.Keep + 24*time.Hour,
			Data: map[string]string{"group": strconv.Itoa(f.Number), "campaign": f.Campaign},
		})
	}
	switch f.State {
	case storage.GroupOpen, storage.GroupTaken:
		if f.State == storage.GroupOpen {
			add("inbox-button-take", "inbox.take", bot.Plain)
		}
		add("inbox-button-answer", "inbox.answer", bot.Primary)
		add("inbox-button-entry", "inbox.entry", bot.Plain)
		add("inbox-button-attach", "inbox.attach", bot.Plain)
		add("inbox-button-ignore", "inbox.ignore", bot.Plain)
	case storage.GroupAnswered:
		add("inbox-button-entry", "inbox.entry", bot.Plain)
		add("inbox-button-attach", "inbox.attach", bot.Plain)
	}
	return list
}
