package faq

import (
	"context"
	"fmt"
	"time"
)

// Decider finds the entry that a question asks for. *Index is one.
type Decider interface {
	FAQ() *FAQ
	Decide(q Question) Decision
}

// Moved is a known question that a change of the FAQ sends elsewhere.
type Moved struct {
	Text string
	From string // the entry whose question it is
	To   string // what would be answered; empty: nothing
}

// Moves asks before and after each question that the FAQ knows, and returns those that an entry would lose: they are
// answered right before and not after, or they are new with the change and answered with something else. Those of an
// entry that is taken out are among them. It takes
// about a millisecond for each question that is asked.
func Moves(ctx context.Context, before, after Decider, now time.Time) ([]Moved, error) {
	known, old := after.FAQ().Examples(), map[Example]bool{}
	kept := map[Example]bool{}
	for _, e := range known {
		kept[e] = true
	}
	for _, e := range before.FAQ().Examples() {
		old[e] = true
		if !kept[e] { // taken out with the change: people will ask it all the same
			known = append(known, e)
		}
	}
	var moved []Moved
	for _, e := range known {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("asking the known questions: %w", err)
		}
		q := Question{Text: e.Text, Lang: e.Lang, Now: now}
		d := after.Decide(q)
		if gives(d, e.Entry) || old[e] && !gives(before.Decide(q), e.Entry) {
			continue
		}
		m := Moved{Text: e.Text, From: e.Entry}
		if d.Outcome == Answered {
			m.To = d.Entry
		}
		moved = append(moved, m)
	}
	return moved, nil
}

// gives reports whether a decision answers with an entry.
func gives(d Decision, entry string) bool {
	if d.Outcome != Answered {
		return false
	}
	for _, a := range d.Answers {
		if a.Entry == entry {
			return true
		}
	}
	return false
}
