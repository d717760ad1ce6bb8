package storagetest

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"candide/storage"
)

func interest(campaign string, p storage.PersonRef) storage.Interest {
	return storage.Interest{
		Campaign: campaign, Person: p, Name: "Ana Éluard", Reach: "ana@example.org", Level: "junior",
		Subjects: "data", Message: "Bonjour\n« ici »", ConsentAt: noon, RecontactAt: noon,
		CreatedAt: noon, UpdatedAt: noon, ExpiresAt: noon.Add(24 * time.Hour),
	}
}

// numbers of interests, in order.
func numbers(list []storage.Interest) []int {
	var found []int
	for _, in := range list {
		found = append(found, in.Number)
	}
	return found
}

func testInterests(t *testing.T, s Store) {
	ctx := t.Context()
	first := interest("c1", ana)
	first.Number = 77 // the store's to give
	saved, created, err := s.SaveInterest(ctx, first)
	must(t, err)
	if !created {
		t.Fatalf("the first interest was not created")
	}
	first.Number, first.Stage = 1, storage.StageNew
	same(t, "the interest saved", saved, first)

	for i, in := range []storage.Interest{interest("c1", bob), interest("c12", ana), interest("c1", "web:123")} {
		saved, created, err = s.SaveInterest(ctx, in)
		must(t, err)
		if !created || saved.Number != i+2 {
			t.Fatalf("interest %d: created %v, number %d", i+2, created, saved.Number)
		}
	}
	got, err := s.InterestOf(ctx, "c1", ana)
	must(t, err)
	same(t, "ana's interest", got, first)
	got, err = s.Interest(ctx, 1)
	must(t, err)
	same(t, "interest 1", got, first)

	for campaign, want := range map[string][]int{"": {1, 2, 3, 4}, "c1": {1, 2, 4}, "c12": {3}, "c": nil} {
		list, err := s.Interests(ctx, campaign)
		must(t, err)
		same(t, "the interests in "+campaign, numbers(list), want)
	}
	for p, want := range map[storage.PersonRef][]int{ana: {1, 3}, bob: {2}, "web:": nil, "": nil} {
		list, err := s.InterestsOf(ctx, p)
		must(t, err)
		same(t, "a person's interests", numbers(list), want)
	}

	// Said again, it is the same one with the new words.
	_, err = s.SetStage(ctx, 1, storage.StageContacted, bob, noon.Add(time.Hour))
	must(t, err)
	note := storage.Note{By: bob, At: noon.Add(time.Hour), Text: "vue"}
	_, err = s.AddNote(ctx, 1, note)
	must(t, err)
	again := interest("c1", ana)
	again.Name, again.Stage, again.RecontactAt = "Ana É.", storage.StageRefused, time.Time{}
	again.CreatedAt, again.UpdatedAt = noon.Add(2*time.Hour), noon.Add(2*time.Hour)
	saved, created, err = s.SaveInterest(ctx, again)
	must(t, err)
	want := again
	want.Number, want.Stage, want.Notes, want.CreatedAt = 1, storage.StageContacted, []storage.Note{note}, noon
	same(t, "the interest saved again", saved, want)
	got, err = s.Interest(ctx, 1)
	must(t, err)
	same(t, "the interest read again", got, want)
	if created {
		t.Fatalf("the second save created an interest")
	}

	for _, number := range []int{0, -1, 5} {
		_, err = s.Interest(ctx, number)
		mustBe(t, fmt.Sprint("interest ", number), err, storage.ErrNotFound)
	}
	_, err = s.InterestOf(ctx, "c12", bob)
	mustBe(t, "an interest nobody has", err, storage.ErrNotFound)
	_, _, err = s.SaveInterest(ctx, interest("", ana))
	mustFail(t, "no campaign", err)
	_, _, err = s.SaveInterest(ctx, interest("c1", ""))
	mustFail(t, "no person", err)
}

func testInterestsAtOnce(t *testing.T, s Store) {
	var created atomic.Int32
	atOnce(16, func(int) {
		_, first, err := s.SaveInterest(t.Context(), interest("c", ana))
		if err != nil {
			t.Error(err)
		}
		if first {
			created.Add(1)
		}
	})
	list, err := s.Interests(t.Context(), "")
	must(t, err)
	if created.Load() != 1 || len(list) != 1 {
		t.Fatalf("created %d times: %v", created.Load(), numbers(list))
	}
}

func testStagesAndNotes(t *testing.T, s Store) {
	ctx := t.Context()
	want, _, err := s.SaveInterest(ctx, interest("c", ana))
	must(t, err)
	later := noon.Add(time.Hour)

	want.Stage, want.UpdatedAt = storage.StageJury, later
	got, err := s.SetStage(ctx, 1, storage.StageJury, bob, later)
	must(t, err)
	same(t, "the interest with its stage", got, want)

	for i, text := range []string{"première", "seconde"} {
		note := storage.Note{By: bob, At: later.Add(time.Duration(i) * time.Minute), Text: text}
		want.Notes, want.UpdatedAt = append(want.Notes, note), note.At
		got, err = s.AddNote(ctx, 1, note)
		must(t, err)
		same(t, "the interest with its note", got, want)
	}
	got, err = s.Interest(ctx, 1)
	must(t, err)
	same(t, "the interest read again", got, want)

	_, err = s.SetStage(ctx, 2, storage.StageJury, bob, later)
	mustBe(t, "the stage of nobody", err, storage.ErrNotFound)
	_, err = s.AddNote(ctx, 2, storage.Note{At: later, Text: "x"})
	mustBe(t, "a note on nobody", err, storage.ErrNotFound)
}

func testErasePerson(t *testing.T, s Store) {
	ctx := t.Context()
	erased, err := s.ErasePerson(ctx, ana, noon)
	must(t, err)
	if !erased.Empty() {
		t.Fatalf("erased %+v of nobody", erased)
	}

	forWhom := func(p storage.PersonRef) func(*storage.Offer) { return func(o *storage.Offer) { o.For = p } }
	ofWhom := func(p storage.PersonRef, typed bool) func(*storage.Form) {
		return func(f *storage.Form) { f.Person, f.Typed = p, typed }
	}
	for _, p := range []storage.PersonRef{ana, bob} {
		for _, campaign := range []string{"c1", "c2"} {
			_, _, err = s.SaveInterest(ctx, interest(campaign, p))
			must(t, err)
		}
		must(t, s.SaveForm(ctx, form("typed "+string(p), ofWhom(p, true))))
		must(t, s.SaveForm(ctx, form("dialog "+string(p), ofWhom(p, false))))
		must(t, s.SaveOffers(ctx, []storage.Offer{offer("a "+string(p), forWhom(p)), offer("b "+string(p), forWhom(p)), offer("c "+string(p), forWhom(p))}))
		must(t, s.AppendLines(ctx, p, []storage.Line{{ID: "l1"}, {ID: "l2"}, {ID: "l3"}, {ID: "l4"}}, noon.Add(time.Hour)))
	}
	must(t, s.SaveOffers(ctx, []storage.Offer{offer("anyone's", nil)}))

	erased, err = s.ErasePerson(ctx, ana, noon)
	must(t, err)
	same(t, "what was erased", erased, storage.Erased{Interests: 2, Forms: 2, Offers: 3, Lines: 4})
	erased, err = s.ErasePerson(ctx, ana, noon)
	must(t, err)
	same(t, "what was erased the second time", erased, storage.Erased{})

	list, err := s.Interests(ctx, "")
	must(t, err)
	same(t, "the interests left", numbers(list), []int{3, 4})
	list, err = s.Interests(ctx, "c1")
	must(t, err)
	same(t, "the interests left in a campaign", numbers(list), []int{3})
	_, err = s.InterestOf(ctx, "c1", ana)
	mustBe(t, "an erased interest", err, storage.ErrNotFound)
	_, err = s.TypedForm(ctx, ana, noon)
	mustBe(t, "an erased typed form", err, storage.ErrNotFound)
	_, err = s.Form(ctx, "dialog "+string(ana), ana, noon)
	mustBe(t, "an erased form", err, storage.ErrNotFound)
	_, err = s.Offer(ctx, "a "+string(ana), ana, "", noon)
	mustBe(t, "an erased offer", err, storage.ErrNotFound)
	lines, err := s.Lines(ctx, ana)
	must(t, err)
	same(t, "the lines left", lines, nil)
	must(t, s.BindOffers(ctx, "g", "p1"))

	_, err = s.TypedForm(ctx, bob, noon)
	must(t, err)
	_, err = s.Offer(ctx, "anyone's", ana, "", noon)
	must(t, err)
	// A number is never given twice, even the last one.
	_, err = s.ErasePerson(ctx, bob, noon)
	must(t, err)
	saved, created, err := s.SaveInterest(ctx, interest("c1", ana))
	must(t, err)
	if !created || saved.Number != 5 {
		t.Fatalf("after erasing: created %v, number %d", created, saved.Number)
	}
	_, err = s.ErasePerson(ctx, "", noon)
	mustFail(t, "nobody", err)
}
