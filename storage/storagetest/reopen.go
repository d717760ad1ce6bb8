package storagetest

import (
	"testing"
	"time"

	"candide/storage"
)

func testNotShared(t *testing.T, s Store) {
	ctx := t.Context()
	must(t, s.SaveForm(ctx, form("f", nil)))
	must(t, s.AppendLines(ctx, ana, []storage.Line{line("1", "bonjour")}, noon))
	for range 2 {
		f, err := s.Form(ctx, "f", ana, noon)
		must(t, err)
		same(t, "the form", f, form("f", nil))
		f.Step[0], f.Answers["name"] = 'x', "x"
		lines, err := s.Lines(ctx, ana)
		must(t, err)
		same(t, "the lines", lines, []storage.Line{line("1", "bonjour")})
		lines[0].Body[0] = 'x'
	}
}

func testReopen(t *testing.T, s Store, reopen func(*testing.T, Store) Store) {
	ctx := t.Context()
	in, _, err := s.SaveInterest(ctx, interest("c", ana))
	must(t, err)
	j, err := s.PlanJury(ctx, jury(noon.Add(time.Hour)), func(n int) []storage.Reminder {
		return remindersAt(n, 0, noon.Add(time.Hour), time.Hour, time.Minute)
	})
	must(t, err)
	claimed, err := s.ClaimDue(ctx, noon, time.Minute, 1)
	must(t, err)
	must(t, s.SaveOffers(ctx, []storage.Offer{offer("o", func(o *storage.Offer) { o.Once = true })}))
	_, err = s.UseOffer(ctx, "o", ana, "", noon)
	must(t, err)
	must(t, s.SaveForm(ctx, form("f", func(f *storage.Form) { f.Typed = true })))
	must(t, s.AppendLines(ctx, ana, []storage.Line{line("1", "bonjour")}, noon.Add(time.Hour)))
	must(t, s.SetPause(ctx, storage.Pause{Since: noon}))
	must(t, s.SaveSecret(ctx, "token", "abc"))
	_, _, err = s.SeeMessage(ctx, message("web:1", noon))
	must(t, err)
	must(t, s.IntendMessage(ctx, "web:1", true))
	must(t, s.SaveCursors(ctx, "web", map[string]time.Time{"c1": noon}))
	reminders, err := s.RemindersOf(ctx, storage.JurySubject(j.Number))
	must(t, err)

	s = reopen(t, s)

	gotInterest, err := s.InterestOf(ctx, "c", ana)
	must(t, err)
	same(t, "the interest", gotInterest, in)
	gotJury, err := s.Jury(ctx, j.Number)
	must(t, err)
	same(t, "the jury", gotJury, j)
	gotReminders, err := s.RemindersOf(ctx, storage.JurySubject(j.Number))
	must(t, err)
	same(t, "the reminders", gotReminders, reminders)
	_, err = s.UseOffer(ctx, "o", ana, "", noon)
	mustBe(t, "the offer", err, storage.ErrSpent)
	_, err = s.TypedForm(ctx, ana, noon)
	must(t, err)
	lines, err := s.Lines(ctx, ana)
	must(t, err)
	same(t, "the lines", len(lines), 1)
	_, paused, err := s.Pause(ctx, noon)
	must(t, err)
	same(t, "the pause", paused, true)
	secret, err := s.Secret(ctx, "token")
	must(t, err)
	same(t, "the secret", secret, "abc")
	want := message("web:1", noon)
	want.State, want.Once = storage.MessageIntended, true
	see(t, s, "the message", message("web:1", noon), want, true)
	cursors, err := s.Cursors(ctx, "web")
	must(t, err)
	same(t, "the cursors", cursors, map[string]time.Time{"c1": noon})

	// The reminder claimed before the restart is claimed again when its lease is over, not earlier.
	again, err := s.ClaimDue(ctx, noon.Add(time.Minute-time.Nanosecond), time.Minute, 9)
	must(t, err)
	same(t, "claimed within the lease", again, nil)
	again, err = s.ClaimDue(ctx, noon.Add(time.Minute), time.Minute, 9)
	must(t, err)
	if len(again) != 1 || again[0].ID != claimed[0].ID || again[0].Attempts != 2 {
		t.Fatalf("claimed after the lease: %+v", again)
	}
	// Numbers go on.
	next, _, err := s.SaveInterest(ctx, interest("c", bob))
	must(t, err)
	same(t, "the next interest's number", next.Number, 2)
	j, err = s.PlanJury(ctx, jury(noon), nil)
	must(t, err)
	same(t, "the next jury's number", j.Number, 2)
}
