// Package fold says when two texts are the same to a person who types in a hurry: case, accents, ligatures and the
// shape of apostrophes make no difference.
package fold

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// String lowers the case of s and removes accents, ligatures and typographic apostrophes, and every character that
// cannot be seen (zero-width spaces, joiners, soft hyphens).
func String(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return string(Append(make([]byte, 0, len(s)), s))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Append appends String(s) to dst.
func Append(dst []byte, s string) []byte {
	start := len(dst)
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r < latin:
			dst = append(dst, common().latin[r]...)
		case r >= punctuation && r < punctuation+0x70:
			dst = append(dst, common().punctuation[r-punctuation]...)
		case r == '€', r >= 0x1f300 && r < 0x1fb00: // pictures have no other form
			dst = append(dst, s[i:i+size]...)
		case r == 0xfe0f: // it only says that the picture before is in colour
		default: // what stands alone may be read differently with its neighbours
			return whole(dst[:start], s)
		}
		i += size
	}
	return dst
}

// whole appends what becomes of s, by the book.
func whole(dst []byte, s string) []byte {
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r):
		case r == 'œ' || r == 'Œ':
			dst = append(dst, "oe"...)
		case r == 'æ' || r == 'Æ':
			dst = append(dst, "ae"...)
		case r == '’' || r == '‘' || r == 'ʼ':
			dst = append(dst, '\'')
		default:
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
	}
	return dst
}

// The blocks of characters that French and English are written with: those under latin, and 0x70 of punctuation. None
// of them combines with its neighbours.
const (
	latin       = 0x250
	punctuation = 0x2000
)

type folded struct {
	latin       [latin]string
	punctuation [0x70]string
}

// common is what becomes of each of them.
var common = sync.OnceValue(func() *folded {
	f := new(folded)
	for r := range f.latin {
		f.latin[r] = string(whole(nil, string(rune(r))))
	}
	for r := range f.punctuation {
		f.punctuation[r] = string(whole(nil, string(rune(punctuation+r))))
	}
	return f
})
