// Package storagetest is the suite that every store must pass: what storage's records mean is said here, method by
// method, rather than in any one store. A store's own tests call Run, and add what only they can know (its files,
// its damage, its speed).
//
// Nothing here may know how a store keeps its records, and nothing sleeps: the clock is an argument everywhere.
package storagetest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"time"

	"candide/storage"
)

// Store is what the suite tests: the whole of a store but opening and closing. The contract of each method is in
// the tests here and, in words, at the methods of storage/boltdb.
type Store interface {
	SeeMessage(ctx context.Context, m storage.Message) (known storage.Message, open bool, err error)
	IntendMessage(ctx context.Context, ref string, once bool) error
	MarkMessage(ctx context.Context, ref string, unsure bool, posts []string) error
	RemoveMessage(ctx context.Context, ref string) (storage.Message, error)
	OpenMessages(ctx context.Context, platform string) ([]storage.Message, error)
	Cursors(ctx context.Context, platform string) (map[string]time.Time, error)
	SaveCursors(ctx context.Context, platform string, cursors map[string]time.Time) error

	SaveOffers(ctx context.Context, offers []storage.Offer) error
	BindOffers(ctx context.Context, group, post string) error
	Offer(ctx context.Context, key string, by storage.PersonRef, post string, now time.Time) (storage.Offer, error)
	UseOffer(ctx context.Context, key string, by storage.PersonRef, post string, now time.Time) (storage.Offer, error)
	SaveForm(ctx context.Context, f storage.Form) error
	Form(ctx context.Context, key string, by storage.PersonRef, now time.Time) (storage.Form, error)
	TypedForm(ctx context.Context, by storage.PersonRef, now time.Time) (storage.Form, error)
	DeleteForm(ctx context.Context, key string) error

	SaveInterest(ctx context.Context, in storage.Interest) (saved storage.Interest, created bool, err error)
	InterestOf(ctx context.Context, campaign string, p storage.PersonRef) (storage.Interest, error)
	InterestsOf(ctx context.Context, p storage.PersonRef) ([]storage.Interest, error)
	Interest(ctx context.Context, number int) (storage.Interest, error)
	Interests(ctx context.Context, campaign string) ([]storage.Interest, error)
	SetStage(ctx context.Context, number int, stage storage.Stage, by storage.PersonRef, at time.Time) (storage.Interest, error)
	AddNote(ctx context.Context, number int, note storage.Note) (storage.Interest, error)
	ClaimClosing(ctx context.Context, number int, by storage.PersonRef, at time.Time) (bool, error)
	ClaimRenewal(ctx context.Context, number int, at time.Time) (bool, error)
	RenewConsent(ctx context.Context, number int, p storage.PersonRef, at, until time.Time) (storage.Interest, error)
	Kept(ctx context.Context, p storage.PersonRef) (storage.Kept, error)
	RememberPost(ctx context.Context, people []storage.PersonRef, post storage.OwnPost) error
	DoomedPosts(ctx context.Context, limit int) ([]storage.OwnPost, error)
	PostGone(ctx context.Context, number int) error
	LastDone(ctx context.Context, name string) (time.Time, error)
	MarkDone(ctx context.Context, name string, at time.Time) error
	NeedsCompact(ctx context.Context) (bool, error)
	RecordChange(ctx context.Context, c storage.Change) error
	Changes(ctx context.Context, subject string, limit int) ([]storage.Change, error)
	ErasePerson(ctx context.Context, p storage.PersonRef, at time.Time) (storage.Erased, error)

	PlanJury(ctx context.Context, j storage.Jury, reminders func(number int) []storage.Reminder) (storage.Jury, error)
	MoveJury(ctx context.Context, number int, at time.Time, reminders func(j storage.Jury) []storage.Reminder) (storage.Jury, error)
	CancelJury(ctx context.Context, number int, reason string, reminders func(j storage.Jury) []storage.Reminder) (storage.Jury, error)
	SetJuryRules(ctx context.Context, number int, rules []string, reminders func(j storage.Jury) []storage.Reminder) (storage.Jury, error)
	AnswerJury(ctx context.Context, number, sequence int, who storage.PersonRef, answer storage.Answer, at time.Time, more func(before, after storage.Jury) []storage.Reminder) (j storage.Jury, changed bool, err error)
	SetJuryMembers(ctx context.Context, number int, members []storage.Member, more func(j storage.Jury) []storage.Reminder) (storage.Jury, error)
	SetJurySlots(ctx context.Context, number int, slots []storage.Slot, more func(j storage.Jury) []storage.Reminder) (storage.Jury, error)
	LetterCandidates(ctx context.Context, number, changes int, candidates []int, more func(j storage.Jury) []storage.Reminder) (storage.Jury, error)
	Jury(ctx context.Context, number int) (storage.Jury, error)
	Juries(ctx context.Context, campaign string) ([]storage.Jury, error)
	JuriesOf(ctx context.Context, p storage.PersonRef) ([]storage.Jury, error)

	RemindersOf(ctx context.Context, subject string) ([]storage.Reminder, error)
	AddReminders(ctx context.Context, reminders []storage.Reminder) error
	PlanReminders(ctx context.Context, subject string, made []storage.Reminder) error
	WantReminder(ctx context.Context, id string, wanted bool) error
	ClaimDue(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]storage.Reminder, error)
	NextDue(ctx context.Context) (next time.Time, ok bool, err error)
	MarkSent(ctx context.Context, id, post string, at time.Time) error
	MarkReminder(ctx context.Context, id string, state storage.ReminderState, reason string) error
	ReleaseReminder(ctx context.Context, id string, nextTry time.Time, reason string) error

	AppendLines(ctx context.Context, p storage.PersonRef, lines []storage.Line, keepUntil time.Time) error
	RemoveLine(ctx context.Context, p storage.PersonRef, id string) error
	Lines(ctx context.Context, p storage.PersonRef) ([]storage.Line, error)
	EraseLines(ctx context.Context, p storage.PersonRef) error

	SaveEdit(ctx context.Context, e storage.Edit, base int) (storage.Edit, error)
	Edits(ctx context.Context, campaign, entry string) ([]storage.Edit, error)
	LatestEdits(ctx context.Context, campaign string) ([]storage.Edit, error)
	Count(ctx context.Context, tallies []storage.Tally) error
	CountOnce(ctx context.Context, key string, c storage.Tally, at time.Time) (counted bool, err error)
	Tallies(ctx context.Context, campaign, from, to string) ([]storage.Tally, error)

	FileQuestion(ctx context.Context, g storage.Group, q storage.Asked, alike func([]storage.Filed) int) (storage.Group, error)
	Group(ctx context.Context, number int) (storage.Filed, error)
	Groups(ctx context.Context, campaign string) ([]storage.Filed, error)
	TakeGroup(ctx context.Context, number int, by storage.PersonRef, name string) (storage.Filed, error)
	CloseGroup(ctx context.Context, number int, c storage.Closing) (storage.Filed, error)
	SplitQuestion(ctx context.Context, group, number int) (storage.Group, error)
	StaleGroups(ctx context.Context, limit int) ([]storage.Filed, error)
	PlaceCard(ctx context.Context, number int, card storage.Channel, post string) error
	ShowGroup(ctx context.Context, number, revision int) error
	Told(ctx context.Context, group, number int, at time.Time, unreached bool) error
	WarnGroups(ctx context.Context, before time.Time) (int, error)

	SetPause(ctx context.Context, p storage.Pause) error
	ClearPause(ctx context.Context) error
	Pause(ctx context.Context, now time.Time) (p storage.Pause, paused bool, err error)
	Secret(ctx context.Context, name string) (string, error)
	SaveSecret(ctx context.Context, name, value string) error

	SaveFeed(ctx context.Context, p storage.PersonRef, secret string) error
	Feed(ctx context.Context, p storage.PersonRef) (secret string, err error)
	FeedOwner(ctx context.Context, secret string) (storage.PersonRef, error)
	RemoveFeed(ctx context.Context, p storage.PersonRef) error

	Purge(ctx context.Context, now time.Time) (storage.Purged, error)
	Backup(ctx context.Context, w io.Writer) error
	Compact(ctx context.Context) error
	Size(ctx context.Context) (int64, error)
}

// Run tests a store. open makes an empty one, which lives until the test ends; reopen closes the given one and
// opens the same data again, as a restart does.
func Run(t *testing.T, open func(t *testing.T) Store, reopen func(t *testing.T, s Store) Store) {
	tests := []struct {
		name string
		run  func(t *testing.T, s Store)
	}{
		{"a message's life", testMessages},
		{"messages edited", testMessagesEdited},
		{"messages removed", testMessagesRemoved},
		{"messages at once", testMessagesAtOnce},
		{"open messages", testOpenMessages},
		{"cursors", testCursors},
		{"offers", testOffers},
		{"offers are checked", testOfferChecks},
		{"an offer used once", testUseOffer},
		{"an offer used by many at once", testUseOfferAtOnce},
		{"forms", testForms},
		{"typed forms", testTypedForms},
		{"interests", testInterests},
		{"interests at once", testInterestsAtOnce},
		{"stages and notes", testStagesAndNotes},
		{"changes", testChanges},
		{"erasing a person", testErasePerson},
		{"erasing a recruiter", testEraseWork},
		{"erasing messages", testEraseMessages},
		{"what is kept", testKept},
		{"posts that concern people", testPosts},
		{"consents", testConsents},
		{"what was done", testDone},
		{"juries", testJuries},
		{"moving a jury", testMoveJury},
		{"cancelling a jury", testCancelJury},
		{"a jury's rules", testSetJuryRules},
		{"a jury's members answer", testAnswerJury},
		{"a jury's members change", testSetJuryMembers},
		{"a jury's candidates", testJurySlots},
		{"whose juries", testJuriesOf},
		{"contexts of juries", testJuryContexts},
		{"reminders of a jury are checked", testJuryReminderChecks},
		{"reminders of no jury", testAddReminders},
		{"reminders of a campaign", testPlanReminders},
		{"reminders done without", testWantReminder},
		{"calendars", testFeeds},
		{"a clock set back", testClockSetBack},
		{"claiming", testClaimDue},
		{"claiming after a lease", testClaimAfterLease},
		{"claiming in order", testClaimOrder},
		{"claiming at once", testClaimAtOnce},
		{"the next reminder", testNextDue},
		{"what becomes of a reminder", testReminderStates},
		{"conversations", testConversations},
		{"conversations are bounded", testConversationBound},
		{"edits of the FAQ", testEdits},
		{"edits at once", testEditsAtOnce},
		{"tallies", testTallies},
		{"tallies counted once", testCountOnce},
		{"the inbox", testInbox},
		{"what becomes of a group", testInboxStates},
		{"a question put apart", testInboxSplit},
		{"cards of the inbox", testInboxCards},
		{"the inbox forgets", testInboxForgets},
		{"pause", testPause},
		{"secrets", testSecrets},
		{"purging", testPurge},
		{"compacting", testCompact},
		{"contexts", testContexts},
		{"what is returned is the caller's", testNotShared},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
	t.Run("reopening", func(t *testing.T) { testReopen(t, open(t), reopen) })
	t.Run("reminders as the model says", func(t *testing.T) { testModel(t, open) })
}

// The suite's time, and two people whose references are each other's beginning.
var (
	noon = time.Date(2026, time.November, 2, 12, 0, 0, 0, time.UTC)
	ana  = storage.PersonRef("web:1")
	bob  = storage.PersonRef("web:12")
)

// fataler is a test or a property's run.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func must(t fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

// mustBe fails unless err is the one wanted.
func mustBe(t fataler, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%s: error %v, want %v", what, err, want)
	}
}

// mustFail fails unless there is an error.
func mustFail(t fataler, what string, err error) {
	t.Helper()
	if err == nil {
		t.Fatalf("%s: no error", what)
	}
}

// same compares two values as records: times by their instant, whatever their zone, and no list or map like an
// empty one.
func same(t fataler, what string, got, want any) {
	t.Helper()
	if g, w := canonical(t, got), canonical(t, want); g != w {
		t.Fatalf("%s:\n got %s\nwant %s", what, g, w)
	}
}

func canonical(t fataler, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	must(t, err)
	var tree any
	must(t, json.Unmarshal(data, &tree))
	data, err = json.Marshal(simplify(tree))
	must(t, err)
	return string(data)
}

func simplify(v any) any {
	switch v := v.(type) {
	case string:
		if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return at.UTC().Format(time.RFC3339Nano)
		}
		return v
	case []any:
		if len(v) == 0 {
			return nil
		}
		for i := range v {
			v[i] = simplify(v[i])
		}
		return v
	case map[string]any:
		for key := range v {
			if v[key] = simplify(v[key]); v[key] == nil {
				delete(v, key)
			}
		}
		if len(v) == 0 {
			return nil
		}
		return v
	}
	return v
}

// atOnce calls fn from n goroutines at the same time, and returns when all have.
func atOnce(n int, fn func(i int)) {
	start, done := make(chan struct{}), make(chan struct{})
	for i := range n {
		go func() {
			<-start
			fn(i)
			done <- struct{}{}
		}()
	}
	close(start)
	for range n {
		<-done
	}
}
