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

// indexOf is the index by time that holds a reminder, and the time; "" where none does.
func indexOf(r storage.Reminder) (bucket string, at time.Time) {
	switch r.State {
	case storage.ReminderDue:
		if r.NextTry.After(r.Due) {
			return bucketReminderRetry, r.NextTry
		}
		return bucketReminderDue, r.Due
	case storage.ReminderSending:
		return bucketReminderSending, r.ClaimedAt
	case storage.ReminderMissed:
		return bucketReminderMissed, r.Begins
	}
	return "", time.Time{}
}

// saveReminder stores a reminder as it is and moves it to the index by time where its state belongs, if any.
func (t *tx) saveReminder(r storage.Reminder) error {
	switch old, err := get[storage.Reminder](t, bucketReminders, []byte(r.ID)); {
	case err == nil:
		if bucket, at := indexOf(old); bucket != "" {
			if err := t.remove(bucket, instantKey(at, r.ID)); err != nil {
				return err
			}
		}
	case !errors.Is(err, storage.ErrNotFound):
		return err
	}
	if bucket, at := indexOf(r); bucket != "" {
		if err := t.put(bucket, instantKey(at, r.ID), yes); err != nil {
			return err
		}
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

// PlanReminders makes the unsent reminders of a subject that is no jury (a campaign) those of made, as SetJuryRules does
// for a jury.
func (s *Store) PlanReminders(ctx context.Context, subject string, made []storage.Reminder) error {
	return s.update(ctx, "planning reminders", func(t *tx) error {
		return t.replaceReminders(subject, 0, everything, made)
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
// A clock that was set back leaves times that cannot be: a claim or a next try more than storage.ClockSlack from now
// count as having come (after all the others), and a reminder missed although its subject has yet to begin is due
// again, unless that was moved or cancelled.
//
// No two callers get the same reminder within lease. The cost depends on how many are handed out, not on how many
// are stored.
func (s *Store) ClaimDue(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]storage.Reminder, error) {
	var claimed []storage.Reminder
	err := s.update(ctx, "claiming due reminders", func(t *tx) error {
		revived, err := t.revive(now, limit)
		if err != nil {
			return err
		}
		ready := t.ready(bucketReminderDue, now, 0, limit)
		ready = append(ready, t.ready(bucketReminderRetry, now, 0, limit)...)
		ready = append(ready, t.ready(bucketReminderSending, now, lease, limit)...)
		ready = append(ready, t.ahead(bucketReminderRetry, now, storage.ClockSlack, limit)...)
		ready = append(ready, t.ahead(bucketReminderSending, now, storage.ClockSlack, limit)...)
		slices.SortFunc(ready, func(a, b readyReminder) int {
			return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.id, b.id))
		})
		ready = ready[:min(len(ready), max(limit, 0))]
		if len(ready) == 0 && !revived {
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

// ahead returns the first limit entries of an index that lie more than slack ahead: where nothing is ever put by a clock
// that is right.
func (t *tx) ahead(index string, now time.Time, slack time.Duration, limit int) []readyReminder {
	var found []readyReminder
	c := t.bucket(index).Cursor()
	for key, _ := c.Seek(instant(now.Add(slack + 1))); key != nil && len(found) < limit; key, _ = c.Next() {
		found = append(found, readyReminder{id: string(key[instantSize:]), since: instantFrom(key)})
	}
	return found
}

// revive makes the first limit reminders due again that were missed, but whose subject has yet to begin: the clock was
// ahead.
func (t *tx) revive(now time.Time, limit int) (revived bool, err error) {
	for _, next := range t.ahead(bucketReminderMissed, now, 0, limit) {
		r, err := get[storage.Reminder](t, bucketReminders, []byte(next.id))
		if err != nil {
			return false, err
		}
		r.State, r.NextTry, r.LastError = storage.ReminderDue, time.Time{}, ""
		if r.Jury != 0 {
			j, err := get[storage.Jury](t, bucketJuries, numberKey(r.Jury))
			if err != nil && !errors.Is(err, storage.ErrNotFound) {
				return false, err
			}
			if err != nil || j.State == storage.JuryCancelled || !j.At.Equal(r.Begins) {
				r.State = storage.ReminderCancelled
			}
		}
		if err := t.saveReminder(r); err != nil {
			return false, err
		}
		revived = true
	}
	return revived, nil
}

// NextDue returns the earliest time at which a reminder in state due may be claimed, and whether there is one.
// Reminders being sent are left out, since only the caller knows its lease: whoever sleeps until NextDue should
// wake up once a lease as well.
func (s *Store) NextDue(ctx context.Context) (next time.Time, ok bool, err error) {
	err = s.view(ctx, "looking for the next reminder", func(t *tx) error {
		for _, index := range []string{bucketReminderDue, bucketReminderRetry} {
			key, _ := t.bucket(index).Cursor().First()
			if key != nil && (!ok || instantFrom(key).Before(next)) {
				next, ok = instantFrom(key), true
			}
		}
		return nil
	})
	return next, ok, err
}

// WantReminder says that somebody does without a reminder, or wants it again. It fails with storage.ErrNotFound, or
// storage.ErrState unless the reminder is due, and unwanted.
func (s *Store) WantReminder(ctx context.Context, id string, wanted bool) error {
	from, to := storage.ReminderDue, storage.ReminderUnwanted
	if wanted {
		from, to = to, from
	}
	return s.changeReminder(ctx, "wanting a reminder or not", id, func(r *storage.Reminder) error {
		if r.State != from {
			return storage.ErrState
		}
		r.State = to
		return nil
	})
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
