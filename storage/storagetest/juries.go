package storagetest

import (
	"fmt"
	"testing"
	"time"

	"candide/storage"
)

func jury(at time.Time) storage.Jury {
	return storage.Jury{
		Campaign: "c", Title: "Jury n° 1", At: at, Zone: "Europe/Paris", Duration: 90 * time.Minute, Location: "salle 3",
		Team:      storage.Channel{Platform: "mattermost", ID: "t1", Name: "jury"},
		Organiser: bob, Members: []storage.Member{{Person: ana, Name: "ana"}, {Person: bob, Name: "bob"}}, Quorum: 2, Rules: []string{"J-1", "H-1"}, CreatedAt: noon,
	}
}

// remindersAt makes the reminders of a jury, each so long before it.
func remindersAt(number, sequence int, at time.Time, before ...time.Duration) []storage.Reminder {
	var list []storage.Reminder
	for _, d := range before {
		list = append(list, storage.Reminder{
			ID:   fmt.Sprintf("jury/%d/%d/%v", number, sequence, d),
			Rule: d.String(), Due: at.Add(-d), Begins: at, To: storage.Channel{Platform: "mattermost", ID: "t1"},
		})
	}
	return list
}

// remindersOf is what handlers give MoveJury and SetJuryRules.
func remindersOf(before ...time.Duration) func(storage.Jury) []storage.Reminder {
	return func(j storage.Jury) []storage.Reminder { return remindersAt(j.Number, j.Sequence, j.At, before...) }
}

func planJury(t fataler, s Store, at time.Time, before ...time.Duration) storage.Jury {
	t.Helper()
	j, err := s.PlanJury(ctxOf(t), jury(at), func(n int) []storage.Reminder { return remindersAt(n, 0, at, before...) })
	must(t, err)
	return j
}

// states returns id → state of the reminders of a jury.
func states(t fataler, s Store, number int) map[string]storage.ReminderState {
	t.Helper()
	list, err := s.RemindersOf(ctxOf(t), storage.JurySubject(number))
	must(t, err)
	found := make(map[string]storage.ReminderState)
	for _, r := range list {
		found[r.ID] = r.State
	}
	return found
}

func testJuries(t *testing.T, s Store) {
	ctx := t.Context()
	at := noon.AddDate(0, 0, 10)
	given := jury(at)
	given.Number, given.State, given.Sequence, given.Changes, given.Reason = 9, storage.JuryCancelled, 4, 7, "x" // the store's to give
	want := jury(at)
	want.Number, want.State = 1, storage.JuryPlanned
	j, err := s.PlanJury(ctx, given, func(n int) []storage.Reminder {
		list := remindersAt(n, 0, at, time.Hour, 24*time.Hour)
		list[0].State, list[0].LastError = storage.ReminderSkipped, "too late"
		return list
	})
	must(t, err)
	same(t, "the jury planned", j, want)
	j, err = s.Jury(ctx, 1)
	must(t, err)
	same(t, "the jury read", j, want)

	wanted := remindersAt(1, 0, at, 24*time.Hour, time.Hour) // by due time
	for i := range wanted {
		wanted[i].Subject, wanted[i].Jury, wanted[i].State = "jury/1", 1, storage.ReminderDue
	}
	wanted[1].State, wanted[1].LastError = storage.ReminderSkipped, "too late"
	list, err := s.RemindersOf(ctx, storage.JurySubject(1))
	must(t, err)
	same(t, "its reminders", list, wanted)

	other := jury(at)
	other.Campaign = "c2"
	_, err = s.PlanJury(ctx, other, nil)
	must(t, err)
	planJury(t, s, at)
	for campaign, want := range map[string][]int{"": {1, 2, 3}, "c": {1, 3}, "c2": {2}, "c3": nil} {
		juries, err := s.Juries(ctx, campaign)
		must(t, err)
		var got []int
		for _, j := range juries {
			got = append(got, j.Number)
		}
		same(t, "the juries of "+campaign, got, want)
	}
	_, err = s.Jury(ctx, 4)
	mustBe(t, "no jury", err, storage.ErrNotFound)
	other.Campaign = ""
	_, err = s.PlanJury(ctx, other, nil)
	mustFail(t, "no campaign", err)
}

func testMoveJury(t *testing.T, s Store) {
	ctx := t.Context()
	at := noon.Add(10 * time.Hour)
	planJury(t, s, at, 10*time.Hour, 9*time.Hour, 8*time.Hour, time.Hour)
	claimed, err := s.ClaimDue(ctx, noon.Add(2*time.Hour), time.Hour, 9)
	must(t, err)
	same(t, "claimed", len(claimed), 3)
	must(t, s.MarkSent(ctx, claimed[0].ID, "p1", noon))
	must(t, s.MarkReminder(ctx, claimed[1].ID, storage.ReminderMissed, ""))

	later := at.Add(24 * time.Hour)
	j, err := s.MoveJury(ctx, 1, later, remindersOf(time.Hour))
	must(t, err)
	want := jury(later)
	want.Number, want.State, want.Sequence, want.Changes = 1, storage.JuryPlanned, 1, 1
	same(t, "the jury moved", j, want)
	j, err = s.Jury(ctx, 1)
	must(t, err)
	same(t, "the jury read", j, want)
	same(t, "its reminders", states(t, s, 1), map[string]storage.ReminderState{
		"jury/1/0/10h0m0s": storage.ReminderSent,
		"jury/1/0/9h0m0s":  storage.ReminderMissed,
		"jury/1/0/8h0m0s":  storage.ReminderCancelled, // it was being sent
		"jury/1/0/1h0m0s":  storage.ReminderCancelled,
		"jury/1/1/1h0m0s":  storage.ReminderDue,
	})
	mustBe(t, "sent after the move", s.MarkSent(ctx, claimed[2].ID, "p2", noon), storage.ErrState)
	next, ok, err := s.NextDue(ctx)
	must(t, err)
	same(t, "there is a next one", ok, true)
	same(t, "the next one", next, later.Add(-time.Hour))

	// Moved back and forth, and with no reminders at all.
	_, err = s.MoveJury(ctx, 1, at, nil)
	must(t, err)
	j, err = s.MoveJury(ctx, 1, later, remindersOf(2*time.Hour))
	must(t, err)
	same(t, "its sequence", j.Sequence, 3)
	claimed, err = s.ClaimDue(ctx, later, time.Hour, 9)
	must(t, err)
	if len(claimed) != 1 || claimed[0].ID != "jury/1/3/2h0m0s" {
		t.Fatalf("claimed after the moves: %+v", claimed)
	}
	_, err = s.MoveJury(ctx, 2, later, remindersOf(time.Hour))
	mustBe(t, "moving no jury", err, storage.ErrNotFound)
}

// notice makes one reminder about a change, due at once.
func notice(j storage.Jury) []storage.Reminder {
	return []storage.Reminder{{
		ID: fmt.Sprintf("jury/%d/notice/%d", j.Number, j.Changes), Kind: storage.KindNotice, Due: noon, To: j.Team,
	}}
}

func testCancelJury(t *testing.T, s Store) {
	ctx := t.Context()
	at := noon.Add(10 * time.Hour)
	planJury(t, s, at, 10*time.Hour, 9*time.Hour, time.Hour)
	planJury(t, s, at, time.Hour)
	claimed, err := s.ClaimDue(ctx, noon.Add(time.Hour), time.Hour, 9)
	must(t, err)
	must(t, s.MarkSent(ctx, claimed[0].ID, "p1", noon))

	j, err := s.CancelJury(ctx, 1, "salle fermée", notice)
	must(t, err)
	want := jury(at)
	want.Number, want.State, want.Reason, want.Sequence, want.Changes = 1, storage.JuryCancelled, "salle fermée", 1, 1
	same(t, "the jury cancelled", j, want)
	j, err = s.Jury(ctx, 1)
	must(t, err)
	same(t, "the jury read", j, want)
	same(t, "its reminders", states(t, s, 1), map[string]storage.ReminderState{
		"jury/1/0/10h0m0s": storage.ReminderSent,
		"jury/1/0/9h0m0s":  storage.ReminderCancelled,
		"jury/1/0/1h0m0s":  storage.ReminderCancelled,
		"jury/1/notice/1":  storage.ReminderDue,
	})
	same(t, "the other's", states(t, s, 2), map[string]storage.ReminderState{"jury/2/0/1h0m0s": storage.ReminderDue})

	_, err = s.CancelJury(ctx, 1, "encore", notice)
	mustBe(t, "cancelling again", err, storage.ErrState)
	_, err = s.MoveJury(ctx, 1, at, remindersOf(time.Hour))
	mustBe(t, "moving it", err, storage.ErrState)
	_, err = s.SetJuryRules(ctx, 1, nil, remindersOf(time.Hour))
	mustBe(t, "setting its rules", err, storage.ErrState)
	_, err = s.CancelJury(ctx, 3, "", nil)
	mustBe(t, "cancelling no jury", err, storage.ErrNotFound)
	j, err = s.Jury(ctx, 1)
	must(t, err)
	same(t, "the jury after errors", j, want)
}

func testSetJuryRules(t *testing.T, s Store) {
	ctx := t.Context()
	at := noon.Add(10 * time.Hour)
	planJury(t, s, at, 10*time.Hour, 9*time.Hour, 8*time.Hour, 2*time.Hour, time.Hour)
	claimed, err := s.ClaimDue(ctx, noon.Add(2*time.Hour), 24*time.Hour, 9)
	must(t, err)
	must(t, s.MarkSent(ctx, claimed[0].ID, "p1", noon))
	must(t, s.ReleaseReminder(ctx, claimed[1].ID, noon.Add(3*time.Hour), "down"))

	// The ten-hour one was sent, the nine-hour one released, the eight-hour one is being sent.
	rules := []string{"H-10", "H-9", "H-8", "H-1", "M-30"}
	j, err := s.SetJuryRules(ctx, 1, rules, remindersOf(10*time.Hour, 9*time.Hour, 8*time.Hour, time.Hour, 30*time.Minute))
	must(t, err)
	same(t, "its rules", j.Rules, rules)
	same(t, "its sequence", j.Sequence, 0)
	same(t, "its reminders", states(t, s, 1), map[string]storage.ReminderState{
		"jury/1/0/10h0m0s": storage.ReminderSent,
		"jury/1/0/9h0m0s":  storage.ReminderDue,
		"jury/1/0/8h0m0s":  storage.ReminderSending,
		"jury/1/0/2h0m0s":  storage.ReminderCancelled,
		"jury/1/0/1h0m0s":  storage.ReminderDue,
		"jury/1/0/30m0s":   storage.ReminderDue,
	})
	next, _, err := s.NextDue(ctx)
	must(t, err)
	same(t, "the released one's next try is kept", next, noon.Add(3*time.Hour))

	// A rule given up and taken again makes its reminder due again, but for one that was sent.
	_, err = s.SetJuryRules(ctx, 1, nil, nil)
	must(t, err)
	_, ok, err := s.NextDue(ctx)
	must(t, err)
	same(t, "there is a next one without rules", ok, false)
	_, err = s.SetJuryRules(ctx, 1, []string{"H-10", "H-2"}, remindersOf(10*time.Hour, 2*time.Hour))
	must(t, err)
	same(t, "its reminders at last", states(t, s, 1), map[string]storage.ReminderState{
		"jury/1/0/10h0m0s": storage.ReminderSent,
		"jury/1/0/9h0m0s":  storage.ReminderCancelled,
		"jury/1/0/8h0m0s":  storage.ReminderCancelled,
		"jury/1/0/2h0m0s":  storage.ReminderDue,
		"jury/1/0/1h0m0s":  storage.ReminderCancelled,
		"jury/1/0/30m0s":   storage.ReminderCancelled,
	})

	// One cancelled while it was being sent may have been posted: due again, it still says that it was tried.
	_, err = s.SetJuryRules(ctx, 1, []string{"H-8"}, remindersOf(8*time.Hour))
	must(t, err)
	again, err := s.ClaimDue(ctx, noon.Add(2*time.Hour), 24*time.Hour, 9)
	must(t, err)
	if len(again) != 1 || again[0].ID != "jury/1/0/8h0m0s" || again[0].Attempts != 2 {
		t.Fatalf("claimed when due again: %+v", again)
	}

	// A due one takes its new time.
	_, err = s.SetJuryRules(ctx, 1, []string{"H-2"}, func(j storage.Jury) []storage.Reminder {
		list := remindersAt(1, 0, at, 2*time.Hour)
		list[0].Due = noon.Add(time.Minute)
		return list
	})
	must(t, err)
	next, _, err = s.NextDue(ctx)
	must(t, err)
	same(t, "the new time", next, noon.Add(time.Minute))
	_, err = s.SetJuryRules(ctx, 2, nil, nil)
	mustBe(t, "the rules of no jury", err, storage.ErrNotFound)
}

func testJuryReminderChecks(t *testing.T, s Store) {
	ctx := t.Context()
	at := noon.Add(time.Hour)
	planJury(t, s, at, time.Hour)
	for what, change := range map[string]func(*storage.Reminder){
		"no id":           func(r *storage.Reminder) { r.ID = "" },
		"another subject": func(r *storage.Reminder) { r.Subject = "jury/1" },
		"another's id":    func(r *storage.Reminder) { r.ID = "jury/1/0/1h0m0s" },
		"sent already":    func(r *storage.Reminder) { r.State = storage.ReminderSent },
		"being sent":      func(r *storage.Reminder) { r.State = storage.ReminderSending },
	} {
		_, err := s.PlanJury(ctx, jury(at), func(n int) []storage.Reminder {
			list := remindersAt(n, 0, at, time.Minute, 2*time.Minute)
			change(&list[1])
			return list
		})
		mustFail(t, what, err)
	}
	// A refused plan leaves nothing: no jury and no reminder (a number may be lost).
	list, err := s.Juries(ctx, "")
	must(t, err)
	same(t, "the juries", len(list), 1)
	claimed, err := s.ClaimDue(ctx, at, time.Minute, 9)
	must(t, err)
	same(t, "the reminders", len(claimed), 1)
	if j := planJury(t, s, at); j.Number < 2 {
		t.Fatalf("number %d was given again", j.Number)
	}
}
