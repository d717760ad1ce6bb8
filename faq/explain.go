package faq

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"candide/faq/match"
	"candide/faq/topics"
)

// Explanation says why a question got its decision.
type Explanation struct {
	Topics  []topics.Score    // what the question is about, the most probable first
	Entries []Weighed         // what was weighed: entries, and the ways of being for no entry
	Like    []match.Candidate // the entries whose phrasings it resembles
	Counted []Counted         // the words that made the best candidate, the heaviest first
	From    float64           // the probability from which it would have been answered
}

// Weighed is a candidate and its probability. Other candidates than entries begin with “?”.
type Weighed struct {
	ID          string
	Probability float64
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
	if !hasWords(q.Text) {
		return Explanation{From: x.from(q)}
	}
	r := x.understand(q)
	e := Explanation{From: x.from(q), Topics: r.topics[:min(3, len(r.topics))], Like: r.like[:min(3, len(r.like))]}
	for _, t := range r.targets[:min(4, len(r.targets))] {
		e.Entries = append(e.Entries, Weighed{t.id, t.p})
	}
	if len(r.targets) > 0 {
		e.Counted = x.counted(q, r.targets[0])
	}
	return e
}

// counted reads the question again without each of its words.
func (x *Index) counted(q Question, best target) []Counted {
	words := strings.Fields(q.Text)
	if len(words) < 2 || len(words) > explainWords {
		return nil
	}
	var list []Counted
	for i, w := range words {
		rest := strings.Join(slices.Concat(words[:i], words[i+1:]), " ")
		if fall := best.p - x.read(rest, q.Channel).of(best.id); fall > 0.01 {
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
	line("resembles phrasings of", each(e.Like, func(c match.Candidate) string { return fmt.Sprintf("%s %.2f", c.ID, c.Score) }))
	line("weighed", each(e.Entries, func(w Weighed) string {
		return fmt.Sprintf("%s %.0f %%", strings.Replace(w.ID, "?", "no entry: ", 1), 100*w.Probability)
	}))
	line("words that counted", each(e.Counted, func(c Counted) string { return fmt.Sprintf("%s (%.0f)", c.Word, 100*c.Fall) }))
	line("answered from", []string{fmt.Sprintf("%.0f %%", 100*e.From)})
}

func each[T any](list []T, say func(T) string) []string {
	var out []string
	for _, v := range list {
		out = append(out, say(v))
	}
	return out
}
