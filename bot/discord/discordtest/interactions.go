package discordtest

import (
	"fmt"
	"strings"
	"time"
)

// Interaction is a command, a press or a dialog that somebody sent, and what it was answered.
type Interaction struct {
	ID, Token string
	Sent      time.Time
	Acked     time.Time // when the bot first answered
	AckType   int
	Modal     map[string]any // the dialog that it was answered with
	Choices   []string       // what was suggested for what is being typed

	g        *Guild
	who      *Member
	channel  *Channel
	on       *Message // the message with the button pressed
	original *Message // the answer, or the message with the button
	messages []*Message
	thinking bool // the bot said that an answer follows
	hidden   bool // what follows is seen by one person alone
}

// interact sends an interaction to the bot.
func (m *Member) interact(in *Channel, kind int, on *Message, data object) *Interaction {
	m.g.t.Helper()
	i := &Interaction{ID: m.g.s.id(), g: m.g, who: m, channel: in, on: on, original: on, Sent: time.Now()}
	i.Token = "interaction-" + i.ID
	m.g.mu.Lock()
	m.g.interactions[i.Token] = i
	event := object{
		"id": i.ID, "application_id": m.g.AppID, "type": kind, "token": i.Token, "version": 1, "channel_id": in.ID,
		"channel": m.g.channelShape(in), "locale": m.locale(), "data": data,
	}
	if in.Kind == KindDirect {
		event["user"] = m.g.userShape(m)
	} else {
		event["guild_id"], event["member"] = m.g.ID, m.g.memberShape(m, true)
	}
	if on != nil {
		event["message"] = m.g.messageShape(on)
	}
	m.g.mu.Unlock()
	m.g.dispatch("INTERACTION_CREATE", event)
	return i
}

// of returns the interaction that a route names.
func (c *call) of() (*Interaction, *refusal) {
	token := c.path("interaction_token") + c.path("webhook_token")
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	i := c.g.interactions[token]
	if i == nil {
		return nil, unknown("Webhook", 10015)
	}
	if id := c.path("interaction_id"); id != "" && id != i.ID {
		return nil, unknown("interaction", 10062)
	}
	return i, nil
}

// The time that Discord gives for the first answer.
const firstAnswer = 3 * time.Second

func (c *call) callback() (answer, *refusal) {
	i, refused := c.of()
	if refused != nil {
		return answer{}, refused
	}
	kind, _ := c.body["type"].(float64)
	data, _ := c.body["data"].(map[string]any)
	c.g.mu.Lock()
	switch {
	case !i.Acked.IsZero():
		refused = acknowledged
	case time.Since(i.Sent) > firstAnswer:
		refused = unknown("interaction", 10062)
	default:
		i.Acked, i.AckType = time.Now(), int(kind)
	}
	c.g.mu.Unlock()
	if refused != nil {
		return answer{}, refused
	}
	flags, _ := data["flags"].(float64)
	switch int(kind) {
	case 4:
		c.body = data
		m := &Message{ID: c.g.s.id(), Channel: i.channel.ID, Author: c.g.BotID, At: time.Now()}
		if refused := c.fill(m, false); refused != nil {
			return answer{}, refused
		}
		c.g.mu.Lock()
		i.original, i.hidden = m, m.Flags&64 != 0
		i.add(m)
		c.g.mu.Unlock()
	case 5:
		c.g.mu.Lock()
		i.thinking, i.hidden, i.original = true, int(flags)&64 != 0, nil
		c.g.mu.Unlock()
	case 6:
		if i.on == nil {
			c.g.errorf("a command is answered as if it were a button")
		}
	case 8:
		choices, _ := data["choices"].([]any)
		c.g.mu.Lock()
		i.Choices = []string{}
		for _, choice := range choices {
			i.Choices = append(i.Choices, choice.(map[string]any)["name"].(string))
		}
		c.g.mu.Unlock()
	case 9:
		components, _ := data["components"].([]any)
		if len(components) == 0 || len(components) > 5 {
			c.g.errorf("a dialog of %d components", len(components))
		}
		if err := checkComponents(components, map[string]bool{}); err != nil {
			c.g.errorf("a dialog: %v", err)
		}
		c.g.mu.Lock()
		i.Modal, i.original = data, nil
		c.g.mu.Unlock()
	}
	return none()
}

// add keeps a message of an interaction's: seen by one person alone, or by all who read the channel. The guild is locked.
func (i *Interaction) add(m *Message) {
	if i.hidden && i.channel.Kind != KindDirect {
		m.Flags |= 64
		i.messages = append(i.messages, m)
		return
	}
	i.channel.messages = append(i.channel.messages, m)
}

func (c *call) follow() (answer, *refusal) {
	i, refused := c.of()
	if refused != nil {
		return answer{}, refused
	}
	if i.Acked.IsZero() {
		return answer{}, unknown("Webhook", 10015)
	}
	m := &Message{ID: c.g.s.id(), Channel: i.channel.ID, Author: c.g.BotID, At: time.Now()}
	if refused := c.fill(m, false); refused != nil {
		return answer{}, refused
	}
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	if i.thinking {
		c.g.t.Errorf("discord: the bot is still shown as thinking while it says something else")
	}
	was := i.hidden
	i.hidden = m.Flags&64 != 0
	i.add(m)
	i.hidden = was
	return ok(c.g.messageShape(m))
}

func (c *call) editOriginal() (answer, *refusal) {
	i, refused := c.of()
	if refused != nil {
		return answer{}, refused
	}
	c.g.mu.Lock()
	original := i.original
	if i.thinking {
		original = &Message{ID: c.g.s.id(), Channel: i.channel.ID, Author: c.g.BotID, At: time.Now()}
	}
	c.g.mu.Unlock()
	if original == nil || i.Acked.IsZero() {
		return answer{}, unknown("Message", 10008)
	}
	out, refused := c.change(original)
	if refused != nil {
		return answer{}, refused
	}
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	if i.thinking {
		i.thinking, i.original = false, original
		original.Edits = 0
		i.add(original)
	}
	return out, nil
}

func (c *call) removeOriginal() (answer, *refusal) {
	i, refused := c.of()
	if refused != nil {
		return answer{}, refused
	}
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	if i.thinking {
		i.thinking = false
		return none()
	}
	if i.original == nil {
		return answer{}, unknown("Message", 10008)
	}
	i.original.Deleted = true
	return none()
}

// private returns a message that an interaction was answered with. The guild is locked.
func (c *call) private(i *Interaction) *Message {
	for _, m := range append(i.messages, i.channel.messages...) {
		if m.ID == c.path("message_id") && !m.Deleted {
			return m
		}
	}
	return nil
}

func (c *call) editFollow() (answer, *refusal) {
	i, refused := c.of()
	if refused != nil {
		return answer{}, refused
	}
	c.g.mu.Lock()
	m := c.private(i)
	c.g.mu.Unlock()
	if m == nil {
		return answer{}, unknown("Message", 10008)
	}
	return c.change(m)
}

func (c *call) removeFollow() (answer, *refusal) {
	i, refused := c.of()
	if refused != nil {
		return answer{}, refused
	}
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	m := c.private(i)
	if m == nil {
		return answer{}, unknown("Message", 10008)
	}
	m.Deleted = true
	return none()
}

// Acknowledged waits for the first answer, and returns how long it took.
func (i *Interaction) Acknowledged() time.Duration {
	i.g.t.Helper()
	i.g.Until("an interaction to be acknowledged", func() bool { return !i.Acked.IsZero() })
	return i.Acked.Sub(i.Sent)
}

// Answer waits for a private answer that contains every text.
func (i *Interaction) Answer(contains ...string) *Message {
	i.g.t.Helper()
	var found *Message
	i.g.Until(fmt.Sprintf("a private answer with %q", contains), func() bool {
		found = match(i.messages, contains)
		return found != nil
	})
	return found
}

// Dialog waits for the dialog that the interaction opens, and returns it.
func (i *Interaction) Dialog() *Dialog {
	i.g.t.Helper()
	i.g.Until("a dialog", func() bool { return i.Modal != nil })
	return &Dialog{i: i}
}

func match(list []*Message, contains []string) *Message {
next:
	for n := len(list) - 1; n >= 0; n-- {
		text := list[n].text()
		if list[n].Deleted {
			continue
		}
		for _, want := range contains {
			if !strings.Contains(text, want) {
				continue next
			}
		}
		return list[n]
	}
	return nil
}
