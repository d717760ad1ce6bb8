package boltdb

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"candide/storage"
)

// SaveInterest records that a person is interested in a campaign, once per person and campaign. The first time
// the store gives it a number (and stage StageNew unless one is set) and reports created; later ones replace what
// the person said, keeping Number, Stage, Notes and CreatedAt; somebody who had withdrawn is at StageNew again. The
// interest is returned as it is stored, and the change recorded as of UpdatedAt.
func (s *Store) SaveInterest(ctx context.Context, in storage.Interest) (saved storage.Interest, created bool, err error) {
	err = s.update(ctx, "saving an interest", func(t *tx) error {
		if err := errors.Join(checkName("the interest's campaign", in.Campaign), checkName("the interest's person", string(in.Person))); err != nil {
			return err
		}
		person := under(in.Person, []byte(in.Campaign))
		old, err := t.interestAt(person)
		switch {
		case err == nil:
			in.Number, in.Stage, in.Notes, in.CreatedAt = old.Number, old.Stage, old.Notes, old.CreatedAt
			in.DecidedAt, in.ClosingAt = old.DecidedAt, old.ClosingAt
			if in.Stage == storage.StageWithdrawn {
				in.Stage = storage.StageNew
			}
		case errors.Is(err, storage.ErrNotFound):
			created = true
			number, err := t.bucket(bucketInterests).NextSequence()
			if err != nil {
				return err
			}
			in.Number = int(number)
			in.Stage = cmp.Or(in.Stage, storage.StageNew)
			if err := t.put(bucketInterestPeople, person, in.Number); err != nil {
				return err
			}
			if err := t.put(bucketInterestCampaigns, under(in.Campaign, numberKey(in.Number)), yes); err != nil {
				return err
			}
		default:
			return err
		}
		saved = in
		if err := t.put(bucketInterests, numberKey(in.Number), in); err != nil {
			return err
		}
		return t.record(storage.Change{At: in.UpdatedAt, Action: storage.ChangeInterest, Subject: storage.CandidateSubject(in.Number)})
	})
	if err != nil {
		return storage.Interest{}, false, err
	}
	return saved, created, nil
}

// interestAt follows an entry of the index by person.
func (t *tx) interestAt(person []byte) (storage.Interest, error) {
	number, err := get[int](t, bucketInterestPeople, person)
	if err != nil {
		return storage.Interest{}, err
	}
	return get[storage.Interest](t, bucketInterests, numberKey(number))
}

// InterestOf returns a person's interest in one campaign, or storage.ErrNotFound.
func (s *Store) InterestOf(ctx context.Context, campaign string, p storage.PersonRef) (in storage.Interest, err error) {
	err = s.view(ctx, "reading a person's interest", func(t *tx) error {
		in, err = t.interestAt(under(p, []byte(campaign)))
		return err
	})
	return in, err
}

// InterestsOf returns all the interests of a person, by number.
func (s *Store) InterestsOf(ctx context.Context, p storage.PersonRef) (list []storage.Interest, err error) {
	err = s.view(ctx, "reading a person's interests", func(t *tx) error {
		list, err = t.interestsOf(p)
		return err
	})
	return list, err
}

func (t *tx) interestsOf(p storage.PersonRef) ([]storage.Interest, error) {
	var list []storage.Interest
	for _, campaign := range names(t, bucketInterestPeople, p) {
		in, err := t.interestAt(under(p, campaign))
		if err != nil {
			return nil, err
		}
		list = append(list, in)
	}
	slices.SortFunc(list, func(a, b storage.Interest) int { return a.Number - b.Number })
	return list, nil
}

// Interest returns the interest with the given number, or storage.ErrNotFound.
func (s *Store) Interest(ctx context.Context, number int) (in storage.Interest, err error) {
	err = s.view(ctx, "reading an interest", func(t *tx) error {
		in, err = get[storage.Interest](t, bucketInterests, numberKey(number))
		return err
	})
	return in, err
}

// Interests returns the interests in one campaign, or in all when campaign is "", by number.
func (s *Store) Interests(ctx context.Context, campaign string) (list []storage.Interest, err error) {
	err = s.view(ctx, "listing interests", func(t *tx) error {
		list, err = byCampaign[storage.Interest](t, bucketInterests, bucketInterestCampaigns, campaign)
		return err
	})
	return list, err
}

// SetStage says how far a candidate has come, by whose word and when, or fails with storage.ErrNotFound. by is empty
// when the person withdrew by themselves. A stage that they are at already changes nothing.
func (s *Store) SetStage(ctx context.Context, number int, stage storage.Stage, by storage.PersonRef, at time.Time) (storage.Interest, error) {
	return s.changeInterest(ctx, "setting a candidate's stage", number, func(t *tx, in *storage.Interest) error {
		if in.Stage == stage {
			return errUnchanged
		}
		change := storage.Change{
			At: at, By: by, Action: storage.ChangeStage, Subject: storage.CandidateSubject(number),
			Detail: string(in.Stage) + " > " + string(stage),
		}
		if by == "" {
			change.Action = storage.ChangeWithdrawn
		}
		in.Stage, in.UpdatedAt, in.DecidedAt = stage, at, time.Time{}
		if stage == storage.StageAccepted || stage == storage.StageRefused {
			in.DecidedAt = at
		}
		return t.record(change)
	})
}

// AddNote adds a recruiter's note to a candidate, or fails with storage.ErrNotFound. UpdatedAt becomes the
// note's time.
func (s *Store) AddNote(ctx context.Context, number int, note storage.Note) (storage.Interest, error) {
	return s.changeInterest(ctx, "adding a note", number, func(t *tx, in *storage.Interest) error {
		in.Notes = append(in.Notes, note)
		in.UpdatedAt = note.At
		return t.record(storage.Change{At: note.At, By: note.By, Action: storage.ChangeNote, Subject: storage.CandidateSubject(number)})
	})
}

func (s *Store) changeInterest(ctx context.Context, doing string, number int, change func(*tx, *storage.Interest) error) (storage.Interest, error) {
	var in storage.Interest
	err := s.update(ctx, doing, func(t *tx) (err error) {
		if in, err = get[storage.Interest](t, bucketInterests, numberKey(number)); err != nil {
			return err
		}
		if err := change(t, &in); err != nil {
			return err
		}
		return t.put(bucketInterests, numberKey(number), in)
	})
	if err != nil {
		return storage.Interest{}, err
	}
	return in, nil
}

// removeInterest deletes an interest and what finds it. Its number is not given again.
func (t *tx) removeInterest(in storage.Interest) error {
	return errors.Join(
		t.remove(bucketInterests, numberKey(in.Number)),
		t.remove(bucketInterestPeople, under(in.Person, []byte(in.Campaign))),
		t.remove(bucketInterestCampaigns, under(in.Campaign, numberKey(in.Number))),
	)
}

// purgeInterests deletes the interests whose time is over; one without a date stays. The bot's posts that show
// the data of somebody of whom no interest is left are doomed.
func (t *tx) purgeInterests(now time.Time) (int, error) {
	return purge(t, bucketInterests, func(in storage.Interest) bool {
		return !in.ExpiresAt.IsZero() && over(in.ExpiresAt, now)
	}, func(in storage.Interest) error {
		if err := t.removeInterest(in); err != nil {
			return err
		}
		err := t.record(storage.Change{At: now, Action: storage.ChangeExpired, Subject: storage.CandidateSubject(in.Number)})
		if err != nil || len(names(t, bucketInterestPeople, in.Person)) > 0 {
			return err
		}
		_, err = t.doomPostsOf(in.Person, now)
		return err
	})
}
