// Package boltdb is Candide's store in one BoltDB file: interests, juries and their reminders, what buttons and
// forms mean, the web page's conversations.
//
// Each method is one use case and one transaction: after a crash it has either happened or not. The schema of the
// file is in keys.go and its history in migrate.go. Nothing here may know a platform, a handler or a clock (the
// time always comes from the caller), nothing here logs, and nothing is called while a transaction is open but
// the pure functions that make a jury's reminders.
//
// A damaged file makes BoltDB panic, and a truncated one faults: both come out as storage.ErrDamaged.
package boltdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"candide/storage"
)

// Store is an open database file. Its methods may be called by any number of goroutines; those that write wait
// for each other. A method whose context is over when it is called does nothing and returns the context's error.
type Store struct {
	path string // absolute, symbolic links resolved: Compact replaces the file itself
	opts options

	// mu is held for reading during every use of db, and for writing while Compact or Close replaces it.
	mu     sync.RWMutex
	db     *bbolt.DB // nil once closed
	file   *os.File  // db's own: letting go of it is all that is left to do after damage
	broken atomic.Pointer[error]
}

// Option changes how Open works.
type Option func(*options)

type options struct {
	timeout    time.Duration
	migrations []migration
	noSync     bool
}

// LockTimeout sets how long Open waits for another process to let go of the file; one second unless told. It
// must be above zero, which BoltDB would take for "for ever".
func LockTimeout(d time.Duration) Option {
	return func(o *options) { o.timeout = max(d, time.Millisecond) }
}

// WithoutSync does not wait for the disk: what was written last is lost when the machine stops, not when the process
// does. For tests.
func WithoutSync() Option { return func(o *options) { o.noSync = true } }

var errClosed = errors.New("the database is closed")

// Close waits for the methods that are running and lets go of the file. A second call does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		return nil
	}
	db := s.db
	s.db = nil
	if s.broken.Load() != nil {
		// A transaction that panicked may have kept BoltDB's own locks, for which db.Close would wait for ever.
		return abandon(s.file)
	}
	if err := db.Close(); err != nil {
		return fmt.Errorf("closing the database: %w", err)
	}
	return nil
}

// view runs fn in a reading transaction. doing begins the error: "reading an interest".
func (s *Store) view(ctx context.Context, doing string, fn func(*tx) error) error {
	return s.do(ctx, doing, func(t *tx) error {
		return s.db.View(func(btx *bbolt.Tx) error {
			t.Tx = btx
			return fn(t)
		})
	})
}

// update runs fn in a writing transaction, which is rolled back if fn fails.
func (s *Store) update(ctx context.Context, doing string, fn func(*tx) error) error {
	return s.do(ctx, doing, func(t *tx) error {
		err := s.db.Update(func(btx *bbolt.Tx) error {
			t.Tx = btx
			return fn(t)
		})
		if errors.Is(err, errUnchanged) {
			return nil
		}
		return err
	})
}

// do runs one transaction and turns what BoltDB does on damage into an error.
func (s *Store) do(ctx context.Context, doing string, run func(*tx) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s: %w", doing, err)
		}
	}()
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(); err != nil {
		return err
	}

	t := &tx{}
	defer func() {
		if r := recover(); r != nil {
			if t.calling {
				panic(r)
			}
			err = s.breakDown(r)
		}
		if errors.Is(err, errUnreadable) {
			err = damaged(s.path, err)
		}
	}()
	// A page beyond the end of a truncated file is a memory fault, which would otherwise end the process.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	return run(t)
}

// usable reports why s.db cannot be used, if so. mu is held.
func (s *Store) usable() error {
	if s.db == nil {
		return errClosed
	}
	if broken := s.broken.Load(); broken != nil {
		return *broken
	}
	return nil
}

// breakDown makes every later use of the store fail: what panicked may have left BoltDB's locks held.
func (s *Store) breakDown(cause any) error {
	err := damaged(s.path, cause)
	s.broken.Store(&err)
	return err
}

// damaged is the error for a file that cannot be read, with what to do about it.
func damaged(path string, cause any) error {
	return fmt.Errorf("%s: %w (%v): stop the program, move the file aside and put a backup in its place",
		path, storage.ErrDamaged, cause)
}
