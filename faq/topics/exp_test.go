package topics

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

type ex struct{ group, topic, voice, text string }

func loadCorpus() []ex {
	var out []ex
	files, _ := filepath.Glob("corpus/*/*.txt")
	slices.Sort(files)
	for _, f := range files {
		b, _ := os.ReadFile(f)
		g := filepath.Base(filepath.Dir(f))
		t := strings.TrimSuffix(filepath.Base(f), ".txt")
		for _, l := range strings.Split(strings.TrimSpace(string(b)), "\n") {
			v, x, _ := strings.Cut(l, "\t")
			out = append(out, ex{g, t, v, x})
		}
	}
	return out
}

type lr struct {
	classes []string
	w       [][]float32 // bucket -> classes
	b       []float32
	idf     []float32
}

func trainLR(exs []ex, epochs int, lrate, l2 float64) *lr {
	m := &lr{}
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
		m.idf[i] = float32(math.Log(float64(len(exs)+1)/(df[i]+1)) )
	}
	X := make([][]Feature, len(exs))
	Y := make([]int, len(exs))
	cnt := make([]float64, len(m.classes))
	for i, e := range exs {
		X[i] = Vector(e.text, m.idf)
		Y[i] = idx[e.topic]
		cnt[Y[i]]++
	}
	K := len(m.classes)
	m.w = make([][]float32, Buckets)
	g2 := make([][]float32, Buckets)
	for i := range m.w {
		m.w[i] = make([]float32, K)
		g2[i] = make([]float32, K)
	}
	m.b = make([]float32, K)
	gb := make([]float32, K)
	rng := rand.New(rand.NewPCG(1, 2))
	order := rng.Perm(len(exs))
	p := make([]float32, K)
	ks := make([]int, 0, K)
	for ep := 0; ep < epochs; ep++ {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, n := range order {
			m.probs(X[n], p)
			wgt := float32(math.Pow(cnt[Y[n]]/float64(len(exs))*float64(K), -0.3))
			p[Y[n]] -= 1
			ks = ks[:0]
			for k := range p {
				p[k] *= wgt
				if p[k] > 2e-3 || p[k] < -2e-3 {
					ks = append(ks, k)
					gb[k] += p[k] * p[k]
					m.b[k] -= float32(lrate) * p[k] / (float32(math.Sqrt(float64(gb[k]))) + 1e-3) * 0.1
				}
			}
			for _, f := range X[n] {
				w, g := m.w[f.Bucket], g2[f.Bucket]
				for _, k := range ks {
					d := p[k]*f.Value + float32(l2)*w[k]
					g[k] += d * d
					w[k] -= float32(lrate) * d / (float32(math.Sqrt(float64(g[k]))) + 1e-2)
				}
			}
		}
	}
	return m
}

func (m *lr) probs(x []Feature, p []float32) {
	copy(p, m.b)
	for _, f := range x {
		for k, w := range m.w[f.Bucket] {
			p[k] += w * f.Value
		}
	}
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

var entryOf = map[string]string{"salaire": "salaire", "contrat": "contrat", "duree-contrat": "contrat", "perspectives": "perspectives", "teletravail": "teletravail", "date-debut": "date-debut", "date-limite": "date-limite", "candidater": "candidater", "dossier": "dossier", "procedure": "procedure", "delai": "delai", "statut-candidature": "delai", "formation": "formation", "missions": "missions", "communaute": "communaute", "profil": "profil", "experience": "profil", "langues": "profil", "equipes": "equipes", "entretien": "entretien", "organisation": "beta-gouv", "contact": "contact", "bavardage": "noise"}

func ent(t string) string {
	if e, ok := entryOf[t]; ok {
		return e
	}
	return "none"
}

func envf(n string, d float64) float64 {
	if v := os.Getenv(n); v != "" {
		fmt.Sscan(v, &d)
	}
	return d
}

func TestExp(t *testing.T) {
	EP, LR, L2 := int(envf("EP", 12)), envf("LR", 0.5), envf("L2", 1e-5)
	all := loadCorpus()
	fmt.Println(len(all))
	groups := strings.Split(os.Getenv("LOGO"), ",")
	if os.Getenv("LOGO") != "" {
		tot, totE := 0.0, 0.0
		for _, g := range groups {
			var tr, te []ex
			for _, e := range all {
				if e.group == g {
					te = append(te, e)
				} else {
					tr = append(tr, e)
				}
			}
			m := trainLR(tr, EP, LR, L2)
			p := make([]float32, len(m.classes))
			ok, oke := 0, 0
			for _, e := range te {
				m.probs(Vector(e.text, m.idf), p)
				k := 0
				for i := range p {
					if p[i] > p[k] {
						k = i
					}
				}
				if os.Getenv("VV") != "" && ent(m.classes[k]) != ent(e.topic) {
					fmt.Printf("ERR %s -> %s %.2f %s\n", e.topic, m.classes[k], p[k], e.text)
				}
				if m.classes[k] == e.topic {
					ok++
				}
				if ent(m.classes[k]) == ent(e.topic) {
					oke++
				}
			}
			fmt.Printf("%-14s topic %.3f entry %.3f\n", g, float64(ok)/float64(len(te)), float64(oke)/float64(len(te)))
			tot += float64(ok) / float64(len(te)) / 5
			totE += float64(oke) / float64(len(te)) / 5
		}
		fmt.Printf("mean %.3f %.3f\n", tot, totE)
	}
	m := trainLR(all, EP, LR, L2)
	for _, file := range []string{"../../../shared/data/questions-dev.jsonl", "../eval/testdata/heldout.jsonl"} {
		f, err := os.Open(file)
		if err != nil {
			continue
		}
		sc := bufio.NewScanner(f)
		n, ok := map[string]int{}, map[string]int{}
		p := make([]float32, len(m.classes))
		for sc.Scan() {
			var q struct {
				Text   string
				Expect []string
				Style  string
			}
			json.Unmarshal(sc.Bytes(), &q)
			m.probs(Vector(q.Text, m.idf), p)
			sum := map[string]float32{}
			best, bk := "", 0
			for i := range p {
				sum[ent(m.classes[i])] += p[i]
				if p[i] > p[bk] {
					bk = i
				}
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
			} else if os.Getenv("V") != "" {
				fmt.Printf("  %v -> %s (%s %.2f)  %s\n", q.Expect, best, m.classes[bk], p[bk], q.Text)
			}
		}
		fmt.Println(file, ok, n)
	}
}
