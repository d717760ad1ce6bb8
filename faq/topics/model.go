package topics

import (
	"bytes"
	"cmp"
	"compress/flate"
	_ "embed"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

//go:embed model.bin
var modelFile []byte

// Model says what a text is about: a logistic regression over hashed features, trained from the corpus by
// `make model` and quantised to four bits a weight. It is safe for concurrent use.
type Model struct {
	file File
	idf  []float32 // by bucket; 0 for those that the model has no row for
	row  []int32   // by bucket: its row of weights; -1: none
}

// File is a trained model as it is stored.
type File struct {
	Corpus  string    // SHA-256 of the corpus it was trained from, in hexadecimal
	Topics  []string  // the columns of Weights, sorted
	Bias    []float32 // by topic
	Scale   []float32 // by topic: what a stored weight of one is worth
	Buckets []uint32  // those that have a row, as the difference from the one before
	Rarity  []uint8   // by row: its inverse document frequency, in units of RarityUnit
	Weights []byte    // by row, then by topic: two to a byte, the lower half first, each a weight plus ZeroWeight
}

// ZeroWeight is how a weight of zero is stored, so that those from -7 to 7 take half a byte.
const ZeroWeight = 8

// RowBytes is how many bytes the weights of one row take, for n topics.
func RowBytes(n int) int { return (n + 1) / 2 }

// RarityUnit is the step in which rarity is stored.
const RarityUnit = 0.05

// Score is a topic and the probability that a text is about it.
type Score struct {
	Topic       string
	Probability float64
}

// Load returns the model that is part of the program.
func Load() (*Model, error) {
	f, err := ReadFile(bytes.NewReader(modelFile))
	if err != nil {
		return nil, fmt.Errorf("loading the topic model: %w", err)
	}
	return NewModel(f)
}

// NewModel returns a model to classify with.
func NewModel(f File) (*Model, error) {
	n, rows := len(f.Topics), len(f.Buckets)
	if n == 0 || len(f.Bias) != n || len(f.Scale) != n || len(f.Rarity) != rows || len(f.Weights) != rows*RowBytes(n) {
		return nil, errors.New("the topic model's parts do not fit together")
	}
	m := &Model{file: f, idf: make([]float32, Buckets), row: make([]int32, Buckets)}
	for b := range m.row {
		m.row[b] = -1
	}
	bucket := 0
	for i, step := range f.Buckets {
		if bucket += int(step); bucket >= Buckets || m.row[bucket] >= 0 {
			return nil, errors.New("the topic model names a feature that cannot be")
		}
		m.row[bucket] = int32(i)
		m.idf[bucket] = float32(f.Rarity[i]) * RarityUnit
	}
	return m, nil
}

// Corpus is the hash of the corpus that the model was trained from.
func (m *Model) Corpus() string { return m.file.Corpus }

// Classify returns every topic, the most probable first, and the text's meaning as a vector of length one: the square
// roots of its topics' probabilities, whose dot product says how much two texts speak of the same things. A text
// without words gets neither.
func (m *Model) Classify(text string) (scores []Score, meaning []float32) {
	p := m.probabilities(text)
	if p == nil {
		return nil, nil
	}
	scores, meaning = make([]Score, len(p)), make([]float32, len(p))
	for i, v := range p {
		scores[i] = Score{m.file.Topics[i], v}
		meaning[i] = float32(math.Sqrt(v))
	}
	slices.SortFunc(scores, func(a, b Score) int {
		return cmp.Or(cmp.Compare(b.Probability, a.Probability), strings.Compare(a.Topic, b.Topic))
	})
	return scores, meaning
}

// probabilities returns the probability of each topic, in the model's order; nil for a text without words.
func (m *Model) probabilities(text string) []float64 {
	v := Vector(text, m.idf)
	if len(v) == 0 {
		return nil
	}
	n := len(m.file.Topics)
	stride := RowBytes(n)
	sums := make([]float32, 2*stride)
	for _, f := range v {
		for i, pair := range m.file.Weights[int(m.row[f.Bucket])*stride:][:stride] {
			sums[2*i] += float32(int(pair&15)-ZeroWeight) * f.Value
			sums[2*i+1] += float32(int(pair>>4)-ZeroWeight) * f.Value
		}
	}
	p := make([]float64, n)
	for k, s := range sums[:n] {
		p[k] = float64(m.file.Bias[k]) + float64(s)*float64(m.file.Scale[k])
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

// ReadFile reads a stored model.
func ReadFile(r io.Reader) (File, error) {
	var f File
	if err := gob.NewDecoder(flate.NewReader(r)).Decode(&f); err != nil {
		return File{}, fmt.Errorf("reading a topic model: %w", err)
	}
	return f, nil
}

// WriteFile stores a model, compressed. The same model always gives the same bytes.
func WriteFile(w io.Writer, f File) error {
	z, err := flate.NewWriter(w, flate.BestCompression)
	if err != nil {
		return fmt.Errorf("writing a topic model: %w", err)
	}
	if err := gob.NewEncoder(z).Encode(f); err != nil {
		return fmt.Errorf("writing a topic model: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("writing a topic model: %w", err)
	}
	return nil
}
