package eval

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"candide/faq"
)

func TestRead(t *testing.T) {
	src := `{"text":"Combien ?","expect":["salaire","contrat"],"lang":"fr","style":"sms"}

{"text":"on mange où ?","expect":["noise"],"more":"is left alone"}
`
	got, err := Read("q.jsonl", strings.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	want := []Question{
		{Text: "Combien ?", Expect: []string{"salaire", "contrat"}, Lang: "fr", Style: "sms"},
		{Text: "on mange où ?", Expect: []string{"noise"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v, want %+v", got, want)
	}
}

func TestReadProblems(t *testing.T) {
	good := `{"text":"a","expect":["b"]}` + "\n"
	for src, want := range map[string]string{
		good + "\n" + `{"text":"a"`:       "q.jsonl:3: not a line of JSON",
		good + `{"text":"a","expect":[]}`: "q.jsonl:2: “expect” must name at least one entry",
		`{"text":"a"}`:                    "q.jsonl:1: “expect” must name at least one entry",
		`["a"]`:                           "q.jsonl:1: not a line of JSON",
		`{"text":1,"expect":["a"]}`:       "q.jsonl:1: not a line of JSON",
		good + strings.Repeat("x", 2<<20): "q.jsonl:2: the line is longer than",
		"\x00\xff":                        "q.jsonl:1: not a line of JSON",
	} {
		if _, err := Read("q.jsonl", strings.NewReader(src)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", src, err, want)
		}
	}
}

// FuzzRead: whatever the bytes, there are questions that expect something, or an error that names the file.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"text":"a","expect":["b"],"lang":"fr"}` + "\n\n" + `{"text":"c","expect":["none"]}`))
	f.Add([]byte(`{"text":`))
	f.Add([]byte("null\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		questions, err := Read("q.jsonl", strings.NewReader(string(src)))
		if err != nil {
			if !strings.Contains(err.Error(), "q.jsonl") {
				t.Errorf("the error names no file: %v", err)
			}
			return
		}
		for _, q := range questions {
			if len(q.Expect) == 0 {
				t.Errorf("a question expects nothing: %+v", q)
			}
		}
	})
}

// line is a verdict: what was expected, what was done, with which entry and how sure.
func line(expect string, outcome faq.Outcome, entry string, confidence float64, suggestions ...string) Line {
	l := Line{Expect: strings.Split(expect, ","), Decision: faq.Decision{
		Outcome: outcome, Entry: entry, Confidence: confidence, Suggestions: suggestions,
	}}
	if outcome == faq.Answered {
		l.Answers = []faq.Answer{{Entry: entry}}
	}
	return l
}

func TestSummarise(t *testing.T) {
	both := line("b", faq.Answered, "a", 0.9)
	both.Answers = append(both.Answers, faq.Answer{Entry: "b"}) // two questions, two answers
	got := Summarise([]Line{
		line("a", faq.Answered, "a", 0.9),
		line("a,b", faq.Answered, "b", 0.8),
		line("a", faq.Answered, "b", 0.7),
		line("a", faq.Answered, "b", 0.7),
		line("c", faq.Answered, "b", 0.7),
		both,
		line("a", faq.Suggested, "b", 0.4, "b", "a"),
		line("a", faq.Suggested, "b", 0.4, "b", "c"), // neither right nor unknown
		line("a", faq.Unknown, "a", 0.1),             // the best candidate was right all the same
		line("a", faq.Silent, "b", 0.1),
		line("none", faq.Unknown, "a", 0.1),
		line("none", faq.Suggested, "a", 0.4, "a"),
		line("none", faq.Answered, "a", 0.8),
		line("noise", faq.Silent, "a", 0.9),
		line("noise", faq.Answered, "a", 0.95),
		line("noise", faq.Suggested, "a", 0.5),
	})
	want := Summary{
		Covered: 10, Right: 3, RightOrSuggested: 4, Wrong: 3, TooMuch: 1, Unknown: 2, Top1: 3,
		Uncovered: 3, FalseAnswers: 1, Noise: 3, Interruptions: 2,
		Confusions: []Confusion{{"a", "b", 2}, {"c", "b", 1}, {"none", "a", 1}},
	}
	// Of the 10 × 3 pairs of a covered and an uncovered confidence, the covered is higher in:
	// 0.9 3 and 0.9 3; 0.8 2½; 0.7, 0.7 and 0.7 2 each; 0.4 and 0.4 1½ each; 0.1 and 0.1 ½ each.
	want.AUROC = (3 + 3 + 2.5 + 3*2 + 2*1.5 + 2*0.5) / 30
	if math.Abs(got.AUROC-want.AUROC) > 1e-12 {
		t.Errorf("AUROC %v, want %v", got.AUROC, want.AUROC)
	}
	got.AUROC = want.AUROC
	if !reflect.DeepEqual(got, want) {
		t.Errorf("counted %+v\nwant    %+v", got, want)
	}
	if got.Right+got.Wrong+got.Unknown+1+1 != got.Covered { // one suggested right, one suggested wrong
		t.Errorf("the outcomes do not add up: %+v", got)
	}
}

func TestSummariseNothing(t *testing.T) {
	got := Summarise(nil)
	if !reflect.DeepEqual(got, Summary{}) {
		t.Errorf("counted %+v", got)
	}
	var out strings.Builder
	if err := got.Write(&out); err != nil || out.String() != "" {
		t.Errorf("written as %q, %v", out.String(), err)
	}
}

func TestAUROC(t *testing.T) {
	for _, c := range []struct {
		in, out []float64
		want    float64
	}{
		{[]float64{0.9, 0.8}, []float64{0.1, 0.2}, 1},
		{[]float64{0.1, 0.2}, []float64{0.9, 0.8}, 0},
		{[]float64{0.5, 0.5}, []float64{0.5}, 0.5},
		{[]float64{0.9, 0.3}, []float64{0.5}, 0.5},
		{[]float64{0.8, 0.4}, []float64{0.6, 0.2}, 0.75}, // 2 of 2, then 1 of 2
		{[]float64{0.7, 0.5, 0.3}, []float64{0.5, 0.1}, (2 + 1.5 + 1) / 6.0},
		{nil, []float64{0.5}, 0},
		{[]float64{0.5}, nil, 0},
	} {
		if got := auroc(c.in, c.out); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v against %v: %v, want %v", c.in, c.out, got, c.want)
		}
	}
}

func TestWrite(t *testing.T) {
	var out strings.Builder
	s := Summary{Covered: 8, Right: 6, RightOrSuggested: 7, Wrong: 1, Top1: 6, Uncovered: 2, FalseAnswers: 1, AUROC: 0.8125, Confusions: []Confusion{{"a", "b", 1}}}
	if err := s.Write(&out); err != nil {
		t.Fatal(err)
	}
	lines := map[string]bool{}
	for l := range strings.Lines(out.String()) {
		lines[strings.Join(strings.Fields(l), " ")] = true
	}
	for _, want := range []string{
		"right 6 / 8 75.0 %", "right or suggested 7 / 8 87.5 %", "wrong 1 / 8 12.5 %", "unknown 0 / 8 0.0 %",
		"false answers (no entry covers it) 1 / 2 50.0 %", "AUROC covered against uncovered 0.812", "a answered as b 1",
	} {
		if !lines[want] {
			t.Errorf("lacks %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "interruptions") {
		t.Errorf("speaks of noise that was not there:\n%s", out.String())
	}
}

// Noise is always put as said in a channel; the rest only where it is asked for.
func TestRun(t *testing.T) {
	x := faq.NewIndex(faq.FromExamples([]string{"a"}, map[string][]string{"a": {"combien ?"}}), nil)
	questions := []Question{{Text: "combien ?", Expect: []string{"a"}}, {Text: "!!!", Expect: []string{Noise}}}
	for _, channel := range []bool{false, true} {
		lines := Run(x, questions, channel, time.Time{})
		if len(lines) != 2 || lines[0].Channel != channel || !lines[1].Channel || lines[1].Outcome != faq.Silent {
			t.Errorf("channel %v: %+v", channel, lines)
		}
		if lines[0].Question != "combien ?" || !lines[0].Right() || !lines[0].Covered() || lines[1].Covered() || lines[1].Ranked == nil {
			t.Errorf("channel %v: %+v", channel, lines)
		}
	}
}
