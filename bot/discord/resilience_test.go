package discord

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/discord/discordtest"
	"candide/storage"
)

// once checks that each text was heard exactly once, and answered exactly once.
func (r *rig) once(texts ...string) {
	r.t.Helper()
	for _, text := range texts {
		r.Until("“"+text+"” to be heard", func() bool { return r.times(text) > 0 })
	}
	// A second hearing would come with what is said last, at the latest.
	last := fmt.Sprintf("enfin %d", time.Now().UnixNano())
	r.Reply(r.oto.DM(last), last)
	for _, text := range texts {
		if n := r.times(text); n != 1 {
			r.t.Errorf("%q was heard %d times", text, n)
		}
	}
}

// numbered sends messages to the bot.
func (r *rig) numbered(from, to int) []string {
	var list []string
	for i := from; i < to; i++ {
		text := fmt.Sprintf("question %d", i)
		r.alice.Say(r.town, r.Mention()+" "+text)
		list = append(list, text)
	}
	return list
}

func TestNothingMissedNothingDoubled(t *testing.T) {
	t.Parallel()
	for name, gap := range map[string]func(*rig){
		// What Discord does, and what happens while the bot is away.
		"cut":               func(r *rig) { r.Cut() },
		"frozen":            func(r *rig) { r.Freeze() },
		"asked to go":       func(r *rig) { r.AskToReconnect() },
		"invalid session":   func(r *rig) { r.Lose(true); r.Forget(); r.Invalidate() },
		"session lost":      func(r *rig) { r.Forget(); r.Cut() },
		"events vanish":     func(r *rig) { r.Lose(true); r.Cut() },
		"resume hangs":      func(r *rig) { r.Hang(1); r.Cut() },
		"never greeted":     func(r *rig) { r.Mute(2); r.Cut() },
		"all at once":       func(r *rig) { r.Forget(); r.Hang(2); r.Lose(true); r.Freeze() },
		"repeated":          func(r *rig) { r.Again(3); r.Cut() },
		"limited meanwhile": func(r *rig) { r.Refuse("GET", "/messages", 2, 50*time.Millisecond); r.Forget(); r.Cut() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.alice.DM("bonjour, en privé")
			texts := append(r.numbered(0, 3), "bonjour, en privé")
			r.once(texts...)
			before := r.Counts()
			gap(r)
			texts = append(texts, r.numbered(3, 6)...)
			direct := r.alice.DM("en privé, pendant l’absence")
			r.Until("the bot to connect anew", func() bool {
				c := r.Counts()
				return c.Identified+c.Resumed > before.Identified+before.Resumed
			})
			r.Lose(false)
			texts = append(texts, r.numbered(6, 9)...)
			r.once(texts...)
			r.Reply(direct, "en privé")
			if c := r.Counts(); c.NormalCloses > 0 {
				t.Errorf("%d sessions were ended by the bot itself", c.NormalCloses)
			}
		})
	}
}

// A cut leads to the same session, at the address that Discord gave for it.
func TestResume(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for range 3 {
		r.Cut()
		r.Until("the bot to be away", func() bool { return r.platform.Ready() != nil })
		r.Connected()
		r.Until("the bot to work", func() bool { return r.platform.Ready() == nil })
	}
	if c := r.Counts(); c.Identified != 1 || c.Resumed != 3 || c.ResumeURL != 3 {
		t.Errorf("the gateway counts %+v", c)
	}
}

// A dead connection is noticed long before the library would.
func TestZombie(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	begun := time.Now()
	r.Freeze()
	r.Connected()
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("noticed after %s, and the heartbeat is 41 s", took)
	}
	r.Reply(r.alice.DM("encore là ?"), "encore là ?")
}

// Without the intent, mentions, direct messages and commands work, and the bot says what is missing.
func TestWithoutMessageContent(t *testing.T) {
	t.Parallel()
	r := prepare(t)
	r.SetContentIntent(false)
	r.start(withMenu)
	r.withoutContent()
}

func (r *rig) withoutContent() {
	r.t.Helper()
	unread := r.alice.Say(r.town, "C’est payé combien ?")
	r.Reply(r.alice.Say(r.town, r.Mention()+" bonjour"), "entendu : bonjour")
	r.Reply(r.alice.DM("en privé"), "entendu : en privé")
	r.alice.Command(r.town, "question", map[string]any{"texte": "combien ?"}).Answer("entendu : combien ?")
	if n := len(r.Replies(unread)); n != 0 {
		r.t.Errorf("%d answers to what could not be read: %q", n, r.Replies(unread)[0].Content)
	}
}

// The portal's switch may be thrown while the bot runs: Discord then refuses its next session, and it does without.
func TestMessageContentTakenAway(t *testing.T) {
	t.Parallel()
	r := newRig(t, withMenu)
	r.SetContentIntent(false)
	r.Forget()
	r.Cut()
	r.Until("the bot to connect anew", func() bool { return r.Counts().Identified == 2 })
	r.withoutContent()
}

// The limits that Discord announces are kept: no request is refused, and none is forgotten.
func TestRateLimitsAreKept(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.NoThreads()
	r.Limit("POST", r.staff.ID+"/messages", 4, 300*time.Millisecond)
	var texts []string
	for i := range 20 {
		texts = append(texts, fmt.Sprintf("question %d", i))
		r.Member(fmt.Sprintf("P%d", i)).Say(r.staff, r.Mention()+" "+texts[i])
	}
	r.once(texts...)
	// They are heard now; that they are answered shows in the requests, which come as fast as the limit lets them.
	calls := r.Calls("POST", r.staff.ID+"/messages")
	for begun := time.Now(); len(calls) < 20; calls = r.Calls("POST", r.staff.ID+"/messages") {
		if time.Since(begun) > 20*time.Second {
			t.Fatalf("only %d messages were posted", len(calls))
		}
		time.Sleep(10 * time.Millisecond)
	}
	for _, c := range calls {
		if c.Status == 429 {
			t.Errorf("a request was refused: %+v", c)
		}
	}
}

// A refusal that nothing announced is waited out.
func TestRefusedRequestsAreMadeAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.Refuse("POST", "/messages", 2, 100*time.Millisecond)
	question := r.alice.DM("bonjour")
	r.Reply(question, "entendu : bonjour")
	if n := len(r.Replies(question)); n != 1 {
		t.Errorf("%d answers", n)
	}
}

// What was missed before the start is read again: from where the last process was, and no further than is fresh.
func TestCatchUpAfterAStart(t *testing.T) {
	t.Parallel()
	r := prepare(t)
	old := r.alice.Say(r.town, r.Mention()+" la veille ?")
	missed := r.rose.Say(r.town, r.Mention()+" pendant l’arrêt ?")
	direct := r.alice.DM("en privé, pendant l’arrêt")
	at := made(missed.ID)
	r.start(func(o *Options) {
		o.Memory = memory{
			everywhere: at.Add(overlap - time.Millisecond), r.alice.DMChannel().ID: at.Add(-time.Hour),
		}
	})
	r.Reply(missed, "pendant l’arrêt")
	r.Reply(direct, "en privé")
	_ = old // within the overlap: answered, once
	r.once("la veille ?", "pendant l’arrêt ?")
}

func TestTooOldToBeAnswered(t *testing.T) {
	t.Parallel()
	r := prepare(t)
	old := r.alice.Say(r.town, r.Mention()+" trop vieux ?")
	time.Sleep(20 * time.Millisecond) // Discord's ids count milliseconds
	r.start(func(o *Options) {
		o.Memory, o.Fresh = memory{everywhere: time.Now().Add(-time.Hour)}, 10*time.Millisecond
	})
	r.Reply(r.alice.DM("maintenant"), "maintenant")
	r.Until("what was missed to be read", func() bool {
		r.platform.reading.mu.Lock()
		defer r.platform.reading.mu.Unlock()
		return !r.platform.reading.owed
	})
	if n := len(r.Replies(old)); n != 0 {
		t.Errorf("%d answers to what is too old", n)
	}
}

// A refused token ends the bot with what to do about it.
func TestRefusedToken(t *testing.T) {
	t.Parallel()
	for what, o := range map[string]func(*Options){
		"token":      func(o *Options) { o.Token = "wrong" },
		"guild":      func(o *Options) { o.Guild = "elsewhere" },
		"role":       func(o *Options) { o.RecruitersRole = "Personne" },
		"channel":    func(o *Options) { o.Channels = []string{"nulle-part"} },
		"recruiters": func(o *Options) { o.RecruitersChannel = "recrutement" },
	} {
		r := prepare(t)
		options := Options{Token: r.Token, Guild: r.ID, RecruitersRole: "Recruteurs", Channels: []string{"recrutement"}, pace: impatient}
		o(&options)
		p, err := New(options)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Run(t.Context(), nil); err == nil {
			t.Errorf("%s: the bot runs", what)
		}
	}
}

// memory is what a process before this one kept.
type memory map[string]time.Time

func (m memory) Cursors(_ context.Context, _ string) (map[string]time.Time, error)     { return m, nil }
func (m memory) SaveCursors(_ context.Context, _ string, _ map[string]time.Time) error { return nil }
func (m memory) OpenMessages(_ context.Context, _ string) ([]storage.Message, error)   { return nil, nil }

var _ Memory = memory{}
var _ bot.Platform = (*Platform)(nil)

// Every other test of the package checks each body against Discord's own description, where there is one.
func TestBodiesAreChecked(t *testing.T) {
	if whyUnchecked != "" {
		t.Skip("bodies are not checked against Discord's description: ", whyUnchecked)
	}
	referee, err := discordtest.NewReferee(description())
	if err != nil {
		t.Fatal(err)
	}
	const route = "/channels/{channel_id}/messages"
	for body, ok := range map[string]bool{
		`{"content":"bonjour","allowed_mentions":{"parse":[]}}`:                           true,
		`{"content":"bonjour","unknown":1}`:                                               false,
		`{"content":5}`:                                                                   false,
		`{"embeds":[{"title":"` + strings.Repeat("x", 257) + `"}]}`:                       false,
		`{"components":[{"type":1,"components":[{"type":2,"style":9,"custom_id":"a"}]}]}`: false,
	} {
		if err := referee.Request("POST", route, []byte(body)); (err == nil) != ok {
			t.Errorf("%.60s: %v", body, err)
		}
	}
	if err := referee.Request("POST", "/nowhere", nil); err == nil {
		t.Error("a route that Discord has not")
	}
}
