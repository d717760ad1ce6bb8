package boltdb

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"candide/storage"
)

// unsent reports whether a reminder may still be posted.
func unsent(r storage.Reminder) bool {
	return r.State == storage.ReminderDue || r.State == storage.ReminderSending
}

// claimable is the time from which a due reminder may be claimed.
func claimable(r storage.Reminder) time.Time {
	if r.NextTry.After(r.Due) {
		return r.NextTry
	}
	return r.Due
}

// unindex removes a reminder from the index by time that holds it.
func (t *tx) unindex(r storage.Reminder) error {
	switch r.State {
	case storage.ReminderDue:
		return t.remove(bucketReminderDue, instantKey(claimable(r), r.ID))
	case storage.ReminderSending:
		return t.remove(bucketReminderSending, instantKey(r.ClaimedAt, r.ID))
	}
	return nil
}

// saveReminder stores a reminder as it is and moves it to the index by time where its state belongs, if any.
func (t *tx) saveReminder(r storage.Reminder) error {
	switch old, err := get[storage.Reminder](t, bucketReminders, []byte(r.ID)); {
	case err == nil:
		if err := t.unindex(old); err != nil {
			return err
		}
	case !errors.Is(err, storage.ErrNotFound):
		return err
	}
	var err error
	switch r.State {
	case storage.ReminderDue:
		err = t.put(bucketReminderDue, instantKey(claimable(r), r.ID), yes)
	case storage.ReminderSending:
		err = t.put(bucketReminderSending, instantKey(r.ClaimedAt, r.ID), yes)
	}
	if err != nil {
		return err
	}
	return t.put(bucketReminders, []byte(r.ID), r)
}

// addReminder checks and stores a reminder that a caller made.
func (t *tx) addReminder(r storage.Reminder) error {
	if err := errors.Join(checkName("a reminder's id", r.ID), checkName("a reminder's subject", r.Subject)); err != nil {
		return err
	}
	r.State = cmp.Or(r.State, storage.ReminderDue)
	switch r.State {
	case storage.ReminderDue, storage.ReminderMissed, storage.ReminderSkipped:
	default:
		return fmt.Errorf("a new reminder is %q: %w", r.State, storage.ErrState)
	}
	if err := t.put(bucketReminderSubjects, under(r.Subject, []byte(r.ID)), yes); err != nil {
		return err
	}
	return t.saveReminder(r)
}

// AddReminders stores reminders that belong to no jury, such as a campaign's dates. One whose id is known is left
// as it is.
func (s *Store) AddReminders(ctx context.Context, reminders []storage.Reminder) error {
	return s.update(ctx, "adding reminders", func(t *tx) error {
		added := false
		for _, r := range reminders {
			if r.ID != "" && t.has(bucketReminders, []byte(r.ID)) {
				continue
			}
			if err := t.addReminder(r); err != nil {
				return err
			}
			added = true
		}
		if !added {
			return errUnchanged
		}
		return nil
	})
}

// RemindersOf returns the reminders about a subject ("jury/3"), whatever their state, by due time and then id.
func (s *Store) RemindersOf(ctx context.Context, subject string) (list []storage.Reminder, err error) {
	err = s.view(ctx, "reading reminders", func(t *tx) error {
		list, err = t.remindersOf(subject)
		return err
	})
	return list, err
}

func (t *tx) remindersOf(subject string) ([]storage.Reminder, error) {
	var list []storage.Reminder
	for _, id := range names(t, bucketReminderSubjects, subject) {
		r, err := get[storage.Reminder](t, bucketReminders, id)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	slices.SortFunc(list, byDue)
	return list, nil
}

func byDue(a, b storage.Reminder) int {
	return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID))
}

// ClaimDue hands out at most limit reminders to be sent, and makes them sending, with one more attempt, claimed
// now. It takes those due whose Due and NextTry have come, and those sending that were claimed lease ago or
// earlier, whose sender must have died: such a one may have been posted. Of more than limit it takes those that
// have waited longest (since NextTry or the lease's end, where these came after Due), so that one that fails
// again and again does not keep the others back. They are returned by Due, then id.
//
// No two callers get the same reminder within lease. The cost depends on how many are handed out, not on how many
// are stored.
func (s *Store) ClaimDue(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]storage.Reminder, error) {
	var claimed []storage.Reminder
	err := s.update(ctx, "claiming due reminders", func(t *tx) error {
		ready := append(
			t.ready(bucketReminderDue, now, 0, limit),
			t.ready(bucketReminderSending, now, lease, limit)...)
		slices.SortFunc(ready, func(a, b readyReminder) int {
			return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.id, b.id))
		})
		ready = ready[:min(len(ready), max(limit, 0))]
		if len(ready) == 0 {
			return errUnchanged
		}
		for _, next := range ready {
			r, err := get[storage.Reminder](t, bucketReminders, []byte(next.id))
			if err != nil {
				return err
			}
			r.State = storage.ReminderSending
			r.Attempts++
			r.ClaimedAt = now
			if err := t.saveReminder(r); err != nil {
				return err
			}
			claimed = append(claimed, r)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(claimed, byDue)
	return claimed, nil
}

// readyReminder is a reminder that may be claimed, and since when.
type readyReminder struct {
	id    string
	since time.Time
}

// ready returns the first limit entries of an index by time that are at least wait old.
func (t *tx) ready(index string, now time.Time, wait time.Duration, limit int) []readyReminder {
	var found []readyReminder
	end := instant(now.Add(-wait))
	c := t.bucket(index).Cursor()
	for key, _ := c.First(); key != nil && len(found) < limit; key, _ = c.Next() {
		if bytes.Compare(key[:instantSize], end) > 0 {
			break
		}
		found = append(found, readyReminder{id: string(key[instantSize:]), since: instantFrom(key).Add(wait)})
	}
	return found
}

// NextDue returns the earliest time at which a reminder in state due may be claimed, and whether there is one.
// Reminders being sent are left out, since only the caller knows its lease: whoever sleeps until NextDue should
// wake up once a lease as well.
func (s *Store) NextDue(ctx context.Context) (next time.Time, ok bool, err error) {
	err = s.view(ctx, "looking for the next reminder", func(t *tx) error {
		key, _ := t.bucket(bucketReminderDue).Cursor().First()
		if key != nil {
			next, ok = instantFrom(key), true
		}
		return nil
	})
	return next, ok, err
}

// MarkSent says that a claimed reminder was posted, in which post and when. It fails with storage.ErrNotFound, or
// storage.ErrState unless the reminder is being sent: its jury may have been moved or cancelled meanwhile.
func (s *Store) MarkSent(ctx context.Context, id, post string, at time.Time) error {
	return s.changeReminder(ctx, "marking a reminder as sent", id, func(r *storage.Reminder) error {
		if r.State != storage.ReminderSending {
			return storage.ErrState
		}
		r.State, r.Post, r.SentAt, r.LastError = storage.ReminderSent, post, at, ""
		return nil
	})
}

// MarkReminder says that a reminder will not be sent: missed, skipped or cancelled, and why (kept as LastError,
// so without personal data). It fails with storage.ErrNotFound, or storage.ErrState when the reminder is neither
// due nor being sent, or state is another one.
func (s *Store) MarkReminder(ctx context.Context, id string, state storage.ReminderState, reason string) error {
	return s.changeReminder(ctx, "marking a reminder as "+string(state), id, func(r *storage.Reminder) error {
		switch state {
		case storage.ReminderMissed, storage.ReminderSkipped, storage.ReminderCancelled:
		default:
			return storage.ErrState
		}
		if !unsent(*r) {
			return storage.ErrState
		}
		r.State, r.LastError = state, reason
		return nil
	})
}

// ReleaseReminder gives a claimed reminder back, to be claimed again from nextTry on, with why it could not be
// sent. It fails with storage.ErrNotFound, or storage.ErrState unless the reminder is being sent.
func (s *Store) ReleaseReminder(ctx context.Context, id string, nextTry time.Time, reason string) error {
	return s.changeReminder(ctx, "releasing a reminder", id, func(r *storage.Reminder) error {
		if r.State != storage.ReminderSending {
			return storage.ErrState
		}
		r.State, r.NextTry, r.LastError = storage.ReminderDue, nextTry, reason
		return nil
	})
}

func (s *Store) changeReminder(ctx context.Context, doing, id string, change func(*storage.Reminder) error) error {
	return s.update(ctx, doing, func(t *tx) error {
		r, err := get[storage.Reminder](t, bucketReminders, []byte(id))
		if err != nil {
			return err
		}
		state := r.State
		if err := change(&r); err != nil {
			return fmt.Errorf("reminder %q is %s: %w", id, state, err)
		}
		return t.saveReminder(r)
	})
}
