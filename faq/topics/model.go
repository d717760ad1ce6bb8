package topics

import (
	"cmp"
	_ "embed"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"sync"

	"candide/faq/text"
)

//go:embed model.bin
var modelFile []byte

// Model says what a text is about: a logistic regression over hashed features, trained from the corpus by
// `make model` and quantised to a byte a weight. It is safe for concurrent use.
type Model struct {
	file    File
	ranks   []uint32  // by 64 buckets: how many rows the buckets before them have
	offsets []uint32  // by row: where it begins
	free    sync.Pool // *scratch
}

// part is what a word says by itself, wherever it stands.
type part struct {
	of     *Model
	square float32           // of its length
	sums   [mostTopics]int16 // by topic: its weights times its values, rounded
}

// mostTopics is how many topics a model may tell apart: a word keeps a number for each.
const mostTopics = 96

// scratch is what one text needs.
type scratch struct {
	words   []*text.Known
	between []text.Feature
	rows    []found
	sums    sums
}

// sums has room for as many topics as a byte names, so that none is looked for out of it. Whole numbers are added up
// quicker: they count steps, of which a word's own sums keep the whole ones only.
type sums [256]int32

// A sum has 256 steps in one. A weight is at most 127 and a value a dozen: thousands of rows fit.
const (
	stepBits = 8
	steps    = 1 << stepBits
)

// Score is a topic and the probability that a text is about it.
type Score struct {
	Topic       string
	Probability float64
}

// Load returns the model that is part of the program.
func Load() (*Model, error) {
	f, err := ParseFile(modelFile)
	if err != nil {
		return nil, fmt.Errorf("loading the topic model: %w", err)
	}
	return NewModel(f)
}

// NewModel returns a model to classify with. It keeps f's slices.
func NewModel(f File) (*Model, error) {
	offsets, err := f.offsets()
	if err != nil {
		return nil, err
	}
	m := &Model{file: f, ranks: make([]uint32, len(f.Known)), offsets: offsets}
	m.free.New = func() any { return new(scratch) }
	rows := 0
	for i, known := range f.Known {
		m.ranks[i] = uint32(rows)
		rows += bits.OnesCount64(known)
	}
	return m, nil
}

// Corpus is the hash of the corpus that the model was trained from.
func (m *Model) Corpus() string { return m.file.Corpus }

// Names are the topics, in the order of Probabilities.
func (m *Model) Names() []string { return m.file.Topics }

// found is a feature that the model knows.
type found struct {
	row     uint32 // its row's number, then where that begins
	value   int32  // how much it counts, in steps
	feature text.Feature
}

// add adds what the features say to the sums, and returns the square of their length. All are looked up in one table
// before the next, so that the processor waits for its memory once and not for each.
func (m *Model) add(s *scratch, features []text.Feature) (square float32) {
	rows := s.rows[:0]
	for _, f := range features {
		b := Bucket(f.Hash)
		known := m.file.Known[b/64]
		bit := uint64(1) << (b % 64)
		if known&bit == 0 {
			continue
		}
		rows = append(rows, found{m.ranks[b/64] + uint32(bits.OnesCount64(known&(bit-1))), 0, f})
	}
	for i := range rows {
		rows[i].row = m.offsets[rows[i].row]
	}
	for i := range rows {
		v := Value(rows[i].feature, m.file.Rows[rows[i].row])
		square += v * v
		rows[i].value = int32(v*steps + 0.5)
	}
	for _, f := range rows {
		row, v := m.file.Rows[f.row:], f.value
		weights := row[2 : 2+2*int(row[1])]
		for i := 1; i < len(weights); i += 2 {
			s.sums[weights[i-1]] += int32(int8(weights[i])) * v
		}
	}
	s.rows = rows
	return square
}

// word returns what a word says by itself.
func (m *Model) word(w *text.Known) *part {
	if p, ok := w.Recall(text.OfTopics).(*part); ok && p.of == m {
		return p
	}
	s := m.free.Get().(*scratch)
	defer m.free.Put(s)
	clear(s.sums[:])
	p := &part{of: m, square: m.add(s, w.Own)}
	for k := range p.sums {
		p.sums[k] = int16(max(math.MinInt16, min(math.MaxInt16, (s.sums[k]+steps/2)>>stepBits)))
	}
	w.Keep(text.OfTopics, p)
	return p
}

// Probabilities returns how probable each topic is for t, in the order of Names; nil for a text without any feature that
// the model knows.
func (m *Model) Probabilities(t text.Text) []float64 { return m.Append(nil, t) }

// Append appends Probabilities(t) to p.
func (m *Model) Append(p []float64, t text.Text) []float64 {
	s := m.free.Get().(*scratch)
	defer m.free.Put(s)
	var words [mostTopics]int32
	square := float32(0)
	s.words = t.Distinct(s.words[:0])
	known := s.words
	for ; len(known) >= 4; known = known[4:] { // four at once, which is quicker than one by one
		a, b, c, d := m.word(known[0]), m.word(known[1]), m.word(known[2]), m.word(known[3])
		square += a.square + b.square + c.square + d.square
		for i := range words {
			words[i] += int32(a.sums[i]) + int32(b.sums[i]) + int32(c.sums[i]) + int32(d.sums[i])
		}
	}
	for _, w := range known {
		said := m.word(w)
		square += said.square
		for i, v := range said.sums {
			words[i] += int32(v)
		}
	}
	for k, v := range words {
		s.sums[k] = v * steps
	}
	s.between = t.Between(s.between[:0])
	square += m.add(s, s.between)
	clear(s.words) // the pool must not keep words that are forgotten
	if square == 0 {
		return p
	}
	scale := 1 / math.Sqrt(float64(square)) / steps // the text as a vector of length one
	start := len(p)
	for k, bias := range m.file.Bias {
		p = append(p, float64(bias)+float64(s.sums[k&0xff])*scale*float64(m.file.Scale[k]))
	}
	Softmax(p[start:])
	return p
}

// Classify returns every topic, the most probable first; nil for a text without any feature that the model knows.
func (m *Model) Classify(t text.Text) []Score { return Scores(m.file.Topics, m.Probabilities(t)) }

// Scores names probabilities, the most probable first.
func Scores(names []string, probabilities []float64) []Score {
	if len(probabilities) == 0 {
		return nil
	}
	scores := make([]Score, len(probabilities))
	for i, p := range probabilities {
		scores[i] = Score{names[i], p}
	}
	slices.SortFunc(scores, func(a, b Score) int {
		return cmp.Or(cmp.Compare(b.Probability, a.Probability), strings.Compare(a.Topic, b.Topic))
	})
	return scores
}

// Meaning makes of probabilities a vector of length one: their square roots, whose dot product says how much two texts
// speak of the same things; nil of none.
func Meaning(probabilities []float64) []float32 { return AppendMeaning(nil, probabilities) }

// AppendMeaning appends Meaning(probabilities) to v.
func AppendMeaning(v []float32, probabilities []float64) []float32 {
	for _, p := range probabilities {
		v = append(v, float32(math.Sqrt(p)))
	}
	return v
}

// negligible is the difference of logits from which a probability is nothing beside the highest: some millionths.
const negligible = 12

// expSteps is how many steps a table of exponentials has in one.
const expSteps = 32

var expTable = func() (t [negligible*expSteps + 1]float64) {
	for i := range t {
		t[i] = math.Exp(-float64(i) / expSteps)
	}
	return t
}()

// exp is math.Exp(-x), for x from 0 to negligible, right to nine digits and several times as quick. Products are rounded
// before they are added, so that all machines agree.
func exp(x float64) float64 {
	step := int(x * expSteps)
	rest := x - float64(step)/expSteps
	return expTable[step] * (1 - float64(rest*(1-float64(rest*(0.5-float64(rest*(1.0/6-float64(rest/24))))))))
}

// Softmax turns logits into probabilities, in place.
func Softmax(p []float64) {
	top, sum := math.Inf(-1), 0.0
	for _, v := range p {
		if v > top {
			top = v
		}
	}
	for i := range p {
		if !(p[i] >= top-negligible) {
			p[i] = 0
			continue
		}
		p[i] = exp(top - p[i])
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
}
