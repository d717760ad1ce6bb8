package storagetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"candide/storage"
)

// ctxOf is the context of a test, or of a property's run.
func ctxOf(t fataler) context.Context {
	if with, ok := t.(interface{ Context() context.Context }); ok {
		return with.Context()
	}
	return context.Background()
}

func milestone(id string, due time.Time) storage.Reminder {
	return storage.Reminder{
		ID: id, Subject: "campaign/c", Rule: "J-7", Due: due, Begins: due.AddDate(0, 0, 7),
		To: storage.Channel{Platform: "mattermost", ID: "t1", Name: "équipe"},
	}
}

// ids of reminders, in order.
func ids(list []storage.Reminder) []string {
	var found []string
	for _, r := range list {
		found = append(found, r.ID)
	}
	return found
}

// claim claims and returns the ids.
func claim(t fataler, s Store, now time.Time, lease time.Duration, limit int) []string {
	t.Helper()
	list, err := s.ClaimDue(ctxOf(t), now, lease, limit)
	must(t, err)
	return ids(list)
}

func testAddReminders(t *testing.T, s Store) {
	ctx := t.Context()
	must(t, s.AddReminders(ctx, nil))
	b, a := milestone("b", noon), milestone("a", noon)
	early := milestone("z", noon.Add(-time.Hour))
	must(t, s.AddReminders(ctx, []storage.Reminder{b, a, early}))
	for _, r := range []*storage.Reminder{&b, &a, &early} {
		r.State = storage.ReminderDue
	}
	list, err := s.RemindersOf(ctx, "campaign/c")
	must(t, err)
	same(t, "the reminders", list, []storage.Reminder{early, a, b})
	for _, subject := range []string{"campaign/", "campaign/c2", ""} {
		list, err = s.RemindersOf(ctx, subject)
		must(t, err)
		same(t, "the reminders of another subject", list, nil)
	}

	// A known id is left as it is, whatever became of it.
	same(t, "claimed", claim(t, s, noon.Add(-time.Hour), time.Hour, 9), []string{"z"})
	must(t, s.MarkSent(ctx, "z", "p", noon))
	must(t, s.AddReminders(ctx, []storage.Reminder{milestone("z", noon), milestone("a", noon.Add(time.Hour)), milestone("c", noon)}))
	list, err = s.RemindersOf(ctx, "campaign/c")
	must(t, err)
	same(t, "the reminders then", ids(list), []string{"z", "a", "b", "c"})
	same(t, "the first's state", list[0].State, storage.ReminderSent)
	same(t, "the second's time", list[1].Due, noon)

	mustFail(t, "no id", s.AddReminders(ctx, []storage.Reminder{milestone("", noon)}))
	mustFail(t, "no subject", s.AddReminders(ctx, []storage.Reminder{milestone("d", noon), {ID: "e", Due: noon}}))
	mustBe(t, "a sent one", s.AddReminders(ctx, []storage.Reminder{{ID: "e", Subject: "x", State: storage.ReminderSent}}), storage.ErrState)
	same(t, "claimed after errors", claim(t, s, noon, time.Hour, 9), []string{"a", "b", "c"})
}

func testClaimDue(t *testing.T, s Store) {
	ctx := t.Context()
	same(t, "claimed of nothing", claim(t, s, noon, time.Hour, 9), nil)
	// Fractions of a second, before 1970 and far away: all are times.
	ancient, far := milestone("ancient", time.Date(1912, 1, 1, 0, 0, 0, 0, time.UTC)), milestone("far", time.Date(2912, 1, 1, 0, 0, 0, 0, time.UTC))
	must(t, s.AddReminders(ctx, []storage.Reminder{
		far, milestone("at", noon), milestone("after", noon.Add(time.Millisecond)), milestone("before", noon.Add(-time.Millisecond)), ancient,
	}))
	got, err := s.ClaimDue(ctx, noon, time.Hour, 9)
	must(t, err)
	var want []storage.Reminder
	for _, r := range []storage.Reminder{ancient, milestone("before", noon.Add(-time.Millisecond)), milestone("at", noon)} {
		r.State, r.Attempts, r.ClaimedAt = storage.ReminderSending, 1, noon
		want = append(want, r)
	}
	same(t, "claimed", got, want)
	list, err := s.RemindersOf(ctx, "campaign/c")
	must(t, err)
	same(t, "stored as claimed", list[:3], want)
	same(t, "claimed again", claim(t, s, noon, time.Hour, 9), nil)
	same(t, "claimed of no limit", claim(t, s, noon.Add(time.Minute), time.Hour, 0), nil)
	same(t, "claimed a minute later", claim(t, s, noon.Add(time.Minute), time.Hour, 9), []string{"after"})
}

func testClaimAfterLease(t *testing.T, s Store) {
	ctx := t.Context()
	must(t, s.AddReminders(ctx, []storage.Reminder{milestone("a", noon)}))
	same(t, "claimed", claim(t, s, noon, time.Minute, 9), []string{"a"})
	same(t, "within the lease", claim(t, s, noon.Add(time.Minute-time.Nanosecond), time.Minute, 9), nil)
	same(t, "within a longer lease", claim(t, s, noon.Add(time.Minute), time.Hour, 9), nil)
	got, err := s.ClaimDue(ctx, noon.Add(time.Minute), time.Minute, 9)
	must(t, err)
	want := milestone("a", noon)
	want.State, want.Attempts, want.ClaimedAt = storage.ReminderSending, 2, noon.Add(time.Minute)
	same(t, "after the lease", got, []storage.Reminder{want})
	same(t, "within the second lease", claim(t, s, noon.Add(90*time.Second), time.Minute, 9), nil)
	must(t, s.MarkSent(ctx, "a", "p", noon.Add(2*time.Minute)))
	same(t, "after it was sent", claim(t, s, noon.Add(time.Hour), time.Minute, 9), nil)
}

func testClaimOrder(t *testing.T, s Store) {
	ctx := t.Context()
	must(t, s.AddReminders(ctx, []storage.Reminder{
		milestone("c", noon.Add(2*time.Minute)), milestone("b2", noon.Add(time.Minute)), milestone("b1", noon.Add(time.Minute)), milestone("a", noon),
	}))
	now := noon.Add(time.Hour)
	same(t, "the first two", claim(t, s, now, time.Hour, 2), []string{"a", "b1"})
	// One that fails and is tried again at once does not keep the others waiting, though it was due before them.
	must(t, s.ReleaseReminder(ctx, "a", now, "down"))
	same(t, "the one that waited longest", claim(t, s, now, time.Hour, 1), []string{"b2"})
	same(t, "the rest, by due time", claim(t, s, now, time.Hour, 9), []string{"a", "c"})
}

func testClaimAtOnce(t *testing.T, s Store) {
	ctx := t.Context()
	const count = 200
	var list []storage.Reminder
	for i := range count {
		list = append(list, milestone(fmt.Sprint(i), noon.Add(time.Duration(i%7)*time.Second)))
	}
	must(t, s.AddReminders(ctx, list))
	for round := 1; round <= 2; round++ { // in the second, all leases are over
		now := noon.Add(time.Duration(round) * time.Hour)
		var mu sync.Mutex
		times := make(map[string]int)
		atOnce(8, func(int) {
			for {
				claimed, err := s.ClaimDue(ctx, now, time.Hour, 7)
				if err != nil {
					t.Error(err)
				}
				if len(claimed) == 0 {
					return
				}
				mu.Lock()
				for _, r := range claimed {
					times[r.ID]++
				}
				mu.Unlock()
			}
		})
		for id, n := range times {
			if n != 1 {
				t.Errorf("round %d: reminder %s was handed out %d times", round, id, n)
			}
		}
		same(t, "reminders handed out", len(times), count)
	}
}

func testNextDue(t *testing.T, s Store) {
	ctx := t.Context()
	check := func(what string, want time.Time) {
		t.Helper()
		next, ok, err := s.NextDue(ctx)
		must(t, err)
		same(t, what, next, want)
		same(t, what+" (is there one)", ok, !want.IsZero())
	}
	check("of none", time.Time{})
	must(t, s.AddReminders(ctx, []storage.Reminder{milestone("b", noon.Add(time.Hour)), milestone("a", noon)}))
	check("of two", noon)
	claim(t, s, noon, time.Hour, 9)
	check("with one being sent", noon.Add(time.Hour))
	must(t, s.ReleaseReminder(ctx, "a", noon.Add(time.Minute), "down"))
	check("with one to be tried again", noon.Add(time.Minute))
	same(t, "claimed before its next try", claim(t, s, noon.Add(time.Minute-time.Nanosecond), 0, 9), nil)
	same(t, "claimed at its next try", claim(t, s, noon.Add(time.Minute), time.Hour, 9), []string{"a"})
	must(t, s.ReleaseReminder(ctx, "a", noon.Add(-time.Hour), "down"))
	check("with one whose next try is before its time", noon)
	must(t, s.MarkReminder(ctx, "a", storage.ReminderSkipped, ""))
	must(t, s.MarkReminder(ctx, "b", storage.ReminderMissed, ""))
	check("of two that are done with", time.Time{})
}

func testReminderStates(t *testing.T, s Store) {
	ctx := t.Context()
	const due, sending, sent = storage.ReminderDue, storage.ReminderSending, storage.ReminderSent
	const missed, skipped, cancelled = storage.ReminderMissed, storage.ReminderSkipped, storage.ReminderCancelled
	try := noon.Add(time.Minute)
	changes := []struct {
		name  string
		from  []storage.ReminderState // where it may come from
		to    storage.ReminderState
		apply func(id string) error
	}{
		{"sent", []storage.ReminderState{sending}, sent, func(id string) error { return s.MarkSent(ctx, id, "p1", try) }},
		{"released", []storage.ReminderState{sending}, due, func(id string) error { return s.ReleaseReminder(ctx, id, try, "down") }},
		{"missed", []storage.ReminderState{due, sending}, missed, func(id string) error { return s.MarkReminder(ctx, id, missed, "late") }},
		{"skipped", []storage.ReminderState{due, sending}, skipped, func(id string) error { return s.MarkReminder(ctx, id, skipped, "late") }},
		{"cancelled", []storage.ReminderState{due, sending}, cancelled, func(id string) error { return s.MarkReminder(ctx, id, cancelled, "late") }},
		{"marked due", nil, due, func(id string) error { return s.MarkReminder(ctx, id, due, "") }},
		{"marked sent", nil, sent, func(id string) error { return s.MarkReminder(ctx, id, sent, "") }},
		{"marked nothing", nil, sent, func(id string) error { return s.MarkReminder(ctx, id, "", "") }},
	}
	read := func(id string) storage.Reminder {
		t.Helper()
		list, err := s.RemindersOf(ctx, id)
		must(t, err)
		same(t, "the reminders of a subject", len(list), 1)
		return list[0]
	}
	for _, state := range []storage.ReminderState{due, sending, sent, missed, skipped, cancelled} {
		for _, change := range changes {
			id := fmt.Sprintf("%s when %s", change.name, state)
			r := milestone(id, noon)
			r.Subject, r.Begins = id, noon
			must(t, s.AddReminders(ctx, []storage.Reminder{r}))
			if state != due {
				same(t, id, claim(t, s, noon, time.Hour, 99), []string{id})
			}
			switch state {
			case sent:
				must(t, s.MarkSent(ctx, id, "p0", noon))
			case missed, skipped, cancelled:
				must(t, s.MarkReminder(ctx, id, state, "before"))
			}
			want := read(id)
			allowed := false
			for _, from := range change.from {
				allowed = allowed || from == state
			}
			err := change.apply(id)
			if allowed {
				must(t, err)
				want.State = change.to
				switch change.to {
				case sent:
					want.Post, want.SentAt = "p1", try
				case due:
					want.NextTry, want.LastError = try, "down"
				default:
					want.LastError = "late"
				}
			} else {
				mustBe(t, id, err, storage.ErrState)
			}
			same(t, id, read(id), want)
			if want.State == due || want.State == sending {
				must(t, s.MarkReminder(ctx, id, cancelled, "")) // out of the next one's way
			}
		}
	}
	same(t, "claimed in the end", claim(t, s, noon.AddDate(1, 0, 0), 0, 9), nil)
	for _, change := range changes {
		mustBe(t, change.name+" of none", change.apply("none"), storage.ErrNotFound)
	}
}
