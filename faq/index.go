package faq

import (
	"math"
	"strings"
	"time"
	"unicode"

	"candide/faq/match"
)

// Thresholds on the calibrated confidence. Said to the bot, a likely answer is worth giving and a plausible one worth
// offering; said to nobody in particular, only a sure one is worth an interruption.
const (
	answerFrom  = 0.62
	suggestFrom = 0.25
	channelFrom = 0.90
)

// Index finds the entry that a question asks for. It is safe for concurrent use; a changed FAQ makes a new one.
type Index struct {
	faq     *FAQ
	matcher *match.Matcher
}

// NewIndex builds the index of f.
func NewIndex(f *FAQ) *Index {
	var examples []match.Example
	for _, e := range f.Entries {
		for _, lang := range languages {
			if q := e.Question[lang]; q != "" {
				examples = append(examples, match.Example{ID: e.ID, Text: q})
			}
			if t := e.Title[lang]; t != "" {
				examples = append(examples, match.Example{ID: e.ID, Text: t})
			}
			for _, p := range e.Phrasings[lang] {
				examples = append(examples, match.Example{ID: e.ID, Text: p})
			}
		}
	}
	return &Index{faq: f, matcher: match.New(examples)}
}

// FAQ returns what the index was built from.
func (x *Index) FAQ() *FAQ { return x.faq }

// Decide says what to do with q.
func (x *Index) Decide(q Question) Decision {
	d := Decision{Suggestions: []string{}, Answers: []Answer{}, Lang: x.language(q)}
	if !hasWords(q.Text) {
		return x.withhold(d, q)
	}
	candidates := x.matcher.Rank(q.Text, 5)
	if len(candidates) == 0 {
		return x.withhold(d, q)
	}
	for _, c := range candidates {
		d.Ranked = append(d.Ranked, c.ID)
	}
	d.Entry = candidates[0].ID
	d.Topic = x.topic(d.Entry)
	d.Confidence = confidence(candidates)
	from := answerFrom
	if q.Channel {
		from = channelFrom
	}
	switch {
	case d.Confidence >= from:
		d.Outcome = Answered
		e, _ := x.faq.Entry(d.Entry)
		d.Text = x.faq.Render(e, d.Lang, q.Now)
		d.Answers = append(d.Answers, Answer{d.Entry, d.Topic, d.Confidence, d.Text})
	case q.Channel:
		d.Outcome = Silent
	case d.Confidence >= suggestFrom:
		d.Outcome = Suggested
		d.Suggestions = append(d.Suggestions, d.Ranked[:min(3, len(d.Ranked))]...)
	default:
		d.Outcome = Unknown
	}
	return d
}

// withhold is the decision where there is nothing to answer.
func (x *Index) withhold(d Decision, q Question) Decision {
	d.Outcome = Unknown
	if q.Channel {
		d.Outcome = Silent
	}
	return d
}

func (x *Index) language(q Question) string {
	if lang := Language(q.Text); lang != "" {
		return lang
	}
	if q.Lang != "" {
		return q.Lang
	}
	return x.faq.Language
}

// topic returns the first topic of an entry, or the entry's own id where it names none.
func (x *Index) topic(entry string) string {
	if e, ok := x.faq.Entry(entry); ok && len(e.Topics) > 0 {
		return e.Topics[0]
	}
	return entry
}

// confidence turns the likeness of the best candidate, and its lead over the second, into a probability.
func confidence(candidates []match.Candidate) float64 {
	best, second := candidates[0].Score, 0.0
	if len(candidates) > 1 {
		second = candidates[1].Score
	}
	return 1 / (1 + math.Exp(-(9*best + 8*(best-second) - 4.2)))
}

func hasWords(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) >= 0
}

// Example is one phrasing of an entry.
type Example struct {
	Entry, Text, Lang string
}

// Examples returns every phrasing, questions included, in the file's order.
func (f *FAQ) Examples() []Example {
	var list []Example
	for _, e := range f.Entries {
		for _, lang := range languages {
			if q := e.Question[lang]; q != "" {
				list = append(list, Example{e.ID, q, lang})
			}
			for _, p := range e.Phrasings[lang] {
				list = append(list, Example{e.ID, p, lang})
			}
		}
	}
	return list
}

// FromExamples returns a FAQ that has phrasings and no answers: enough to measure how it is understood.
func FromExamples(ids []string, phrasings map[string][]string) *FAQ {
	f := &FAQ{ID: "examples", Language: "fr", Zone: time.UTC}
	for _, id := range ids {
		f.Entries = append(f.Entries, Entry{ID: id, Phrasings: map[string][]string{"fr": phrasings[id]}})
	}
	return f
}
