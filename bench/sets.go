package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"candide/faq"
	"candide/faq/eval"
	"candide/faq/topics"
)

// set is example phrasings and the questions put to them.
type set struct {
	name, lang  string
	train, test []eval.Question
	campaign    bool // the default FAQ, whose topics and answers count too
}

// findSets reads the public sets, each whole and with the first phrasing of each entry alone, and the recruitment
// questions.
func findSets(data string, f *faq.FAQ, only string) (sets []set, skipped []string) {
	wanted := func(name string) bool { return only == "" || slices.Contains(strings.Split(only, ","), name) }
	folders, err := filepath.Glob(filepath.Join(data, "public", "*", "train.jsonl"))
	if err != nil || len(folders) == 0 {
		skipped = append(skipped, "the public sets: none in "+filepath.Join(data, "public"))
	}
	for _, train := range folders {
		dir := filepath.Dir(train)
		s := set{name: filepath.Base(dir), lang: "fr"}
		if !wanted(s.name) {
			continue
		}
		if strings.Contains(s.name+"_", "_en_") {
			s.lang = "en"
		}
		if s.train, err = read(train); err == nil {
			s.test, err = read(filepath.Join(dir, "test.jsonl"))
		}
		if err != nil {
			skipped = append(skipped, err.Error())
			continue
		}
		single := s
		single.name += ", one phrasing"
		single.train = firstOfEach(s.train)
		sets = append(sets, s, single)
	}
	for _, path := range []string{filepath.Join(data, "questions-dev.jsonl"), "faq/eval/testdata/heldout.jsonl", "faq/eval/testdata/unseen.jsonl"} {
		name := strings.TrimSuffix(filepath.Base(path), ".jsonl")
		if !wanted(name) {
			continue
		}
		test, err := read(path)
		if err != nil {
			skipped = append(skipped, err.Error())
			continue
		}
		s := set{name: name, lang: "fr", campaign: true, train: examples(f)}
		for _, q := range test { // the peers know nothing of people's own talk
			if !slices.Contains(q.Expect, eval.Noise) {
				s.test = append(s.test, q)
			}
		}
		sets = append(sets, s)
	}
	return sets, skipped
}

func read(path string) ([]eval.Question, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return eval.Read(path, bytes.NewReader(src))
}

func firstOfEach(train []eval.Question) []eval.Question {
	var first []eval.Question
	seen := map[string]bool{}
	for _, q := range train {
		if !seen[q.Expect[0]] {
			seen[q.Expect[0]] = true
			first = append(first, q)
		}
	}
	return first
}

// write puts questions where a peer reads them.
func write(path string, questions []eval.Question) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for _, q := range questions {
		if err := enc.Encode(q); err != nil {
			return err
		}
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}

// measured is what Candide made of a set; times in microseconds.
type measured struct {
	entries int
	summary eval.Summary
	timed
}

func (m measured) cells() []string {
	auroc := "-"
	if m.summary.Uncovered > 0 {
		auroc = fmt.Sprintf("%.3f", m.summary.AUROC)
	}
	return []string{
		fmt.Sprintf("%.1f %%", 100*float64(m.summary.Top1)/float64(max(1, m.summary.Covered))), auroc,
		fmt.Sprintf("%.1f", m.p50), fmt.Sprintf("%.1f", m.p99),
	}
}

func measure(s set, f *faq.FAQ, model *topics.Model) (measured, error) {
	if !s.campaign {
		var order []string
		byID := map[string][]string{}
		for _, q := range s.train {
			id := q.Expect[0]
			if _, known := byID[id]; !known {
				order = append(order, id)
			}
			byID[id] = append(byID[id], q.Text)
		}
		f = faq.FromExamples(order, byID)
	}
	x := faq.NewIndex(f, model)
	now := time.Date(2020, 11, 16, 10, 0, 0, 0, time.UTC)
	m := measured{entries: len(f.Entries), summary: eval.Summarise(eval.Run(x, s.test, false, now))} // warms up too
	if len(s.test) == 0 {
		return m, fmt.Errorf("%s has no questions", s.name)
	}
	_, m.timed = times(x, s.test)
	return m, nil
}

// All questions are put several times over, one after another. The first passes warm up, as the peers do; the others,
// which take milliseconds each, are counted together, so that a hiccup of the machine does not decide.
const warming, counted = 10, 20

// timed is how long a question takes, in microseconds.
type timed struct{ p50, p99 float64 }

// times puts the questions to x and returns the first pass, in which words are met for the first time, and those that
// count.
func times(x *faq.Index, questions []eval.Question) (first, last timed) {
	took := make([]float64, 0, counted*len(questions))
	for pass := range warming + counted {
		if pass == warming {
			took = took[:0]
		}
		for _, q := range questions {
			start := time.Now()
			x.Decide(faq.Question{Text: q.Text})
			took = append(took, float64(time.Since(start))/float64(time.Microsecond))
		}
		if pass == 0 {
			first = middle(slices.Clone(took))
		}
	}
	return first, middle(took)
}

func middle(took []float64) timed {
	slices.Sort(took)
	return timed{took[len(took)/2], took[len(took)*99/100]}
}

// compared is the size at which the peers are put to the same FAQ.
const compared = 500

// speeds puts the project's own questions to FAQs of several sizes, and the peers to one of them.
func speeds(ctx context.Context, f *faq.FAQ, rivals []peer, work string) (rows [][]string, skipped []string) {
	questions, err := read("faq/eval/testdata/heldout.jsonl")
	if err != nil {
		return nil, []string{err.Error()}
	}
	head := []string{"entries", "p50 µs", "p99 µs", "new words: p50", "p99", "index built in s"}
	for _, r := range rivals {
		head = append(head, "× faster than "+r.name)
	}
	rows = [][]string{head}
	for _, n := range []int{18, compared, 2_000, 10_000} {
		big := eval.Synthetic(f, n)
		model, err := topics.Load() // that has met nothing yet
		if err != nil {
			return nil, []string{err.Error()}
		}
		start := time.Now()
		x := faq.NewIndex(big, model)
		built := time.Since(start).Seconds()
		first, last := times(x, questions)
		row := []string{fmt.Sprint(n), fmt.Sprintf("%.1f", last.p50), fmt.Sprintf("%.1f", last.p99), fmt.Sprintf("%.0f", first.p50), fmt.Sprintf("%.0f", first.p99), fmt.Sprintf("%.2f", built)}
		for _, r := range rivals {
			cell := ""
			if n == compared {
				got, err := r.measure(ctx, set{lang: "fr", train: examples(big), test: questions}, work)
				if err != nil {
					skipped = append(skipped, fmt.Sprintf("%s on %d entries: %v", r.name, n, err))
				} else {
					cell = fmt.Sprintf("%.1f", 1000*got.Median/last.p50)
				}
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	return rows, skipped
}

// examples are a FAQ's phrasings as the peers read them.
func examples(f *faq.FAQ) []eval.Question {
	var list []eval.Question
	for _, e := range f.Examples() {
		list = append(list, eval.Question{Text: e.Text, Expect: []string{e.Entry}})
	}
	return list
}
