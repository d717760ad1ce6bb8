package storage

import (
	"strconv"
	"time"
)

// KeepChanges is how long the log of changes is kept: what the CNIL recommends for such logs at most.
const KeepChanges = 365 * 24 * time.Hour

// Change is one line of the log: who changed what, and when. It holds references only, never a name nor what
// somebody wrote, so that it can stay when a person's data go. It is added to and never altered; Purge lets go of
// what is older than KeepChanges.
type Change struct {
	Number int       `json:"number"` // given by the store from 1
	At     time.Time `json:"at"`
	// By is the recruiter who did it. Empty: the person whom the subject is about, or the bot itself.
	By      PersonRef `json:"by,omitempty"`
	Action  string    `json:"action"`           // what was done: one of the Change… below, or another's own
	Subject string    `json:"subject"`          // to what: "candidate/3", "entry/salaire", "jury/2"
	Detail  string    `json:"detail,omitempty"` // fixed words alone: "nouveau > jury"
}

// What is done to candidates.
const (
	ChangeInterest  = "interest"  // the person left or changed their answers
	ChangeWithdrawn = "withdrawn" // the person withdrew
	ChangeStage     = "stage"     // moved along the stages; Detail says from and to
	ChangeNote      = "note"
	ChangeExport    = "export"  // the candidates left as a file
	ChangeErased    = "erased"  // at the person's own request
	ChangeExpired   = "expired" // their time was over
	ChangeRenewed   = "renewed" // the consent to hear of other campaigns, for another time
	ChangeClosing   = "closing" // told that the campaign closes soon
)

// What is done to juries, whose Subject is JurySubject.
const (
	ChangeJuryPlanned    = "jury.planned"
	ChangeJuryMoved      = "jury.moved"
	ChangeJuryCancelled  = "jury.cancelled"
	ChangeJuryRules      = "jury.rules"
	ChangeJuryMembers    = "jury.members"
	ChangeJuryCandidates = "jury.candidates"
	ChangeJuryLetters    = "jury.letters"
)

// EntrySubject is the Subject of the changes of a FAQ entry, whose Action is "faq." and the EditKind: "entry/salaire".
func EntrySubject(id string) string { return "entry/" + id }

// GroupSubject is the Subject of the changes of a group of the inbox, whose Action is "inbox." and the GroupState.
func GroupSubject(number int) string { return "inbox/" + strconv.Itoa(number) }

// What is done to the bot itself, whose Subject is BotSubject.
const (
	ChangePause  = "pause"
	ChangeResume = "resume"
	// ChangeRemoved: one of its posts was crossed out.
	ChangeRemoved = "removed"

	BotSubject = "bot"
)

// CandidateSubject is the Subject of the changes of one candidate: "candidate/3".
func CandidateSubject(number int) string { return "candidate/" + strconv.Itoa(number) }
