package dates

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"candide/internal/fold"
)

type kind int8

const (
	end kind = iota
	word
	number
	mark // any other single character
)

const (
	maxTokens = 48 // the longest date in words takes some twenty
	maxWord   = 40 // bytes; longer words name no date, and are not folded
)

// token is a word, a number or a mark of the text.
type token struct {
	kind       kind
	text       string // folded; of a number, its digits
	n          int    // value of a number; -1 where it is too long to matter
	start, end int    // in the text
	space      bool   // white space comes before
}

// lex cuts the beginning of s into tokens, the last of which is always an end. What cannot be seen is skipped.
func lex(s string) []token {
	var toks []token
	space := false
	for i := 0; i < len(s) && len(toks) < maxTokens; {
		r, size := utf8.DecodeRuneInString(s[i:])
		t := token{start: i, end: i + size, space: space}
		switch {
		case unicode.IsSpace(r):
			space = true
			i += size
			continue
		case unicode.Is(unicode.Cf, r):
			i += size
			continue
		case isDigit(r):
			t.kind = number
			for t.end < len(s) && isDigit(rune(s[t.end])) {
				t.end++
			}
			t.text = s[i:t.end]
			t.n = value(t.text)
		case unicode.IsLetter(r):
			t.kind = word
			t.end = i + wordLen(s[i:])
			if t.end-t.start <= maxWord {
				t.text = fold.String(s[i:t.end])
			}
		default:
			t.kind = mark
			t.text = markText(r)
		}
		toks = append(toks, t)
		space = false
		i = t.end
	}
	at := len(s)
	if len(toks) == maxTokens {
		at = toks[maxTokens-1].end
	}
	return append(toks, token{kind: end, start: at, end: at, space: true})
}

// wordLen is the length of the word that s begins with: letters, their accents, and apostrophes between letters.
func wordLen(s string) int {
	n := 0
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if isApostrophe(r) {
			if next, _ := utf8.DecodeRuneInString(s[n+size:]); !unicode.IsLetter(next) {
				break
			}
		} else if !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Cf, r) {
			break
		}
		n += size
	}
	return n
}

func markText(r rune) string {
	switch r {
	case '‐', '‑', '−', '–', '—':
		return "-"
	case '’', '‘', '`':
		return "'"
	case '⁄', '∕':
		return "/"
	case '：':
		return ":"
	}
	return string(r)
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func isApostrophe(r rune) bool { return strings.ContainsRune("'’‘`", r) }

func value(digits string) int {
	if len(digits) > 9 {
		return -1
	}
	n := 0
	for _, d := range digits {
		n = 10*n + int(d-'0')
	}
	return n
}

// parser reads phrases among the tokens of a text. Its methods take the position of a token and return the position
// after what they read; none has a state of its own, so that one reading can be tried after another.
type parser struct {
	text string
	toks []token
	now  present
}

// tok is the token at i; before the first and after the last there is the end.
func (p *parser) tok(i int) token {
	if i < 0 || i >= len(p.toks) {
		i = len(p.toks) - 1
	}
	return p.toks[i]
}

// is tells whether the token at i is one of these.
func (p *parser) is(i int, texts ...string) bool {
	t := p.tok(i)
	if t.kind == end {
		return false
	}
	for _, s := range texts {
		if t.text == s {
			return true
		}
	}
	return false
}

// glued tells whether the token at i touches the one before.
func (p *parser) glued(i int) bool { return p.tok(i).kind != end && !p.tok(i).space }

// phrase reads the first of the phrases that stands at i; hyphens between its words are optional.
func (p *parser) phrase(i int, phrases ...string) (next int, ok bool) {
	for _, s := range phrases {
		j, all := i, true
		for w := range strings.SplitSeq(s, " ") {
			if j > i && p.is(j, "-") && p.glued(j) && p.glued(j+1) {
				j++
			}
			if !p.is(j, w) {
				all = false
				break
			}
			j++
		}
		if all {
			return j, true
		}
	}
	return i, false
}

// skip steps over at most two of these words or marks, so that “, à” is one joint.
func (p *parser) skip(i int, texts ...string) int {
	for n := 0; n < 2 && p.is(i, texts...); n++ {
		i++
	}
	return i
}

// ends tells whether a phrase may end before the token at i: what follows is not the rest of the same word, as in
// “mardi-gras”, “14h30bis” or “1/12/2026/3”.
func (p *parser) ends(i int) bool {
	t := p.tok(i)
	switch {
	case t.kind == end || t.space:
		return true
	case t.kind == word || t.kind == number:
		return false
	case p.is(i, ",", ";", "(", ")", "!", "?", "~", "#", "»", "\"", "”", "]"):
		return true
	}
	// Any other mark ends the phrase unless it binds it to what comes next.
	next := p.tok(i + 1)
	return next.kind == end || next.space || next.kind == mark
}

// source is the text of the tokens from i up to j, as it was typed.
func (p *parser) source(i, j int) string {
	if j <= i {
		return ""
	}
	return p.text[p.tok(i).start:p.tok(j-1).end]
}
