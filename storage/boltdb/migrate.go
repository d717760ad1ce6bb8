package boltdb

import (
	"encoding/json"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"candide/storage"
)

// A migration brings a file from the version before it to its own. It must not use the record types of package
// storage or the names of keys.go where these may change later: it describes the file as it was.
type migration func(*bbolt.Tx) error

// migrations returns the history of the schema: the first makes version 1 out of an empty file, the second
// version 2 out of version 1, and so on. A migration that was released is never edited: a new one is added, and
// testdata gets a file of the version before it.
func migrations() []migration {
	return []migration{version1, version2, version3, version4, version5, version6, version7}
}

// version1 makes the buckets.
func version1(btx *bbolt.Tx) error {
	for _, name := range []string{
		"meta", "seen", "offers", "offer_groups", "offer_people", "forms", "form_people", "form_typed",
		"interests", "interest_people", "interest_campaigns", "juries", "jury_campaigns",
		"reminders", "reminder_subjects", "reminder_due", "reminder_sending",
		"conversations", "lines", "line_ids", "bot", "secrets",
	} {
		if _, err := btx.CreateBucket([]byte(name)); err != nil {
			return fmt.Errorf("making bucket %q: %w", name, err)
		}
	}
	return nil
}

// version2 makes the buckets of FAQ edits, tallies and the inbox.
func version2(btx *bbolt.Tx) error {
	for _, name := range []string{
		"faq_edits", "tallies", "inbox", "inbox_campaigns", "inbox_stale", "inbox_questions", "inbox_people",
	} {
		if _, err := btx.CreateBucket([]byte(name)); err != nil {
			return fmt.Errorf("making bucket %q: %w", name, err)
		}
	}
	return nil
}

// version3 makes the buckets of the log of changes.
func version3(btx *bbolt.Tx) error {
	for _, name := range []string{"changes", "change_subjects"} {
		if _, err := btx.CreateBucket([]byte(name)); err != nil {
			return fmt.Errorf("making bucket %q: %w", name, err)
		}
	}
	return nil
}

// version5 makes the buckets of the bot's posts that show somebody's data.
func version5(btx *bbolt.Tx) error {
	for _, name := range []string{"posts", "doomed"} {
		if _, err := btx.CreateBucket([]byte(name)); err != nil {
			return fmt.Errorf("making bucket %q: %w", name, err)
		}
	}
	return nil
}

// version7 makes the bucket of what is counted once.
func version7(btx *bbolt.Tx) error {
	if _, err := btx.CreateBucket([]byte("counted")); err != nil {
		return fmt.Errorf("making bucket %q: %w", "counted", err)
	}
	return nil
}

// migrate applies the migrations that the file lacks, all in one transaction: an interrupted one leaves the file
// at its old version.
func (s *Store) migrate() error {
	err := s.guard(func() error {
		return s.db.Update(func(btx *bbolt.Tx) error {
			version, err := s.version(btx)
			if err != nil {
				return err
			}
			latest := len(s.opts.migrations)
			switch {
			case version == latest:
				return errUnchanged
			case version > latest:
				return fmt.Errorf("%s: %w (schema %d, this one knows %d): install that version again",
					s.path, storage.ErrNewer, version, latest)
			}
			for ; version < latest; version++ {
				if err := s.opts.migrations[version](btx); err != nil {
					return fmt.Errorf("bringing %s to schema %d: %w", s.path, version+1, err)
				}
			}
			value, err := json.Marshal(latest)
			if err != nil {
				return err
			}
			return btx.Bucket([]byte(bucketMeta)).Put([]byte(keyVersion), value)
		})
	})
	if errors.Is(err, errUnchanged) {
		return nil
	}
	return err
}

// version returns the schema version of the file, 0 when it is empty.
func (s *Store) version(btx *bbolt.Tx) (int, error) {
	meta := btx.Bucket([]byte(bucketMeta))
	if meta == nil {
		if first, _ := btx.Cursor().First(); first != nil {
			return 0, damaged(s.path, "it is a BoltDB file, but not Candide's")
		}
		return 0, nil
	}
	var version int
	if err := json.Unmarshal(meta.Get([]byte(keyVersion)), &version); err != nil || version < 1 {
		return 0, damaged(s.path, "its schema version cannot be read")
	}
	return version, nil
}
