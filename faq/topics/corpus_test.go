package topics

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"candide/internal/fold"
)

func corpus(t *testing.T) (phrases []Phrase, hash string) {
	t.Helper()
	phrases, hash, err := ReadCorpus(os.DirFS("corpus"))
	if err != nil {
		t.Fatal(err)
	}
	return phrases, hash
}

// mainTopics are those that the default FAQ's entries name.
func mainTopics(t *testing.T) []string {
	t.Helper()
	src, err := os.ReadFile("../deploiement-2020.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, m := range regexp.MustCompile(`(?m)^    topics: \[(.*)\]$`).FindAllStringSubmatch(string(src), -1) {
		for topic := range strings.SplitSeq(m[1], ",") {
			list = append(list, strings.TrimSpace(topic))
		}
	}
	if len(list) < 18 {
		t.Fatalf("the default FAQ names only %v", list)
	}
	return list
}

// Volume and voices decide how well people are understood.
func TestCorpusIsLargeAndVaried(t *testing.T) {
	phrases, _ := corpus(t)
	lines, voices := map[string]int{}, map[string]map[string]bool{}
	all := map[string]bool{}
	for _, p := range phrases {
		lines[p.Topic]++
		if voices[p.Topic] == nil {
			voices[p.Topic] = map[string]bool{}
		}
		voices[p.Topic][p.Voice], all[p.Voice] = true, true
	}
	if len(all) < 10 {
		t.Errorf("%d voices, want 10 or more", len(all))
	}
	wanted := mainTopics(t)
	for _, topic := range catalogueTopics(t) {
		want := 150
		if slices.Contains(wanted, topic.ID) {
			want = 400
		}
		if lines[topic.ID] < want || len(voices[topic.ID]) < 10 {
			t.Errorf("%s has %d lines in %d voices, want %d or more in 10 or more", topic.ID, lines[topic.ID], len(voices[topic.ID]), want)
		}
	}
}

// key is what is left of a text when typing and marks no longer count.
func key(text string) string {
	return strings.Join(strings.FieldsFunc(fold.String(text), func(r rune) bool {
		return strings.ContainsRune(" \t.,;:!?…'\"«»()-\u00a0\u202f", r)
	}), " ")
}

// A line that is there twice teaches nothing more; under two topics it teaches something wrong.
func TestCorpusSaysNothingTwice(t *testing.T) {
	phrases, _ := corpus(t)
	seen := map[string]Phrase{}
	for _, p := range phrases {
		k := strings.Join(strings.Fields(fold.String(p.Text)), " ")
		if first, twice := seen[k]; twice {
			t.Errorf("%q is in %s/%s.txt and in %s/%s.txt", p.Text, first.Hand, first.Topic, p.Hand, p.Topic)
			continue
		}
		seen[k] = p
	}
}

// The question sets are for measuring: no line of theirs may be taught.
func TestCorpusHoldsNoQuestionKeptForMeasuring(t *testing.T) {
	phrases, _ := corpus(t)
	taught := map[string]Phrase{}
	for _, p := range phrases {
		taught[key(p.Text)] = p
	}
	for name, words := range measuringSets(t) {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Errorf("reading a question set: %v", err)
			continue
		}
		for line := range bytes.Lines(src) {
			var q struct{ Text string }
			if json.Unmarshal(line, &q) != nil || len(strings.Fields(key(q.Text))) < words {
				continue // said by everybody
			}
			if p, found := taught[key(q.Text)]; found {
				t.Errorf("%q of %s is in %s/%s.txt", q.Text, filepath.Base(name), p.Hand, p.Topic)
			}
		}
	}
}

// measuringSets returns the question files, each with the least number of words that nobody else would say in the
// same order: the public ones are full of greetings.
func measuringSets(t *testing.T) map[string]int {
	t.Helper()
	own, err := filepath.Glob("../eval/testdata/*.jsonl")
	if err != nil || len(own) < 4 {
		t.Fatalf("the project's question sets: %v, %v", own, err)
	}
	sets := map[string]int{"../testdata/doubles.jsonl": 3}
	for _, name := range own {
		sets[name] = 3
	}
	shared := "../../../shared/data"
	if _, err := os.Stat(shared); err != nil {
		t.Log("the shared question sets are not beside this repository: only the project's own is compared")
		return sets
	}
	for pattern, words := range map[string]int{"questions*.jsonl": 3, "public/*/*.jsonl": 5} {
		names, err := filepath.Glob(filepath.Join(shared, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			sets[name] = words
		}
	}
	return sets
}

// A corpus that changed wants another training: `make model`.
func TestModelIsTheCorpus(t *testing.T) {
	_, hash := corpus(t)
	if got := model(t).Corpus(); got != hash {
		t.Errorf("the model was trained from the corpus %.12s, which is now %.12s: run “make model”", got, hash)
	}
}

func TestReadCorpus(t *testing.T) {
	fsys := fstest.MapFS{
		"b/salaire.txt": {Data: []byte("sms\tc payé cb\n")},
		"a/salaire.txt": {Data: []byte("fle\tcombien argent ?\nplain\tLe salaire ?\n")},
		"a/README":      {Data: []byte("not read")},
	}
	got, hash, err := ReadCorpus(fsys)
	if err != nil {
		t.Fatal(err)
	}
	want := []Phrase{
		{"a", "salaire", "fle", "combien argent ?"}, {"a", "salaire", "plain", "Le salaire ?"}, {"b", "salaire", "sms", "c payé cb"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("read %v, want %v", got, want)
	}
	fsys["b/salaire.txt"] = &fstest.MapFile{Data: []byte("sms\tc payé cb ?\n")}
	if _, changed, err := ReadCorpus(fsys); err != nil || changed == hash || len(hash) != 64 {
		t.Errorf("the hash %s became %s, %v", hash, changed, err)
	}
	for name, src := range map[string]string{
		"a/inconnu.txt": "sms\tquoi ?\n", "a/contrat.txt": "sans voix\n", "b/contrat.txt": "sms\t \n",
		"c/contrat.txt": "sms\tcdi\tcdd\n", "d/contrat.txt": "sms\tcdi\n\nsms\tcdd\n", "e/contrat.txt": "\tcdi\n",
	} {
		if _, _, err := ReadCorpus(fstest.MapFS{name: {Data: []byte(src)}}); err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%s holding %q: %v", name, src, err)
		}
	}
}
