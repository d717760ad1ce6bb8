// Package admin is how recruiters steer the bot: help, and pause.
package admin

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"candide/bot"
	"candide/handlers/campaigns"
	"candide/handlers/words"
	"candide/internal/dates"
	"candide/storage"
)

// Store is what these conversations keep.
type Store interface {
	SetPause(ctx context.Context, p storage.Pause) error
	ClearPause(ctx context.Context) error
	RecordChange(ctx context.Context, c storage.Change) error
}

// Handler is the recruiters' conversations.
type Handler struct {
	store     Store
	words     *words.Words
	campaigns *campaigns.Set
	now       func() time.Time
}

// New returns a handler.
func New(store Store, w *words.Words, set *campaigns.Set, now func() time.Time) *Handler {
	return &Handler{store: store, words: w, campaigns: set, now: now}
}

// Register adds the conversations to routes.
func (h *Handler) Register(routes *bot.Routes) error {
	return errors.Join(
		routes.Command(bot.Command{Names: []string{"aide", "help"}, Run: h.help}),
		routes.Command(bot.Command{Names: []string{"pause"}, Args: true, Accepts: numberPattern.MatchString, Recruiters: true, Run: h.pause}),
		routes.Command(bot.Command{Names: []string{"reprendre", "resume"}, Recruiters: true, Run: h.resume}),
	)
}

func (h *Handler) help(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang, f := h.campaigns.Lang(r), h.campaigns.In(r.Place).FAQ()
	text := h.words.Say(lang, "help", "title", f.Title.In(lang, f.Language))
	// A server that does not answer is no reason to refuse help: the candidates' half is for everyone.
	if ok, err := r.IsRecruiter(ctx); err == nil && ok {
		text += "\n\n" + h.words.Say(lang, "help-recruiter")
	}
	return bot.Whisper(text), nil
}

func (h *Handler) pause(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang, now := h.campaigns.Lang(r), h.now()
	p := storage.Pause{Since: now}
	text := h.words.Say(lang, "pause-done-open")
	if r.Text != "" {
		span, err := parseSpan(r.Text)
		if err != nil {
			return bot.Whisper(h.words.Say(lang, "pause-bad")), nil
		}
		p.Until = now.Add(span)
		text = h.words.Say(lang, "pause-done", "until", dates.Moment(p.Until.In(h.campaigns.In(r.Place).Zone), lang))
	}
	if err := h.store.SetPause(ctx, p); err != nil {
		return bot.Response{}, fmt.Errorf("pausing: %w", err)
	}
	if err := h.record(ctx, r, storage.ChangePause); err != nil {
		return bot.Response{}, err
	}
	return bot.Whisper(text), nil
}

func (h *Handler) resume(ctx context.Context, r bot.Request) (bot.Response, error) {
	if err := h.store.ClearPause(ctx); err != nil {
		return bot.Response{}, fmt.Errorf("resuming: %w", err)
	}
	if err := h.record(ctx, r, storage.ChangeResume); err != nil {
		return bot.Response{}, err
	}
	return bot.Whisper(h.words.Say(h.campaigns.Lang(r), "resume-done")), nil
}

// record writes down who did it.
func (h *Handler) record(ctx context.Context, r bot.Request, action string) error {
	err := h.store.RecordChange(ctx, storage.Change{At: h.now(), By: r.From.Ref(), Action: action, Subject: storage.BotSubject})
	if err != nil {
		return fmt.Errorf("recording a change: %w", err)
	}
	return nil
}

// maxPause keeps a slip of the finger from silencing the bot for good: longer than this, say “pause” alone.
const maxPause = 31 * 24 * time.Hour

// numberPattern is what is meant as a time, right or wrong: “pause 30” is told how to say it, “pause déjeuner ?” is
// people's talk.
var numberPattern = regexp.MustCompile(`^[-+]?[0-9][0-9.,]*\s*\pL*$`)

var (
	spanPattern = regexp.MustCompile(`^([0-9]{1,5})\s*([a-z]+)$`)
	spanUnits   = map[string]time.Duration{
		"m": time.Minute, "mn": time.Minute, "min": time.Minute, "minute": time.Minute, "minutes": time.Minute,
		"h": time.Hour, "heure": time.Hour, "heures": time.Hour, "hour": time.Hour, "hours": time.Hour,
		"j": 24 * time.Hour, "jour": 24 * time.Hour, "jours": 24 * time.Hour,
		"d": 24 * time.Hour, "day": 24 * time.Hour, "days": 24 * time.Hour,
	}
)

// parseSpan reads 30m, 2 heures or 3j.
func parseSpan(s string) (time.Duration, error) {
	m := spanPattern.FindStringSubmatch(strings.ToLower(strings.TrimSpace(s)))
	if m == nil || spanUnits[m[2]] == 0 {
		return 0, fmt.Errorf("%q is no duration", s)
	}
	n, err := strconv.Atoi(m[1])
	span := time.Duration(n) * spanUnits[m[2]]
	if err != nil || span <= 0 || span > maxPause {
		return 0, fmt.Errorf("%q is no duration for a pause", s)
	}
	return span, nil
}
