package boltdb

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"candide/storage"
)

// checkedAtOpen is the size in bytes up to which Open reads the whole file, so that damage is found at start
// rather than by the first person who needs the record. Larger files are checked by Check alone.
const checkedAtOpen = 64 << 20

// fileMode lets the owner alone read and write what is personal data.
const fileMode = 0o600

// Open opens the database at path, making it if it is not there, and brings it to this program's schema.
//
// It fails with storage.ErrLocked when another process has it, storage.ErrDamaged when it cannot be read, and
// storage.ErrNewer when a newer version of the program wrote it; in each case the file is left as it was.
func Open(path string, opts ...Option) (_ *Store, err error) {
	o := options{timeout: time.Second, migrations: migrations()}
	for _, opt := range opts {
		opt(&o)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("opening the database: %w", err)
		}
	}()

	db, file, err := openFile(path, o)
	if err != nil {
		return nil, err
	}
	s := &Store{opts: o, db: db, file: file}
	if err := s.prepare(path); err != nil {
		// After damage BoltDB's own locks may be held: Close knows.
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// openFile opens and locks one BoltDB file.
func openFile(path string, o options) (db *bbolt.DB, file *os.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = damaged(path, r)
			if file != nil {
				_ = abandon(file)
			}
		}
	}()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))

	db, err = bbolt.Open(path, fileMode, &bbolt.Options{
		Timeout:      o.timeout,
		NoSync:       o.noSync,
		FreelistType: bbolt.FreelistMapType, // the array slows down as the file grows
		NoStatistics: true,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			f, err := os.OpenFile(name, flag, mode)
			file = f
			return f, err
		},
	})
	var errno syscall.Errno
	switch {
	case err == nil:
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, nil, fmt.Errorf("%s: %w", path, storage.ErrLocked)
	case errors.As(err, &errno):
		return nil, nil, err // the system's: no such folder, no right, no memory
	default:
		return nil, nil, damaged(path, err)
	}

	// While this process waited for the lock, Compact in another one may have put a new file at path and let go
	// of the old one: what would be written to it now would be lost.
	opened, err := file.Stat()
	if err == nil {
		var there os.FileInfo
		if there, err = os.Stat(path); err == nil && !os.SameFile(opened, there) {
			err = fmt.Errorf("%s: %w: it was just replaced, try again", path, storage.ErrLocked)
		}
	}
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, file, nil
}

// prepare makes a file just opened ready for use.
func (s *Store) prepare(path string) error {
	var err error
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	if s.path, err = filepath.EvalSymlinks(path); err != nil {
		return err
	}
	if info, err := s.file.Stat(); err == nil && info.Mode().Perm() != fileMode {
		// A restored backup may come with the mode of its copy. Not every file system has modes, and a file that
		// belongs to another user cannot be tightened: neither is a reason not to start.
		_ = s.file.Chmod(fileMode)
	}
	if err := s.check(checkedAtOpen); err != nil {
		return err
	}
	if err := s.migrate(); err != nil {
		return err
	}
	// With the lock held nobody else is making these: they are what a crash left, and hold personal data.
	return removeLeftovers(s.path)
}

// check reads the file through, if it has at most limit bytes, and otherwise looks only at its frame. It calls
// nothing of BoltDB that would read in another goroutine, where a fault could not be caught.
func (s *Store) check(limit int64) error {
	err := s.guard(func() error {
		return s.db.View(func(btx *bbolt.Tx) error {
			info, err := s.file.Stat()
			if err != nil {
				return err
			}
			if btx.Size() > info.Size() {
				return damaged(s.path, fmt.Sprintf("%d bytes are missing at its end", btx.Size()-info.Size()))
			}
			return btx.ForEach(func(name []byte, b *bbolt.Bucket) error {
				if info.Size() > limit {
					return nil
				}
				return b.ForEach(func(_, value []byte) error {
					if !json.Valid(value) {
						return damaged(s.path, fmt.Sprintf("a record in %q cannot be read", name))
					}
					return nil
				})
			})
		})
	})
	return err
}

// guard runs fn, which uses s.db, and turns a panic into ErrDamaged.
func (s *Store) guard(fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = s.breakDown(r)
		}
	}()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	return fn()
}

// The names of the files made beside the database: base+suffix, and base+prefix+random+suffix.
const (
	compactSuffix = ".compact.tmp"
	spoolPrefix   = ".backup-"
	spoolSuffix   = ".tmp"
)

// removeLeftovers deletes what an interrupted Compact or Backup left beside the database.
func removeLeftovers(path string) error {
	dir, base := filepath.Split(path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		rest, ours := strings.CutPrefix(entry.Name(), base)
		spool := strings.HasPrefix(rest, spoolPrefix) && strings.HasSuffix(rest, spoolSuffix)
		if ours && (rest == compactSuffix || spool) {
			if err := os.Remove(filepath.Join(dir, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
