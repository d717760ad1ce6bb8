package bot_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/storage"
)

// registerMenu answers every message with buttons.
func registerMenu(w *bottest.World) {
	pick := func(_ context.Context, r bot.Request) (bot.Response, error) {
		return bot.Response{Replies: []bot.Reply{{Text: "picked " + r.Data["n"], Replace: r.Data["replace"] != ""}}}, nil
	}
	w.Routes.Action("pick", false, pick)
	w.Routes.Action("guarded", true, pick)
	w.Platform.AddRecruiter("rita")
	w.Routes.Text(func(_ context.Context, r bot.Request) (bot.Response, error) {
		button := func(n string) bot.Button {
			return bot.Button{Label: n, Do: "pick", Data: map[string]string{"n": n}}
		}
		one, two, open, keep, guarded := button("one"), button("two"), button("open"), button("keep"), button("guarded")
		one.Once, two.Once = true, true
		two.Data["replace"] = "yes"
		open.Anyone = true
		keep.TTL = 48 * time.Hour
		guarded.Do, guarded.Anyone, guarded.Once = "guarded", true, true
		res := bot.Say("menu", one, two, open, keep, guarded)
		if r.Text == "private menu" {
			res.Replies[0].Direct = true
		}
		return res, nil
	})
}

func menuWorld(t *testing.T) *bottest.World {
	return bottest.NewWorld(t, bottest.Options{Register: registerMenu})
}

func press(from bot.UserID, made bottest.Posted, label string) bot.Press {
	return bot.Press{Key: made.Button(label), Person: bottest.Who(from), Place: made.To.Place, Post: made.ID}
}

func TestPressed(t *testing.T) {
	w := menuWorld(t)
	menu := w.Direct("carl", "menu")[0]
	if got := texts(w.Press("carl", menu, "keep")); got != "picked keep" {
		t.Errorf("answered %q", got)
	}
	if got := texts(w.Press("carl", menu, "keep")); got != "picked keep" {
		t.Errorf("a button without Once works again: %q", got)
	}
	if got := w.Press("carl", menu, "two"); len(got) != 0 {
		t.Errorf("posted %q in place of the menu", texts(got))
	}
	if now := w.Platform.Posts()[0]; now.Post.Text != "picked two" || now.Updates != 1 || len(now.Post.Actions) != 0 {
		t.Errorf("the menu became %+v", now)
	}
	for _, action := range menu.Post.Actions {
		if len(action.Key) == 0 || len(action.Key) > 64 {
			t.Errorf("the key of %q has %d bytes", action.Label, len(action.Key))
		}
	}
}

func TestPressRefused(t *testing.T) {
	w := menuWorld(t)
	menu := w.Direct("carl", "menu")[0]
	other := w.Direct("carl", "menu")[0]
	elsewhere := press("carl", menu, "one")
	elsewhere.Post = other.ID
	forged := press("carl", menu, "one")
	forged.Key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for name, p := range map[string]bot.Press{
		"forged":            forged,
		"empty key":         {Person: bottest.Who("carl"), Place: menu.To.Place, Post: menu.ID},
		"someone else's":    press("dina", menu, "one"),
		"from another post": elsewhere,
	} {
		before := len(w.Platform.Posts())
		if err := w.TryPress(p); !errors.Is(err, bot.ErrRefused) {
			t.Errorf("%s: %v, want ErrRefused", name, err)
		}
		if len(w.Platform.Posts()) != before {
			t.Errorf("%s: something was posted", name)
		}
	}
	if err := w.TryPress(press("dina", menu, "open")); err != nil {
		t.Errorf("a button for anyone refuses somebody: %v", err)
	}
	if got := texts(w.Press("carl", menu, "one")); got != "picked one" {
		t.Fatalf("the refusals spent the button: %q", got)
	}
	for _, label := range []string{"one", "two"} {
		if err := w.TryPress(press("carl", menu, label)); !errors.Is(err, bot.ErrRefused) || !errors.Is(err, storage.ErrSpent) {
			t.Errorf("%q again: %v, want refused as spent", label, err)
		}
	}
}

func TestPressExpired(t *testing.T) {
	w := menuWorld(t)
	menu := w.Direct("carl", "menu")[0]
	w.Clock.Advance(24*time.Hour - time.Second)
	if err := w.TryPress(press("carl", menu, "open")); err != nil {
		t.Errorf("a second before its time is over: %v", err)
	}
	w.Clock.Advance(time.Second)
	if err := w.TryPress(press("carl", menu, "open")); !errors.Is(err, storage.ErrExpired) {
		t.Errorf("after 24 hours: %v, want expired", err)
	}
	if err := w.TryPress(press("carl", menu, "keep")); err != nil {
		t.Errorf("a button that says 48 hours: %v", err)
	}
}

func TestPressAfterRestart(t *testing.T) {
	w := menuWorld(t)
	menu := w.Direct("carl", "menu")[0]
	w.Restart()
	if got := texts(w.Press("carl", menu, "one")); got != "picked one" {
		t.Errorf("answered %q", got)
	}
	w.Restart()
	if err := w.TryPress(press("carl", menu, "two")); !errors.Is(err, storage.ErrSpent) {
		t.Errorf("what was spent before a restart: %v", err)
	}
}

// A press that is refused for want of rights must not spend the button for those who have them.
func TestPressRights(t *testing.T) {
	w := menuWorld(t)
	menu := w.Direct("carl", "menu")[0]
	if got := texts(w.Press("carl", menu, "guarded")); got != "[recruiters-only]" {
		t.Errorf("a candidate is answered %q", got)
	}
	w.Platform.Fail(failing(bottest.OpRecruiter))
	if got := texts(w.Press("rita", menu, "guarded")); got != "[rights-unknown]" {
		t.Errorf("when the server cannot say: %q", got)
	}
	w.Platform.Fail(nil)
	if got := texts(w.Press("rita", menu, "guarded")); got != "picked guarded" {
		t.Errorf("a recruiter is answered %q", got)
	}
}

func TestPressTwiceAtOnce(t *testing.T) {
	w := menuWorld(t)
	menu := w.Direct("carl", "menu")[0]
	dones := make(chan (<-chan struct{}), 8)
	for range cap(dones) {
		go func() {
			done, err := w.Runtime.Press(context.Background(), press("carl", menu, "one"))
			if err != nil && !errors.Is(err, bot.ErrRefused) {
				t.Error(err)
			}
			dones <- done
		}()
	}
	for range cap(dones) {
		if done := <-dones; done != nil {
			<-done
		}
	}
	picked := 0
	for _, text := range w.Platform.Texts() {
		if text == "picked one" {
			picked++
		}
	}
	if picked != 1 {
		t.Errorf("eight presses at once were worked on %d times, want once", picked)
	}
}

func TestNumbers(t *testing.T) {
	w := menuWorld(t)
	in := bottest.PublicPlace("recrutement")
	in.Thread = "thread-1"
	say := func(who bot.UserID, place bot.Place, text string) string {
		return texts(w.Message(bot.Message{Place: place, From: bottest.Who(who), Text: text, Addressed: true}))
	}
	if got := say("carl", in, "3"); got != "menu" {
		t.Errorf("a number before any menu is a message like another: %q", got)
	}
	elsewhere, top := in, in
	elsewhere.Thread, top.Thread = "thread-2", ""
	for _, c := range []struct {
		name  string
		who   bot.UserID
		place bot.Place
		text  string
		want  string
	}{
		{"in another thread", "carl", elsewhere, "3", "menu"},
		{"at the channel's top", "carl", top, "3", "menu"},
		{"by somebody else", "dina", in, "3", "menu"},
		{"zero", "carl", in, "0", "menu"},
		{"one too many", "carl", in, "6", "menu"},
		{"absurdly many", "carl", in, "99999999999999999999", "menu"},
		{"right", "carl", in, " 3 ", "picked open"},
	} {
		say("carl", in, "menu") // shown last, in the right thread
		if got := say(c.who, c.place, c.text); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	say("carl", in, "menu")
	w.Clock.Advance(time.Hour + time.Second)
	if got := say("carl", in, "3"); got != "menu" {
		t.Errorf("an hour later: %q", got)
	}
	// Unaddressed, in the thread of the menu, a number chooses too: that is what the menu asked for.
	say("carl", in, "menu")
	got := texts(w.Message(bot.Message{Place: in, From: bottest.Who("carl"), Text: "1", Campaign: true}))
	if got != "picked one" {
		t.Errorf("unaddressed in the right thread: %q", got)
	}
	if got := say("carl", in, "1"); got != "[button-over]" {
		t.Errorf("a spent choice by its number: %q", got)
	}
}

// What was offered in a direct conversation is chosen there, and nowhere else.
func TestNumbersOfDirectOffers(t *testing.T) {
	w := menuWorld(t)
	in := bottest.PublicPlace("recrutement")
	in.Thread = "thread-1"
	ask := bot.Message{Place: in, From: bottest.Who("carl"), Text: "private menu", Addressed: true}
	if posts := w.Message(ask); len(posts) != 1 || !posts[0].To.Direct {
		t.Fatalf("posted %+v", posts)
	}
	ask.Text = "1"
	if got := texts(w.Message(ask)); got != "menu" {
		t.Errorf("a number in the channel chose from the direct conversation: %q", got)
	}
	w.Message(bot.Message{Place: in, From: bottest.Who("carl"), Text: "private menu", Addressed: true})
	if got := texts(w.Direct("carl", "1")); got != "picked one" {
		t.Errorf("a number in the direct conversation: %q", got)
	}
}

func TestUnknownAction(t *testing.T) {
	w := bottest.NewWorld(t, bottest.Options{Register: func(w *bottest.World) {
		w.Routes.Text(func(context.Context, bot.Request) (bot.Response, error) {
			return bot.Say("menu", bot.Button{Label: "gone", Do: "of-a-former-version"}), nil
		})
	}})
	menu := w.Direct("carl", "menu")[0]
	if got := w.Press("carl", menu, "gone"); len(got) != 0 {
		t.Errorf("posted %q", texts(got))
	}
}

// When the post fails, nothing is left that a number could choose.
func TestNumbersOfWhatWasNotPosted(t *testing.T) {
	w := menuWorld(t)
	w.Platform.Fail(failing(bottest.OpPost))
	w.Slash("carl", bottest.PrivatePlace("recruteurs"), "menu")
	w.Platform.Fail(nil)
	if got := texts(w.Direct("carl", "1")); got != "menu" {
		t.Errorf("answered %q", got)
	}
}

func TestManyPeopleKeepTheirNumbers(t *testing.T) {
	w := menuWorld(t)
	for i := range 50 {
		w.Direct(bot.UserID(fmt.Sprint("person-", i)), "menu")
	}
	if got := texts(w.Direct("person-0", "1")); got != "picked one" {
		t.Errorf("answered %q", got)
	}
}
