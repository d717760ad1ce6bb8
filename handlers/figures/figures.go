// Package figures counts: what people ask, what the bot makes of it, how far candidates have come. It names nobody, and
// ranks nobody.
package figures

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"candide/bot"
	"candide/faq/topics"
	"candide/handlers/campaigns"
	"candide/handlers/words"
	"candide/internal/fold"
	"candide/storage"
)

const (
	// standard is how many days are shown unless told, and most how many at most.
	standard, most = 7, 366
	// topShown is how many entries and topics are listed.
	topShown = 5
)

// Store is what is counted.
type Store interface {
	Tallies(ctx context.Context, campaign, from, to string) ([]storage.Tally, error)
	Interests(ctx context.Context, campaign string) ([]storage.Interest, error)
}

// Handler shows the figures.
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

// Register adds the conversation to routes.
func (h *Handler) Register(routes *bot.Routes) error {
	return routes.Command(bot.Command{
		Names: []string{"stats", "statistiques", "chiffres", "figures"}, Args: true, Recruiters: true, Run: h.show,
	})
}

var spanPattern = regexp.MustCompile(`^([0-9]{1,4})\s*(j|jours?|d|days?|semaines?|weeks?|mois|months?)$`)

// span reads “7j”, “30 jours”, “2 semaines”; without anything it is the standard.
func span(text string) (days int, ok bool) {
	text = strings.TrimSpace(fold.String(text))
	switch text {
	case "":
		return standard, true
	case "semaine", "week":
		return 7, true
	case "mois", "month":
		return 30, true
	}
	m := spanPattern.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	days, err := strconv.Atoi(m[1])
	switch {
	case strings.HasPrefix(m[2], "s"), strings.HasPrefix(m[2], "w"):
		days *= 7
	case strings.HasPrefix(m[2], "m"):
		days *= 30
	}
	return days, err == nil && days >= 1 && days <= most
}

// show sends the table, with its picture, to the recruiter alone.
func (h *Handler) show(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang, c := h.campaigns.Lang(r), h.campaigns.In(r.Place)
	days, ok := span(r.Text)
	if !ok {
		return bot.Whisper(h.words.Say(lang, "stats-usage", "asked", r.Text)), nil
	}
	f, err := h.gather(ctx, c, days)
	if err != nil {
		return bot.Response{}, err
	}
	picture, err := h.picture(lang, f)
	if err != nil {
		return bot.Response{}, fmt.Errorf("drawing the figures: %w", err)
	}
	return bot.Response{Replies: []bot.Reply{{
		Text: h.table(lang, c.FAQ(), f), Direct: true,
		Files: []bot.File{{Name: "stats.png", Type: "image/png", Data: picture}},
	}}}, nil
}

// count is a number of something.
type count struct {
	name string
	n    int
}

// figures are what is shown.
type figures struct {
	days      []day
	outcomes  []count // in the order in which they are shown, silence left out
	entries   []count // the most given first
	uncovered []count // the most asked first
	up, down  int

	stages []count // in order, those with nobody included
	// decisions are how long those decided took, in days, in order; waiting is how many wait longer than target.
	decisions       []int
	target, waiting int
}

// day is the questions of one day.
type day struct {
	at time.Time // its beginning
	n  int
}

func (f figures) questions() int {
	sum := 0
	for _, d := range f.days {
		sum += d.n
	}
	return sum
}

// median is the middle of the decisions' times.
func (f figures) median() int { return f.decisions[len(f.decisions)/2] }

// outcomes are the tallies' names of what becomes of a question.
var outcomes = []string{"answer", "suggest", "unknown"}

func (h *Handler) gather(ctx context.Context, c *campaigns.Campaign, days int) (figures, error) {
	f, now := figures{target: c.Target()}, h.now().In(c.Zone)
	first := time.Date(now.Year(), now.Month(), now.Day()-days+1, 0, 0, 0, 0, c.Zone)
	tallies, err := h.store.Tallies(ctx, c.FAQ().ID, first.Format(time.DateOnly), now.Format(time.DateOnly))
	if err != nil {
		return f, fmt.Errorf("reading the tallies: %w", err)
	}
	byDay, byOutcome, byEntry, byTopic := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for _, t := range tallies {
		switch t.Kind {
		case storage.TallyOutcome:
			if slices.Contains(outcomes, t.Name) {
				byDay[t.Day] += t.Count
				byOutcome[t.Name] += t.Count
			}
		case storage.TallyEntry:
			byEntry[t.Name] += t.Count
		case storage.TallyUncovered:
			byTopic[t.Name] += t.Count
		case storage.TallyFeedback:
			switch t.Name {
			case "up":
				f.up += t.Count
			case "down":
				f.down += t.Count
			}
		}
	}
	for n := range days {
		at := time.Date(first.Year(), first.Month(), first.Day()+n, 0, 0, 0, 0, c.Zone)
		f.days = append(f.days, day{at, byDay[at.Format(time.DateOnly)]})
	}
	for _, name := range outcomes {
		f.outcomes = append(f.outcomes, count{name, byOutcome[name]})
	}
	f.entries, f.uncovered = top(byEntry), top(byTopic)
	return f, h.people(ctx, c, &f, now)
}

// top is the largest counts, the largest first.
func top(of map[string]int) []count {
	var list []count
	for name, n := range of {
		list = append(list, count{name, n})
	}
	slices.SortFunc(list, func(a, b count) int {
		if a.n != b.n {
			return b.n - a.n
		}
		return strings.Compare(a.name, b.name)
	})
	return list[:min(len(list), topShown)]
}

// people counts the candidates, all of them whenever they came.
func (h *Handler) people(ctx context.Context, c *campaigns.Campaign, f *figures, now time.Time) error {
	list, err := h.store.Interests(ctx, c.FAQ().ID)
	if err != nil {
		return fmt.Errorf("listing the candidates: %w", err)
	}
	byStage := map[storage.Stage]int{}
	for _, i := range list {
		byStage[i.Stage]++
		switch i.Stage {
		case storage.StageAccepted, storage.StageRefused:
			if !i.DecidedAt.IsZero() {
				f.decisions = append(f.decisions, wholeDays(i.CreatedAt, i.DecidedAt))
			}
		case storage.StageWithdrawn:
		default:
			if wholeDays(i.CreatedAt, now) > f.target {
				f.waiting++
			}
		}
	}
	slices.Sort(f.decisions)
	for _, s := range storage.Stages() {
		f.stages = append(f.stages, count{string(s), byStage[s]})
	}
	return nil
}

func wholeDays(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }

// topicName is what people read for a topic.
func topicName(lang, id string) string {
	t, ok := topics.ByID(id)
	if !ok {
		return id
	}
	if lang == "en" {
		return t.EN
	}
	return t.FR
}
