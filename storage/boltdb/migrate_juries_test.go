package boltdb

import (
	"fmt"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"candide/storage"
)

// TestVersion4: a file of version 3 with a jury of two members, a reminder that failed and one that was missed.
func TestVersion4(t *testing.T) {
	path := testPath(t)
	s := openTest(t, path, func(o *options) { o.migrations = migrations()[:3] })
	failed, missed, waiting := noon.Add(-time.Hour), noon.Add(-2*time.Hour), noon.Add(time.Hour)
	record := func(id, state string, due, next time.Time) string {
		return fmt.Sprintf(`{"id":%q,"subject":"jury/1","jury":1,"rule":"J-1","due":%q,"begins":%q,"next_try":%q,"to":{"platform":"m","id":"t"},"state":%q}`,
			id, due.Format(time.RFC3339), noon.Format(time.RFC3339), next.Format(time.RFC3339), state)
	}
	err := s.db.Update(func(tx *bbolt.Tx) error {
		put := func(bucket string, key []byte, value string) {
			t.Helper()
			if err := tx.Bucket([]byte(bucket)).Put(key, []byte(value)); err != nil {
				t.Fatal(err)
			}
		}
		put("juries", numberKey(1), fmt.Sprintf(`{"number":1,"campaign":"c","title":"J","at":%q,"zone":"UTC","team":{"platform":"m","id":"t"},"organiser":"m:r","members":["m:a","m:b"],"rules":["J-1"],"state":"planned","sequence":2,"created_at":%q}`,
			noon.Format(time.RFC3339), noon.Format(time.RFC3339)))
		put("juries", numberKey(2), fmt.Sprintf(`{"number":2,"campaign":"c","title":"K","at":%q,"zone":"UTC","team":{"platform":"m","id":"t"},"organiser":"m:a","rules":null,"state":"planned","sequence":0,"created_at":%q}`,
			noon.Format(time.RFC3339), noon.Format(time.RFC3339)))
		for _, r := range []struct {
			id, state string
			due, next time.Time
		}{{"failed", "due", failed, failed.Add(time.Minute)}, {"missed", "missed", missed, time.Time{}}, {"waiting", "due", waiting, time.Time{}}} {
			put("reminders", []byte(r.id), record(r.id, r.state, r.due, r.next))
			put("reminder_subjects", under("jury/1", []byte(r.id)), "true")
		}
		put("reminder_due", instantKey(failed.Add(time.Minute), "failed"), "true")
		put("reminder_due", instantKey(waiting, "waiting"), "true")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = openTest(t, path)
	ctx := t.Context()
	j, err := s.Jury(ctx, 1)
	if err != nil || len(j.Members) != 2 || j.Members[1] != (storage.Member{Person: "m:b"}) || j.Sequence != 2 {
		t.Errorf("the jury: %+v, %v", j, err)
	}
	for who, want := range map[storage.PersonRef]int{"m:r": 1, "m:a": 2, "m:b": 1, "m:c": 0} {
		if list, err := s.JuriesOf(ctx, who); err != nil || len(list) != want {
			t.Errorf("juries of %s: %d, %v; want %d", who, len(list), err, want)
		}
	}
	// Before anything began: the one missed is due again, for the clock was wrong.
	claimed, err := s.ClaimDue(ctx, noon.Add(-time.Minute), time.Minute, 9)
	if err != nil || len(claimed) != 2 || claimed[0].ID != "missed" || claimed[1].ID != "failed" {
		t.Errorf("claimed %+v, %v", claimed, err)
	}
	if again, err := s.ClaimDue(ctx, noon.Add(-time.Minute), time.Minute, 9); err != nil || len(again) != 0 {
		t.Errorf("claimed twice: %+v, %v", again, err)
	}
	if late, err := s.ClaimDue(ctx, waiting, 3*time.Hour, 9); err != nil || len(late) != 1 || late[0].ID != "waiting" {
		t.Errorf("claimed later: %+v, %v", late, err)
	}
}
