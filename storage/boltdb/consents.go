package boltdb

import (
	"context"
	"errors"
	"time"

	"candide/storage"
)

// ClaimClosing says that a candidate is about to be told, by a recruiter's click, that the campaign closes soon. It
// reports false, and changes nothing, when they were told before, have applied or are at any later stage, or are gone.
func (s *Store) ClaimClosing(ctx context.Context, number int, by storage.PersonRef, at time.Time) (claimed bool, err error) {
	_, err = s.changeInterest(ctx, "telling a candidate of the closing", number, func(t *tx, in *storage.Interest) error {
		if !in.ClosingAt.IsZero() || in.Stage != storage.StageNew && in.Stage != storage.StageContacted {
			return errUnchanged
		}
		in.ClosingAt, claimed = at, true
		return t.record(storage.Change{At: at, By: by, Action: storage.ChangeClosing, Subject: storage.CandidateSubject(number)})
	})
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	return claimed && err == nil, err
}

// ClaimRenewal says that a person is about to be asked whether to renew the consent to hear of other campaigns. It
// reports false, and changes nothing, when they were asked since they gave it, never gave it, or are gone.
func (s *Store) ClaimRenewal(ctx context.Context, number int, at time.Time) (claimed bool, err error) {
	_, err = s.changeInterest(ctx, "asking to renew a consent", number, func(_ *tx, in *storage.Interest) error {
		if in.RecontactAt.IsZero() || !in.RenewalAt.IsZero() {
			return errUnchanged
		}
		in.RenewalAt, claimed = at, true
		return nil
	})
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	return claimed && err == nil, err
}

// RenewConsent takes the consent to hear of other campaigns as given anew at that time, and kept until another. It
// fails with storage.ErrNotFound when the interest is gone, and storage.ErrForeign when it is somebody else's.
func (s *Store) RenewConsent(ctx context.Context, number int, p storage.PersonRef, at, until time.Time) (storage.Interest, error) {
	return s.changeInterest(ctx, "renewing a consent", number, func(t *tx, in *storage.Interest) error {
		if in.Person != p {
			return storage.ErrForeign
		}
		in.RecontactAt, in.RenewalAt, in.ExpiresAt = at, time.Time{}, until
		return t.record(storage.Change{At: at, Action: storage.ChangeRenewed, Subject: storage.CandidateSubject(number)})
	})
}
