// Package journal shows recruiters the log of changes: who changed what, and when. It says no candidate's name.
package journal

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"candide/bot"
	"candide/handlers/campaigns"
	"candide/handlers/words"
	"candide/internal/dates"
	"candide/storage"
)

// shown is how many changes are shown, the latest ones.
const shown = 20

// Store is what this conversation reads.
type Store interface {
	Changes(ctx context.Context, subject string, limit int) ([]storage.Change, error)
}

// Names says how people are called on their platform, for recruiters' eyes; "" where that is not known.
type Names interface {
	NameOf(ctx context.Context, p bot.Person) string
}

// Handler shows the log.
type Handler struct {
	store     Store
	words     *words.Words
	campaigns *campaigns.Set
	names     Names
}

// New returns a handler.
func New(store Store, w *words.Words, set *campaigns.Set, names Names) *Handler {
	return &Handler{store: store, words: w, campaigns: set, names: names}
}

// Register adds the conversation to routes.
func (h *Handler) Register(routes *bot.Routes) error {
	return routes.Command(bot.Command{
		Names: []string{"journal", "changes"}, Args: true, Accepts: func(args string) bool { return about.MatchString(args) },
		Recruiters: true, Run: h.show,
	})
}

// about is whose changes are asked for: “3”, “n° 3”, “jury 2”, “faq salaire”.
var about = regexp.MustCompile(`^(?i)(?:(jury|panel)\s*)?(?:n[o°]?\.?|#)?\s*([0-9]{1,9})$|^(?i:faq)\s+([\p{L}\p{N}_-]{1,60})$`)

// subject is what the log calls it.
func subject(text string) string {
	m := about.FindStringSubmatch(text)
	switch {
	case m == nil:
		return ""
	case m[3] != "":
		return "entry/" + m[3]
	case m[1] != "":
		return "jury/" + strings.TrimLeft(m[2], "0")
	default:
		return "candidate/" + strings.TrimLeft(m[2], "0")
	}
}

func (h *Handler) show(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang, zone := h.campaigns.Lang(r), h.campaigns.In(r.Place).Zone
	list, err := h.store.Changes(ctx, subject(r.Text), shown)
	if err != nil {
		return bot.Response{}, fmt.Errorf("reading the log of changes: %w", err)
	}
	if len(list) == 0 {
		return bot.Whisper(h.words.Say(lang, "journal-none")), nil
	}
	rows := []string{h.words.Count(lang, "journal-title", len(list)), ""}
	for _, c := range list {
		rows = append(rows, h.words.Say(lang, "journal-row", "when", h.moment(c.At, zone, lang), "who", h.who(ctx, lang, c),
			"what", h.what(lang, c), "subject", h.about(lang, c.Subject)))
	}
	return bot.Whisper(strings.Join(rows, "\n")), nil
}

func (h *Handler) moment(at time.Time, zone *time.Location, lang string) string {
	return dates.Moment(at.In(zone), lang)
}

// who did it: a recruiter by their name, the person whom it is about, or the bot.
func (h *Handler) who(ctx context.Context, lang string, c storage.Change) string {
	switch {
	case c.By != "":
		if name := h.names.NameOf(ctx, bot.PersonFromRef(c.By)); name != "" {
			return name
		}
		return h.words.Say(lang, "somebody")
	case c.Action == storage.ChangeExpired:
		return h.words.Say(lang, "journal-bot")
	default:
		return h.words.Say(lang, "journal-self")
	}
}

// what was done, in words where there are some.
func (h *Handler) what(lang string, c storage.Change) string {
	key := "change-" + strings.ReplaceAll(c.Action, ".", "-")
	what := h.words.Say(lang, key)
	if what == key {
		what = c.Action
	}
	if from, to, ok := strings.Cut(c.Detail, " > "); ok && (c.Action == storage.ChangeStage || c.Action == storage.ChangeWithdrawn) {
		return what + " (" + h.words.Say(lang, "stage-"+from) + " → " + h.words.Say(lang, "stage-"+to) + ")"
	}
	if c.Detail != "" {
		return what + " (" + c.Detail + ")"
	}
	return what
}

// about says a subject: “candidate/3” is n° 3.
func (h *Handler) about(lang, subject string) string {
	kind, name, _ := strings.Cut(subject, "/")
	key := "subject-" + kind
	if said := h.words.Say(lang, key, "name", name); said != key {
		return said
	}
	return subject
}
