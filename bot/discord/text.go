package discord

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"candide/bot"
	"candide/internal/prose"
)

// The longest texts, in characters as Discord counts them.
const (
	maxContent     = 2000
	maxDescription = 4000 // 4,096, with room for a mark
	maxEmbedTitle  = 256
	maxButton      = 80
	maxModalTitle  = 45
	maxModalLabel  = 45
	maxPlaceholder = 100
	maxModalIntro  = 4000
	maxLine        = 4000
	maxThreadName  = 100
)

// stripMention reports whether text mentions the bot, outside code, and returns it without these mentions. A mention of
// the bot's own role, which clients offer under the same name, is one too.
func stripMention(text string, ids ...string) (mentioned bool, rest string) {
	shadow := prose.HideCode(text)
	var b strings.Builder
	last := 0
	for _, at := range mention.FindAllStringSubmatchIndex(shadow, -1) {
		for _, id := range ids {
			if id != "" && shadow[at[2]:at[3]] == id {
				mentioned = true
				b.WriteString(text[last:at[0]])
				last = at[1]
				break
			}
		}
	}
	b.WriteString(text[last:])
	if !mentioned {
		return false, strings.TrimSpace(text)
	}
	return true, prose.Unaddressed(b.String())
}

// mention matches a person or a role as Discord writes them.
var mention = regexp.MustCompile(`<@[!&]?(\d+)>`)

// markup is how Discord writes a person, a role, a channel or an own emoji.
var markup = regexp.MustCompile(`<(?:@[!&]?|#)\d+>`)

// address makes of the people who may be notified, named with an @, real mentions, and of every other mention a dead
// letter. (Nobody is notified anyway but those whom the message allows: this is for the eye.)
func address(text string, people []bot.Person) (out string, users []string) {
	const zeroWidth = "\u200b"
	text = markup.ReplaceAllStringFunc(text, func(s string) string { return "<" + zeroWidth + s[1:] })
	for _, word := range []string{"@everyone", "@here"} {
		text = strings.ReplaceAll(text, word, "@"+zeroWidth+word[1:])
	}
	for _, p := range people {
		if p.Platform != ID || p.User == "" || p.Name == "" || !strings.Contains(text, "@"+p.Name) {
			continue
		}
		text = strings.ReplaceAll(text, "@"+p.Name, "<@"+string(p.User)+">")
		users = append(users, string(p.User))
	}
	return text, users
}

// channelWord is how people write a channel's name.
var channelWord = regexp.MustCompile(`~([\p{L}\p{N}_-]+)`)

// linked makes links of the channels named in a text, outside code; id finds a channel by its name.
func linked(text string, id func(name string) string) string {
	shadow := prose.HideCode(text)
	var b strings.Builder
	last := 0
	for _, at := range channelWord.FindAllStringSubmatchIndex(shadow, -1) {
		if found := id(shadow[at[2]:at[3]]); found != "" {
			b.WriteString(text[last:at[0]] + "<#" + found + ">")
			last = at[1]
		}
	}
	return b.String() + text[last:]
}

// clip shortens s to max characters.
func clip(s string, max int) string {
	if utf8.RuneCountInString(s) <= max {
		return s
	}
	return strings.TrimRightFunc(prose.Head(s, max-1), unicode.IsSpace) + "…"
}

// isNumber reports that text may be the answer to a numbered list.
func isNumber(text string) bool {
	text = strings.TrimSpace(text)
	return text != "" && len(text) <= 2 && strings.Trim(text, "0123456789") == ""
}
