package faq

import (
	"slices"
	"strings"
	"sync"
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
	// carefulFrom is for what may be about money, contract or deadline, where a wrong answer costs people most.
	carefulFrom = 0.7
	channelFrom = 0.85
	// statementFrom is for what is said in a channel without any mark of a question.
	statementFrom = 0.97
	// aboutFrom is the probability under which a topic is a guess at random: nothing was understood then.
	aboutFrom = 0.15
	// uncoveredFrom is the probability that no entry covers it from which none is suggested: it is one for a human.
	uncoveredFrom = 0.8
	// suggestAlso is the least probability of a second or third suggestion.
	suggestAlso = 0.02
)

// Index finds the entry that a question asks for. It is safe for concurrent use; a changed FAQ makes a new one.
type Index struct {
	faq     *FAQ
	reader  *text.Reader
	matcher *match.Matcher
	topics  Topics
	free    sync.Pool // *scratch

	names   []string  // by target: the entries' ids in the FAQ's order, then the ways of being for no entry
	like    []int32   // by the matcher's entry: its target
	covers  [][]int32 // by the model's topic: the entries that name it, or the way of being for none
	named   [][]int32 // by entry: the model's topics that it names
	careful []bool    // by entry: it names a topic where a wrong answer costs most
	chatter []bool    // by the model's topic: people's own talk
	covered bool      // some entry names a topic of the model
}

// NewIndex builds the index of f. Without topics (nil) only the entries' phrasings count.
func NewIndex(f *FAQ, model Topics) *Index {
	x := &Index{faq: f, reader: newReader(), topics: model}
	for _, e := range f.Entries {
		x.names = append(x.names, e.ID)
	}
	x.names = append(x.names, others[:]...)
	x.free.New = func() any {
		return &scratch{sums: make([]float64, len(x.names)), like: make([]float64, len(x.names)), seen: make([]bool, len(x.names))}
	}
	if model != nil {
		x.cover()
	}
	var examples []match.Example
	var p []float64
	for _, e := range f.Entries {
		for _, lang := range languages {
			for _, said := range append([]string{e.Question[lang], e.Title[lang]}, e.Phrasings[lang]...) {
				if said == "" {
					continue
				}
				t := x.reader.Read(said)
				var meaning []float32
				if model != nil {
					p = model.Append(p[:0], t)
					meaning = topics.Meaning(p)
				}
				examples = append(examples, match.Example{ID: e.ID, Text: t, Meaning: meaning})
			}
		}
	}
	x.matcher = match.New(examples)
	place := make(map[string]int32, len(x.names))
	for at, name := range x.names {
		place[name] = int32(at)
	}
	for _, id := range x.matcher.IDs() {
		x.like = append(x.like, place[id])
	}
	return x
}

// cover finds what each topic of the model speaks for.
func (x *Index) cover() {
	x.named, x.careful = make([][]int32, len(x.faq.Entries)), make([]bool, len(x.faq.Entries))
	for k, topic := range x.topics.Names() {
		kind := topics.Recruitment // of those that the catalogue does not know too
		t, known := topics.ByID(topic)
		if known {
			kind = t.Kind
		}
		var list []int32
		for at, e := range x.faq.Entries {
			if slices.Contains(e.Topics, topic) {
				list = append(list, int32(at))
				x.named[at] = append(x.named[at], int32(k))
				x.covered = true
				x.careful[at] = x.careful[at] || t.Careful
			}
		}
		if list == nil {
			list = []int32{int32(slices.Index(x.names, "?"+string(kind)))}
		}
		x.covers = append(x.covers, list)
		x.chatter = append(x.chatter, kind == topics.Chatter)
	}
}

// FAQ returns what the index was built from.
func (x *Index) FAQ() *FAQ { return x.faq }

// Decide says what to do with q.
func (x *Index) Decide(q Question) Decision {
	q.Text = text.Head(q.Text)
	d := Decision{Outcome: Unknown, Suggestions: []string{}, Answers: []Answer{}}
	if q.Channel {
		d.Outcome = Silent
	}
	if !hasWords(q.Text) {
		d.Lang = x.language(q, message{})
		return d
	}
	s := x.scratch()
	defer x.release(s)
	m := x.message(s, q.Text)
	d.Lang = x.language(q, m)
	r := x.understand(s, q, m)
	entries := x.entries(r, likely)
	if len(entries) == 0 {
		return d
	}
	d.Ranked = make([]string, 0, len(entries))
	for _, e := range entries {
		d.Ranked = append(d.Ranked, x.names[e.at])
	}
	d.Entry, d.Confidence = x.names[entries[0].at], entries[0].p
	d.Topic = x.topicOf(entries[0].at, r)
	d.Uncovered, d.Asks = x.of(r, otherRecruitment), m.asks()
	if asked, p := x.about(r, q.Channel); p >= aboutFrom {
		top, _ := topics.ByID(asked)
		d.Asked, d.Kind, d.Private = top.ID, string(top.Kind), top.Private
	}
	from := from(q, d.Asks)
	if asked := x.several(s, m, r, max(from, severalFrom)); asked != nil {
		d.Outcome, d.Kind, d.Private = Answered, string(topics.Recruitment), false
		for _, e := range asked {
			d.Answers = append(d.Answers, x.answer(e, r, d.Lang, q.Now))
		}
		first := d.Answers[0]
		d.Entry, d.Topic, d.Confidence, d.Text = first.Entry, first.Topic, first.Confidence, first.Text
		return d
	}
	switch {
	case d.Confidence >= from && !x.costly(entries):
		d.Outcome = Answered
		d.Kind, d.Private = string(topics.Recruitment), false
		d.Answers = []Answer{x.answer(entries[0], r, d.Lang, q.Now)}
		d.Text = d.Answers[0].Text
	case q.Channel:
	case d.Confidence >= suggestFrom && x.of(r, otherRefused)+x.of(r, otherTalk) < 0.5 && d.Uncovered < uncoveredFrom:
		d.Outcome = Suggested
		for i, e := range entries[:min(3, len(entries))] {
			if i == 0 || e.p >= suggestAlso {
				d.Suggestions = append(d.Suggestions, x.names[e.at])
			}
		}
	}
	return d
}

// costly reports whether the best of entries is not sure enough for what it may be about.
func (x *Index) costly(entries []target) bool {
	if x.careful == nil || entries[0].p >= carefulFrom {
		return false
	}
	return x.careful[entries[0].at] || len(entries) > 1 && entries[1].p >= suggestFrom && x.careful[entries[1].at]
}

// likely is how many entries a decision ranks.
const likely = 5

func (x *Index) answer(t target, r reading, lang string, now time.Time) Answer {
	return Answer{x.names[t.at], x.topicOf(t.at, r), t.p, x.faq.Render(&x.faq.Entries[t.at], lang, now)}
}

// about is what r is most probably about, covered or not. Who speaks to the bot does not often talk to others.
func (x *Index) about(r reading, channel bool) (topic string, p float64) {
	for k, v := range r.topics {
		if x.chatter[k] && !channel {
			v /= chatterInChannel
		}
		if v > p {
			topic, p = x.topics.Names()[k], v
		}
	}
	return topic, p
}

// topicOf is the most probable of the topics that an entry names, its own id where it names none.
func (x *Index) topicOf(entry int32, r reading) string {
	named := x.faq.Entries[entry].Topics
	if len(named) == 0 {
		return x.names[entry]
	}
	if len(r.topics) == 0 {
		return named[0]
	}
	topic, p := named[0], 0.0
	for _, k := range x.named[entry] {
		if r.topics[k] > p {
			topic, p = x.topics.Names()[k], r.topics[k]
		}
	}
	return topic
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
