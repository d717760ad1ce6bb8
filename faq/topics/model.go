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
	"candide/internal/recent"
)

//go:embed model.bin
var modelFile []byte

// Model says what a text is about: a logistic regression over hashed features, trained from the corpus by
// `make model` and quantised to a byte a weight. It is safe for concurrent use.
type Model struct {
	file   File
	blocks []block
	joints *recent.Table[part] // by key: what words say by standing beside each other
	free   sync.Pool           // *scratch
}

// maxJoints is how many joints of words are remembered.
const maxJoints = 1 << 14

// block is 64 buckets, whose rows follow each other: what is looked up first of a feature stands close together.
type block struct {
	known uint64 // which have a row, the lowest bit first
	row   uint32 // where the first of these begins
}

// scratch is what one text needs.
type scratch struct {
	words    []*text.Known
	joints   []text.Joint
	parts    []*part
	features []text.Feature
	rows     []found
	low      lanes // of all parts: of each four lanes, the first and the third
	high     lanes
	sums     sums
}

// sums has room for as many topics as a byte names, so that none is looked for out of it. They count steps: whole
// numbers are added up quicker.
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
	blocks, err := f.blocks()
	if err != nil {
		return nil, err
	}
	m := &Model{file: f, blocks: blocks, joints: recent.New[part](maxJoints)}
	m.file.Known = nil // it is in the blocks
	m.free.New = func() any { return new(scratch) }
	return m, nil
}

// Corpus is the hash of the corpus that the model was trained from.
func (m *Model) Corpus() string { return m.file.Corpus }

// Names are the topics, in the order of Probabilities.
func (m *Model) Names() []string { return m.file.Topics }

// found is a feature that the model knows.
type found struct {
	row     uint32 // where its row begins; first, where its block's rows do
	skip    int32  // how many rows of the block come before its own
	value   int32  // how much it counts, in steps
	feature text.Feature
}

// add adds what the features say to the sums, and returns the square of their length. All are looked up in one table
// before the next, so that the processor waits for its memory once and not for each.
func (m *Model) add(s *scratch, features []text.Feature) (square float32) {
	rows := s.rows[:0]
	for _, f := range features {
		b := Bucket(f.Hash)
		block := &m.blocks[b/64]
		bit := uint64(1) << (b % 64)
		if block.known&bit != 0 {
			rows = append(rows, found{block.row, int32(bits.OnesCount64(block.known & (bit - 1))), 0, f})
		}
	}
	for i := range rows {
		r := &rows[i]
		for ; r.skip > 0; r.skip-- {
			r.row = m.file.after(r.row)
		}
		v := Value(r.feature, m.file.Rows[r.row])
		square += v * v
		r.value = int32(v*steps + 0.5)
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

// part returns what the features say together.
func (m *Model) part(s *scratch, features []text.Feature) part {
	clear(s.sums[:mostTopics])
	square := m.add(s, features)
	return part{m, square, pack(&s.sums)}
}

// word returns what a word says by itself.
func (m *Model) word(s *scratch, w *text.Known) *part {
	if p, ok := w.Recall(text.OfTopics).(*part); ok && p.of == m {
		return p
	}
	p := m.part(s, w.Own)
	w.Keep(text.OfTopics, &p)
	return &p
}

// joint returns what two words say by standing beside each other.
func (m *Model) joint(s *scratch, j text.Joint) *part {
	key := j.Key()
	if p := m.joints.Find(key); p != nil {
		return p
	}
	s.features = j.Features(s.features[:0])
	return m.joints.Keep(key, m.part(s, s.features))
}

// Probabilities returns how probable each topic is for t, in the order of Names; nil for a text without any feature that
// the model knows.
func (m *Model) Probabilities(t text.Text) []float64 { return m.Append(nil, t) }

// Append appends Probabilities(t) to p.
func (m *Model) Append(p []float64, t text.Text) []float64 {
	s := m.free.Get().(*scratch)
	defer m.free.Put(s)
	s.words, s.joints, s.parts = t.Distinct(s.words[:0]), t.Joints(s.joints[:0]), s.parts[:0]
	for _, w := range s.words {
		s.parts = append(s.parts, m.word(s, w))
	}
	for _, j := range s.joints {
		s.parts = append(s.parts, m.joint(s, j))
	}
	square := s.addParts()
	clear(s.words) // the pool must not keep words that are forgotten
	clear(s.joints)
	clear(s.parts)
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
func Meaning(probabilities []float64) []float32 {
	var v []float32
	for _, p := range probabilities {
		v = append(v, float32(math.Sqrt(p)))
	}
	return v
}
