package storage

import (
	"slices"
	"strconv"
	"time"
)

// ClockSlack is how far ahead of the present a claim or a next try may lie. What lies further was noted by a clock that
// was set back since. Nobody waits longer than this for a next try.
const ClockSlack = time.Hour

// JuryState is a jury's place in its life.
type JuryState string

// The states of a jury.
const (
	JuryPlanned   JuryState = "planned"
	JuryCancelled JuryState = "cancelled"
)

// Jury is one session of the hiring panel.
type Jury struct {
	Number        int           `json:"number"` // given by the store from 1
	Campaign      string        `json:"campaign"`
	Title         string        `json:"title"`
	At            time.Time     `json:"at"`
	Zone          string        `json:"zone"` // IANA name: in which the date was said and is shown
	Duration      time.Duration `json:"duration,omitempty"`
	Location      string        `json:"location,omitempty"` // a room or a video link
	Team          Channel       `json:"team"`
	Organiser     PersonRef     `json:"organiser"`
	OrganiserName string        `json:"organiser_name,omitempty"` // a recruiter, as the team knows them
	Members       []Member      `json:"members,omitempty"`
	Quorum        int           `json:"quorum,omitempty"` // with fewer members than this the organiser is told; 0: no quorum
	Slots         []Slot        `json:"slots,omitempty"`  // the candidates it sees, by their numbers
	Rules         []string      `json:"rules"`            // as configured: J-7, J-1, H-1, M-15
	State         JuryState     `json:"state"`
	Reason        string        `json:"reason,omitempty"`  // why it was cancelled
	Sequence      int           `json:"sequence"`          // grows with each move or cancellation
	Changes       int           `json:"changes,omitempty"` // grows with every change: it numbers what is sent about one
	CreatedAt     time.Time     `json:"created_at"`
}

// Answer is what a member says of a jury's date.
type Answer string

// The answers. A move makes every member's NoAnswer again.
const (
	NoAnswer   Answer = ""
	AnswerHere Answer = "here"
	AnswerAway Answer = "away"
)

// Member is somebody on a jury's panel.
type Member struct {
	Person     PersonRef `json:"person"`
	Name       string    `json:"name,omitempty"` // as the team knows them
	Answer     Answer    `json:"answer,omitempty"`
	AnsweredAt time.Time `json:"answered_at,omitzero"`
}

// Slot is when a jury sees one candidate.
type Slot struct {
	Candidate int       `json:"candidate"`     // the interest's number
	At        time.Time `json:"at,omitzero"`   // zero: taken off the jury, and yet to be told
	Told      time.Time `json:"told,omitzero"` // the time that the candidate was last told; zero: none
}

// Member returns somebody's place on the panel.
func (j Jury) Member(p PersonRef) (Member, bool) {
	i := slices.IndexFunc(j.Members, func(m Member) bool { return m.Person == p })
	if i < 0 {
		return Member{}, false
	}
	return j.Members[i], true
}

// Possible is how many members have not said that they cannot come.
func (j Jury) Possible() int {
	n := 0
	for _, m := range j.Members {
		if m.Answer != AnswerAway {
			n++
		}
	}
	return n
}

// Untold returns the slots whose candidate was not told how things stand now.
func (j Jury) Untold() []Slot {
	var list []Slot
	for _, s := range j.Slots {
		if want := s.At; j.State == JuryCancelled && !s.Told.IsZero() || j.State != JuryCancelled && !s.Told.Equal(want) {
			list = append(list, s)
		}
	}
	return list
}

// JurySubject is the Subject of the reminders of one jury: "jury/3".
func JurySubject(number int) string { return "jury/" + strconv.Itoa(number) }

// ReminderState is a reminder's place in its life: due → sending → sent, or missed, skipped, unwanted, cancelled.
type ReminderState string

// The states of a reminder.
const (
	ReminderDue       ReminderState = "due"
	ReminderSending   ReminderState = "sending"   // claimed: it may or may not have been posted yet
	ReminderSent      ReminderState = "sent"      // posted, with the post's id
	ReminderMissed    ReminderState = "missed"    // what it announced has begun before it could be sent
	ReminderSkipped   ReminderState = "skipped"   // a later one for the same subject says it all, or there was nothing to say
	ReminderUnwanted  ReminderState = "unwanted"  // somebody did without it; it may be wanted again
	ReminderCancelled ReminderState = "cancelled" // its jury was moved or cancelled
)

// ReminderKind is what a reminder is for.
type ReminderKind string

// The kinds. Everything that must be said once, whatever crashes, is a reminder: also what is due at once.
const (
	KindReminder  ReminderKind = ""          // the subject comes nearer
	KindNudge     ReminderKind = "nudge"     // to the members who have not answered
	KindCard      ReminderKind = "card"      // the jury's card in its team's channel
	KindRefresh   ReminderKind = "refresh"   // the card changes
	KindNotice    ReminderKind = "notice"    // a move or cancellation, to the team; an absence, to the organiser
	KindLetter    ReminderKind = "letter"    // to a candidate
	KindMilestone ReminderKind = "milestone" // a campaign's date comes nearer
)

// Reminder is one message due at one time.
type Reminder struct {
	ID      string       `json:"id"`      // unique and stable: "jury/3/0/J-7" (number, sequence, rule); also the post's key
	Subject string       `json:"subject"` // what it is about: "jury/3"
	Kind    ReminderKind `json:"kind,omitempty"`
	Jury    int          `json:"jury,omitempty"`
	Rule    string       `json:"rule"`
	Due     time.Time    `json:"due"`
	Begins  time.Time    `json:"begins"` // when its subject begins: from then on the reminder is missed, not late; zero: never
	To      Channel      `json:"to"`
	// Person is the member whom it is about, and Candidate the number of the one whom it goes to: no candidate is
	// named here.
	Person    PersonRef `json:"person,omitempty"`
	Candidate int       `json:"candidate,omitempty"`
	About     time.Time `json:"about,omitzero"` // the time that a letter takes back

	State     ReminderState `json:"state"`
	Attempts  int           `json:"attempts,omitempty"`  // how many times it was claimed
	ClaimedAt time.Time     `json:"claimed_at,omitzero"` // when last claimed
	NextTry   time.Time     `json:"next_try,omitzero"`   // set by ReleaseReminder: not claimed again before
	SentAt    time.Time     `json:"sent_at,omitzero"`
	Post      string        `json:"post,omitempty"`       // the platform's id of the post that carried it
	LastError string        `json:"last_error,omitempty"` // why the last attempt failed; no personal data
}
