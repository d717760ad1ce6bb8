package faq

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"candide/faq/match"
	"candide/faq/text"
	"candide/faq/topics"
)

// Topics says what a text is about. *topics.Model is one.
type Topics interface {
	Classify(t text.Text) (scores []topics.Score, meaning []float32)
}

// What a reading weighs against the entries.
const (
	otherRecruitment = "?" + string(topics.Recruitment) // about the recruitment, and no entry covers it
	otherTalk        = "?" + string(topics.Talk)
	otherRefused     = "?" + string(topics.Refused)
	otherChatter     = "?" + string(topics.Chatter)
)

// likenessWeight is how much a question's likeness to an entry's own phrasings adds to the logit of the topics that
// the entry covers; likenessFloor is the likeness of texts that share nothing but ordinary words.
const (
	likenessWeight = 6.0
	likenessFloor  = 0.25
	// loneLogit is the logit of an entry without topics at the floor: such an entry rests on its phrasings alone.
	loneLogit  = -4.0
	loneWeight = 16.0
	// noneLogit is that of "no entry covers this" in a FAQ without any topic: where the likeness of a lone entry is 0.47.
	noneLogit = -0.5
	// chatterInChannel multiplies the odds that something said to nobody in particular is people's own talk.
	chatterInChannel = 3.0
)

// reading is what a text was understood as.
type reading struct {
	targets []target       // entries and the other… classes, most probable first
	topics  []topics.Score // most probable first
	like    []match.Candidate
	words   int
}

// target is an entry, or one of the other… classes.
type target struct {
	id string
	p  float64
}

// entries returns the targets that are entries, each with the calibrated probability that it is right.
func (r reading) entries() []target {
	var list []target
	for _, t := range r.targets {
		if !strings.HasPrefix(t.id, "?") {
			list = append(list, target{t.id, calibrate(t.p)})
		}
	}
	return list
}

// of returns the probability of a target.
func (r reading) of(id string) float64 {
	for _, t := range r.targets {
		if t.id == id {
			return t.p
		}
	}
	return 0
}

// read weighs what the topic model says against how much the text resembles each entry's phrasings.
func (x *Index) read(said string, channel bool) reading {
	t := x.reader.Read(said)
	r := reading{words: len(t.Words)}
	var meaning []float32
	if x.topics != nil {
		r.topics, meaning = x.topics.Classify(t)
	}
	r.like = x.matcher.Rank(t, meaning, likeCandidates)
	if len(x.coveredBy) == 0 {
		r.topics = nil // a FAQ without any topic is not about a recruitment
	}
	likeness := make(map[string]float64, len(r.like))
	for _, c := range r.like {
		likeness[c.ID] = c.Score
	}
	logits := make(map[string]float64, len(r.topics)+len(r.like))
	for _, s := range r.topics {
		p := s.Probability
		if channel && x.kind(s.Topic) == topics.Chatter {
			p *= chatterInChannel
		}
		covered := x.coveredBy[s.Topic]
		if len(covered) == 0 {
			logits["?"+string(x.kind(s.Topic))] += p
			continue
		}
		// A topic that several entries name is shared by likeness, later; each gets the whole of it here.
		for _, id := range covered {
			logits[id] += p
		}
	}
	for id, p := range logits {
		logits[id] = math.Log(p + 1e-6)
		if !strings.HasPrefix(id, "?") {
			logits[id] += likenessWeight * max(0, likeness[id]-likenessFloor)
		}
	}
	for _, c := range r.like {
		if _, done := logits[c.ID]; !done {
			logits[c.ID] = loneLogit + loneWeight*(c.Score-likenessFloor)
		}
	}
	if len(r.topics) == 0 {
		logits[otherRecruitment] = noneLogit
	}
	r.targets = normalise(logits)
	return r
}

// likeCandidates is how many entries the matcher ranks for one question.
const likeCandidates = 20

// calibrationSlope and calibrationShift make of what is weighed the share of such questions that are answered right:
// the line through the logits of the calibration table that `go run ./faq/topics/train -cv` prints. Each hand's lines
// are read there by a model that never saw that hand.
const (
	calibrationSlope = 1.2
	calibrationShift = 0.35
)

func calibrate(p float64) float64 {
	const edge = 1e-6
	p = min(max(p, edge), 1-edge)
	return 1 / (1 + math.Exp(-(calibrationSlope*math.Log(p/(1-p)) + calibrationShift)))
}

// kind is the topic's, recruitment for those that the catalogue does not know.
func (x *Index) kind(topic string) topics.Kind {
	if t, ok := topics.ByID(topic); ok {
		return t.Kind
	}
	return topics.Recruitment
}

func normalise(logits map[string]float64) []target {
	list := make([]target, 0, len(logits))
	for id, l := range logits {
		list = append(list, target{id, l})
	}
	// In a fixed order first, so that the sums below are the same each time.
	slices.SortFunc(list, func(a, b target) int { return strings.Compare(a.id, b.id) })
	p := make([]float64, len(list))
	for i, t := range list {
		p[i] = t.p
	}
	topics.Softmax(p)
	for i := range list {
		list[i].p = p[i]
	}
	sortTargets(list)
	return list
}

func sortTargets(list []target) {
	slices.SortFunc(list, func(a, b target) int { return cmp.Or(cmp.Compare(b.p, a.p), strings.Compare(a.id, b.id)) })
}
