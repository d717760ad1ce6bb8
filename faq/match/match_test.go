package match

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"candide/faq/text"
)

// shop is a FAQ that has nothing to do with recruitment: the matcher knows none.
var shop = [][2]string{
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

func examples(phrasings [][2]string, embed func(string) []float32) []Example {
	r := text.NewReader()
	var list []Example
	for _, p := range phrasings {
		e := Example{ID: p[0], Text: r.Read(p[1])}
		if embed != nil {
			e.Meaning = embed(p[1])
		}
		list = append(list, e)
	}
	return list
}

// reader is one for all tests, as the product has: words are met again.
var reader = text.NewReader()

func rank(m *Matcher, said string, meaning []float32, n int) []Candidate {
	var aspects []Aspect
	for at, share := range meaning {
		if share > LeastShare {
			aspects = append(aspects, Aspect{int32(at), share})
		}
	}
	return m.Rank(nil, reader.Read(said), 0, aspects, n)
}

// letters embeds a text as how often it has each letter: a meaning of sorts, always of length one.
func letters(said string) []float32 {
	v := make([]float32, 26)
	sum := 0.0
	for _, w := range text.Words(said) {
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
	for name, embed := range map[string]func(string) []float32{"by words": nil, "with meaning": letters} {
		m := New(examples(shop, embed))
		for _, e := range shop {
			var meaning []float32
			if embed != nil {
				meaning = embed(e[1])
			}
			got := rank(m, e[1], meaning, 3)
			if len(got) == 0 || m.ids[got[0].Entry] != e[0] {
				t.Errorf("%s: %q ranks %v, want %s first", name, e[1], got, e[0])
			}
		}
	}
}

func TestTypingMakesNoDifference(t *testing.T) {
	m := New(examples(shop, nil))
	for _, c := range [][2]string{
		{"Êtes-vous ouverts le dimanche ?", "ETES VOUS OUVERTS LE DIMANCHE"},
		{"Jusqu’à quelle heure ?", "jusqu'a quelle heure"},
		{"Combien coûte la livraison ?", "  combien\tcoute,la  livraison!!!  "},
		{"e\u0301change", "échange"},
		{"rembour\u00adse\u200bment", "remboursement"},
	} {
		if a, b := rank(m, c[0], nil, 4), rank(m, c[1], nil, 4); !reflect.DeepEqual(a, b) {
			t.Errorf("%q ranks %v, %q ranks %v", c[0], a, c[1], b)
		}
	}
}

// near: the order in which an entry’s phrasings are added up may change the last digits of a float32, and nothing else.
const near = 1e-6

func TestOrderOfExamplesMakesNoDifference(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	want := New(examples(shop, letters))
	for range 10 {
		shuffled := slices.Clone(shop)
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		got := New(examples(shuffled, letters))
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
		list[i] = e[1]
	}
	return list
}

func scores(m *Matcher, q string) map[string]float64 {
	byID := map[string]float64{}
	for _, c := range rank(m, q, letters(q), 100) {
		byID[m.ids[c.Entry]] = float64(c.Score)
	}
	return byID
}

// wellRanked is what holds of every ranking.
func wellRanked(t *testing.T, said string, got []Candidate, n int) {
	t.Helper()
	if len(got) > n {
		t.Fatalf("%.60q: %d candidates, asked for %d", said, len(got), n)
	}
	seen := map[int32]bool{}
	for i, c := range got {
		if math.IsNaN(float64(c.Score)) || c.Score <= 0 || c.Score > 1+1e-6 {
			t.Errorf("%.60q: entry %d scores %v", said, c.Entry, c.Score)
		}
		if i > 0 && c.Score > got[i-1].Score {
			t.Errorf("%.60q: not sorted: %v", said, got)
		}
		if seen[c.Entry] {
			t.Errorf("%.60q: entry %d is there twice", said, c.Entry)
		}
		seen[c.Entry] = true
	}
}

var badInput = []string{
	"", " ", "\n\t", "?!…", "🤖", "👩‍👩‍👧‍👦❓", "\u200b\u200d\ufeff", "\x00", "\xff\xfe\x80", "日本語の質問", "كم الراتب؟",
	strings.Repeat("a", 100_000), strings.Repeat("livraison ", 10_000), strings.Repeat("é", 50_000), strings.Repeat("\xc3", 5000),
	strings.Repeat("🤖", 3000), "€", "a", "' OR 1=1 --", "<script>alert(1)</script>",
}

func TestBadInput(t *testing.T) {
	m := New(examples(shop, letters))
	for _, said := range badInput {
		for _, n := range []int{0, 1, 3, 100} {
			wellRanked(t, said, rank(m, said, letters(said), n), n)
		}
	}
	for _, said := range []string{"", " ", "🤖", "\u200b", "?!…"} {
		if got := rank(m, said, nil, 3); got != nil {
			t.Errorf("%q: %v, want none", said, got)
		}
	}
}

func TestNoExamples(t *testing.T) {
	for _, phrasings := range [][][2]string{nil, {{"a", ""}, {"b", "🤖"}}} {
		if got := rank(New(examples(phrasings, letters)), "bonjour", letters("bonjour"), 3); got != nil {
			t.Errorf("%v: %v, want none", phrasings, got)
		}
	}
	one := New(examples([][2]string{{"a", "bonjour"}}, nil))
	wellRanked(t, "bonjour", rank(one, "bonjour", nil, 3), 3)
}

// Matchers built apart, used from many goroutines, agree to the last bit.
func TestDeterministic(t *testing.T) {
	want := New(examples(shop, letters))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			m := New(examples(shop, letters))
			for _, q := range questions() {
				if a, b := rank(want, q, letters(q), 4), rank(m, q, letters(q), 4); !reflect.DeepEqual(a, b) {
					t.Errorf("%q: %v, then %v", q, a, b)
				}
			}
		})
	}
	wg.Wait()
}

// In a FAQ so large that only rare words are looked up, an entry is still found by its own words, among those that
// everybody uses.
func TestLargeFAQ(t *testing.T) {
	var phrasings [][2]string
	for i := range 3000 {
		id := fmt.Sprintf("entry-%d", i)
		phrasings = append(phrasings,
			[2]string{id, fmt.Sprintf("Est-ce que je peux avoir le bidule%d avant la fin du mois ?", i)},
			[2]string{id, fmt.Sprintf("Comment faire pour le truc%d de la semaine ?", i)})
	}
	m := New(examples(phrasings, nil))
	for _, i := range []int{0, 7, 1234, 2999} {
		for _, said := range []string{fmt.Sprintf("Bonjour, est-ce que le bidule%d est possible ?", i), fmt.Sprintf("le truc%d svp", i)} {
			got := rank(m, said, nil, 3)
			if want := fmt.Sprintf("entry-%d", i); len(got) == 0 || m.ids[got[0].Entry] != want {
				t.Errorf("%q ranks %v, want %s first", said, got, want)
			}
		}
	}
	wellRanked(t, "est-ce que la fin", rank(m, "est-ce que la fin", nil, 5), 5)
}

// A question is compared in the same way whether its words are remembered or not, and from several sides at once.
func TestRememberedWordsMakeNoDifference(t *testing.T) {
	warm := New(examples(shop, letters))
	said := append(questions(), "je voudrais payer par chèque", "is it open on sunday", "mon colis est en retard")
	want := make([][]Candidate, len(said))
	for i, q := range said {
		want[i] = rank(New(examples(shop, letters)), q, letters(q), 4)
	}
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for i := range 2000 {
				rank(warm, fmt.Sprintf("mot%d-%d", n, i), nil, 1) // more words than are remembered
			}
			for i, q := range said {
				for range 2 {
					if got := rank(warm, q, letters(q), 4); !reflect.DeepEqual(got, want[i]) {
						t.Errorf("%q ranks %v, then %v", q, want[i], got)
					}
				}
			}
		})
	}
	wg.Wait()
}

// A question of so many rare words that lanes would overflow is compared by as many as fit.
func TestLongQuestion(t *testing.T) {
	var phrasings [][2]string
	var words []string
	for i := range 1000 {
		w := strings.Repeat(string(rune('a'+i%26)), 3) + fmt.Sprintf("zyxwvutsrqponm%d", i)
		phrasings = append(phrasings, [2]string{fmt.Sprintf("entry-%03d", i%2), w})
		words = append(words, w)
	}
	m := New(examples(phrasings, nil))
	got := rank(m, strings.Join(words[:120], " "), nil, 3)
	wellRanked(t, "long", got, 3)
	if len(got) != 2 {
		t.Errorf("ranks %v, want both entries", got)
	}
}

func FuzzRank(f *testing.F) {
	for _, said := range badInput {
		f.Add(said[:min(len(said), 2000)])
	}
	f.Add("Combien coûte la livraison ?")
	m := New(examples(shop, letters))
	f.Fuzz(func(t *testing.T, said string) {
		got := rank(m, said, letters(said), 4)
		wellRanked(t, said, got, 4)
		if again := rank(m, said, letters(said), 4); !reflect.DeepEqual(got, again) {
			t.Errorf("%q ranks %v, then %v", said, got, again)
		}
	})
}
