package boltdb

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"candide/storage"
)

var noon = time.Date(2026, time.November, 2, 12, 0, 0, 0, time.UTC)

// openError opens a store that must not open, and returns why.
func openError(t *testing.T, path string, opts ...Option) error {
	t.Helper()
	s, err := Open(path, opts...)
	if err == nil {
		s.Close()
		t.Fatalf("%s was opened", path)
	}
	if !strings.Contains(err.Error(), path) {
		t.Errorf("the error does not say which file: %v", err)
	}
	return err
}

func TestOpenLocked(t *testing.T) {
	path := testPath(t)
	s := openTest(t, path)
	if err := openError(t, path, LockTimeout(0)); !errors.Is(err, storage.ErrLocked) {
		t.Errorf("a second opening: %v", err)
	}
	// Compacting keeps the lock, though the file is another one.
	if err := s.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := openError(t, path, LockTimeout(0)); !errors.Is(err, storage.ErrLocked) {
		t.Errorf("a second opening after compaction: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	openTest(t, path)
}

// A process that waits for the lock while another one compacts gets the old file's lock in the end: it must not
// go on with that file, which is in no folder any more.
func TestOpenReplaced(t *testing.T) {
	path := testPath(t)
	openTest(t, path).Close()
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, fileMode, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	waiting := make(chan error)
	go func() {
		s, err := Open(path, LockTimeout(time.Minute))
		if err == nil {
			err = s.Close()
		}
		waiting <- err
	}()
	// The waiting one holds the old file open once this process has it open twice.
	waitFor(t, func() bool { return openCount(t, path) >= 2 })
	if err := os.WriteFile(path+".new", old, fileMode); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-waiting; !errors.Is(err, storage.ErrLocked) {
		t.Errorf("opening a file that was replaced meanwhile: %v", err)
	}
}

// openCount says how many times this process has the file at path open; it skips the test where it cannot tell.
func openCount(t *testing.T, path string) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc here")
	}
	n := 0
	for _, entry := range entries {
		if target, err := os.Readlink("/proc/self/fd/" + entry.Name()); err == nil && target == path {
			n++
		}
	}
	return n
}

// waitFor waits for a condition.
func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("waited too long")
		}
	}
}

func TestOpenForeign(t *testing.T) {
	path := testPath(t)
	db, err := bbolt.Open(path, fileMode, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("theirs")); return err }); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := openError(t, path); !errors.Is(err, storage.ErrDamaged) || !strings.Contains(err.Error(), "not Candide's") {
		t.Errorf("opening another program's file: %v", err)
	}
}

func TestOpenNowhere(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "no such folder", "candide.db")} {
		err := openError(t, path)
		for _, not := range []error{storage.ErrDamaged, storage.ErrLocked, storage.ErrNewer} {
			if errors.Is(err, not) {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}

func TestFileMode(t *testing.T) {
	path := testPath(t)
	mode := func() os.FileMode {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	s := openTest(t, path)
	if mode() != 0o600 {
		t.Errorf("a new file has mode %v", mode())
	}
	if err := s.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if mode() != 0o600 {
		t.Errorf("a compacted file has mode %v", mode())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	openTest(t, path)
	if mode() != 0o600 {
		t.Errorf("a restored file has mode %v", mode())
	}
}

func TestClosed(t *testing.T) {
	s := openTest(t, testPath(t))
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Interest(t.Context(), 1); !errors.Is(err, errClosed) {
		t.Errorf("reading: %v", err)
	}
	if err := s.Compact(t.Context()); !errors.Is(err, errClosed) {
		t.Errorf("compacting: %v", err)
	}
	if err := s.Backup(t.Context(), &bytes.Buffer{}); !errors.Is(err, errClosed) {
		t.Errorf("backing up: %v", err)
	}
}

// A bug in a caller's function is the caller's to see: it is no damage, and the store goes on.
func TestCallbackPanic(t *testing.T) {
	s := openTest(t, testPath(t))
	func() {
		defer func() {
			if r := recover(); r != "bug" {
				t.Errorf("recovered %v", r)
			}
		}()
		_, err := s.PlanJury(t.Context(), storage.Jury{Campaign: "c"}, func(int) []storage.Reminder { panic("bug") })
		t.Errorf("PlanJury returned %v", err)
	}()
	juries, err := s.Juries(t.Context(), "")
	if err != nil || len(juries) != 0 {
		t.Errorf("afterwards: %v, %v", juries, err)
	}
	if _, err := s.PlanJury(t.Context(), storage.Jury{Campaign: "c"}, nil); err != nil {
		t.Error(err)
	}
}
