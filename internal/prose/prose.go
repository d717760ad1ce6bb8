// Package prose handles the text of messages as chat servers have it: Markdown, of a limited length.
package prose

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// code matches Markdown's code.
var code = regexp.MustCompile("(?s)```.*?(?:```|$)|`[^`\n]+`")

// HideCode blanks out Markdown's code, in which nobody is mentioned; every other byte keeps its index.
func HideCode(text string) string {
	return code.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat(" ", len(s)) })
}

// Unaddressed tidies what is left of a text once the name of whom it is said to was taken out.
func Unaddressed(text string) string {
	text = strings.TrimLeftFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",:;–—", r) })
	return strings.TrimSpace(strings.ReplaceAll(text, "  ", " "))
}

// Split cuts text into parts of at most limit characters, between paragraphs where it can, else between lines, else
// between words. No part is empty; an empty text is one empty part.
func Split(text string, limit int) []string {
	var parts []string
	for utf8.RuneCountInString(text) > limit {
		head := Head(text, limit)
		cut := len(head)
		for _, sep := range []string{"\n\n", "\n", " "} {
			// Not so early that a part would be nearly empty.
			if i := strings.LastIndex(head, sep); i > len(head)/4 {
				cut = i
				break
			}
		}
		if part := strings.TrimSpace(text[:cut]); part != "" {
			parts = append(parts, part)
		}
		text = strings.TrimLeftFunc(text[cut:], unicode.IsSpace)
	}
	if text != "" || len(parts) == 0 {
		parts = append(parts, text)
	}
	return parts
}

// Head is the first n characters of text.
func Head(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}
