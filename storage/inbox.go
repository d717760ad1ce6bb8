package storage

import "time"

// MaxAsked is how many questions of one person the inbox holds at once: whoever sends more than that is not read.
const MaxAsked = 30

// GroupState is a group's place in its life: open or taken, then closed in one of four ways.
type GroupState string

// The states of a group.
const (
	GroupOpen     GroupState = "open"
	GroupTaken    GroupState = "taken"    // somebody said that they see to it
	GroupAnswered GroupState = "answered" // those who asked get Answer
	GroupEntry    GroupState = "entry"    // the FAQ gained an entry; those who asked get Answer, if there is one
	GroupAttached GroupState = "attached" // to an entry, as phrasings; those who asked get Answer, if there is one
	GroupIgnored  GroupState = "ignored"  // alike questions still join it, and nobody is told
)

// Closed reports whether nothing is left to decide.
func (s GroupState) Closed() bool { return s != GroupOpen && s != GroupTaken }

// Group is one card of the recruiters' inbox: alike questions that the bot could not answer.
type Group struct {
	Number   int        `json:"number"` // given by the store from 1
	Campaign string     `json:"campaign"`
	Topic    string     `json:"topic,omitempty"` // what they seem to be about
	Entry    string     `json:"entry,omitempty"` // the entry that was given and disliked, or that they became or joined
	Disliked bool       `json:"disliked,omitempty"`
	State    GroupState `json:"state"`
	Count    int        `json:"count"`             // of the questions that came, those forgotten since included
	Answer   string     `json:"answer,omitempty"`  // what those who asked are told
	By       PersonRef  `json:"by,omitempty"`      // the recruiter who took or closed it
	ByName   string     `json:"by_name,omitempty"` // as the team knows them
	FirstAt  time.Time  `json:"first_at"`
	LastAt   time.Time  `json:"last_at"`
	ClosedAt time.Time  `json:"closed_at,omitzero"`
	Warned   bool       `json:"warned,omitempty"` // its card says that it will soon be forgotten

	Platform string  `json:"platform"`       // where it was first asked
	Card     Channel `json:"card,omitzero"`  // where the card is
	Post     string  `json:"post,omitempty"` // the card; empty: not posted yet
	Revision int     `json:"revision"`       // grows with each change
	Shown    int     `json:"shown"`          // the revision that the card shows
}

// Asked is one question of a group.
type Asked struct {
	Group  int       `json:"group"`
	Number int       `json:"number"` // in the whole inbox
	Person PersonRef `json:"person,omitempty"`
	Text   string    `json:"text"` // e-mail addresses and telephone numbers masked
	Lang   string    `json:"lang,omitempty"`
	Origin []byte    `json:"origin,omitempty"` // where to answer, as JSON, opaque to the store
	At     time.Time `json:"at"`
	// ExpiresAt is when Purge forgets it.
	ExpiresAt time.Time `json:"expires_at"`
	ToldAt    time.Time `json:"told_at,omitzero"` // when the person got the group's answer, or was given up
	Unreached bool      `json:"unreached,omitempty"`
	Attempts  int       `json:"attempts,omitempty"` // to tell the person
}

// Filed is a group with the questions that are still known of it, the first one first.
type Filed struct {
	Group
	Questions []Asked
}

// Untold are the questions whose person is still to be told the group's answer.
func (f Filed) Untold() []Asked {
	if !f.State.Closed() || f.Answer == "" {
		return nil
	}
	var list []Asked
	for _, q := range f.Questions {
		if q.ToldAt.IsZero() && q.Person != "" {
			list = append(list, q)
		}
	}
	return list
}

// Askers is how many people asked these questions, of those that are still known.
func Askers(questions []Asked) int {
	people := map[PersonRef]bool{}
	for _, q := range questions {
		if q.Person != "" {
			people[q.Person] = true
		}
	}
	return len(people)
}

// Closing is how a group is closed.
type Closing struct {
	State  GroupState
	Answer string
	Entry  string
	By     PersonRef
	ByName string
	At     time.Time
}
