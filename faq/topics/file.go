package topics

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"

	"candide/faq/text"
)

// Buckets is how many features the model tells apart: each falls into one, and the rare collisions do little harm.
const Buckets = 1 << 22

// Bucket is where a feature falls.
func Bucket(hash uint32) uint32 { return hash % Buckets }

// File is a trained model as it is stored.
type File struct {
	Corpus string    // SHA-256 of the corpus it was trained from, in hexadecimal
	Topics []string  // sorted; a weight names its topic by its place here
	Bias   []float32 // by topic
	Scale  []float32 // by topic: what a stored weight of one is worth
	Known  []uint64  // by 64 buckets: those that have a row, the lowest bit first
	// Rows are the known buckets' rows, one after another: a byte of rarity (inverse document frequency in units of
	// RarityUnit, never 0), a byte of how many weights follow, then each as a byte for its topic and a signed one.
	// Weights too small to matter are left out.
	Rows []byte
}

// RarityUnit is the step in which rarity is stored.
const RarityUnit = 0.05

// worth is how much one occurrence of each kind of feature counts.
var worth = [text.Kinds]float64{
	text.Word: 1, text.Pair: 1, text.StemPair: 0.7, text.Stem: 0.8, text.StemEnglish: 0.8, text.Heard: 1, text.HeardPair: 0.7,
	text.Letters: 0.5, text.HeardLetters: 0.4,
}

// once is the root of worth: what one occurrence counts.
var once = text.Roots(worth)

// Value is how much a feature of a text counts, before the text is brought to length one.
func Value(f text.Feature, rarity byte) float32 {
	if f.Count == 1 { // nearly all
		return float32(once[f.Kind] * float32(float32(rarity)*RarityUnit))
	}
	return float32(float32(math.Sqrt(float64(f.Count)*worth[f.Kind])) * float32(float32(rarity)*RarityUnit))
}

var errParts = errors.New("the topic model's parts do not fit together")

// after is where the row after that at row begins.
func (f *File) after(row uint32) uint32 { return row + 2 + 2*uint32(f.Rows[row+1]) }

// blocks returns where the rows are found, and an error when the parts do not fit together.
func (f *File) blocks() ([]block, error) {
	n := len(f.Topics)
	if n > mostTopics {
		return nil, fmt.Errorf("the topic model knows %d topics, of which at most %d are told apart", n, mostTopics)
	}
	if n == 0 || len(f.Bias) != n || len(f.Scale) != n || len(f.Known) != Buckets/64 {
		return nil, errParts
	}
	list := make([]block, len(f.Known))
	at := 0
	for i, known := range f.Known {
		list[i] = block{known, uint32(at)}
		for range bits.OnesCount64(known) {
			if at+2 > len(f.Rows) || f.Rows[at] == 0 {
				return nil, errParts
			}
			end := at + 2 + 2*int(f.Rows[at+1])
			if end > len(f.Rows) {
				return nil, errParts
			}
			for at += 2; at < end; at += 2 {
				if int(f.Rows[at]) >= n {
					return nil, errParts
				}
			}
		}
	}
	if at != len(f.Rows) {
		return nil, errParts
	}
	return list, nil
}

// magic begins every stored model; its last digit is the format's version.
const magic = "candide topics 3\n"

// header is what a stored model says of itself, as JSON, after its length in four bytes (big-endian, like the rest).
// Then come Known and Rows, uncompressed: the program maps its own file, so that a model costs nothing to load and
// only what is looked up takes memory.
type header struct {
	Corpus string
	Topics []string
	Bias   []float32
	Scale  []float32
}

// ParseFile reads a stored model, and keeps src for its rows. NewModel says whether its parts fit together.
func ParseFile(src []byte) (File, error) {
	rest, ok := bytes.CutPrefix(src, []byte(magic))
	if !ok || len(rest) < 4 {
		return File{}, errors.New("reading a topic model: it is none, or of another version")
	}
	size := int(binary.BigEndian.Uint32(rest))
	rest = rest[4:]
	if size > len(rest) || len(rest)-size < Buckets/8 {
		return File{}, errors.New("reading a topic model: it is cut")
	}
	var h header
	if err := json.Unmarshal(rest[:size], &h); err != nil {
		return File{}, fmt.Errorf("reading a topic model: %w", err)
	}
	f := File{Corpus: h.Corpus, Topics: h.Topics, Bias: h.Bias, Scale: h.Scale, Known: make([]uint64, Buckets/64)}
	rest = rest[size:]
	for i := range f.Known {
		f.Known[i] = binary.BigEndian.Uint64(rest[8*i:])
	}
	f.Rows = rest[Buckets/8:]
	return f, nil
}

// WriteFile stores a model. The same model always gives the same bytes.
func WriteFile(w io.Writer, f File) error {
	if _, err := f.blocks(); err != nil {
		return fmt.Errorf("writing a topic model: %w", err)
	}
	head, err := json.Marshal(header{f.Corpus, f.Topics, f.Bias, f.Scale})
	if err != nil {
		return fmt.Errorf("writing a topic model: %w", err)
	}
	b := append([]byte(magic), binary.BigEndian.AppendUint32(nil, uint32(len(head)))...)
	b = append(b, head...)
	for _, known := range f.Known {
		b = binary.BigEndian.AppendUint64(b, known)
	}
	if _, err := w.Write(append(b, f.Rows...)); err != nil {
		return fmt.Errorf("writing a topic model: %w", err)
	}
	return nil
}
