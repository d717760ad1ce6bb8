package boltdb

import (
	"encoding/binary"
	"fmt"
	"time"
)

// The buckets, all at the top level, with their keys and values. Every value is JSON. A bucket marked (index)
// only finds records of another one: whatever changes or removes a record changes its index entries in the same
// transaction, and an index entry never outlives its record.
//
//	meta               "version"                 → number of the last migration applied
//	messages           message ref               → storage.Message
//	message_open       (index) message ref       → yes; those in another state than done
//	cursors            part(platform) channel    → time up to which the channel was read
//	offers             offer key                 → storage.Offer
//	offer_groups       (index) part(group) key   → yes
//	offer_people       (index) part(person) key  → yes; offers made for one person only
//	forms              form key                  → storage.Form
//	form_people        (index) part(person) key  → yes
//	form_typed         (index) person            → form key; at most one a person
//	interests          number                    → storage.Interest; the bucket's sequence is the last number given
//	interest_people    (index) part(person) campaign  → number; one a person and campaign
//	interest_campaigns (index) part(campaign) number  → yes
//	juries             number                    → storage.Jury; the bucket's sequence is the last number given
//	jury_campaigns     (index) part(campaign) number  → yes
//	jury_people        (index) part(person) number    → yes; its organiser and members
//	reminders          reminder id               → storage.Reminder
//	reminder_subjects  (index) part(subject) id  → yes
//	reminder_due       (index) instant id        → yes; those in state due, by Due, but for the next
//	reminder_retry     (index) instant id        → yes; those in state due whose NextTry is after Due, by NextTry
//	reminder_sending   (index) instant id        → yes; those in state sending, by ClaimedAt
//	reminder_missed    (index) instant id        → yes; those in state missed, by Begins
//	feeds              person                    → the secret of their calendar's address
//	feed_secrets       (index) secret            → person
//	conversations      person                    → conversation: when it expires, how many lines it has
//	lines              part(person) number       → storage.Line; numbers from the bucket's sequence
//	line_ids           (index) part(person) id   → the line's number
//	bot                "pause"                   → storage.Pause
//	bot                "erased"                  → yes; something personal was deleted since the last compaction
//	bot                "done/" name              → the last time for which it was done
//	changes            number                    → storage.Change; the bucket's sequence is the last number given
//	posts              part(person) number       → storage.OwnPost; numbers from the bucket's sequence
//	doomed             number                    → storage.OwnPost, nobody's any more; numbers as in posts
//	change_subjects    (index) part(subject) number  → yes
//	secrets            name                      → string
//	faq_edits          part(campaign) part(entry) number → storage.Edit; the number is its version
//	tallies            part(campaign) part(day) part(kind) name → how many
//	counted            key                       → time at which it was counted, and must not be again
//	inbox              number                    → storage.Group; the bucket's sequence is the last number given
//	inbox_campaigns    (index) part(campaign) number  → yes
//	inbox_stale        (index) number            → yes; those whose card does not show how they stand
//	inbox_questions    number(group) number      → storage.Asked; the second number from the bucket's sequence
//	inbox_people       (index) part(person) number(group) number → yes
//
// number is eight bytes, big-endian, so that keys sort as numbers do. instant is twelve bytes that sort as times
// do. part(s) is the length of s in two bytes and then s: the keys below one part are exactly those that begin
// with it, whatever bytes the opaque references hold ("web:1" is no prefix of "web:12").
const (
	bucketMeta              = "meta"
	bucketMessages          = "messages"
	bucketMessageOpen       = "message_open"
	bucketCursors           = "cursors"
	bucketOffers            = "offers"
	bucketOfferGroups       = "offer_groups"
	bucketOfferPeople       = "offer_people"
	bucketForms             = "forms"
	bucketFormPeople        = "form_people"
	bucketFormTyped         = "form_typed"
	bucketInterests         = "interests"
	bucketInterestPeople    = "interest_people"
	bucketInterestCampaigns = "interest_campaigns"
	bucketJuries            = "juries"
	bucketJuryCampaigns     = "jury_campaigns"
	bucketJuryPeople        = "jury_people"
	bucketReminders         = "reminders"
	bucketReminderSubjects  = "reminder_subjects"
	bucketReminderDue       = "reminder_due"
	bucketReminderRetry     = "reminder_retry"
	bucketReminderSending   = "reminder_sending"
	bucketReminderMissed    = "reminder_missed"
	bucketFeeds             = "feeds"
	bucketFeedSecrets       = "feed_secrets"
	bucketConversations     = "conversations"
	bucketLines             = "lines"
	bucketLineIDs           = "line_ids"
	bucketBot               = "bot"
	bucketPosts             = "posts"
	bucketDoomed            = "doomed"
	bucketChanges           = "changes"
	bucketChangeSubjects    = "change_subjects"
	bucketSecrets           = "secrets"
	bucketEdits             = "faq_edits"
	bucketTallies           = "tallies"
	bucketCounted           = "counted"
	bucketInbox             = "inbox"
	bucketInboxCampaigns    = "inbox_campaigns"
	bucketInboxStale        = "inbox_stale"
	bucketInboxQuestions    = "inbox_questions"
	bucketInboxPeople       = "inbox_people"
)

// The fixed keys.
const (
	keyVersion = "version"
	keyPause   = "pause"
	keyErased  = "erased"
	keyDone    = "done/"
)

// maxName bounds every identifier that becomes part of a key, in bytes. Keys of two such parts stay far below
// BoltDB's limit of 32,768.
const maxName = 4096

// yes is the value of an index entry that says all in its key. It is not empty because BoltDB's own compaction
// tells a sub-bucket by a missing value.
const yes = true

// checkName refuses what cannot be a key: nothing, or something absurdly long. The name itself is left out of
// the error, since it may be a person's.
func checkName(what, name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%s is missing", what)
	case len(name) > maxName:
		return fmt.Errorf("%s is longer than %d bytes", what, maxName)
	}
	return nil
}

// numberKey sorts as n does.
func numberKey[N int | uint64](n N) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(n))
}

// part is one component of a composite key that other components follow.
func part[S ~string](s S) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(s))), s...)
}

// under is the key of name below the part owner.
func under[S ~string](owner S, name []byte) []byte { return append(part(owner), name...) }

const instantSize = 12

// instant sorts as times do, to the nanosecond, the zero time and dates before 1970 included: UnixNano would
// overflow there.
func instant(t time.Time) []byte {
	const signBit = 1 << 63 // flipped, so that negative seconds come before positive ones
	key := binary.BigEndian.AppendUint64(nil, uint64(t.Unix())^signBit)
	return binary.BigEndian.AppendUint32(key, uint32(t.Nanosecond()))
}

// instantFrom is the inverse of instant, in UTC, for any key that begins with one.
func instantFrom(key []byte) time.Time {
	const signBit = 1 << 63
	seconds := binary.BigEndian.Uint64(key) ^ signBit
	return time.Unix(int64(seconds), int64(binary.BigEndian.Uint32(key[8:instantSize]))).UTC()
}

// instantKey is the key of id in an index by time.
func instantKey(t time.Time, id string) []byte { return append(instant(t), id...) }
