package mattermost

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestCursorNeverPassesWhatWasMissed: in whatever order posts are taken or missed, gaps open and are read again, a post
// that was not taken is not older than its channel's cursor.
func TestCursorNeverPassesWhatWasMissed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newReading()
		r.begin(1)
		now := int64(10)
		type post struct {
			channel string
			at      int64
		}
		var untaken []post // what the channels hold and nobody took
		channel := func() string { return rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "channel") }
		connected := false
		rt.Repeat(map[string]func(*rapid.T){
			"post": func(rt *rapid.T) {
				now++
				p := post{channel(), now}
				switch {
				case !connected:
					untaken = append(untaken, p)
				case rapid.Bool().Draw(rt, "taken"):
					r.took(p.channel, p.at)
				default:
					untaken = append(untaken, p)
					r.miss(p.channel)
				}
			},
			"cut":     func(*rapid.T) { connected = false; r.gap() },
			"connect": func(*rapid.T) { connected = true },
			"read": func(*rapid.T) {
				if !connected {
					return
				}
				todo := r.todo()
				if rapid.Bool().Draw(rt, "another gap meanwhile") {
					r.gap()
					now++
					defer func() { untaken = append(untaken, post{channel(), now}) }()
				}
				kept := untaken[:0]
				for _, p := range untaken {
					_, again := todo.missed[p.channel]
					since, _ := r.cursor(p.channel)
					if (again || todo.gap) && p.at > since {
						r.took(p.channel, p.at)
					} else {
						kept = append(kept, p)
					}
				}
				untaken = kept
				for c, n := range todo.missed {
					r.reread(c, n)
				}
				if todo.gap {
					r.close(todo.gaps)
				}
			},
			"": func(rt *rapid.T) {
				for _, p := range untaken {
					if since, _ := r.cursor(p.channel); since >= p.at {
						rt.Fatalf("the cursor of %s is at %d, and the post of %d was never taken", p.channel, since, p.at)
					}
				}
			},
		})
	})
}

func TestCursorsSaved(t *testing.T) {
	r := newReading()
	if !r.begin(5) || r.begin(9) {
		t.Error("it begins once")
	}
	r.took("a", 7)
	if got := r.unsaved(); len(got) != 1 || got[everywhere].UnixMilli() != 5 {
		t.Errorf("while a gap is open: %v", got)
	}
	r.close(0)
	if got := r.unsaved(); len(got) != 1 || got["a"].UnixMilli() != 7 {
		t.Errorf("once it is closed: %v", got)
	}
	if got := r.unsaved(); got != nil {
		t.Errorf("saved twice: %v", got)
	}
	other := newReading()
	other.load(map[string]time.Time{everywhere: time.UnixMilli(5), "a": time.UnixMilli(7)})
	if other.begin(9) {
		t.Error("it begins again after a restart")
	}
	for channel, want := range map[string]int64{"a": 7, "never seen": 5} {
		if at, _ := other.cursor(channel); at != want {
			t.Errorf("the cursor of %s is %d, not %d", channel, at, want)
		}
	}
}

// A gap that goes on before it was read holds what it held, even when the server replays its end.
func TestGapThatGoesOn(t *testing.T) {
	r := newReading()
	check := func(when string, gap, replay bool) {
		t.Helper()
		if todo := r.todo(); todo.gap != gap || todo.replay != replay {
			t.Errorf("%s: gap %v, replayed %v", when, todo.gap, todo.replay)
		}
	}
	check("at first", true, false)
	r.gap() // cut before anything was read, and resumed
	check("cut again", true, false)
	r.close(r.todo().gaps)
	r.gap() // cut and resumed
	check("cut once more", true, true)
	r.gap()
	r.notReplayed() // cut, and the server knew nothing of the connection
	r.gap()
	check("not resumed, then cut", true, false)
	r.close(r.todo().gaps)
	check("read", false, true)
}
