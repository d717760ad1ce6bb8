package main

import (
	"bytes"
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
	for _, path := range []string{filepath.Join(data, "questions-dev.jsonl"), "faq/eval/testdata/heldout.jsonl"} {
		name := strings.TrimSuffix(filepath.Base(path), ".jsonl")
		if !wanted(name) {
			continue
		}
		test, err := read(path)
		if err != nil {
			skipped = append(skipped, err.Error())
			continue
		}
		s := set{name: name, lang: "fr", campaign: true}
		for _, e := range f.Examples() {
			s.train = append(s.train, eval.Question{Text: e.Text, Expect: []string{e.Entry}})
		}
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

// measured is what Candide made of a set; times in milliseconds.
type measured struct {
	entries  int
	summary  eval.Summary
	p50, p99 float64
}

func (m measured) cells() []string {
	auroc := "-"
	if m.summary.Uncovered > 0 {
		auroc = fmt.Sprintf("%.3f", m.summary.AUROC)
	}
	return []string{
		fmt.Sprintf("%.1f %%", 100*float64(m.summary.Top1)/float64(max(1, m.summary.Covered))), auroc,
		fmt.Sprintf("%.3f", m.p50), fmt.Sprintf("%.3f", m.p99),
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
	m.p50, m.p99 = times(x, s.test, len(s.test))
	return m, nil
}

// times puts n questions to x, one by one, and returns the median and the 99th percentile in milliseconds.
func times(x *faq.Index, questions []eval.Question, n int) (p50, p99 float64) {
	took := make([]float64, n)
	for i := range took {
		start := time.Now()
		x.Decide(faq.Question{Text: questions[i%len(questions)].Text})
		took[i] = float64(time.Since(start)) / float64(time.Millisecond)
	}
	slices.Sort(took)
	return took[n/2], took[n*99/100]
}

// speeds puts the project's own questions to FAQs of several sizes.
func speeds(f *faq.FAQ, model *topics.Model) [][]string {
	questions, err := read("faq/eval/testdata/heldout.jsonl")
	if err != nil {
		return [][]string{{"speed"}, {"skipped: " + err.Error()}}
	}
	rows := [][]string{{"entries", "p50 ms", "p99 ms", "index built in s"}}
	for _, n := range []int{18, 500, 2_000, 10_000} {
		big := eval.Synthetic(f, n)
		start := time.Now()
		x := faq.NewIndex(big, model)
		built := time.Since(start).Seconds()
		times(x, questions, 20)
		p50, p99 := times(x, questions, min(len(questions), max(40, 200_000/n)))
		rows = append(rows, []string{fmt.Sprint(n), fmt.Sprintf("%.3f", p50), fmt.Sprintf("%.3f", p99), fmt.Sprintf("%.2f", built)})
	}
	return rows
}
