package main

import (
	"math/rand/v2"
	"slices"
	"strings"

	"candide/faq/text"
	"candide/faq/topics"
	"candide/internal/fold"
)

// noise spoils phrases as people do: keys missed, words written as they are heard or as in text messages, spaces lost,
// and what is said around a question. It never changes what a phrase is about.
type noise struct{ rng *rand.Rand }

func newNoise(rng *rand.Rand) *noise { return &noise{rng} }

// spoil returns p's text with one or two kinds of damage.
func (n *noise) spoil(p topics.Phrase) string {
	said := fold.String(p.Text)
	switch n.rng.IntN(5) {
	case 0:
		said = n.eachWord(said, 0.15, n.mistype)
	case 1:
		said = n.eachWord(said, 0.5, byEar)
	case 2:
		said = shorten(said)
	case 3:
		said = n.eachWord(shorten(said), 0.1, n.mistype)
	case 4:
		said = n.joined(said)
	}
	if n.rng.IntN(4) == 0 && !isChatter(p.Topic) {
		said = n.framed(said, p)
	}
	return said
}

// cross begins as said, p's text, and ends as another phrase of its topic and language does.
func (n *noise) cross(said string, p topics.Phrase, same []topics.Phrase) string {
	other := same[n.rng.IntN(len(same))]
	if inEnglish(other) != inEnglish(p) {
		return said
	}
	begin, end := strings.Fields(said), strings.Fields(other.Text)
	begin, end = begin[:n.rng.IntN(len(begin)+1)], end[n.rng.IntN(len(end)+1):]
	return strings.Join(slices.Concat(begin, end), " ")
}

// A phrase of more than fewest words loses a share of them.
const (
	fewest = 3
	lost   = 0.25
)

func (n *noise) lose(said string) string {
	words := strings.Fields(said)
	if len(words) <= fewest {
		return said
	}
	return strings.Join(slices.DeleteFunc(words, func(string) bool { return n.rng.Float64() < lost }), " ")
}

func inEnglish(p topics.Phrase) bool { return strings.HasPrefix(p.Voice, "en") }

func isChatter(topic string) bool {
	t, _ := topics.ByID(topic)
	return t.Kind == topics.Chatter
}

func (n *noise) eachWord(said string, share float64, change func(string) string) string {
	words := strings.Fields(said)
	for i, w := range words {
		if len(w) > 2 && n.rng.Float64() < share {
			words[i] = change(w)
		}
	}
	return strings.Join(words, " ")
}

// beside are the keys next to each key, on French keyboards and English ones.
var beside = map[byte]string{
	'a': "zqs", 'z': "aes", 'e': "zrd", 'r': "etf", 't': "ryg", 'y': "tuh", 'u': "yij", 'i': "uok", 'o': "ipl", 'p': "ol",
	'q': "aws", 's': "dqz", 'd': "sfe", 'f': "dgr", 'g': "fht", 'h': "gjy", 'j': "hku", 'k': "jli", 'l': "kmo", 'm': "ln",
	'w': "xse", 'x': "wcd", 'c': "xvd", 'v': "cbf", 'b': "vng", 'n': "bhm",
}

func (n *noise) mistype(w string) string {
	at := n.rng.IntN(len(w))
	switch n.rng.IntN(4) {
	case 0: // lost
		return w[:at] + w[at+1:]
	case 1: // twice
		return w[:at] + w[at:at+1] + w[at:]
	case 2: // swapped
		if at+1 < len(w) {
			return w[:at] + w[at+1:at+2] + w[at:at+1] + w[at+2:]
		}
		return w
	default:
		keys := beside[w[at]]
		if keys == "" {
			return w
		}
		return w[:at] + string(keys[n.rng.IntN(len(keys))]) + w[at+1:]
	}
}

// heard are spellings by ear, tried in order; the first that a word has is taken.
var heard = strings.NewReplacer(
	"eaux", "o", "eau", "o", "aux", "o", "au", "o", "qu", "k", "ph", "f", "tion", "sion", "ais", "é", "ait", "é", "aient", "é",
	"ai", "é", "ez", "é", "er", "é", "ss", "s", "ll", "l", "tt", "t", "nn", "n", "mm", "m", "pp", "p", "ent", "en", "es", "e",
	"ain", "in", "ein", "in", "th", "t", "ge", "je", "ce", "se", "ci", "si", "om", "on", "oeu", "eu", "h", "",
)

func byEar(w string) string { return heard.Replace(w) }

// short are words as text messages write them.
var short = map[string]string{
	"est": "é", "c'est": "c", "quoi": "koi", "que": "ke", "qui": "ki", "pour": "pr", "vous": "vs", "nous": "ns", "dans": "ds",
	"avec": "ac", "quand": "qd", "combien": "cb", "comment": "cmt", "toujours": "tjs", "beaucoup": "bcp", "pas": "pa",
	"salut": "slt", "bonjour": "bjr", "merci": "mci", "s'il": "svp", "parce": "pcq", "pourquoi": "pk", "j'ai": "jai",
	"je": "j", "suis": "sui", "cette": "7", "cet": "7", "un": "1", "une": "1", "deux": "2", "rendez-vous": "rdv",
	"travail": "taf", "travailler": "bosser", "temps": "tps", "même": "mm", "meme": "mm", "tout": "tt", "tous": "ts",
	"peux": "pe", "peut": "pe", "faut": "fo", "chez": "ché", "mais": "mé", "les": "lé", "des": "dé", "qu'est-ce": "keske",
	"est-ce": "esk", "quelqu'un": "kelkun", "quel": "kel", "quelle": "kel", "quels": "kel", "jour": "j", "semaine": "sem",
	"you": "u", "are": "r", "please": "pls", "what": "wat", "with": "w/", "for": "4", "to": "2", "your": "ur", "how": "hw",
	"much": "mch", "about": "abt", "because": "bc", "when": "whn", "know": "kno", "people": "ppl", "work": "wrk", "the": "da",
	"thanks": "thx", "don't": "dont", "i'm": "im", "would": "wd", "working": "wrkin", "going": "goin",
}

func shorten(said string) string {
	words := strings.Fields(said)
	for i, w := range words {
		bare := strings.Trim(w, ".,;:!?…«»\"()")
		if to, ok := short[bare]; ok {
			words[i] = to
		}
	}
	return strings.Join(words, " ")
}

// joined loses a space or two.
func (n *noise) joined(said string) string {
	words := strings.Fields(said)
	for range 2 {
		if len(words) < 3 {
			break
		}
		at := n.rng.IntN(len(words) - 1)
		words = append(append(words[:at:at], words[at]+words[at+1]), words[at+2:]...)
	}
	return strings.Join(words, " ")
}

// What people say before and after what they ask, whatever it is. None of it is about a topic.
var (
	openings = []string{
		"bonjour", "bonjour à vous", "bonsoir", "salut", "coucou", "hello", "bonjour madame monsieur", "salut la team", "re",
		"bonjour j'ai vu votre annonce", "alors bonjour voilà", "oui allô bonjour", "euh bonjour", "bonjour je vous contacte pour une question",
		"bonjour je suis tombé sur votre annonce hier soir et j'avais une question", "petite question", "une question bête peut-être",
		"dites-moi", "dis", "du coup", "et sinon", "au fait", "excusez-moi de vous déranger", "désolé si la question a déjà été posée",
		"j'ai lu l'annonce en entier et je n'ai pas trouvé", "ma sœur m'a envoyé le lien de l'annonce", "j'espère que vous allez bien",
		"je me permets de vous écrire", "c'est encore moi", "bon alors", "je voudrais savoir", "est-ce que vous pouvez me dire",
		"je suis intéressée par l'offre mais avant", "madame, monsieur", "j'ai cherché partout sur le site",
	}
	closings = []string{
		"merci", "merci d'avance", "merci beaucoup", "svp", "s'il vous plaît", "cordialement", "bien cordialement", "bonne journée",
		"voilà merci", "voilà", "merci bien", "désolé pour les fautes", "j'attends votre réponse", "merci de votre retour",
		"en vous remerciant", "dites-moi", "je ne sais pas si je suis au bon endroit", "je suis un peu perdue", "merci pour votre aide",
	}
	openingsEnglish = []string{
		"hi", "hello", "hi there", "hey", "good morning", "dear sir or madam", "quick question", "sorry to bother you", "so",
		"hi I saw your ad", "hello I read the posting and I couldn't find", "just wondering", "one more thing", "by the way",
		"hope you are well", "a friend sent me the link", "I'm interested but first", "sorry if this was asked before",
	}
	closingsEnglish = []string{
		"thanks", "thank you", "thanks in advance", "please", "cheers", "kind regards", "sorry for my english", "have a nice day",
		"let me know", "many thanks", "ta",
	}
)

// framed says p's text between what people say around questions.
func (n *noise) framed(said string, p topics.Phrase) string {
	before, after := openings, closings
	if inEnglish(p) {
		before, after = openingsEnglish, closingsEnglish
	}
	if n.rng.IntN(4) > 0 && len(text.Words(said)) > 1 {
		said = before[n.rng.IntN(len(before))] + " " + said
	}
	if n.rng.IntN(2) == 0 {
		said += " " + after[n.rng.IntN(len(after))]
	}
	return said
}
