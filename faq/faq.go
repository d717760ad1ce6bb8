// Package faq holds a campaign's FAQ: the file, its entries and answers, and the index that finds the entry a
// question asks for.
//
// It is pure: it reads bytes that it is given, and takes the present time as an argument. No network, no database,
// no clock, no chat.
package faq

import (
	"strconv"
	"strings"
	"time"

	"candide/internal/dates"
)

// Text is what people read, by language ("fr", "en").
type Text map[string]string

// In returns the text in lang, else in fallback, else in whatever language there is.
func (t Text) In(lang, fallback string) string {
	if s, ok := t[lang]; ok {
		return s
	}
	if s, ok := t[fallback]; ok {
		return s
	}
	for _, l := range languages {
		if s, ok := t[l]; ok {
			return s
		}
	}
	return ""
}

// languages that a FAQ may hold.
var languages = []string{"fr", "en"}

// FAQ is a campaign's facts and its entries, as read from a FAQ file.
type FAQ struct {
	ID       string
	Title    Text
	Language string // of those who say nothing: "fr" or "en"
	Address  string // "tu" or "vous"
	Zone     *time.Location
	Opens    time.Time // zero: open from the start
	Closes   time.Time // zero: no deadline
	Starts   time.Time // zero: not known; a day, at midnight in Zone
	// DecisionDays is the recruitment time aimed at, in days after closing; 0: none.
	DecisionDays int
	Contact      string // an e-mail address
	Apply        string // where to apply
	Source       string // where the facts come from
	Entries      []Entry
}

// Entry is one question with its approved answer.
type Entry struct {
	ID       string   `json:"id"`
	Topics   []string `json:"topics,omitempty"` // of faq/topics; empty: matched by its own words alone
	Title    Text     `json:"title,omitempty"`  // a few words, for buttons and headings
	Question Text     `json:"question,omitempty"`
	Answer   Text     `json:"answer,omitempty"`
	Closed   Text     `json:"closed,omitempty"` // instead of Answer once the campaign is closed; nil: Answer stays
	// Applying: the answer is about applying, so that a closed campaign says first that it is closed.
	Applying  bool                `json:"applying,omitempty"`
	Source    string              `json:"source,omitempty"`
	Phrasings map[string][]string `json:"phrasings,omitempty"` // language → how people ask it
	See       []string            `json:"see,omitempty"`       // other entries worth reading
}

// Entry returns the entry with this id.
func (f *FAQ) Entry(id string) (*Entry, bool) {
	for i := range f.Entries {
		if f.Entries[i].ID == id {
			return &f.Entries[i], true
		}
	}
	return nil, false
}

// Phase is where a campaign stands in time.
type Phase int

// The phases.
const (
	Upcoming Phase = iota
	Open
	LastDay // less than 24 hours are left
	Closed
)

// Phase says where the campaign stands at now.
func (f *FAQ) Phase(now time.Time) Phase {
	switch {
	case now.Before(f.Opens):
		return Upcoming
	case f.Closes.IsZero():
		return Open
	case !now.Before(f.Closes.Add(time.Minute)):
		// "Until 23:59" lasts until that minute is over.
		return Closed
	case f.Closes.Sub(now) < 24*time.Hour:
		return LastDay
	default:
		return Open
	}
}

// Render returns the answer of e at now, in lang, its dates computed.
func (f *FAQ) Render(e *Entry, lang string, now time.Time) string {
	text, closed := e.Answer, f.Phase(now) == Closed
	if closed && e.Closed != nil {
		text = e.Closed
	}
	answer := f.fill(strings.TrimSpace(text.In(lang, f.Language)), lang, now)
	if closed && e.Applying && e.Closed == nil {
		answer = f.ClosedNotice(lang) + "\n\n" + answer
	}
	return answer
}

// ClosedNotice says since when the campaign is closed; it is empty for a campaign without a deadline.
func (f *FAQ) ClosedNotice(lang string) string {
	if f.Closes.IsZero() {
		return ""
	}
	when := dates.Moment(f.Closes.In(f.Zone), lang)
	if lang == "en" {
		return "**Applications closed on " + when + ".**"
	}
	return "**Les candidatures sont closes depuis le " + when + ".**"
}

// OpenNotice says until when one can apply, and how long is left; it is empty for a campaign without a deadline.
func (f *FAQ) OpenNotice(lang string, now time.Time) string {
	if f.Closes.IsZero() {
		return ""
	}
	when := dates.Moment(f.Closes.In(f.Zone), lang)
	if lang == "en" {
		return "Applications are open until " + when + ". " + f.timeLeft(lang, now)
	}
	return "Les candidatures sont ouvertes jusqu’au " + when + ". " + f.timeLeft(lang, now)
}

// placeholders are what an answer may hold between braces, each with what it becomes.
var placeholders = map[string]func(f *FAQ, lang string, now time.Time) string{
	"closes": func(f *FAQ, lang string, _ time.Time) string {
		if f.Closes.IsZero() {
			return ""
		}
		return dates.Moment(f.Closes.In(f.Zone), lang)
	},
	"starts": func(f *FAQ, lang string, _ time.Time) string {
		if f.Starts.IsZero() {
			return ""
		}
		return dates.Day(f.Starts.In(f.Zone), lang)
	},
	"time_left":     (*FAQ).timeLeft,
	"decision_days": func(f *FAQ, _ string, _ time.Time) string { return strconv.Itoa(f.DecisionDays) },
	"contact":       func(f *FAQ, _ string, _ time.Time) string { return f.Contact },
	"apply":         func(f *FAQ, _ string, _ time.Time) string { return f.Apply },
}

func (f *FAQ) fill(text, lang string, now time.Time) string {
	if !strings.Contains(text, "{") {
		return text
	}
	for name, value := range placeholders {
		if marker := "{" + name + "}"; strings.Contains(text, marker) {
			text = strings.ReplaceAll(text, marker, value(f, lang, now))
		}
	}
	return text
}

// timeLeft is one sentence on how long one can still apply.
func (f *FAQ) timeLeft(lang string, now time.Time) string {
	left := f.Closes.Sub(now)
	fr, en := "", ""
	switch f.Phase(now) {
	case Upcoming:
		fr = "Les candidatures ouvrent le " + dates.Moment(f.Opens.In(f.Zone), "fr") + "."
		en = "Applications open on " + dates.Moment(f.Opens.In(f.Zone), "en") + "."
	case Closed:
		fr = "C’est terminé depuis le " + dates.Moment(f.Closes.In(f.Zone), "fr") + "."
		en = "That is over since " + dates.Moment(f.Closes.In(f.Zone), "en") + "."
	case LastDay:
		fr = "Dernières heures : il reste " + dates.Span(left, "fr") + "."
		en = "Last hours: " + dates.Span(left, "en") + " left."
	case Open:
		if f.Closes.IsZero() {
			fr, en = "Aucune date limite n’est fixée.", "No deadline is set."
			break
		}
		fr = "Il reste " + dates.Span(left, "fr") + "."
		en = "There are " + dates.Span(left, "en") + " left."
	}
	if lang == "en" {
		return en
	}
	return fr
}
