// Package jury plans the sessions of the hiring panel and says their reminders.
//
// When reminders are sent, and once only, is the engine's business (package bot); what is due before a jury and what
// it says is decided here.
package jury

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

// Store is what this conversation keeps.
type Store interface {
	PlanJury(ctx context.Context, j storage.Jury, reminders func(number int) []storage.Reminder) (storage.Jury, error)
	MoveJury(ctx context.Context, number int, at time.Time, reminders func(j storage.Jury) []storage.Reminder) (storage.Jury, error)
	CancelJury(ctx context.Context, number int, reason string, reminders func(j storage.Jury) []storage.Reminder) (storage.Jury, error)
	SetJuryRules(ctx context.Context, number int, rules []string, reminders func(j storage.Jury) []storage.Reminder) (storage.Jury, error)
	Jury(ctx context.Context, number int) (storage.Jury, error)
	Juries(ctx context.Context, campaign string) ([]storage.Jury, error)
	RemindersOf(ctx context.Context, subject string) ([]storage.Reminder, error)
}

// Chat finds channels and posts in them. *bot.Runtime is behind it.
type Chat interface {
	FindChannel(ctx context.Context, platform bot.PlatformID, name string) (bot.Place, error)
	Deliver(ctx context.Context, to bot.Target, reply bot.Reply) (bot.PostID, error)
}

// Options are what a handler is made of.
type Options struct {
	Store     Store
	Words     *words.Words
	Chat      Chat
	Campaigns *campaigns.Set
	Now       func() time.Time
	// Rules are a jury's reminders, unless it has its own: J-7, J-1, H-1.
	Rules []string
}

// Handler plans juries.
type Handler struct{ Options }

// New returns a handler.
func New(o Options) *Handler { return &Handler{o} }

// Register adds the conversations to routes.
func (h *Handler) Register(routes *bot.Routes) error {
	routes.Form("jury", h.step)
	var errs []error
	for _, c := range []bot.Command{
		{Names: []string{"jury planifier", "jury plan"}, Run: h.plan},
		{Names: []string{"jury liste", "jury list", "jury"}, Run: h.list},
		{Names: []string{"jury voir", "jury view", "jury show"}, Run: h.view},
		{Names: []string{"jury déplacer", "jury move"}, Run: h.move},
		{Names: []string{"jury annuler", "jury cancel"}, Run: h.cancel},
		{Names: []string{"jury rappels", "jury reminders"}, Run: h.rules},
	} {
		c.Recruiters = true
		c.Args = c.Names[0] != "jury liste"
		errs = append(errs, routes.Command(c))
	}
	return errors.Join(errs...)
}

// plan reads “mardi 1er décembre 14h ~equipe Titre”; without anything it opens the form.
func (h *Handler) plan(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	if r.Text == "" {
		return bot.Response{Form: &bot.Form{Name: "jury", Data: map[string]string{"lang": lang}, Step: h.form(lang, h.Campaigns.In(r.Place).TeamChannel)}}, nil
	}
	at, rest, problem := h.when(h.Campaigns.In(r.Place).Zone, r.Text, lang)
	if problem != "" {
		return bot.Whisper(problem), nil
	}
	channel, title := splitChannel(rest)
	res, _, err := h.create(ctx, r, lang, at, channel, title, "")
	return res, err
}

var channelPattern = regexp.MustCompile(`(^|\s)[~#]([\p{L}\p{N}][\p{L}\p{N}._-]*)`)

// splitChannel takes “~equipe” out of what was typed.
func splitChannel(text string) (channel, title string) {
	m := channelPattern.FindStringSubmatchIndex(text)
	if m == nil {
		return "", strings.TrimSpace(text)
	}
	return text[m[4]:m[5]], strings.TrimSpace(strings.TrimSpace(text[:m[0]]) + " " + strings.TrimSpace(text[m[1]:]))
}

// when reads a date with its hour, still to come; problem is what to answer where it is not one.
func (h *Handler) when(zone *time.Location, text, lang string) (at time.Time, rest, problem string) {
	now := h.Now()
	reading, err := dates.Parse(text, now, zone)
	switch {
	case errors.Is(err, dates.ErrNoDate):
		return time.Time{}, "", h.Words.Say(lang, "jury-usage")
	case err != nil:
		return time.Time{}, "", h.Words.Say(lang, "jury-bad-date", "problem", dates.Explain(err, lang))
	case len(reading.Alternatives) > 0 && reading.HasClock:
		either := dates.Moment(reading.At, lang)
		for _, other := range reading.Alternatives {
			either += " " + h.Words.Say(lang, "jury-or") + " " + dates.Moment(other, lang)
		}
		return time.Time{}, "", h.Words.Say(lang, "jury-ambiguous", "dates", either)
	case !reading.HasClock:
		return time.Time{}, "", h.Words.Say(lang, "jury-no-clock")
	case !reading.At.After(now):
		return time.Time{}, "", h.Words.Say(lang, "jury-past", "when", dates.Moment(reading.At, lang))
	}
	return reading.At, reading.Rest, ""
}

func (h *Handler) form(lang, teamChannel string) bot.Step {
	say := func(key string) string { return h.Words.Say(lang, key) }
	return bot.Step{
		Name: "plan", Title: say("jury-title"),
		Fields: []bot.Field{
			{Name: "title", Label: say("jury-field-title"), Default: say("jury-default-title"), Max: 100},
			{Name: "when", Label: say("jury-field-when"), Help: say("jury-field-when-help")},
			{Name: "channel", Label: say("jury-field-channel"), Help: say("jury-field-channel-help"), Default: teamChannel, Optional: teamChannel != ""},
			{Name: "location", Label: say("jury-field-location"), Optional: true},
		},
	}
}

func (h *Handler) step(ctx context.Context, r bot.Request, _ string, answers map[string]string) (bot.Turn, error) {
	lang := h.Campaigns.Lang(r)
	// Rights are checked again: the person may have left the recruiters since the form was opened.
	if ok, err := r.IsRecruiter(ctx); err != nil {
		return bot.Turn{}, fmt.Errorf("checking a recruiter's rights: %w", err)
	} else if !ok {
		return bot.Turn{Response: bot.Whisper(h.Words.Say(lang, "recruiters-only"))}, nil
	}
	at, rest, problem := h.when(h.Campaigns.In(r.Place).Zone, answers["when"], lang)
	if problem == "" && rest != "" {
		problem = h.Words.Say(lang, "jury-bad-date", "problem", "« "+rest+" » ?")
	}
	if problem != "" {
		return bot.Turn{Invalid: map[string]string{"when": problem}}, nil
	}
	res, invalid, err := h.create(ctx, r, lang, at, strings.TrimLeft(answers["channel"], "~#"), answers["title"], answers["location"])
	if invalid != "" {
		return bot.Turn{Invalid: map[string]string{"channel": invalid}}, err
	}
	return bot.Turn{Response: res}, err
}

// create plans a jury; invalid says what is wrong with the channel.
func (h *Handler) create(ctx context.Context, r bot.Request, lang string, at time.Time, channel, title, location string) (res bot.Response, invalid string, err error) {
	campaign := h.Campaigns.In(r.Place)
	if channel == "" {
		channel = campaign.TeamChannel
	}
	place, problem, err := h.channel(ctx, r, lang, channel)
	if err != nil || problem != "" {
		return bot.Whisper(problem), problem, err
	}
	if title == "" {
		title = h.Words.Say(lang, "jury-default-title")
	}
	j := storage.Jury{
		Campaign: campaign.FAQ().ID, Title: title, At: at, Zone: campaign.Zone.String(), Location: location,
		Team:      storage.Channel{Platform: string(place.Platform), ID: string(place.Channel), Name: place.Name},
		Organiser: r.From.Ref(), OrganiserName: r.From.Name,
		Rules: h.Rules, State: storage.JuryPlanned, CreatedAt: h.Now(),
	}
	var planned []storage.Reminder
	var planErr error
	j, err = h.Store.PlanJury(ctx, j, func(number int) []storage.Reminder {
		j := j
		j.Number = number
		planned, planErr = Reminders(j, h.Now())
		return planned
	})
	if err = errors.Join(err, planErr); err != nil {
		return bot.Response{}, "", fmt.Errorf("planning a jury: %w", err)
	}
	text := h.say(lang, "jury-planned", j) + "\n" + h.upcoming(lang, j, planned)
	return bot.Whisper(text), "", nil
}

// channel finds the team's channel; problem says why it cannot serve.
func (h *Handler) channel(ctx context.Context, r bot.Request, lang, name string) (place bot.Place, problem string, err error) {
	if name == "" {
		return bot.Place{}, h.Words.Say(lang, "jury-channel-needed"), nil
	}
	place, err = h.Chat.FindChannel(ctx, r.From.Platform, name)
	switch {
	case errors.Is(err, bot.ErrNoChannel):
		return bot.Place{}, h.Words.Say(lang, "jury-no-channel", "channel", name), nil
	case err != nil:
		return bot.Place{}, "", fmt.Errorf("looking for the team's channel: %w", err)
	case place.Visibility == bot.Public:
		return bot.Place{}, h.Words.Say(lang, "jury-public-channel", "channel", name), nil
	}
	return place, "", nil
}

// say fills a sentence about a jury.
func (h *Handler) say(lang, key string, j storage.Jury, more ...string) string {
	location := ""
	if j.Location != "" {
		location = h.Words.Say(lang, "jury-location", "location", j.Location)
	}
	reason := ""
	if j.Reason != "" {
		reason = h.Words.Say(lang, "jury-reason", "reason", j.Reason)
	}
	channel := j.Team.Name
	if channel != "" {
		channel = "~" + channel
	}
	args := append([]string{
		"n", strconv.Itoa(j.Number), "title", j.Title, "when", h.moment(j, j.At, lang), "zone", j.Zone,
		"channel", channel, "location", location, "organiser", j.OrganiserName, "reason", reason,
	}, more...)
	return h.Words.Say(lang, key, args...)
}

// moment says t in the jury's own zone.
func (h *Handler) moment(j storage.Jury, t time.Time, lang string) string {
	return dates.Moment(t.In(h.zoneOf(j)), lang)
}

func (h *Handler) upcoming(lang string, j storage.Jury, reminders []storage.Reminder) string {
	if len(reminders) == 0 {
		return h.Words.Say(lang, "jury-reminders-none")
	}
	items := make([]string, len(reminders))
	for i, r := range reminders {
		items[i] = h.Words.Say(lang, "jury-reminder-at", "rule", r.Rule, "when", h.moment(j, r.Due, lang))
	}
	return h.Words.Say(lang, "jury-reminders", "list", strings.Join(items, " · "))
}

var numberPattern = regexp.MustCompile(`^(?i:n°|no\.?|#)?\s*([0-9]{1,9})(?:\s+|$)`)

// number takes a jury's number off the beginning of text: “3”, “n° 3”, “#3”.
func number(text string) (n int, rest string, ok bool) {
	text = strings.TrimSpace(text)
	m := numberPattern.FindStringSubmatch(text)
	if m == nil {
		return 0, text, false
	}
	n, err := strconv.Atoi(m[1])
	return n, strings.TrimSpace(text[len(m[0]):]), err == nil && n > 0
}
