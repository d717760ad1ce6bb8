package bottest

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/storage/boltdb"
)

// Options are what a World is made of; all may be left out.
type Options struct {
	Platform func(*Platform) bot.Platform // the capabilities; nil: NewFull
	Phrases  bot.Phrases                  // nil: Keys
	Register func(w *World)               // gives w.Routes its conversations, at each start
	At       time.Time                    // zero: 16 November 2020, 10:00 in Paris
	Now      func() time.Time             // nil: the world's own clock
	Path     string                       // the database; empty: a new one
	Waiting  int                          // as bot.Options
	Patience time.Duration                // as bot.Options
	Meter    bot.Meter                    // as bot.Options
}

// World is a runtime on a real store, with a fake platform and a clock set by hand.
type World struct {
	T        testing.TB
	Store    *boltdb.Store
	Clock    *Clock
	Platform *Platform
	Routes   *bot.Routes
	Runtime  *bot.Runtime

	options  Options
	messages int
	closed   bool
	death    death
}

// NewWorld starts a world, until the test ends.
func NewWorld(t testing.TB, o Options) *World {
	t.Helper()
	if o.At.IsZero() {
		o.At = time.Date(2020, 11, 16, 9, 0, 0, 0, time.UTC)
	}
	if o.Platform == nil {
		o.Platform = func(p *Platform) bot.Platform { return NewFull(p) }
	}
	if o.Phrases == nil {
		o.Phrases = Keys{}
	}
	w := &World{T: t, Clock: NewClock(o.At), Platform: New(ID)}
	if o.Now == nil {
		o.Now = w.Clock.Now
	}
	if o.Path == "" {
		o.Path = filepath.Join(t.TempDir(), "candide.db")
	}
	w.options = o
	w.start()
	t.Cleanup(w.Close)
	return w
}

func (w *World) start() {
	w.T.Helper()
	var err error
	if w.Store, err = boltdb.Open(w.options.Path, boltdb.WithoutSync()); err != nil {
		w.T.Fatal(err)
	}
	w.Routes = bot.NewRoutes()
	w.Runtime = bot.NewRuntime(bot.Options{
		Store: w.Store, Routes: w.Routes, Phrases: w.options.Phrases, Now: w.options.Now,
		Waiting: w.options.Waiting, Patience: w.options.Patience, Retry: time.Millisecond,
		Meter: w.options.Meter, Passed: w.passed,
	})
	w.Runtime.Add(w.options.Platform(w.Platform))
	if w.options.Register != nil {
		w.options.Register(w)
	}
}

// Close ends the world before its test does.
func (w *World) Close() {
	if !w.closed {
		w.closed = true
		w.stop()
	}
}

func (w *World) stop() {
	w.Runtime.Close()
	if err := w.Store.Close(); err != nil {
		w.T.Error(err)
	}
}

// Restart stops the runtime and the store and starts them anew: what was only in memory is gone. The chat server and
// its posts stay.
func (w *World) Restart() {
	w.T.Helper()
	w.stop()
	w.start()
}

// Path is the database's.
func (w *World) Path() string { return w.options.Path }

// Keys says the key of each sentence, with what fills it: "[form-too-long max=150 n=151]".
type Keys struct{}

// Say implements bot.Phrases.
func (Keys) Say(_, key string, args ...string) string {
	var b strings.Builder
	b.WriteString("[" + key)
	for i := 0; i+1 < len(args); i += 2 {
		fmt.Fprintf(&b, " %s=%s", args[i], args[i+1])
	}
	b.WriteString("]")
	return b.String()
}

// Who is somebody on the platform.
func Who(id bot.UserID) bot.Person { return bot.Person{Platform: ID, User: id, Name: string(id)} }

// DirectPlace is somebody's direct conversation with the bot.
func DirectPlace(id bot.UserID) bot.Place {
	return bot.Place{Platform: ID, Channel: bot.ChannelID("dm-" + string(id)), Visibility: bot.Direct}
}

// PublicPlace is a channel that everybody can join.
func PublicPlace(name string) bot.Place {
	return bot.Place{Platform: ID, Channel: bot.ChannelID("c-" + name), Name: name, Visibility: bot.Public}
}

// PrivatePlace is a channel whose members are chosen.
func PrivatePlace(name string) bot.Place {
	return bot.Place{Platform: ID, Channel: bot.ChannelID("c-" + name), Name: name, Visibility: bot.Private}
}

// Message hands m to the runtime, waits until it was worked on, and returns what was posted meanwhile. It is given an
// id and the present time when it has none.
func (w *World) Message(m bot.Message) []Posted {
	w.T.Helper()
	if m.ID == "" && !m.Command {
		w.messages++
		m.ID = bot.PostID(fmt.Sprintf("message-%d", w.messages))
	}
	if m.At.IsZero() {
		m.At = w.Clock.Now()
	}
	w.Platform.hear(m)
	before := len(w.Platform.Posts())
	done, err := w.Runtime.Message(context.Background(), m)
	if err != nil {
		w.T.Fatalf("handling a message: %v", err)
	}
	w.wait(done)
	return w.Platform.Posts()[before:]
}

// Direct is Message for a direct message.
func (w *World) Direct(from bot.UserID, text string) []Posted {
	w.T.Helper()
	return w.Message(bot.Message{Place: DirectPlace(from), From: Who(from), Text: text, Addressed: true})
}

// Say is Direct, and what it is answered, a line break between the posts.
func (w *World) Say(from bot.UserID, text string) string {
	w.T.Helper()
	var all []string
	for _, made := range w.Direct(from, text) {
		all = append(all, made.Post.Text)
	}
	return strings.Join(all, "\n")
}

// Expect checks that what a direct message is answered holds each of the texts wanted.
func (w *World) Expect(from bot.UserID, text string, want ...string) {
	w.T.Helper()
	got := w.Say(from, text)
	for _, part := range want {
		if !strings.Contains(got, part) {
			w.T.Errorf("%q: %q is not in\n%s", text, part, got)
		}
	}
}

// Slash is Message for a slash command typed in a place.
func (w *World) Slash(from bot.UserID, in bot.Place, text string) []Posted {
	w.T.Helper()
	return w.Message(bot.Message{Place: in, From: Who(from), Text: text, Addressed: true, Command: true, Ticket: "ticket"})
}

// Press presses the button of a post whose label holds label, and returns what was posted meanwhile.
func (w *World) Press(from bot.UserID, made Posted, label string) []Posted {
	w.T.Helper()
	key := made.Button(label)
	if key == "" {
		w.T.Fatalf("the post %q has no button %q", made.Post.Text, label)
	}
	place := made.To.Place
	if made.To.Direct {
		place = DirectPlace(from)
	}
	before := len(w.Platform.Posts())
	if err := w.TryPress(bot.Press{Key: key, Person: Who(from), Place: place, Post: made.ID}); err != nil {
		w.T.Fatalf("pressing %q: %v", label, err)
	}
	return w.Platform.Posts()[before:]
}

// TryPress hands p to the runtime, waits until it was worked on, and returns why it was refused, if it was.
func (w *World) TryPress(p bot.Press) error {
	w.T.Helper()
	done, err := w.Runtime.Press(context.Background(), p)
	if err != nil {
		return err
	}
	w.wait(done)
	return nil
}

func (w *World) wait(done <-chan struct{}) {
	w.T.Helper()
	select {
	case <-done:
	case <-time.After(time.Minute):
		w.T.Fatal("the work was never done")
	}
}
