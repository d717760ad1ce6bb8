package discordtest

import (
	"strings"
	"time"
)

// Message is one message, as Discord has it.
type Message struct {
	ID, Channel, Author string
	Content             string
	Embeds              []any
	Components          []any
	Files               map[string][]byte
	Reference           string
	Flags               int
	Edits               int
	Deleted             bool
	Allowed             map[string]any // what the bot allowed to be notified
	At                  time.Time
}

// Text is everything that people read in a message.
func (m *Message) text() string {
	var b strings.Builder
	b.WriteString(m.Content)
	for _, e := range m.Embeds {
		embed, _ := e.(map[string]any)
		for _, field := range []string{"title", "description"} {
			if s, ok := embed[field].(string); ok {
				b.WriteString("\n" + s)
			}
		}
		if f, ok := embed["footer"].(map[string]any); ok {
			b.WriteString("\n" + f["text"].(string))
		}
	}
	for _, label := range labels(m.Components) {
		b.WriteString("\n[" + label + "]")
	}
	return strings.TrimSpace(b.String())
}

// labels are the words on buttons and in menus.
func labels(components []any) []string {
	var list []string
	for _, item := range components {
		c, _ := item.(map[string]any)
		if s, ok := c["label"].(string); ok {
			list = append(list, s)
		}
		for _, part := range []string{"components", "options"} {
			if children, ok := c[part].([]any); ok {
				list = append(list, labels(children)...)
			}
		}
	}
	return list
}

type object = map[string]any

func (g *Guild) userShape(m *Member) object {
	return object{
		"id": m.ID, "username": lower(m.Name), "global_name": m.Name, "avatar": nil, "discriminator": "0",
		"public_flags": 0, "flags": 0, "primary_guild": nil, "bot": m.bot,
	}
}

func (g *Guild) memberShape(m *Member, withUser bool) object {
	roles := m.roles
	if roles == nil {
		roles = []string{}
	}
	shape := object{
		"avatar": nil, "banner": nil, "communication_disabled_until": nil, "flags": 0, "joined_at": timestamp(time.Unix(0, 0)),
		"nick": nil, "pending": false, "premium_since": nil, "roles": roles, "mute": false, "deaf": false,
	}
	if withUser {
		shape["user"] = g.userShape(m)
	}
	return shape
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000-07:00") }

func (g *Guild) roleShape(id, name, permissions string, managed bool) object {
	return object{
		"id": id, "name": name, "permissions": permissions, "position": 0, "color": 0,
		"colors": object{"primary_color": 0, "secondary_color": nil, "tertiary_color": nil},
		"hoist":  false, "managed": managed, "mentionable": false, "icon": nil, "unicode_emoji": nil, "flags": 0,
	}
}

// botRights are those that the bot's invitation asks for: see, write, read back, cards, files, threads.
const botRights = "309237763072"

// viewChannel is the permission to read a channel.
const viewChannel = "1024"

func (g *Guild) channelShape(c *Channel) object {
	var last any
	if n := len(c.messages); n > 0 {
		last = c.messages[n-1].ID
	}
	shape := object{"id": c.ID, "type": c.Kind, "flags": 0, "last_message_id": last}
	switch c.Kind {
	case KindDirect:
		shape["recipients"] = []any{g.userShape(g.members[c.person])}
	case KindThread:
		shape["guild_id"], shape["name"], shape["parent_id"], shape["owner_id"] = g.ID, c.Name, c.Parent, g.BotID
		shape["thread_metadata"] = object{
			"archived": false, "archive_timestamp": timestamp(time.Now()), "auto_archive_duration": 1440, "locked": false,
		}
		shape["message_count"], shape["member_count"], shape["total_message_sent"] = len(c.messages), 1, len(c.messages)
	default:
		shape["guild_id"], shape["name"], shape["position"] = g.ID, c.Name, 0
		overwrites := []any{}
		if c.Private {
			overwrites = append(overwrites, object{"id": g.ID, "type": 0, "allow": "0", "deny": viewChannel})
			if !c.Hidden {
				overwrites = append(overwrites, object{"id": g.BotRole, "type": 0, "allow": viewChannel, "deny": "0"})
			}
		}
		shape["permission_overwrites"] = overwrites
	}
	return shape
}

func (g *Guild) messageShape(m *Message) object {
	var edited any
	if m.Edits > 0 {
		edited = timestamp(time.Now())
	}
	kind := 0
	shape := object{
		"content": m.Content, "mentions": []any{}, "mention_roles": []any{}, "attachments": []any{},
		"embeds": embedShapes(m.Embeds), "timestamp": timestamp(m.At), "edited_timestamp": edited, "flags": m.Flags,
		"components": componentShapes(m.Components, new(int)), "id": m.ID, "channel_id": m.Channel,
		"author": g.userShape(g.members[m.Author]), "pinned": false, "mention_everyone": false, "tts": false,
	}
	files := []any{}
	for name, data := range m.Files {
		url := g.s.URL + "/attachments/" + m.ID + "/" + name
		files = append(files, object{"id": g.s.id(), "filename": name, "size": len(data), "url": url, "proxy_url": url})
	}
	shape["attachments"] = files
	mentions := []any{}
	for id, member := range g.members {
		if strings.Contains(m.Content, "<@"+id+">") {
			mentions = append(mentions, g.userShape(member))
		}
	}
	shape["mentions"] = mentions
	if in := g.channels[m.Channel]; !g.content && in != nil && in.Kind != KindDirect && m.Author != g.BotID &&
		!strings.Contains(m.Content, "<@"+g.BotID+">") {
		shape["content"] = "" // the bot may not read what is not for it, by the gateway or over REST
	}
	if m.Reference != "" {
		kind = 19
		shape["message_reference"] = object{"type": 0, "channel_id": m.Channel, "message_id": m.Reference, "guild_id": g.ID}
	}
	shape["type"] = kind
	return shape
}

func embedShapes(list []any) []any {
	out := []any{}
	for _, e := range list {
		shape := object{"type": "rich"}
		for k, v := range e.(map[string]any) {
			shape[k] = v
		}
		out = append(out, shape)
	}
	return out
}

// componentShapes are components as Discord gives them back: numbered.
func componentShapes(list []any, n *int) []any {
	out := []any{}
	for _, item := range list {
		shape := object{}
		for k, v := range item.(map[string]any) {
			shape[k] = v
		}
		*n++
		shape["id"] = *n
		if shape["type"] == float64(3) {
			shape["min_values"], shape["max_values"], shape["disabled"] = 1, 1, false
		}
		if children, ok := shape["components"].([]any); ok {
			shape["components"] = componentShapes(children, n)
		}
		out = append(out, shape)
	}
	return out
}
