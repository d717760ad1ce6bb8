package faq

import (
	"regexp"
	"slices"
	"strings"

	"candide/faq/text"
	"candide/internal/fold"
)

// A long message is a story with a question in it: its sentences are read apart. A short one may ask two things at
// once: its clauses are.
const (
	// storyWords is from how many words a message is read sentence by sentence too.
	storyWords = 18
	// clauseWords is the least number of words in which something is asked in a sentence, and the most that name what is
	// asked without asking.
	clauseWords = 3
	maxSegments = 12
)

// sentences cuts said where sentences end.
func sentences(said string) []string {
	return ofWords(clauseWords, strings.FieldsFunc(said, func(r rune) bool { return strings.ContainsRune(".!?…;\n", r) }))
}

// clauses cuts said where sentences or clauses end, and at the words that join two questions.
func clauses(said string) []string {
	var list []string
	for _, part := range strings.FieldsFunc(said, func(r rune) bool { return strings.ContainsRune(".!?…;,\n", r) }) {
		words := strings.Fields(part)
		start := 0
		for i, w := range words {
			if i > start && joining[strings.ToLower(w)] {
				list = append(list, strings.Join(words[start:i], " "))
				start = i + 1
			}
		}
		list = append(list, strings.Join(words[start:], " "))
	}
	return ofWords(1, list)
}

// joining are the words that may stand between two questions.
var joining = map[string]bool{"et": true, "puis": true, "and": true, "also": true, "plus": true, "ainsi": true}

// ofWords leaves out the parts of fewer than n words, and what comes after enough.
func ofWords(n int, parts []string) []string {
	var list []string
	for _, s := range parts {
		if s = strings.TrimSpace(s); len(text.Words(s)) >= n {
			list = append(list, s)
		}
		if len(list) == maxSegments {
			break
		}
	}
	return list
}

// understand reads a message as a whole, by its sentences, and in its thread.
func (x *Index) understand(q Question) reading {
	return x.inThread(q, x.story(q.Text, x.read(q.Text, q.Channel), q.Channel))
}

// story reads a long message: the whole, and each of its sentences. The reading of the sentence that is surest about
// an entry, or about something that no entry covers, is averaged with the whole's.
func (x *Index) story(said string, whole reading, channel bool) reading {
	if whole.words < storyWords {
		return whole
	}
	parts := sentences(said)
	if len(parts) < 2 {
		return whole
	}
	best, sure := reading{}, 0.0
	for _, s := range parts {
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
func (x *Index) several(said string, whole reading, from float64) []target {
	if whole.words > 2*storyWords {
		return nil
	}
	parts := clauses(said)
	if len(parts) < 2 || len(parts) > 4 {
		return nil
	}
	// “le salaire” asks; “si personne ne m'écrit” is told around a question.
	parts = slices.DeleteFunc(parts, func(c string) bool { return len(text.Words(c)) > clauseWords && !asks(c) })
	if len(parts) < 2 {
		return nil
	}
	var asked []target
	for _, c := range parts {
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
	severalFloor = 0.01
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
	if !ok || r.words > followWords {
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
