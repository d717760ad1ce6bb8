package boltdb

import (
	"fmt"
	"testing"
	"time"

	"candide/storage"
)

// BenchmarkClaimDue claims one reminder, with a thousand and a million stored, of which nine in ten are sent and
// the others wait. The two must cost the same, but for a level or two more in BoltDB's trees.
func BenchmarkClaimDue(b *testing.B) {
	for _, stored := range []int{1_000, 1_000_000} {
		b.Run(fmt.Sprint(stored), func(b *testing.B) {
			s := openTest(b, testPath(b))
			fillReminders(b, s, stored)
			ctx := b.Context()
			now := noon.AddDate(1, 0, 0)
			n := 0
			for b.Loop() {
				// One that is due now is added for each claim, so that there is always one among the stored.
				id := fmt.Sprint("now/", n)
				n++
				b.StopTimer()
				if err := s.AddReminders(ctx, []storage.Reminder{{ID: id, Subject: "now", Due: now}}); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				claimed, err := s.ClaimDue(ctx, now, time.Hour, 10)
				if err != nil || len(claimed) != 1 {
					b.Fatalf("claimed %d, %v", len(claimed), err)
				}
			}
		})
	}
}

// BenchmarkClaimNothing is what a tick costs when nothing is due, the usual case.
func BenchmarkClaimNothing(b *testing.B) {
	for _, stored := range []int{1_000, 1_000_000} {
		b.Run(fmt.Sprint(stored), func(b *testing.B) {
			s := openTest(b, testPath(b))
			fillReminders(b, s, stored)
			for b.Loop() {
				if claimed, err := s.ClaimDue(b.Context(), noon, time.Hour, 10); err != nil || len(claimed) != 0 {
					b.Fatalf("claimed %d, %v", len(claimed), err)
				}
			}
		})
	}
}

// fillReminders stores reminders in batches: nine in ten sent in the past, the others due years from now.
func fillReminders(b *testing.B, s *Store, count int) {
	b.Helper()
	const batch = 10_000
	for from := 0; from < count; from += batch {
		err := s.update(b.Context(), "filling", func(t *tx) error {
			for i := from; i < min(from+batch, count); i++ {
				r := storage.Reminder{
					ID: fmt.Sprintf("jury/%07d/0/J-1", i), Subject: fmt.Sprintf("jury/%07d", i), Jury: i, Rule: "J-1",
					Due: noon.AddDate(2, 0, 0).Add(time.Duration(i) * time.Second), To: storage.Channel{Platform: "mattermost", ID: "t1"},
				}
				if err := t.addReminder(r); err != nil {
					return err
				}
				if i%10 != 0 {
					r.State, r.SentAt, r.Post = storage.ReminderSent, noon, "p"
					if err := t.saveReminder(r); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
