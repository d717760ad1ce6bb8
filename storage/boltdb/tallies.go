package boltdb

import (
	"bytes"
	"context"
	"errors"
	"time"

	"candide/storage"
)

// Count adds to tallies; those that do not exist yet begin at 0.
func (s *Store) Count(ctx context.Context, tallies []storage.Tally) error {
	return s.update(ctx, "counting", func(t *tx) error {
		if len(tallies) == 0 {
			return errUnchanged
		}
		for _, c := range tallies {
			if err := t.count(c); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) count(c storage.Tally) error {
	err := errors.Join(checkName("the tally's campaign", c.Campaign), checkName("the tally's day", c.Day),
		checkName("the tally's kind", string(c.Kind)), checkName("the tally's name", c.Name))
	if err != nil {
		return err
	}
	key := append(append(append(part(c.Campaign), part(c.Day)...), part(c.Kind)...), c.Name...)
	known, err := get[storage.Tally](t, bucketTallies, key)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	c.Count += known.Count
	return t.put(bucketTallies, key, c)
}

// CountOnce is Count for one tally, unless it was called with the same key within storage.KeepSeen: then it counts
// nothing, and counted is false. The key must not tell who did what.
func (s *Store) CountOnce(ctx context.Context, key string, c storage.Tally, at time.Time) (counted bool, err error) {
	err = s.update(ctx, "counting once", func(t *tx) error {
		if err := checkName("the key of what is counted", key); err != nil {
			return err
		}
		if t.has(bucketCounted, []byte(key)) {
			return errUnchanged
		}
		if err := t.put(bucketCounted, []byte(key), at); err != nil {
			return err
		}
		counted = true
		return t.count(c)
	})
	return counted && err == nil, err
}

// purgeCounted forgets what was counted before storage.KeepSeen ago.
func (t *tx) purgeCounted(now time.Time) (int, error) {
	var old [][]byte
	err := all(t, bucketCounted, func(key []byte, at time.Time) error {
		if at.Before(now.Add(-storage.KeepSeen)) {
			old = append(old, bytes.Clone(key))
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(old), t.remove(bucketCounted, old...)
}

// Tallies returns what was counted in a campaign from one day to another, both included, by day, kind and name.
func (s *Store) Tallies(ctx context.Context, campaign, from, to string) ([]storage.Tally, error) {
	var list []storage.Tally
	err := s.view(ctx, "reading the tallies", func(t *tx) error {
		all, err := below[storage.Tally](t, bucketTallies, part(campaign))
		if err != nil {
			return err
		}
		for _, c := range all {
			if from <= c.Day && c.Day <= to {
				list = append(list, c)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}
