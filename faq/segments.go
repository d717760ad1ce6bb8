package faq

import (
	"regexp"
	"strings"

	"candide/faq/match"
	"candide/internal/fold"
)

// A long message is a story with a question in it: its sentences are read apart. A short one may ask two things at
// once: its clauses are.
const (
	// storyWords is from how many words a message is read sentence by sentence too.
	storyWords = 18
	// clauseWords is the least number of words in which something is asked.
	clauseWords = 3
	maxSegments = 12
)

var (
	sentenceEnd = regexp.MustCompile(`[.!?…;\n]+`)
	clauseEnd   = regexp.MustCompile(`(?i)[.!?…;,\n]+|\s(?:et|puis|and|also|plus|ainsi que|et aussi)\s`)
)

// understand reads a message as a whole, by its sentences, and in its thread.
func (x *Index) understand(q Question) reading {
	return x.inThread(q, x.story(q.Text, x.read(q.Text, q.Channel), q.Channel))
}

// segments cuts text at border, and leaves out what is too short to ask anything.
func segments(text string, border *regexp.Regexp) []string {
	var list []string
	for _, s := range border.Split(text, -1) {
		if s = strings.TrimSpace(s); len(match.Words(s)) >= clauseWords {
			list = append(list, s)
		}
		if len(list) == maxSegments {
			break
		}
	}
	return list
}

// story reads a long message: the whole, and each of its sentences. The reading of the sentence that is surest about
// an entry, or about something that no entry covers, is averaged with the whole's.
func (x *Index) story(text string, whole reading, channel bool) reading {
	if len(match.Words(text)) < storyWords {
		return whole
	}
	sentences := segments(text, sentenceEnd)
	if len(sentences) < 2 {
		return whole
	}
	best, sure := reading{}, 0.0
	for _, s := range sentences {
		r := x.read(s, channel)
		for _, t := range r.targets {
			if t.id == otherChatter || t.id == otherTalk {
				continue // the story around the question
			}
			if t.p > sure {
				best, sure = r, t.p
			}
			break
		}
	}
	if sure == 0 {
		return whole
	}
	return whole.mix(best)
}

// mix averages two readings of the same message.
func (r reading) mix(other reading) reading {
	p := map[string]float64{}
	for _, t := range r.targets {
		p[t.id] += t.p / 2
	}
	for _, t := range other.targets {
		p[t.id] += t.p / 2
	}
	mixed := r
	mixed.targets = nil
	for id, v := range p {
		mixed.targets = append(mixed.targets, target{id, v})
	}
	sortTargets(mixed.targets)
	return mixed
}

// several returns the readings of a message that asks more than one thing, each sure of an entry of its own; nil when
// it asks one. Its parts must be short enough to be questions, and the message as a whole must speak of each.
func (x *Index) several(text string, whole reading, from float64) []target {
	if len(match.Words(text)) > 2*storyWords {
		return nil
	}
	clauses := segments(text, clauseEnd)
	if len(clauses) < 2 || len(clauses) > 4 {
		return nil
	}
	var asked []target
	for _, c := range clauses {
		entries := x.read(c, false).entries()
		if len(entries) == 0 || entries[0].p < from || whole.of(entries[0].id) < severalFloor {
			continue
		}
		known := false
		for _, a := range asked {
			known = known || a.id == entries[0].id
		}
		if !known {
			asked = append(asked, entries[0])
		}
	}
	if len(asked) < 2 {
		return nil
	}
	return asked
}

const (
	// severalFrom is how sure each part of a message must be for several answers to be given.
	severalFrom = 0.7
	// severalFloor is the least that the message as a whole must speak of each.
	severalFloor = 0.02
)

// followUp is how people go on about what was just answered.
var followUp = regexp.MustCompile(`^(et|mais|ok|and|but|what about|how about|meme|aussi|pour|pareil|du coup|alors|donc|so)\b`)

// fragment is a follow-up that cannot stand alone: “et pour un senior ?”, “and if I'm a junior?”, “même en CDI ?”.
var fragment = regexp.MustCompile(`^((et|mais|and|but|ok|alors) )?(pour|for|si|if|what about|how about|meme|pareil|avec|with|chez) `)

const (
	// followWords is the most words of a follow-up: longer ones say themselves what they are about.
	followWords = 9
	// followShare is how much of what is left of the probability the thread's subject takes, for a message that goes
	// on about it, and threadShare for any short one in its thread.
	followShare, threadShare = 0.5, 0.1
)

// inThread reads a short message as going on about what its thread is about.
func (x *Index) inThread(q Question, r reading) reading {
	e, ok := x.faq.Entry(q.Subject)
	if !ok || len(match.Words(q.Text)) > followWords {
		return r
	}
	folded := fold.String(strings.TrimSpace(q.Text))
	if entries := r.entries(); len(entries) > 0 && entries[0].id != q.Subject && entries[0].p >= answerFrom && !fragment.MatchString(folded) {
		return r // it says itself what it is about
	}
	share := threadShare
	if followUp.MatchString(folded) {
		share = followShare
		// “et pour un senior ?” is read together with the question that it follows.
		r = r.mix(x.read(e.Question.In(x.language(q), x.faq.Language)+" "+q.Text, q.Channel))
	}
	moved := r
	moved.targets = make([]target, len(r.targets))
	for i, t := range r.targets {
		t.p *= 1 - share
		if t.id == q.Subject {
			t.p += share
		}
		moved.targets[i] = t
	}
	sortTargets(moved.targets)
	return moved
}
