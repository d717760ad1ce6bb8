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
// from the number that the store gave it (nil: none). The store sets Number, State, Sequence and Changes, each
// reminder's Jury, and its Subject when empty. A reminder's State may be left empty, or say that it is not to be sent.
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
		j.Sequence, j.Changes = 0, 0
		j.Reason = ""
		if err := t.put(bucketJuryCampaigns, under(j.Campaign, numberKey(j.Number)), yes); err != nil {
			return err
		}
		if err := t.saveJury(storage.Jury{}, j); err != nil {
			return err
		}
		var made []storage.Reminder
		if reminders != nil {
			made = call(t, reminders, j.Number)
		}
		return t.replaceReminders(storage.JurySubject(j.Number), j.Number, everything, made)
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

// saveJury stores a jury and indexes whom it concerns: its members and its organiser.
func (t *tx) saveJury(old, j storage.Jury) error {
	now := concerned(j)
	for p := range concerned(old) {
		if !now[p] {
			if err := t.remove(bucketJuryPeople, under(p, numberKey(j.Number))); err != nil {
				return err
			}
		}
	}
	for p := range now {
		if err := t.put(bucketJuryPeople, under(p, numberKey(j.Number)), yes); err != nil {
			return err
		}
	}
	return t.put(bucketJuries, numberKey(j.Number), j)
}

func concerned(j storage.Jury) map[storage.PersonRef]bool {
	people := map[storage.PersonRef]bool{}
	if j.Organiser != "" {
		people[j.Organiser] = true
	}
	for _, m := range j.Members {
		people[m.Person] = true
	}
	return people
}

// MoveJury gives a jury another time: its Sequence grows by one, its candidates' slots move with it, its members are
// asked again, its reminders that were not sent are cancelled, and those that reminders makes from the moved jury are
// stored. It fails with storage.ErrNotFound, or storage.ErrState when the jury is cancelled.
func (s *Store) MoveJury(ctx context.Context, number int, at time.Time, reminders func(j storage.Jury) []storage.Reminder) (storage.Jury, error) {
	return s.changeJury(ctx, "moving a jury", number, everything, reminders, func(j *storage.Jury) error {
		j.Slots = slices.Clone(j.Slots)
		for i := range j.Slots {
			if !j.Slots[i].At.IsZero() {
				j.Slots[i].At = at.Add(j.Slots[i].At.Sub(j.At))
			}
		}
		for i := range j.Members {
			j.Members[i].Answer, j.Members[i].AnsweredAt = storage.NoAnswer, time.Time{}
		}
		j.At = at
		j.Sequence++
		return nil
	})
}

// SetJuryRules gives a jury other rules for its reminders. Of the reminders that the function makes, those
// already sent (or being sent, missed, skipped, unwanted) stay as they are, those due take the new definition, those
// once cancelled are due again (with the attempts they had: one may have been posted) and the rest are new; reminders
// not sent yet whose rule is given up are cancelled. It fails with storage.ErrNotFound, or storage.ErrState when
// the jury is cancelled.
func (s *Store) SetJuryRules(ctx context.Context, number int, rules []string, reminders func(j storage.Jury) []storage.Reminder) (storage.Jury, error) {
	return s.changeJury(ctx, "setting a jury's reminders", number, func(r storage.Reminder) bool {
		return r.Kind == storage.KindReminder && !slices.Contains(rules, r.Rule)
	}, reminders, func(j *storage.Jury) error {
		j.Rules = slices.Clone(rules)
		return nil
	})
}

// CancelJury cancels a jury and its reminders that were not sent, and stores those that reminders makes to say so
// (nil: none); its Sequence grows by one. It fails with storage.ErrNotFound, or storage.ErrState when it is cancelled
// already.
func (s *Store) CancelJury(ctx context.Context, number int, reason string, reminders func(j storage.Jury) []storage.Reminder) (storage.Jury, error) {
	return s.changeJury(ctx, "cancelling a jury", number, everything, reminders, func(j *storage.Jury) error {
		j.State = storage.JuryCancelled
		j.Reason = reason
		j.Sequence++
		return nil
	})
}

// changeJury changes a jury that is not cancelled, and replaces its reminders.
func (s *Store) changeJury(ctx context.Context, doing string, number int, which func(storage.Reminder) bool, reminders func(storage.Jury) []storage.Reminder, change func(*storage.Jury) error) (storage.Jury, error) {
	var j storage.Jury
	err := s.update(ctx, doing, func(t *tx) (err error) {
		if _, j, err = t.editJury(number, false, change); err != nil {
			return err
		}
		var made []storage.Reminder
		if reminders != nil {
			made = call(t, reminders, j)
		}
		return t.replaceReminders(storage.JurySubject(number), number, which, made)
	})
	if err != nil {
		return storage.Jury{}, err
	}
	return j, nil
}

// editJury changes a jury's record.
func (t *tx) editJury(number int, cancelledToo bool, change func(*storage.Jury) error) (before, after storage.Jury, err error) {
	if before, err = get[storage.Jury](t, bucketJuries, numberKey(number)); err != nil {
		return before, after, err
	}
	if before.State == storage.JuryCancelled && !cancelledToo {
		return before, after, fmt.Errorf("jury %d is cancelled: %w", number, storage.ErrState)
	}
	after = before
	after.Members, after.Slots = slices.Clone(before.Members), slices.Clone(before.Slots)
	if err := change(&after); err != nil {
		return before, after, err
	}
	after.Changes++
	return before, after, t.saveJury(before, after)
}

// everything is what a move or a cancellation replaces: what was not said by then is untrue.
func everything(storage.Reminder) bool { return true }

// replaceReminders makes the unsent reminders of a subject, of those that which tells, those of made.
func (t *tx) replaceReminders(subject string, jury int, which func(storage.Reminder) bool, made []storage.Reminder) error {
	wanted := make(map[string]bool, len(made))
	for _, r := range made {
		wanted[r.ID] = true
	}
	olds, err := t.remindersOf(subject)
	if err != nil {
		return err
	}
	for _, old := range olds {
		if !wanted[old.ID] && which(old) && (unsent(old) || old.State == storage.ReminderUnwanted) {
			old.State = storage.ReminderCancelled
			if err := t.saveReminder(old); err != nil {
				return err
			}
		}
	}
	return t.mergeReminders(subject, jury, made)
}

// mergeReminders adds reminders to those of a subject. Of those known it changes only what is due or cancelled.
func (t *tx) mergeReminders(subject string, jury int, made []storage.Reminder) error {
	for _, r := range made {
		if r.Subject == "" {
			r.Subject = subject
		}
		if r.Subject != subject {
			return fmt.Errorf("a reminder of %s is about %q", subject, r.Subject)
		}
		r.Jury = jury
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

// JuriesOf returns the juries that a person organises or sits on, cancelled ones included, by number.
func (s *Store) JuriesOf(ctx context.Context, p storage.PersonRef) (list []storage.Jury, err error) {
	err = s.view(ctx, "listing a person's juries", func(t *tx) error {
		for _, number := range names(t, bucketJuryPeople, p) {
			j, err := get[storage.Jury](t, bucketJuries, number)
			if err != nil {
				return err
			}
			list = append(list, j)
		}
		return nil
	})
	return list, err
}
