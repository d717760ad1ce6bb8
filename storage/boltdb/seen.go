package boltdb

import (
	"context"
	"time"

	"candide/storage"
)

// SeeMessage records that the message ref ("platform:message-id") was seen at the given time, and reports
// whether that was the first time: of several callers at once exactly one is told so. It is remembered for
// storage.KeepSeen.
func (s *Store) SeeMessage(ctx context.Context, ref string, at time.Time) (first bool, err error) {
	err = s.update(ctx, "noting a message as seen", func(t *tx) error {
		if err := checkName("the message's reference", ref); err != nil {
			return err
		}
		if t.has(bucketSeen, []byte(ref)) {
			return errUnchanged
		}
		first = true
		return t.put(bucketSeen, []byte(ref), at)
	})
	return first && err == nil, err
}

// purgeSeen forgets messages seen before storage.KeepSeen ago.
func (t *tx) purgeSeen(now time.Time) (int, error) {
	var old [][]byte
	err := all(t, bucketSeen, func(key []byte, at time.Time) error {
		if at.Before(now.Add(-storage.KeepSeen)) {
			old = append(old, append([]byte(nil), key...))
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(old), t.remove(bucketSeen, old...)
}
