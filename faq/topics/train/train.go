package main

import (
	"math"
	"math/rand/v2"
	"slices"

	"candide/faq/topics"
)

// Settings are the training's few knobs. They were chosen by leaving one hand of the corpus out at a time.
type Settings struct {
	Epochs int
	Rate   float64 // Adagrad's
	Decay  float64 // L2
	// Balance is how much a rare topic's phrases count more: 0 not at all, 1 so that all topics weigh the same.
	Balance float64
	Seed    uint64
}

// DefaultSettings are those of the embedded model.
func DefaultSettings() Settings {
	return Settings{Epochs: 12, Rate: 0.5, Decay: 1e-4, Balance: 0.3, Seed: 1}
}

// minChange is the error under which a topic is left alone for one phrase: most are, which makes training ten times
// faster and changes nothing that can be measured.
const minChange = 2e-3

// minPhrases is in how many phrases a feature must be seen: in one alone, it tells what that phrase is about and no
// more.
const minPhrases = 2

// levels is the largest quantised weight: seven and its opposite take four bits, and cost nothing that can be
// measured against a whole byte.
const levels = 7

// trainer is a softmax regression being fitted by Adagrad.
type trainer struct {
	s       Settings
	names   []string
	weights []float32 // by bucket, then topic, like the sums of squares of its gradients
	squares []float32
	bias    []float32
	biasSq  []float32
	rarity  []uint8 // by bucket; 0 for those seen too rarely
	idf     []float32
}

// Train fits a model.
func Train(phrases []topics.Phrase, hash string, s Settings) topics.File {
	t := &trainer{s: s}
	index := t.nameTopics(phrases)
	t.measureRarity(phrases)
	rows, labels, weights := t.rows(phrases, index)
	k := len(t.names)
	t.weights, t.squares = make([]float32, topics.Buckets*k), make([]float32, topics.Buckets*k)
	t.bias, t.biasSq = make([]float32, k), make([]float32, k)
	rng := rand.New(rand.NewPCG(s.Seed, 0))
	order := rng.Perm(len(rows))
	for range s.Epochs {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, n := range order {
			t.learn(rows[n], labels[n], weights[n])
		}
	}
	return t.quantise(hash)
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

// measureRarity computes each bucket's inverse document frequency, as it will be stored.
func (t *trainer) measureRarity(phrases []topics.Phrase) {
	frequency := make([]float64, topics.Buckets)
	for _, p := range phrases {
		for b := range topics.Extract(p.Text) {
			frequency[b]++
		}
	}
	t.rarity, t.idf = make([]uint8, topics.Buckets), make([]float32, topics.Buckets)
	for b, f := range frequency {
		if f < minPhrases {
			continue
		}
		t.rarity[b] = uint8(math.Round(math.Log(float64(len(phrases)+1)/(f+1)) / topics.RarityUnit))
		t.idf[b] = float32(t.rarity[b]) * topics.RarityUnit
	}
}

func (t *trainer) rows(phrases []topics.Phrase, index map[string]int) (rows [][]topics.Feature, labels []int, weights []float32) {
	counts := make([]float64, len(t.names))
	for _, p := range phrases {
		v := topics.Vector(p.Text, t.idf)
		if len(v) == 0 {
			continue
		}
		rows, labels = append(rows, v), append(labels, index[p.Topic])
		counts[index[p.Topic]]++
	}
	weights = make([]float32, len(rows))
	for i, label := range labels {
		share := counts[label] / float64(len(rows)) * float64(len(t.names))
		weights[i] = float32(math.Pow(share, -t.s.Balance))
	}
	return rows, labels, weights
}

// learn takes one step of gradient descent on one phrase.
func (t *trainer) learn(row []topics.Feature, label int, weight float32) {
	k := len(t.names)
	errs := make([]float64, k)
	for i, b := range t.bias {
		errs[i] = float64(b)
	}
	sums := make([]float32, k)
	for _, f := range row {
		for i, w := range t.weights[int(f.Bucket)*k:][:k] {
			sums[i] += float32(w * f.Value)
		}
	}
	for i, s := range sums {
		errs[i] += float64(s)
	}
	topics.Softmax(errs)
	errs[label]--
	var moving []int
	for i := range errs {
		sums[i] = float32(errs[i]) * weight
		if sums[i] > minChange || sums[i] < -minChange {
			moving = append(moving, i)
			t.biasSq[i] += float32(sums[i] * sums[i])
			t.bias[i] -= float32(0.1 * t.step(sums[i], t.biasSq[i]))
		}
	}
	for _, f := range row {
		w, sq := t.weights[int(f.Bucket)*k:][:k], t.squares[int(f.Bucket)*k:][:k]
		for _, i := range moving {
			g := float32(sums[i]*f.Value) + float32(float32(t.s.Decay)*w[i])
			sq[i] += float32(g * g)
			w[i] -= t.step(g, sq[i])
		}
	}
}

func (t *trainer) step(gradient, squares float32) float32 {
	return float32(float32(t.s.Rate)*gradient) / (float32(math.Sqrt(float64(squares))) + 1e-2)
}

// quantise stores each topic's weights in steps of the topic's own scale. The largest weights are cut at that of one
// in ten thousand, which leaves finer steps to all the others.
func (t *trainer) quantise(hash string) topics.File {
	k := len(t.names)
	f := topics.File{Corpus: hash, Topics: t.names, Bias: t.bias, Scale: make([]float32, k)}
	column := make([]float32, topics.Buckets)
	for i := range k {
		for b := range column {
			column[b] = float32(math.Abs(float64(t.weights[b*k+i])))
		}
		slices.Sort(column)
		f.Scale[i] = column[len(column)-1-len(column)/10_000] / levels
		if f.Scale[i] == 0 {
			f.Scale[i] = 1
		}
	}
	last := 0
	for b, rarity := range t.rarity {
		if rarity == 0 {
			continue
		}
		f.Buckets, f.Rarity = append(f.Buckets, uint32(b-last)), append(f.Rarity, rarity)
		last = b
		row := make([]byte, topics.RowBytes(k))
		for i, w := range t.weights[b*k:][:k] {
			q := math.Round(float64(w / f.Scale[i]))
			row[i/2] |= byte(topics.ZeroWeight+max(-levels, min(levels, q))) << (4 * (i % 2))
		}
		f.Weights = append(f.Weights, row...)
	}
	return f
}
