package boltdb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"candide/storage"
)

// tx is one transaction.
type tx struct {
	*bbolt.Tx
	calling bool // a caller's callback is running: its panic is its own, not the file's
}

// errUnchanged ends a writing transaction that found nothing to write: it is rolled back, which spares the disk,
// and the caller sees no error.
var errUnchanged = errors.New("nothing changed")

// errUnreadable is a record that is not what this program writes; it leaves the package as storage.ErrDamaged.
var errUnreadable = errors.New("unreadable record")

// bucket returns one of the buckets of keys.go. Open has checked that they are all there.
func (t *tx) bucket(name string) *bbolt.Bucket { return t.Bucket([]byte(name)) }

// get decodes the record with the given key. The result shares no memory with the transaction.
func get[T any](t *tx, bucket string, key []byte) (T, error) {
	var record T
	value := t.bucket(bucket).Get(key)
	if value == nil {
		return record, storage.ErrNotFound
	}
	return decode[T](bucket, value)
}

func decode[T any](bucket string, value []byte) (T, error) {
	var record T
	if err := json.Unmarshal(value, &record); err != nil {
		// The decoder's own words may quote the record, which may be personal: only its kind is said.
		return record, fmt.Errorf("%w in %q (%T)", errUnreadable, bucket, err)
	}
	return record, nil
}

// has reports whether the key is there.
func (t *tx) has(bucket string, key []byte) bool { return t.bucket(bucket).Get(key) != nil }

// put stores a record, replacing what has the same key.
func (t *tx) put(bucket string, key []byte, record any) error {
	value, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("encoding a record of %q: %w", bucket, err)
	}
	return t.bucket(bucket).Put(key, value)
}

// remove deletes keys; one that is not there is no error.
func (t *tx) remove(bucket string, keys ...[]byte) error {
	b := t.bucket(bucket)
	for _, key := range keys {
		if err := b.Delete(key); err != nil {
			return err
		}
	}
	return nil
}

// names returns what follows the part owner in the keys below it, in order, copied.
func names[S ~string](t *tx, bucket string, owner S) [][]byte {
	var found [][]byte
	prefix := part(owner)
	c := t.bucket(bucket).Cursor()
	for key, _ := c.Seek(prefix); bytes.HasPrefix(key, prefix); key, _ = c.Next() {
		found = append(found, bytes.Clone(key[len(prefix):]))
	}
	return found
}

// all decodes every record of a bucket in the order of its keys, and calls each with it. each must not write:
// a cursor does not survive that.
func all[T any](t *tx, bucket string, each func(key []byte, record T) error) error {
	return t.bucket(bucket).ForEach(func(key, value []byte) error {
		record, err := decode[T](bucket, value)
		if err != nil {
			return err
		}
		return each(key, record)
	})
}

// byCampaign returns the numbered records of one campaign, or of all when it is "", by number.
func byCampaign[T any](t *tx, bucket, index, campaign string) ([]T, error) {
	var records []T
	if campaign == "" {
		err := all(t, bucket, func(_ []byte, record T) error {
			records = append(records, record)
			return nil
		})
		return records, err
	}
	for _, number := range names(t, index, campaign) {
		record, err := get[T](t, bucket, number)
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}
