package eval

import (
	"os"
	"strings"
	"testing"
	"time"

	"candide/faq"
	"candide/faq/topics"
)

// TestFloor fails when a change breaks understanding, and not because a training moved a few lines: the floors are far
// under what is aimed at, which `candide faq eval` measures.
func TestFloor(t *testing.T) {
	f, err := faq.Parse(faq.DefaultName, faq.DefaultFile(), topics.Known)
	if err != nil {
		t.Fatal(err)
	}
	model, err := topics.Load()
	if err != nil {
		t.Fatal(err)
	}
	const name = "testdata/heldout.jsonl"
	src, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = src.Close() }()
	questions, err := Read(name, src)
	if err != nil {
		t.Fatal(err)
	}
	s := Summarise(Run(faq.NewIndex(f, model), questions, false, time.Date(2020, 11, 16, 10, 0, 0, 0, time.UTC)))
	atMost := func(what string, n, of int, share float64) {
		t.Helper()
		if of == 0 || float64(n) > share*float64(of) {
			t.Errorf("%s: %d of %d, more than %.0f %%", what, n, of, 100*share)
		}
	}
	atMost("not right", s.Covered-s.Right, s.Covered, 0.25)
	atMost("wrong", s.Wrong, s.Covered, 0.07)
	atMost("false answers", s.FalseAnswers, s.Uncovered, 0.10)
	atMost("interruptions", s.Interruptions, s.Noise, 0.03)
	if t.Failed() {
		var b strings.Builder
		if err := s.Write(&b); err != nil {
			t.Error(err)
		}
		t.Log("\n" + b.String())
	}
}
