package storagetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"candide/storage"
)

var expiry = noon.AddDate(0, 0, 30)

func asked(by storage.PersonRef, text string) storage.Asked {
	return storage.Asked{Person: by, Text: text, Lang: "fr", Origin: []byte(`{}`), At: noon, ExpiresAt: expiry}
}

func group(campaign, topic string) storage.Group {
	return storage.Group{Campaign: campaign, Topic: topic, Platform: "web"}
}

// into files a question into the given group.
func into(number int) func([]storage.Filed) int { return func([]storage.Filed) int { return number } }

func file(t *testing.T, s Store, campaign string, q storage.Asked, alike func([]storage.Filed) int) storage.Group {
	t.Helper()
	g, err := s.FileQuestion(t.Context(), group(campaign, "avantages"), q, alike)
	must(t, err)
	return g
}

func texts(f storage.Filed) []string {
	var list []string
	for _, q := range f.Questions {
		list = append(list, q.Text)
	}
	return list
}

func testInbox(t *testing.T, s Store) {
	ctx := t.Context()
	_, err := s.Group(ctx, 1)
	mustBe(t, "no group", err, storage.ErrNotFound)
	g := file(t, s, "c", asked(ana, "un"), into(0))
	want := storage.Group{
		Number: 1, Campaign: "c", Topic: "avantages", State: storage.GroupOpen, Count: 1, FirstAt: noon, LastAt: noon,
		Platform: "web", Revision: 1,
	}
	same(t, "the group", g, want)
	same(t, "a group of another campaign", file(t, s, "d", asked(ana, "autre"), into(1)).Number, 2)

	seen := 0
	q := asked(bob, "deux")
	q.At = noon.Add(time.Hour)
	g = file(t, s, "c", q, func(open []storage.Filed) int {
		seen = len(open)
		return open[0].Number
	})
	same(t, "the groups of the campaign", seen, 1)
	want.Count, want.Revision, want.LastAt = 2, 2, noon.Add(time.Hour)
	same(t, "the group with two", g, want)
	same(t, "the same, said again", file(t, s, "c", asked(ana, "un"), into(1)), want)

	f, err := s.Group(ctx, 1)
	must(t, err)
	same(t, "its questions", texts(f), []string{"un", "deux"})
	same(t, "where it was asked", f.Questions[0].Origin, []byte(`{}`))
	list, err := s.Groups(ctx, "c")
	must(t, err)
	same(t, "the campaign's groups", list, []storage.Filed{f})

	// Of somebody who never stops, so many and no more.
	for i := range storage.MaxAsked + 5 {
		got := file(t, s, "e", asked("web:flood", fmt.Sprint("question ", i)), into(0)).Number
		if (got == 0) != (i >= storage.MaxAsked) {
			t.Fatalf("the question %d of one person is in group %d", i+1, got)
		}
	}

	_, err = s.FileQuestion(ctx, group("", "x"), asked(ana, "x"), into(0))
	mustFail(t, "no campaign", err)
	_, err = s.FileQuestion(ctx, group("c", "x"), storage.Asked{Text: "x"}, into(0))
	mustFail(t, "no expiry", err)
}

func testInboxSplit(t *testing.T, s Store) {
	ctx := t.Context()
	file(t, s, "c", asked(ana, "un"), into(0))
	_, err := s.SplitQuestion(ctx, 1, 1)
	mustBe(t, "the only question put apart", err, storage.ErrState)
	file(t, s, "c", asked(bob, "deux"), into(1))
	before, err := s.Group(ctx, 1)
	must(t, err)
	g, err := s.SplitQuestion(ctx, 1, 2)
	must(t, err)
	same(t, "the new group", []any{g.Number, g.State, g.Count, g.Topic}, []any{2, storage.GroupOpen, 1, "avantages"})
	for number, want := range map[int]string{1: "un", 2: "deux"} {
		f, err := s.Group(ctx, number)
		must(t, err)
		same(t, "what each holds", texts(f), []string{want})
		if number == 1 && (f.Revision <= before.Revision || f.Count != 1) {
			t.Fatalf("the old group: %+v", f.Group)
		}
	}
	_, err = s.SplitQuestion(ctx, 1, 2)
	mustBe(t, "put apart twice", err, storage.ErrNotFound)
	_, err = s.SplitQuestion(ctx, 9, 1)
	mustBe(t, "no such group", err, storage.ErrNotFound)
	erased, err := s.ErasePerson(ctx, bob, noon)
	must(t, err)
	same(t, "erased", erased, storage.Erased{Questions: 1})
}

func testInboxStates(t *testing.T, s Store) {
	ctx := t.Context()
	file(t, s, "c", asked(ana, "un"), into(0))
	f, err := s.TakeGroup(ctx, 1, bob, "Bob")
	must(t, err)
	same(t, "who took it", []any{f.State, f.By, f.ByName}, []any{storage.GroupTaken, bob, "Bob"})
	same(t, "told before an answer", f.Untold(), nil)

	f, err = s.CloseGroup(ctx, 1, storage.Closing{State: storage.GroupAnswered, Answer: "Oui.", By: bob, ByName: "Bob", At: noon})
	must(t, err)
	same(t, "who is to be told", len(f.Untold()), 1)
	for _, state := range []storage.GroupState{storage.GroupAnswered, storage.GroupIgnored} {
		_, err = s.CloseGroup(ctx, 1, storage.Closing{At: noon, State: state})
		mustBe(t, "closed again as "+string(state), err, storage.ErrState)
	}
	_, err = s.TakeGroup(ctx, 1, ana, "Ana")
	mustBe(t, "taken once closed", err, storage.ErrState)

	// What was answered may be learnt; the answer stays what people were told.
	f, err = s.CloseGroup(ctx, 1, storage.Closing{State: storage.GroupEntry, Answer: "Autre.", Entry: "tickets", At: noon})
	must(t, err)
	same(t, "learnt", []any{f.State, f.Answer, f.Entry}, []any{storage.GroupEntry, "Oui.", "tickets"})
	_, err = s.CloseGroup(ctx, 1, storage.Closing{At: noon, State: storage.GroupAttached})
	mustBe(t, "learnt twice", err, storage.ErrState)

	// Alike questions join an ignored group, and no other closed one.
	file(t, s, "c", asked(ana, "deux"), into(0))
	_, err = s.CloseGroup(ctx, 2, storage.Closing{At: noon, State: storage.GroupIgnored})
	must(t, err)
	var open []int
	file(t, s, "c", asked(bob, "trois"), func(all []storage.Filed) int {
		for _, f := range all {
			open = append(open, f.Number)
		}
		return 2
	})
	same(t, "the groups that a question may join", open, []int{2})
	for _, call := range []error{
		func() error { _, err := s.TakeGroup(ctx, 9, ana, ""); return err }(),
		func() error {
			_, err := s.CloseGroup(ctx, 9, storage.Closing{At: noon, State: storage.GroupIgnored})
			return err
		}(),
	} {
		mustBe(t, "no such group", call, storage.ErrNotFound)
	}
}

func testInboxCards(t *testing.T, s Store) {
	ctx := t.Context()
	stale := func(want ...int) {
		t.Helper()
		list, err := s.StaleGroups(ctx, 9)
		must(t, err)
		var got []int
		for _, f := range list {
			got = append(got, f.Number)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("the cards to change: %v, want %v", got, want)
		}
	}
	file(t, s, "c", asked(ana, "un"), into(0))
	file(t, s, "c", asked(ana, "deux"), into(0))
	stale(1, 2)
	list, err := s.StaleGroups(ctx, 1)
	must(t, err)
	same(t, "at most one", len(list), 1)

	card := storage.Channel{Platform: "web", ID: "c1"}
	must(t, s.PlaceCard(ctx, 1, card, "p1"))
	must(t, s.PlaceCard(ctx, 9, card, "p1"))
	must(t, s.ShowGroup(ctx, 1, 1))
	must(t, s.ShowGroup(ctx, 9, 1))
	stale(2)
	f, err := s.Group(ctx, 1)
	must(t, err)
	same(t, "the card", []any{f.Card, f.Post, f.Shown}, []any{card, "p1", 1})

	file(t, s, "c", asked(bob, "trois"), into(1))
	must(t, s.ShowGroup(ctx, 1, 1)) // late: it shows what was
	stale(1, 2)
	_, err = s.CloseGroup(ctx, 1, storage.Closing{At: noon, State: storage.GroupAnswered, Answer: "Oui."})
	must(t, err)
	f, err = s.Group(ctx, 1)
	must(t, err)
	must(t, s.ShowGroup(ctx, 1, f.Revision))
	stale(2)

	// One attempt that failed changes nothing to be shown; one that succeeded, or was given up, does.
	first, second := f.Questions[0], f.Questions[1]
	must(t, s.Told(ctx, 1, first.Number, time.Time{}, false))
	stale(2)
	must(t, s.Told(ctx, 1, first.Number, noon, false))
	must(t, s.Told(ctx, 1, second.Number, noon, true))
	must(t, s.Told(ctx, 1, 99, noon, true))
	stale(1, 2)
	f, err = s.Group(ctx, 1)
	must(t, err)
	same(t, "who is still to be told", f.Untold(), nil)
	same(t, "attempts", []any{f.Questions[0].Attempts, f.Questions[1].Unreached}, []any{2, true})
}

func testInboxForgets(t *testing.T, s Store) {
	ctx := t.Context()
	file(t, s, "c", asked(ana, "un"), into(0))
	later := asked(bob, "deux")
	later.ExpiresAt = expiry.Add(time.Hour)
	file(t, s, "c", later, into(1))
	file(t, s, "c", asked(ana, "trois"), into(0))

	for _, c := range []struct {
		before time.Time
		want   int
	}{{expiry, 0}, {expiry.Add(time.Second), 2}, {expiry.Add(time.Second), 0}} {
		n, err := s.WarnGroups(ctx, c.before)
		must(t, err)
		same(t, "warned", n, c.want)
	}
	purged, err := s.Purge(ctx, expiry)
	must(t, err)
	same(t, "forgotten in time", purged, storage.Purged{Questions: 2})
	f, err := s.Group(ctx, 1)
	must(t, err)
	same(t, "what is left", []any{texts(f), f.Count, f.Warned}, []any{[]string{"deux"}, 2, true})

	// The other group has nothing left: its card says so one last time, and it goes.
	f, err = s.Group(ctx, 2)
	must(t, err)
	same(t, "nothing left", texts(f), []string{})
	must(t, s.ShowGroup(ctx, 2, f.Revision))
	_, err = s.Group(ctx, 2)
	mustBe(t, "a group without questions whose card was changed", err, storage.ErrNotFound)
	same(t, "the next number", file(t, s, "c", asked(ana, "quatre"), into(2)).Number, 3)

	erased, err := s.ErasePerson(ctx, bob, noon)
	must(t, err)
	same(t, "erased", erased, storage.Erased{Questions: 1})
	f, err = s.Group(ctx, 1)
	must(t, err)
	same(t, "what is left of the erased", texts(f), []string{})
	stale, err := s.StaleGroups(ctx, 9)
	must(t, err)
	same(t, "the cards to change", len(stale), 2)
	erased, err = s.ErasePerson(ctx, bob, noon)
	must(t, err)
	same(t, "erased twice", erased, storage.Erased{})
}
