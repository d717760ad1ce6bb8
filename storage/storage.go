// Package storage holds the records that Candide keeps and the errors that every store returns.
//
// It knows no platform and no handler: a person is an opaque reference ("mattermost:abc…"), a channel an
// opaque id. The store itself is in storage/boltdb, and the suite that every store must pass in
// storage/storagetest. A store's methods are whole use cases, each one transaction: after a crash each has
// either happened or not.
package storage

import (
	"errors"
	"time"
)

// What every store keeps for a while and then lets go.
const (
	// KeepSeen is how long a message is remembered; platforms replay minutes or hours, never weeks.
	KeepSeen = 30 * 24 * time.Hour
	// KeepLines is how many lines of one conversation are kept; the oldest are dropped first.
	KeepLines = 500
)

var (
	// ErrNotFound is returned when no record has the number or key asked for.
	ErrNotFound = errors.New("not found")
	// ErrSpent is returned when an offer was already used, and may be used only once.
	ErrSpent = errors.New("already used")
	// ErrExpired is returned when an offer's or form's time is over.
	ErrExpired = errors.New("expired")
	// ErrForeign is returned when an offer or form was made for another person or another post.
	ErrForeign = errors.New("made for someone else")
	// ErrState is returned when a record is not in a state that allows the change (a cancelled jury moved).
	ErrState = errors.New("not possible in this state")
	// ErrStale is returned when a record was changed by somebody else since it was read.
	ErrStale = errors.New("changed meanwhile")
	// ErrLocked is returned when another process holds the store.
	ErrLocked = errors.New("the database is in use by another process")
	// ErrDamaged is returned when the store's file cannot be read as one.
	ErrDamaged = errors.New("the database is damaged")
	// ErrNewer is returned when the store was written by a newer version of the program.
	ErrNewer = errors.New("the database was written by a newer version")
)

// PersonRef names a person on one platform, as "platform:user-id". It is personal data: never log it.
type PersonRef string

// MessageState is how far the handling of a message has come: seen → intended → done. One whose author took it back is
// removed, until what answered it is gone as well, and then done.
type MessageState string

// The states of a message. All but done are open: after a crash somebody has to go on with them.
const (
	MessageSeen     MessageState = "seen"     // nothing was done about it yet
	MessageIntended MessageState = "intended" // something may have been done that cannot be undone: look first
	MessageDone     MessageState = "done"
	MessageRemoved  MessageState = "removed"
)

// Message is what is kept of a message that somebody wrote: neither its text nor its author.
type Message struct {
	Ref     string       `json:"ref"`               // "platform:message-id"
	Channel string       `json:"channel,omitempty"` // the platform's id
	At      time.Time    `json:"at"`                // when it was written, by the platform's clock
	SeenAt  time.Time    `json:"seen_at"`           // by the bot's clock
	Edited  time.Time    `json:"edited,omitzero"`   // the last edit taken into account
	State   MessageState `json:"state"`
	Once    bool         `json:"once,omitempty"`   // what is intended must not be begun a second time
	Unsure  bool         `json:"unsure,omitempty"` // done without having answered what it asks
	Posts   []string     `json:"posts,omitempty"`  // the platform's ids of the posts that answer it
}

// Stage is how far a candidate has come.
type Stage string

// The stages, in order. A stage says where the process is, never how good a person is.
const (
	StageNew       Stage = "nouveau"
	StageContacted Stage = "contacte"
	StageApplied   Stage = "a-candidate"
	StageJury      Stage = "jury"
	StageAccepted  Stage = "retenu"
	StageRefused   Stage = "non-retenu"
	StageWithdrawn Stage = "desiste"
)

// Stages are the stages in order.
func Stages() []Stage {
	return []Stage{StageNew, StageContacted, StageApplied, StageJury, StageAccepted, StageRefused, StageWithdrawn}
}

// Decided reports whether the process is over for somebody at this stage.
func (s Stage) Decided() bool { return s == StageAccepted || s == StageRefused || s == StageWithdrawn }

// Interest is one person's expression of interest in one campaign.
type Interest struct {
	Number   int       `json:"number"` // given by the store from 1, never reused: what channels show instead of a name
	Campaign string    `json:"campaign"`
	Person   PersonRef `json:"person"`

	Name     string `json:"name"`
	Reach    string `json:"reach"` // how to be reached: an e-mail address, a telephone number, free text
	Level    string `json:"level"` // "junior", "experienced" or ""
	Subjects string `json:"subjects"`
	Message  string `json:"message"`

	Stage Stage  `json:"stage"`
	Notes []Note `json:"notes,omitempty"` // by recruiters, oldest first

	ConsentAt   time.Time `json:"consent_at"`            // to this campaign's use
	RecontactAt time.Time `json:"recontact_at,omitzero"` // to be told of other campaigns; zero: no
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
	DecidedAt   time.Time `json:"decided_at,omitzero"` // accepted or refused
	ClosingAt   time.Time `json:"closing_at,omitzero"` // told that the campaign closes soon
	RenewalAt   time.Time `json:"renewal_at,omitzero"` // asked whether to renew the consent, since it was last given
	ExpiresAt   time.Time `json:"expires_at,omitzero"` // when Purge forgets it; zero: no date yet
}

// Note is a recruiter's remark on a candidate.
type Note struct {
	By   PersonRef `json:"by"`
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// Channel is where the bot can post: one channel of one platform.
type Channel struct {
	Platform string `json:"platform"`
	ID       string `json:"id"`
	Name     string `json:"name,omitempty"` // as people write it, without sigil
}

// Offer is what a button does when pressed: the payload that stays here while the platform only carries Key.
type Offer struct {
	Key     string            `json:"key"`   // random, at most 64 bytes
	Group   string            `json:"group"` // the offers of one post: using one that is Once spends them all
	Do      string            `json:"do"`    // the action's registered name
	Data    map[string]string `json:"data,omitempty"`
	For     PersonRef         `json:"for,omitempty"`  // who may use it; empty: anyone who sees it
	Once    bool              `json:"once,omitempty"` // may be used a single time
	Channel Channel           `json:"channel"`        // where it was shown
	Post    string            `json:"post,omitempty"` // the post that shows it; empty until known, or for what has no post
	Expires time.Time         `json:"expires"`
	UsedAt  time.Time         `json:"used_at,omitzero"`
}

// Form is a form that somebody is filling in: its steps so far, kept between two of them.
type Form struct {
	Key     string            `json:"key"` // random, at most 64 bytes
	Name    string            `json:"name"`
	Person  PersonRef         `json:"person"`
	Step    []byte            `json:"step"`              // the step now shown, as JSON, opaque to the store
	Answers map[string]string `json:"answers,omitempty"` // field name → value, of the steps done
	Data    map[string]string `json:"data,omitempty"`    // what the form was opened with
	Origin  []byte            `json:"origin,omitempty"`  // where it was opened, as JSON, opaque to the store
	Typed   bool              `json:"typed,omitempty"`   // answered by ordinary messages, one field at a time
	Field   int               `json:"field,omitempty"`   // index of the field being asked, when Typed
	Expires time.Time         `json:"expires"`
}

// Line is one line of a conversation kept for a platform that keeps none itself (the web page).
type Line struct {
	ID   string    `json:"id"` // unique in its conversation; a line appended with a known id replaces it
	At   time.Time `json:"at"`
	Body []byte    `json:"body"` // JSON, opaque to the store
}

// Pause is the time during which the bot answers only recruiters' commands.
type Pause struct {
	Since time.Time `json:"since"`
	Until time.Time `json:"until,omitzero"` // zero: until resumed by hand
}

// Erased says what ErasePerson removed.
type Erased struct {
	Interests, Forms, Offers, Lines, Questions int
	Posts                                      int // of the bot: doomed, for the platforms to take away
	Work                                       int // juries, notes, FAQ versions and inbox cards that lost their name
}

// Empty reports whether nothing was removed.
func (e Erased) Empty() bool { return e == Erased{} }

// Purged says how many records Purge removed because their time was over.
type Purged struct {
	Interests, Forms, Offers, Conversations, Seen, Questions, Changes, Posts, Counted int
}
