package topics

import (
	"bytes"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

var embedded = sync.OnceValues(Load)

func model(t testing.TB) *Model {
	t.Helper()
	m, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// small is a model file of two topics that says “b” of everything.
func small() File {
	return File{
		Corpus: "c0ffee", Topics: []string{"a", "b"}, Bias: []float32{0, 1}, Scale: []float32{1, 1},
		Buckets: append([]uint32{0}, slices.Repeat([]uint32{1}, Buckets-1)...),
		Rarity:  slices.Repeat([]uint8{20}, Buckets), Weights: slices.Repeat([]byte{ZeroWeight<<4 | ZeroWeight}, Buckets),
	}
}

func TestPartsThatDoNotFit(t *testing.T) {
	if _, err := NewModel(small()); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*File){
		"no topics":        func(f *File) { f.Topics = nil },
		"a topic too many": func(f *File) { f.Topics = append(f.Topics, "c") },
		"a bias missing":   func(f *File) { f.Bias = f.Bias[:1] },
		"a scale missing":  func(f *File) { f.Scale = nil },
		"rarity cut":       func(f *File) { f.Rarity = f.Rarity[:Buckets-1] },
		"no such bucket":   func(f *File) { f.Buckets[1] = Buckets },
		"a bucket twice":   func(f *File) { f.Buckets[1] = 0 },
		"weights cut":      func(f *File) { f.Weights = f.Weights[:len(f.Weights)-1] },
		"weights too many": func(f *File) { f.Weights = append(f.Weights, 0) },
	} {
		f := small()
		spoil(&f)
		if m, err := NewModel(f); err == nil {
			t.Errorf("%s: made %v", name, m.file.Topics)
		}
	}
}

func TestFileRoundTrip(t *testing.T) {
	var first, second bytes.Buffer
	for _, b := range []*bytes.Buffer{&first, &second} {
		if err := WriteFile(b, small()); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same model is written differently")
	}
	whole := first.Bytes()
	got, err := ReadFile(bytes.NewReader(whole))
	if err != nil || !reflect.DeepEqual(got, small()) {
		t.Errorf("read back differently: %v", err)
	}
	for _, src := range [][]byte{nil, {0xff}, []byte("not a model"), whole[:len(whole)/2]} {
		if _, err := ReadFile(bytes.NewReader(src)); err == nil {
			t.Errorf("%d bytes that are no model were read", len(src))
		}
	}
}

func TestEmbeddedModelKnowsTheCatalogue(t *testing.T) {
	m := model(t)
	for _, topic := range m.file.Topics {
		if !Known(topic) {
			t.Errorf("the model knows %q, the catalogue does not", topic)
		}
	}
	for _, topic := range catalogueTopics(t) {
		if !slices.Contains(m.file.Topics, topic.ID) {
			t.Errorf("the catalogue knows %q, the model does not", topic.ID)
		}
	}
	if !slices.IsSorted(m.file.Topics) {
		t.Error("the model's topics are not sorted")
	}
	if len(modelFile) > 8<<20 {
		t.Errorf("the model takes %d bytes in the program", len(modelFile))
	}
}

// wellScored is what holds of every classification.
func wellScored(t *testing.T, text string, scores []Score, meaning []float32) {
	t.Helper()
	if (scores == nil) != (meaning == nil) {
		t.Fatalf("%.60q: scores or meaning alone", text)
	}
	if scores == nil {
		return
	}
	sum, length := 0.0, 0.0
	for i, s := range scores {
		if math.IsNaN(s.Probability) || s.Probability < 0 || s.Probability > 1 || i > 0 && s.Probability > scores[i-1].Probability {
			t.Fatalf("%.60q: %v", text, scores)
		}
		sum += s.Probability
	}
	for _, x := range meaning {
		length += float64(x) * float64(x)
	}
	if math.Abs(sum-1) > 1e-6 || math.Abs(length-1) > 1e-4 {
		t.Errorf("%.60q: probabilities add up to %v, the meaning is %v long", text, sum, length)
	}
}

var badInput = []string{
	"", " ", "🤖", "\u200b\u200d", "\x00\x01", "\xff\xfe", "?!…", "€", "日本語の質問", "كم الراتب؟", "Сколько платят?",
	"<script>alert(1)</script>", strings.Repeat("salaire ", 12_500), strings.Repeat("z", 100_000), strings.Repeat("🤖", 25_000),
}

func TestClassifyBadInput(t *testing.T) {
	m := model(t)
	for _, text := range badInput {
		scores, meaning := m.Classify(text)
		wellScored(t, text, scores, meaning)
	}
	for _, text := range []string{"", " ", "🤖", "\u200b\u200d", "?!…"} {
		if scores, _ := m.Classify(text); scores != nil {
			t.Errorf("%q has no word and is about %s", text, scores[0].Topic)
		}
	}
}

func TestClassifyIsDeterministic(t *testing.T) {
	m := model(t)
	again, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	words := strings.Fields("c kombien le salère svp je peux bosser de chez moi ou pas when does it start merci l’équipe du contrat")
	var wg sync.WaitGroup
	for range 40 {
		rng.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		text := strings.Join(words[:8], " ")
		wg.Go(func() {
			a, meaning := m.Classify(text)
			b, _ := again.Classify(text)
			wellScored(t, text, a, meaning)
			if !reflect.DeepEqual(a, b) {
				t.Errorf("%q: %v, then %v", text, a[0], b[0])
			}
		})
	}
	wg.Wait()
}

func TestSoftmax(t *testing.T) {
	p := []float64{1000, 1000 + math.Log(3), -1000}
	Softmax(p)
	for i, want := range []float64{0.25, 0.75, 0} {
		if math.Abs(p[i]-want) > 1e-9 {
			t.Errorf("%v, want 1/4, 3/4 and 0", p)
		}
	}
}

func FuzzClassify(f *testing.F) {
	for _, text := range badInput {
		f.Add(text[:min(len(text), 1000)])
	}
	f.Add("c payé cb svp")
	m := model(f)
	f.Fuzz(func(t *testing.T, text string) {
		scores, meaning := m.Classify(text)
		wellScored(t, text, scores, meaning)
	})
}
