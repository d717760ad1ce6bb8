package mattermost

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"candide/bot"
	"candide/internal/prose"
)

// maxPost is the longest post that the bot writes, in characters; the server takes 16,383.
const maxPost = 16000

// zeroWidth is put after an @ so that nobody is notified. A backslash would not keep the server from it.
const zeroWidth = "\u200b"

// mention matches an account's name after an @.
var mention = regexp.MustCompile(`@[A-Za-z0-9._-]+`)

// stripMention reports whether text mentions the bot, outside code, and returns it without these mentions.
func stripMention(text, username string) (mentioned bool, rest string) {
	shadow := prose.HideCode(text)
	var b strings.Builder
	last := 0
	for _, at := range mention.FindAllStringIndex(shadow, -1) {
		begin, end := at[0], at[1]
		if before, _ := utf8.DecodeLastRuneInString(shadow[:begin]); begin > 0 && isWord(before) {
			continue // an e-mail address
		}
		name := shadow[begin+1 : end]
		if len(name) < len(username) || !strings.EqualFold(name[:len(username)], username) ||
			strings.Trim(name[len(username):], "._-") != "" {
			continue
		}
		mentioned = true
		b.WriteString(text[last:begin])
		last = begin + 1 + len(username)
	}
	b.WriteString(text[last:])
	if !mentioned {
		return false, strings.TrimSpace(text)
	}
	return true, prose.Unaddressed(b.String())
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// harmless keeps every @name in text from notifying anyone but the people allowed, and leaves e-mail addresses whole.
func harmless(text string, allowed []bot.Person) string {
	var b strings.Builder
	var before rune
	for i, r := range text {
		b.WriteRune(r)
		if r == '@' && !isWord(before) && !names(text[i+1:], allowed) {
			b.WriteString(zeroWidth)
		}
		before = r
	}
	return b.String()
}

// names reports whether text begins with the name of one of the people.
func names(text string, people []bot.Person) bool {
	found := mention.FindString("@" + text)
	if found == "" {
		return false
	}
	name := strings.TrimRight(found[1:], "._-")
	for _, p := range people {
		if p.Name != "" && strings.EqualFold(name, strings.TrimRight(p.Name, "._-")) {
			return true
		}
	}
	return false
}

// link writes a Markdown link whose label cannot end it early.
func link(label, url string) string {
	label = strings.NewReplacer("[", "(", "]", ")", "\n", " ").Replace(label)
	url = strings.NewReplacer(" ", "%20", "(", "%28", ")", "%29", "\n", "").Replace(url)
	return "[" + label + "](" + url + ")"
}

// clip shortens s to max bytes, which is how the server counts a dialog's labels, at a character's boundary.
func clip(s string, max int) string {
	if len(s) <= max {
		return s
	}
	cut := max - len("…")
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strings.TrimRightFunc(s[:cut], unicode.IsSpace) + "…"
}
