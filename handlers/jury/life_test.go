package jury_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
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
