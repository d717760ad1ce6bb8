package text

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

func hashes(t Text, kind Kind) map[uint32]int {
	found := map[uint32]int{}
	for _, f := range t.Features() {
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
		{StemPair, "les salaires proposés", "ce salaire proposé", true},
		{StemPair, "salaire proposé", "proposer un salaire", false},
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

// A word counts once however often it is said; what stands between words counts each time.
func TestCounts(t *testing.T) {
	read := NewReader().Read("non non non non")
	of := map[Kind]int{}
	for _, f := range read.Features() {
		of[f.Kind] += int(f.Count)
	}
	for kind, want := range map[Kind]int{Word: 1, Stem: 1, Heard: 1, Pair: 4, HeardPair: 4} {
		if of[kind] != want {
			t.Errorf("kind %d counts %d times, want %d", kind, of[kind], want)
		}
	}
	for _, f := range NewReader().Read("non oui nonon").Features() {
		if f.Count == 0 || f.Kind >= Kinds {
			t.Errorf("%+v", f)
		}
	}
}

// A text's joints are those of its words in a row, however they are written.
func TestJoints(t *testing.T) {
	r := NewReader()
	of := func(said string) (keys []uint64, features [][]Feature) {
		for _, j := range r.Read(said).Joints(nil) {
			keys, features = append(keys, j.Key()), append(features, j.Features(nil))
		}
		return keys, features
	}
	keys, features := of("quel salaire, quel salaire")
	again, same := of("QUEL… salaire\nquel salaire ?")
	if !slices.Equal(keys, again) || !reflect.DeepEqual(features, same) {
		t.Errorf("the same words have the joints %v and %v", keys, again)
	}
	if len(keys) != 4 || keys[1] != keys[3] || keys[0] == keys[2] || keys[1] == keys[2] {
		t.Errorf("the joints %v", keys)
	}
	if got, _ := of(strings.Repeat("un deux trois ", 100)); len(got) != maxWords {
		t.Errorf("%d joints of more words than count", len(got))
	}
	if got, _ := of(""); got != nil {
		t.Errorf("no words, and the joints %v", got)
	}
}

// Pairs are those of the joints.
func TestPairs(t *testing.T) {
	for _, said := range []string{"", "oui", "c’est payé combien, c’est payé combien ?", strings.Repeat("un deux trois ", 100)} {
		read := NewReader().Read(said)
		want := slices.DeleteFunc(read.Features(), func(f Feature) bool { return f.Kind != Pair })
		if got := read.Pairs(nil); !slices.Equal(got, want) {
			t.Errorf("%.40q has the pairs %v, want %v", said, got, want)
		}
	}
}

// Where a text pauses is known, and a part of it is a text of its own.
func TestStops(t *testing.T) {
	r := NewReader()
	read := r.Read("Bonjour, c’est payé combien ?! Merci.\nPaul")
	var stops []Stop
	for _, w := range read {
		stops = append(stops, w.Stop)
	}
	if want := []Stop{Pause, None, None, None, Question, Sentence, None}; !slices.Equal(stops, want) {
		t.Errorf("%v pauses %v, want %v", read.Strings(), stops, want)
	}
	part, alone := read[1:5], r.Read("c’est payé combien")
	if !reflect.DeepEqual(part.Features(), alone.Features()) {
		t.Errorf("%v has other features where it is a part", part.Strings())
	}
}

// What is kept beside a word is there when it is read again, at its own note.
func TestNotes(t *testing.T) {
	r := NewReader()
	w := r.Read("mot")[0]
	if got := w.Recall(OfTopics); got != nil {
		t.Errorf("nothing was kept, and %v is recalled", got)
	}
	w.Keep(OfTopics, "kept")
	w.Keep(OfTopics, "kept later")
	again := r.Read("MOT !")[0]
	if got := again.Recall(OfTopics); got != "kept later" {
		t.Errorf("recalled %v", got)
	}
	if got := again.Recall(OfMatch); got != nil {
		t.Errorf("at another note, %v is recalled", got)
	}
	if got := r.Read("mots")[0].Recall(OfTopics); got != nil {
		t.Errorf("of another word, %v is recalled", got)
	}
}

// What a reader met before makes no difference, nor who else is reading.
func TestReadingIsDeterministic(t *testing.T) {
	said := []string{"Bonjour, c’est payé combien ?", "", "🤖", strings.Repeat("é", 5000), strings.Repeat("mot ", 3000), "\xff\xfe"}
	read := func(r *Reader, s string) ([]string, []Feature) {
		t := r.Read(s)
		return t.Strings(), t.Features()
	}
	r := NewReader()
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for i := range maxKnown / 4 {
				r.Read(fmt.Sprintf("mot%d-%d", n, i)) // more words than are remembered
			}
			for _, s := range said {
				words, features := read(r, s)
				wantWords, wantFeatures := read(NewReader(), s)
				if !slices.Equal(words, wantWords) || !slices.Equal(features, wantFeatures) {
					t.Errorf("%.20q is read as %.5v, then as %.5v", s, wantWords, words)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"", "c payé cb svp", "\x00\xff", "日本語", strings.Repeat("a", 300)} {
		f.Add(s)
	}
	r := NewReader()
	f.Fuzz(func(t *testing.T, s string) {
		a, b := r.Read(s), NewReader().Read(s)
		if !slices.Equal(a.Strings(), b.Strings()) || !slices.Equal(a.Features(), b.Features()) {
			t.Errorf("%q is read in two ways", s)
		}
		if len(a) == 0 && len(a.Features()) > 0 {
			t.Errorf("%q has no words and %d features", s, len(a.Features()))
		}
	})
}
