package eval

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"candide/faq"
)

// Report is the microscope: the summary, and where it comes from.
type Report struct {
	Summary
	Voices  []Group // by style, in alphabetical order; empty where no line says its own
	Entries []Group // by the first entry expected, the least understood first
	// Grave counts the questions on money, contract and deadline, where a wrong answer costs most; GraveByMistake are
	// the answers that such an entry gave to a question for another, or for none.
	Grave          Summary
	GraveByMistake int
	Calibration    [10]Tenth
	ToAdd          []Phrasing
}

// Group is a part of the lines.
type Group struct {
	Name string
	Summary
}

// Tenth is the lines whose confidence is in one tenth of the scale.
type Tenth struct {
	Lines, Right int
	Confidence   float64 // of all its lines together
}

// Phrasing is a question that an entry should have among its phrasings.
type Phrasing struct {
	Entry, Text, Lang string
	Got               string // the entry answered instead; empty: none
}

// graveTopics are those on money, contract and deadline.
var graveTopics = []string{
	"salaire", "primes", "negociation", "paiement", "contrat", "duree-contrat", "periode-essai", "rupture", "date-limite",
}

// maxToAdd is how many phrasings are proposed at once: more would not be read.
const maxToAdd = 10

// Examine looks at the verdicts on questions put to f.
func Examine(f *faq.FAQ, lines []Line) Report {
	r := Report{Summary: Summarise(lines)}
	if slices.ContainsFunc(lines, func(l Line) bool { return l.Style != "" }) {
		r.Voices = grouped(lines, func(l Line) string { return cmp.Or(l.Style, "(none)") })
	}
	r.Entries = grouped(slices.DeleteFunc(slices.Clone(lines), func(l Line) bool { return !l.Covered() }),
		func(l Line) string { return l.Expect[0] })
	slices.SortStableFunc(r.Entries, func(a, b Group) int {
		return cmp.Compare(a.Right*b.Covered, b.Right*a.Covered)
	})
	isGrave := func(id string) bool {
		e, ok := f.Entry(id)
		return ok && slices.ContainsFunc(e.Topics, func(topic string) bool { return slices.Contains(graveTopics, topic) })
	}
	var grave []Line
	for _, l := range lines {
		switch {
		case l.Covered() && slices.ContainsFunc(l.Expect, isGrave):
			grave = append(grave, l)
		case l.Outcome == faq.Answered && !answeredRight(l) && isGrave(l.Entry):
			r.GraveByMistake++
		}
	}
	r.Grave = Summarise(grave)
	r.Calibration = calibration(lines)
	r.ToAdd = toAdd(lines)
	return r
}

// grouped summarises the lines of each name, in alphabetical order.
func grouped(lines []Line, name func(Line) string) []Group {
	byName := map[string][]Line{}
	for _, l := range lines {
		byName[name(l)] = append(byName[name(l)], l)
	}
	groups := make([]Group, 0, len(byName))
	for n, part := range byName {
		groups = append(groups, Group{n, Summarise(part)})
	}
	slices.SortFunc(groups, func(a, b Group) int { return strings.Compare(a.Name, b.Name) })
	return groups
}

// calibration sorts all lines but people's own talk, which has no right entry to be sure of, by their confidence.
func calibration(lines []Line) [10]Tenth {
	var tenths [10]Tenth
	for _, l := range lines {
		if slices.Contains(l.Expect, Noise) {
			continue
		}
		t := &tenths[max(0, min(9, int(l.Confidence*10)))]
		t.Lines++
		t.Confidence += l.Confidence
		if l.Right() {
			t.Right++
		}
	}
	return tenths
}

// toAdd returns the covered questions that got a wrong answer or none, those of the entry that misses most first.
func toAdd(lines []Line) []Phrasing {
	missed := map[string][]Phrasing{}
	for _, l := range lines {
		p := Phrasing{Text: l.Question, Lang: l.Lang}
		switch {
		case !l.Covered() || answeredRight(l):
			continue
		case l.Outcome == faq.Answered:
			p.Got = l.Entry
		case l.Outcome == faq.Suggested:
			continue
		}
		p.Entry = l.Expect[0]
		missed[p.Entry] = append(missed[p.Entry], p)
	}
	ids := make([]string, 0, len(missed))
	for id := range missed {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(missed[b]), len(missed[a])), strings.Compare(a, b))
	})
	var list []Phrasing
	for _, id := range ids {
		list = append(list, missed[id]...)
	}
	return list[:min(maxToAdd, len(list))]
}

// Limits are what a FAQ must reach, in percent; nil: no limit.
type Limits struct {
	MinRight, MaxWrong, MaxFalse, MaxInterruptions *float64
}

// Check returns one sentence that names each figure beyond its limit; nil where none is.
func (s Summary) Check(l Limits) error {
	var failed []string
	check := func(name string, n, of int, limit *float64, least bool) {
		if limit == nil || of == 0 && !least {
			return
		}
		share := 0.0
		if of > 0 {
			share = 100 * float64(n) / float64(of)
		}
		switch {
		case least && share < *limit:
			failed = append(failed, fmt.Sprintf("%s %.1f %% (%d of %d), less than %g %%", name, share, n, of, *limit))
		case !least && share > *limit:
			failed = append(failed, fmt.Sprintf("%s %.1f %% (%d of %d), more than %g %%", name, share, n, of, *limit))
		}
	}
	check("right", s.Right, s.Covered, l.MinRight, true)
	check("wrong", s.Wrong, s.Covered, l.MaxWrong, false)
	check("false answers", s.FalseAnswers, s.Uncovered, l.MaxFalse, false)
	check("interruptions", s.Interruptions, s.Noise, l.MaxInterruptions, false)
	if len(failed) == 0 {
		return nil
	}
	return fmt.Errorf("not understood well enough: %s", strings.Join(failed, "; "))
}

// Write prints the report for people.
func (r Report) Write(w io.Writer) error {
	var b strings.Builder
	if err := r.Summary.Write(&b); err != nil {
		return err
	}
	r.writeGrave(&b)
	writeVoices(&b, r.Voices)
	writeEntries(&b, r.Entries)
	r.writeCalibration(&b)
	r.writeToAdd(&b)
	_, err := io.WriteString(w, b.String())
	return err
}
