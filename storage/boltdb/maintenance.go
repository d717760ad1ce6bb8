package boltdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"candide/storage"
)

// Purge deletes everything whose time is over at now: interests, forms, offers, conversations and questions
// in the inbox past their expiry, messages seen more than storage.KeepSeen ago and changes made more than
// storage.KeepChanges ago. What was deleted stays readable in the file's free
// pages until Compact.
func (s *Store) Purge(ctx context.Context, now time.Time) (purged storage.Purged, err error) {
	err = s.update(ctx, "purging what is over", func(t *tx) error {
		for _, kind := range []struct {
			count *int
			purge func(time.Time) (int, error)
		}{
			{&purged.Interests, t.purgeInterests},
			{&purged.Forms, t.purgeForms},
			{&purged.Offers, t.purgeOffers},
			{&purged.Conversations, t.purgeConversations},
			{&purged.Seen, t.purgeSeen},
			{&purged.Questions, t.purgeQuestions},
			{&purged.Counted, t.purgeCounted},
			{&purged.Changes, t.purgeChanges},
			{&purged.Posts, t.purgePosts},
		} {
			if *kind.count, err = kind.purge(now); err != nil {
				return err
			}
		}
		if purged == (storage.Purged{}) {
			return errUnchanged
		}
		if purged.Interests+purged.Forms+purged.Conversations+purged.Questions+purged.Posts == 0 {
			return nil
		}
		return t.put(bucketBot, []byte(keyErased), yes)
	})
	if err != nil {
		return storage.Purged{}, err
	}
	return purged, nil
}

// compactBatch is how many bytes a compaction writes in one transaction, which it holds in memory.
const compactBatch = 4 << 20

// Backup writes a consistent copy of the database, which is itself a database, to w. The copy is first made in a
// file beside the database (removed afterwards), because w may be slow and a transaction open for long makes the
// database grow. It is a compacted copy: what was erased before is not in it, which a copy page by page
// (bbolt.Tx.WriteTo) would carry along in free pages.
func (s *Store) Backup(ctx context.Context, w io.Writer) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("making a backup: %w", err)
		}
	}()
	if err := ctx.Err(); err != nil {
		return err
	}
	spool, err := os.CreateTemp(filepath.Dir(s.path), filepath.Base(s.path)+spoolPrefix+"*"+spoolSuffix)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, spool.Close(), os.Remove(spool.Name())) }()
	if err := s.spool(spool.Name()); err != nil {
		return err
	}
	_, err = io.Copy(w, spool)
	return err
}

// spool makes a compacted copy of the database in the empty file at path.
func (s *Store) spool(path string) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(); err != nil {
		return err
	}
	// The copy need not survive a crash: the next Open removes it.
	o := options{timeout: s.opts.timeout, noSync: true}
	copied, _, err := openFile(path, o)
	if err != nil {
		return err
	}
	return errors.Join(s.copyTo(copied), copied.Close())
}

// copyTo copies every record to an empty database.
//
// It is not bbolt.Compact, whose last transaction is written when its view of the source is closed: it holds slices of
// the source's pages, which whoever writes at the same time may have given other content by then (bbolt v1.5.0).
func (s *Store) copyTo(dst *bbolt.DB) error {
	return s.guard(func() error {
		return s.db.View(func(src *bbolt.Tx) error {
			to, err := dst.Begin(true)
			if err != nil {
				return err
			}
			defer func() { _ = to.Rollback() }() // does nothing once committed
			size := 0
			err = src.ForEach(func(name []byte, from *bbolt.Bucket) error {
				bucket, err := to.CreateBucket(name)
				if err != nil {
					return err
				}
				if err := bucket.SetSequence(from.Sequence()); err != nil {
					return err
				}
				return from.ForEach(func(key, value []byte) error {
					if size += len(key) + len(value); size > compactBatch {
						if err := to.Commit(); err != nil {
							return err
						}
						next, err := dst.Begin(true)
						if err != nil {
							return err
						}
						to = next
						bucket, size = to.Bucket(name), len(key)+len(value)
					}
					bucket.FillPercent = 1 // keys come in order, and the copy is hardly written to
					return bucket.Put(key, value)
				})
			})
			if err != nil {
				return err
			}
			return to.Commit()
		})
	})
}

// Compact rewrites the file so that it holds the records and nothing else: what was deleted leaves it, and the
// file shrinks. The other methods wait meanwhile. A crash leaves the old file or the new one, whole. The space of
// the old file on the disk is given back to the file system, not overwritten.
func (s *Store) Compact(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("compacting the database: %w", err)
		}
	}()
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	path := s.path + compactSuffix
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	// The new file is opened, and so locked, before it takes the old one's place, and stays open from then on:
	// at no moment can another process take the database.
	db, file, err := openFile(path, s.opts)
	if err != nil {
		return err
	}
	if err = s.copyTo(db); err == nil {
		err = db.Update(func(btx *bbolt.Tx) error { return btx.Bucket([]byte(bucketBot)).Delete([]byte(keyErased)) })
	}
	if err == nil {
		err = os.Rename(path, s.path)
	}
	if err != nil {
		return errors.Join(err, db.Close(), os.Remove(path))
	}
	old := s.db
	s.db, s.file = db, file
	return errors.Join(syncDir(filepath.Dir(s.path)), old.Close())
}

// syncDir makes a rename in a folder survive a loss of power.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Size returns the size of the file in bytes.
func (s *Store) Size(ctx context.Context) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("measuring the database: %w", err)
	}
	info, err := os.Stat(s.path)
	if err != nil {
		return 0, fmt.Errorf("measuring the database: %w", err)
	}
	return info.Size(), nil
}

// Check reads the whole file and fails with storage.ErrDamaged if any of it cannot be read. Open does as much for
// files of ordinary size.
func (s *Store) Check(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("checking the database: %w", err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	err := s.usable()
	if err == nil {
		err = s.check(1<<63 - 1)
	}
	if err != nil {
		return fmt.Errorf("checking the database: %w", err)
	}
	return nil
}
