package faq

import (
	"regexp"
	"slices"
	"strings"

	"candide/faq/text"
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
	// maxAsked is how many things one message asks at most.
	maxAsked = 5
)

// sentences appends to list, which is empty, the parts of m between the ends of sentences.
func sentences(list []message, m message) []message {
	start := 0
	for i, w := range m.Text {
		if w.Stop >= text.Sentence || i == len(m.Text)-1 {
			if i+1-start >= clauseWords && len(list) < maxSegments {
				list = append(list, m.part(start, i+1))
			}
			start = i + 1
		}
	}
	return list
}

// clauses appends to list, which is empty, the parts of m between the ends of sentences and clauses, and the words that join
// two questions.
func clauses(list []message, m message) []message {
	start := 0
	cut := func(end, next int) {
		if end > start && len(list) < maxSegments {
			list = append(list, m.part(start, end))
		}
		start = next
	}
	for i, w := range m.Text {
		if i > start && mark(w.Tag)&joining != 0 && !(w.Word == "puis" && i+1 < len(m.Text) && m.Text[i+1].Word == "je") {
			cut(i, i+1)
		}
		if w.Stop > text.None || i == len(m.Text)-1 {
			cut(i+1, i+1)
		}
	}
	return list
}

// understand reads a message as a whole, by its sentences, and in its thread.
func (x *Index) understand(s *scratch, q Question, m message) reading {
	return x.inThread(s, q, m, x.story(s, m, x.read(s, m.Text, m.said, q.Channel), q.Channel))
}

// story reads a long message: the whole, and each of its sentences. The reading of the sentence that is surest about
// an entry, or about something that no entry covers, is averaged with the whole's.
func (x *Index) story(s *scratch, m message, whole reading, channel bool) reading {
	if len(m.Text) < storyWords {
		return whole
	}
	parts := sentences(s.parts[:0], m)
	s.parts = parts
	if len(parts) < 2 {
		return whole
	}
	best, sure := reading{}, 0.0
	for _, part := range parts {
		r := x.read(s, part.Text, 0, channel)
		for _, t := range r.targets {
			if name := x.names[t.at]; name == otherChatter || name == otherTalk {
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
	mixed := r
	mixed.targets = make([]target, 0, len(r.targets)+len(other.targets))
	for _, t := range r.targets {
		mixed.targets = append(mixed.targets, target{t.at, t.p / 2})
	}
next:
	for _, t := range other.targets {
		for i := range r.targets {
			if mixed.targets[i].at == t.at {
				mixed.targets[i].p += t.p / 2
				continue next
			}
		}
		mixed.targets = append(mixed.targets, target{t.at, t.p / 2})
	}
	sortTargets(mixed.targets)
	return mixed
}

// several returns the entries of a message that asks more than one thing, each sure of an entry of its own; nil when
// it asks one. Its parts must be short enough to be questions, and the message as a whole must speak of each that is not
// plainly one.
func (x *Index) several(s *scratch, q Question, m message, whole reading, from float64) []target {
	if len(m.Text) > 2*storyWords {
		return nil
	}
	if q.Channel && (len(whole.targets) == 0 || !x.isEntry(whole.targets[0])) {
		return nil // most probably said to others
	}
	parts := clauses(s.parts[:0], m)
	s.parts = parts
	if len(parts) < 2 {
		return nil
	}
	// “le salaire” asks; “si personne ne m'écrit” is told around a question.
	parts = slices.DeleteFunc(parts, func(c message) bool { return len(c.Text) > clauseWords && !c.asks() })
	if len(parts) < 2 || len(parts) > maxAsked {
		return nil
	}
	inquiring := 0
	for _, c := range parts {
		if c.inquires() {
			inquiring++
		}
	}
	if inquiring < 2 && x.spokenOf(whole) < 2 {
		return nil
	}
	var asked []target
	for i, c := range parts {
		if len(asked)+len(parts)-i < 2 {
			break // too few are left to make two
		}
		entry, ok := x.first(x.read(s, c.Text, 0, false))
		if !ok || entry.p < from || slices.ContainsFunc(asked, func(a target) bool { return a.at == entry.at }) {
			continue
		}
		plain := !q.Channel && !c.goesOn && c.asks() && entry.p >= severalPlain
		if plain || x.of(whole, x.names[entry.at]) >= severalFloor {
			asked = append(asked, entry)
		}
	}
	if len(asked) < 2 {
		return nil
	}
	return asked
}

// spokenOf is how many entries a message speaks of.
func (x *Index) spokenOf(whole reading) (n int) {
	for _, t := range whole.targets {
		if x.isEntry(t) && t.p >= severalFloor {
			n++
		}
	}
	return n
}

const (
	// severalFrom is how sure each part of a message must be for several answers to be given.
	severalFrom = 0.8
	// severalFloor is the least that the message as a whole must speak of each, but for a part that bears the mark of a
	// question and is sure by itself from severalPlain.
	severalFloor = 0.003
	severalPlain = 0.95
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
func (x *Index) inThread(s *scratch, q Question, m message, r reading) reading {
	if q.Subject == "" || len(m.Text) > followWords || m.all(courteous|joining) {
		return r
	}
	subject := slices.IndexFunc(x.faq.Entries, func(e Entry) bool { return e.ID == q.Subject })
	if subject < 0 {
		return r
	}
	said := strings.Join(m.Text.Strings(), " ")
	if first, ok := x.first(r); ok && int(first.at) != subject && first.p >= answerFrom && !fragment.MatchString(said) {
		return r // it says itself what it is about
	}
	share := threadShare
	if followUp.MatchString(said) {
		share = followShare
		// “et pour un senior ?” is read together with the question that it follows.
		question := x.faq.Entries[subject].Question.In(x.language(q, m), x.faq.Language)
		r = r.mix(x.read(s, x.reader.Read(question+" "+said), 0, q.Channel))
	}
	moved := r
	moved.targets = make([]target, len(r.targets))
	for i, t := range r.targets {
		t.p *= 1 - share
		if int(t.at) == subject {
			t.p += share
		}
		moved.targets[i] = t
	}
	if !slices.ContainsFunc(r.targets, func(t target) bool { return int(t.at) == subject }) {
		moved.targets = append(moved.targets, target{int32(subject), share})
	}
	sortTargets(moved.targets)
	return moved
}
