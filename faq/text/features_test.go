package text

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
)

func hashes(t Text, kind Kind) map[uint32]int {
	found := map[uint32]int{}
	for _, f := range t.Features {
		if f.Kind == kind {
			found[f.Hash] = int(f.Count)
		}
	}
	return found
}

// shared counts the features of a kind that two texts have in common.
func shared(a, b string, kind Kind) int {
	r := NewReader()
	n := 0
	other := hashes(r.Read(b), kind)
	for hash := range hashes(r.Read(a), kind) {
		if other[hash] > 0 {
			n++
		}
	}
	return n
}

// Each kind is there for texts that agree in it and in nothing else of the kind's neighbours.
func TestKinds(t *testing.T) {
	for _, c := range []struct {
		kind   Kind
		a, b   string
		shared bool
	}{
		{Word, "le salaire", "un SALAIRE !", true},
		{Word, "le salaire", "un salarié", false},
		{Pair, "quel est le salaire", "dis, quel est ton nom", true},
		{Pair, "le salaire", "salaire le", false},
		{Skip, "combien de jours", "combien par jours", true},
		{Stem, "les salaires", "mon salaire", true},
		{StemEnglish, "working days", "he works", true},
		{Heard, "quel salaire", "kel saler", true},
		{HeardPair, "quel salaire", "kel salère", true},
		{Letters, "télétravail", "teletravaille", true},
		{HeardLetters, "télé travail", "tele travaille", true},
		{HeardLetters, "contrat", "salaire", false},
	} {
		if got := shared(c.a, c.b, c.kind); got > 0 != c.shared {
			t.Errorf("kind %d: %q and %q share %d", c.kind, c.a, c.b, got)
		}
	}
}

func TestCounts(t *testing.T) {
	read := NewReader().Read("non non non")
	for _, n := range hashes(read, Word) {
		if n != 3 {
			t.Errorf("a word said three times counts %d", n)
		}
	}
	seen := map[uint32]bool{}
	for _, f := range read.Features {
		if seen[f.Hash] || f.Count == 0 || f.Kind >= Kinds {
			t.Errorf("%+v", f)
		}
		seen[f.Hash] = true
	}
}

// What a reader met before makes no difference, nor who else is reading.
func TestReadingIsDeterministic(t *testing.T) {
	said := []string{"Bonjour, c’est payé combien ?", "", "🤖", strings.Repeat("é", 5000), strings.Repeat("mot ", 3000), "\xff\xfe"}
	var want []Text
	for _, s := range said {
		want = append(want, NewReader().Read(s))
	}
	r := NewReader()
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for i := range maxKnown / 4 {
				r.Read(fmt.Sprintf("mot%d-%d", n, i)) // more words than are remembered
			}
			for i, s := range said {
				if got := r.Read(s); !reflect.DeepEqual(got, want[i]) {
					t.Errorf("%.20q is read as %.100v, then as %.100v", s, want[i], got)
				}
			}
		})
	}
	wg.Wait()
	if len(r.known) > maxKnown {
		t.Errorf("the reader remembers %d words", len(r.known))
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"", "c payé cb svp", "\x00\xff", "日本語", strings.Repeat("a", 300)} {
		f.Add(s)
	}
	r := NewReader()
	f.Fuzz(func(t *testing.T, s string) {
		a, b := r.Read(s), NewReader().Read(s)
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%q is read in two ways", s)
		}
		if len(a.Words) == 0 && len(a.Features) > 0 {
			t.Errorf("%q has no words and %d features", s, len(a.Features))
		}
	})
}
