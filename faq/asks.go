package faq

import (
	"strings"

	"candide/faq/text"
)

// from is the probability from which q is answered.
func (x *Index) from(q Question) float64 {
	switch {
	case !q.Channel:
		return answerFrom
	case asks(q.Text):
		return channelFrom
	default:
		return statementFrom
	}
}

// asking are words that mark a question, as written by the book, by ear and in text messages. None is proof: they only
// tell what may be a question from what is plainly said to others.
var asking = wordSet("combien cb cmb comb kombien comment coment commen koman quand qd kan kand quel quelle quels quelles kel kelle kels " +
	"pourquoi pk pq pkoi pourkoi quoi koi qui ki esk eske ske esque ou faut fo fau peut peu peux peus puis pouvez possible " +
	"sait savoir sais demande demandais connaitre renseignement renseignements info infos question tu vous " +
	"what when where who why how which can could do does is are will would may should any wondering")

// asks reports whether said bears the mark of a question.
func asks(said string) bool {
	if strings.ContainsAny(said, "?？") {
		return true
	}
	words := text.Words(said)
	for i, w := range words {
		// “est-ce que”, which “c'est ce soir” is not.
		if asking[w] || w == "que" && i >= 2 && words[i-1] == "ce" && words[i-2] == "est" {
			return true
		}
	}
	return false
}
