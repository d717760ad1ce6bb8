package storagetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"candide/storage"
)

// offer makes an offer of group "g" that lasts an hour.
func offer(key string, change func(*storage.Offer)) storage.Offer {
	o := storage.Offer{
		Key: key, Group: "g", Do: "show", Data: map[string]string{"entry": "salaire", "é": ""},
		Channel: storage.Channel{Platform: "web", ID: "c1", Name: "café"},
		Expires: noon.Add(time.Hour),
	}
	if change != nil {
		change(&o)
	}
	return o
}

func testOffers(t *testing.T, s Store) {
	ctx := t.Context()
	a, b := offer("a", nil), offer("b", func(o *storage.Offer) { o.Group = "g2" })
	must(t, s.SaveOffers(ctx, nil))
	must(t, s.SaveOffers(ctx, []storage.Offer{a, b}))
	got, err := s.Offer(ctx, "a", ana, "", noon)
	must(t, err)
	same(t, "the offer", got, a)

	must(t, s.BindOffers(ctx, "g", "p1"))
	must(t, s.BindOffers(ctx, "no such group", "p1"))
	a.Post = "p1"
	for key, want := range map[string]storage.Offer{"a": a, "b": b} {
		got, err = s.Offer(ctx, key, ana, want.Post, noon)
		must(t, err)
		same(t, "the offer "+key, got, want)
	}

	// Saved again under another group and for somebody, it is found there and no longer where it was.
	moved := offer("a", func(o *storage.Offer) { o.Group, o.For = "g2", bob })
	must(t, s.SaveOffers(ctx, []storage.Offer{moved}))
	must(t, s.BindOffers(ctx, "g", "p9"))
	got, err = s.Offer(ctx, "a", bob, "", noon)
	must(t, err)
	same(t, "the offer saved again", got, moved)

	mustFail(t, "no key", s.SaveOffers(ctx, []storage.Offer{offer("", nil)}))
	mustFail(t, "no expiry", s.SaveOffers(ctx, []storage.Offer{offer("c", nil), offer("d", func(o *storage.Offer) { o.Expires = time.Time{} })}))
	_, err = s.Offer(ctx, "c", ana, "", noon)
	mustBe(t, "an offer saved with a wrong one", err, storage.ErrNotFound)
}

func testOfferChecks(t *testing.T, s Store) {
	ctx := t.Context()
	must(t, s.SaveOffers(ctx, []storage.Offer{
		offer("open", nil),
		offer("bound", func(o *storage.Offer) { o.Post = "p1" }),
		offer("ana's", func(o *storage.Offer) { o.For = ana }),
		offer("used", func(o *storage.Offer) { o.Group, o.Once, o.UsedAt = "g3", true, noon }),
		offer("ana's, used", func(o *storage.Offer) { o.For, o.UsedAt = ana, noon }),
	}))
	end := noon.Add(time.Hour)
	for _, c := range []struct {
		key  string
		by   storage.PersonRef
		post string
		now  time.Time
		want error
	}{
		{"open", ana, "", noon, nil},
		{"open", bob, "any", noon, nil},
		{"open", "", "", end.Add(-time.Nanosecond), nil},
		{"open", ana, "", end, storage.ErrExpired},
		{"bound", ana, "p1", noon, nil},
		{"bound", ana, "", noon, nil},
		{"bound", ana, "p2", noon, storage.ErrForeign},
		{"ana's", ana, "", noon, nil},
		{"ana's", bob, "", noon, storage.ErrForeign},
		{"ana's", "", "", noon, storage.ErrForeign},
		{"ana's", ana, "", end, storage.ErrExpired},
		{"ana's", bob, "", end, storage.ErrForeign},
		{"ana's, used", bob, "", noon, storage.ErrForeign},
		{"used", ana, "", noon, storage.ErrSpent},
		{"used", ana, "", end, storage.ErrSpent},
		{"none", ana, "", noon, storage.ErrNotFound},
		{"", ana, "", noon, storage.ErrNotFound},
	} {
		what := fmt.Sprintf("%q by %q at %q, %v", c.key, c.by, c.post, c.now)
		got, err := s.Offer(ctx, c.key, c.by, c.post, c.now)
		mustBe(t, "looking at "+what, err, c.want)
		used, err := s.UseOffer(ctx, c.key, c.by, c.post, c.now)
		mustBe(t, "using "+what, err, c.want)
		if c.want != nil {
			same(t, "what an error comes with", []storage.Offer{got, used}, []storage.Offer{{}, {}})
		}
	}
}

func testUseOffer(t *testing.T, s Store) {
	ctx := t.Context()
	once := func(o *storage.Offer) { o.Once = true }
	other := func(o *storage.Offer) { o.Group = "g2" }
	alone := func(o *storage.Offer) { o.Group, o.Once = "", true }
	offers := []storage.Offer{offer("yes", once), offer("no", once), offer("more", nil), offer("other", other), offer("alone", alone), offer("alone too", alone)}
	must(t, s.SaveOffers(ctx, offers))

	// One that may be used again leaves the group as it is.
	for range 2 {
		got, err := s.UseOffer(ctx, "more", ana, "", noon)
		must(t, err)
		same(t, "an offer used again", got, offers[2])
	}
	// Looking does not use.
	_, err := s.Offer(ctx, "yes", ana, "", noon)
	must(t, err)
	got, err := s.UseOffer(ctx, "yes", ana, "", noon)
	must(t, err)
	same(t, "the time of use", got.UsedAt, noon)
	for _, key := range []string{"yes", "no", "more"} {
		_, err = s.UseOffer(ctx, key, ana, "", noon)
		mustBe(t, key, err, storage.ErrSpent)
		_, err = s.Offer(ctx, key, ana, "", noon)
		mustBe(t, key, err, storage.ErrSpent)
	}
	_, err = s.UseOffer(ctx, "other", ana, "", noon)
	must(t, err)
	// Saving it again does not make it usable again.
	must(t, s.SaveOffers(ctx, offers[:1]))
	_, err = s.UseOffer(ctx, "yes", ana, "", noon)
	mustBe(t, "a spent offer saved again", err, storage.ErrSpent)
	// Offers without a group are no group.
	_, err = s.UseOffer(ctx, "alone", ana, "", noon)
	must(t, err)
	_, err = s.UseOffer(ctx, "alone", ana, "", noon)
	mustBe(t, "alone", err, storage.ErrSpent)
	_, err = s.UseOffer(ctx, "alone too", ana, "", noon)
	must(t, err)
}

func testUseOfferAtOnce(t *testing.T, s Store) {
	once := func(o *storage.Offer) { o.Once = true }
	must(t, s.SaveOffers(t.Context(), []storage.Offer{offer("yes", once), offer("no", once)}))
	var used, spent atomic.Int32
	atOnce(50, func(i int) {
		switch _, err := s.UseOffer(t.Context(), []string{"yes", "no"}[i%2], ana, "", noon); {
		case err == nil:
			used.Add(1)
		case errors.Is(err, storage.ErrSpent):
			spent.Add(1)
		default:
			t.Error(err)
		}
	})
	if used.Load() != 1 || spent.Load() != 49 {
		t.Fatalf("used %d times, spent %d times", used.Load(), spent.Load())
	}
}

// form makes a form of ana's that lasts an hour.
func form(key string, change func(*storage.Form)) storage.Form {
	f := storage.Form{
		Key: key, Name: "interest", Person: ana, Step: []byte(`{"n":1}`), Origin: []byte(`{"post":"p1"}`),
		Answers: map[string]string{"name": "Ana"}, Data: map[string]string{"campaign": "c"},
		Expires: noon.Add(time.Hour),
	}
	if change != nil {
		change(&f)
	}
	return f
}

func testForms(t *testing.T, s Store) {
	ctx := t.Context()
	f := form("f", nil)
	must(t, s.SaveForm(ctx, f))
	must(t, s.SaveForm(ctx, form("g", nil)))
	got, err := s.Form(ctx, "f", ana, noon)
	must(t, err)
	same(t, "the form", got, f)

	f.Answers["reach"] = "a@example.org"
	f.Step = []byte(`{"n":2}`)
	must(t, s.SaveForm(ctx, f))
	got, err = s.Form(ctx, "f", ana, noon)
	must(t, err)
	same(t, "the form saved again", got, f)

	for _, c := range []struct {
		key  string
		by   storage.PersonRef
		now  time.Time
		want error
	}{
		{"f", ana, noon.Add(time.Hour - time.Nanosecond), nil},
		{"f", ana, noon.Add(time.Hour), storage.ErrExpired},
		{"f", bob, noon, storage.ErrForeign},
		{"f", bob, noon.Add(time.Hour), storage.ErrForeign},
		{"none", ana, noon, storage.ErrNotFound},
		{"", ana, noon, storage.ErrNotFound},
	} {
		_, err := s.Form(ctx, c.key, c.by, c.now)
		mustBe(t, fmt.Sprintf("form %q of %q, %v", c.key, c.by, c.now), err, c.want)
	}

	must(t, s.DeleteForm(ctx, "f"))
	must(t, s.DeleteForm(ctx, "f"))
	must(t, s.DeleteForm(ctx, ""))
	_, err = s.Form(ctx, "f", ana, noon)
	mustBe(t, "a deleted form", err, storage.ErrNotFound)
	_, err = s.Form(ctx, "g", ana, noon)
	must(t, err)

	mustFail(t, "no key", s.SaveForm(ctx, form("", nil)))
	mustFail(t, "no person", s.SaveForm(ctx, form("h", func(f *storage.Form) { f.Person = "" })))
	mustFail(t, "no expiry", s.SaveForm(ctx, form("h", func(f *storage.Form) { f.Expires = time.Time{} })))
}

func testTypedForms(t *testing.T, s Store) {
	ctx := t.Context()
	typed := func(f *storage.Form) { f.Typed, f.Field = true, 2 }
	_, err := s.TypedForm(ctx, ana, noon)
	mustBe(t, "no form", err, storage.ErrNotFound)
	must(t, s.SaveForm(ctx, form("dialog", nil)))
	_, err = s.TypedForm(ctx, ana, noon)
	mustBe(t, "no typed form", err, storage.ErrNotFound)

	must(t, s.SaveForm(ctx, form("f1", typed)))
	got, err := s.TypedForm(ctx, ana, noon)
	must(t, err)
	same(t, "the typed form", got, form("f1", typed))
	_, err = s.TypedForm(ctx, bob, noon)
	mustBe(t, "somebody else's", err, storage.ErrNotFound)
	_, err = s.TypedForm(ctx, ana, noon.Add(time.Hour))
	mustBe(t, "a typed form whose time is over", err, storage.ErrExpired)

	// Another one takes its place; the dialog stays.
	must(t, s.SaveForm(ctx, form("f2", typed)))
	got, err = s.TypedForm(ctx, ana, noon)
	must(t, err)
	same(t, "the second typed form", got.Key, "f2")
	_, err = s.Form(ctx, "f1", ana, noon)
	mustBe(t, "the first typed form", err, storage.ErrNotFound)
	_, err = s.Form(ctx, "dialog", ana, noon)
	must(t, err)

	// No longer typed, or deleted, it is no longer the one being answered.
	must(t, s.SaveForm(ctx, form("f2", nil)))
	_, err = s.TypedForm(ctx, ana, noon)
	mustBe(t, "a form no longer typed", err, storage.ErrNotFound)
	must(t, s.SaveForm(ctx, form("f2", typed)))
	must(t, s.DeleteForm(ctx, "f2"))
	_, err = s.TypedForm(ctx, ana, noon)
	mustBe(t, "a deleted typed form", err, storage.ErrNotFound)
	must(t, s.SaveForm(ctx, form("f3", typed)))
	must(t, s.DeleteForm(ctx, "dialog"))
	_, err = s.TypedForm(ctx, ana, noon)
	must(t, err)
}
