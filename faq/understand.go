package faq

import (
	"math"

	"candide/faq/match"
	"candide/faq/text"
	"candide/faq/topics"
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

// entries returns the first n targets that are entries, each with the calibrated probability that it is right.
func (x *Index) entries(r reading, n int) []target {
	list := make([]target, 0, n)
	for _, t := range r.targets {
		if len(list) == n {
			break
		}
		if x.isEntry(t) {
			list = append(list, target{t.at, calibrate(t.p)})
		}
	}
	return list
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
	seen []bool

	list    []int32 // the targets that are seen
	logits  []float64
	meaning []float32
	ranked  []match.Candidate
	targets []target

	// The message, and what its readings keep.
	words  text.Text
	topics []float64
	kept   []target
}

func (x *Index) scratch() *scratch {
	s := x.free.Get().(*scratch)
	s.topics, s.kept = s.topics[:0], s.kept[:0]
	return s
}

func (s *scratch) see(at int32) {
	if !s.seen[at] {
		s.seen[at] = true
		s.list = append(s.list, at)
	}
}

// release gives s back, without the words that nobody else may remember any more.
func (x *Index) release(s *scratch) {
	clear(s.words)
	x.free.Put(s)
}

// read weighs what the topic model says against how much the text resembles each entry's phrasings.
func (x *Index) read(s *scratch, t text.Text, channel bool) reading {
	var r reading
	s.meaning = s.meaning[:0]
	if x.topics != nil {
		start := len(s.topics)
		s.topics = x.topics.Append(s.topics, t)
		r.topics = s.topics[start:len(s.topics):len(s.topics)]
		s.meaning = topics.AppendMeaning(s.meaning, r.topics)
	}
	s.ranked = x.matcher.Rank(s.ranked[:0], t, s.meaning, likeCandidates)
	if !x.covered {
		r.topics = nil // a FAQ without any topic is not about a recruitment
	}
	s.list = s.list[:0]
	for k, p := range r.topics {
		if channel && x.chatter[k] {
			p *= chatterInChannel
		}
		// A topic that several entries name is shared by likeness, later; each gets the whole of it here.
		for _, at := range x.covers[k] {
			s.see(at)
			s.sums[at] += p
		}
	}
	for _, c := range s.ranked {
		at := x.like[c.Entry]
		s.like[at] = float64(c.Score)
		if channel {
			s.like[at] = min(s.like[at], 0.99) // what an entry is called is said there about anything
		}
		if !s.seen[at] {
			s.see(at)
			s.sums[at] = -1 // no topic is named
		}
	}
	if len(r.topics) == 0 {
		at := int32(len(x.faq.Entries)) // otherRecruitment
		s.see(at)
		s.sums[at] = -1
	}
	s.logits = s.logits[:0]
	for _, at := range s.list {
		s.logits = append(s.logits, x.logit(s, at))
		s.sums[at], s.like[at], s.seen[at] = 0, 0, false
	}
	topics.Softmax(s.logits)
	s.targets = s.targets[:0]
	for i, at := range s.list {
		s.targets = append(s.targets, target{at, s.logits[i]})
	}
	sortTargets(s.targets)
	start := len(s.kept)
	s.kept = append(s.kept, s.targets[:min(leading, len(s.targets))]...)
	r.targets = s.kept[start:len(s.kept):len(s.kept)]
	return r
}

// logit is what speaks for a target.
func (x *Index) logit(s *scratch, at int32) float64 {
	entry, sum := x.isEntry(target{at: at}), s.sums[at]
	switch {
	case sum < 0 && entry:
		return loneLogit + loneWeight*(s.like[at]-likenessFloor)
	case sum < 0:
		return noneLogit
	case entry && s.like[at] >= 1: // one of its phrasings, to the word: whoever wrote it knows what it asks for
		return likenessWeight * (1 - likenessFloor)
	case entry:
		return logTopics(sum) + likenessWeight*max(0, s.like[at]-likenessFloor)
	default:
		return logTopics(sum)
	}
}

// leastTopic is what is added to the topics' probability, so that likeness counts even where they say nothing.
const leastTopic = 1e-6

var logLeast = math.Log(leastTopic)

func logTopics(p float64) float64 {
	if p < leastTopic/100 {
		return logLeast
	}
	return math.Log(p + leastTopic)
}

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

// sortTargets brings the most probable targets to the front, in order. Those after them are in no order.
func sortTargets(list []target) {
	for i := 1; i < len(list); i++ {
		t := list[i]
		j := min(i, leading)
		if j == leading && !before(t, list[j-1]) {
			continue
		}
		if j < i {
			list[i] = list[j-1]
			j--
		}
		for ; j > 0 && before(t, list[j-1]); j-- {
			list[j] = list[j-1]
		}
		list[j] = t
	}
}

func before(a, b target) bool { return a.p > b.p || a.p == b.p && a.at < b.at }
