package jury_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"pgregory.net/rapid"

	"candide/bot"
	"candide/bot/bottest"
	"candide/storage"
)

// life is the model, beside the real thing.
type life struct {
	*panel
	zone    *time.Location
	juries  map[int]*lived
	notices int // moves and cancellations that the team is told of
	told    int // what the organiser is told of answers
}

type lived struct {
	at        time.Time
	sequence  int
	rules     []string
	answers   map[bot.UserID]storage.Answer
	cancelled bool
	planned   map[string]*expected
}

// expected is one reminder, as the model has it.
type expected struct {
	id, rule    string
	nudge       bool
	due, begins time.Time
	state       storage.ReminderState
}

// holidays of France between March 2026 and November 2027, written down from a calendar.
var holidays = map[string]bool{
	"2026-04-06": true, "2026-05-01": true, "2026-05-08": true, "2026-05-14": true, "2026-05-25": true, "2026-07-14": true,
	"2026-08-15": true, "2026-11-01": true, "2026-11-11": true, "2026-12-25": true, "2027-01-01": true, "2027-03-29": true,
	"2027-05-01": true, "2027-05-06": true, "2027-05-08": true, "2027-05-17": true, "2027-07-14": true, "2027-08-15": true,
	"2027-11-01": true, "2027-11-11": true,
}

// due is when a rule falls due, in the words of the issue.
func (l *life) due(rule string, at time.Time) time.Time {
	n, _ := strconv.Atoi(rule[2:])
	switch rule[0] {
	case 'H':
		return at.Add(-time.Duration(n) * time.Hour)
	case 'M':
		return at.Add(-time.Duration(n) * time.Minute)
	}
	local := at.In(l.zone)
	for {
		day := time.Date(local.Year(), local.Month(), local.Day()-n, local.Hour(), local.Minute(), 0, 0, l.zone)
		if day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && !holidays[day.Format(time.DateOnly)] {
			return day
		}
		n++
	}
}

// schedule makes what is planned before a jury; what was planned and not sent for another date or by another rule goes.
func (l *life) schedule(n int, j *lived, all bool) {
	now := l.Clock.Now()
	for _, r := range j.planned {
		gone := all || !r.nudge && !slices.Contains(j.rules, r.rule)
		if gone && (r.state == storage.ReminderDue || r.state == storage.ReminderUnwanted) {
			r.state = storage.ReminderCancelled
		}
	}
	if j.cancelled {
		return
	}
	add := func(id, rule string, nudge bool) {
		due := l.due(rule, j.at)
		if !due.After(now) {
			return
		}
		if old, ok := j.planned[id]; ok && old.state != storage.ReminderCancelled {
			return
		}
		j.planned[id] = &expected{id: id, rule: rule, nudge: nudge, due: due, begins: j.at, state: storage.ReminderDue}
	}
	for _, rule := range j.rules {
		add(fmt.Sprintf("jury/%d/%d/%s", n, j.sequence, rule), rule, false)
	}
	add(fmt.Sprintf("jury/%d/%d/nudge", n, j.sequence), "J-2", true)
}

// sent is what one tick makes of everything that is due. posted tells what a tick that died has posted; nil: all.
func (l *life) sent(posted func(id string) bool) {
	now := l.Clock.Now()
	for _, n := range slices.Sorted(maps.Keys(l.juries)) {
		j := l.juries[n]
		for _, r := range j.planned { // the clock was ahead when it was given up
			if r.state == storage.ReminderMissed && r.begins.After(now) {
				r.state = storage.ReminderDue
				if j.cancelled || !j.at.Equal(r.begins) {
					r.state = storage.ReminderCancelled
				}
			}
		}
		outcome := map[string]storage.ReminderState{}
		for id, r := range j.planned {
			if r.state != storage.ReminderDue || r.due.After(now) {
				continue
			}
			switch {
			case !now.Before(r.begins):
				outcome[id] = storage.ReminderMissed
			case l.overtaken(j, r, now), r.nudge && l.answered(j):
				outcome[id] = storage.ReminderSkipped
			default:
				outcome[id] = storage.ReminderSent
			}
		}
		for id, state := range outcome {
			if posted == nil || state == storage.ReminderSent && posted(id) {
				j.planned[id].state = state
			}
		}
	}
}

func (l *life) overtaken(j *lived, r *expected, now time.Time) bool {
	for _, other := range j.planned {
		if other != r && other.nudge == r.nudge && other.begins.Equal(r.begins) && !other.due.After(now) &&
			other.state != storage.ReminderCancelled && other.state != storage.ReminderUnwanted &&
			(other.due.After(r.due) || other.due.Equal(r.due) && other.id > r.id) {
			return true
		}
	}
	return false
}

func (l *life) answered(j *lived) bool {
	for _, a := range j.answers {
		if a == storage.NoAnswer {
			return false
		}
	}
	return true
}

// check compares every reminder, every answer, what was posted and the cards with the model.
func (l *life) check(rt *rapid.T) {
	keys := map[string]int{}
	notices, told := 0, 0
	for _, made := range l.Platform.Posts() {
		if made.Post.Key != "" {
			keys[made.Post.Key]++
		}
		switch {
		case strings.Contains(made.Post.Key, "/moved/"), strings.Contains(made.Post.Key, "/cancelled/"):
			notices++
		case strings.Contains(made.Post.Key, "/absent/"), strings.Contains(made.Post.Key, "/back/"):
			told++
		}
	}
	for key, n := range keys {
		if n > 1 && !strings.HasPrefix(key, "re:") && !strings.HasSuffix(key, "/missed") {
			rt.Fatalf("%q was posted %d times", key, n)
		}
	}
	if notices != l.notices || told != l.told {
		rt.Fatalf("the team was told of %d changes, want %d; the organiser of %d answers, want %d", notices, l.notices, told, l.told)
	}
	for n, j := range l.juries {
		l.checkJury(rt, n, j, keys)
	}
}

func (l *life) checkJury(rt *rapid.T, n int, j *lived, posted map[string]int) {
	list, err := l.Store.RemindersOf(context.Background(), storage.JurySubject(n))
	if err != nil {
		rt.Fatal(err)
	}
	for _, r := range list {
		if r.Kind != storage.KindReminder && r.Kind != storage.KindNudge {
			continue
		}
		want, ok := j.planned[r.ID]
		if !ok {
			rt.Fatalf("at %s: nobody planned %s, due %s", l.Clock.Now(), r.ID, r.Due)
		}
		if r.State != want.state || !r.Due.Equal(want.due) {
			rt.Fatalf("at %s: %s is %s, due %s; want %s, due %s (begins %s)", l.Clock.Now(), r.ID, r.State, r.Due, want.state, want.due, want.begins)
		}
		if (posted[r.ID] == 1) != (want.state == storage.ReminderSent) {
			rt.Fatalf("at %s: %s is %s, and was posted %d times", l.Clock.Now(), r.ID, r.State, posted[r.ID])
		}
	}
	if scheduled := slices.DeleteFunc(list, func(r storage.Reminder) bool {
		return r.Kind != storage.KindReminder && r.Kind != storage.KindNudge
	}); len(scheduled) != len(j.planned) {
		rt.Fatalf("at %s: %d reminders of jury %d, want %d", l.Clock.Now(), len(scheduled), n, len(j.planned))
	}
	kept, card := l.jury(n), l.card(n)
	for who, answer := range j.answers {
		m, _ := kept.Member(bottest.Who(who).Ref())
		if m.Answer != answer {
			rt.Fatalf("%s answered %q, want %q", who, m.Answer, answer)
		}
		if shown := strings.Contains(card.Post.Text, "@"+string(who)+" (absent·e)"); !j.cancelled && shown != (answer == storage.AnswerAway) {
			rt.Fatalf("%s answered %q, and the card says %q", who, answer, card.Post.Text)
		}
	}
	if strings.Contains(card.Post.Text, "Annulé") != j.cancelled || !kept.At.Equal(j.at) {
		rt.Fatalf("jury %d at %s, want %s; the card says %q", n, kept.At, j.at, card.Post.Text)
	}
}
