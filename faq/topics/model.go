package topics

import (
	_ "embed"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"candide/faq/text"
)

//go:embed model.bin
var modelFile []byte

// Model says what a text is about: a logistic regression over hashed features, trained from the corpus by
// `make model` and quantised to a byte a weight. It is safe for concurrent use.
type Model struct {
	file    File
	ranks   []uint32 // by 64 buckets: how many rows the buckets before them have
	offsets []uint32 // by row: where it begins
}

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
	rows := 0
	for i, known := range f.Known {
		m.ranks[i] = uint32(rows)
		rows += bits.OnesCount64(known)
	}
	return m, nil
}

// Corpus is the hash of the corpus that the model was trained from.
func (m *Model) Corpus() string { return m.file.Corpus }

// found is a feature's row and how much the feature counts.
type found struct {
	at    int32
	value float32
}

// find returns the rows of the features that the model knows. All are found before any is added up, so that the
// processor waits for its memory once and not for each.
func (m *Model) find(features []text.Feature) []found {
	list := make([]found, 0, len(features))
	for _, f := range features {
		b := Bucket(f.Hash)
		known := m.file.Known[b/64]
		bit := uint64(1) << (b % 64)
		if known&bit == 0 {
			continue
		}
		at := m.offsets[int(m.ranks[b/64])+bits.OnesCount64(known&(bit-1))]
		list = append(list, found{int32(at), Value(f, m.file.Rows[at])})
	}
	return list
}

// Classify returns every topic, the most probable first, and the text's meaning as a vector of length one: the square
// roots of its topics' probabilities, whose dot product says how much two texts speak of the same things. A text
// without words that the model knows gets neither.
func (m *Model) Classify(t text.Text) (scores []Score, meaning []float32) {
	p := m.probabilities(t)
	if p == nil {
		return nil, nil
	}
	scores, meaning = make([]Score, len(p)), make([]float32, len(p))
	for i, v := range p {
		scores[i] = Score{m.file.Topics[i], v}
		meaning[i] = float32(math.Sqrt(v))
	}
	slices.SortFunc(scores, func(a, b Score) int {
		switch {
		case a.Probability > b.Probability:
			return -1
		case a.Probability < b.Probability:
			return 1
		default:
			return strings.Compare(a.Topic, b.Topic)
		}
	})
	return scores, meaning
}

// probabilities returns the probability of each topic, in the model's order; nil for a text without known words.
func (m *Model) probabilities(t text.Text) []float64 {
	sums := make([]float32, len(m.file.Topics))
	length := float32(0)
	for _, f := range m.find(t.Features) {
		row, v := m.file.Rows[f.at:], f.value
		length += v * v
		weights := row[2 : 2+2*int(row[1])]
		for i := 0; i+1 < len(weights); i += 2 {
			sums[weights[i]] += float32(int8(weights[i+1])) * v
		}
	}
	if length == 0 {
		return nil
	}
	scale := 1 / math.Sqrt(float64(length)) // the text as a vector of length one
	p := make([]float64, len(sums))
	for k, s := range sums {
		p[k] = float64(m.file.Bias[k]) + float64(s)*scale*float64(m.file.Scale[k])
	}
	Softmax(p)
	return p
}

// Softmax turns logits into probabilities, in place.
func Softmax(p []float64) {
	if len(p) == 0 {
		return
	}
	top, sum := slices.Max(p), 0.0
	for i := range p {
		p[i] = math.Exp(p[i] - top)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
}
