package match

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

// shop is a FAQ that has nothing to do with recruitment: the matcher knows none.
var shop = []Example{
	{"horaires", "À quelle heure ouvrez-vous ?"},
	{"horaires", "Êtes-vous ouverts le dimanche ?"},
	{"horaires", "Jusqu’à quelle heure le magasin reste-t-il ouvert le soir ?"},
	{"livraison", "Livrez-vous à domicile ?"},
	{"livraison", "Combien coûte la livraison ?"},
	{"livraison", "Sous combien de jours mon colis arrive-t-il ?"},
	{"retour", "Comment renvoyer un article ?"},
	{"retour", "Puis-je échanger une paire de chaussures ?"},
	{"retour", "Le remboursement prend combien de temps ?"},
	{"paiement", "Acceptez-vous les chèques ?"},
	{"paiement", "Can I pay by card in three instalments?"},
	{"paiement", "Peut-on payer en plusieurs fois ?"},
}

// letters embeds a text as how often it has each letter: a meaning of sorts, always of length one.
func letters(text string) []float32 {
	v := make([]float32, 26)
	sum := 0.0
	for _, w := range Words(text) {
		for _, r := range w {
			if r >= 'a' && r <= 'z' {
				v[r-'a']++
			}
		}
	}
	for _, x := range v {
		sum += float64(x * x)
	}
	if sum == 0 {
		return nil
	}
	for i := range v {
		v[i] = float32(float64(v[i]) / math.Sqrt(sum))
	}
	return v
}

func TestOwnPhrasingRanksFirst(t *testing.T) {
	for name, embed := range map[string]Embedder{"by words": nil, "with meaning": letters} {
		m := New(shop, embed)
		for _, e := range shop {
			var meaning []float32
			if embed != nil {
				meaning = embed(e.Text)
			}
			got := m.Rank(e.Text, meaning, 3)
			if len(got) == 0 || got[0].ID != e.ID {
				t.Errorf("%s: %q ranks %v, want %s first", name, e.Text, got, e.ID)
			}
		}
	}
}

func TestTypingMakesNoDifference(t *testing.T) {
	m := New(shop, nil)
	for _, c := range [][2]string{
		{"Êtes-vous ouverts le dimanche ?", "ETES VOUS OUVERTS LE DIMANCHE"},
		{"Jusqu’à quelle heure ?", "jusqu'a quelle heure"},
		{"Combien coûte la livraison ?", "  combien\tcoute,la  livraison!!!  "},
		{"e\u0301change", "échange"},
		{"rembour\u00adse\u200bment", "remboursement"},
	} {
		if a, b := m.Rank(c[0], nil, 4), m.Rank(c[1], nil, 4); !reflect.DeepEqual(a, b) {
			t.Errorf("%q ranks %v, %q ranks %v", c[0], a, c[1], b)
		}
	}
}

// near: the order in which an entry’s phrasings are added up may change the last digits of a float32, and nothing else.
const near = 1e-6

func TestOrderOfExamplesMakesNoDifference(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	want := New(shop, letters)
	for range 10 {
		shuffled := slices.Clone(shop)
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		got := New(shuffled, letters)
		for _, q := range append(questions(), "je voudrais payer par chèque", "is it open on sunday") {
			a, b := scores(want, q), scores(got, q)
			if len(a) != len(b) {
				t.Fatalf("%q: %v, then %v", q, a, b)
			}
			for id, s := range a {
				if math.Abs(s-b[id]) > near {
					t.Errorf("%q: %s scores %v, then %v", q, id, s, b[id])
				}
			}
		}
	}
}

func questions() []string {
	list := make([]string, len(shop))
	for i, e := range shop {
		list[i] = e.Text
	}
	return list
}

func scores(m *Matcher, q string) map[string]float64 {
	byID := map[string]float64{}
	for _, c := range m.Rank(q, letters(q), 100) {
		byID[c.ID] = c.Score
	}
	return byID
}

// wellRanked is what holds of every ranking.
func wellRanked(t *testing.T, text string, got []Candidate, n int) {
	t.Helper()
	if len(got) > n {
		t.Fatalf("%.60q: %d candidates, asked for %d", text, len(got), n)
	}
	seen := map[string]bool{}
	for i, c := range got {
		if math.IsNaN(c.Score) || c.Score <= 0 || c.Score > 1+1e-6 {
			t.Errorf("%.60q: %s scores %v", text, c.ID, c.Score)
		}
		if i > 0 && c.Score > got[i-1].Score {
			t.Errorf("%.60q: not sorted: %v", text, got)
		}
		if seen[c.ID] {
			t.Errorf("%.60q: %s is there twice", text, c.ID)
		}
		seen[c.ID] = true
	}
}

var badInput = []string{
	"", " ", "\n\t", "?!…", "🤖", "👩‍👩‍👧‍👦❓", "\u200b\u200d\ufeff", "\x00", "\xff\xfe\x80", "日本語の質問", "كم الراتب؟",
	strings.Repeat("a", 100_000), strings.Repeat("livraison ", 10_000), strings.Repeat("é", 50_000), strings.Repeat("\xc3", 5000),
	strings.Repeat("🤖", 3000), "€", "a", "' OR 1=1 --", "<script>alert(1)</script>",
}

func TestBadInput(t *testing.T) {
	m := New(shop, letters)
	for _, text := range badInput {
		for _, n := range []int{0, 1, 3, 100} {
			wellRanked(t, text, m.Rank(text, letters(text), n), n)
		}
	}
	for _, text := range []string{"", " ", "🤖", "\u200b", "?!…"} {
		if got := m.Rank(text, nil, 3); got != nil {
			t.Errorf("%q: %v, want none", text, got)
		}
	}
}

func TestNoExamples(t *testing.T) {
	for _, examples := range [][]Example{nil, {{"a", ""}, {"b", "🤖"}}} {
		if got := New(examples, letters).Rank("bonjour", letters("bonjour"), 3); got != nil {
			t.Errorf("%v: %v, want none", examples, got)
		}
	}
	one := New([]Example{{"a", "bonjour"}}, nil)
	wellRanked(t, "bonjour", one.Rank("bonjour", nil, 3), 3)
}

// Matchers built apart, used from many goroutines, agree to the last bit.
func TestDeterministic(t *testing.T) {
	want := New(shop, letters)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			m := New(shop, letters)
			for _, q := range questions() {
				if a, b := want.Rank(q, letters(q), 4), m.Rank(q, letters(q), 4); !reflect.DeepEqual(a, b) {
					t.Errorf("%q: %v, then %v", q, a, b)
				}
			}
		})
	}
	wg.Wait()
}

func TestWords(t *testing.T) {
	for in, want := range map[string][]string{
		"":                          {},
		"L’entretien, c'est QUAND?": {"l", "entretien", "c", "est", "quand"},
		"2 500 € nets/mois":         {"2", "500", "€", "nets", "mois"},
		"¿Cuánto?":                  {"cuanto"},
	} {
		if got := Words(in); !slices.Equal(got, want) {
			t.Errorf("Words(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzRank(f *testing.F) {
	for _, text := range badInput {
		f.Add(text[:min(len(text), 2000)])
	}
	f.Add("Combien coûte la livraison ?")
	m := New(shop, letters)
	f.Fuzz(func(t *testing.T, text string) {
		got := m.Rank(text, letters(text), 4)
		wellRanked(t, text, got, 4)
		if again := m.Rank(text, letters(text), 4); !reflect.DeepEqual(got, again) {
			t.Errorf("%q ranks %v, then %v", text, got, again)
		}
	})
}
