package storage

import "time"

// Edit is one version of a FAQ entry, made from chat. The latest version of an entry wins over the FAQ's file.
type Edit struct {
	Campaign string `json:"campaign"`
	Entry    string `json:"entry"`   // its id
	Version  int    `json:"version"` // in its entry, from 1
	// Body is the entry as JSON, opaque to the store; empty: the entry is archived.
	Body []byte `json:"body,omitempty"`
	// Base tells which entry the FAQ's file had when this version was made; empty: none.
	Base   string    `json:"base,omitempty"`
	Kind   EditKind  `json:"kind"`
	By     PersonRef `json:"by"`
	ByName string    `json:"by_name,omitempty"` // a recruiter, as the team knows them
	At     time.Time `json:"at"`
}

// EditKind is what a version did.
type EditKind string

// The kinds of edit.
const (
	EditAdded    EditKind = "added"
	EditChanged  EditKind = "changed"
	EditArchived EditKind = "archived"
	EditRestored EditKind = "restored" // an earlier version came back
)

// Archived reports whether the entry is out of the FAQ.
func (e Edit) Archived() bool { return len(e.Body) == 0 }

// Tally is how many of one kind of thing there were in a campaign on one day. It holds nothing about anybody.
type Tally struct {
	Campaign string    `json:"campaign"`
	Day      string    `json:"day"` // of the campaign's time zone, as 2020-11-16
	Kind     TallyKind `json:"kind"`
	Name     string    `json:"name"`
	Count    int       `json:"count"`
}

// TallyKind is what is counted.
type TallyKind string

// The kinds of tally, each with what its names are.
const (
	TallyOutcome   TallyKind = "outcome"   // of each question: answer, suggest, unknown, silent (said to nobody in particular)
	TallyEntry     TallyKind = "entry"     // given in answer: the entry's id
	TallyUncovered TallyKind = "uncovered" // asked and not answered: the topic's id
	TallyFeedback  TallyKind = "feedback"  // on an answer: up, down
)
