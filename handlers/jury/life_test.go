package jury_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"candide/bot"
	"candide/bot/bottest"
	"candide/storage"
)

// TestLife lets anything happen to juries: planned, moved, cancelled, their rules changed, their reminders skipped and
// put back, answered by their members, while the process dies before or after a post, the machine sleeps, and the clock
// is an hour back, a day ahead, a day back. After every step the reminders are exactly those of a model that knows
// neither the store nor the engine: a map, the calendar, and what it means to be late.
func TestLife(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	folder, runs := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		// Some days before each change of clocks, and among the holidays of May and Christmas.
		begin := rapid.SampledFrom([]time.Time{
			time.Date(2026, 3, 23, 9, 1, 0, 0, zone), time.Date(2026, 10, 19, 9, 1, 0, 0, zone),
			time.Date(2027, 3, 22, 9, 1, 0, 0, zone), time.Date(2027, 10, 25, 9, 1, 0, 0, zone),
			time.Date(2026, 4, 29, 9, 1, 0, 0, zone), time.Date(2026, 12, 17, 9, 1, 0, 0, zone),
		}).Draw(rt, "begin")
		l := &life{zone: zone, juries: map[int]*lived{}}
		l.panel = startAt(t, "equipe", bottest.Options{At: begin, Path: filepath.Join(folder, fmt.Sprintf("%d.db", runs))})
		defer l.Close()
		for _, name := range []bot.UserID{"alice", "bob", "carole"} {
			l.Platform.AddPerson(name)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"plan": l.plan, "move": l.move, "cancel": l.cancel, "rules": l.rules, "skip": l.skip, "answer": l.answer,
			"advance": l.advance, "sleep": l.sleep, "step": l.step, "die": l.die, "": l.check,
		})
	})
}

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

// order says something to the bot, and confirms what it asks about.
func (l *life) order(rt *rapid.T, text, want string) {
	got := l.say(text)
	if strings.Contains(got, "On continue ?") {
		got = l.press("Oui")
	}
	if !strings.Contains(got, want) {
		rt.Fatalf("%s: %q lacks %q", text, got, want)
	}
	l.sent(nil)
}

// date draws a quarter of an hour of the coming weeks, by its wall clock: none that the clocks skip or show twice.
func (l *life) date(rt *rapid.T) time.Time {
	day := rapid.IntRange(0, 15).Draw(rt, "days")
	quarter := rapid.IntRange(8*4, 21*4).Draw(rt, "quarter")
	now := l.Clock.Now().In(l.zone)
	return time.Date(now.Year(), now.Month(), now.Day()+day, 0, 15*quarter, 0, 0, l.zone)
}

func (l *life) plan(rt *rapid.T) {
	if len(l.juries) == 3 {
		rt.Skip("enough juries")
	}
	n := len(l.juries) + 1
	j := &lived{at: l.date(rt), rules: []string{"J-7", "J-1", "H-1"}, planned: map[string]*expected{}, answers: map[bot.UserID]storage.Answer{
		"alice": storage.NoAnswer, "bob": storage.NoAnswer,
	}}
	l.juries[n] = j
	l.schedule(n, j, true)
	l.order(rt, "jury planifier "+j.at.Format("2006-01-02 15:04")+" ~equipe Jury @alice @bob", fmt.Sprintf("n° %d planifié", n))
}

// pick draws a jury, cancelled ones included.
func (l *life) pick(rt *rapid.T) (int, *lived) {
	if len(l.juries) == 0 {
		rt.Skip("no jury")
	}
	n := rapid.IntRange(1, len(l.juries)).Draw(rt, "jury")
	return n, l.juries[n]
}

func (l *life) move(rt *rapid.T) {
	n, j := l.pick(rt)
	at := l.date(rt)
	text := fmt.Sprintf("jury déplacer %d %s", n, at.Format("2006-01-02 15:04"))
	if j.cancelled {
		l.order(rt, text, "déjà annulé")
		return
	}
	j.at, j.sequence = at, j.sequence+1
	for who := range j.answers {
		j.answers[who] = storage.NoAnswer
	}
	l.notices++
	l.schedule(n, j, true)
	l.order(rt, text, "déplacé")
}

func (l *life) cancel(rt *rapid.T) {
	n, j := l.pick(rt)
	text := fmt.Sprintf("jury annuler %d", n)
	if j.cancelled {
		l.order(rt, text, "déjà annulé")
		return
	}
	j.cancelled, j.sequence = true, j.sequence+1
	l.notices++
	l.schedule(n, j, true)
	l.order(rt, text, "annulé")
}

func (l *life) rules(rt *rapid.T) {
	n, j := l.pick(rt)
	rules := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"J-7", "J-3", "J-2", "J-1", "H-2", "H-1", "M-30"}), 1, 4, rapid.ID).Draw(rt, "rules")
	text := fmt.Sprintf("jury rappels %d %s", n, strings.Join(rules, " "))
	if j.cancelled {
		l.order(rt, text, "déjà annulé")
		return
	}
	j.rules = rules
	l.schedule(n, j, false)
	l.order(rt, text, "appel")
}

// skip does without a reminder to come, or wants it again, by its button.
func (l *life) skip(rt *rapid.T) {
	n, j := l.pick(rt)
	var open []*expected
	for _, r := range j.planned {
		if !r.nudge && r.due.After(l.Clock.Now()) && (r.state == storage.ReminderDue || r.state == storage.ReminderUnwanted) {
			open = append(open, r)
		}
	}
	if len(open) == 0 {
		rt.Skip("nothing to come")
	}
	slices.SortFunc(open, func(a, b *expected) int { return strings.Compare(a.id, b.id) })
	r := rapid.SampledFrom(open).Draw(rt, "reminder")
	label, state := "Sauter ", storage.ReminderUnwanted
	if r.state == storage.ReminderUnwanted {
		label, state = "Remettre ", storage.ReminderDue
	}
	l.say(fmt.Sprintf("jury rappels %d", n))
	r.state = state
	l.press(label + r.rule)
	l.sent(nil)
}

func (l *life) answer(rt *rapid.T) {
	n, j := l.pick(rt)
	if j.cancelled || !l.Clock.Now().Before(j.at) {
		rt.Skip("no buttons")
	}
	card := l.card(n)
	if len(card.Post.Actions) == 0 {
		rt.Skip("the clock is not what it was when the card was made")
	}
	who := rapid.SampledFrom([]bot.UserID{"alice", "bob", "carole"}).Draw(rt, "who")
	answer := rapid.SampledFrom([]storage.Answer{storage.AnswerHere, storage.AnswerAway}).Draw(rt, "answer")
	label := map[storage.Answer]string{storage.AnswerHere: "Je serai là", storage.AnswerAway: "Absent·e"}[answer]
	key := card.Button(label)
	err := l.TryPress(bot.Press{Key: key, Person: bottest.Who(who), Place: card.To.Place, Post: card.ID})
	if errors.Is(err, bot.ErrRefused) { // the clock went on, and the button is over
		return
	}
	if err != nil {
		rt.Fatal(err)
	}
	before, member := j.answers[who]
	if member && before != answer {
		j.answers[who] = answer
		if answer == storage.AnswerAway || before == storage.AnswerAway {
			l.told++
		}
	}
	l.tick()
	l.sent(nil)
}

// advance lets some quarters of an hour pass, and a minute.
func (l *life) advance(rt *rapid.T) {
	l.to(time.Duration(rapid.SampledFrom([]int{1, 2, 4, 30, 96}).Draw(rt, "quarters")) * 15 * time.Minute)
	l.tick()
	l.sent(nil)
}

// sleep lets a night pass in which the machine was asleep: one tick at its end, whatever came due.
func (l *life) sleep(*rapid.T) {
	l.to(13 * time.Hour)
	l.tick()
	l.sent(nil)
}

// step sets the clock wrong, or right again.
func (l *life) step(rt *rapid.T) {
	l.to(time.Duration(rapid.SampledFrom([]int{-1, 24, -24}).Draw(rt, "hours")) * time.Hour)
	l.tick()
	l.sent(nil)
}

// to moves the clock, to a minute past a quarter of an hour: no boundary is near when a process dies and comes back.
func (l *life) to(by time.Duration) {
	l.Clock.Set(l.Clock.Now().Add(by).Truncate(15 * time.Minute).Add(time.Minute))
}

var errDeath = errors.New("the process dies")

// die lets the process die before or after the first post of a tick, starts it again, and lets its claims run out.
func (l *life) die(rt *rapid.T) {
	l.to(time.Duration(rapid.SampledFrom([]int{1, 4, 96}).Draw(rt, "quarters")) * 15 * time.Minute)
	if rapid.Bool().Draw(rt, "after the post") {
		l.Platform.AfterPost(func(bottest.Posted) { panic(errDeath) })
	} else {
		l.Platform.Fail(func(op bottest.Op) error {
			if op == bottest.OpPost {
				panic(errDeath)
			}
			return nil
		})
	}
	died := func() (died bool) {
		defer func() {
			if v := recover(); v != nil {
				if v != errDeath {
					panic(v)
				}
				died = true
			}
		}()
		_ = l.engine.Tick(context.Background())
		return false
	}()
	l.Platform.AfterPost(nil)
	l.Platform.Fail(nil)
	if !died {
		l.sent(nil)
		return
	}
	l.Restart()
	l.sent(l.posted)
	l.Clock.Advance(3 * time.Minute)
	l.tick()
	l.sent(nil)
}

func (l *life) posted(id string) bool {
	return slices.ContainsFunc(l.Platform.Posts(), func(made bottest.Posted) bool { return made.Post.Key == id })
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
