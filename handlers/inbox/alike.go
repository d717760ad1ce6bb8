package inbox

import (
	"math"
	"strings"

	"candide/internal/fold"
	"candide/storage"
)

// How alike two questions must be to share a card: little when they are about the same topic, in their letters or in
// what the topic model makes of them; much when they are not. A recruiter sees every question of a card before those
// who asked get an answer, and can put one apart.
const (
	lettersSameTopic  = 0.2
	meaningSameTopic  = 0.97
	lettersOtherTopic = 0.6
)

// compared is how many questions of a group, the latest ones, a new one is compared with.
const compared = 10

// alike returns the number of the group that a question belongs to, 0: none. A question about an answer that somebody
// disliked belongs with the others about the same entry.
func (h *Handler) alike(g storage.Group, text string) func([]storage.Filed) int {
	mine := features{text: text, h: h}
	return func(open []storage.Filed) int {
		best, number := 0.0, 0
		for _, f := range open {
			if f.Disliked != g.Disliked || f.Disliked && f.Entry != g.Entry {
				continue
			}
			if f.Disliked {
				return f.Number
			}
			sameTopic := f.Topic == g.Topic && g.Topic != ""
			for _, q := range f.Questions[max(0, len(f.Questions)-compared):] {
				if s := likeness(&mine, &features{text: q.Text, h: h}, sameTopic); s > best {
					best, number = s, f.Number
				}
			}
		}
		return number
	}
}

// features are what two questions are compared by, each made when it is first asked for: a question's letters cost
// microseconds, its meaning a good part of a millisecond.
type features struct {
	text    string
	h       *Handler
	grams   map[string]float64
	meaning []float32
}

func (f *features) letters() map[string]float64 {
	if f.grams == nil {
		f.grams = grams(f.text)
	}
	return f.grams
}

func (f *features) about() []float32 {
	if f.meaning == nil && f.h.Meaning != nil {
		f.meaning = f.h.Meaning(f.text)
	}
	return f.meaning
}

// likeness is how much more alike two questions are than they must be, from 1; 0 when they are not alike.
func likeness(a, b *features, sameTopic bool) float64 {
	letters := overlap(a.letters(), b.letters())
	if !sameTopic {
		if letters < lettersOtherTopic {
			return 0
		}
		return letters / lettersOtherTopic
	}
	if letters >= lettersSameTopic {
		return 1 + letters
	}
	if cosine(a.about(), b.about()) >= meaningSameTopic {
		return 1
	}
	return 0
}

// overlap is the cosine of two bags of pieces.
func overlap(a, b map[string]float64) float64 {
	dot, na, nb := 0.0, 0.0, 0.0
	for g, n := range a {
		dot += n * b[g]
		na += n * n
	}
	for _, n := range b {
		nb += n * n
	}
	if na == 0 || nb == 0 {
		return 0
	}
	return dot / math.Sqrt(na*nb)
}

func cosine(a, b []float32) float64 {
	if len(a) == 0 || len(a) != len(b) {
		return 0
	}
	dot, na, nb := 0.0, 0.0, 0.0
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		dot, na, nb = dot+x*y, na+x*x, nb+y*y
	}
	if na == 0 || nb == 0 {
		return 0
	}
	return dot / math.Sqrt(na*nb)
}

// grams are the three-letter pieces of the words that mean something.
func grams(text string) map[string]float64 {
	counts := map[string]float64{}
	for _, w := range strings.FieldsFunc(fold.String(text), func(r rune) bool { return !isWord(r) }) {
		if small[w] {
			continue
		}
		runes := []rune(" " + w + " ")
		for i := 0; i+3 <= len(runes); i++ {
			counts[string(runes[i:i+3])]++
		}
	}
	return counts
}

func isWord(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127 }

// small words say nothing of what a question is about.
var small = func() map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields("le la les l un une des du de d et ou a au aux en y est ce c que qu qui il elle on je j tu vous nous ai as avez " +
		"t pour par avec dans sur s si svp stp merci bonjour salut bonsoir hello hi the an of is are there do does you i we to in for any it can") {
		set[w] = true
	}
	return set
}()
