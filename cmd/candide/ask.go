package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"candide/cmd/candide/config"
	"candide/faq"
)

type faqSource struct {
	Config string `help:"The configuration file." placeholder:"FILE" xor:"faq"`
	FAQ    string `name:"faq" help:"A FAQ file, instead of the configured one." placeholder:"FILE" xor:"faq"`
}

// load returns the FAQ that the flags name, a configured one as it stands: the default one without any.
func (s faqSource) load(ctx context.Context, p program) (*faq.FAQ, error) {
	if s.Config == "" {
		return loadFAQ(s.FAQ)
	}
	c, err := config.LoadOffline(s.Config, p.getenv)
	if err != nil {
		return nil, inputFault(err)
	}
	src, err := exportFAQ(ctx, c)
	if err != nil {
		return nil, err
	}
	return parseFAQ(cmp.Or(c.Campaigns[0].FAQ, faq.DefaultName), src)
}

type askCmd struct {
	faqSource
	Channel bool     `help:"The text is said in a public channel, to nobody in particular."`
	At      string   `help:"Set the clock, as 2020-11-16T10:00:00+01:00." placeholder:"RFC3339"`
	JSON    bool     `name:"json" help:"Print one JSON object."`
	Explain bool     `help:"Say why."`
	Text    []string `arg:"" help:"The question."`
}

// Run answers one question.
func (c askCmd) Run(ctx context.Context, p program) error {
	now, err := parseAt(c.At)
	if err != nil {
		return err
	}
	f, err := c.load(ctx, p)
	if err != nil {
		return err
	}
	index, err := newIndex(f)
	if err != nil {
		return err
	}
	question := faq.Question{Text: strings.Join(c.Text, " "), Channel: c.Channel, Now: now}
	d := index.Decide(question)
	if c.JSON {
		return printJSON(p, d)
	}
	var b strings.Builder
	fmt.Fprintln(&b, describe(f, d))
	if c.Explain {
		fmt.Fprintln(&b)
		index.Explain(question).Write(&b)
	}
	if _, err := io.WriteString(p.stdout, b.String()); err != nil {
		return environmentFault(fmt.Errorf("writing the answer: %w", err))
	}
	return nil
}

func printJSON(p program, v any) error {
	enc := json.NewEncoder(p.stdout)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return environmentFault(fmt.Errorf("writing the answer: %w", err))
	}
	return nil
}

// describe says a decision for a person at a terminal.
func describe(f *faq.FAQ, d faq.Decision) string {
	switch d.Outcome {
	case faq.Answered:
		texts := make([]string, len(d.Answers))
		for i, a := range d.Answers {
			texts[i] = fmt.Sprintf("%s\n[%s, %.0f %%]", a.Text, a.Entry, 100*a.Confidence)
		}
		return strings.Join(texts, "\n\n")
	case faq.Suggested:
		var b strings.Builder
		b.WriteString("(suggestions)")
		for i, id := range d.Suggestions {
			if e, ok := f.Entry(id); ok {
				fmt.Fprintf(&b, "\n%d. %s [%s]", i+1, e.Question.In(d.Lang, f.Language), id)
			}
		}
		return b.String()
	case faq.Silent:
		return "(silence)"
	default:
		return "(no entry answers this)"
	}
}

// plain takes the bold marks out of a text for the terminal.
func plain(markdown string) string { return strings.ReplaceAll(markdown, "**", "") }
