package inbox_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"candide/bot/bottest"
	"candide/storage"
)

// What cannot be delivered is tried again, then given up and said on the card; a crash in between tells nobody twice.
func TestDelivery(t *testing.T) {
	r := start(t)
	r.Say("carl", "y a des tickets resto ?")
	r.Press("rita", r.card(1), "Répondre")
	r.Say("rita", "Oui.")
	r.Platform.AfterPost(func(made bottest.Posted) {
		if strings.HasPrefix(made.Post.Key, "inbox/1/") {
			panic("a crash between posting and knowing")
		}
	})
	r.Say("rita", "1")
	r.Platform.AfterPost(nil)
	r.Restart()
	r.cards()
	n := 0
	for _, made := range r.Platform.Posts() {
		if strings.HasPrefix(made.Post.Key, "inbox/1/") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("carl is told %d times", n)
	}
	if card := r.card(1); !strings.Contains(card.Post.Text, "Transmis à 1 personne") {
		t.Errorf("the card: %s", card.Post.Text)
	}
}

// Who cannot be reached is tried again, later and later, then given up, and the card says so.
func TestGivenUp(t *testing.T) {
	r := start(t)
	ctx := context.Background()
	r.Say("carl", "y a des tickets resto ?")
	r.cards()
	_, err := r.Store.CloseGroup(ctx, 1, storage.Closing{State: storage.GroupAnswered, Answer: "Oui.", ByName: "rita", At: r.Clock.Now()})
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	r.Platform.Fail(func(op bottest.Op) error {
		if op != bottest.OpPost {
			return nil
		}
		tried++
		return errors.New("the server does not answer")
	})
	r.inbox.Tick(ctx)
	r.inbox.Tick(ctx)
	if tried != 1 {
		t.Errorf("tried %d times at once", tried)
	}
	for range 10 {
		r.Clock.Advance(20 * time.Minute)
		r.inbox.Tick(ctx)
	}
	if tried != 5 {
		t.Errorf("tried %d times", tried)
	}
	if card := r.card(1); !strings.Contains(card.Post.Text, "1 personne n’a pas pu être prévenue") {
		t.Errorf("the card: %s", card.Post.Text)
	}
}

func TestForgotten(t *testing.T) {
	r := start(t)
	ctx := context.Background()
	r.Say("carl", "y a des tickets resto ?")
	r.cards()
	tick := func(days int) string {
		t.Helper()
		r.Clock.Advance(time.Duration(days) * 24 * time.Hour)
		if err := r.inbox.Warn(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Store.Purge(ctx, r.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		return r.card(1).Post.Text
	}
	if got := tick(26); strings.Contains(got, "Bientôt") {
		t.Errorf("after 26 days: %s", got)
	}
	if got := tick(2); !strings.Contains(got, "Bientôt oubliées : à partir du mercredi 16 décembre 2020") {
		t.Errorf("after 28 days: %s", got)
	}
	got := tick(2)
	if !strings.Contains(got, "Il ne reste rien de la question n° 1") || strings.Contains(got, "tickets") || len(r.card(1).Post.Actions) != 0 {
		t.Errorf("after 30 days: %s", got)
	}
	if all, err := r.Store.Groups(ctx, "test"); err != nil || len(all) != 0 {
		t.Errorf("left: %+v %v", all, err)
	}
}

// Who erases their data leaves nothing of it on the cards, nor in the file.
func TestErased(t *testing.T) {
	r := start(t)
	ctx := context.Background()
	r.Say("carl", "est-ce que vous donnez des tickets restaurant ? Camille-Zéphirine")
	r.Say("dina", "y a des tickets resto ?")
	r.cards()
	erased, err := r.Store.ErasePerson(ctx, bottest.Who("carl").Ref(), r.Clock.Now())
	if err != nil || erased.Questions != 1 {
		t.Fatalf("erased %+v, %v", erased, err)
	}
	if got := r.card(1).Post.Text; strings.Contains(got, "Zéphirine") || !strings.Contains(got, "y a des tickets resto ?") {
		t.Errorf("the card: %s", got)
	}
	if err := r.Store.Compact(ctx); err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile(r.Path())
	if err != nil || strings.Contains(string(src), "Zéphirine") || strings.Contains(string(src), "fake:carl") {
		t.Errorf("the file still holds the person (%v)", err)
	}
}
