package boltdb

import (
	"context"
	"errors"
	"time"

	"candide/storage"
)

// RecordChange adds a line to the log of changes and gives it its number. Changes of candidates are recorded by the
// methods that make them, in the same transaction.
func (s *Store) RecordChange(ctx context.Context, c storage.Change) error {
	return s.update(ctx, "recording a change", func(t *tx) error { return t.record(c) })
}

func (t *tx) record(c storage.Change) error {
	if err := errors.Join(checkName("the change's action", c.Action), checkName("the change's subject", c.Subject)); err != nil {
		return err
	}
	if c.At.IsZero() {
		return errors.New("the change has no time")
	}
	number, err := t.bucket(bucketChanges).NextSequence()
	if err != nil {
		return err
	}
	c.Number = int(number)
	if err := t.put(bucketChangeSubjects, under(c.Subject, numberKey(number)), yes); err != nil {
		return err
	}
	return t.put(bucketChanges, numberKey(number), c)
}

// Changes returns the latest changes of a subject ("candidate/3"), or of all when it is "", newest first, at most
// limit of them; 0: all.
func (s *Store) Changes(ctx context.Context, subject string, limit int) (list []storage.Change, err error) {
	err = s.view(ctx, "reading the log of changes", func(t *tx) error {
		if subject == "" {
			c := t.bucket(bucketChanges).Cursor()
			for key, value := c.Last(); key != nil && (limit == 0 || len(list) < limit); key, value = c.Prev() {
				change, err := decode[storage.Change](bucketChanges, value)
				if err != nil {
					return err
				}
				list = append(list, change)
			}
			return nil
		}
		numbers := names(t, bucketChangeSubjects, subject)
		for i := len(numbers) - 1; i >= 0 && (limit == 0 || len(list) < limit); i-- {
			change, err := get[storage.Change](t, bucketChanges, numbers[i])
			if err != nil {
				return err
			}
			list = append(list, change)
		}
		return nil
	})
	return list, err
}

// purgeChanges forgets changes older than storage.KeepChanges.
func (t *tx) purgeChanges(now time.Time) (int, error) {
	return purge(t, bucketChanges, func(c storage.Change) bool { return over(c.At.Add(storage.KeepChanges), now) },
		func(c storage.Change) error {
			number := numberKey(c.Number)
			return errors.Join(t.remove(bucketChanges, number), t.remove(bucketChangeSubjects, under(c.Subject, number)))
		})
}
