package faq

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"candide/faq/text"
	"candide/faq/topics"
)

// How sure the model must be before it advises.
const (
	// adviseFrom is the share of an entry's phrasings, on average, that must speak of the topics proposed for it.
	adviseFrom = 0.6
	// adviseEach is the least share of one of several topics, of which at most adviseMost are proposed.
	adviseEach = 0.2
	adviseMost = 3
)

// Advise proposes what would make f better understood: topics for the entries that name none, and what to do with
// phrasings that speak of another entry's topic. name and src are the file that f was read from.
func Advise(name string, src []byte, f *FAQ, model Topics) Problems {
	lines := entryLines(name, src)
	var advice Problems
	reader := text.NewReader()
	for i, e := range f.Entries {
		spoken := speaksOf(&e, reader, model)
		if len(spoken) == 0 {
			continue
		}
		what := ""
		switch first := spoken[0]; {
		case len(e.Topics) == 0:
			what = f.proposal(&e, spoken)
		case first.Probability >= adviseFrom && !slices.Contains(e.Topics, first.Topic):
			if others := f.naming(first.Topic, e.ID); len(others) > 0 {
				what = fmt.Sprintf("the phrasings of “%s” mostly speak of the topic %s, which is that of the entry %s: move them there, or add the topic here",
					e.ID, first.Topic, quoted(others))
			}
		}
		if what != "" {
			p := Problem{File: name, Line: 1, What: what, Advice: true}
			if i < len(lines) {
				p.Line = lines[i]
			}
			advice = append(advice, p)
		}
	}
	return advice
}

// proposal is the advice to an entry without topics; empty when the model is not sure.
func (f *FAQ) proposal(e *Entry, spoken []topics.Score) string {
	var ids []string
	sum := 0.0
	for _, s := range spoken[:min(adviseMost, len(spoken))] {
		if s.Probability < adviseEach {
			break
		}
		ids, sum = append(ids, s.Topic), sum+s.Probability
	}
	if sum < adviseFrom {
		return ""
	}
	what := fmt.Sprintf("the entry “%s” names no topics, and its phrasings speak of %s: add “topics: [%s]” and it will be found in other words too",
		e.ID, strings.Join(ids, " and "), strings.Join(ids, ", "))
	if others := f.naming(ids[0], e.ID); len(others) > 0 {
		what += fmt.Sprintf(" (the entry %s names %s already)", quoted(others), ids[0])
	}
	return what
}

// speaksOf is how much each recruitment topic is spoken of in the entry's question and phrasings, on average, the most
// first.
func speaksOf(e *Entry, reader *text.Reader, model Topics) []topics.Score {
	sums, n := make([]float64, len(model.Names())), 0
	for _, lang := range languages {
		for _, said := range append([]string{e.Question[lang]}, e.Phrasings[lang]...) {
			p := model.Append(nil, reader.Read(said))
			if p == nil {
				continue
			}
			n++
			for k, v := range p {
				sums[k] += v
			}
		}
	}
	if n == 0 {
		return nil
	}
	var list []topics.Score
	for k, topic := range model.Names() {
		if t, ok := topics.ByID(topic); ok && t.Kind == topics.Recruitment && sums[k] > 0 {
			list = append(list, topics.Score{Topic: topic, Probability: sums[k] / float64(n)})
		}
	}
	slices.SortFunc(list, func(a, b topics.Score) int {
		return cmp.Or(cmp.Compare(b.Probability, a.Probability), strings.Compare(a.Topic, b.Topic))
	})
	return list
}

// naming returns the entries other than this one that name the topic.
func (f *FAQ) naming(topic, but string) []string {
	var ids []string
	for _, e := range f.Entries {
		if e.ID != but && slices.Contains(e.Topics, topic) {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

func quoted(ids []string) string { return "“" + strings.Join(ids, "”, “") + "”" }

// entryLines returns the line of each entry's id, in the file's order.
func entryLines(name string, src []byte) []int {
	r := &reader{file: name}
	root := r.parse(src)
	if root == nil {
		return nil
	}
	var lines []int
	for _, item := range root.sequence("entries") {
		if m := r.mapping(item, "an entry"); m != nil {
			lines = append(lines, line(m.at("id")))
		}
	}
	return lines
}
