package discord

import (
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"

	"candide/bot"
	"candide/internal/prose"
)

// cardColor is the blue of French public services.
const cardColor = 0x000091

const (
	// maxRow and maxRows are how many buttons a row holds, and rows a message.
	maxRow, maxRows = 5, 5
	// maxMenu is how many entries a menu holds.
	maxMenu = 25
	// maxFiles is how many files one message takes.
	maxFiles = 10
)

// The beginnings of what buttons and menus carry: what follows is a key of the runtime's.
const (
	idKey   = "k:" // an action
	idMenu  = "m:" // a menu, whose entries are keys
	idForm  = "f:" // a dialog
	idAgain = "a:" // the button that shows a dialog again
)

// render turns a post into the messages that show it: one, unless it is very long. The last one carries the buttons and
// the files.
func (p *Platform) render(post bot.Post, here string) []newMessage {
	text, users := address(post.Text, post.Mentions)
	text = linked(text, p.channelID)
	below := below(post)
	allowed := mentions{Parse: []string{}, Users: users}
	var parts []newMessage
	if title, body, ok := card(post, text); ok && len(users) == 0 {
		e := embed{Title: clip(title, maxEmbedTitle), Color: cardColor}
		pieces := prose.Split(body, maxDescription)
		for _, piece := range pieces[:len(pieces)-1] {
			e.Description = piece
			parts = append(parts, newMessage{Embeds: []embed{e}, Allowed: allowed})
			e.Title = ""
		}
		e.Description = pieces[len(pieces)-1]
		if below != "" {
			e.Footer = &footer{Text: below}
		}
		parts = append(parts, newMessage{Embeds: []embed{e}, Allowed: allowed})
	} else {
		limit := maxContent - 50
		for _, piece := range prose.Split(text, limit) {
			parts = append(parts, newMessage{Content: piece, Allowed: allowed})
		}
		if last := &parts[len(parts)-1]; below != "" {
			last.Content += "\n" + small + below
		}
	}
	last := &parts[len(parts)-1]
	last.Components = p.components(post.Actions)
	for i, f := range post.Files[:min(len(post.Files), maxFiles)] {
		last.Attachments = append(last.Attachments, attachment{ID: strconv.Itoa(i), Filename: f.Name})
	}
	for i := range parts {
		if post.Key == "" {
			break
		}
		key := post.Key
		if i < len(parts)-1 {
			key += "#" + string(rune('1'+i))
		}
		parts[i].Nonce, parts[i].EnforceNonce = nonce(key), true
		if id, ok := answered(post.Key); ok && id != here {
			gone := false
			parts[i].Reference = &reference{MessageID: id, FailIfGone: &gone}
		}
	}
	return parts
}

// channelID is the id of a channel of this name; empty: none, or not only one.
func (p *Platform) channelID(name string) string {
	found := ""
	for _, ch := range p.channels.Values() {
		if ch.Name == name && (ch.Type == channelText || ch.Type == channelAnnouncement) {
			if found != "" {
				return ""
			}
			found = ch.ID
		}
	}
	return found
}

// small begins a line in small print.
const small = "-# "

// below is what stands in small print below a post: the entry that it answers with, and the mark by which it is found.
func below(post bot.Post) string {
	var parts []string
	if post.Entry != "" {
		parts = append(parts, entryText(post.Entry))
	}
	if mark := markOf(post.Key); mark != "" {
		parts = append(parts, markText(mark))
	}
	return strings.Join(parts, " · ")
}

// card reports whether a post is shown as a card: an answer of the FAQ, or a text with a heading of its own.
func card(post bot.Post, text string) (title, body string, ok bool) {
	first, rest, more := strings.Cut(text, "\n")
	if heading, bold := strings.CutPrefix(strings.TrimSpace(first), "**"); more && bold {
		heading, after, ended := strings.Cut(heading, "**")
		if !ended || strings.Contains(after, "**") {
			return "", text, false
		}
		return heading + after, strings.TrimLeft(rest, "\n"), strings.TrimSpace(rest) != ""
	}
	return "", text, post.Entry != "" && text != ""
}

// nonce is what keeps a message that is sent twice within minutes from appearing twice.
func nonce(key string) string {
	sum := sha256.Sum256([]byte(key))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:15]))
}

// markOf is by which a post is found again, read by people as a reference. What answers a message needs none: it refers
// to that message.
func markOf(key string) string {
	if key == "" || strings.HasPrefix(key, "re:") {
		return ""
	}
	return strings.ToUpper(nonce(key)[:10])
}

func markText(mark string) string { return "réf. " + mark }

// answered is the id of the message that a post of this key answers.
func answered(key string) (id string, ok bool) {
	a, ok := answerOf(key)
	return a.to, ok
}

// components are a post's buttons; where there are more than a row or two of them, a menu, and links below it.
func (p *Platform) components(actions []bot.Action) []component {
	var buttons, links []component
	var entries []option
	for _, a := range actions {
		if a.URL != "" {
			links = append(links, component{Type: kindButton, Style: styleLink, Label: clip(a.Label, maxButton), URL: a.URL})
			continue
		}
		entries = append(entries, option{Label: clip(a.Label, maxPlaceholder), Value: a.Key})
		buttons = append(buttons, component{
			Type: kindButton, Style: style(a.Style), Label: clip(a.Label, maxButton), CustomID: idKey + a.Key,
		})
	}
	var rows []component
	if len(entries) > maxRow {
		entries = entries[:min(len(entries), maxMenu)]
		rows = append(rows, component{Type: kindRow, Components: []component{
			{Type: kindMenu, CustomID: idMenu + entries[0].Value, Options: entries},
		}})
	} else {
		links = append(buttons, links...)
	}
	for len(links) > 0 && len(rows) < maxRows {
		n := min(len(links), maxRow)
		rows = append(rows, component{Type: kindRow, Components: links[:n]})
		links = links[n:]
	}
	return rows
}

func style(s bot.Style) int {
	switch s {
	case bot.Primary:
		return stylePrimary
	case bot.Danger:
		return styleDanger
	default:
		return styleSecondary
	}
}
