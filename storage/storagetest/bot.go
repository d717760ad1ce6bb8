package storagetest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"candide/storage"
)

func testPause(t *testing.T, s Store) {
	ctx := t.Context()
	check := func(what string, now time.Time, want storage.Pause, paused bool) {
		t.Helper()
		got, is, err := s.Pause(ctx, now)
		must(t, err)
		same(t, what, got, want)
		if is != paused {
			t.Fatalf("%s: paused %v", what, is)
		}
	}
	must(t, s.ClearPause(ctx))
	check("at first", noon, storage.Pause{}, false)
	p := storage.Pause{Since: noon, Until: noon.Add(time.Hour)}
	must(t, s.SetPause(ctx, p))
	check("until its end", p.Until.Add(-time.Nanosecond), p, true)
	check("at its end", p.Until, storage.Pause{}, false)
	p = storage.Pause{Since: noon}
	must(t, s.SetPause(ctx, p))
	check("without end", noon.AddDate(10, 0, 0), p, true)
	must(t, s.ClearPause(ctx))
	check("resumed", noon, storage.Pause{}, false)
}

func testSecrets(t *testing.T, s Store) {
	ctx := t.Context()
	_, err := s.Secret(ctx, "token")
	mustBe(t, "no secret", err, storage.ErrNotFound)
	for _, want := range []string{"abc", "", "dé\"f"} {
		must(t, s.SaveSecret(ctx, "token", want))
		got, err := s.Secret(ctx, "token")
		must(t, err)
		same(t, "the secret", got, want)
	}
	mustFail(t, "no name", s.SaveSecret(ctx, "", "x"))
}

func testPurge(t *testing.T, s Store) {
	ctx := t.Context()
	end := noon.Add(time.Hour)
	purge := func(now time.Time, want storage.Purged) {
		t.Helper()
		got, err := s.Purge(ctx, now)
		must(t, err)
		same(t, "what was purged", got, want)
	}
	purge(noon, storage.Purged{})

	short, long, dateless := interest("c", ana), interest("c", bob), interest("c", "web:3")
	short.ExpiresAt, long.ExpiresAt, dateless.ExpiresAt = end, end.Add(time.Second), time.Time{}
	for _, in := range []storage.Interest{short, long, dateless} {
		_, _, err := s.SaveInterest(ctx, in)
		must(t, err)
	}
	later := end.Add(time.Second)
	must(t, s.SaveForm(ctx, form("f1", func(f *storage.Form) { f.Typed = true })))
	must(t, s.SaveForm(ctx, form("f2", func(f *storage.Form) { f.Expires = later })))
	must(t, s.SaveOffers(ctx, []storage.Offer{offer("o1", func(o *storage.Offer) { o.For = ana }), offer("o2", func(o *storage.Offer) { o.Expires = later })}))
	must(t, s.AppendLines(ctx, ana, []storage.Line{line("1", "a"), line("2", "b")}, noon))
	must(t, s.AppendLines(ctx, ana, []storage.Line{line("3", "c")}, end)) // the whole is kept as long as its last word
	must(t, s.AppendLines(ctx, bob, []storage.Line{line("1", "d")}, later))
	for ref, at := range map[string]time.Time{"old": end.Add(-storage.KeepSeen - time.Second), "just kept": end.Add(-storage.KeepSeen)} {
		_, _, err := s.SeeMessage(ctx, message(ref, at))
		must(t, err)
	}

	purge(end.Add(-2*time.Second), storage.Purged{})
	purge(end, storage.Purged{Interests: 1, Forms: 1, Offers: 1, Conversations: 1, Seen: 1})
	purge(end, storage.Purged{})

	list, err := s.Interests(ctx, "c")
	must(t, err)
	same(t, "the interests left", numbers(list), []int{2, 3})
	_, err = s.InterestOf(ctx, "c", ana)
	mustBe(t, "the interest purged", err, storage.ErrNotFound)
	_, err = s.TypedForm(ctx, ana, noon)
	mustBe(t, "the typed form purged", err, storage.ErrNotFound)
	_, err = s.Form(ctx, "f2", ana, noon)
	must(t, err)
	_, err = s.Offer(ctx, "o1", ana, "", noon)
	mustBe(t, "the offer purged", err, storage.ErrNotFound)
	_, err = s.Offer(ctx, "o2", ana, "", noon)
	must(t, err)
	lines, err := s.Lines(ctx, ana)
	must(t, err)
	same(t, "the lines purged", lines, nil)
	lines, err = s.Lines(ctx, bob)
	must(t, err)
	same(t, "the lines left", len(lines), 1)
	for ref, want := range map[string]bool{"old": true, "just kept": false} {
		known, _, err := s.SeeMessage(ctx, message(ref, end))
		must(t, err)
		same(t, ref+" is new", known.SeenAt.Equal(end), want)
	}

	// Nothing is left behind of what was purged: erasing finds nothing.
	erased, err := s.ErasePerson(ctx, ana, noon)
	must(t, err)
	same(t, "what was left to erase", erased, storage.Erased{Forms: 1})
	purge(end.AddDate(100, 0, 0), storage.Purged{Interests: 1, Offers: 1, Conversations: 1, Seen: 2, Changes: 4})
}

func testCompact(t *testing.T, s Store) {
	ctx := t.Context()
	saved, _, err := s.SaveInterest(ctx, interest("c", ana))
	must(t, err)
	_, _, err = s.SaveInterest(ctx, interest("c", bob))
	must(t, err)
	_, err = s.ErasePerson(ctx, bob, noon)
	must(t, err)
	must(t, s.AddReminders(ctx, []storage.Reminder{{ID: "r", Subject: "x", Due: noon}}))

	// Others go on while it compacts and backs up.
	atOnce(8, func(i int) {
		var err error
		switch i % 4 {
		case 0:
			err = s.Compact(ctx)
		case 1:
			err = s.Backup(ctx, io.Discard)
		case 2:
			_, _, err = s.SeeMessage(ctx, message(fmt.Sprint("web:", i), noon))
		default:
			_, err = s.Interest(ctx, saved.Number)
		}
		if err != nil {
			t.Error(err)
		}
	})
	got, err := s.Interest(ctx, 1)
	must(t, err)
	same(t, "an interest after compaction", got, saved)
	again, _, err := s.SaveInterest(ctx, interest("c", bob))
	must(t, err)
	same(t, "the number given after compaction", again.Number, 3)
	claimed, err := s.ClaimDue(ctx, noon, time.Minute, 9)
	must(t, err)
	same(t, "the reminders claimed after compaction", len(claimed), 1)

	var backup bytes.Buffer
	must(t, s.Backup(ctx, &backup))
	size, err := s.Size(ctx)
	must(t, err)
	if backup.Len() == 0 || size <= 0 {
		t.Fatalf("a backup of %d bytes, a size of %d", backup.Len(), size)
	}
	mustFail(t, "a backup to a full disk", s.Backup(ctx, fullDisk{}))
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func testContexts(t *testing.T, s Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	noJury := func(storage.Jury) []storage.Reminder { return nil }
	for name, call := range map[string]func() error{
		"SeeMessage":    func() error { _, _, err := s.SeeMessage(ctx, message("r", noon)); return err },
		"IntendMessage": func() error { return s.IntendMessage(ctx, "r", false) },
		"MarkMessage":   func() error { return s.MarkMessage(ctx, "r", false, nil) },
		"RemoveMessage": func() error { _, err := s.RemoveMessage(ctx, "r"); return err },
		"OpenMessages":  func() error { _, err := s.OpenMessages(ctx, "web"); return err },
		"Cursors":       func() error { _, err := s.Cursors(ctx, "web"); return err },
		"SaveCursors":   func() error { return s.SaveCursors(ctx, "web", nil) },
		"SaveOffers":    func() error { return s.SaveOffers(ctx, []storage.Offer{offer("a", nil)}) },
		"BindOffers":    func() error { return s.BindOffers(ctx, "g", "p") },
		"Offer":         func() error { _, err := s.Offer(ctx, "a", ana, "", noon); return err },
		"UseOffer":      func() error { _, err := s.UseOffer(ctx, "a", ana, "", noon); return err },
		"SaveForm":      func() error { return s.SaveForm(ctx, form("f", nil)) },
		"Form":          func() error { _, err := s.Form(ctx, "f", ana, noon); return err },
		"TypedForm":     func() error { _, err := s.TypedForm(ctx, ana, noon); return err },
		"DeleteForm":    func() error { return s.DeleteForm(ctx, "f") },
		"SaveInterest":  func() error { _, _, err := s.SaveInterest(ctx, interest("c", ana)); return err },
		"InterestOf":    func() error { _, err := s.InterestOf(ctx, "c", ana); return err },
		"InterestsOf":   func() error { _, err := s.InterestsOf(ctx, ana); return err },
		"Interest":      func() error { _, err := s.Interest(ctx, 1); return err },
		"Interests":     func() error { _, err := s.Interests(ctx, ""); return err },
		"SetStage":      func() error { _, err := s.SetStage(ctx, 1, storage.StageJury, bob, noon); return err },
		"AddNote":       func() error { _, err := s.AddNote(ctx, 1, storage.Note{At: noon}); return err },
		"ClaimClosing":  func() error { _, err := s.ClaimClosing(ctx, 1, bob, noon); return err },
		"ClaimRenewal":  func() error { _, err := s.ClaimRenewal(ctx, 1, noon); return err },
		"RenewConsent":  func() error { _, err := s.RenewConsent(ctx, 1, ana, noon, noon); return err },
		"Kept":          func() error { _, err := s.Kept(ctx, ana); return err },
		"RememberPost": func() error {
			return s.RememberPost(ctx, []storage.PersonRef{ana}, storage.OwnPost{Post: "p", At: noon})
		},
		"DoomedPosts":     func() error { _, err := s.DoomedPosts(ctx, 0); return err },
		"PostGone":        func() error { return s.PostGone(ctx, 1) },
		"LastDone":        func() error { _, err := s.LastDone(ctx, "x"); return err },
		"MarkDone":        func() error { return s.MarkDone(ctx, "x", noon) },
		"NeedsCompact":    func() error { _, err := s.NeedsCompact(ctx); return err },
		"RecordChange":    func() error { return s.RecordChange(ctx, storage.Change{At: noon, Action: "a", Subject: "s"}) },
		"Changes":         func() error { _, err := s.Changes(ctx, "", 0); return err },
		"ErasePerson":     func() error { _, err := s.ErasePerson(ctx, ana, noon); return err },
		"PlanJury":        func() error { _, err := s.PlanJury(ctx, jury(noon), nil); return err },
		"MoveJury":        func() error { _, err := s.MoveJury(ctx, 1, noon, noJury); return err },
		"CancelJury":      func() error { _, err := s.CancelJury(ctx, 1, "", noJury); return err },
		"SetJuryRules":    func() error { _, err := s.SetJuryRules(ctx, 1, nil, noJury); return err },
		"Jury":            func() error { _, err := s.Jury(ctx, 1); return err },
		"Juries":          func() error { _, err := s.Juries(ctx, ""); return err },
		"RemindersOf":     func() error { _, err := s.RemindersOf(ctx, "x"); return err },
		"AddReminders":    func() error { return s.AddReminders(ctx, []storage.Reminder{{ID: "r", Subject: "x"}}) },
		"ClaimDue":        func() error { _, err := s.ClaimDue(ctx, noon, 0, 9); return err },
		"NextDue":         func() error { _, _, err := s.NextDue(ctx); return err },
		"MarkSent":        func() error { return s.MarkSent(ctx, "r", "p", noon) },
		"MarkReminder":    func() error { return s.MarkReminder(ctx, "r", storage.ReminderMissed, "") },
		"ReleaseReminder": func() error { return s.ReleaseReminder(ctx, "r", noon, "") },
		"AppendLines":     func() error { return s.AppendLines(ctx, ana, []storage.Line{line("1", "")}, noon) },
		"RemoveLine":      func() error { return s.RemoveLine(ctx, ana, "1") },
		"Lines":           func() error { _, err := s.Lines(ctx, ana); return err },
		"EraseLines":      func() error { return s.EraseLines(ctx, ana) },
		"SaveEdit":        func() error { _, err := s.SaveEdit(ctx, edit("c", "a", noon), 0); return err },
		"Edits":           func() error { _, err := s.Edits(ctx, "c", "a"); return err },
		"LatestEdits":     func() error { _, err := s.LatestEdits(ctx, "c"); return err },
		"Count":           func() error { return s.Count(ctx, nil) },
		"CountOnce":       func() error { _, err := s.CountOnce(ctx, "k", storage.Tally{}, noon); return err },
		"Tallies":         func() error { _, err := s.Tallies(ctx, "c", "", ""); return err },
		"FileQuestion":    func() error { _, err := s.FileQuestion(ctx, group("c", ""), asked(ana, "x"), into(0)); return err },
		"Group":           func() error { _, err := s.Group(ctx, 1); return err },
		"Groups":          func() error { _, err := s.Groups(ctx, "c"); return err },
		"TakeGroup":       func() error { _, err := s.TakeGroup(ctx, 1, ana, ""); return err },
		"CloseGroup":      func() error { _, err := s.CloseGroup(ctx, 1, storage.Closing{}); return err },
		"SplitQuestion":   func() error { _, err := s.SplitQuestion(ctx, 1, 1); return err },
		"StaleGroups":     func() error { _, err := s.StaleGroups(ctx, 1); return err },
		"PlaceCard":       func() error { return s.PlaceCard(ctx, 1, storage.Channel{}, "p") },
		"ShowGroup":       func() error { return s.ShowGroup(ctx, 1, 1) },
		"Told":            func() error { return s.Told(ctx, 1, 1, noon, false) },
		"WarnGroups":      func() error { _, err := s.WarnGroups(ctx, noon); return err },
		"SetPause":        func() error { return s.SetPause(ctx, storage.Pause{Since: noon}) },
		"ClearPause":      func() error { return s.ClearPause(ctx) },
		"Pause":           func() error { _, _, err := s.Pause(ctx, noon); return err },
		"Secret":          func() error { _, err := s.Secret(ctx, "n"); return err },
		"SaveSecret":      func() error { return s.SaveSecret(ctx, "n", "v") },
		"Purge":           func() error { _, err := s.Purge(ctx, noon); return err },
		"Backup":          func() error { return s.Backup(ctx, io.Discard) },
		"Compact":         func() error { return s.Compact(ctx) },
		"Size":            func() error { _, err := s.Size(ctx); return err },
	} {
		mustBe(t, name, call(), context.Canceled)
	}

	// And nothing was done.
	ctx = t.Context()
	known, _, err := s.SeeMessage(ctx, message("r", noon.Add(1)))
	must(t, err)
	same(t, "the message is new", known.At, noon.Add(1))
	saved, created, err := s.SaveInterest(ctx, interest("c", ana))
	must(t, err)
	same(t, "the interest's number", saved.Number, 1)
	same(t, "the interest is new", created, true)
	j, err := s.PlanJury(ctx, jury(noon), nil)
	must(t, err)
	same(t, "the jury's number", j.Number, 1)
}
