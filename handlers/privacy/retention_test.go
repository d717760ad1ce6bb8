package privacy_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/storage"
)

// candidate keeps somebody's interest until a time, with the consent to be told of other campaigns or without.
func candidate(t *testing.T, w *bottest.World, who string, until time.Time, recontact bool) {
	t.Helper()
	in := storage.Interest{
		Campaign: "one", Person: storage.PersonRef("fake:" + who), Name: who + "-name", ConsentAt: w.Clock.Now(),
		CreatedAt: w.Clock.Now(), UpdatedAt: w.Clock.Now(), ExpiresAt: until,
	}
	if recontact {
		in.RecontactAt = w.Clock.Now()
	}
	if _, _, err := w.Store.SaveInterest(context.Background(), in); err != nil {
		t.Fatal(err)
	}
}

// Two years and more, a night at a time: whoever agreed to the campaign alone is forgotten three months after its end;
// whoever agreed to more is asked a month before the end, once, and stays only by saying yes. What is forgotten leaves the file.
func TestYearsOfRetention(t *testing.T) {
	w, handler := begin(t)
	ctx, begun := context.Background(), w.Clock.Now()
	candidate(t, w, "anna", begun.AddDate(0, 4, 0), false)
	candidate(t, w, "bert", begun.AddDate(2, 0, 0), true) // says yes
	candidate(t, w, "carl", begun.AddDate(2, 0, 0), true) // says nothing
	candidate(t, w, "dina", begun.AddDate(2, 0, 0), true) // says no
	if _, err := w.Runtime.Deliver(ctx, bot.Target{To: bottest.Who("rita"), Direct: true, Place: bottest.DirectPlace("rita")},
		bot.Reply{Text: "anna-card", About: []storage.PersonRef{"fake:anna"}}); err != nil {
		t.Fatal(err)
	}
	forgotten, asked := map[string]int{}, map[bot.UserID]int{}
	for night := range 365*2 + 40 {
		w.Clock.Set(begun.AddDate(0, 0, night))
		if night%50 == 0 {
			w.Restart()
		}
		if err := (*handler).Night(ctx); err != nil {
			t.Fatal(err)
		}
		for _, made := range w.Platform.Posts()[1:] {
			who := made.To.To.User
			if made.Updates > 0 || made.Removed || asked[who] > 0 {
				continue
			}
			asked[who] = night
			switch who {
			case "bert":
				w.Press("bert", made, "Oui, les garder")
			case "dina":
				w.Press("dina", made, "Non, tout effacer")
			}
		}
		src := file(t, w)
		for _, who := range []string{"anna", "bert", "carl", "dina"} {
			if gone := !bytes.Contains(src, []byte(who+"-name")) && !bytes.Contains(src, []byte("fake:"+who)); gone && forgotten[who] == 0 {
				forgotten[who] = night
			}
		}
	}
	day := func(years, months int) int { return int(begun.AddDate(years, months, 0).Sub(begun) / (24 * time.Hour)) }
	if forgotten["anna"] != day(0, 4) || forgotten["bert"] != 0 || forgotten["carl"] != day(2, 0) || forgotten["dina"] != day(2, -1) {
		t.Errorf("forgotten on the days %v, of %d, never, %d and %d", forgotten, day(0, 4), day(2, 0), day(2, -1))
	}
	for _, who := range []bot.UserID{"bert", "carl", "dina"} {
		if asked[who] != day(2, -1) {
			t.Errorf("%s was asked on day %d, not %d", who, asked[who], day(2, -1))
		}
	}
	if asked["anna"] != 0 {
		t.Errorf("anna was asked on day %d, and never agreed to more", asked["anna"])
	}
	for _, made := range w.Platform.Posts() {
		if strings.HasPrefix(made.Post.Text, "anna-card") && !made.Removed {
			t.Error("a recruiter can still read anna's card")
		}
	}
	kept, err := w.Store.Interests(ctx, "")
	if err != nil || len(kept) != 1 || kept[0].Name != "bert-name" || !kept[0].ExpiresAt.Equal(begun.AddDate(0, 0, day(2, -1)).AddDate(2, 0, 0)) {
		t.Errorf("kept %+v, %v", kept, err)
	}
}

// A machine that is off at night does the night's work by day.
func TestHour(t *testing.T) {
	w, handler := begin(t)
	ctx := context.Background()
	candidate(t, w, "anna", w.Clock.Now().Add(90*time.Minute), false)
	for range 26 {
		if err := (*handler).Hour(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Store.InterestOf(ctx, "one", "fake:anna"); (err == nil) != w.Clock.Now().Before(time.Date(2020, 11, 16, 10, 30, 0, 0, time.UTC)) {
			t.Errorf("at %s: %v", w.Clock.Now(), err)
		}
		w.Clock.Advance(time.Hour)
	}
	if bytes.Contains(file(t, w), []byte("anna-name")) {
		t.Error("the name is still in the file a day later")
	}
}

// Who renewed what is gone, or presses another's button, changes nothing.
func TestRenewalOfTheGone(t *testing.T) {
	w, handler := begin(t)
	ctx := context.Background()
	candidate(t, w, "bert", w.Clock.Now().AddDate(2, 0, 0), true)
	w.Clock.Set(w.Clock.Now().AddDate(1, 11, 0))
	if err := (*handler).Night(ctx); err != nil {
		t.Fatal(err)
	}
	question := w.Platform.Last()
	if !question.To.Direct || question.To.To.User != "bert" || !strings.Contains(question.Post.Text, "le mercredi 16 novembre 2022") {
		t.Fatalf("asked %+v", question)
	}
	err := w.TryPress(bot.Press{Key: question.Button("Oui"), Person: bottest.Who("dina"), Place: bottest.DirectPlace("dina"), Post: question.ID})
	if !errors.Is(err, bot.ErrRefused) {
		t.Errorf("pressed by somebody else: %v", err)
	}
	if _, err := w.Store.ErasePerson(ctx, "fake:bert", w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	err = w.TryPress(bot.Press{Key: question.Button("Oui"), Person: bottest.Who("bert"), Place: bottest.DirectPlace("bert"), Post: question.ID})
	if !errors.Is(err, bot.ErrRefused) {
		t.Errorf("pressed after the erasure: %v", err)
	}
}
