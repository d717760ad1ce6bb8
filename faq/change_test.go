package faq

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"candide/faq/topics"
)

func ids(f *FAQ) string {
	var list []string
	for _, e := range f.Entries {
		list = append(list, e.ID)
	}
	return strings.Join(list, " ")
}

func TestWithAndWithout(t *testing.T) {
	f := defaultFAQ(t)
	before := ids(f)
	salary, _ := f.Entry("salaire")
	changed := *salary
	changed.Answer = Text{"fr": "Autre."}
	more := f.With(changed).With(Entry{ID: "nouvelle", Question: Text{"fr": "Q ?"}, Answer: Text{"fr": "R."}})
	if ids(more) != before+" nouvelle" {
		t.Errorf("with two: %s", ids(more))
	}
	if e, _ := more.Entry("salaire"); e.Answer["fr"] != "Autre." {
		t.Errorf("changed: %+v", e)
	}
	if e, _ := f.Entry("salaire"); e.Answer["fr"] == "Autre." || ids(f) != before {
		t.Error("the first FAQ changed")
	}
	if less := more.Without("nouvelle"); ids(less) != before {
		t.Errorf("without: %s", ids(less))
	}
	// “contrat” refers to “salaire”: an archived entry leaves no reference behind.
	less := f.Without("salaire")
	if problems := less.Check(topics.Known); problems != nil {
		t.Errorf("without an entry that others refer to: %v", problems)
	}
	if e, _ := f.Entry("contrat"); !reflect.DeepEqual(e.See, []string{"perspectives", "salaire"}) {
		t.Errorf("the first FAQ's references: %q", e.See)
	}
}

func TestCheck(t *testing.T) {
	f := defaultFAQ(t)
	if problems := f.Check(topics.Known); problems != nil {
		t.Fatalf("the default FAQ: %v", problems)
	}
	salary, _ := f.Entry("salaire")
	for code, change := range map[string]func(e *Entry){
		"no-question":         func(e *Entry) { e.Question = nil },
		"no-answer":           func(e *Entry) { e.Answer = nil },
		"long-title":          func(e *Entry) { e.Title = Text{"fr": strings.Repeat("a", 41)} },
		"long-question":       func(e *Entry) { e.Question = Text{"fr": strings.Repeat("a", 201)} },
		"long-answer":         func(e *Entry) { e.Answer = Text{"fr": strings.Repeat("a", 1501)} },
		"long-closed":         func(e *Entry) { e.Closed = Text{"fr": strings.Repeat("a", 1501)} },
		"long-source":         func(e *Entry) { e.Source = strings.Repeat("a", 201) },
		"long-phrasing":       func(e *Entry) { e.Phrasings = map[string][]string{"fr": {strings.Repeat("a", 601)}} },
		"phrasing-twice":      func(e *Entry) { e.Phrasings = map[string][]string{"fr": {"Combien ?", "combien ?"}} },
		"phrasing-shared":     func(e *Entry) { e.Phrasings = map[string][]string{"fr": {"CDD ou CDI ?"}} },
		"unknown-topic":       func(e *Entry) { e.Topics = []string{"salaires"} },
		"unknown-placeholder": func(e *Entry) { e.Answer = Text{"fr": "{close}"} },
		"unsaid-placeholder":  func(e *Entry) { e.Answer = Text{"fr": "{starts}"} },
		"no-such-entry":       func(e *Entry) { e.See = []string{"rien"} },
	} {
		e := *salary
		change(&e)
		changed := f.With(e)
		if code == "unsaid-placeholder" {
			changed.Starts = time.Time{}
			changed = changed.Without("date-debut") // which says it too
		}
		problems := changed.Check(topics.Known)
		found := false
		for _, p := range problems {
			found = found || p.Code == code
		}
		if !found {
			t.Errorf("%s: %v", code, problems)
		}
	}
	if problems := f.With(Entry{ID: "É", Question: Text{"fr": "Q"}, Answer: Text{"fr": "R"}}).Check(nil); len(problems) != 1 || problems[0].Code != "bad-id" {
		t.Errorf("a bad id: %+v", problems)
	}
}

func TestFingerprint(t *testing.T) {
	f, again := defaultFAQ(t), defaultFAQ(t)
	seen := map[string]string{}
	for i := range f.Entries {
		print := f.Entries[i].Fingerprint()
		if print == "" || print != again.Entries[i].Fingerprint() || seen[print] != "" {
			t.Errorf("%s: %q", f.Entries[i].ID, print)
		}
		seen[print] = f.Entries[i].ID
	}
	e := f.Entries[0]
	e.Applying = !e.Applying
	if e.Fingerprint() == f.Entries[0].Fingerprint() {
		t.Error("a changed entry has the same fingerprint")
	}
}

func TestMoves(t *testing.T) {
	model, err := topics.Load()
	if err != nil {
		t.Fatal(err)
	}
	f := defaultFAQ(t)
	before, now := NewIndex(f, model), time.Date(2020, 11, 16, 9, 0, 0, 0, time.UTC)
	begun := time.Now()
	moved, err := Moves(t.Context(), before, NewIndex(f.With(f.Entries[0]), model), now)
	if err != nil || len(moved) != 0 {
		t.Errorf("nothing changes, and %v, %v moves", moved, err)
	}
	t.Logf("%d questions asked twice in %s", len(f.Examples()), time.Since(begun))

	// What an archived entry answered goes elsewhere, and where.
	moved, err = Moves(t.Context(), before, NewIndex(f.Without("salaire"), model), now)
	if err != nil || len(moved) < 10 {
		t.Errorf("without an entry, %d questions move, %v", len(moved), err)
	}
	for _, m := range moved {
		if m.From != "salaire" || m.To == "salaire" {
			t.Errorf("moved: %+v", m)
		}
	}

	// An entry that asks what another one answers takes its questions, and says which.
	salary, _ := f.Entry("salaire")
	thief := Entry{
		ID: "paie", Topics: []string{"salaire"}, Question: Text{"fr": "Quelle est la paie ?"}, Answer: Text{"fr": "Voir."},
		Phrasings: map[string][]string{},
	}
	thief.Phrasings["fr"] = slices.Clone(salary.Phrasings["fr"])
	moved, err = Moves(t.Context(), before, NewIndex(f.With(thief), model), now)
	if err != nil || len(moved) == 0 {
		t.Fatalf("nothing moves: %v", err)
	}
	for _, m := range moved {
		if m.From != "salaire" && m.From != "paie" {
			t.Errorf("moved: %+v", m)
		}
	}
}
