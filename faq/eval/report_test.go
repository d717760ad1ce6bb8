package eval

import (
	"reflect"
	"strings"
	"testing"

	"candide/faq"
)

// counted are the verdicts whose report is computed by hand below. Entry p is about pay, h about hours.
func counted() (*faq.FAQ, []Line) {
	f := &faq.FAQ{Language: "fr", Entries: []faq.Entry{{ID: "p", Topics: []string{"salaire"}}, {ID: "h", Topics: []string{"horaires"}}}}
	lines := []Line{
		line("p", faq.Answered, "p", 0.95),
		line("p", faq.Answered, "h", 0.55),
		line("p", faq.Unknown, "p", 0.05),
		line("h", faq.Answered, "h", 0.95),
		line("h", faq.Answered, "p", 0.65),
		line("h", faq.Suggested, "p", 0.35, "p", "h"),
		line("h", faq.Suggested, "p", 0.35, "p"),
		line("none", faq.Answered, "p", 0.65),
		line("none", faq.Unknown, "h", 0),
		line("noise", faq.Silent, "p", 0.9),
		line("noise", faq.Answered, "h", 1),
	}
	for i, style := range []string{"sms", "sms", "sms", "plain", "plain", "plain", "plain", "sms", "plain", "", ""} {
		lines[i].Style = style
		lines[i].Question = "question " + string(rune('a'+i))
	}
	return f, lines
}

func TestExamine(t *testing.T) {
	f, lines := counted()
	r := Examine(f, lines)
	if !reflect.DeepEqual(r.Summary, Summarise(lines)) {
		t.Errorf("the summary is %+v", r.Summary)
	}
	type row struct {
		name                                          string
		covered, right, orSuggested, wrong, unknown   int
		uncovered, falseAnswers, noise, interruptions int
	}
	rows := func(groups []Group) (list []row) {
		for _, g := range groups {
			list = append(list, row{g.Name, g.Covered, g.Right, g.RightOrSuggested, g.Wrong, g.Unknown, g.Uncovered, g.FalseAnswers, g.Noise, g.Interruptions})
		}
		return list
	}
	if got, want := rows(r.Voices), []row{
		{"(none)", 0, 0, 0, 0, 0, 0, 0, 2, 1},
		{"plain", 4, 1, 2, 1, 0, 1, 0, 0, 0},
		{"sms", 3, 1, 1, 1, 1, 1, 1, 0, 0},
	}; !reflect.DeepEqual(got, want) {
		t.Errorf("by voice %v, want %v", got, want)
	}
	// 1 of 4 is less than 1 of 3.
	if got, want := rows(r.Entries), []row{{"h", 4, 1, 2, 1, 0, 0, 0, 0, 0}, {"p", 3, 1, 1, 1, 1, 0, 0, 0, 0}}; !reflect.DeepEqual(got, want) {
		t.Errorf("by entry %v, want %v", got, want)
	}
	if r.Grave.Covered != 3 || r.Grave.Wrong != 1 || r.Grave.Right != 1 || r.GraveByMistake != 2 || r.others() != 8 {
		t.Errorf("on money %+v, by mistake %d of %d", r.Grave, r.GraveByMistake, r.others())
	}
	for i, want := range [10]Tenth{0: {Lines: 2, Right: 1}, 3: {Lines: 2}, 5: {Lines: 1}, 6: {Lines: 2}, 9: {Lines: 2, Right: 2}} {
		if got := r.Calibration[i]; got.Lines != want.Lines || got.Right != want.Right {
			t.Errorf("tenth %d: %+v, want %+v", i, got, want)
		}
	}
	want := []Phrasing{{"p", "question b", "", "h"}, {"p", "question c", "", ""}, {"h", "question e", "", "p"}}
	if !reflect.DeepEqual(r.ToAdd, want) {
		t.Errorf("to add %v, want %v", r.ToAdd, want)
	}
}

func TestReportWrite(t *testing.T) {
	f, lines := counted()
	var out strings.Builder
	if err := Examine(f, lines).Write(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`
on money, contract and deadline
                                     of   share
  wrong                           1   3  33.3 %
  right                           1   3  33.3 %
  answered so to other questions  2   8  25.0 %
`, `
by voice
  voice   covered   right  or suggested   wrong  unknown  uncovered    false  talk  interrupted
  (none)        0       -             -       -        -          0        -     2       50.0 %
  plain         4  25.0 %        50.0 %  25.0 %    0.0 %          1    0.0 %     0            -
  sms           3  33.3 %        33.3 %  33.3 %   33.3 %          1  100.0 %     0            -
`, `
by expected entry, the least understood first
  entry  asked  right  suggested  suggested others  wrong  unknown
  h          4      1          1                 1      1        0
  p          3      1          0                 0      1        1
`, `
calibration: how sure it said it was, and how often it was right
  confidence   lines    said    right
  0 to 10 %        2   2.5 %   50.0 %
  30 to 40 %       2  35.0 %    0.0 %
  50 to 60 %       1  55.0 %    0.0 %
  60 to 70 %       2  65.0 %    0.0 %
  90 to 100 %      2  95.0 %  100.0 %
`, `
what to add: phrasings that these entries lack
  p
    - question b   (answered as h)
    - question c   (no answer)
  h
    - question e   (answered as p)
`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("lacks%s\nin\n%s", want, out.String())
		}
	}
}

// A set without styles, of a FAQ without topics, gets no table by voice and none on money.
func TestReportOfBareLines(t *testing.T) {
	var out strings.Builder
	lines := []Line{line("a", faq.Answered, "a", 0.9)}
	if err := Examine(faq.FromExamples([]string{"a"}, nil), lines).Write(&out); err != nil {
		t.Fatal(err)
	}
	for _, absent := range []string{"by voice", "money", "what to add"} {
		if strings.Contains(out.String(), absent) {
			t.Errorf("speaks of %q:\n%s", absent, out.String())
		}
	}
	out.Reset()
	if err := Examine(&faq.FAQ{}, nil).Write(&out); err != nil || out.String() != "" {
		t.Errorf("nothing is written as %q, %v", out.String(), err)
	}
}

func TestToAddIsShort(t *testing.T) {
	var lines []Line
	for range 30 {
		lines = append(lines, line("a", faq.Answered, "b", 0.9))
	}
	if got := Examine(&faq.FAQ{}, lines).ToAdd; len(got) != 10 {
		t.Errorf("proposes %d phrasings", len(got))
	}
}

func TestCheck(t *testing.T) {
	limit := func(v float64) *float64 { return &v }
	s := Summary{Covered: 8, Right: 6, Wrong: 1, Uncovered: 4, FalseAnswers: 1, Noise: 10, Interruptions: 1}
	for _, c := range []struct {
		s    Summary
		l    Limits
		want string
	}{
		{s, Limits{}, ""},
		{s, Limits{limit(75), limit(12.5), limit(25), limit(10)}, ""},
		{s, Limits{MinRight: limit(76)}, "not understood well enough: right 75.0 % (6 of 8), less than 76 %"},
		{s, Limits{limit(88), limit(5), limit(8), limit(2)}, "not understood well enough: right 75.0 % (6 of 8), less than 88 %; " +
			"wrong 12.5 % (1 of 8), more than 5 %; false answers 25.0 % (1 of 4), more than 8 %; interruptions 10.0 % (1 of 10), more than 2 %"},
		{Summary{}, Limits{limit(88), limit(5), limit(8), limit(2)}, "not understood well enough: right 0.0 % (0 of 0), less than 88 %"},
		{Summary{Covered: 1, Wrong: 1}, Limits{MaxWrong: limit(0)}, "not understood well enough: wrong 100.0 % (1 of 1), more than 0 %"},
	} {
		got := ""
		if err := c.s.Check(c.l); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%+v: %q, want %q", c.l, got, c.want)
		}
	}
}
