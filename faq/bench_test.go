package faq_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"candide/faq"
	"candide/faq/eval"
	"candide/faq/topics"
)

func loaded(tb testing.TB) (*faq.FAQ, *topics.Model) {
	tb.Helper()
	f, err := faq.Parse(faq.DefaultName, faq.DefaultFile(), topics.Known)
	if err != nil {
		tb.Fatal(err)
	}
	model, err := topics.Load()
	if err != nil {
		tb.Fatal(err)
	}
	return f, model
}

func heldout(tb testing.TB) []eval.Question {
	tb.Helper()
	src, err := os.Open("eval/testdata/heldout.jsonl")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = src.Close() }()
	questions, err := eval.Read(src.Name(), src)
	if err != nil {
		tb.Fatal(err)
	}
	return questions
}

// sizes are how many entries a FAQ has: the default one's, a large campaign's, and the most that a file may hold.
var sizes = []int{18, 500, 10_000}

func BenchmarkDecide(b *testing.B) {
	f, model := loaded(b)
	questions := heldout(b)
	for _, n := range sizes {
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			x := faq.NewIndex(eval.Synthetic(f, n), model)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				x.Decide(faq.Question{Text: questions[i%len(questions)].Text})
				i++
			}
		})
	}
}

// BenchmarkDecideNewWords puts each question once to an index and a model that have met no word yet, but those of the FAQ.
func BenchmarkDecideNewWords(b *testing.B) {
	f, _ := loaded(b)
	questions := heldout(b)
	for _, n := range sizes[:2] {
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			big := eval.Synthetic(f, n)
			var x *faq.Index
			i := 0
			for b.Loop() {
				if i%len(questions) == 0 {
					b.StopTimer()
					model, err := topics.Load()
					if err != nil {
						b.Fatal(err)
					}
					x = faq.NewIndex(big, model)
					b.StartTimer()
				}
				x.Decide(faq.Question{Text: questions[i%len(questions)].Text})
				i++
			}
		})
	}
}

func BenchmarkDecideHuge(b *testing.B) {
	f, model := loaded(b)
	x := faq.NewIndex(f, model)
	text := ""
	for len(text) < 100_000 {
		text += "Bonjour, quel est le salaire ? Et jusqu’à quand peut-on postuler ?\n"
	}
	b.ReportAllocs()
	for b.Loop() {
		x.Decide(faq.Question{Text: text})
	}
}

func BenchmarkNewIndex(b *testing.B) {
	f, model := loaded(b)
	for _, n := range sizes {
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			big := eval.Synthetic(f, n)
			b.ReportAllocs()
			for b.Loop() {
				faq.NewIndex(big, model)
			}
		})
	}
}

func BenchmarkLoadModel(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := topics.Load(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMemory reports what the model and the index of a FAQ keep.
func BenchmarkMemory(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			f, _ := loaded(b)
			big := eval.Synthetic(f, n)
			for b.Loop() {
				before := heap()
				model, err := topics.Load()
				if err != nil {
					b.Fatal(err)
				}
				with := heap()
				x := faq.NewIndex(big, model)
				b.ReportMetric(float64(with-before)/(1<<20), "model-MiB")
				b.ReportMetric(float64(heap()-with)/(1<<20), "index-MiB")
				runtime.KeepAlive(x)
			}
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
