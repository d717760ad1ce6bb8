package bot_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"candide/bot"
	"candide/bot/bottest"
	"candide/storage"
)

// TestReminderModel lets anything happen to juries, to the chat server and to the process, and checks what must hold
// whatever the order: no reminder is posted twice, early, once its jury has begun, was moved or was cancelled, nor
// after a later one of the same jury; recruiters are told once at most. In the end, when all works again, each is in
// the state that what was posted says.
func TestReminderModel(t *testing.T) {
	folder, runs := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		m := &reminderModel{panel: &panel{}, juries: map[int]storage.Jury{}, known: map[string]known{}, posted: map[string]time.Time{}}
		m.World = bottest.NewWorld(t, bottest.Options{
			Path: filepath.Join(folder, fmt.Sprintf("%d.db", runs)),
			Register: func(w *bottest.World) {
				m.engine = bot.NewEngine(w.Runtime, w.Store, composer{})
			},
		})
		defer m.Close()
		m.Platform.AddChannel(bottest.PrivatePlace("recruteurs"))
		rt.Repeat(map[string]func(*rapid.T){
			"plan": m.planOne, "move": m.move, "cancel": m.cancel, "advance": m.advance, "tick": m.tickOne,
			"break": m.breakOne, "repair": m.repair, "die": m.die, "": m.check,
		})
		m.drain(rt)
	})
}

type reminderModel struct {
	*panel
	juries map[int]storage.Jury // those not cancelled
	known  map[string]known     // every reminder ever planned
	posted map[string]time.Time // reminder → when it was posted
	seen   int                  // how many posts were looked at
	told   map[string]bool
	moves  int
}

// known is a reminder as planned, and until when it was to be sent.
type known struct {
	storage.Reminder
	ended time.Time // when its jury was moved or cancelled; zero: not
}

var modelMinutes = []int{180, 90, 30, 5}

func (m *reminderModel) pick(rt *rapid.T) storage.Jury {
	if len(m.juries) == 0 {
		rt.Skip("no jury")
	}
	var numbers []int
	for n := 1; n < 100; n++ {
		if _, ok := m.juries[n]; ok {
			numbers = append(numbers, n)
		}
	}
	return m.juries[rapid.SampledFrom(numbers).Draw(rt, "jury")]
}

// note keeps a jury as it now stands, its earlier reminders ended.
func (m *reminderModel) note(j storage.Jury) {
	m.end(j.Number)
	m.juries[j.Number] = j
	for _, r := range before(modelMinutes...)(j) {
		m.known[r.ID] = known{Reminder: r}
	}
}

func (m *reminderModel) end(number int) {
	for id, k := range m.known {
		if k.Subject == storage.JurySubject(number) && k.ended.IsZero() {
			k.ended = m.Clock.Now()
			m.known[id] = k
		}
	}
}

func (m *reminderModel) planOne(rt *rapid.T) {
	m.note(m.plan(rapid.IntRange(1, 400).Draw(rt, "in"), modelMinutes...))
}

func (m *reminderModel) move(rt *rapid.T) {
	m.moves++ // no two dates of one jury are the same
	at := m.Clock.Now().Add(time.Duration(rapid.IntRange(1, 400).Draw(rt, "to"))*time.Minute + time.Duration(m.moves)*time.Millisecond)
	j, err := m.Store.MoveJury(context.Background(), m.pick(rt).Number, at, before(modelMinutes...))
	if err != nil {
		rt.Fatal(err)
	}
	m.note(j)
}

func (m *reminderModel) cancel(rt *rapid.T) {
	j := m.pick(rt)
	if _, err := m.Store.CancelJury(context.Background(), j.Number, "", nil); err != nil {
		rt.Fatal(err)
	}
	m.end(j.Number)
	delete(m.juries, j.Number)
}

func (m *reminderModel) advance(rt *rapid.T) {
	m.Clock.Advance(time.Duration(rapid.SampledFrom([]int{1, 5, 30, 121, 900, 7200}).Draw(rt, "seconds")) * time.Second)
}

func (m *reminderModel) tickOne(rt *rapid.T) {
	m.crash()
	for _, err := range m.ticked {
		if err != nil && !errors.Is(err, errServer) {
			rt.Fatalf("tick: %v", err)
		}
	}
	m.ticked = nil
}

func (m *reminderModel) breakOne(rt *rapid.T) {
	m.Platform.Fail(failing(rapid.SampledFrom([]bottest.Op{bottest.OpPost, bottest.OpFind}).Draw(rt, "operation")))
}

func (m *reminderModel) repair(*rapid.T) { m.Platform.Fail(nil) }

// die makes the process die just before, or just after, the next post.
func (m *reminderModel) die(rt *rapid.T) {
	if rapid.Bool().Draw(rt, "after the post") {
		m.Platform.AfterPost(func(bottest.Posted) { panic(errCrash) })
		return
	}
	m.Platform.Fail(func(op bottest.Op) error {
		if op == bottest.OpPost {
			panic(errCrash)
		}
		return nil
	})
}

// check looks at what was posted since the last time. Every action that may post is followed by it at once, so that
// the clock still shows when.
func (m *reminderModel) check(rt *rapid.T) {
	posts := m.Platform.Posts()
	now := m.Clock.Now()
	for _, made := range posts[m.seen:] {
		if missed, ok := strings.CutSuffix(made.Post.Key, "/missed"); ok {
			k := m.known[missed]
			about := missed[:strings.LastIndex(missed, "/")] // jury and sequence
			if m.told == nil {
				m.told = map[string]bool{}
			}
			if m.told[about] || now.Before(k.Begins) || !k.ended.IsZero() {
				rt.Fatalf("recruiters are told of %s at %s: told before: %v, begins %s", missed, now, m.told[about], k.Begins)
			}
			m.told[about] = true
			continue
		}
		k, ok := m.known[made.Post.Key]
		if !ok {
			rt.Fatalf("posted the unknown %q", made.Post.Key)
		}
		if at, twice := m.posted[k.ID]; twice {
			rt.Fatalf("%s was posted at %s and again at %s", k.ID, at, now)
		}
		if now.Before(k.Due) || !now.Before(k.Begins) || !k.ended.IsZero() {
			rt.Fatalf("%s was posted at %s: due %s, begins %s, ended %s", k.ID, now, k.Due, k.Begins, k.ended)
		}
		for id := range m.posted {
			if other := m.known[id]; other.Subject == k.Subject && other.ended.IsZero() && other.Due.After(k.Due) {
				rt.Fatalf("%s was posted after %s, which is due later", k.ID, id)
			}
		}
		m.posted[k.ID] = now
	}
	m.seen = len(posts)
}

// drain lets everything work for an hour, and compares every reminder with what was posted of it.
func (m *reminderModel) drain(rt *rapid.T) {
	m.Platform.Fail(nil)
	m.Platform.AfterPost(nil)
	for range 10 {
		m.Clock.Advance(6 * time.Minute) // longer than any wait between two attempts, and than a dead process's claim
		m.tickOne(rt)
		m.check(rt)
	}
	now := m.Clock.Now()
	for id, k := range m.known {
		list, err := m.Store.RemindersOf(context.Background(), k.Subject)
		if err != nil {
			rt.Fatal(err)
		}
		var got storage.Reminder
		for _, r := range list {
			if r.ID == id {
				got = r
			}
		}
		_, posted := m.posted[id]
		if want := m.expected(k, posted, now); !strings.Contains(want, string(got.State)) {
			rt.Fatalf("%s (due %s, begins %s, ended %s, posted: %v) is %s, want %s", id, k.Due, k.Begins, k.ended, posted, got.State, want)
		}
	}
}

// expected names the states in which a reminder may be once everything has worked for an hour.
func (m *reminderModel) expected(k known, posted bool, now time.Time) string {
	switch {
	case posted && !k.ended.IsZero():
		return "sent cancelled" // cancelled: the process died between its post and the note of it
	case posted:
		return "sent"
	case !k.ended.IsZero():
		return "cancelled missed skipped" // the latter two: before the end
	case k.Due.After(now):
		return "due"
	case m.overtaken(k):
		return "skipped missed"
	default:
		return "missed"
	}
}

// overtaken reports whether a later reminder of the same jury came due: the only reason not to send one.
func (m *reminderModel) overtaken(k known) bool {
	for _, other := range m.known {
		if other.Subject == k.Subject && other.ended.IsZero() && other.Due.After(k.Due) && !other.Due.After(m.Clock.Now()) {
			return true
		}
	}
	return false
}
