package faq

import (
	"strings"
	"time"
	"unicode"

	"candide/faq/match"
	"candide/faq/text"
	"candide/faq/topics"
)

// Thresholds on the probability that an entry is right. Said to the bot, an answer that is more likely right than not
// is worth giving and a plausible one worth offering; said to nobody in particular, only a sure one is worth an
// interruption.
const (
	answerFrom  = 0.5
	suggestFrom = 0.1
	channelFrom = 0.85
	// statementFrom is for what is said in a channel without any mark of a question.
	statementFrom = 0.97
	// aboutFrom is the probability under which a topic is a guess at random: nothing was understood then.
	aboutFrom = 0.15
	// suggestAlso is the least probability of a second or third suggestion.
	suggestAlso = 0.02
)

// Index finds the entry that a question asks for. It is safe for concurrent use; a changed FAQ makes a new one.
type Index struct {
	faq       *FAQ
	reader    *text.Reader
	matcher   *match.Matcher
	topics    Topics
	coveredBy map[string][]string // topic → entries that name it
}

// NewIndex builds the index of f. Without topics (nil) only the entries' phrasings count.
func NewIndex(f *FAQ, model Topics) *Index {
	x := &Index{faq: f, reader: text.NewReader(), coveredBy: map[string][]string{}}
	var examples []match.Example
	for _, e := range f.Entries {
		for _, topic := range e.Topics {
			x.coveredBy[topic] = append(x.coveredBy[topic], e.ID)
		}
		for _, lang := range languages {
			for _, said := range append([]string{e.Question[lang], e.Title[lang]}, e.Phrasings[lang]...) {
				if said == "" {
					continue
				}
				t := x.reader.Read(said)
				var meaning []float32
				if model != nil {
					_, meaning = model.Classify(t)
				}
				examples = append(examples, match.Example{ID: e.ID, Text: t, Meaning: meaning})
			}
		}
	}
	if model != nil {
		x.topics = model
	}
	x.matcher = match.New(examples)
	return x
}

// FAQ returns what the index was built from.
func (x *Index) FAQ() *FAQ { return x.faq }

// Decide says what to do with q.
func (x *Index) Decide(q Question) Decision {
	q.Text = text.Head(q.Text)
	d := Decision{Outcome: Unknown, Suggestions: []string{}, Answers: []Answer{}, Lang: x.language(q)}
	if q.Channel {
		d.Outcome = Silent
	}
	if !hasWords(q.Text) {
		return d
	}
	r := x.understand(q)
	entries := r.entries()
	if len(entries) == 0 {
		return d
	}
	for _, t := range entries[:min(5, len(entries))] {
		d.Ranked = append(d.Ranked, t.id)
	}
	d.Entry, d.Confidence = entries[0].id, entries[0].p
	d.Topic = x.topicOf(d.Entry, r)
	d.Uncovered, d.Asks = r.of(otherRecruitment), asks(q.Text)
	if len(r.topics) > 0 && r.topics[0].Probability >= aboutFrom {
		top, _ := topics.ByID(r.topics[0].Topic)
		d.Asked, d.Kind, d.Private = top.ID, string(top.Kind), top.Private
	}
	from := x.from(q)
	if asked := x.several(q.Text, r, max(from, severalFrom)); asked != nil {
		d.Outcome, d.Kind, d.Private = Answered, string(topics.Recruitment), false
		for _, t := range asked {
			d.Answers = append(d.Answers, x.answer(t, r, d.Lang, q.Now))
		}
		first := d.Answers[0]
		d.Entry, d.Topic, d.Confidence, d.Text = first.Entry, first.Topic, first.Confidence, first.Text
		return d
	}
	switch {
	case d.Confidence >= from:
		d.Outcome = Answered
		d.Kind, d.Private = string(topics.Recruitment), false
		d.Answers = []Answer{x.answer(entries[0], r, d.Lang, q.Now)}
		d.Text = d.Answers[0].Text
	case q.Channel:
	case d.Confidence >= suggestFrom && r.of(otherRefused)+r.of(otherTalk) < 0.5:
		d.Outcome = Suggested
		for i, t := range entries[:min(3, len(entries))] {
			if i == 0 || t.p >= suggestAlso {
				d.Suggestions = append(d.Suggestions, t.id)
			}
		}
	}
	return d
}

func (x *Index) answer(t target, r reading, lang string, now time.Time) Answer {
	e, _ := x.faq.Entry(t.id)
	return Answer{t.id, x.topicOf(t.id, r), t.p, x.faq.Render(e, lang, now)}
}

// topicOf is the most probable of the topics that the entry names, its own id where it names none.
func (x *Index) topicOf(id string, r reading) string {
	e, ok := x.faq.Entry(id)
	if !ok || len(e.Topics) == 0 {
		return id
	}
	for _, s := range r.topics {
		for _, topic := range e.Topics {
			if s.Topic == topic {
				return topic
			}
		}
	}
	return e.Topics[0]
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

// hasWords reports whether s holds anything that is read: French and English are, and numbers.
func hasWords(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return unicode.Is(unicode.Latin, r) || unicode.IsDigit(r) }) >= 0
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
