package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"candide/cmd/candide/config"
	"candide/faq"
	"candide/faq/eval"
	"candide/faq/topics"
)

type faqCmd struct {
	Check    faqCheckCmd    `cmd:"" help:"Validate a FAQ file: every problem, with its line."`
	Eval     faqEvalCmd     `cmd:"" help:"Measure how labelled questions are understood."`
	Examples faqExamplesCmd `cmd:"" help:"Print the FAQ's example phrasings as JSON lines."`
	Export   faqExportCmd   `cmd:"" help:"Print the FAQ as it stands, edits included."`
}

// readFAQ reads a FAQ file, the default FAQ without a path, and returns how its problems call it.
func readFAQ(path string) (name string, src []byte, err error) {
	if path == "" {
		return faq.DefaultName, faq.DefaultFile(), nil
	}
	src, err = os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil, inputFault(fmt.Errorf("the FAQ file %s does not exist", path))
	}
	if err != nil {
		return path, nil, inputFault(fmt.Errorf("reading the FAQ: %w", err))
	}
	return path, src, nil
}

// readCampaignFAQ reads the FAQ of a configured campaign; an error says where the configuration names it.
func readCampaignFAQ(cfg config.Config, i int) (name string, src []byte, err error) {
	name, src, err = readFAQ(cfg.Campaigns[i].FAQ)
	if err != nil {
		key := fmt.Sprintf("campaigns[%d].faq", i)
		err = inputFault(fmt.Errorf("%s: %w: correct %s, a path relative to this file", cfg.Where(key), err, key))
	}
	return name, src, err
}

// loadFAQ reads and checks a FAQ file; the default FAQ without a path.
func loadFAQ(path string) (*faq.FAQ, error) {
	name, src, err := readFAQ(path)
	if err != nil {
		return nil, err
	}
	return parseFAQ(name, src)
}

func parseFAQ(name string, src []byte) (*faq.FAQ, error) {
	f, err := faq.Parse(name, src, topics.Known)
	if err != nil {
		return nil, inputFault(err)
	}
	return f, nil
}

// topicModel is the model that is part of the program. It is large, never changes, and serves every campaign.
var topicModel = sync.OnceValues(topics.Load)

// newIndex builds the index of f.
func newIndex(f *faq.FAQ) (*faq.Index, error) {
	model, err := topicModel()
	if err != nil {
		return nil, err
	}
	return faq.NewIndex(f, model), nil
}

type faqCheckCmd struct {
	File string `arg:"" help:"The FAQ file."`
}

// Validate refuses an empty name, which elsewhere means the default FAQ: a script's unset variable is no file.
func (c faqCheckCmd) Validate() error {
	if c.File == "" {
		return errors.New("the file's name is empty")
	}
	return nil
}

// Run prints every problem on standard error, and advice on a file that has none.
func (c faqCheckCmd) Run(p program) error {
	name, src, err := readFAQ(c.File)
	if err != nil {
		return err
	}
	f, err := parseFAQ(name, src)
	var problems faq.Problems
	if errors.As(err, &problems) {
		for _, problem := range problems {
			fmt.Fprintln(p.stderr, problem)
		}
		return inputFault(fmt.Errorf("%s: %d problem(s)", c.File, len(problems)))
	}
	if err != nil {
		return err
	}
	model, err := topics.Load()
	if err != nil {
		return err
	}
	for _, advice := range faq.Advise(name, src, f, model) {
		fmt.Fprintln(p.stderr, advice)
	}
	fmt.Fprintf(p.stdout, "%s: fine, %d entries\n", c.File, len(f.Entries))
	return nil
}

type faqEvalCmd struct {
	FAQ       string `name:"faq" help:"A FAQ file, instead of the default one." placeholder:"FILE" xor:"faq"`
	Examples  string `help:"Build the FAQ from example lines alone." placeholder:"TRAIN.jsonl" xor:"faq"`
	Channel   bool   `help:"Put every question as said in a channel, to nobody in particular."`
	At        string `help:"Set the clock, as 2020-11-16T10:00:00+01:00." placeholder:"RFC3339"`
	JSON      bool   `name:"json" help:"Print each verdict as a line of JSON."`
	Questions string `arg:"" help:"The labelled questions, as JSON lines."`

	MinRight         *float64 `help:"Fail when fewer are answered right." placeholder:"PERCENT"`
	MaxWrong         *float64 `help:"Fail when more are answered wrong." placeholder:"PERCENT"`
	MaxFalse         *float64 `help:"Fail when more are answered that no entry covers." placeholder:"PERCENT"`
	MaxInterruptions *float64 `help:"Fail when more of people's own talk is interrupted." placeholder:"PERCENT"`
}

// Validate refuses limits that are no percentages.
func (c faqEvalCmd) Validate() error {
	for _, limit := range []*float64{c.MinRight, c.MaxWrong, c.MaxFalse, c.MaxInterruptions} {
		if limit != nil && !(*limit >= 0 && *limit <= 100) {
			return fmt.Errorf("a limit is a percentage from 0 to 100, not %g", *limit)
		}
	}
	return nil
}

// Run prints the verdicts, then the report on standard error.
func (c faqEvalCmd) Run(p program) error {
	now, err := parseAt(c.At)
	if err != nil {
		return err
	}
	f, err := c.faq()
	if err != nil {
		return err
	}
	index, err := newIndex(f)
	if err != nil {
		return err
	}
	questions, err := readQuestions(c.Questions)
	if err != nil {
		return err
	}
	start := time.Now()
	lines := eval.Run(index, questions, c.Channel, now)
	elapsed := time.Since(start)
	for _, line := range lines {
		if c.JSON {
			if err := printJSON(p, line); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(p.stdout, "%-8s %-20s %4.0f %%  %v  %s\n", line.Outcome, line.Entry, 100*line.Confidence, line.Expect, line.Question)
	}
	report := eval.Examine(f, lines)
	if err := report.Write(p.stderr); err != nil {
		return environmentFault(err)
	}
	fmt.Fprintf(p.stderr, "%d questions in %s\n", len(questions), elapsed.Round(time.Millisecond))
	limits := eval.Limits{MinRight: c.MinRight, MaxWrong: c.MaxWrong, MaxFalse: c.MaxFalse, MaxInterruptions: c.MaxInterruptions}
	if err := report.Check(limits); err != nil {
		return inputFault(err)
	}
	return nil
}

func (c faqEvalCmd) faq() (*faq.FAQ, error) {
	if c.Examples == "" {
		return loadFAQ(c.FAQ)
	}
	examples, err := readQuestions(c.Examples)
	if err != nil {
		return nil, err
	}
	byID := map[string][]string{}
	var order []string
	for _, e := range examples {
		id := e.Expect[0]
		if id == eval.None || id == eval.Noise {
			continue // what nothing answers is no entry
		}
		if _, known := byID[id]; !known {
			order = append(order, id)
		}
		byID[id] = append(byID[id], e.Text)
	}
	return faq.FromExamples(order, byID), nil
}

func readQuestions(path string) ([]eval.Question, error) {
	src, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, inputFault(fmt.Errorf("the file %s does not exist", path))
	}
	if err != nil {
		return nil, inputFault(fmt.Errorf("reading the questions: %w", err))
	}
	questions, err := eval.Read(path, bytes.NewReader(bytes.TrimPrefix(src, []byte("\ufeff"))))
	if err != nil {
		return nil, inputFault(err)
	}
	return questions, nil
}

type faqExamplesCmd struct {
	FAQ string `name:"faq" help:"A FAQ file, instead of the default one." placeholder:"FILE"`
}

// Run prints {"text","expect":[id],"lang"} for each phrasing.
func (c faqExamplesCmd) Run(p program) error {
	f, err := loadFAQ(c.FAQ)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(p.stdout)
	enc.SetEscapeHTML(false)
	for _, e := range f.Examples() {
		if err := enc.Encode(eval.Question{Text: e.Text, Expect: []string{e.Entry}, Lang: e.Lang}); err != nil {
			return environmentFault(fmt.Errorf("writing the examples: %w", err))
		}
	}
	return nil
}

type faqExportCmd struct {
	Config string `help:"The configuration file." placeholder:"FILE"`
}

// Run prints the FAQ as it stands: with the edits made from chat, which lie in the database.
func (c faqExportCmd) Run(ctx context.Context, p program) error {
	cfg, err := config.LoadOffline(c.Config, p.getenv)
	if err != nil {
		return inputFault(err)
	}
	// Written whole or not at all: the output may be a file that replaces the FAQ.
	src, err := exportFAQ(ctx, cfg)
	if err != nil {
		return environmentFault(err)
	}
	if _, err := p.stdout.Write(src); err != nil {
		return environmentFault(fmt.Errorf("writing the FAQ: %w", err))
	}
	return nil
}
