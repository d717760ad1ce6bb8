// Package eval measures how a FAQ understands labelled questions. It reads lines it is given and calls the index;
// it knows no file and no chat.
package eval

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"candide/faq"
)

// Labels that name no entry.
const (
	None  = "none"  // no entry answers it
	Noise = "noise" // people talking to each other
)

// Question is one labelled line: {"text","expect":[...],"lang","style"}.
type Question struct {
	Text   string   `json:"text"`
	Expect []string `json:"expect"`
	Lang   string   `json:"lang,omitempty"`
	Style  string   `json:"style,omitempty"`
}

// maxLine bounds a line of questions, in bytes.
const maxLine = 1 << 20

// Read reads JSON lines. An error names file and line.
func Read(name string, r io.Reader) ([]Question, error) {
	var questions []Question
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, maxLine)
	n := 1
	for ; scanner.Scan(); n++ {
		if strings.TrimSpace(scanner.Text()) == "" {
			continue
		}
		var q Question
		if err := json.Unmarshal(scanner.Bytes(), &q); err != nil {
			return nil, fmt.Errorf("%s:%d: not a line of JSON: %w", name, n, err)
		}
		if len(q.Expect) == 0 {
			return nil, fmt.Errorf("%s:%d: “expect” must name at least one entry, %q or %q", name, n, None, Noise)
		}
		questions = append(questions, q)
	}
	if err := scanner.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("%s:%d: the line is longer than %d bytes", name, n, maxLine)
	} else if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return questions, nil
}

// Line is the verdict on one question: the contract of `faq eval --json`.
type Line struct {
	faq.Decision
	Question string   `json:"question"`
	Expect   []string `json:"expect"`
	Ranked   []string `json:"ranked"`

	Style   string `json:"-"`
	Channel bool   `json:"-"`
}

// Right reports whether the best candidate is one of those expected.
func (l Line) Right() bool { return slices.Contains(l.Expect, l.Entry) }

// Covered reports whether some entry answers the question.
func (l Line) Covered() bool {
	return !slices.Contains(l.Expect, None) && !slices.Contains(l.Expect, Noise)
}

// Run puts every question to the index. Noise is always put as said in a channel; the others only with channel.
func Run(x *faq.Index, questions []Question, channel bool, now time.Time) []Line {
	lines := make([]Line, len(questions))
	for i, q := range questions {
		c := channel || slices.Contains(q.Expect, Noise)
		d := x.Decide(faq.Question{Text: q.Text, Channel: c, Lang: q.Lang, Now: now})
		ranked := d.Ranked
		if ranked == nil {
			ranked = []string{}
		}
		lines[i] = Line{Decision: d, Question: q.Text, Expect: q.Expect, Ranked: ranked, Style: q.Style, Channel: c}
	}
	return lines
}

// Summary counts verdicts. Every percentage is over the denominator named beside it.
type Summary struct {
	Covered          int // questions that an entry answers
	Right            int // of Covered: answered with a right entry
	RightOrSuggested int // of Covered: answered right, or right among the suggestions
	Wrong            int // of Covered: answered with no right entry
	TooMuch          int // of Covered: answered right, and with an entry that was not asked for
	Unknown          int // of Covered: neither answered nor suggested
	Top1             int // of Covered: the best candidate is right, whatever the outcome
	Uncovered        int // questions that no entry answers
	FalseAnswers     int // of Uncovered: answered all the same
	Noise            int // people's own talk
	Interruptions    int // of Noise: not met with silence
	AUROC            float64
	Confusions       []Confusion
}

// Confusion is an expected entry and what was answered instead.
type Confusion struct {
	Expected, Got string
	Count         int
}

// Summarise counts.
func Summarise(lines []Line) Summary {
	var s Summary
	confusions := map[[2]string]int{}
	var in, out []float64
	for _, l := range lines {
		switch {
		case slices.Contains(l.Expect, Noise):
			s.Noise++
			if l.Outcome != faq.Silent {
				s.Interruptions++
			}
			continue
		case !l.Covered():
			s.Uncovered++
			out = append(out, l.Confidence)
			if l.Outcome == faq.Answered {
				s.FalseAnswers++
				confusions[[2]string{None, l.Entry}]++
			}
			continue
		}
		s.Covered++
		in = append(in, l.Confidence)
		if l.Right() {
			s.Top1++
		}
		answered := answeredRight(l)
		switch {
		case answered:
			s.Right++
			s.RightOrSuggested++
			if slices.ContainsFunc(l.Answers, func(a faq.Answer) bool { return !slices.Contains(l.Expect, a.Entry) }) {
				s.TooMuch++
			}
		case l.Outcome == faq.Answered:
			s.Wrong++
			confusions[[2]string{l.Expect[0], l.Entry}]++
		case slices.ContainsFunc(l.Suggestions, func(id string) bool { return slices.Contains(l.Expect, id) }):
			s.RightOrSuggested++
		case l.Outcome != faq.Suggested:
			s.Unknown++
		}
	}
	s.AUROC = auroc(in, out)
	for k, n := range confusions {
		s.Confusions = append(s.Confusions, Confusion{k[0], k[1], n})
	}
	slices.SortFunc(s.Confusions, func(a, b Confusion) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Expected, b.Expected), cmp.Compare(a.Got, b.Got))
	})
	return s
}

func answeredRight(l Line) bool {
	return l.Outcome == faq.Answered && slices.ContainsFunc(l.Answers, func(a faq.Answer) bool {
		return slices.Contains(l.Expect, a.Entry)
	})
}

// auroc is the probability that a covered question gets a higher confidence than an uncovered one; ties count half.
func auroc(in, out []float64) float64 {
	if len(in) == 0 || len(out) == 0 {
		return 0
	}
	out = slices.Clone(out)
	slices.Sort(out)
	wins := 0.0
	for _, v := range in {
		below, _ := slices.BinarySearch(out, v)
		upTo := below
		for upTo < len(out) && out[upTo] == v {
			upTo++
		}
		wins += float64(below) + float64(upTo-below)/2
	}
	return wins / float64(len(in)*len(out))
}

// Write prints the summary for people.
func (s Summary) Write(w io.Writer) error {
	var b strings.Builder
	row := func(name string, n, of int) {
		if of > 0 {
			fmt.Fprintf(&b, "%-42s %5d / %-5d %5.1f %%\n", name, n, of, 100*float64(n)/float64(of))
		}
	}
	row("right", s.Right, s.Covered)
	row("right or suggested", s.RightOrSuggested, s.Covered)
	row("wrong", s.Wrong, s.Covered)
	row("right, and one more than was asked for", s.TooMuch, s.Covered)
	row("unknown", s.Unknown, s.Covered)
	row("best candidate right", s.Top1, s.Covered)
	row("false answers (no entry covers it)", s.FalseAnswers, s.Uncovered)
	row("interruptions of people's own talk", s.Interruptions, s.Noise)
	if s.Covered > 0 && s.Uncovered > 0 {
		fmt.Fprintf(&b, "%-42s %.3f\n", "AUROC covered against uncovered", s.AUROC)
	}
	if len(s.Confusions) > 0 {
		b.WriteString("worst confusions:\n")
		for _, c := range s.Confusions[:min(10, len(s.Confusions))] {
			fmt.Fprintf(&b, "  %-20s answered as %-20s %d\n", c.Expected, c.Got, c.Count)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
