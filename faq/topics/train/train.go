package main

import (
	"math"
	"math/rand/v2"
	"slices"

	"candide/faq/text"
	"candide/faq/topics"
)

// Settings say how a model is trained. The same settings and phrases give the same model, bit by bit.
type Settings struct {
	Epochs int
	Rate   float32 // how far one phrase moves the weights
	Sparse float32 // L1: what a weight must be worth
	Decay  float32 // L2
	// Balance is how much a rare topic's phrases count more: 0 not at all, 1 so that all topics weigh the same.
	Balance float64
	// Noise is the share of the times that a phrase is learnt in which it is learnt misspelled or framed, Cross the share
	// in which it ends as another of its topic does, and Gaps the share in which some of its words are lost, so that no
	// word is relied upon alone.
	Noise, Cross, Gaps float64
	// Smallest is the least weight that is kept.
	Smallest float32
	// Least is in how many phrases a feature must be to be learnt.
	Least int
	Seed  uint64
}

// DefaultSettings are those of the model in the repository.
func DefaultSettings() Settings {
	return Settings{Epochs: 25, Rate: 0.5, Sparse: 0.05, Decay: 0.1, Balance: 0.3, Noise: 0.35, Cross: 0.3, Gaps: 0.75, Smallest: 0.7, Least: 3, Seed: 1}
}

// minChange is the error of a topic under which a phrase teaches it nothing.
const minChange = 2e-3

// levels is how many steps a weight has on each side of zero.
const levels = 127

type trainer struct {
	s       Settings
	names   []string
	row     []int32   // by bucket; -1: not learnt
	rarity  []uint8   // by row
	weights []float32 // by row, then topic, like the sums of squares of its gradients
	pull    []float32
	squares []float32
	bias    []float32
	biasSq  []float32
	reader  *text.Reader

	// For one phrase at a time.
	errs   []float64
	sums   []float32
	moving []int
}

// feature is what the trainer learns from: a row, and how much of it a phrase of length one has.
type feature struct {
	row   int32
	value float32
}

// Train trains a model from phrases; hash is the corpus', kept in the model.
func Train(phrases []topics.Phrase, hash string, s Settings) topics.File {
	return train(phrases, s).quantise(hash)
}

func train(phrases []topics.Phrase, s Settings) *trainer {
	t := &trainer{s: s, reader: text.NewReader()}
	index := t.nameTopics(phrases)
	t.measureRarity(phrases)
	weights := t.weigh(phrases, index)
	k := len(t.names)
	size := len(t.rarity) * k
	t.weights, t.pull, t.squares = make([]float32, size), make([]float32, size), make([]float32, size)
	t.bias, t.biasSq = make([]float32, k), make([]float32, k)
	t.errs, t.sums = make([]float64, k), make([]float32, k)
	rng := rand.New(rand.NewPCG(s.Seed, 0))
	noise := newNoise(rng)
	order := rng.Perm(len(phrases))
	same := map[string][]topics.Phrase{} // by topic
	for _, p := range phrases {
		same[p.Topic] = append(same[p.Topic], p)
	}
	for range s.Epochs {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, n := range order {
			p := phrases[n]
			said := p.Text
			if rng.Float64() < s.Noise {
				said = noise.spoil(p)
			}
			if rng.Float64() < s.Cross {
				said = noise.cross(said, p, same[p.Topic])
			}
			if rng.Float64() < s.Gaps {
				said = noise.lose(said)
			}
			if v := t.vector(said); len(v) > 0 {
				t.learn(v, index[p.Topic], weights[n])
			}
		}
	}
	return t
}

func (t *trainer) nameTopics(phrases []topics.Phrase) map[string]int {
	index := map[string]int{}
	for _, p := range phrases {
		if _, known := index[p.Topic]; !known {
			index[p.Topic] = 0
			t.names = append(t.names, p.Topic)
		}
	}
	slices.Sort(t.names)
	for i, name := range t.names {
		index[name] = i
	}
	return index
}

// measureRarity gives a row to each bucket that enough phrases have.
func (t *trainer) measureRarity(phrases []topics.Phrase) {
	frequency := make([]int, topics.Buckets)
	last := make([]int, topics.Buckets) // the phrase that counted last, plus one: two features of one may share a bucket
	for n, p := range phrases {
		for _, f := range t.reader.Read(p.Text).Features() {
			if b := topics.Bucket(f.Hash); last[b] != n+1 {
				frequency[b]++
				last[b] = n + 1
			}
		}
	}
	t.row = make([]int32, topics.Buckets)
	for b, f := range frequency {
		t.row[b] = -1
		if f < t.s.Least {
			continue
		}
		t.row[b] = int32(len(t.rarity))
		rarity := math.Round(math.Log(float64(len(phrases)+1)/float64(f+1)) / topics.RarityUnit)
		t.rarity = append(t.rarity, uint8(max(1, rarity)))
	}
}

func (t *trainer) vector(said string) []feature {
	features := t.reader.Read(said).Features()
	v := make([]feature, 0, len(features))
	sum := float32(0)
	for _, f := range features {
		row := t.row[topics.Bucket(f.Hash)]
		if row < 0 {
			continue
		}
		value := topics.Value(f, t.rarity[row])
		sum += float32(value * value)
		v = append(v, feature{row, value})
	}
	scale := float32(1 / math.Sqrt(float64(sum)))
	for i := range v {
		v[i].value *= scale
	}
	return v
}

// weigh returns how much each phrase counts.
func (t *trainer) weigh(phrases []topics.Phrase, index map[string]int) []float32 {
	counts := make([]float64, len(t.names))
	for _, p := range phrases {
		counts[index[p.Topic]]++
	}
	weights := make([]float32, len(phrases))
	for i, p := range phrases {
		share := counts[index[p.Topic]] / float64(len(phrases)) * float64(len(t.names))
		weights[i] = float32(math.Pow(share, -t.s.Balance))
	}
	return weights
}

// learn moves the weights by one phrase's error, by FTRL-Proximal (McMahan et al., “Ad Click Prediction: a View from
// the Trenches”, 2013): each weight has a rate of its own, and stays zero until it is worth more than Sparse. Products
// are rounded before they are added, so that machines that fuse the two give the same model.
func (t *trainer) learn(v []feature, label int, weight float32) {
	k := len(t.names)
	for i, b := range t.bias {
		t.errs[i] = float64(b)
	}
	clear(t.sums)
	for _, f := range v {
		for i, w := range t.weights[int(f.row)*k:][:k] {
			t.sums[i] += float32(w * f.value)
		}
	}
	for i, s := range t.sums {
		t.errs[i] += float64(s)
	}
	topics.Softmax(t.errs)
	t.errs[label]--
	moving := t.moving[:0]
	for i, e := range t.errs {
		g := float32(e) * weight
		t.sums[i] = g
		if g > minChange || g < -minChange {
			moving = append(moving, i)
			t.biasSq[i] += float32(g * g)
			t.bias[i] -= float32(0.1*t.s.Rate) * g / (sqrt(t.biasSq[i]) + 1e-2)
		}
	}
	for _, f := range v {
		at := int(f.row) * k
		w, z, sq := t.weights[at:][:k], t.pull[at:][:k], t.squares[at:][:k]
		for _, i := range moving {
			g := float32(t.sums[i] * f.value)
			was := sqrt(sq[i])
			sq[i] += float32(g * g)
			now := sqrt(sq[i])
			z[i] += g - float32((now-was)/t.s.Rate*w[i])
			switch {
			case z[i] > t.s.Sparse:
				w[i] = (t.s.Sparse - z[i]) / ((1e-2+now)/t.s.Rate + t.s.Decay)
			case z[i] < -t.s.Sparse:
				w[i] = (-t.s.Sparse - z[i]) / ((1e-2+now)/t.s.Rate + t.s.Decay)
			default:
				w[i] = 0
			}
		}
	}
	t.moving = moving
}

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// quantise packs the weights that matter, each topic's by a scale of its own.
func (t *trainer) quantise(hash string) topics.File {
	k := len(t.names)
	f := topics.File{Corpus: hash, Topics: t.names, Bias: t.bias, Scale: make([]float32, k), Known: make([]uint64, topics.Buckets/64)}
	for i, w := range t.weights {
		f.Scale[i%k] = max(f.Scale[i%k], w/levels, -w/levels)
	}
	for b, r := range t.row {
		if r < 0 {
			continue
		}
		row := []byte{t.rarity[r], 0}
		for i, w := range t.weights[int(r)*k:][:k] {
			if w > -t.s.Smallest && w < t.s.Smallest {
				continue
			}
			if q := int8(math.Round(float64(w / f.Scale[i]))); q != 0 {
				row = append(row, byte(i), byte(q))
				row[1]++
			}
		}
		f.Known[b/64] |= 1 << (b % 64)
		f.Rows = append(f.Rows, row...)
	}
	for i := range f.Scale {
		if f.Scale[i] == 0 {
			f.Scale[i] = 1
		}
	}
	return f
}
