package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"candide/faq"
	"candide/faq/eval"
	"candide/faq/topics"
)

// crossValidate leaves one hand of the corpus out at a time: it trains on the others, puts that hand's lines to the
// default FAQ, and prints how they were understood. It is how the settings and thresholds were chosen, so that no
// question kept for measuring ever was.
func crossValidate(w io.Writer, phrases []topics.Phrase, only string, channel bool) error {
	f, err := faq.Parse(faq.DefaultName, faq.DefaultFile(), topics.Known)
	if err != nil {
		return err
	}
	folds := strings.Split(only, ",")
	if only == "" {
		folds = nil
		for _, p := range phrases {
			if !slices.Contains(folds, p.Hand) {
				folds = append(folds, p.Hand)
			}
		}
	}
	var all []eval.Line
	for _, fold := range folds {
		out := strings.Split(fold, "+")
		var rest []topics.Phrase
		var questions []eval.Question
		for _, p := range phrases {
			if !slices.Contains(out, p.Hand) {
				rest = append(rest, p)
				continue
			}
			questions = append(questions, eval.Question{Text: p.Text, Expect: []string{expected(f, p.Topic)}, Style: p.Voice})
		}
		if len(questions) == 0 {
			return fmt.Errorf("the corpus has no hand %q", fold)
		}
		model, err := topics.NewModel(Train(rest, "", DefaultSettings()))
		if err != nil {
			return err
		}
		lines := eval.Run(faq.NewIndex(f, model), questions, channel, time.Date(2020, 11, 16, 10, 0, 0, 0, time.UTC))
		fmt.Fprintf(w, "── without %s: %d lines\n", fold, len(lines))
		if err := eval.Summarise(lines).Write(w); err != nil {
			return err
		}
		all = append(all, lines...)
	}
	fmt.Fprintln(w, "── all hands")
	if err := eval.Summarise(all).Write(w); err != nil {
		return err
	}
	calibration(w, all)
	return nil
}

// expected is the label of a corpus line: the entry that names its topic, "noise" or "none".
func expected(f *faq.FAQ, topic string) string {
	for _, e := range f.Entries {
		if slices.Contains(e.Topics, topic) {
			return e.ID
		}
	}
	if t, _ := topics.ByID(topic); t.Kind == topics.Chatter {
		return eval.Noise
	}
	return eval.None
}

// calibration prints, for each tenth of confidence, how often the best candidate was right.
func calibration(w io.Writer, lines []eval.Line) {
	var n, right [10]int
	for _, l := range lines {
		if slices.Contains(l.Expect, eval.Noise) {
			continue
		}
		bin := min(9, int(l.Confidence*10))
		n[bin]++
		if l.Right() {
			right[bin]++
		}
	}
	fmt.Fprintln(w, "confidence   lines   right")
	for i := range n {
		if n[i] > 0 {
			fmt.Fprintf(w, "%.1f to %.1f  %6d  %5.1f %%\n", float64(i)/10, float64(i+1)/10, n[i], 100*float64(right[i])/float64(n[i]))
		}
	}
}
