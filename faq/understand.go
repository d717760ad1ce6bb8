package faq

import (
	"cmp"
	"math"
	"slices"

	"candide/faq/match"
	"candide/faq/text"
	"candide/faq/topics"
	"candide/internal/topn"
)

// Topics says what a text is about. *topics.Model is one.
type Topics interface {
	// Names are the topics, in the order of Probabilities.
	Names() []string
	// Append appends how probable each topic is to p; nothing where nothing is known of the text.
	Append(p []float64, t text.Text) []float64
}

// What a reading weighs against the entries.
const (
	otherRecruitment = "?" + string(topics.Recruitment) // about the recruitment, and no entry covers it
	otherTalk        = "?" + string(topics.Talk)
	otherRefused     = "?" + string(topics.Refused)
	otherChatter     = "?" + string(topics.Chatter)
)

var others = [...]string{otherRecruitment, otherTalk, otherRefused, otherChatter}

// likenessWeight is how much a question's likeness to an entry's own phrasings adds to the logarithm of the odds that the
// topics give it; likenessFloor is the likeness of texts that share nothing but ordinary words.
const (
	likenessWeight = 6.0
	likenessFloor  = 0.25
	// loneLogit is the logarithm of the odds of an entry without topics at the floor: such an entry rests on its phrasings alone.
	loneLogit  = -4.0
	loneWeight = 16.0
	// noneLogit is that of "no entry covers this" in a FAQ without any topic: where the likeness of a lone entry is 0.47.
	noneLogit = -0.5
	// chatterInChannel multiplies the odds that something said to nobody in particular is people's own talk.
	chatterInChannel = 3.0
)

// reading is what a text was understood as.
type reading struct {
	targets []target  // the leading entries and ways of being for none, most probable first
	topics  []float64 // by the model's topic; none: none is known, or none counts
}

// target is an entry, or a way of being for none: its place among the index's names.
type target struct {
	at int32
	p  float64
}

// isEntry reports whether a target is an entry.
func (x *Index) isEntry(t target) bool { return int(t.at) < len(x.faq.Entries) }

// entries appends to list the first n targets that are entries.
func (x *Index) entries(list []target, r reading, n int) []target {
	for _, t := range r.targets {
		if len(list) == n {
			break
		}
		if x.isEntry(t) {
			list = append(list, t)
		}
	}
	return list
}

// first returns the first target that is an entry, with the calibrated probability that it is right.
func (x *Index) first(r reading) (entry target, ok bool) {
	var one [1]target
	list := x.entries(one[:0], r, 1)
	if len(list) == 0 {
		return target{}, false
	}
	return target{list[0].at, calibrate(list[0].p)}, true
}

// of returns the probability of a target.
func (x *Index) of(r reading, name string) float64 {
	for _, t := range r.targets {
		if x.names[t.at] == name {
			return t.p
		}
	}
	return 0
}

// scratch is what the readings of one message need.
type scratch struct {
	// By target, for one reading at a time.
	sums []float64 // of its topics' probabilities
	like []float64

	list    []int32 // the targets that are weighed
	odds    []float64
	meaning []match.Aspect
	ranked  []match.Candidate

	// The message, and what its readings keep.
	words  text.Text
	parts  []message
	topics []float64
	kept   []target
}

func (x *Index) scratch() *scratch {
	s := x.free.Get().(*scratch)
	s.topics, s.kept = s.topics[:0], s.kept[:0]
	return s
}

// release gives s back, without the words that nobody else may remember any more.
func (x *Index) release(s *scratch) {
	clear(s.words)
	clear(s.parts[:cap(s.parts)])
	x.free.Put(s)
}

// read weighs what the topic model says against how much the text resembles each entry's phrasings; said is the hash of what
// it was taken from.
func (x *Index) read(s *scratch, t text.Text, said uint64, channel bool) reading {
	var r reading
	s.meaning = s.meaning[:0]
	if x.topics != nil {
		start := len(s.topics)
		s.topics = x.topics.Append(s.topics, t)
		r.topics = s.topics[start:len(s.topics):len(s.topics)]
		s.meaning = aspects(s.meaning, r.topics)
	}
	s.ranked = x.matcher.Rank(s.ranked[:0], t, said, s.meaning, likeCandidates)
	s.list = s.list[:0]
	if !x.covered {
		r.topics = nil // a FAQ without any topic is not about a recruitment
	}
	if len(r.topics) > 0 {
		// A topic that several entries name is shared by likeness, later; each gets the whole of it here.
		for _, c := range x.covers {
			sum := 0.0
			for _, k := range c.topics {
				sum += r.topics[k]
			}
			s.sums[c.target] = sum
			s.list = append(s.list, c.target)
		}
		if channel {
			for _, c := range x.chatter {
				for _, k := range c.topics {
					s.sums[c.target] += (chatterInChannel - 1) * r.topics[k]
				}
			}
		}
	} else {
		at := int32(len(x.faq.Entries)) // otherRecruitment
		s.list = append(s.list, at)
		s.sums[at] = -1 // no topic is named
	}
	for _, c := range s.ranked {
		at := x.like[c.Entry]
		s.like[at] = float64(c.Score)
		if channel {
			s.like[at] = min(s.like[at], 0.99) // what an entry is called is said there about anything
		}
		if len(r.topics) == 0 || len(x.topicsOf[at]) == 0 { // no topic speaks for it
			s.list = append(s.list, at)
			s.sums[at] = -1
		}
	}
	s.odds = s.odds[:0]
	all := 0.0
	for _, at := range s.list {
		odds := x.odds(s, at)
		all += odds
		s.odds = append(s.odds, odds)
		s.sums[at], s.like[at] = 0, 0
	}
	var best [leading]topn.Ranked
	for i, odds := range s.odds {
		topn.Keep(best[:], topn.As(float32(odds/all), int32(i)))
	}
	start := len(s.kept)
	for _, b := range best[:min(leading, len(s.list))] {
		i := b.Place()
		s.kept = append(s.kept, target{s.list[i], s.odds[i] / all})
	}
	r.targets = s.kept[start:len(s.kept):len(s.kept)]
	return r
}

// aspects returns what a text means by what it is about, in room. Which topics count cannot be foretold: so each
// is written, and the next takes the place of one that does not count.
func aspects(room []match.Aspect, probabilities []float64) []match.Aspect {
	list := slices.Grow(room[:0], len(probabilities))[:len(probabilities)]
	n := 0
	least := math.Float64bits(match.LeastShare * match.LeastShare)
	for k, p := range probabilities {
		list[n] = match.Aspect{At: int32(k), Share: float32(p)}
		n += int((least - math.Float64bits(p)) >> 63) // numbers over nothing are in the same order as their bits
	}
	list = list[:n]
	for i := range list {
		list[i].Share = float32(math.Sqrt(float64(list[i].Share)))
	}
	return list
}

// odds are what speaks for a target, beside the other targets'.
func (x *Index) odds(s *scratch, at int32) float64 {
	entry, sum, like := x.isEntry(target{at: at}), s.sums[at], s.like[at]
	switch {
	case sum < 0 && entry:
		return math.Exp(loneLogit + loneWeight*(like-likenessFloor))
	case sum < 0:
		return math.Exp(noneLogit)
	case entry && like >= 1: // one of its phrasings, to the word: whoever wrote it knows what it asks for
		return math.Exp(likenessWeight * (1 - likenessFloor))
	case entry && like > likenessFloor:
		return (sum + leastTopic) * math.Exp(likenessWeight*(like-likenessFloor))
	default:
		return sum + leastTopic
	}
}

// leastTopic is what is added to the topics' probability, so that likeness counts even where they say nothing.
const leastTopic = 1e-6

// likeCandidates is how many entries the matcher ranks for one question.
const likeCandidates = 12

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

// leading is how many targets are kept: enough for those that a decision ranks to be among them.
const leading = likely + len(others)

// sortTargets brings the most probable targets to the front.
func sortTargets(list []target) {
	slices.SortFunc(list, func(a, b target) int { return cmp.Or(cmp.Compare(b.p, a.p), cmp.Compare(a.at, b.at)) })
}
