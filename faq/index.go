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
	// never is for what answers somebody: nothing is so sure.
	never = 2.0
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

	names    []string       // by target: the entries' ids in the FAQ's order, then the ways of being for no entry
	like     []int32        // by the matcher's entry: its target
	covers   []cover        // what the topics speak for
	chatter  []cover        // of covers, the topics that are people's own talk
	subjects []topics.Topic // by the model's topic: what the catalogue knows of it
	topicsOf [][]int32      // by entry: the model's topics that it names
	careful  []bool         // by entry: it names a topic where a wrong answer costs most
	covered  bool           // some entry names a topic of the model
}

// cover is an entry that names topics of the model, or a way of being for none, and the topics that speak for it.
type cover struct {
	target int32
	topics []int32
}

// NewIndex builds the index of f. Without topics (nil) only the entries' phrasings count.
func NewIndex(f *FAQ, model Topics) *Index {
	x := &Index{faq: f, reader: newReader(), topics: model}
	for _, e := range f.Entries {
		x.names = append(x.names, e.ID)
	}
	x.names = append(x.names, others[:]...)
	x.free.New = func() any {
		return &scratch{sums: make([]float64, len(x.names)), like: make([]float64, len(x.names))}
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
	x.topicsOf, x.careful = make([][]int32, len(x.faq.Entries)), make([]bool, len(x.faq.Entries))
	speaks, talk := make([][]int32, len(x.names)), make([][]int32, len(x.names)) // by target
	for k, name := range x.topics.Names() {
		t, known := topics.ByID(name)
		if !known {
			t.Kind = topics.Recruitment
		}
		x.subjects = append(x.subjects, t)
		none := true
		add := func(target int) {
			speaks[target] = append(speaks[target], int32(k))
			if t.Kind == topics.Chatter {
				talk[target] = append(talk[target], int32(k))
			}
		}
		for at, e := range x.faq.Entries {
			if slices.Contains(e.Topics, name) {
				none = false
				add(at)
				x.topicsOf[at] = append(x.topicsOf[at], int32(k))
				x.covered = true
				x.careful[at] = x.careful[at] || t.Careful
			}
		}
		if none {
			add(slices.Index(x.names, "?"+string(t.Kind)))
		}
	}
	x.covers, x.chatter = covers(speaks), covers(talk)
}

// covers lists the targets that topics speak for.
func covers(speak [][]int32) (list []cover) {
	for at, speaking := range speak {
		if speaking != nil {
			list = append(list, cover{int32(at), speaking})
		}
	}
	return list
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
	m := x.message(s, q)
	d.Lang = x.language(q, m)
	r := x.understand(s, q, m)
	var room [likely]target
	entries := x.entries(room[:0], r, likely)
	if len(entries) == 0 {
		return d
	}
	d.Ranked = make([]string, 0, len(entries))
	for _, e := range entries {
		d.Ranked = append(d.Ranked, x.names[e.at])
	}
	entries = entries[:min(suggested, len(entries))]
	for i := range entries {
		entries[i].p = calibrate(entries[i].p)
	}
	d.Entry, d.Confidence = x.names[entries[0].at], entries[0].p
	d.Topic = x.topicOf(entries[0].at, r)
	d.Uncovered, d.Asks = x.of(r, otherRecruitment), m.asks()
	if top := x.asked(r, q.Channel); top != nil {
		d.Asked, d.Kind, d.Private = top.ID, string(top.Kind), top.Private
	}
	from := from(q, m)
	if asked := x.several(s, q, m, r, max(from, severalFrom)); asked != nil {
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
		for i, e := range entries {
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

// likely is how many entries a decision ranks, suggested how many of them it offers.
const likely, suggested = 5, 3

func (x *Index) answer(t target, r reading, lang string, now time.Time) Answer {
	return Answer{x.names[t.at], x.topicOf(t.at, r), t.p, x.faq.Render(&x.faq.Entries[t.at], lang, now)}
}

// asked is what r is most probably about, covered or not; nil where that is a guess. Who speaks to the bot does not often
// talk to others.
func (x *Index) asked(r reading, channel bool) *topics.Topic {
	top, p := -1, aboutFrom
	for k, v := range r.topics {
		if v <= p { // nearly all
			continue
		}
		if x.subjects[k].Kind == topics.Chatter && !channel {
			v /= chatterInChannel
		}
		if v > p {
			top, p = k, v
		}
	}
	if top < 0 || x.subjects[top].ID == "" {
		return nil
	}
	return &x.subjects[top]
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
	for _, k := range x.topicsOf[entry] {
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
