package inbox

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What stands in the place of what is masked.
const (
	maskedMail  = "[e-mail]"
	maskedPhone = "[téléphone]"
	maskedName  = "[nom]"
	maskedLink  = "[lien]"
)

// maxQuestion is how much of a question is kept, in characters.
const maxQuestion = 400

var (
	// An address with its disguises: “prenom (at) exemple . org”, “prenom arobase exemple point fr”.
	mailPattern = regexp.MustCompile(`(?i)[\p{L}\p{N}._%+'’-]+\s*(?:@|＠|\(at\)|\[at\]|\{at\}|\s(?:at|arobase|arobaze)\s)\s*[\p{L}\p{N}-]+(?:\s*(?:\.|\(dot\)|\[dot\]|\(point\)|\[point\]|\s(?:dot|point)\s)\s*[\p{L}\p{N}-]+)+`)
	// Nine digits or more, of any script, with what people put between them: a date has eight.
	phonePattern = regexp.MustCompile(`\+?\(?\p{Nd}(?:[\s().\-/_,·‑–]{0,3}\p{Nd}){8,}\)?`)
	namePattern  = regexp.MustCompile(`[@＠][\p{L}\p{N}][\p{L}\p{N}._-]*`)
	linkPattern  = regexp.MustCompile(`(?i)\b(?:https?://|www\.)\S+`)
)

// Mask returns what somebody wrote on one line, without e-mail addresses, telephone and other long numbers, links and
// @names, and shortened. Masking what is masked changes nothing.
func Mask(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError || unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	text = linkPattern.ReplaceAllString(text, maskedLink)
	text = mailPattern.ReplaceAllString(text, maskedMail)
	text = phonePattern.ReplaceAllString(text, maskedPhone)
	text = namePattern.ReplaceAllString(text, maskedName)
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) > maxQuestion {
		text = strings.TrimSpace(string([]rune(text)[:maxQuestion-1])) + "…"
	}
	return text
}
