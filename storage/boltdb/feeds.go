package boltdb

import (
	"context"
	"errors"

	"candide/storage"
)

// SaveFeed keeps the secret of a person's calendar address, in place of any before, which is worth nothing from then
// on.
func (s *Store) SaveFeed(ctx context.Context, p storage.PersonRef, secret string) error {
	return s.update(ctx, "keeping a calendar's address", func(t *tx) error {
		if err := errors.Join(checkName("the person", string(p)), checkName("the calendar's secret", secret)); err != nil {
			return err
		}
		if _, err := t.eraseFeed(p); err != nil {
			return err
		}
		if err := t.put(bucketFeedSecrets, []byte(secret), p); err != nil {
			return err
		}
		return t.put(bucketFeeds, []byte(p), secret)
	})
}

// Feed returns the secret of a person's calendar address, or storage.ErrNotFound.
func (s *Store) Feed(ctx context.Context, p storage.PersonRef) (secret string, err error) {
	err = s.view(ctx, "looking for a calendar's address", func(t *tx) error {
		secret, err = get[string](t, bucketFeeds, []byte(p))
		return err
	})
	return secret, err
}

// FeedOwner returns whose calendar a secret opens, or storage.ErrNotFound.
func (s *Store) FeedOwner(ctx context.Context, secret string) (p storage.PersonRef, err error) {
	err = s.view(ctx, "looking for a calendar", func(t *tx) error {
		p, err = get[storage.PersonRef](t, bucketFeedSecrets, []byte(secret))
		return err
	})
	return p, err
}

// RemoveFeed takes a person's calendar address back. One who has none is no error.
func (s *Store) RemoveFeed(ctx context.Context, p storage.PersonRef) error {
	return s.update(ctx, "taking a calendar's address back", func(t *tx) error {
		had, err := t.eraseFeed(p)
		if err == nil && !had {
			return errUnchanged
		}
		return err
	})
}

func (t *tx) eraseFeed(p storage.PersonRef) (had bool, err error) {
	secret, err := get[string](t, bucketFeeds, []byte(p))
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, errors.Join(t.remove(bucketFeedSecrets, []byte(secret)), t.remove(bucketFeeds, []byte(p)))
}
