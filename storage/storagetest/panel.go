package storagetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"candide/storage"
)

func testAnswerJury(t *testing.T, s Store) {
	ctx := t.Context()
	at := noon.AddDate(0, 0, 10)
	planned := planJury(t, s, at, time.Hour)
	told := func(before, after storage.Jury) []storage.Reminder {
		if before.Possible() == after.Possible() {
			return nil
		}
		return notice(after)
	}
	j, changed, err := s.AnswerJury(ctx, 1, 0, ana, storage.AnswerHere, noon, told)
	must(t, err)
	want := planned
	want.Changes = 1
	want.Members = []storage.Member{{Person: ana, Name: "ana", Answer: storage.AnswerHere, AnsweredAt: noon}, {Person: bob, Name: "bob"}}
	same(t, "whether it changed", changed, true)
	same(t, "the jury answered", j, want)

	// Again: nothing changes, and nothing is told twice.
	j, changed, err = s.AnswerJury(ctx, 1, 0, ana, storage.AnswerHere, noon.Add(time.Hour), told)
	must(t, err)
	same(t, "whether it changed again", changed, false)
	same(t, "the jury answered again", j, want)

	j, _, err = s.AnswerJury(ctx, 1, 0, ana, storage.AnswerAway, noon, told)
	must(t, err)
	same(t, "who may come", j.Possible(), 1)
	same(t, "the reminders", states(t, s, 1), map[string]storage.ReminderState{
		"jury/1/0/1h0m0s": storage.ReminderDue, "jury/1/notice/2": storage.ReminderDue,
	})

	_, _, err = s.AnswerJury(ctx, 1, 0, "web:9", storage.AnswerHere, noon, told)
	mustBe(t, "no member's answer", err, storage.ErrForeign)
	_, _, err = s.AnswerJury(ctx, 9, 0, ana, storage.AnswerHere, noon, told)
	mustBe(t, "of no jury", err, storage.ErrNotFound)

	// A move asks everybody again; an answer to the date before does not count for the new one.
	j, err = s.MoveJury(ctx, 1, at.Add(time.Hour), nil)
	must(t, err)
	same(t, "who may come after a move", j.Possible(), 2)
	_, _, err = s.AnswerJury(ctx, 1, 0, bob, storage.AnswerHere, noon, told)
	mustBe(t, "for the date before", err, storage.ErrState)
	_, _, err = s.AnswerJury(ctx, 1, 1, bob, storage.AnswerHere, noon, told)
	must(t, err)
	_, err = s.CancelJury(ctx, 1, "", nil)
	must(t, err)
	_, _, err = s.AnswerJury(ctx, 1, 2, bob, storage.AnswerAway, noon, told)
	mustBe(t, "for a cancelled one", err, storage.ErrState)
}

func testSetJuryMembers(t *testing.T, s Store) {
	ctx := t.Context()
	planJury(t, s, noon.AddDate(0, 0, 10))
	_, _, err := s.AnswerJury(ctx, 1, 0, bob, storage.AnswerAway, noon, nil)
	must(t, err)
	j, err := s.SetJuryMembers(ctx, 1, []storage.Member{{Person: bob, Name: "bob"}, {Person: "web:3", Name: "eve"}}, notice)
	must(t, err)
	same(t, "the members", j.Members, []storage.Member{
		{Person: bob, Name: "bob", Answer: storage.AnswerAway, AnsweredAt: noon}, {Person: "web:3", Name: "eve"},
	})
	same(t, "the reminders", states(t, s, 1), map[string]storage.ReminderState{"jury/1/notice/2": storage.ReminderDue})
	for who, want := range map[storage.PersonRef]int{ana: 0, bob: 1, "web:3": 1} {
		list, err := s.JuriesOf(ctx, who)
		must(t, err)
		same(t, "juries of "+string(who), len(list), want)
	}
	_, err = s.SetJuryMembers(ctx, 2, nil, nil)
	mustBe(t, "of no jury", err, storage.ErrNotFound)

	// Other rules leave alone what is said of a change; a move does not.
	_, err = s.SetJuryRules(ctx, 1, nil, nil)
	must(t, err)
	same(t, "with other rules", states(t, s, 1), map[string]storage.ReminderState{"jury/1/notice/2": storage.ReminderDue})
	_, err = s.MoveJury(ctx, 1, noon, nil)
	must(t, err)
	same(t, "moved", states(t, s, 1), map[string]storage.ReminderState{"jury/1/notice/2": storage.ReminderCancelled})
}

func testJurySlots(t *testing.T, s Store) {
	ctx := t.Context()
	at := noon.AddDate(0, 0, 10)
	planJury(t, s, at)
	half := 30 * time.Minute
	j, err := s.SetJurySlots(ctx, 1, []storage.Slot{{Candidate: 4, At: at}, {Candidate: 7, At: at.Add(half)}}, notice)
	must(t, err)
	same(t, "untold", len(j.Untold()), 2)

	// What is sent must be what was read.
	_, err = s.LetterCandidates(ctx, 1, 0, []int{4, 7}, nil)
	mustBe(t, "changed since", err, storage.ErrState)
	letter := func(j storage.Jury) []storage.Reminder {
		return []storage.Reminder{{ID: fmt.Sprintf("jury/1/letter/%d", j.Changes), Kind: storage.KindLetter, Candidate: 4, Due: noon}}
	}
	j, err = s.LetterCandidates(ctx, 1, 1, []int{4}, letter)
	must(t, err)
	same(t, "the slots", j.Slots, []storage.Slot{{Candidate: 4, At: at, Told: at}, {Candidate: 7, At: at.Add(half)}})
	same(t, "the reminders", states(t, s, 1), map[string]storage.ReminderState{
		"jury/1/notice/1": storage.ReminderDue, "jury/1/letter/2": storage.ReminderDue,
	})

	// A move takes the slots along.
	j, err = s.MoveJury(ctx, 1, at.Add(24*time.Hour), nil)
	must(t, err)
	same(t, "the slots moved", j.Slots, []storage.Slot{
		{Candidate: 4, At: at.Add(24 * time.Hour), Told: at}, {Candidate: 7, At: at.Add(24*time.Hour + half)},
	})
	// One who was told is not forgotten before being told again; one who was not, is.
	j, err = s.SetJurySlots(ctx, 1, []storage.Slot{{Candidate: 9, At: at.Add(24 * time.Hour)}}, nil)
	must(t, err)
	same(t, "the slots taken off", j.Slots, []storage.Slot{{Candidate: 9, At: at.Add(24 * time.Hour)}, {Candidate: 4, Told: at}})
	j, err = s.LetterCandidates(ctx, 1, j.Changes, []int{4, 9}, nil)
	must(t, err)
	same(t, "the slots told", j.Slots, []storage.Slot{{Candidate: 9, At: at.Add(24 * time.Hour), Told: at.Add(24 * time.Hour)}})
	same(t, "untold then", len(j.Untold()), 0)

	j, err = s.CancelJury(ctx, 1, "", nil)
	must(t, err)
	same(t, "untold of a cancelled one", len(j.Untold()), 1)
	_, err = s.SetJurySlots(ctx, 1, nil, nil)
	mustBe(t, "of a cancelled one", err, storage.ErrState)
	j, err = s.LetterCandidates(ctx, 1, j.Changes, []int{9}, nil)
	must(t, err)
	same(t, "untold at last", len(j.Untold()), 0)
}

func testJuriesOf(t *testing.T, s Store) {
	ctx := t.Context()
	planJury(t, s, noon)
	other := jury(noon)
	other.Organiser, other.Members = "web:3", []storage.Member{{Person: ana}}
	_, err := s.PlanJury(ctx, other, nil)
	must(t, err)
	for who, want := range map[storage.PersonRef][]int{ana: {1, 2}, bob: {1}, "web:3": {2}, "web:": nil, "": nil} {
		list, err := s.JuriesOf(ctx, who)
		must(t, err)
		var got []int
		for _, j := range list {
			got = append(got, j.Number)
		}
		same(t, "juries of "+string(who), got, want)
	}
}

func testPlanReminders(t *testing.T, s Store) {
	ctx := t.Context()
	must(t, s.PlanReminders(ctx, "campaign/c", []storage.Reminder{milestone("a", noon), milestone("b", noon.Add(time.Hour))}))
	same(t, "claimed", claim(t, s, noon, time.Hour, 9), []string{"a"})
	must(t, s.MarkSent(ctx, "a", "p", noon))
	// The same again changes nothing; other dates replace what was not sent.
	must(t, s.PlanReminders(ctx, "campaign/c", []storage.Reminder{milestone("a", noon), milestone("b", noon.Add(time.Hour))}))
	must(t, s.PlanReminders(ctx, "campaign/c", []storage.Reminder{milestone("a", noon), milestone("c", noon.Add(2*time.Hour))}))
	list, err := s.RemindersOf(ctx, "campaign/c")
	must(t, err)
	var got []string
	for _, r := range list {
		got = append(got, r.ID+" "+string(r.State))
	}
	same(t, "the reminders", got, []string{"a sent", "b cancelled", "c due"})
	mustFail(t, "another subject's", s.PlanReminders(ctx, "campaign/d", []storage.Reminder{milestone("z", noon)}))
}

func testWantReminder(t *testing.T, s Store) {
	ctx := t.Context()
	at := noon.Add(10 * time.Hour)
	planJury(t, s, at, 2*time.Hour, time.Hour)
	must(t, s.WantReminder(ctx, "jury/1/0/2h0m0s", false))
	mustBe(t, "done without twice", s.WantReminder(ctx, "jury/1/0/2h0m0s", false), storage.ErrState)
	mustBe(t, "wanted already", s.WantReminder(ctx, "jury/1/0/1h0m0s", true), storage.ErrState)
	mustBe(t, "no reminder", s.WantReminder(ctx, "x", true), storage.ErrNotFound)
	same(t, "claimed", claim(t, s, at, time.Minute, 9), []string{"jury/1/0/1h0m0s"})
	must(t, s.WantReminder(ctx, "jury/1/0/2h0m0s", true))
	same(t, "claimed when wanted again", claim(t, s, at, time.Minute, 9), []string{"jury/1/0/2h0m0s"})

	// Other rules leave it unwanted; a move does not know it any more.
	planJury(t, s, at, 2*time.Hour)
	must(t, s.WantReminder(ctx, "jury/2/0/2h0m0s", false))
	_, err := s.SetJuryRules(ctx, 2, nil, remindersOf(2*time.Hour, time.Hour))
	must(t, err)
	same(t, "with other rules", states(t, s, 2), map[string]storage.ReminderState{
		"jury/2/0/2h0m0s": storage.ReminderUnwanted, "jury/2/0/1h0m0s": storage.ReminderDue,
	})
	_, err = s.MoveJury(ctx, 2, at.Add(time.Hour), nil)
	must(t, err)
	same(t, "moved", states(t, s, 2), map[string]storage.ReminderState{
		"jury/2/0/2h0m0s": storage.ReminderCancelled, "jury/2/0/1h0m0s": storage.ReminderCancelled,
	})
}

func testFeeds(t *testing.T, s Store) {
	ctx := t.Context()
	_, err := s.Feed(ctx, ana)
	mustBe(t, "no calendar", err, storage.ErrNotFound)
	must(t, s.RemoveFeed(ctx, ana))
	must(t, s.SaveFeed(ctx, ana, "s1"))
	must(t, s.SaveFeed(ctx, bob, "s2"))
	must(t, s.SaveFeed(ctx, ana, "s3"))
	secret, err := s.Feed(ctx, ana)
	must(t, err)
	same(t, "the secret", secret, "s3")
	_, err = s.FeedOwner(ctx, "s1")
	mustBe(t, "the secret before", err, storage.ErrNotFound)
	_, err = s.FeedOwner(ctx, "")
	mustBe(t, "no secret", err, storage.ErrNotFound)
	owner, err := s.FeedOwner(ctx, "s3")
	must(t, err)
	same(t, "the owner", owner, ana)
	must(t, s.RemoveFeed(ctx, ana))
	_, err = s.FeedOwner(ctx, "s3")
	mustBe(t, "one taken back", err, storage.ErrNotFound)
	_, err = s.ErasePerson(ctx, bob, noon)
	must(t, err)
	_, err = s.FeedOwner(ctx, "s2")
	mustBe(t, "one of somebody erased", err, storage.ErrNotFound)
	mustFail(t, "an empty secret", s.SaveFeed(ctx, ana, ""))
}

// testClockSetBack: what an hour that never was left behind does not wait for that hour to come again.
func testClockSetBack(t *testing.T, s Store) {
	ctx := t.Context()
	wrong := noon.AddDate(0, 0, 1) // the clock is a day ahead
	at := noon.Add(3 * time.Hour)
	planJury(t, s, at, 2*time.Hour)
	planJury(t, s, at, 4*time.Hour)
	planJury(t, s, at, 4*time.Hour)
	planJury(t, s, at, 4*time.Hour)
	planJury(t, s, at, time.Hour)
	same(t, "claimed ahead", len(claim(t, s, wrong, time.Minute, 9)), 5)
	must(t, s.MarkReminder(ctx, "jury/1/0/2h0m0s", storage.ReminderMissed, "begun"))
	must(t, s.ReleaseReminder(ctx, "jury/2/0/4h0m0s", wrong.Add(time.Minute), "down"))
	must(t, s.MarkReminder(ctx, "jury/4/0/4h0m0s", storage.ReminderMissed, "begun"))
	must(t, s.MarkReminder(ctx, "jury/5/0/1h0m0s", storage.ReminderMissed, "begun"))
	_, err := s.CancelJury(ctx, 5, "", nil)
	must(t, err)
	// Back again: the one that failed, the one whose sender died and the one missed of a past hour are due; the other
	// one missed waits for its hour; that of a cancelled jury does not come back.
	same(t, "claimed back", claim(t, s, noon, time.Minute, 9), []string{"jury/2/0/4h0m0s", "jury/3/0/4h0m0s", "jury/4/0/4h0m0s"})
	same(t, "the one to come", states(t, s, 1), map[string]storage.ReminderState{"jury/1/0/2h0m0s": storage.ReminderDue})
	same(t, "the cancelled one", states(t, s, 5), map[string]storage.ReminderState{"jury/5/0/1h0m0s": storage.ReminderCancelled})
	// What lies a little ahead is left alone: clocks are corrected by seconds all the time.
	must(t, s.ReleaseReminder(ctx, "jury/2/0/4h0m0s", noon.Add(time.Minute), "down"))
	same(t, "claimed a second before", claim(t, s, noon.Add(-time.Second), 2*time.Minute, 9), nil)
	// Once begun, what was missed is missed.
	must(t, s.MarkReminder(ctx, "jury/1/0/2h0m0s", storage.ReminderMissed, "begun"))
	must(t, s.MarkReminder(ctx, "jury/2/0/4h0m0s", storage.ReminderMissed, "begun"))
	same(t, "claimed once begun", len(claim(t, s, at, 24*time.Hour, 9)), 0)
}

func testJuryContexts(t *testing.T, s Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range map[string]func() error{
		"AnswerJury": func() error {
			_, _, err := s.AnswerJury(ctx, 1, 0, ana, storage.AnswerHere, noon, nil)
			return err
		},
		"SetJuryMembers":   func() error { _, err := s.SetJuryMembers(ctx, 1, nil, nil); return err },
		"SetJurySlots":     func() error { _, err := s.SetJurySlots(ctx, 1, nil, nil); return err },
		"LetterCandidates": func() error { _, err := s.LetterCandidates(ctx, 1, 0, nil, nil); return err },
		"JuriesOf":         func() error { _, err := s.JuriesOf(ctx, ana); return err },
		"PlanReminders":    func() error { return s.PlanReminders(ctx, "x", []storage.Reminder{{ID: "r"}}) },
		"WantReminder":     func() error { return s.WantReminder(ctx, "r", true) },
		"SaveFeed":         func() error { return s.SaveFeed(ctx, ana, "s") },
		"Feed":             func() error { _, err := s.Feed(ctx, ana); return err },
		"FeedOwner":        func() error { _, err := s.FeedOwner(ctx, "s"); return err },
		"RemoveFeed":       func() error { return s.RemoveFeed(ctx, ana) },
	} {
		mustBe(t, name, call(), context.Canceled)
	}
}
