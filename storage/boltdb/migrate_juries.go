package boltdb

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// version4 gives juries members with answers instead of bare references, finds them by whom they concern, gives
// reminders that are tried again and those missed an index of their own, and makes room for calendars' addresses.
func version4(btx *bbolt.Tx) error {
	for _, name := range []string{"jury_people", "reminder_retry", "reminder_missed", "feeds", "feed_secrets"} {
		if _, err := btx.CreateBucket([]byte(name)); err != nil {
			return fmt.Errorf("making bucket %q: %w", name, err)
		}
	}
	if err := juriesOfVersion4(btx); err != nil {
		return fmt.Errorf("the juries' members: %w", err)
	}
	if err := remindersOfVersion4(btx); err != nil {
		return fmt.Errorf("the reminders' indexes: %w", err)
	}
	return nil
}

func juriesOfVersion4(btx *bbolt.Tx) error {
	changed := map[string][]byte{}
	err := btx.Bucket([]byte("juries")).ForEach(func(key, value []byte) error {
		var j map[string]json.RawMessage
		if err := json.Unmarshal(value, &j); err != nil {
			return err
		}
		people := map[string]bool{}
		var organiser string
		if raw := j["organiser"]; raw != nil {
			if err := json.Unmarshal(raw, &organiser); err != nil {
				return err
			}
		}
		if organiser != "" {
			people[organiser] = true
		}
		if raw := j["members"]; raw != nil {
			var refs []string
			if err := json.Unmarshal(raw, &refs); err != nil {
				return err
			}
			members := make([]map[string]string, len(refs))
			for i, ref := range refs {
				people[ref], members[i] = true, map[string]string{"person": ref}
			}
			var err error
			if j["members"], err = json.Marshal(members); err != nil {
				return err
			}
			if changed[string(key)], err = json.Marshal(j); err != nil {
				return err
			}
		}
		for p := range people {
			if err := btx.Bucket([]byte("jury_people")).Put(under(p, key), []byte("true")); err != nil {
				return err
			}
		}
		return nil
	})
	for key, value := range changed {
		if err == nil {
			err = btx.Bucket([]byte("juries")).Put([]byte(key), value)
		}
	}
	return err
}

func remindersOfVersion4(btx *bbolt.Tx) error {
	due, retry, missed := btx.Bucket([]byte("reminder_due")), btx.Bucket([]byte("reminder_retry")), btx.Bucket([]byte("reminder_missed"))
	return btx.Bucket([]byte("reminders")).ForEach(func(_, value []byte) error {
		var r struct {
			ID      string    `json:"id"`
			State   string    `json:"state"`
			Due     time.Time `json:"due"`
			Begins  time.Time `json:"begins"`
			NextTry time.Time `json:"next_try"`
		}
		if err := json.Unmarshal(value, &r); err != nil {
			return err
		}
		switch {
		case r.State == "missed":
			return missed.Put(instantKey(r.Begins, r.ID), []byte("true"))
		case r.State == "due" && r.NextTry.After(r.Due):
			return errors.Join(due.Delete(instantKey(r.NextTry, r.ID)), retry.Put(instantKey(r.NextTry, r.ID), []byte("true")))
		}
		return nil
	})
}
