package boltdb

import (
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"candide/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// unsafe spares the tests that do not test crashes the wait for the disk.
func unsafe(o *options) { o.noSync = true }

// openTest opens the store at path until the test ends.
func openTest(t testing.TB, path string, opts ...Option) *Store {
	t.Helper()
	s, err := Open(path, append([]Option{unsafe}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func testPath(t testing.TB) string { return filepath.Join(t.TempDir(), "candide.db") }

func TestStore(t *testing.T) {
	storagetest.Run(t,
		func(t *testing.T) storagetest.Store { return openTest(t, testPath(t)) },
		func(t *testing.T, s storagetest.Store) storagetest.Store {
			if err := s.(*Store).Close(); err != nil {
				t.Fatal(err)
			}
			return openTest(t, s.(*Store).path)
		})
}
