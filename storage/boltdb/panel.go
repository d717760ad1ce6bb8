package boltdb

import (
	"context"
	"fmt"
	"slices"
	"time"

	"candide/storage"
)

// AnswerJury notes what a member says of a jury's date, and stores what more makes to tell of it, from the jury as it
// was and as it is (nil: nothing). An answer given again changes nothing, and changed is false. It fails with
// storage.ErrNotFound; storage.ErrForeign when the person is no member; storage.ErrState when the jury is cancelled,
// or was moved since: sequence is that of the date answered.
func (s *Store) AnswerJury(ctx context.Context, number, sequence int, who storage.PersonRef, answer storage.Answer, at time.Time, more func(before, after storage.Jury) []storage.Reminder) (j storage.Jury, changed bool, err error) {
	err = s.update(ctx, "noting a member's answer", func(t *tx) error {
		before, after, err := t.editJury(number, false, func(j *storage.Jury) error {
			if j.Sequence != sequence {
				return fmt.Errorf("jury %d was moved since: %w", number, storage.ErrState)
			}
			i := slices.IndexFunc(j.Members, func(m storage.Member) bool { return m.Person == who })
			if i < 0 {
				return storage.ErrForeign
			}
			if changed = j.Members[i].Answer != answer; changed {
				j.Members[i].Answer, j.Members[i].AnsweredAt = answer, at
			}
			return nil
		})
		if err != nil {
			return err
		}
		if !changed {
			j = before
			return errUnchanged
		}
		j = after
		return t.addMore(j, func(j storage.Jury) []storage.Reminder {
			if more == nil {
				return nil
			}
			return more(before, j)
		})
	})
	if err != nil {
		return storage.Jury{}, false, err
	}
	return j, changed, nil
}

// SetJuryMembers makes a jury's panel, and adds the reminders that more makes (nil: none). Those who stay keep their
// answer. It fails with storage.ErrNotFound, or storage.ErrState when the jury is cancelled.
func (s *Store) SetJuryMembers(ctx context.Context, number int, members []storage.Member, more func(j storage.Jury) []storage.Reminder) (storage.Jury, error) {
	return s.addToJury(ctx, "setting a jury's members", number, false, more, func(j *storage.Jury) error {
		olds := j.Members
		j.Members = slices.Clone(members)
		for i, m := range j.Members {
			if old := slices.IndexFunc(olds, func(o storage.Member) bool { return o.Person == m.Person }); old >= 0 {
				j.Members[i].Answer, j.Members[i].AnsweredAt = olds[old].Answer, olds[old].AnsweredAt
			}
		}
		return nil
	})
}

// SetJurySlots says which candidates a jury sees, and when, and adds the reminders that more makes (nil: none). What
// candidates were told stays known: one who was told of a slot and has none any more is kept, with a zero At, until
// LetterCandidates. It fails with storage.ErrNotFound, or storage.ErrState when the jury is cancelled.
func (s *Store) SetJurySlots(ctx context.Context, number int, slots []storage.Slot, more func(j storage.Jury) []storage.Reminder) (storage.Jury, error) {
	return s.addToJury(ctx, "setting a jury's candidates", number, false, more, func(j *storage.Jury) error {
		olds := j.Slots
		j.Slots = slices.Clone(slots)
		for _, old := range olds {
			i := slices.IndexFunc(j.Slots, func(n storage.Slot) bool { return n.Candidate == old.Candidate })
			switch {
			case i >= 0:
				j.Slots[i].Told = old.Told
			case !old.Told.IsZero():
				j.Slots = append(j.Slots, storage.Slot{Candidate: old.Candidate, Told: old.Told})
			}
		}
		return nil
	})
}

// LetterCandidates notes that candidates are told how things stand with their slot, and adds the letters that more
// makes. It fails with storage.ErrNotFound, or storage.ErrState when the jury changed since changes: what is sent must
// be what was read.
func (s *Store) LetterCandidates(ctx context.Context, number, changes int, candidates []int, more func(j storage.Jury) []storage.Reminder) (storage.Jury, error) {
	return s.addToJury(ctx, "writing to a jury's candidates", number, true, more, func(j *storage.Jury) error {
		if j.Changes != changes {
			return fmt.Errorf("jury %d changed since: %w", number, storage.ErrState)
		}
		for i, slot := range j.Slots {
			if !slices.Contains(candidates, slot.Candidate) {
				continue
			}
			j.Slots[i].Told = slot.At
			if j.State == storage.JuryCancelled {
				j.Slots[i].Told = time.Time{}
			}
		}
		j.Slots = slices.DeleteFunc(j.Slots, func(s storage.Slot) bool { return s.At.IsZero() && s.Told.IsZero() })
		return nil
	})
}

// addToJury changes a jury and adds to its reminders.
func (s *Store) addToJury(ctx context.Context, doing string, number int, cancelledToo bool, more func(storage.Jury) []storage.Reminder, change func(*storage.Jury) error) (storage.Jury, error) {
	var j storage.Jury
	err := s.update(ctx, doing, func(t *tx) (err error) {
		if _, j, err = t.editJury(number, cancelledToo, change); err != nil {
			return err
		}
		return t.addMore(j, more)
	})
	if err != nil {
		return storage.Jury{}, err
	}
	return j, nil
}

func (t *tx) addMore(j storage.Jury, more func(storage.Jury) []storage.Reminder) error {
	if more == nil {
		return nil
	}
	return t.mergeReminders(storage.JurySubject(j.Number), j.Number, call(t, more, j))
}
