package boltdb

import (
	"fmt"
	"testing"
	"time"

	"candide/storage"
)

// BenchmarkReminders is what the engine asks of the store, with a thousand and a million reminders stored, of which nine
// in ten are sent and the others wait. The two must cost the same, but for a level or two more in BoltDB's trees.
//
//	start    opening the file, and the first look at what is due
//	nothing  a tick when nothing is due, the usual case
//	one      claiming one reminder
//	jury     everything about one jury
func BenchmarkReminders(b *testing.B) {
	for _, stored := range []int{1_000, 1_000_000} {
		b.Run(fmt.Sprint(stored), func(b *testing.B) {
			path := testPath(b)
			s, err := Open(path, unsafe)
			if err != nil {
				b.Fatal(err)
			}
			fillReminders(b, s, stored)
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
			b.Run("start", func(b *testing.B) {
				for b.Loop() {
					s, err := Open(path, unsafe)
					if err != nil {
						b.Fatal(err)
					}
					if claimed, err := s.ClaimDue(b.Context(), noon, time.Hour, 10); err != nil || len(claimed) != 0 {
						b.Fatalf("claimed %d, %v", len(claimed), err)
					}
					if err := s.Close(); err != nil {
						b.Fatal(err)
					}
				}
			})
			s = openTest(b, path)
			b.Run("nothing", func(b *testing.B) {
				for b.Loop() {
					if claimed, err := s.ClaimDue(b.Context(), noon, time.Hour, 10); err != nil || len(claimed) != 0 {
						b.Fatalf("claimed %d, %v", len(claimed), err)
					}
				}
			})
			b.Run("one", func(b *testing.B) { claimOne(b, s) })
			b.Run("jury", func(b *testing.B) {
				for b.Loop() {
					if list, err := s.RemindersOf(b.Context(), fmt.Sprintf("jury/%07d", stored/2)); err != nil || len(list) != 1 {
						b.Fatalf("%d reminders, %v", len(list), err)
					}
				}
			})
		})
	}
}

// claimOne adds one that is due now for each claim, so that there is always one among the stored.
func claimOne(b *testing.B, s *Store) {
	ctx := b.Context()
	now := noon.AddDate(1, 0, 0)
	n := 0
	for b.Loop() {
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
		b.StopTimer()
		if err := s.MarkSent(ctx, id, "p", now); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
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
