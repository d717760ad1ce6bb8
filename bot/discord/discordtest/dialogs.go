package discordtest

import "strings"

// Dialog is a dialog that somebody has open.
type Dialog struct{ i *Interaction }

// Title is the dialog's.
func (d *Dialog) Title() string { return d.i.Modal["title"].(string) }

// Value is what a field holds when the dialog opens.
func (d *Dialog) Value(name string) string {
	value := ""
	d.inputs(func(c map[string]any) {
		if c["custom_id"] == name {
			value, _ = c["value"].(string)
		}
	})
	return value
}

func (d *Dialog) inputs(f func(map[string]any)) {
	components, _ := d.i.Modal["components"].([]any)
	for _, item := range components {
		if inner, ok := item.(map[string]any)["component"].(map[string]any); ok {
			f(inner)
		}
	}
}

// Send sends the dialog with these values; a field that is not named keeps what it holds.
func (d *Dialog) Send(values map[string]string) *Interaction {
	d.i.g.t.Helper()
	left := len(values)
	var components []any
	components0, _ := d.i.Modal["components"].([]any)
	for n, item := range components0 {
		label := item.(map[string]any)
		inner, ok := label["component"].(map[string]any)
		if !ok {
			components = append(components, object{"type": label["type"], "id": n})
			continue
		}
		name := inner["custom_id"].(string)
		value, given := values[name]
		if given {
			left--
		} else {
			value, _ = inner["value"].(string)
		}
		shape := object{"type": inner["type"], "id": n, "custom_id": name, "value": value}
		if inner["type"] == float64(3) {
			delete(shape, "value")
			shape["values"] = d.chosen(inner, value)
		}
		components = append(components, object{"type": 18, "id": n, "component": shape})
	}
	if left != 0 {
		d.i.g.t.Fatalf("the dialog has not all the fields %v", values)
	}
	return d.i.who.interact(d.i.channel, 5, d.i.on, object{"custom_id": d.i.Modal["custom_id"], "components": components})
}

// chosen is the entry of a menu that a label or a value names.
func (d *Dialog) chosen(menu map[string]any, want string) []string {
	d.i.g.t.Helper()
	options, _ := menu["options"].([]any)
	for _, o := range options {
		o := o.(map[string]any)
		if want == "" {
			if o["default"] == true {
				return []string{o["value"].(string)}
			}
			continue
		}
		if o["value"] == want || strings.Contains(o["label"].(string), want) {
			return []string{o["value"].(string)}
		}
	}
	if want != "" {
		d.i.g.t.Fatalf("no entry %q in a menu", want)
	}
	return []string{}
}

// Command types an application command: its words, then what is filled in, by the options' names.
func (m *Member) Command(in *Channel, words string, filled map[string]any) *Interaction {
	m.g.t.Helper()
	return m.interact(in, 2, nil, m.g.commandData(words, filled, ""))
}

// Type begins to fill in an option, and returns what is suggested.
func (m *Member) Type(in *Channel, words, option, text string) []string {
	m.g.t.Helper()
	i := m.interact(in, 4, nil, m.g.commandData(words, map[string]any{option: text}, option))
	i.Acknowledged()
	m.g.Until("suggestions", func() bool { return i.Choices != nil })
	return i.Choices
}

// commandData is a command as Discord sends it, checked against those that the bot made.
func (g *Guild) commandData(words string, filled map[string]any, focused string) object {
	g.t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.commands) == 0 {
		g.t.Fatal("the bot made no application command")
	}
	root := g.commands[0].(map[string]any)
	data := object{"id": "1", "name": root["name"], "type": 1}
	node, holder := root, data
	for _, word := range strings.Fields(words) {
		var next map[string]any
		list, _ := node["options"].([]any)
		for _, o := range list {
			if o := o.(map[string]any); o["name"] == word {
				next = o
			}
		}
		if next == nil {
			g.t.Fatalf("the command has no %q in %q", word, words)
		}
		level := object{"name": word, "type": next["type"]}
		holder["options"] = []any{level}
		node, holder = next, level
	}
	channels := object{}
	given := []any{}
	known, _ := node["options"].([]any)
	left := len(filled)
	for _, o := range known {
		o := o.(map[string]any)
		value, ok := filled[o["name"].(string)]
		if !ok {
			if o["required"] == true && focused == "" {
				g.t.Fatalf("%q needs %v", words, o["name"])
			}
			continue
		}
		left--
		if c, ok := value.(*Channel); ok {
			value = c.ID
			channels[c.ID] = g.channelShape(c)
		}
		option := object{"name": o["name"], "type": o["type"], "value": value}
		if o["name"] == focused {
			option["focused"] = true
			if o["autocomplete"] != true {
				g.t.Fatalf("%v of %q is not completed", o["name"], words)
			}
		}
		given = append([]any{option}, given...) // in whatever order they were filled in
	}
	if left != 0 {
		g.t.Fatalf("%q has not all the options %v", words, filled)
	}
	holder["options"] = given
	data["resolved"] = object{"channels": channels}
	return data
}
