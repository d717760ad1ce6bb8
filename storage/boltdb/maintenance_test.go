package boltdb

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"candide/storage"
)

// Every word below is one that an erased person would find again in the file.
const secretName = "Wilhelmine Thunder-Ten-Tronckh"

// remember stores the person in every way there is.
func remember(t *testing.T, s *Store, p storage.PersonRef) {
	t.Helper()
	ctx := t.Context()
	in := sampleInterest()
	in.Person, in.Name, in.Message = p, secretName, strings.Repeat(secretName+" ", 300) // over one page
	form := sampleForm()
	form.Person, form.Answers, form.Step = p, map[string]string{"name": secretName}, []byte(secretName)
	offer := sampleOffer()
	offer.For, offer.Data = p, map[string]string{"name": secretName}
	_, _, err := s.SaveInterest(ctx, in)
	for _, err := range []error{
		err,
		s.SaveForm(ctx, form),
		s.SaveOffers(ctx, []storage.Offer{offer}),
		s.AppendLines(ctx, p, []storage.Line{{ID: "l1", At: noon, Body: []byte(secretName)}}, noon.AddDate(0, 1, 0)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// traces says how often the person is found in the raw bytes.
func traces(data []byte, p storage.PersonRef) int {
	return bytes.Count(data, []byte(secretName)) + bytes.Count(data, []byte(p)) +
		bytes.Count(data, []byte(base64.StdEncoding.EncodeToString([]byte(secretName))))
}

func TestErasedBytesLeaveTheFile(t *testing.T) {
	const person = storage.PersonRef("web:cunegonde-8f3a")
	path := testPath(t)
	s := openTest(t, path)
	ctx := t.Context()
	sample(t, s)
	remember(t, s, person)
	raw := func() []byte {
		t.Helper()
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	if n := traces(raw(), person); n < 300 {
		t.Fatalf("the person is found only %d times: this test sees nothing", n)
	}
	if _, err := s.ErasePerson(ctx, person, noon); err != nil {
		t.Fatal(err)
	}
	if traces(raw(), person) == 0 {
		t.Log("nothing was left even before compaction")
	}
	// A backup made before compaction does not carry the free pages along.
	var backup bytes.Buffer
	if err := s.Backup(ctx, &backup); err != nil {
		t.Fatal(err)
	}
	if n := traces(backup.Bytes(), person); n != 0 {
		t.Errorf("the erased person is found %d times in the backup", n)
	}
	if err := s.Compact(ctx); err != nil {
		t.Fatal(err)
	}
	if n := traces(raw(), person); n != 0 {
		t.Errorf("the erased person is found %d times in the file", n)
	}
	if _, err := s.InterestOf(ctx, "c1", "web:a"); err != nil {
		t.Errorf("the other person's interest: %v", err)
	}
	noLeftovers(t, path)
}

// noLeftovers fails unless the database is alone in its folder.
func noLeftovers(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.Name() != filepath.Base(path) {
			t.Errorf("%s was left behind", entry.Name())
		}
	}
}

func TestCompactShrinks(t *testing.T) {
	path := testPath(t)
	s := openTest(t, path)
	ctx := t.Context()
	var lines []storage.Line
	for i := range storage.KeepLines {
		lines = append(lines, storage.Line{ID: string(rune('A' + i)), At: noon, Body: bytes.Repeat([]byte("x"), 2000)})
	}
	if err := s.AppendLines(ctx, "web:a", lines, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Purge(ctx, noon); err != nil {
		t.Fatal(err)
	}
	before, err := s.Size(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Compact(ctx); err != nil {
		t.Fatal(err)
	}
	after, err := s.Size(ctx)
	if err != nil || before < 1<<20 || after > 256<<10 {
		t.Errorf("from %d to %d bytes (%v)", before, after, err)
	}
	if err := s.Check(ctx); err != nil {
		t.Error(err)
	}
	// What is written next is written to the new file.
	sample(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, path)
	if _, err := s.InterestOf(ctx, "c1", "web:a"); err != nil {
		t.Error(err)
	}
}

// The database may be reached through a symbolic link, which must go on pointing to it.
func TestCompactThroughLink(t *testing.T) {
	path, link := testPath(t), testPath(t)
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	s := openTest(t, link)
	sample(t, s)
	if err := s.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is no link any more (%v)", err)
	}
	noLeftovers(t, path)
}

// slowWriter is a receiver that takes nothing until it is told to.
type slowWriter struct {
	taken       bytes.Buffer // not embedded: its ReadFrom would go round Write
	begun, goOn chan struct{}
}

func (w *slowWriter) Write(p []byte) (int, error) {
	select {
	case w.begun <- struct{}{}:
	default:
	}
	<-w.goOn
	return w.taken.Write(p)
}

func TestBackup(t *testing.T) {
	path := testPath(t)
	s := openTest(t, path)
	sample(t, s)
	ctx := t.Context()
	w := &slowWriter{begun: make(chan struct{}, 1), goOn: make(chan struct{})}
	done := make(chan error, 1)
	go func() { done <- s.Backup(ctx, w) }()
	select {
	case <-w.begun:
	case err := <-done:
		t.Fatalf("the backup ended before it was taken: %v", err)
	}
	// While the receiver dawdles, nobody waits: not even compaction, which needs the file for itself.
	if _, err := s.SetStage(ctx, 1, storage.StageJury, "web:r", noon); err != nil {
		t.Fatal(err)
	}
	if err := s.Compact(ctx); err != nil {
		t.Fatal(err)
	}
	close(w.goOn)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	noLeftovers(t, path)

	// The backup is the database as it was.
	restored := testPath(t)
	if err := os.WriteFile(restored, w.taken.Bytes(), fileMode); err != nil {
		t.Fatal(err)
	}
	in, err := openTest(t, restored).Interest(ctx, 1)
	if err != nil || in.Stage != storage.StageNew {
		t.Errorf("in the backup: %v, stage %s", err, in.Stage)
	}
}

// What a crash left beside the database holds personal data, and goes at the next start; the operator's own files
// stay.
// A backup taken while others write is whole: every record reads, and what stood before is in it.
func TestBackupWhileOthersWrite(t *testing.T) {
	s := openTest(t, testPath(t))
	ctx := t.Context()
	sample(t, s)
	want, err := s.Interest(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 2 {
		writers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				p := storage.PersonRef(fmt.Sprintf("web:%d-%d", w, i%50))
				lines := []storage.Line{{ID: "l", At: noon, Body: bytes.Repeat([]byte{byte(i)}, 1+i%9000)}}
				_, erased := s.ErasePerson(ctx, p, noon)
				if err := errors.Join(erased, s.AppendLines(ctx, p, lines, noon.AddDate(0, 1, 0))); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 60 {
		path := testPath(t)
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.Backup(ctx, f), f.Close()); err != nil {
			t.Fatal(err)
		}
		copied := openTest(t, path)
		got, err := copied.Interest(ctx, 1)
		if err := errors.Join(err, copied.Check(ctx)); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("the copy holds %+v, want %+v (%v)", got, want, err)
		}
	}
	close(stop)
	writers.Wait()
}

func TestLeftoversAreRemoved(t *testing.T) {
	path := testPath(t)
	openTest(t, path).Close()
	ours := []string{path + compactSuffix, path + spoolPrefix + "123" + spoolSuffix}
	theirs := []string{path + ".backup", path + ".backup-2026", path + ".tmp", filepath.Join(filepath.Dir(path), "other.db"+compactSuffix)}
	for _, name := range append(ours, theirs...) {
		if err := os.WriteFile(name, []byte("x"), fileMode); err != nil {
			t.Fatal(err)
		}
	}
	openTest(t, path)
	for _, name := range ours {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
	for _, name := range theirs {
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
	}
}

// A large file is not read through at every start, but Check reads it.
func TestCheckLimit(t *testing.T) {
	path := testPath(t)
	fill(t, path)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.ReplaceAll(data, []byte(`{"number":150,`), []byte(`{"number":15`+"\x00\x00"))
	s := openTest(t, testPath(t))
	if err := os.WriteFile(path, data, fileMode); err != nil {
		t.Fatal(err)
	}
	db, file, err := openFile(path, options{timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	damagedStore := &Store{path: path, db: db, file: file}
	defer damagedStore.Close()
	if err := damagedStore.check(0); err != nil {
		t.Errorf("a look at the frame: %v", err)
	}
	if err := damagedStore.Check(t.Context()); err == nil {
		t.Error("the unreadable record was not found")
	}
	if _, err := damagedStore.Interest(t.Context(), 150); err == nil || !strings.Contains(err.Error(), "backup") {
		t.Errorf("reading it: %v", err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("a healthy file: %v", err)
	}
	// That bytes are missing at its end is seen at once.
	if err := os.Truncate(s.path, int64(3*os.Getpagesize())); err != nil {
		t.Fatal(err)
	}
	if err := s.check(0); !errors.Is(err, storage.ErrDamaged) {
		t.Errorf("a look at the frame of a truncated file: %v", err)
	}
}
