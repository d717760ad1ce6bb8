package faq

import (
	"slices"
	"strings"

	"candide/faq/text"
)

// mark is what a word tells wherever it stands; a word may bear several.
type mark uint8

const (
	// french and english are words so common that a short question in the language holds one, and the other language
	// does not.
	french mark = 1 << iota
	english
	// asking is a word that marks a question, as written by the book, by ear and in text messages. None is proof: they
	// only tell what may be a question from what is plainly said to others.
	asking
	// interrogative is one that asks what, who, where, when, how or why: two questions in one message bear two.
	interrogative
	// joining is a word that may stand between two questions; “puis” does not in “puis-je”.
	joining
	// courteous is a word that asks nothing beside others of its kind; replying is one of them with which people answer each
	// other.
	courteous
	replying
)

var marks = func() map[string]mark {
	m := map[string]mark{}
	for bears, list := range map[mark]string{
		english: "the is are do does did can could would what when where who why how much many i i'm my me you your we our it this that there have has will be to of for with and or not any if please hi hello thanks get need want job apply still in on at from about after before",
		french:  "le la les un une des du de je tu il elle on nous vous ils mon ma mes ton ta tes votre vos notre nos c ce ca est et ou ne pas que qui quoi quand combien comment pourquoi faut avec pour dans sur y a en au aux suis ai peut peux svp bonjour salut merci quel quelle quels quelles si j l d qu n s m t se plus sans chez etre avoir fait faire",
		asking: "qui ki eske ske esque ou faut fo fau peut peu peux peus puis pouvez possible " +
			"sait savoir sais demande demandais connaitre renseignement renseignements info infos question tu vous " +
			"who can could do does is are will would may should any wondering",
		asking | interrogative: "combien cb cmb comb kombien conbien comment coment commen koman quand qd kan kand quel quelle quels quelles " +
			"kel kelle kels kelles pourquoi pk pq pkoi pourkoi quoi koi esk keske what when where how which why",
		courteous: "bonjour bjr bonsoir salut slt coucou cc hello hi hey allo madame monsieur d avance beaucoup bien cordialement " +
			"cdt svp stp s il vous te plait bonne journee soiree courage you in advance please pls kind regards",
		courteous | replying: "merci mrc mci bon ok oui voila thanks thank thx cheers",
		joining:              "et puis pis pi and also plus ainsi sinon",
	} {
		for _, w := range text.Words(list) {
			m[w] |= bears
		}
	}
	return m
}()

// message is what was read of what somebody said, or a part of it.
type message struct {
	text.Text
	asked  bool   // it has a question mark
	goesOn bool   // it is a part, and goes on after a comma
	lang   string // that of all that was said, where it tells
	said   uint64 // of all that was said; nothing of a part
}

func (x *Index) message(s *scratch, q Question) message {
	s.words = x.reader.Append(s.words[:0], q.Text)
	m := message{lang: language(s.words), said: s.words.Hash()}
	m.asked = strings.Contains(q.Text, "?") || strings.Contains(q.Text, "？")
	m.Text = toThePoint(s.words, q.Channel)
	return m
}

// toThePoint takes from t, in its room, the clauses that hold courtesies alone, where there are others: what is asked of the
// bot is the same with or without them. In a channel what begins with “oui” or “merci” answers somebody, so that there
// such words are taken from the end alone. What stands after a clause that is taken away stands after the one before.
func toThePoint(t text.Text, channel bool) text.Text {
	last := 0 // the last word that is more than courteous: the end begins after it
	if channel {
		for i := range t {
			if mark(t[i].Tag)&courteous == 0 {
				last = i
			}
		}
	}
	n, start := 0, 0
	for i, w := range t {
		if w.Stop == text.None && i < len(t)-1 {
			continue
		}
		clause := message{Text: t[start : i+1]}
		start = i + 1
		if !clause.all(courteous) || i < last && clause.any(replying) {
			n += copy(t[n:], clause.Text)
		} else if n > 0 {
			t[n-1].Stop = max(t[n-1].Stop, w.Stop)
		}
	}
	if n == 0 {
		return t
	}
	return t[:n]
}

// part is the words from i to j, without what stands between them. After a word that joins it is taken to begin anew.
func (m message) part(i, j int) message {
	return message{Text: m.Text[i:j], asked: m.Text[j-1].Stop == text.Question, goesOn: i > 0 && m.Text[i-1].Stop == text.Pause}
}

// asks reports whether m bears the mark of a question.
func (m message) asks() bool {
	if m.asked {
		return true
	}
	for i, w := range m.Text {
		// “est-ce que”, which “c'est ce soir” is not.
		if mark(w.Tag)&asking != 0 || w.Word == "que" && i >= 2 && m.Text[i-1].Word == "ce" && m.Text[i-2].Word == "est" {
			return true
		}
	}
	return false
}

// inquires reports whether m bears the mark of a question by itself.
func (m message) inquires() bool { return m.asked || m.any(interrogative) }

// all reports whether each word bears one of the marks, any whether one does.
func (m message) all(marks mark) bool {
	return !slices.ContainsFunc(m.Text, func(w text.Token) bool { return mark(w.Tag)&marks == 0 })
}

func (m message) any(marks mark) bool {
	return slices.ContainsFunc(m.Text, func(w text.Token) bool { return mark(w.Tag)&marks != 0 })
}

// from is the probability from which q is answered.
func from(q Question, m message) float64 {
	switch {
	case !q.Channel:
		return answerFrom
	case m.asks():
		return channelFrom
	case len(m.Text) > 0 && mark(m.Text[0].Tag)&replying != 0: // “oui, le 4 janvier” answers somebody
		return never
	default:
		return statementFrom
	}
}

// Language guesses the language of text: "fr", "en", or "" when nothing tells.
func Language(said string) string {
	fr, en := 0, 0
	for _, w := range text.Words(said) {
		fr, en = marks[w].count(fr, en)
	}
	return speaks(fr, en)
}

// count adds a word to those of each language.
func (m mark) count(fr, en int) (int, int) {
	return fr + int(m&french)/int(french), en + int(m&english)/int(english)
}

// newReader returns a reader that tags words with their marks.
func newReader() *text.Reader {
	return text.NewTagger(func(word string) uint8 { return uint8(marks[word]) })
}

func language(t text.Text) string {
	fr, en := 0, 0
	for _, w := range t {
		fr, en = mark(w.Tag).count(fr, en)
	}
	return speaks(fr, en)
}

func speaks(fr, en int) string {
	switch {
	case en > fr:
		return "en"
	case fr > 0:
		return "fr"
	default:
		return ""
	}
}

// language is that of the question, the asker's or the FAQ's where it does not tell.
func (x *Index) language(q Question, m message) string {
	if m.lang != "" {
		return m.lang
	}
	if q.Lang != "" {
		return q.Lang
	}
	return x.faq.Language
}
