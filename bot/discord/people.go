package discord

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"candide/bot"
	"candide/internal/fold"
)

// readable makes of the people mentioned in a text their names, as people would have typed them elsewhere.
func readable(text string, people []user) string {
	for _, u := range people {
		text = strings.NewReplacer("<@"+u.ID+">", "@"+u.Username, "<@!"+u.ID+">", "@"+u.Username).Replace(text)
	}
	return text
}

// maxFound is how many members of like names are looked at.
const maxFound = 20

// FindPerson implements bot.People: by the account's name first, then by the name that others see.
func (p *Platform) FindPerson(ctx context.Context, name string) (bot.Person, error) {
	h, err := p.at()
	if err != nil {
		return bot.Person{}, err
	}
	name = strings.TrimLeft(strings.TrimSpace(name), "@")
	if name == "" {
		return bot.Person{}, bot.ErrNoPerson
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	var found []member
	address := api(fmt.Sprintf("guilds/%s/members/search?query=%s&limit=%d", h.guild, url.QueryEscape(name), maxFound))
	if err := p.rest.call(ctx, http.MethodGet, address, "members-search", nil, &found); err != nil {
		return bot.Person{}, fmt.Errorf("looking for a person: %w", err)
	}
	var alike []bot.Person
	for _, m := range found {
		if m.User == nil || m.User.Bot {
			continue
		}
		who := person(*m.User, &m)
		if fold.String(m.User.Username) == fold.String(name) {
			return who, nil
		}
		if fold.String(who.Name) == fold.String(name) {
			alike = append(alike, who)
		}
	}
	if len(alike) != 1 { // of two with the same name, which one is not for the bot to guess
		return bot.Person{}, bot.ErrNoPerson
	}
	return alike[0], nil
}

// NameOf implements bot.Namer.
func (p *Platform) NameOf(ctx context.Context, who bot.Person) string {
	h, err := p.at()
	if err != nil || who.User == "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	var m member
	err = p.rest.call(ctx, http.MethodGet, api("guilds/"+h.guild+"/members/"+string(who.User)), "members", nil, &m)
	if err != nil || m.User == nil {
		return ""
	}
	return person(*m.User, &m).Name
}

// get asks for one message; ok is false when it is gone.
func (p *Platform) get(ctx context.Context, where, id string) (m *message, ok bool, err error) {
	m = &message{}
	err = p.rest.call(ctx, http.MethodGet, api("channels/"+where+"/messages/"+id), "messages/"+where, nil, m)
	if gone(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("looking at a message: %w", err)
	}
	return m, true, nil
}

// Recall implements bot.Recaller: the answer refers to its question, or is in the thread that it began, and names its
// entry below the text.
func (p *Platform) Recall(ctx context.Context, in bot.Place, id bot.PostID) (bot.Recalled, error) {
	h, err := p.at()
	if err != nil {
		return bot.Recalled{}, err
	}
	where, thread := string(in.Channel), string(in.Thread)
	if thread != "" && in.Visibility != bot.Direct {
		where = thread
	}
	m, ok, err := p.get(ctx, where, string(id))
	if err != nil {
		return bot.Recalled{}, err
	}
	if !ok || m.Author.ID != h.me.ID {
		return bot.Recalled{}, bot.ErrForgotten
	}
	asked := thread
	if m.Reference != nil && m.Reference.MessageID != "" {
		asked = m.Reference.MessageID
	}
	if asked == "" {
		return bot.Recalled{}, bot.ErrForgotten
	}
	question, ok, err := p.get(ctx, where, asked)
	if err == nil && !ok && where == thread {
		question, ok, err = p.get(ctx, string(in.Channel), asked) // the message that a thread begins with is outside it
	}
	if err != nil {
		return bot.Recalled{}, err
	}
	if !ok {
		return bot.Recalled{}, bot.ErrForgotten
	}
	if in.Visibility != bot.Direct {
		question.GuildID = h.guild // not said over REST
	}
	heard, ok, err := p.message(ctx, h, question)
	if err != nil {
		return bot.Recalled{}, err
	}
	if !ok {
		return bot.Recalled{}, bot.ErrForgotten
	}
	return bot.Recalled{Entry: entryOf(m), Question: heard}, nil
}

// entryText names the entry that an answer comes from, below it.
func entryText(entry string) string { return "fiche " + entry }

// entryOf is the entry that an answer names; empty: none.
func entryOf(m *message) string {
	lines := strings.Split(m.Content, "\n")
	text := strings.TrimPrefix(lines[len(lines)-1], small)
	for _, e := range m.Embeds {
		if e.Footer != nil {
			text = e.Footer.Text
		}
	}
	for part := range strings.SplitSeq(text, " · ") {
		if entry, ok := strings.CutPrefix(part, "fiche "); ok {
			return entry
		}
	}
	return ""
}
