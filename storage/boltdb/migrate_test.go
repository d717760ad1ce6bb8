package boltdb

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"candide/storage"
)

var update = flag.Bool("update", false, "make testdata/v<latest>.db again; never for a version that was released")

// sample fills a store with one of everything; the records are what TestVersion1 expects to read, so a change
// here asks for a new file of a new version.
func sample(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := s.SeeMessage(ctx, storage.Message{Ref: "mattermost:m1", At: noon, SeenAt: noon})
	must(err)
	must(s.SaveOffers(ctx, []storage.Offer{sampleOffer()}))
	must(s.SaveForm(ctx, sampleForm()))
	in := sampleInterest()
	in.Notes = nil
	_, _, err = s.SaveInterest(ctx, in)
	must(err)
	_, err = s.AddNote(ctx, 1, sampleInterest().Notes[0])
	must(err)
	_, err = s.PlanJury(ctx, sampleJury(), func(int) []storage.Reminder { return sampleReminders() })
	must(err)
	_, err = s.ClaimDue(ctx, noon, time.Minute, 1)
	must(err)
	must(s.AppendLines(ctx, "web:a", []storage.Line{{ID: "l1", At: noon, Body: []byte(`{"text":"Bonjour"}`)}}, noon.AddDate(0, 1, 0)))
	must(s.SetPause(ctx, storage.Pause{Since: noon, Until: noon.Add(time.Hour)}))
	must(s.SaveSecret(ctx, "mattermost.command", "token"))
}

func sampleOffer() storage.Offer {
	return storage.Offer{
		Key: "k1", Group: "g1", Do: "ask.show", Data: map[string]string{"entry": "salaire"}, For: "web:a", Once: true,
		Channel: storage.Channel{Platform: "web", ID: "a", Name: "page"}, Post: "p1", Expires: noon.AddDate(0, 0, 1),
	}
}

func sampleForm() storage.Form {
	return storage.Form{
		Key: "f1", Name: "interest", Person: "web:a", Step: []byte(`{"n":2}`), Answers: map[string]string{"name": "Zoé"},
		Data: map[string]string{"campaign": "c1"}, Origin: []byte(`{}`), Typed: true, Field: 1, Expires: noon.AddDate(0, 0, 1),
	}
}

func sampleInterest() storage.Interest {
	return storage.Interest{
		Number: 1, Campaign: "c1", Person: "web:a", Name: "Zoé Exemple", Reach: "zoe@example.org", Level: "experienced",
		Subjects: "données", Message: "Bonjour", Stage: storage.StageNew,
		Notes:     []storage.Note{{By: "mattermost:r", At: noon, Text: "à rappeler"}},
		ConsentAt: noon, RecontactAt: noon, CreatedAt: noon, UpdatedAt: noon, ExpiresAt: noon.AddDate(0, 3, 0),
	}
}

func sampleJury() storage.Jury {
	return storage.Jury{
		Number: 1, Campaign: "c1", Title: "Jury", At: noon.AddDate(0, 0, 1), Zone: "Europe/Paris", Duration: time.Hour,
		Location: "salle 1", Team: storage.Channel{Platform: "mattermost", ID: "t1"}, Organiser: "mattermost:r",
		Members: []storage.Member{{Person: "mattermost:s"}}, Rules: []string{"J-1", "H-1"}, State: storage.JuryPlanned, CreatedAt: noon,
	}
}

func sampleReminders() []storage.Reminder {
	at := sampleJury().At
	to := storage.Channel{Platform: "mattermost", ID: "t1"}
	return []storage.Reminder{
		{ID: "jury/1/0/J-1", Subject: "jury/1", Jury: 1, Rule: "J-1", Due: noon, Begins: at, To: to},
		{ID: "jury/1/0/H-1", Subject: "jury/1", Jury: 1, Rule: "H-1", Due: at.Add(-time.Hour), Begins: at, To: to},
	}
}

// TestVersion1 reads the file of version 1 as this program sees it. When a version 2 comes, this test stays, with
// what version 2 makes of that file; a TestVersion2 and its file join it.
//
// The file is made by: go test ./storage/boltdb -run TestVersion1 -update
func TestVersion1(t *testing.T) {
	golden := filepath.Join("testdata", "v1.db")
	if *update {
		if latest := len(migrations()); latest != 1 {
			t.Fatalf("this program would write version %d", latest)
		}
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		s := openTest(t, testPath(t))
		sample(t, s)
		if err := s.Compact(t.Context()); err != nil {
			t.Fatal(err)
		}
		copyFile(t, s.path, golden)
	}
	path := testPath(t)
	copyFile(t, golden, path)
	s := openTest(t, path)
	ctx := t.Context()
	check := func(what string, got any, err error, want any) {
		t.Helper()
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", what, err, got, want)
		}
	}
	known, open, err := s.SeeMessage(ctx, storage.Message{Ref: "mattermost:m1", At: noon, SeenAt: noon})
	check("the message", known, err, storage.Message{Ref: "mattermost:m1", At: noon, SeenAt: noon, State: storage.MessageDone})
	check("the message is open", open, err, false)
	left, err := s.OpenMessages(ctx, "mattermost")
	check("the open messages", len(left), err, 0)
	cursors, err := s.Cursors(ctx, "mattermost")
	check("the cursors", cursors, err, map[string]time.Time{})
	offer, err := s.Offer(ctx, "k1", "web:a", "p1", noon)
	check("the offer", offer, err, sampleOffer())
	form, err := s.TypedForm(ctx, "web:a", noon)
	check("the form", form, err, sampleForm())
	interest, err := s.InterestOf(ctx, "c1", "web:a")
	check("the interest", interest, err, sampleInterest())
	interests, err := s.Interests(ctx, "c1")
	check("the interests", interests, err, []storage.Interest{sampleInterest()})
	juries, err := s.Juries(ctx, "c1")
	check("the juries", juries, err, []storage.Jury{sampleJury()})
	want := sampleReminders()
	want[0].State, want[0].Attempts, want[0].ClaimedAt = storage.ReminderSending, 1, noon
	want[1].State = storage.ReminderDue
	reminders, err := s.RemindersOf(ctx, "jury/1")
	check("the reminders", reminders, err, want)
	next, _, err := s.NextDue(ctx)
	check("the next reminder", next, err, want[1].Due)
	claimed, err := s.ClaimDue(ctx, noon.Add(time.Minute), time.Minute, 9)
	check("the reminders claimed", len(claimed), err, 1)
	lines, err := s.Lines(ctx, "web:a")
	check("the lines", lines, err, []storage.Line{{ID: "l1", At: noon, Body: []byte(`{"text":"Bonjour"}`)}})
	pause, _, err := s.Pause(ctx, noon)
	check("the pause", pause, err, storage.Pause{Since: noon, Until: noon.Add(time.Hour)})
	secret, err := s.Secret(ctx, "mattermost.command")
	check("the secret", secret, err, "token")
	erased, err := s.ErasePerson(ctx, "web:a", noon)
	check("what is erased", erased, err, storage.Erased{Interests: 1, Forms: 1, Offers: 1, Lines: 1})
	next2, _, err := s.SaveInterest(ctx, sampleInterest())
	check("the next number", next2.Number, err, 2)
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, fileMode); err != nil {
		t.Fatal(err)
	}
}

// history replaces the migrations with the program's own and others after them.
func history(more ...migration) Option {
	return func(o *options) { o.migrations = append(migrations(), more...) }
}

func TestMigrations(t *testing.T) {
	path := testPath(t)
	reopen := func(opts ...Option) error {
		t.Helper()
		s, err := Open(path, opts...)
		if err != nil {
			return err
		}
		if _, err := s.InterestOf(t.Context(), "c1", "web:a"); err != nil {
			t.Errorf("the interest: %v", err)
		}
		return s.Close()
	}
	s := openTest(t, path)
	sample(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	var ran []string
	second := func(tx *bbolt.Tx) error {
		ran = append(ran, "second")
		_, err := tx.CreateBucket([]byte("second"))
		return err
	}
	third := func(tx *bbolt.Tx) error {
		ran = append(ran, "third")
		return tx.Bucket([]byte("second")).Put([]byte("k"), []byte("1"))
	}
	boom := errors.New("boom")
	failing := func(*bbolt.Tx) error { return boom }

	// One that fails takes those before it back with it.
	if err := reopen(history(second, failing)); !errors.Is(err, boom) {
		t.Fatalf("a failing migration: %v", err)
	}
	if err := reopen(); err != nil {
		t.Fatalf("after a failed migration: %v", err)
	}
	for range 2 { // each runs once
		if err := reopen(history(second, third)); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"second", "second", "third"}; !reflect.DeepEqual(ran, want) {
		t.Errorf("ran %v, want %v", ran, want)
	}
	// The program as it is now meets a file of the future, and leaves it alone.
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, opts := range [][]Option{nil, {history(second)}} {
		if err := openError(t, path, opts...); !errors.Is(err, storage.ErrNewer) {
			t.Errorf("a newer file: %v", err)
		}
	}
	after, err := os.ReadFile(path)
	if err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("the newer file was changed (%v)", err)
	}
	// A new file goes through the whole history.
	path = testPath(t)
	s = openTest(t, path, history(second, third))
	sample(t, s)
}
