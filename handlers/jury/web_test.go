package jury_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/bot/web"
	"candide/storage"
)

// nothing is a campaign that says nothing.
type nothing struct{}

func (nothing) FAQ(string, time.Time) web.Page { return web.Page{} }

// A candidate who came by the web reads their invitation on their own page, once, also when the process dies after it
// was written.
func TestLetterOnTheWeb(t *testing.T) {
	const visitor = storage.PersonRef("web:0123456789abcdef0123456789abcdef")
	p := start(t, "equipe")
	page, err := web.New(web.Options{Store: p.Store, FAQ: nothing{}, Now: p.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	stop, ctx := make(chan struct{}), t.Context()
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer close(stop)
		_ = page.Run(ctx, p.Runtime)
	}()
	defer func() {
		cancel()
		<-stop
	}()
	for begun := time.Now(); page.Ready() != nil; time.Sleep(time.Millisecond) {
		if time.Since(begun) > time.Minute {
			t.Fatal(page.Ready())
		}
	}
	p.Runtime.Add(page)
	if _, _, err := p.Store.SaveInterest(context.Background(), storage.Interest{
		Campaign: "test", Person: visitor, Name: "Zoé", CreatedAt: p.Clock.Now(), UpdatedAt: p.Clock.Now(), ConsentAt: p.Clock.Now(),
	}); err != nil {
		t.Fatal(err)
	}
	p.say("jury planifier 2026-12-01 14:00 Premier ; candidats 1 14h")
	has(t, "the preview", p.say("jury inviter 1"), "**N° 1 · Zoé**, sur sa page privée")
	has(t, "sent", p.press("Envoyer 1 message"), "1 message part.")
	lines := func() (n int) {
		t.Helper()
		all, err := p.Store.Lines(context.Background(), visitor)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range all {
			n += strings.Count(string(l.Body), "invité·e à un entretien")
		}
		return n
	}
	if n := lines(); n != 1 {
		t.Fatalf("%d invitations on the page", n)
	}
	for _, made := range p.Platform.Posts() {
		if made.To.To.User == bot.UserID(strings.TrimPrefix(string(visitor), "web:")) {
			t.Errorf("the chat server is given %q", made.Post.Text)
		}
	}

	// A move's letter, written by a process that dies before it knows: found again by its key.
	p.say("jury déplacer 1 2026-12-03 10:00")
	p.say("jury inviter 1")
	var preview bottest.Posted
	for _, made := range p.Platform.Posts() {
		if made.Button("Envoyer 1 message") != "" {
			preview = made
		}
	}
	p.Press("rita", preview, "Envoyer 1 message")
	claimed, err := p.Store.ClaimDue(context.Background(), p.Clock.Now(), time.Minute, 9)
	if err != nil || len(claimed) != 1 || claimed[0].Kind != storage.KindLetter {
		t.Fatalf("claimed %+v, %v", claimed, err)
	}
	to, err := p.handler.Addressee(context.Background(), claimed[0])
	if err != nil {
		t.Fatal(err)
	}
	reply, err := p.handler.ComposeReminder(context.Background(), claimed[0], 0)
	if err != nil {
		t.Fatal(err)
	}
	reply.Key = claimed[0].ID
	if _, err := p.Runtime.Deliver(context.Background(), to, reply); err != nil {
		t.Fatal(err)
	}
	p.Clock.Advance(3 * time.Minute)
	p.tick()
	all, err := p.Store.Lines(context.Background(), visitor)
	if err != nil || len(all) != 2 {
		t.Errorf("%d lines on the page, %v", len(all), err)
	}
}
