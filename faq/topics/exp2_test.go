package topics

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

type bil struct {
	classes []string
	e       []float32 // bucket*D
	v       []float32 // K*D
	b       []float32
	idf     []float32
	D       int
}

func trainBil(exs []ex, D, epochs int, lrate, drop float64, seed uint64) *bil {
	m := &bil{D: D}
	idx := map[string]int{}
	for _, e := range exs {
		if _, ok := idx[e.topic]; !ok {
			idx[e.topic] = 0
			m.classes = append(m.classes, e.topic)
		}
	}
	slices.Sort(m.classes)
	for i, c := range m.classes {
		idx[c] = i
	}
	df := make([]float64, Buckets)
	for _, e := range exs {
		for b := range Extract(e.text) {
			df[b]++
		}
	}
	m.idf = make([]float32, Buckets)
	for i := range df {
		m.idf[i] = float32(math.Log(float64(len(exs)+1) / (df[i] + 1)))
	}
	X := make([][]Feature, len(exs))
	Y := make([]int, len(exs))
	for i, e := range exs {
		X[i] = Vector(e.text, m.idf)
		Y[i] = idx[e.topic]
	}
	K := len(m.classes)
	rng := rand.New(rand.NewPCG(seed, 2))
	m.e = make([]float32, Buckets*D)
	ge := make([]float32, Buckets)
	for i := range m.e {
		m.e[i] = float32(rng.NormFloat64() * 0.3)
	}
	m.v = make([]float32, K*D)
	gv := make([]float32, K*D)
	for i := range m.v {
		m.v[i] = float32(rng.NormFloat64() * 0.1)
	}
	m.b = make([]float32, K)
	order := rng.Perm(len(exs))
	h := make([]float32, D)
	dh := make([]float32, D)
	p := make([]float32, K)
	kept := make([]Feature, 0, 1000)
	for ep := 0; ep < epochs; ep++ {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, n := range order {
			kept = kept[:0]
			sc := float32(1 / math.Sqrt(1-drop))
			for _, f := range X[n] {
				if rng.Float64() >= drop {
					kept = append(kept, Feature{f.Bucket, f.Value * sc})
				}
			}
			m.hid(kept, h)
			m.out(h, p)
			p[Y[n]] -= 1
			clear(dh)
			for k := range p {
				if p[k] < 1e-3 && p[k] > -1e-3 {
					continue
				}
				for d := 0; d < D; d++ {
					dh[d] += p[k] * m.v[k*D+d]
					g := p[k]*h[d] + 1e-5*m.v[k*D+d]
					gv[k*D+d] += g * g
					m.v[k*D+d] -= float32(lrate) * g / (float32(math.Sqrt(float64(gv[k*D+d]))) + 1e-2)
				}
				m.b[k] -= 0.01 * p[k]
			}
			nn := float32(0)
			for d := range dh {
				nn += dh[d] * dh[d]
			}
			for _, f := range kept {
				ge[f.Bucket] += nn * f.Value * f.Value / float32(D)
				s := float32(lrate) * f.Value / (float32(math.Sqrt(float64(ge[f.Bucket]))) + 1e-3)
				row := m.e[int(f.Bucket)*D : int(f.Bucket)*D+D]
				for d := range row {
					row[d] -= s * dh[d]
				}
			}
		}
	}
	return m
}

func (m *bil) hid(x []Feature, h []float32) {
	clear(h)
	D := m.D
	for _, f := range x {
		row := m.e[int(f.Bucket)*D : int(f.Bucket)*D+D]
		for d := range row {
			h[d] += f.Value * row[d]
		}
	}
}
func (m *bil) out(h, p []float32) {
	copy(p, m.b)
	for k := range p {
		s := float32(0)
		for d := range h {
			s += h[d] * m.v[k*m.D+d]
		}
		p[k] += s
	}
	softmax(p)
}
func (m *bil) probs(x []Feature, p []float32) { h := make([]float32, m.D); m.hid(x, h); m.out(h, p) }
func softmax(p []float32) {
	mx := slices.Max(p)
	s := float32(0)
	for k := range p {
		p[k] = float32(math.Exp(float64(p[k] - mx)))
		s += p[k]
	}
	for k := range p {
		p[k] /= s
	}
}

type prober interface{ probs([]Feature, []float32) }
type ens []prober

func (e ens) probs(x []Feature, p []float32) {
	q := make([]float32, len(p))
	r := make([]float64, len(p))
	for _, m := range e {
		m.probs(x, q)
		for k := range q {
			r[k] += math.Log(float64(q[k])+1e-6) / float64(len(e))
		}
	}
	for k := range p {
		p[k] = float32(r[k])
	}
	softmax(p)
}

func evalSet(name string, m prober, classes []string, idf []float32, file string) {
	f, err := os.Open(file)
	if err != nil {
		return
	}
	sc := bufio.NewScanner(f)
	n, ok := map[string]int{}, map[string]int{}
	p := make([]float32, len(classes))
	for sc.Scan() {
		var q struct {
			Text   string
			Expect []string
			Style  string
		}
		json.Unmarshal(sc.Bytes(), &q)
		m.probs(Vector(q.Text, idf), p)
		sum := map[string]float32{}
		best := ""
		for i := range p {
			sum[ent(classes[i])] += p[i]
		}
		for e, v := range sum {
			if best == "" || v > sum[best] {
				best = e
			}
		}
		kind := "covered"
		if q.Expect[0] == "none" || q.Expect[0] == "noise" {
			kind = q.Expect[0]
		}
		n[kind]++
		if slices.Contains(q.Expect, best) {
			ok[kind]++
		}
	}
	fmt.Println(name, file[len(file)-14:], ok, n)
}

func TestExp2(t *testing.T) {
	all := loadCorpus()
	dev, held := "../../../shared/data/questions-dev.jsonl", "../eval/testdata/heldout.jsonl"
	ep, d, lrr, drop := int(envf("EP", 12)), int(envf("D", 48)), envf("LR", 0.3), envf("DROP", 0.3)
	for _, g := range strings.Split(os.Getenv("LOGO"), ",") {
		var tr, te []ex
		for _, e := range all {
			if e.group == g {
				te = append(te, e)
			} else {
				tr = append(tr, e)
			}
		}
		ms := map[string]prober{}
		b := trainBil(tr, d, ep, lrr, drop, 1)
		ms["bil"] = b
		if os.Getenv("ENS") != "" {
			l := trainLR(tr, 10, 0.5, 1e-4)
			ms["lr"] = l
			ms["ens"] = ens{b, l}
			ms["ens3"] = ens{b, l, trainBil(tr, d, ep, lrr, drop, 7)}
		}
		p := make([]float32, len(b.classes))
		for name, m := range ms {
			ok, oke := 0, 0
			for _, e := range te {
				m.probs(Vector(e.text, b.idf), p)
				k := 0
				for i := range p {
					if p[i] > p[k] {
						k = i
					}
				}
				if b.classes[k] == e.topic {
					ok++
				}
				if ent(b.classes[k]) == ent(e.topic) {
					oke++
				}
			}
			if g != "" {
				fmt.Printf("%-5s %-14s topic %.3f entry %.3f\n", name, g, float64(ok)/float64(len(te)), float64(oke)/float64(len(te)))
			} else {
				evalSet(name, m, b.classes, b.idf, dev)
				evalSet(name, m, b.classes, b.idf, held)
			}
		}
	}
}
