package faq

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"candide/faq/topics"
)

// Explanation says why a question got its decision.
type Explanation struct {
	Topics  []topics.Score // what the question is about, the most probable first
	Entries []Weighed      // what was weighed: entries, and the ways of being for no entry
	Like    []Likeness     // the entries whose phrasings it resembles
	Counted []Counted      // the words that made the best candidate, the heaviest first
	From    float64        // the probability from which it would have been answered
}

// Weighed is a candidate and its probability. Other candidates than entries begin with “?”.
type Weighed struct {
	ID          string
	Probability float64
}

// Likeness is an entry and how much its phrasings are resembled, from 0 to 1.
type Likeness struct {
	ID    string
	Score float64
}

// Counted is a word and how much the best candidate's probability falls without it.
type Counted struct {
	Word string
	Fall float64
}

// explainWords bounds how many words are tried one by one.
const explainWords = 40

// Explain says why Decide decides what it does with q.
func (x *Index) Explain(q Question) Explanation {
	s := x.scratch()
	defer x.release(s)
	m := x.message(s, q)
	e := Explanation{From: from(q, m)}
	if !hasWords(q.Text) {
		return e
	}
	r := x.understand(s, q, m)
	if len(r.topics) > 0 {
		e.Topics = topics.Scores(x.topics.Names(), r.topics)[:min(3, len(r.topics))]
	}
	x.read(s, m.Text, m.said, q.Channel) // the whole, whose likeness is said
	for _, c := range s.ranked[:min(3, len(s.ranked))] {
		e.Like = append(e.Like, Likeness{x.names[x.like[c.Entry]], float64(c.Score)})
	}
	for _, t := range r.targets[:min(4, len(r.targets))] {
		e.Entries = append(e.Entries, Weighed{x.names[t.at], t.p})
	}
	if len(r.targets) > 0 {
		e.Counted = x.counted(s, q, r.targets[0])
	}
	return e
}

// counted reads the question again without each of its words.
func (x *Index) counted(s *scratch, q Question, best target) []Counted {
	words := strings.Fields(q.Text)
	if len(words) < 2 || len(words) > explainWords {
		return nil
	}
	var list []Counted
	for i, w := range words {
		rest := strings.Join(slices.Concat(words[:i], words[i+1:]), " ")
		if fall := best.p - x.of(x.read(s, toThePoint(x.reader.Read(rest), q.Channel), 0, q.Channel), x.names[best.at]); fall > 0.01 {
			list = append(list, Counted{strings.Trim(w, ".,;:!?…«»\"()"), fall})
		}
	}
	slices.SortStableFunc(list, func(a, b Counted) int { return cmp.Compare(b.Fall, a.Fall) })
	return list[:min(4, len(list))]
}

// Write says the explanation in English, one fact a line.
func (e Explanation) Write(b *strings.Builder) {
	line := func(name string, items []string) {
		if len(items) > 0 {
			fmt.Fprintf(b, "%-22s %s\n", name, strings.Join(items, ", "))
		}
	}
	line("about", each(e.Topics, func(s topics.Score) string { return fmt.Sprintf("%s %.0f %%", s.Topic, 100*s.Probability) }))
	line("resembles phrasings of", each(e.Like, func(l Likeness) string { return fmt.Sprintf("%s %.2f", l.ID, l.Score) }))
	line("weighed", each(e.Entries, func(w Weighed) string {
		return fmt.Sprintf("%s %.0f %%", strings.Replace(w.ID, "?", "no entry: ", 1), 100*w.Probability)
	}))
	line("words that counted", each(e.Counted, func(c Counted) string { return fmt.Sprintf("%s (%.0f)", c.Word, 100*c.Fall) }))
	from := fmt.Sprintf("%.0f %%", 100*e.From)
	if e.From >= never {
		from = "never: it answers somebody"
	}
	line("answered from", []string{from})
}

func each[T any](list []T, say func(T) string) []string {
	var out []string
	for _, v := range list {
		out = append(out, say(v))
	}
	return out
}
