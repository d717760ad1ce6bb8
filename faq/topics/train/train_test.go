package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"candide/faq/text"
	"candide/faq/topics"
)

// toy is a corpus that anyone learns at once.
var toy = []topics.Phrase{
	{Hand: "a", Topic: "salaire", Voice: "plain", Text: "Quel est le salaire ?"},
	{Hand: "a", Topic: "salaire", Voice: "sms", Text: "c payé combien"},
	{Hand: "b", Topic: "salaire", Voice: "plain", Text: "Combien gagne-t-on par mois ?"},
	{Hand: "b", Topic: "salaire", Voice: "plain", Text: "La rémunération est de combien ?"},
	{Hand: "a", Topic: "teletravail", Voice: "plain", Text: "Peut-on faire du télétravail ?"},
	{Hand: "a", Topic: "teletravail", Voice: "sms", Text: "je peu bosser de chez moi"},
	{Hand: "b", Topic: "teletravail", Voice: "plain", Text: "Travailler à distance est-il possible ?"},
	{Hand: "b", Topic: "bavardage", Voice: "plain", Text: "On mange où ce midi ?"},
	{Hand: "b", Topic: "bavardage", Voice: "plain", Text: "Merci Paul, bon week-end"},
}

// toySettings learn from few phrases.
func toySettings() Settings {
	s := DefaultSettings()
	s.Least, s.Noise = 2, 0
	return s
}

func trained(t *testing.T, phrases []topics.Phrase, s Settings) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := topics.WriteFile(&b, Train(phrases, "toy", s)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTrainingTwiceGivesTheSameBytes(t *testing.T) {
	first := trained(t, toy, toySettings())
	if !bytes.Equal(first, trained(t, toy, toySettings())) {
		t.Error("two trainings of the same corpus differ")
	}
	other := toySettings()
	other.Seed++
	if bytes.Equal(first, trained(t, toy, other)) {
		t.Error("the seed changes nothing")
	}
}

func TestToyCorpusIsLearnt(t *testing.T) {
	f, err := topics.ParseFile(trained(t, toy, toySettings()))
	if err != nil {
		t.Fatal(err)
	}
	if f.Corpus != "toy" || !slices.Equal(f.Topics, []string{"bavardage", "salaire", "teletravail"}) {
		t.Errorf("trained from %q for %v", f.Corpus, f.Topics)
	}
	m, err := topics.NewModel(f)
	if err != nil {
		t.Fatal(err)
	}
	unseen := []topics.Phrase{
		{Topic: "salaire", Text: "quel salère ?"}, {Topic: "salaire", Text: "COMBIEN PAYE PAR MOIS"},
		{Topic: "teletravail", Text: "le teletravaille cé possible"}, {Topic: "bavardage", Text: "merci, bon midi"},
	}
	for _, p := range slices.Concat(toy, unseen) {
		if scores := m.Classify(text.NewReader().Read(p.Text)); scores[0].Topic != p.Topic {
			t.Errorf("%q is about %v, want %s", p.Text, scores, p.Topic)
		}
	}
}

// Lines without words teach nothing, and break nothing.
func TestTrainingOnEmptyLines(t *testing.T) {
	empty := append(slices.Clone(toy), topics.Phrase{Topic: "bavardage", Text: "🤖"}, topics.Phrase{Topic: "contrat", Text: "!!!"})
	m, err := topics.NewModel(Train(empty, "", toySettings()))
	if err != nil {
		t.Fatal(err)
	}
	if scores := m.Classify(text.NewReader().Read("Quel est le salaire ?")); scores[0].Topic != "salaire" {
		t.Errorf("about %v", scores)
	}
}

func TestRun(t *testing.T) {
	corpus, out := t.TempDir(), filepath.Join(t.TempDir(), "model.bin")
	write := func(topic, line string) {
		t.Helper()
		dir := filepath.Join(corpus, "main")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, topic+".txt"), []byte(line), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("salaire", "plain\tQuel est le salaire ?\nsms\tc payé combien\n")
	write("contrat", "plain\tCDD ou CDI ?\nsms\tc koi le contra\n")
	if err := run(corpus, out, false); err != nil {
		t.Fatal(err)
	}
	if err := run(corpus, out, true); err != nil {
		t.Errorf("what was just trained is not what the corpus gives: %v", err)
	}
	write("contrat", "plain\tCDD ou CDI ?\nsms\tc koi le contra ?!\n")
	if err := run(corpus, out, true); err == nil || !strings.Contains(err.Error(), "make model") {
		t.Errorf("a changed corpus: %v", err)
	}
	write("contrat", "without a voice\n")
	if err := run(corpus, out, false); err == nil || !strings.Contains(err.Error(), "contrat.txt:1") {
		t.Errorf("a broken line: %v", err)
	}
}
