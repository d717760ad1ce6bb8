package boltdb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"candide/storage"
)

// PlanJury stores a new jury and, in the same transaction, its reminders, which the pure function reminders makes
// from the number that the store gave it (nil: none). The store sets Number, State and Sequence, each reminder's
// Jury, and its Subject when empty. A reminder's State may be left empty, or say that it is not to be sent.
func (s *Store) PlanJury(ctx context.Context, j storage.Jury, reminders func(number int) []storage.Reminder) (storage.Jury, error) {
	err := s.update(ctx, "planning a jury", func(t *tx) error {
		if err := checkName("the jury's campaign", j.Campaign); err != nil {
			return err
		}
		number, err := t.bucket(bucketJuries).NextSequence()
		if err != nil {
			return err
		}
		j.Number = int(number)
		j.State = storage.JuryPlanned
		j.Sequence = 0
		j.Reason = ""
		if err := t.put(bucketJuryCampaigns, under(j.Campaign, numberKey(j.Number)), yes); err != nil {
			return err
		}
		if err := t.put(bucketJuries, numberKey(j.Number), j); err != nil {
			return err
		}
		var made []storage.Reminder
		if reminders != nil {
			made = call(t, reminders, j.Number)
		}
		return t.replaceReminders(j.Number, made)
	})
	if err != nil {
		return storage.Jury{}, err
	}
	return j, nil
}

// call runs a caller's function inside the transaction.
func call[A any](t *tx, fn func(A) []storage.Reminder, arg A) []storage.Reminder {
	t.calling = true
	made := fn(arg)
	t.calling = false
	return made
}

// MoveJury gives a jury another time: its Sequence grows by one, its reminders that were not sent are cancelled,
// and those that reminders makes from the moved jury are stored. It fails with storage.ErrNotFound, or
// storage.ErrState when the jury is cancelled.
func (s *Store) MoveJury(ctx context.Context, number int, at time.Time, reminders func(j storage.Jury) []storage.Reminder) (storage.Jury, error) {
	return s.changeJury(ctx, "moving a jury", number, reminders, func(j *storage.Jury) {
		j.At = at
		j.Sequence++
	})
}

// SetJuryRules gives a jury other rules for its reminders. Of the reminders that the function makes, those
// already sent (or being sent, missed, skipped) stay as they are, those due take the new definition, those once
// cancelled are due again (with the attempts they had: one may have been posted) and the rest are new; reminders
// not sent yet that it does not make are cancelled. It fails with storage.ErrNotFound, or storage.ErrState when
// the jury is cancelled.
func (s *Store) SetJuryRules(ctx context.Context, number int, rules []string, reminders func(j storage.Jury) []storage.Reminder) (storage.Jury, error) {
	return s.changeJury(ctx, "setting a jury's reminders", number, reminders, func(j *storage.Jury) {
		j.Rules = slices.Clone(rules)
	})
}

// CancelJury cancels a jury and its reminders that were not sent; its Sequence grows by one. It fails with
// storage.ErrNotFound, or storage.ErrState when it is cancelled already.
func (s *Store) CancelJury(ctx context.Context, number int, reason string) (storage.Jury, error) {
	return s.changeJury(ctx, "cancelling a jury", number, nil, func(j *storage.Jury) {
		j.State = storage.JuryCancelled
		j.Reason = reason
		j.Sequence++
	})
}

func (s *Store) changeJury(ctx context.Context, doing string, number int, reminders func(storage.Jury) []storage.Reminder, change func(*storage.Jury)) (storage.Jury, error) {
	var j storage.Jury
	err := s.update(ctx, doing, func(t *tx) (err error) {
		if j, err = get[storage.Jury](t, bucketJuries, numberKey(number)); err != nil {
			return err
		}
		if j.State == storage.JuryCancelled {
			return fmt.Errorf("jury %d is cancelled: %w", number, storage.ErrState)
		}
		change(&j)
		if err := t.put(bucketJuries, numberKey(number), j); err != nil {
			return err
		}
		var made []storage.Reminder
		if reminders != nil {
			made = call(t, reminders, j)
		}
		return t.replaceReminders(number, made)
	})
	if err != nil {
		return storage.Jury{}, err
	}
	return j, nil
}

// replaceReminders makes the unsent reminders of a jury those of made.
func (t *tx) replaceReminders(number int, made []storage.Reminder) error {
	subject := storage.JurySubject(number)
	wanted := make(map[string]bool, len(made))
	for _, r := range made {
		wanted[r.ID] = true
	}
	olds, err := t.remindersOf(subject)
	if err != nil {
		return err
	}
	for _, old := range olds {
		if !wanted[old.ID] && unsent(old) {
			old.State = storage.ReminderCancelled
			if err := t.saveReminder(old); err != nil {
				return err
			}
		}
	}
	for _, r := range made {
		if r.Subject == "" {
			r.Subject = subject
		}
		if r.Subject != subject {
			return fmt.Errorf("a reminder of jury %d is about %q", number, r.Subject)
		}
		r.Jury = number
		old, err := get[storage.Reminder](t, bucketReminders, []byte(r.ID))
		switch {
		case errors.Is(err, storage.ErrNotFound):
			err = t.addReminder(r)
		case err != nil:
		case old.Subject != subject:
			err = fmt.Errorf("the reminder's id %q belongs to %q", r.ID, old.Subject)
		case old.State == storage.ReminderCancelled:
			// It may have been posted just before it was cancelled: its attempts tell the next sender to look.
			r.Attempts, r.ClaimedAt = old.Attempts, old.ClaimedAt
			err = t.addReminder(r)
		case old.State == storage.ReminderDue:
			r.Attempts, r.ClaimedAt, r.NextTry, r.LastError = old.Attempts, old.ClaimedAt, old.NextTry, old.LastError
			err = t.addReminder(r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Jury returns the jury with the given number, or storage.ErrNotFound.
func (s *Store) Jury(ctx context.Context, number int) (j storage.Jury, err error) {
	err = s.view(ctx, "reading a jury", func(t *tx) error {
		j, err = get[storage.Jury](t, bucketJuries, numberKey(number))
		return err
	})
	return j, err
}

// Juries returns the juries of a campaign, or of all when campaign is "", cancelled ones included, by number.
func (s *Store) Juries(ctx context.Context, campaign string) (list []storage.Jury, err error) {
	err = s.view(ctx, "listing juries", func(t *tx) error {
		list, err = byCampaign[storage.Jury](t, bucketJuries, bucketJuryCampaigns, campaign)
		return err
	})
	return list, err
}
