package bot_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"candide/bot"
	"candide/bot/bottest"
	"candide/storage"
)

var points = []bot.Point{bot.PointSeen, bot.PointIntended, bot.PointPosted, bot.PointMarked}

// registerLife is a conversation that is sure of everything but "hm", silent about "…", and says "both" in two posts;
// and a command that must not run twice.
func registerLife(ran *int) func(w *bottest.World) {
	return func(w *bottest.World) {
		w.Routes.Text(func(_ context.Context, r bot.Request) (bot.Response, error) {
			switch r.Text {
			case "hm":
				return bot.Response{Replies: []bot.Reply{{Text: "unsure"}}, Outcome: bot.OutcomeSuggest}, nil
			case "…":
				return bot.Response{}, nil
			case "both":
				return bot.Response{Replies: []bot.Reply{{Text: "one"}, {Text: "two"}}, Outcome: bot.OutcomeAnswer}, nil
			}
			return bot.Response{Replies: []bot.Reply{{Text: "answer to " + r.Text}}, Outcome: bot.OutcomeAnswer}, nil
		})
		err := w.Routes.Command(bot.Command{Names: []string{"count"}, Run: func(context.Context, bot.Request) (bot.Response, error) {
			if !w.Dead() {
				*ran++
			}
			return bot.Say(fmt.Sprint("counted ", *ran)), nil
		}})
		if err != nil {
			w.T.Fatal(err)
		}
	}
}

func direct(id bot.PostID, text string) bot.Message {
	return bot.Message{ID: id, Place: bottest.DirectPlace("carl"), From: bottest.Who("carl"), Text: text, Addressed: true}
}

// standing returns the texts of the posts that were not removed.
func standing(w *bottest.World) string {
	var all []string
	for _, p := range w.Platform.Posts() {
		if !p.Removed {
			all = append(all, p.Post.Text)
		}
	}
	return strings.Join(all, "|")
}

// The process dies at each point, and again at each point while it makes up for that; the platform hands the message
// over again each time, as a catch-up does.
func TestDyingAtEachPoint(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"hello", "answer to hello"}, {"both", "one|two"}, {"hm", "unsure"}, {"…", ""},
	} {
		for _, first := range points {
			for _, second := range points {
				for nth := 1; nth <= 2; nth++ {
					var ran int
					w := bottest.NewWorld(t, bottest.Options{Register: registerLife(&ran), Patience: time.Millisecond})
					for _, at := range []bot.Point{first, second} {
						w.DieAt(at, nth)
						w.Message(direct("m1", c.text))
						if w.Dead() {
							w.Revive()
						}
					}
					w.DieAt("", 0)
					for range 2 {
						w.Message(direct("m1", c.text))
					}
					if got := standing(w); got != c.want {
						t.Errorf("%q, dying when %s and when %s (%d): %q", c.text, first, second, nth, got)
					}
					if open := openMessages(t, w); open != 0 {
						t.Errorf("%q, dying when %s and when %s (%d): %d left open", c.text, first, second, nth, open)
					}
					w.Close()
				}
			}
		}
	}
}

func openMessages(t *testing.T, w *bottest.World) int {
	t.Helper()
	open, err := w.Store.OpenMessages(context.Background(), string(bottest.ID))
	if err != nil {
		t.Fatal(err)
	}
	return len(open)
}

// A command has effects of its own: it is not begun a second time, and the person is told where that leaves a doubt.
func TestCommandsAreNotRunTwice(t *testing.T) {
	for at, want := range map[bot.Point]string{
		bot.PointSeen:     "counted 1",
		bot.PointIntended: "[interrupted]", // perhaps done, perhaps not
		bot.PointPosted:   "counted 1",
		bot.PointMarked:   "counted 1",
	} {
		ran := 0
		w := bottest.NewWorld(t, bottest.Options{Register: registerLife(&ran), Patience: time.Millisecond})
		w.DieAt(at, 1)
		w.Message(direct("m1", "count"))
		w.Revive()
		w.Message(direct("m1", "count"))
		if got := standing(w); got != want || ran > 1 {
			t.Errorf("dying when %s: %q, ran %d times", at, got, ran)
		}
		w.Close()
	}
}

// The server does not answer for a while: what was decided is delivered when it does, and nothing is decided twice.
func TestDeliveredLater(t *testing.T) {
	ran := 0
	w := bottest.NewWorld(t, bottest.Options{Register: registerLife(&ran)})
	var mu sync.Mutex
	failures := 0
	w.Platform.Fail(func(op bottest.Op) error {
		mu.Lock()
		defer mu.Unlock()
		if op != bottest.OpPost || failures == 10 {
			return nil
		}
		failures++
		return errServer
	})
	w.Message(direct("m1", "count"))
	if got := standing(w); got != "counted 1" || failures != 10 {
		t.Errorf("%q, after %d failures", got, failures)
	}
}

// The server took the post and its answer was lost.
func TestPostTakenAndAnswerLost(t *testing.T) {
	ran := 0
	w := bottest.NewWorld(t, bottest.Options{Register: registerLife(&ran)})
	w.Platform.LoseAnswers(5)
	w.Message(direct("m1", "both"))
	w.Message(direct("m2", "hello"))
	if got := standing(w); got != "one|two|answer to hello" {
		t.Errorf("%q", got)
	}
}

func TestEditedQuestion(t *testing.T) {
	ran := 0
	w := bottest.NewWorld(t, bottest.Options{Register: registerLife(&ran)})
	edit := func(id bot.PostID, text string) string {
		t.Helper()
		w.Clock.Advance(time.Minute)
		m := direct(id, text)
		m.Edited = w.Clock.Now()
		w.Message(m)
		w.Message(m) // the same edit, handed over again
		return standing(w)
	}
	w.Message(direct("m1", "hm"))
	if got := edit("m1", "hello"); got != "answer to hello" {
		t.Errorf("edited, where it was unsure: %q", got)
	}
	if got := edit("m1", "bye"); got != "answer to hello" {
		t.Errorf("edited, where it had answered: %q", got)
	}
	w.Message(direct("m2", "…"))
	if got := edit("m2", "two"); got != "answer to hello|answer to two" {
		t.Errorf("edited, where it was silent: %q", got)
	}
	// The unsure answer was taken away meanwhile: there is nothing to replace.
	w.Message(direct("m3", "hm"))
	if err := w.Runtime.Remove(context.Background(), bottest.DirectPlace("carl"), w.Platform.Last().ID); err != nil {
		t.Fatal(err)
	}
	if got := edit("m3", "three"); got != "answer to hello|answer to two|answer to three" {
		t.Errorf("edited, where its answer was removed: %q", got)
	}
}

// It is edited while the first version is being answered.
func TestEditedMeanwhile(t *testing.T) {
	hold, begun := make(chan struct{}), make(chan struct{}, 1)
	w := bottest.NewWorld(t, bottest.Options{Register: func(w *bottest.World) {
		w.Routes.Text(func(_ context.Context, r bot.Request) (bot.Response, error) {
			if r.Text != "hm" {
				return bot.Response{Replies: []bot.Reply{{Text: "answer to " + r.Text}}, Outcome: bot.OutcomeAnswer}, nil
			}
			begun <- struct{}{}
			<-hold
			return bot.Response{Replies: []bot.Reply{{Text: "unsure"}}, Outcome: bot.OutcomeUnknown}, nil
		})
	}})
	done, err := w.Runtime.Message(context.Background(), direct("m1", "hm"))
	if err != nil {
		t.Fatal(err)
	}
	<-begun
	edited := direct("m1", "hello")
	edited.Edited = w.Clock.Now()
	if _, err := w.Runtime.Message(context.Background(), edited); err != nil {
		t.Fatal(err)
	}
	close(hold)
	<-done
	if got := standing(w); got != "answer to hello" {
		t.Errorf("%q", got)
	}
}

func TestRemovedQuestion(t *testing.T) {
	ran := 0
	w := bottest.NewWorld(t, bottest.Options{Register: registerLife(&ran)})
	remove := func(id bot.PostID) {
		t.Helper()
		d := bot.Removal{ID: id, Place: bottest.DirectPlace("carl"), Person: bottest.Who("carl")}
		if err := w.Runtime.Removed(context.Background(), d); err != nil {
			t.Fatal(err)
		}
		w.Direct("carl", "…") // behind it
	}
	w.Message(direct("m1", "both"))
	w.Message(direct("m2", "hello"))
	remove("m1")
	remove("m1")
	remove("never seen")
	if got := standing(w); got != "answer to hello" {
		t.Errorf("after the removal: %q", got)
	}
	// The server fails: the removal stays open, and comes again with the next catch-up.
	w.Platform.Fail(failing(bottest.OpUpdate))
	remove("m2")
	if got, open := standing(w), openMessages(t, w); got != "answer to hello" || open != 1 {
		t.Errorf("while the server fails: %q, %d open", got, open)
	}
	w.Platform.Fail(nil)
	w.Restart()
	remove("m2")
	if got, open := standing(w), openMessages(t, w); got != "" || open != 0 {
		t.Errorf("once it works again: %q, %d open", got, open)
	}
	if done := w.Message(direct("m2", "hello")); len(done) != 0 {
		t.Error("a removed question is answered")
	}
}

// TestOnceWhateverHappens: whatever happens to the process, to the server and to the messages, in whatever order, each question has
// exactly one answer at the end, to one of its versions, and each one removed has none.
func TestOnceWhateverHappens(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ran := 0
		w := bottest.NewWorld(t, bottest.Options{Register: registerLife(&ran), Patience: time.Millisecond})
		defer w.Close()
		versions := map[bot.PostID]bot.Message{} // as the chat server has them
		removed := map[bot.PostID]bool{}
		hand := func() { // a catch-up, which may be the last thing the process does
			for _, id := range slices.Sorted(maps.Keys(versions)) {
				if removed[id] {
					d := bot.Removal{ID: id, Place: versions[id].Place, Person: versions[id].From}
					if err := w.Runtime.Removed(context.Background(), d); err != nil {
						rt.Fatal(err)
					}
				} else {
					w.Message(versions[id])
				}
				w.Message(bot.Message{ID: "end", Place: bottest.DirectPlace("carl"), From: bottest.Who("carl"), Text: "…"})
				if w.Dead() {
					w.Revive()
				}
			}
		}
		for range rapid.IntRange(1, 12).Draw(rt, "events") {
			id := bot.PostID(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "message"))
			switch m, known := versions[id]; rapid.SampledFrom([]string{"write", "edit", "remove", "die", "lose", "catch up"}).Draw(rt, "event") {
			case "write":
				if !known {
					versions[id] = direct(id, rapid.SampledFrom([]string{"hm", "…", "hello " + string(id)}).Draw(rt, "text"))
				}
			case "edit":
				if known {
					w.Clock.Advance(time.Second)
					m.Text, m.Edited = "hello "+string(id), w.Clock.Now()
					versions[id] = m
				}
			case "remove":
				removed[id] = removed[id] || known
			case "die":
				w.DieAt(rapid.SampledFrom(points).Draw(rt, "point"), rapid.IntRange(1, 3).Draw(rt, "nth"))
				hand()
			case "lose":
				w.Platform.LoseAnswers(rapid.IntRange(1, 4).Draw(rt, "answers"))
			case "catch up":
				hand()
			}
		}
		w.DieAt("", 0)
		w.Platform.LoseAnswers(0)
		hand()
		w.Restart()
		hand()
		answers := map[bot.PostID]int{}
		for _, p := range w.Platform.Posts() {
			if p.Removed {
				continue
			}
			id := bot.PostID(strings.Split(p.Post.Key, ":")[2])
			answers[id]++
			want := map[string]string{"hm": "unsure"}[versions[id].Text]
			if want == "" {
				want = "answer to " + versions[id].Text
			}
			if p.Post.Text != want {
				rt.Errorf("%s, which reads %q, is answered %q", id, versions[id].Text, p.Post.Text)
			}
		}
		for id, m := range versions {
			want := 1
			if removed[id] || m.Text == "…" {
				want = 0
			}
			if answers[id] != want {
				rt.Errorf("%s (%q, removed: %v) has %d answers", id, m.Text, removed[id], answers[id])
			}
		}
	})
}

// counted is a meter that remembers.
type counted struct {
	mu sync.Mutex
	of map[string]int
}

func (c *counted) add(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = map[string]int{}
	}
	c.of[what]++
}

func (c *counted) Handled(_, outcome string, _ time.Duration) { c.add(outcome) }
func (c *counted) Refused(string, bool)                       { c.add("dropped") }
func (c *counted) Reminder(event string)                      { c.add("reminder " + event) }

// A thousand messages at once, with room for four hundred: all are handled, or said to be dropped.
func TestOverload(t *testing.T) {
	c := &counted{}
	w := bottest.NewWorld(t, bottest.Options{Waiting: 400, Meter: c, Register: func(w *bottest.World) {
		w.Routes.Text(func(context.Context, bot.Request) (bot.Response, error) {
			return bot.Response{Replies: []bot.Reply{{Text: "yes"}}, Outcome: bot.OutcomeAnswer}, nil
		})
	}})
	var wg sync.WaitGroup
	for i := range 1000 {
		wg.Go(func() {
			who := bot.UserID(fmt.Sprint("p", i%100))
			m := bot.Message{ID: bot.PostID(fmt.Sprint(i)), Place: bottest.DirectPlace(who), From: bottest.Who(who), Text: "?", Addressed: true}
			_, _ = w.Runtime.Message(context.Background(), m) // ErrBusy is counted
		})
	}
	wg.Wait()
	w.Runtime.Close()
	if c.of["answer"]+c.of["dropped"] != 1000 || c.of["answer"] < 400 || len(w.Platform.Posts()) != c.of["answer"] {
		t.Errorf("%v, with %d posts", c.of, len(w.Platform.Posts()))
	}
}

func TestManners(t *testing.T) {
	ran := 0
	c := &counted{}
	w := bottest.NewWorld(t, bottest.Options{Register: registerLife(&ran), Meter: c})
	unasked := func(who bot.UserID, thread bot.PostID) int {
		in := bottest.PublicPlace("recrutement")
		in.Thread = thread
		return len(w.Message(bot.Message{Place: in, From: bottest.Who(who), Text: "hello", Campaign: true}))
	}
	if n := unasked("carl", ""); n != 1 {
		t.Errorf("the first question: %d answers", n)
	}
	w.Clock.Advance(time.Minute - time.Second)
	if n := unasked("carl", ""); n != 0 {
		t.Errorf("a second one within a minute: %d answers", n)
	}
	asked := bot.Message{Place: bottest.PublicPlace("recrutement"), From: bottest.Who("carl"), Text: "hello", Addressed: true}
	if n := len(w.Message(asked)); n != 1 {
		t.Errorf("asked by name, it answers at any time: %d answers", n)
	}
	w.Clock.Advance(time.Second)
	if n := unasked("carl", ""); n != 1 {
		t.Errorf("a minute later: %d answers", n)
	}
	w.Platform.Join("t1", "carl")
	if n := unasked("dina", "t1"); n != 0 {
		t.Errorf("where somebody else talks: %d answers", n)
	}
	w.Platform.Join("t2", "dina")
	if n := unasked("dina", "t2"); n != 1 {
		t.Errorf("in her own thread: %d answers", n)
	}
	total := 0
	for i := range 10 {
		total += unasked(bot.UserID(fmt.Sprint("p", i)), "")
	}
	if total != 4 { // beside carl's and dina's
		t.Errorf("in one channel within a minute: %d more answers", total)
	}
	if c.of["held"] != 8 {
		t.Errorf("counted %v", c.of)
	}
}

// What was seen by one process and never handled is open to the next, which is told when it was written.
func TestOpenAfterASeenMessage(t *testing.T) {
	ran := 0
	w := bottest.NewWorld(t, bottest.Options{Register: registerLife(&ran), Patience: time.Millisecond})
	w.DieAt(bot.PointSeen, 1)
	m := direct("m1", "hello")
	m.At = w.Clock.Now().Add(-time.Hour)
	w.Message(m)
	w.Revive()
	open, err := w.Store.OpenMessages(context.Background(), string(bottest.ID))
	if err != nil || len(open) != 1 || !open[0].At.Equal(m.At) || open[0].State != storage.MessageSeen {
		t.Errorf("open: %+v, %v", open, err)
	}
}

// One platform's server hangs: the people of another are answered.
func TestAHangingPlatform(t *testing.T) {
	hold := make(chan struct{})
	w := bottest.NewWorld(t, bottest.Options{Waiting: 100, Register: func(w *bottest.World) {
		w.Runtime.Add(bottest.New("other"))
		w.Routes.Text(func(_ context.Context, r bot.Request) (bot.Response, error) {
			if r.From.Platform == bottest.ID {
				<-hold
			}
			return bot.Say("yes"), nil
		})
	}})
	for i := range 100 {
		who := bot.UserID(fmt.Sprint("p", i))
		m := bot.Message{ID: bot.PostID(fmt.Sprint(i)), Place: bottest.DirectPlace(who), From: bottest.Who(who), Text: "?", Addressed: true}
		if _, err := w.Runtime.Message(context.Background(), m); err != nil {
			t.Fatal(err)
		}
	}
	other := bot.Message{
		ID: "1", From: bot.Person{Platform: "other", User: "carl"}, Text: "?", Addressed: true,
		Place: bot.Place{Platform: "other", Channel: "c", Visibility: bot.Direct},
	}
	done, err := w.Runtime.Message(context.Background(), other)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Error("the other platform's people wait as well")
	}
	close(hold)
}
