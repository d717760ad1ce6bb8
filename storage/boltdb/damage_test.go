package boltdb

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"candide/storage"
)

// fill makes a file with records of some size at path and returns its bytes.
func fill(t *testing.T, path string) []byte {
	t.Helper()
	s := openTest(t, path)
	for i := range 200 {
		in := storage.Interest{Campaign: "c", UpdatedAt: noon, Person: storage.PersonRef(fmt.Sprint("web:", i)), Message: strings.Repeat("bonjour ", 40)}
		if _, _, err := s.SaveInterest(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestOpenDamaged(t *testing.T) {
	healthy := fill(t, testPath(t))
	page := os.Getpagesize()
	overwrite := func(offset, size int, with byte) func([]byte) []byte {
		return func(b []byte) []byte {
			copy(b[offset:], bytes.Repeat([]byte{with}, min(size, len(b)-offset)))
			return b
		}
	}
	damages := map[string]func([]byte) []byte{
		"text":                 func([]byte) []byte { return []byte(strings.Repeat("Ceci n'est pas une base.\n", 1000)) },
		"one byte":             func(b []byte) []byte { return b[:1] },
		"half a page":          func(b []byte) []byte { return b[:page/2] },
		"one page":             func(b []byte) []byte { return b[:page] },
		"two pages":            func(b []byte) []byte { return b[:2*page] },
		"three pages":          func(b []byte) []byte { return b[:3*page] },
		"half":                 func(b []byte) []byte { return b[:len(b)/2] },
		"both magic numbers":   func(b []byte) []byte { return overwrite(page+16, 4, 0)(overwrite(16, 4, 0)(b)) },
		"both metas":           overwrite(0, 2*page, 0xff),
		"all but the metas, 0": overwrite(2*page, len(healthy), 0),
		"all but the metas, x": overwrite(2*page, len(healthy), 'x'),
		"all but the metas, ÿ": overwrite(2*page, len(healthy), 0xff),
		"a record": func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte(`{"number":150,`), []byte(`{"number":15`+"\x00\x00"))
		},
	}
	// Every page between, one after another: what is free is nobody's loss, the rest must be found.
	lost := 0
	for n := 2; n < len(healthy)/page; n++ {
		for _, with := range []byte{0, 0xff} {
			name := fmt.Sprintf("page %d with %#x", n, with)
			path := testPath(t)
			if err := os.WriteFile(path, overwrite(n*page, page, with)(bytes.Clone(healthy)), fileMode); err != nil {
				t.Fatal(err)
			}
			s, err := Open(path, unsafe, LockTimeout(time.Millisecond))
			if err == nil {
				list, listErr := s.Interests(t.Context(), "")
				if listErr != nil || len(list) != 200 {
					t.Errorf("%s: opened, but %d interests, %v", name, len(list), listErr)
				}
				err = s.Close()
			} else {
				lost++
				if !errors.Is(err, storage.ErrDamaged) {
					t.Errorf("%s: %v", name, err)
				}
				err = nil
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if lost < 20 {
		t.Errorf("only %d damaged pages were found", lost)
	}

	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			path := testPath(t)
			data := damage(bytes.Clone(healthy))
			if err := os.WriteFile(path, data, fileMode); err != nil {
				t.Fatal(err)
			}
			err := openError(t, path)
			if !errors.Is(err, storage.ErrDamaged) {
				t.Fatalf("opening: %v", err)
			}
			if !strings.Contains(err.Error(), "backup") {
				t.Errorf("the error does not say what to do: %v", err)
			}
			after, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(after, data) {
				t.Errorf("the damaged file was changed (%v)", err)
			}
			// The lock was let go: a backup put in its place opens.
			if err := os.WriteFile(path, healthy, fileMode); err != nil {
				t.Fatal(err)
			}
			if s, err := Open(path, LockTimeout(time.Millisecond)); err != nil {
				t.Errorf("after the backup was put back: %v", err)
			} else {
				s.Close()
			}
		})
	}
}

// A file damaged while it is in use must not take the process with it, nor hang anybody.
func TestDamagedWhileOpen(t *testing.T) {
	path := testPath(t)
	healthy := fill(t, path)
	s := openTest(t, path)
	if err := os.Truncate(path, int64(2*os.Getpagesize())); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := s.Interests(t.Context(), ""); !errors.Is(err, storage.ErrDamaged) {
			t.Errorf("reading: %v", err)
		}
		if _, err := s.SetStage(t.Context(), 1, storage.StageJury, "web:r", noon); !errors.Is(err, storage.ErrDamaged) {
			t.Errorf("writing: %v", err)
		}
		if err := s.Compact(t.Context()); !errors.Is(err, storage.ErrDamaged) {
			t.Errorf("compacting: %v", err)
		}
		if err := s.Backup(t.Context(), &bytes.Buffer{}); !errors.Is(err, storage.ErrDamaged) {
			t.Errorf("backing up: %v", err)
		}
		if err := s.Check(t.Context()); !errors.Is(err, storage.ErrDamaged) {
			t.Errorf("checking: %v", err)
		}
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
	if err := os.WriteFile(path, healthy, fileMode); err != nil {
		t.Fatal(err)
	}
	openTest(t, path, LockTimeout(time.Millisecond))
}

// The first to notice may be a writer, which holds BoltDB's lock when it panics.
func TestDamagedWhileWriting(t *testing.T) {
	path := testPath(t)
	fill(t, path)
	s := openTest(t, path)
	if err := os.Truncate(path, int64(2*os.Getpagesize())); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := s.SetStage(t.Context(), 1, storage.StageJury, "web:r", noon); !errors.Is(err, storage.ErrDamaged) {
			t.Errorf("writing: %v", err)
		}
	}
}
