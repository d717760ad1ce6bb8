package storagetest

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"candide/storage"
)

// testModel runs random sequences of what happens to juries and their reminders, against the store and against a
// model simple enough to be believed: all reminders in one map, every question answered by looking at each.
func testModel(t *testing.T, open func(t *testing.T) Store) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{s: open(t), now: noon, juries: make(map[int]storage.Jury), reminders: make(map[string]storage.Reminder)}
		rt.Repeat(map[string]func(*rapid.T){
			"plan":    m.plan,
			"move":    m.move,
			"rules":   m.rules,
			"cancel":  m.cancel,
			"claim":   m.claim,
			"sent":    m.sent,
			"release": m.release,
			"mark":    m.mark,
			"want":    m.want,
			"answer":  m.answer,
			"back":    m.back,
			"clock":   m.clock,
			"":        m.check,
		})
	})
}

// lease is the same throughout, as a program's is.
const lease = 5 * time.Minute

type model struct {
	s         Store
	now       time.Time
	juries    map[int]storage.Jury
	reminders map[string]storage.Reminder
}

func unsent(r storage.Reminder) bool {
	return r.State == storage.ReminderDue || r.State == storage.ReminderSending
}

// ready is the time from which a reminder may be claimed.
func ready(r storage.Reminder) (since time.Time, ok bool) {
	switch r.State {
	case storage.ReminderDue:
		since = r.Due
		if r.NextTry.After(since) {
			since = r.NextTry
		}
		return since, true
	case storage.ReminderSending:
		return r.ClaimedAt.Add(lease), true
	}
	return time.Time{}, false
}

// claimable is ready, at a time before which the clock may have been set back: what lies further ahead than anything
// is ever put there has come, after all the others.
func claimable(r storage.Reminder, now time.Time) (since time.Time, ok bool) {
	noted := r.ClaimedAt
	if r.State == storage.ReminderDue && r.NextTry.After(r.Due) {
		noted = r.NextTry
	}
	if since, ok = ready(r); !ok || !since.After(now) {
		return since, ok
	}
	return noted, unsent(r) && (r.State == storage.ReminderSending || r.NextTry.After(r.Due)) && noted.After(now.Add(storage.ClockSlack))
}

// Times are few and close, so that they often fall together.
var (
	offsets = rapid.SliceOfNDistinct(rapid.SampledFrom([]time.Duration{0, time.Minute, 2 * time.Minute, 5 * time.Minute, 7 * time.Minute}), 0, 4, rapid.ID)
	steps   = rapid.Custom(func(rt *rapid.T) time.Duration {
		return time.Duration(rapid.IntRange(0, 12).Draw(rt, "minutes")) * time.Minute
	})
)

// replace is what planning, moving and setting rules do to the reminders of a jury.
func (m *model) replace(number int, made []storage.Reminder) {
	wanted := make(map[string]bool)
	for _, r := range made {
		wanted[r.ID] = true
	}
	for id, r := range m.reminders {
		if r.Jury == number && (unsent(r) || r.State == storage.ReminderUnwanted) && !wanted[id] {
			r.State = storage.ReminderCancelled
			m.reminders[id] = r
		}
	}
	for _, r := range made {
		r.Jury, r.Subject, r.State = number, storage.JurySubject(number), storage.ReminderDue
		old, known := m.reminders[r.ID]
		switch {
		case known && old.State == storage.ReminderDue:
			old.Due, old.Begins = r.Due, r.Begins
			m.reminders[r.ID] = old
		case !known || old.State == storage.ReminderCancelled:
			r.Attempts, r.ClaimedAt = old.Attempts, old.ClaimedAt
			m.reminders[r.ID] = r
		}
	}
}

func (m *model) plan(rt *rapid.T) {
	at, before := m.now.Add(steps.Draw(rt, "in")), offsets.Draw(rt, "before")
	j := planJury(rt, m.s, at, before...)
	if _, known := m.juries[j.Number]; known {
		rt.Fatalf("number %d was given twice", j.Number)
	}
	m.juries[j.Number] = j
	m.replace(j.Number, remindersAt(j.Number, 0, at, before...))
}

// anyJury draws one, or skips the step.
func (m *model) anyJury(rt *rapid.T) storage.Jury {
	if len(m.juries) == 0 {
		rt.Skip("no jury yet")
	}
	var all []int
	for number := range m.juries {
		all = append(all, number)
	}
	slices.Sort(all)
	return m.juries[rapid.SampledFrom(all).Draw(rt, "jury")]
}

// changed compares the store's answer with the model's for a jury that may be cancelled.
func (m *model) changed(rt *rapid.T, before, want, got storage.Jury, err error, made []storage.Reminder) {
	if before.State == storage.JuryCancelled {
		mustBe(rt, "changing a cancelled jury", err, storage.ErrState)
		return
	}
	must(rt, err)
	same(rt, "the jury", got, want)
	m.juries[want.Number] = want
	m.replace(want.Number, made)
}

func (m *model) move(rt *rapid.T) {
	j := m.anyJury(rt)
	want := j
	want.At, want.Sequence, want.Changes = m.now.Add(steps.Draw(rt, "in")), j.Sequence+1, j.Changes+1
	want.Members = slices.Clone(j.Members)
	for i := range want.Members {
		want.Members[i].Answer, want.Members[i].AnsweredAt = storage.NoAnswer, time.Time{}
	}
	before := offsets.Draw(rt, "before")
	got, err := m.s.MoveJury(ctxOf(rt), j.Number, want.At, remindersOf(before...))
	m.changed(rt, j, want, got, err, remindersOf(before...)(want))
}

func (m *model) rules(rt *rapid.T) {
	j := m.anyJury(rt)
	want := j
	before := offsets.Draw(rt, "before")
	want.Rules, want.Changes = nil, j.Changes+1
	for _, d := range before {
		want.Rules = append(want.Rules, d.String())
	}
	got, err := m.s.SetJuryRules(ctxOf(rt), j.Number, want.Rules, remindersOf(before...))
	m.changed(rt, j, want, got, err, remindersOf(before...)(want))
}

func (m *model) cancel(rt *rapid.T) {
	j := m.anyJury(rt)
	want := j
	want.State, want.Reason, want.Sequence, want.Changes = storage.JuryCancelled, "x", j.Sequence+1, j.Changes+1
	got, err := m.s.CancelJury(ctxOf(rt), j.Number, "x", nil)
	m.changed(rt, j, want, got, err, nil)
}

func (m *model) claim(rt *rapid.T) {
	// A clock that went back brings missed reminders back.
	limit := rapid.SampledFrom([]int{1, 2, 3, 1000}).Draw(rt, "limit")
	m.revive(limit)
	type candidate struct {
		since time.Time
		r     storage.Reminder
	}
	var candidates []candidate
	for _, r := range m.reminders {
		if since, ok := claimable(r, m.now); ok {
			candidates = append(candidates, candidate{since, r})
		}
	}
	slices.SortFunc(candidates, func(a, b candidate) int {
		return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.r.ID, b.r.ID))
	})
	var want []storage.Reminder
	for _, c := range candidates[:min(limit, len(candidates))] {
		c.r.State, c.r.ClaimedAt = storage.ReminderSending, m.now
		c.r.Attempts++
		m.reminders[c.r.ID] = c.r
		want = append(want, c.r)
	}
	slices.SortFunc(want, byDue)
	got, err := m.s.ClaimDue(ctxOf(rt), m.now, lease, limit)
	must(rt, err)
	same(rt, "the reminders claimed", got, want)
}

func byDue(a, b storage.Reminder) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) }

// anyReminder draws one, or skips the step.
func (m *model) anyReminder(rt *rapid.T) storage.Reminder {
	if len(m.reminders) == 0 {
		rt.Skip("no reminder yet")
	}
	var all []string
	for id := range m.reminders {
		all = append(all, id)
	}
	slices.Sort(all)
	return m.reminders[rapid.SampledFrom(all).Draw(rt, "reminder")]
}

// became records a reminder's change, if it was allowed.
func (m *model) became(rt *rapid.T, r storage.Reminder, allowed bool, err error) {
	if !allowed {
		mustBe(rt, "changing "+r.ID, err, storage.ErrState)
		return
	}
	must(rt, err)
	m.reminders[r.ID] = r
}

func (m *model) sent(rt *rapid.T) {
	r := m.anyReminder(rt)
	allowed := r.State == storage.ReminderSending
	r.State, r.Post, r.SentAt, r.LastError = storage.ReminderSent, "p", m.now, ""
	m.became(rt, r, allowed, m.s.MarkSent(ctxOf(rt), r.ID, "p", m.now))
}

func (m *model) release(rt *rapid.T) {
	r := m.anyReminder(rt)
	allowed := r.State == storage.ReminderSending
	r.State, r.NextTry, r.LastError = storage.ReminderDue, m.now.Add(steps.Draw(rt, "again in")), "down"
	m.became(rt, r, allowed, m.s.ReleaseReminder(ctxOf(rt), r.ID, r.NextTry, "down"))
}

func (m *model) mark(rt *rapid.T) {
	r := m.anyReminder(rt)
	allowed := unsent(r)
	r.State = rapid.SampledFrom([]storage.ReminderState{
		storage.ReminderMissed, storage.ReminderSkipped, storage.ReminderCancelled,
	}).Draw(rt, "state")
	r.LastError = "late"
	m.became(rt, r, allowed, m.s.MarkReminder(ctxOf(rt), r.ID, r.State, "late"))
}

// revive makes due again what was missed although its jury has yet to begin.
func (m *model) revive(limit int) {
	var missed []storage.Reminder
	for _, r := range m.reminders {
		if r.State == storage.ReminderMissed && r.Begins.After(m.now) {
			missed = append(missed, r)
		}
	}
	slices.SortFunc(missed, func(a, b storage.Reminder) int {
		return cmp.Or(a.Begins.Compare(b.Begins), cmp.Compare(a.ID, b.ID))
	})
	for _, r := range missed[:min(limit, len(missed))] {
		r.State, r.NextTry, r.LastError = storage.ReminderDue, time.Time{}, ""
		if j := m.juries[r.Jury]; j.State == storage.JuryCancelled || !j.At.Equal(r.Begins) {
			r.State = storage.ReminderCancelled
		}
		m.reminders[r.ID] = r
	}
}

func (m *model) want(rt *rapid.T) {
	r := m.anyReminder(rt)
	wanted := rapid.Bool().Draw(rt, "wanted")
	from, to := storage.ReminderDue, storage.ReminderUnwanted
	if wanted {
		from, to = to, from
	}
	allowed := r.State == from
	r.State = to
	m.became(rt, r, allowed, m.s.WantReminder(ctxOf(rt), r.ID, wanted))
}

func (m *model) answer(rt *rapid.T) {
	j := m.anyJury(rt)
	who := rapid.SampledFrom([]storage.PersonRef{ana, bob, "web:3"}).Draw(rt, "who")
	answer := rapid.SampledFrom([]storage.Answer{storage.AnswerHere, storage.AnswerAway}).Draw(rt, "answer")
	sequence := j.Sequence - rapid.IntRange(0, 1).Draw(rt, "an older card")
	got, changed, err := m.s.AnswerJury(ctxOf(rt), j.Number, sequence, who, answer, m.now, nil)
	i := slices.IndexFunc(j.Members, func(m storage.Member) bool { return m.Person == who })
	switch {
	case j.State == storage.JuryCancelled || sequence != j.Sequence:
		mustBe(rt, "answering too late", err, storage.ErrState)
		return
	case i < 0:
		mustBe(rt, "answering for a jury of others", err, storage.ErrForeign)
		return
	}
	must(rt, err)
	want := j
	want.Members = slices.Clone(j.Members)
	same(rt, "whether it changed", changed, j.Members[i].Answer != answer)
	if changed {
		want.Members[i].Answer, want.Members[i].AnsweredAt = answer, m.now
		want.Changes++
	}
	same(rt, "the jury answered", got, want)
	m.juries[j.Number] = want
}

// back sets the clock back.
func (m *model) back(rt *rapid.T) {
	m.now = m.now.Add(-steps.Draw(rt, "step back"))
	if rapid.Bool().Draw(rt, "far") {
		m.now = m.now.Add(-2 * storage.ClockSlack)
	}
}

func (m *model) clock(rt *rapid.T) { m.now = m.now.Add(steps.Draw(rt, "step")) }

// check compares all that the store says with the model, after every step.
func (m *model) check(rt *rapid.T) {
	var next time.Time
	of := make(map[int][]storage.Reminder)
	for _, r := range m.reminders {
		of[r.Jury] = append(of[r.Jury], r)
		if since, _ := ready(r); r.State == storage.ReminderDue && (next.IsZero() || since.Before(next)) {
			next = since
		}
	}
	for number := range m.juries {
		slices.SortFunc(of[number], byDue)
		got, err := m.s.RemindersOf(ctxOf(rt), storage.JurySubject(number))
		must(rt, err)
		same(rt, "the reminders of a jury", got, of[number])
	}
	got, ok, err := m.s.NextDue(ctxOf(rt))
	must(rt, err)
	same(rt, "the next reminder's time", got, next)
	same(rt, "whether there is a next reminder", ok, !next.IsZero())
}
