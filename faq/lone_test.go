package faq

import (
	"slices"
	"testing"
)

// Entries that name no topics rest on their own phrasings: each of these, to the word, finds its entry, whether the entry is one of
// many or alone, and however unlike its phrasings are.
func TestEntriesWithoutTopicsFindTheirPhrasings(t *testing.T) {
	x := index(t)
	bare := *x.FAQ()
	bare.Entries = slices.Clone(bare.Entries)
	for i := range bare.Entries {
		bare.Entries[i].Topics = nil
	}
	phrasings := bare.Examples()
	for name, model := range map[string]Topics{"with a model": x.topics, "without": nil} {
		if lost := notGiven(NewIndex(&bare, model), phrasings); lost != nil {
			t.Errorf("%s, %d of %d phrasings do not find their entry: %v", name, len(lost), len(phrasings), lost)
		}
	}
	for _, e := range bare.Entries {
		for _, most := range []int{1, 3, 6, 20} {
			alone := bare
			one := e
			one.Phrasings = map[string][]string{"fr": e.Phrasings["fr"][:min(most, len(e.Phrasings["fr"]))]}
			alone.Entries = []Entry{one}
			phrasings := alone.Examples()
			if lost := notGiven(NewIndex(&alone, x.topics), phrasings); lost != nil {
				t.Errorf("%s alone: %d of %d phrasings do not find it: %v", e.ID, len(lost), len(phrasings), lost)
			}
		}
	}
}

// notGiven returns the phrasings that are not answered with their entry.
func notGiven(x *Index, phrasings []Example) (lost []string) {
	for _, p := range phrasings {
		if !gives(x.Decide(Question{Text: p.Text, Lang: p.Lang}), p.Entry) {
			lost = append(lost, p.Text)
		}
	}
	return lost
}

// What was read before changes nothing in what is decided.
func TestWarmAndColdAgree(t *testing.T) {
	warm := index(t)
	list := asked(t)
	for _, said := range list {
		warm.Decide(Question{Text: said, Now: open})
	}
	cold := NewIndex(warm.FAQ(), warm.topics)
	for _, said := range list {
		a, b := cold.Decide(Question{Text: said, Now: open}), warm.Decide(Question{Text: said, Now: open})
		if a.Outcome != b.Outcome || a.Confidence != b.Confidence || !slices.Equal(a.Ranked, b.Ranked) {
			t.Errorf("%.60q is %s %v %v, then %s %v %v", said, a.Outcome, a.Confidence, a.Ranked, b.Outcome, b.Confidence, b.Ranked)
		}
	}
}

// Whoever types nothing but what an entry is called is answered with it.
func TestTitlesAreUnderstood(t *testing.T) {
	x := index(t)
	for _, e := range x.FAQ().Entries {
		for lang, title := range e.Title {
			if d := x.Decide(Question{Text: title, Lang: lang, Now: open}); !gives(d, e.ID) {
				t.Errorf("%q is %s %v %.2f, want %s", title, d.Outcome, d.Ranked, d.Confidence, e.ID)
			}
		}
	}
}
