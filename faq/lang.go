package faq

import "candide/faq/text"

// Words so common that a short question in the language holds one, and the other language does not.
var (
	wordsEN = wordSet("the is are do does did can could would what when where who why how much many i i'm my me you your we our it this that there have has will be to of for with and or not any if please hi hello thanks get need want job apply still in on at from about after before")
	wordsFR = wordSet("le la les un une des du de je tu il elle on nous vous ils mon ma mes ton ta tes votre vos notre nos c ce ca est et ou ne pas que qui quoi quand combien comment pourquoi faut avec pour dans sur y a en au aux suis ai peut peux svp bonjour salut merci quel quelle quels quelles si j l d qu n s m t se plus sans chez etre avoir fait faire")
)

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range text.Words(list) {
		set[w] = true
	}
	return set
}

// Language guesses the language of text: "fr", "en", or "" when nothing tells.
func Language(said string) string {
	fr, en := 0, 0
	for _, w := range text.Words(said) {
		if wordsFR[w] {
			fr++
		}
		if wordsEN[w] {
			en++
		}
	}
	switch {
	case en > fr:
		return "en"
	case fr > 0:
		return "fr"
	default:
		return ""
	}
}
