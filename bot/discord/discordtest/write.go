package discordtest

import (
	"net/http"
	"time"
)

// fill takes what a request says a message is.
func (c *call) fill(m *Message, edit bool) *refusal {
	if err := checkMessage(c.body, edit); err != nil {
		c.g.errorf("%s %s: %v\n%s", c.r.Method, c.route, err, brief(c.raw))
		return &refusal{http.StatusBadRequest, 50035, "Invalid Form Body"}
	}
	m.Content, _ = c.body["content"].(string)
	m.Embeds, _ = c.body["embeds"].([]any)
	m.Components, _ = c.body["components"].([]any)
	m.Allowed, _ = c.body["allowed_mentions"].(map[string]any)
	if flags, ok := c.body["flags"].(float64); ok {
		m.Flags = int(flags)
	}
	if m.Allowed == nil {
		c.g.errorf("%s %s: a message without allowed_mentions", c.r.Method, c.route)
	} else if parse, ok := m.Allowed["parse"].([]any); !ok || len(parse) > 0 {
		c.g.errorf("%s %s: whoever is named in a message may be notified: %v", c.r.Method, c.route, m.Allowed)
	}
	attachments, _ := c.body["attachments"].([]any)
	if len(attachments) != len(c.files) {
		c.g.errorf("%s %s: %d attachments and %d files", c.r.Method, c.route, len(attachments), len(c.files))
	}
	m.Files = c.files
	return nil
}

func (c *call) create() (answer, *refusal) {
	c.g.mu.Lock()
	ch, refused := c.open()
	if refused == nil && ch.person != "" && c.g.members[ch.person].closed {
		refused = noDirect
	}
	nonce, _ := c.body["nonce"].(string)
	enforced, _ := c.body["enforce_nonce"].(bool)
	known := c.g.nonces[c.path("channel_id")+nonce]
	c.g.mu.Unlock()
	switch {
	case refused != nil:
		return answer{}, refused
	case enforced && nonce != "" && known != nil:
		c.g.mu.Lock()
		defer c.g.mu.Unlock()
		return ok(c.g.messageShape(known))
	}
	m := &Message{ID: c.g.s.id(), Channel: ch.ID, Author: c.g.BotID, At: time.Now()}
	if refused := c.fill(m, false); refused != nil {
		return answer{}, refused
	}
	if r, ok := c.body["message_reference"].(map[string]any); ok {
		m.Reference, _ = r["message_id"].(string)
	}
	c.g.mu.Lock()
	ch.messages = append(ch.messages, m)
	if nonce != "" {
		c.g.nonces[ch.ID+nonce] = m
	}
	shape, event := c.g.messageShape(m), c.g.messageShape(m)
	c.g.mu.Unlock()
	if ch.Kind != KindDirect {
		event["guild_id"] = c.g.ID
	}
	c.g.dispatch("MESSAGE_CREATE", event)
	return ok(shape)
}

func (c *call) edit() (answer, *refusal) {
	c.g.mu.Lock()
	m, refused := c.found()
	if refused == nil && m.Author != c.g.BotID {
		refused = &refusal{http.StatusForbidden, 50005, "Cannot edit a message authored by another user"}
	}
	c.g.mu.Unlock()
	if refused != nil {
		return answer{}, refused
	}
	return c.change(m)
}

func (c *call) change(m *Message) (answer, *refusal) {
	edited := *m
	if refused := c.fill(&edited, true); refused != nil {
		return answer{}, refused
	}
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	edited.Edits++
	*m = edited
	return ok(c.g.messageShape(m))
}

func (c *call) remove() (answer, *refusal) {
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	m, refused := c.found()
	if refused != nil {
		return answer{}, refused
	}
	if m.Author != c.g.BotID {
		return answer{}, noPermission
	}
	m.Deleted = true
	return none()
}

func (c *call) begin() (answer, *refusal) {
	c.g.mu.Lock()
	m, refused := c.found()
	if refused == nil && c.g.channels[m.ID] != nil {
		refused = threadExists
	}
	if refused == nil && c.g.noThreads {
		refused = noPermission
	}
	c.g.mu.Unlock()
	if refused != nil {
		return answer{}, refused
	}
	name, _ := c.body["name"].(string)
	thread := c.g.channel(&Channel{ID: m.ID, Name: name, Kind: KindThread, Parent: c.path("channel_id")})
	c.g.mu.Lock()
	shape := c.g.channelShape(thread)
	c.g.mu.Unlock()
	c.g.dispatch("THREAD_CREATE", shape)
	return answer{http.StatusCreated, shape}, nil
}

func (c *call) direct() (answer, *refusal) {
	id, _ := c.body["recipient_id"].(string)
	c.g.mu.Lock()
	m := c.g.members[id]
	c.g.mu.Unlock()
	if m == nil {
		return answer{}, unknown("User", 10013)
	}
	ch := m.DMChannel()
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	return ok(c.g.channelShape(ch))
}

func (c *call) setCommands() (answer, *refusal) {
	if err := checkCommands(c.list); err != nil {
		c.g.errorf("application commands: %v", err)
	}
	c.g.mu.Lock()
	c.g.commands = c.list
	c.g.mu.Unlock()
	return ok(c.g.commandShapes(c.list))
}

func (c *call) getCommands() (answer, *refusal) {
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	return ok(c.g.commandShapes(c.g.commands))
}

func (g *Guild) commandShapes(commands []any) []any {
	list := []any{}
	for _, item := range commands {
		shape := object{
			"id": g.s.id(), "application_id": g.AppID, "version": g.s.id(), "default_member_permissions": nil, "type": 1,
		}
		for k, v := range item.(map[string]any) {
			shape[k] = v
		}
		delete(shape, "options")
		list = append(list, shape)
	}
	return list
}
