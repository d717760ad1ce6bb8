package topics

import (
	"bytes"
	"io"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"candide/faq/text"
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
		Known: slices.Repeat([]uint64{math.MaxUint64}, Buckets/64),
		Rows:  slices.Repeat([]byte{20, 1, 0, 0}, Buckets),
	}
}

func TestPartsThatDoNotFit(t *testing.T) {
	if _, err := NewModel(small()); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*File){
		"no topics":        func(f *File) { f.Topics = nil },
		"a topic too many": func(f *File) { f.Topics = append(f.Topics, "c") },
		"an unknown topic": func(f *File) { f.Rows[2] = 2 },
		"no rarity":        func(f *File) { f.Rows[0] = 0 },
		"a weight missing": func(f *File) { f.Rows[1] = 2 },
		"a bias missing":   func(f *File) { f.Bias = f.Bias[:1] },
		"a scale missing":  func(f *File) { f.Scale = nil },
		"buckets cut":      func(f *File) { f.Known = f.Known[1:] },
		"a row too many":   func(f *File) { f.Known[3] = 0 },
		"rows cut":         func(f *File) { f.Rows = f.Rows[:len(f.Rows)-1] },
		"rows too long":    func(f *File) { f.Rows = append(f.Rows, 0) },
	} {
		f := small()
		spoil(&f)
		if m, err := NewModel(f); err == nil {
			t.Errorf("%s: made %v", name, m.file.Topics)
		}
		if err := WriteFile(io.Discard, f); err == nil {
			t.Errorf("%s: written", name)
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
	got, err := ParseFile(whole)
	if err != nil || !reflect.DeepEqual(got, small()) {
		t.Errorf("read back differently: %v", err)
	}
	for _, src := range [][]byte{nil, {0xff}, []byte("not a model"), []byte(magic), whole[:len(magic)+10], whole[:len(whole)/2], whole[:len(whole)-1]} {
		f, err := ParseFile(src)
		if err == nil {
			_, err = NewModel(f)
		}
		if err == nil {
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
func wellScored(t *testing.T, said string, scores []Score, meaning []float32) {
	t.Helper()
	if (scores == nil) != (meaning == nil) {
		t.Fatalf("%.60q: scores or meaning alone", said)
	}
	if scores == nil {
		return
	}
	sum, length := 0.0, 0.0
	for i, s := range scores {
		if math.IsNaN(s.Probability) || s.Probability < 0 || s.Probability > 1 || i > 0 && s.Probability > scores[i-1].Probability {
			t.Fatalf("%.60q: %v", said, scores)
		}
		sum += s.Probability
	}
	for _, x := range meaning {
		length += float64(x) * float64(x)
	}
	if math.Abs(sum-1) > 1e-6 || math.Abs(length-1) > 1e-4 {
		t.Errorf("%.60q: probabilities add up to %v, the meaning is %v long", said, sum, length)
	}
}

func read(said string) text.Text { return text.NewReader().Read(said) }

var badInput = []string{
	"", " ", "🤖", "\u200b\u200d", "\x00\x01", "\xff\xfe", "?!…", "€", "日本語の質問", "كم الراتب؟", "Сколько платят?",
	"<script>alert(1)</script>", strings.Repeat("salaire ", 12_500), strings.Repeat("z", 100_000), strings.Repeat("🤖", 25_000),
}

func TestClassifyBadInput(t *testing.T) {
	m := model(t)
	for _, said := range badInput {
		scores := m.Classify(read(said))
		wellScored(t, said, scores, Meaning(m.Probabilities(read(said))))
	}
	for _, said := range []string{"", " ", "🤖", "\u200b\u200d", "?!…"} {
		if scores := m.Classify(read(said)); scores != nil {
			t.Errorf("%q has no word and is about %s", said, scores[0].Topic)
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
		said := strings.Join(words[:8], " ")
		wg.Go(func() {
			a := m.Classify(read(said))
			b := again.Classify(read(said))
			wellScored(t, said, a, Meaning(m.Probabilities(read(said))))
			if !reflect.DeepEqual(a, b) {
				t.Errorf("%q: %v, then %v", said, a[0], b[0])
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
	for _, said := range badInput {
		f.Add(said[:min(len(said), 1000)])
	}
	f.Add("c payé cb svp")
	m := model(f)
	f.Fuzz(func(t *testing.T, said string) {
		scores := m.Classify(read(said))
		wellScored(t, said, scores, Meaning(m.Probabilities(read(said))))
	})
}

func TestExp(t *testing.T) {
	for i := range 100_000 {
		x := negligible * float64(i) / 100_000
		if got, want := exp(x), math.Exp(-x); math.Abs(got/want-1) > 1e-9 {
			t.Fatalf("e^-%v is %v, want %v", x, got, want)
		}
	}
	for _, x := range []float64{negligible, 1e9, math.Inf(1)} {
		if got := exp(x); got != 0 {
			t.Errorf("e^-%v is %v, want nothing", x, got)
		}
	}
}
