package discordtest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Member is somebody in a guild. The methods act as the person would, and end the test when they cannot.
type Member struct {
	ID, Name string
	Locale   string // empty: French

	g      *Guild
	bot    bool
	roles  []string
	left   bool
	closed bool // takes no direct messages
}

// Member makes somebody, with roles.
func (g *Guild) Member(name string, roles ...string) *Member {
	m := &Member{ID: g.s.id(), Name: name, roles: roles, g: g}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.members[m.ID] = m
	return m
}

// SetRoles gives somebody these roles and no others.
func (m *Member) SetRoles(roles ...string) {
	m.g.mu.Lock()
	defer m.g.mu.Unlock()
	m.roles = roles
}

// Leave makes somebody leave the guild.
func (m *Member) Leave() {
	m.g.mu.Lock()
	defer m.g.mu.Unlock()
	m.left = true
}

// CloseDirect makes somebody take no direct messages.
func (m *Member) CloseDirect() {
	m.g.mu.Lock()
	defer m.g.mu.Unlock()
	m.closed = true
}

func (m *Member) locale() string {
	if m.Locale == "" {
		return "fr"
	}
	return m.Locale
}

// Say writes a message in a channel or thread.
func (m *Member) Say(in *Channel, text string) *Message {
	m.g.t.Helper()
	said := &Message{ID: m.g.s.id(), Channel: in.ID, Author: m.ID, Content: text, At: time.Now()}
	m.g.mu.Lock()
	in.messages = append(in.messages, said)
	event := m.g.messageShape(said)
	if in.Kind != KindDirect {
		event["guild_id"], event["member"] = m.g.ID, m.g.memberShape(m, false)
	}
	m.g.mu.Unlock()
	m.g.dispatch("MESSAGE_CREATE", event)
	return said
}

// DM writes a direct message to the bot.
func (m *Member) DM(text string) *Message {
	m.g.t.Helper()
	return m.Say(m.DMChannel(), text)
}

// DMChannel is the direct conversation between the person and the bot.
func (m *Member) DMChannel() *Channel {
	m.g.mu.Lock()
	for _, c := range m.g.channels {
		if c.person == m.ID {
			m.g.mu.Unlock()
			return c
		}
	}
	m.g.mu.Unlock()
	return m.g.channel(&Channel{Kind: KindDirect, person: m.ID, Name: "direct-" + m.Name})
}

// Thread is the thread that a message began; nil: none.
func (g *Guild) Thread(of *Message) *Channel {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.channels[of.ID]
}

// Mention is how people write the bot's name.
func (g *Guild) Mention() string { return "<@" + g.BotID + ">" }

// NoThreads keeps the bot from making threads.
func (g *Guild) NoThreads() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.noThreads = true
}

// Reply waits for the bot's answer to a message: in the thread that it began, or referring to it.
func (g *Guild) Reply(to *Message, contains ...string) *Message {
	g.t.Helper()
	var found *Message
	g.Until(fmt.Sprintf("an answer to %q with %q", to.Content, contains), func() bool {
		found = match(g.replies(to), contains)
		return found != nil
	})
	return found
}

// replies are the bot's answers to a message. The guild is locked.
func (g *Guild) replies(to *Message) []*Message {
	var list []*Message
	if thread := g.channels[to.ID]; thread != nil {
		for _, m := range thread.messages {
			if m.Author == g.BotID && !m.Deleted {
				list = append(list, m)
			}
		}
	}
	for _, m := range g.channels[to.Channel].messages {
		if m.Author == g.BotID && m.Reference == to.ID && !m.Deleted {
			list = append(list, m)
		}
	}
	return list
}

// Replies are the bot's answers to a message so far.
func (g *Guild) Replies(to *Message) []*Message {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.replies(to)
}

// Posted waits for a message of the bot's in a channel that contains every text.
func (g *Guild) Posted(in *Channel, contains ...string) *Message {
	g.t.Helper()
	var found *Message
	g.Until(fmt.Sprintf("a message in #%s with %q", in.Name, contains), func() bool {
		var list []*Message
		for _, m := range in.messages {
			if m.Author == g.BotID {
				list = append(list, m)
			}
		}
		found = match(list, contains)
		return found != nil
	})
	return found
}

// Messages are the bot's messages in a channel.
func (g *Guild) Messages(in *Channel) []*Message {
	g.mu.Lock()
	defer g.mu.Unlock()
	var list []*Message
	for _, m := range in.messages {
		if m.Author == g.BotID && !m.Deleted {
			list = append(list, m)
		}
	}
	return list
}

// Text is everything that people read in a message.
func (g *Guild) Text(m *Message) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return m.text()
}

// Press presses the button, or chooses the entry of a menu, whose label contains text.
func (m *Member) Press(on *Message, label string) *Interaction {
	m.g.t.Helper()
	m.g.mu.Lock()
	id, value, found := find(on.Components, label)
	in := m.g.channels[on.Channel]
	m.g.mu.Unlock()
	if !found {
		m.g.t.Fatalf("no button %q in:\n%s", label, m.g.Text(on))
	}
	data := object{"custom_id": id, "component_type": 2}
	if value != "" {
		data["component_type"], data["values"] = 3, []string{value}
	}
	return m.interact(in, 3, on, data)
}

// find returns what a button carries, and for a menu's entry its value as well.
func find(components []any, label string) (id, value string, found bool) {
	for _, item := range components {
		c, _ := item.(map[string]any)
		if s, _ := c["label"].(string); strings.Contains(s, label) {
			id, _ := c["custom_id"].(string)
			return id, "", id != ""
		}
		if options, ok := c["options"].([]any); ok {
			for _, o := range options {
				o := o.(map[string]any)
				if strings.Contains(o["label"].(string), label) {
					return c["custom_id"].(string), o["value"].(string), true
				}
			}
		}
		if children, ok := c["components"].([]any); ok {
			if id, value, found := find(children, label); found {
				return id, value, true
			}
		}
	}
	return "", "", false
}

// React puts an emoji on a message.
func (m *Member) React(on *Message, emoji string) {
	m.g.mu.Lock()
	in := m.g.channels[on.Channel]
	event := object{
		"user_id": m.ID, "channel_id": in.ID, "message_id": on.ID, "message_author_id": on.Author,
		"emoji": object{"id": nil, "name": emoji}, "type": 0, "burst": false,
	}
	if in.Kind != KindDirect {
		event["guild_id"], event["member"] = m.g.ID, m.g.memberShape(m, true)
	}
	m.g.mu.Unlock()
	m.g.dispatch("MESSAGE_REACTION_ADD", event)
}

// Sees waits until somebody reads a post that contains every text: for them alone, in their direct conversation, or in
// answer to what they said. The newest counts.
func (m *Member) Sees(contains ...string) *Message {
	m.g.t.Helper()
	var found *Message
	m.g.Until(fmt.Sprintf("%s to read %q", m.Name, contains), func() bool {
		found = match(m.reads(), contains)
		return found != nil
	})
	return found
}

// reads are the bot's posts that somebody reads, oldest first. The guild is locked.
func (m *Member) reads() []*Message {
	var list []*Message
	for _, i := range m.g.interactions {
		if i.who == m {
			list = append(list, i.messages...)
		}
	}
	for _, c := range m.g.channels {
		for _, said := range c.messages {
			if said.Author == m.g.BotID && c.person == m.ID {
				list = append(list, said)
			}
			if said.Author == m.ID && c.person == "" {
				list = append(list, m.g.replies(said)...)
			}
		}
	}
	slices.SortFunc(list, func(a, b *Message) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// Labels are the words on a message's buttons, in order.
func (g *Guild) Labels(m *Message) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return labels(m.Components)
}
