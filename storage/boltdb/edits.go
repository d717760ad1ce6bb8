package boltdb

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"candide/storage"
)

// SaveEdit adds a version to an entry, and records the change. base is the version that it was made from, 0 for the FAQ's file: when that is
// no longer the latest one, somebody else was faster, and it fails with storage.ErrStale. The edit is returned with
// its version.
func (s *Store) SaveEdit(ctx context.Context, e storage.Edit, base int) (storage.Edit, error) {
	err := s.update(ctx, "saving an edit of the FAQ", func(t *tx) error {
		err := errors.Join(checkName("the edit's campaign", e.Campaign), checkName("the edit's entry", e.Entry))
		if err != nil {
			return err
		}
		owner := editOwner(e.Campaign, e.Entry)
		versions, err := below[storage.Edit](t, bucketEdits, owner)
		if err != nil {
			return err
		}
		if len(versions) != base {
			return storage.ErrStale
		}
		e.Version = base + 1
		if err := t.put(bucketEdits, append(owner, numberKey(e.Version)...), e); err != nil {
			return err
		}
		return t.record(storage.Change{At: e.At, By: e.By, Action: "faq." + string(e.Kind), Subject: storage.EntrySubject(e.Entry)})
	})
	if err != nil {
		return storage.Edit{}, err
	}
	return e, nil
}

// editOwner begins the keys of the versions of one entry.
func editOwner(campaign, entry string) []byte { return append(part(campaign), part(entry)...) }

// Edits returns the versions of one entry, the first one first.
func (s *Store) Edits(ctx context.Context, campaign, entry string) (list []storage.Edit, err error) {
	err = s.view(ctx, "reading the versions of an entry", func(t *tx) error {
		list, err = below[storage.Edit](t, bucketEdits, editOwner(campaign, entry))
		return err
	})
	return list, err
}

// LatestEdits returns the latest version of each entry of a campaign that was edited, in the order in which the entries
// were first edited.
func (s *Store) LatestEdits(ctx context.Context, campaign string) ([]storage.Edit, error) {
	var list []storage.Edit
	err := s.view(ctx, "reading the edits of the FAQ", func(t *tx) error {
		all, err := below[storage.Edit](t, bucketEdits, part(campaign))
		if err != nil {
			return err
		}
		first := map[string]time.Time{}
		for _, e := range all { // by entry, then by version
			if e.Version == 1 {
				first[e.Entry] = e.At
				list = append(list, e)
				continue
			}
			list[len(list)-1] = e
		}
		slices.SortStableFunc(list, func(a, b storage.Edit) int { return first[a.Entry].Compare(first[b.Entry]) })
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// below decodes the records whose keys begin with prefix, in the order of their keys.
func below[T any](t *tx, bucket string, prefix []byte) ([]T, error) {
	var list []T
	c := t.bucket(bucket).Cursor()
	for key, value := c.Seek(prefix); bytes.HasPrefix(key, prefix); key, value = c.Next() {
		record, err := decode[T](bucket, value)
		if err != nil {
			return nil, err
		}
		list = append(list, record)
	}
	return list, nil
}
