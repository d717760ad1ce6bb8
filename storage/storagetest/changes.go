package storagetest

import (
	"testing"
	"time"

	"candide/storage"
)

func testChanges(t *testing.T, s Store) {
	ctx := t.Context()
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	in := interest("c", ana)
	in.ExpiresAt = time.Time{}
	_, _, err := s.SaveInterest(ctx, in)
	must(t, err)
	_, err = s.SetStage(ctx, 1, storage.StageContacted, bob, at(1))
	must(t, err)
	_, err = s.SetStage(ctx, 1, storage.StageContacted, bob, at(2)) // already there
	must(t, err)
	_, err = s.AddNote(ctx, 1, storage.Note{By: bob, At: at(3), Text: "à rappeler"})
	must(t, err)
	must(t, s.RecordChange(ctx, storage.Change{Number: 99, At: at(4), By: bob, Action: "jury.moved", Subject: "jury/1"}))
	_, err = s.SetStage(ctx, 1, storage.StageWithdrawn, "", at(5))
	must(t, err)
	in.UpdatedAt = at(6)
	back, _, err := s.SaveInterest(ctx, in)
	must(t, err)
	same(t, "the stage of somebody who came back", back.Stage, storage.StageNew)

	subject := storage.CandidateSubject(1)
	all := []storage.Change{
		{Number: 6, At: at(6), Action: storage.ChangeInterest, Subject: subject},
		{Number: 5, At: at(5), Action: storage.ChangeWithdrawn, Subject: subject, Detail: "contacte > desiste"},
		{Number: 4, At: at(4), By: bob, Action: "jury.moved", Subject: "jury/1"},
		{Number: 3, At: at(3), By: bob, Action: storage.ChangeNote, Subject: subject},
		{Number: 2, At: at(1), By: bob, Action: storage.ChangeStage, Subject: subject, Detail: "nouveau > contacte"},
		{Number: 1, At: noon, Action: storage.ChangeInterest, Subject: subject},
	}
	list, err := s.Changes(ctx, "", 0)
	must(t, err)
	same(t, "every change", list, all)
	list, err = s.Changes(ctx, "", 2)
	must(t, err)
	same(t, "the latest two", list, all[:2])
	list, err = s.Changes(ctx, "jury/1", 0)
	must(t, err)
	same(t, "the jury's", list, all[2:3])
	list, err = s.Changes(ctx, subject, 1)
	must(t, err)
	same(t, "the candidate's latest", list, all[:1])
	list, err = s.Changes(ctx, "candidate/", 0)
	must(t, err)
	same(t, "of a subject that is the beginning of another", list, nil)

	// What failed is not in the log, and what cannot be a line of it is refused.
	_, err = s.SetStage(ctx, 2, storage.StageJury, bob, at(7))
	mustBe(t, "the stage of nobody", err, storage.ErrNotFound)
	for what, c := range map[string]storage.Change{
		"no time": {Action: "a", Subject: "s"}, "no action": {At: noon, Subject: "s"}, "no subject": {At: noon, Action: "a"},
	} {
		mustFail(t, what, s.RecordChange(ctx, c))
	}
	list, err = s.Changes(ctx, "", 0)
	must(t, err)
	same(t, "every change afterwards", len(list), 6)

	// It goes with time alone.
	purged, err := s.Purge(ctx, at(2).Add(storage.KeepChanges))
	must(t, err)
	same(t, "the changes purged", purged.Changes, 2)
	list, err = s.Changes(ctx, subject, 0)
	must(t, err)
	same(t, "the candidate's left", len(list), 3)
}
