package storagetest

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"candide/storage"
)

func edit(campaign, entry string, at time.Time) storage.Edit {
	return storage.Edit{
		Campaign: campaign, Entry: entry, Body: []byte(`{"id":"` + entry + `"}`), Base: "abc", Kind: storage.EditChanged,
		By: ana, ByName: "Ana", At: at,
	}
}

func testEdits(t *testing.T, s Store) {
	ctx := t.Context()
	list, err := s.LatestEdits(ctx, "c")
	must(t, err)
	same(t, "no edits", list, nil)

	// “a” and “ab” are each other's beginning, as are the campaigns.
	var saved []storage.Edit
	for _, e := range []storage.Edit{
		edit("c", "b", noon), edit("c", "ab", noon.Add(time.Hour)), edit("c", "a", noon.Add(2*time.Hour)), edit("ca", "a", noon),
	} {
		got, err := s.SaveEdit(ctx, e, 0)
		must(t, err)
		e.Version = 1
		same(t, "the edit", got, e)
		saved = append(saved, got)
		_, err = s.SaveEdit(ctx, e, 0)
		mustBe(t, "an edit of what somebody changed meanwhile", err, storage.ErrStale)
		_, err = s.SaveEdit(ctx, e, 2)
		mustBe(t, "an edit of a version to come", err, storage.ErrStale)
	}
	archived := edit("c", "b", noon.Add(3*time.Hour))
	archived.Body, archived.Kind = nil, storage.EditArchived
	archived, err = s.SaveEdit(ctx, archived, 1)
	must(t, err)
	if archived.Version != 2 || !archived.Archived() || saved[0].Archived() {
		t.Fatalf("archived: %+v", archived)
	}
	list, err = s.Edits(ctx, "c", "b")
	must(t, err)
	same(t, "the versions", list, []storage.Edit{saved[0], archived})
	list, err = s.Edits(ctx, "c", "none")
	must(t, err)
	same(t, "no versions", list, nil)
	list, err = s.LatestEdits(ctx, "c")
	must(t, err)
	same(t, "the latest versions, as they were first edited", list, []storage.Edit{archived, saved[1], saved[2]})

	// The tenth version comes after the ninth.
	for base := 1; base < 12; base++ {
		_, err = s.SaveEdit(ctx, edit("ca", "a", noon), base)
		must(t, err)
	}
	list, err = s.Edits(ctx, "ca", "a")
	must(t, err)
	for i, e := range list {
		if e.Version != i+1 {
			t.Fatalf("version %d is in the place of version %d", e.Version, i+1)
		}
	}
	_, err = s.SaveEdit(ctx, edit("", "a", noon), 0)
	mustFail(t, "no campaign", err)
	_, err = s.SaveEdit(ctx, edit("c", "", noon), 0)
	mustFail(t, "no entry", err)
}

func testEditsAtOnce(t *testing.T, s Store) {
	var saved, stale atomic.Int32
	atOnce(20, func(int) {
		switch _, err := s.SaveEdit(t.Context(), edit("c", "a", noon), 0); {
		case err == nil:
			saved.Add(1)
		case errors.Is(err, storage.ErrStale):
			stale.Add(1)
		default:
			t.Error(err)
		}
	})
	if saved.Load() != 1 || stale.Load() != 19 {
		t.Fatalf("saved %d times, stale %d times", saved.Load(), stale.Load())
	}
}

func testTallies(t *testing.T, s Store) {
	ctx := t.Context()
	count := func(campaign, day string, kind storage.TallyKind, name string, n int) storage.Tally {
		return storage.Tally{Campaign: campaign, Day: day, Kind: kind, Name: name, Count: n}
	}
	must(t, s.Count(ctx, nil))
	must(t, s.Count(ctx, []storage.Tally{
		count("c", "2020-11-16", storage.TallyOutcome, "answer", 1), count("c", "2020-11-16", storage.TallyEntry, "salaire", 1),
		count("c", "2020-11-16", storage.TallyEntry, "salaire", 2),
	}))
	must(t, s.Count(ctx, []storage.Tally{
		count("c", "2020-11-16", storage.TallyOutcome, "answer", 1), count("c", "2020-11-15", storage.TallyFeedback, "down", 1),
		count("c", "2020-11-17", storage.TallyUncovered, "avantages", 1), count("ca", "2020-11-16", storage.TallyOutcome, "answer", 9),
	}))
	got, err := s.Tallies(ctx, "c", "2020-11-15", "2020-11-16")
	must(t, err)
	same(t, "the tallies", got, []storage.Tally{
		count("c", "2020-11-15", storage.TallyFeedback, "down", 1), count("c", "2020-11-16", storage.TallyEntry, "salaire", 3),
		count("c", "2020-11-16", storage.TallyOutcome, "answer", 2),
	})
	got, err = s.Tallies(ctx, "c", "2020-11-18", "2020-12-31")
	must(t, err)
	same(t, "the tallies of other days", got, nil)

	atOnce(20, func(int) {
		if err := s.Count(t.Context(), []storage.Tally{count("x", "2020-11-16", storage.TallyOutcome, "answer", 1)}); err != nil {
			t.Error(err)
		}
	})
	got, err = s.Tallies(ctx, "x", "2020-11-16", "2020-11-16")
	must(t, err)
	same(t, "counted at once", got, []storage.Tally{count("x", "2020-11-16", storage.TallyOutcome, "answer", 20)})
	for _, c := range []storage.Tally{
		count("", "2020-11-16", storage.TallyOutcome, "answer", 1), count("c", "", storage.TallyOutcome, "answer", 1),
		count("c", "2020-11-16", "", "answer", 1), count("c", "2020-11-16", storage.TallyOutcome, "", 1),
	} {
		mustFail(t, "a tally without a name", s.Count(ctx, []storage.Tally{c}))
	}
}

func testCountOnce(t *testing.T, s Store) {
	ctx := t.Context()
	up := storage.Tally{Campaign: "c", Day: "2020-11-16", Kind: storage.TallyFeedback, Name: "up", Count: 1}
	var counted atomic.Int32
	atOnce(20, func(int) {
		once, err := s.CountOnce(t.Context(), "k", up, noon)
		if err != nil {
			t.Error(err)
		}
		if once {
			counted.Add(1)
		}
	})
	same(t, "who counted", counted.Load(), 1)
	for _, c := range []struct {
		key  string
		at   time.Time
		want bool
	}{{"l", noon, true}, {"l", noon.Add(time.Hour), false}, {"k", noon, false}} {
		once, err := s.CountOnce(ctx, c.key, up, c.at)
		must(t, err)
		same(t, "counted "+c.key, once, c.want)
	}
	got, err := s.Tallies(ctx, "c", up.Day, up.Day)
	must(t, err)
	same(t, "the count", got[0].Count, 2)
	purged, err := s.Purge(ctx, noon.Add(storage.KeepSeen))
	must(t, err)
	same(t, "purged in time", purged, storage.Purged{})
	purged, err = s.Purge(ctx, noon.Add(storage.KeepSeen+time.Second))
	must(t, err)
	same(t, "purged", purged, storage.Purged{Counted: 2})
	_, err = s.CountOnce(ctx, "", up, noon)
	mustFail(t, "no key", err)
	once, err := s.CountOnce(ctx, "m", storage.Tally{}, noon)
	mustFail(t, "no tally", err)
	same(t, "nothing counted", once, false)
}
