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
	AnswerJury(ctx context.Context, number, sequence int, who storage.PersonRef, answer storage.Answer, at time.Time, more func(before, after storage.Jury) []storage.Reminder) (j storage.Jury, changed bool, err error)
	SetJuryMembers(ctx context.Context, number int, members []storage.Member, more func(j storage.Jury) []storage.Reminder) (storage.Jury, error)
	SetJurySlots(ctx context.Context, number int, slots []storage.Slot, more func(j storage.Jury) []storage.Reminder) (storage.Jury, error)
	LetterCandidates(ctx context.Context, number, changes int, candidates []int, more func(j storage.Jury) []storage.Reminder) (storage.Jury, error)
	JuriesOf(ctx context.Context, p storage.PersonRef) ([]storage.Jury, error)
	SaveFeed(ctx context.Context, p storage.PersonRef, secret string) error
	Feed(ctx context.Context, p storage.PersonRef) (secret string, err error)
	FeedOwner(ctx context.Context, secret string) (storage.PersonRef, error)
	RemoveFeed(ctx context.Context, p storage.PersonRef) error
	RemindersOf(ctx context.Context, subject string) ([]storage.Reminder, error)
	WantReminder(ctx context.Context, id string, wanted bool) error
	Interest(ctx context.Context, number int) (storage.Interest, error)
	RecordChange(ctx context.Context, c storage.Change) error
	Interests(ctx context.Context, campaign string) ([]storage.Interest, error)
}

// Chat finds channels and people. *bot.Runtime is behind it.
type Chat interface {
	FindChannel(ctx context.Context, platform bot.PlatformID, name string) (bot.Place, error)
	FindPerson(ctx context.Context, platform bot.PlatformID, name string) (bot.Person, error)
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
	// PublicURL is where calendars are reached.
	PublicURL string
	// Wake makes what is due at once leave at once; nil: at the engine's next tick.
	Wake func()
}

// Handler plans juries.
type Handler struct{ Options }

// New returns a handler.
func New(o Options) *Handler { return &Handler{o} }

func (h *Handler) wake() {
	if h.Wake != nil {
		h.Wake()
	}
}

// Register adds the conversations to routes.
func (h *Handler) Register(routes *bot.Routes) error {
	routes.Form("jury", h.step)
	routes.Action("jury.plan", true, h.planned)
	routes.Action("jury.no", true, h.declined)
	routes.Action("jury.move", true, h.moveSure)
	routes.Action("jury.want", true, h.want)
	routes.Action("jury.letters", true, h.letters)
	routes.Action("jury.send", true, h.send)
	routes.Action("jury.copy", true, h.copies)
	routes.Action("jury.told", true, h.told)
	routes.Action("jury.answer", false, h.answer) // whoever sees the card may press: the store knows the members
	var errs []error
	for _, c := range []bot.Command{
		{Names: []string{"jury planifier", "jury plan"}, Run: h.plan},
		{Names: []string{"jury liste", "jury list", "jury"}, Run: h.list},
		{Names: []string{"jury voir", "jury view", "jury show"}, Run: h.view},
		{Names: []string{"jury déplacer", "jury move"}, Run: h.move},
		{Names: []string{"jury annuler", "jury cancel"}, Run: h.cancel},
		{Names: []string{"jury rappels", "jury reminders"}, Run: h.rules},
		{Names: []string{"jury membres", "jury members"}, Run: h.setMembers},
		{Names: []string{"jury candidats", "jury candidates"}, Run: h.setSlots},
		{Names: []string{"jury inviter", "jury invite"}, Run: h.letters},
	} {
		c.Recruiters = true
		c.Args = c.Names[0] != "jury liste"
		errs = append(errs, routes.Command(c))
	}
	// Members need not be recruiters: everybody reads their own calendar, and nobody else's.
	errs = append(errs, routes.Command(bot.Command{Names: []string{"jury calendrier", "jury calendar"}, Args: true, Run: h.calendar}))
	return errors.Join(errs...)
}

// say fills a sentence about a jury.
func (h *Handler) say(lang, key string, j storage.Jury, more ...string) string {
	location := ""
	if j.Location != "" {
		location = h.Words.Say(lang, "jury-location", "location", j.Location)
	}
	if j.Duration > 0 {
		location = h.Words.Say(lang, "jury-duration", "span", spanOf(j.Duration, lang)) + location
	}
	reason := ""
	if j.Reason != "" {
		reason = h.Words.Say(lang, "jury-reason", "reason", j.Reason)
	}
	channel := j.Team.Name
	if channel != "" {
		channel = "~" + channel
	}
	organiser := j.OrganiserName
	if organiser == "" {
		organiser = h.Words.Say(lang, "somebody")
	}
	args := append([]string{
		"n", strconv.Itoa(j.Number), "title", j.Title, "when", h.moment(j, j.At, lang), "zone", j.Zone,
		"channel", channel, "location", location, "organiser", organiser, "reason", reason,
	}, more...)
	return h.Words.Say(lang, key, args...)
}

// spanOf writes a duration: “1 h 30”, “45 min”.
func spanOf(d time.Duration, lang string) string {
	hours, minutes := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case hours == 0:
		return fmt.Sprintf("%d min", minutes)
	case minutes == 0:
		return fmt.Sprintf("%d h", hours)
	case lang == "en":
		return fmt.Sprintf("%d h %d min", hours, minutes)
	}
	return fmt.Sprintf("%d h %02d", hours, minutes)
}

// moment says t in the jury's own zone.
func (h *Handler) moment(j storage.Jury, t time.Time, lang string) string {
	return dates.Moment(t.In(h.zoneOf(j)), lang)
}

func (h *Handler) upcoming(lang string, j storage.Jury, reminders []storage.Reminder) string {
	var items []string
	for _, r := range reminders {
		if r.Kind == storage.KindReminder {
			items = append(items, h.Words.Say(lang, "jury-reminder-at", "rule", r.Rule, "when", h.moment(j, r.Due, lang)))
		}
	}
	if len(items) == 0 {
		return h.Words.Say(lang, "jury-reminders-none")
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

// record writes down who changed a jury, once it is changed.
func (h *Handler) record(ctx context.Context, r bot.Request, action string, j storage.Jury) error {
	err := h.Store.RecordChange(ctx, storage.Change{
		At: h.Now(), By: r.From.Ref(), Action: action, Subject: storage.JurySubject(j.Number),
	})
	if err != nil {
		return fmt.Errorf("recording a change of jury %d: %w", j.Number, err)
	}
	return nil
}
