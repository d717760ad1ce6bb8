package discordtest

import (
	"fmt"
	"regexp"
	"unicode/utf8"
)

// The limits that Discord's description lacks.
const (
	maxContent = 2000 // the description says 4,000, which is for people who pay
	maxEmbeds  = 6000 // characters of all embeds of a message
	maxRows    = 5
)

// checkMessage says what Discord would refuse in a message that its description allows.
func checkMessage(m map[string]any, edit bool) error {
	content, _ := m["content"].(string)
	if n := utf8.RuneCountInString(content); n > maxContent {
		return fmt.Errorf("content of %d characters", n)
	}
	embeds, _ := m["embeds"].([]any)
	total := 0
	for _, e := range embeds {
		total += lengths(e)
	}
	if total > maxEmbeds {
		return fmt.Errorf("embeds of %d characters", total)
	}
	rows, _ := m["components"].([]any)
	attachments, _ := m["attachments"].([]any)
	if content == "" && len(embeds) == 0 && len(attachments) == 0 && !edit {
		return fmt.Errorf("an empty message")
	}
	if len(rows) > maxRows {
		return fmt.Errorf("%d rows of components", len(rows))
	}
	return checkComponents(rows, map[string]bool{})
}

// lengths counts the characters of an embed's texts.
func lengths(e any) int {
	fields, _ := e.(map[string]any)
	n := 0
	for name, value := range fields {
		switch value := value.(type) {
		case string:
			if name == "title" || name == "description" || name == "text" || name == "name" || name == "value" {
				n += utf8.RuneCountInString(value)
			}
		case map[string]any:
			n += lengths(value)
		case []any:
			for _, v := range value {
				n += lengths(v)
			}
		}
	}
	return n
}

// checkComponents looks for buttons that do nothing, and for two parts with the same custom_id.
func checkComponents(list []any, seen map[string]bool) error {
	for _, item := range list {
		c, _ := item.(map[string]any)
		id, _ := c["custom_id"].(string)
		url, _ := c["url"].(string)
		kind, _ := c["type"].(float64)
		style, _ := c["style"].(float64)
		switch {
		case kind == 1:
			children, _ := c["components"].([]any)
			if len(children) == 0 || len(children) > 5 {
				return fmt.Errorf("a row of %d components", len(children))
			}
			if first, _ := children[0].(map[string]any); first["type"] == float64(3) && len(children) > 1 {
				return fmt.Errorf("a menu that shares its row")
			}
		case kind == 2 && (style == 5) != (url != ""):
			return fmt.Errorf("a button of style %v with the URL %q", style, url)
		case kind == 2 && (id == "") == (url == ""):
			return fmt.Errorf("a button needs a custom_id or a URL")
		case kind == 3:
			if err := checkOptions(c); err != nil {
				return err
			}
		}
		if id != "" && seen[id] {
			return fmt.Errorf("two components with the custom_id %q", id)
		}
		seen[id] = true
		children, _ := c["components"].([]any)
		if inner, ok := c["component"]; ok {
			children = append(children, inner)
		}
		if err := checkComponents(children, seen); err != nil {
			return err
		}
	}
	return nil
}

func checkOptions(menu map[string]any) error {
	seen := map[any]bool{}
	options, _ := menu["options"].([]any)
	for _, o := range options {
		value := o.(map[string]any)["value"]
		if seen[value] {
			return fmt.Errorf("two options with the value %v", value)
		}
		seen[value] = true
	}
	return nil
}

// commandName is what Discord allows for a command and its options: small letters, where there are such.
var commandName = regexp.MustCompile(`^[-_'\p{L}\p{N}\p{Devanagari}\p{Thai}]{1,32}$`)

// checkCommands looks at the names, descriptions and order of application commands.
func checkCommands(list []any) error {
	for _, item := range list {
		c, _ := item.(map[string]any)
		names := []any{c["name"]}
		localized, _ := c["name_localizations"].(map[string]any)
		for _, n := range localized {
			names = append(names, n)
		}
		for _, n := range names {
			name, _ := n.(string)
			if !commandName.MatchString(name) || name != lower(name) {
				return fmt.Errorf("a command or option named %q", name)
			}
		}
		if text, _ := c["description"].(string); text == "" || utf8.RuneCountInString(text) > 100 {
			return fmt.Errorf("%v has a description of %d characters", c["name"], utf8.RuneCountInString(text))
		}
		options, _ := c["options"].([]any)
		if len(options) > 25 {
			return fmt.Errorf("%v has %d options", c["name"], len(options))
		}
		optional := false
		names = nil
		seen := map[any]bool{}
		for _, o := range options {
			option, _ := o.(map[string]any)
			required, _ := option["required"].(bool)
			if required && optional {
				return fmt.Errorf("%v: the required option %v follows an optional one", c["name"], option["name"])
			}
			optional = optional || !required
			if seen[option["name"]] {
				return fmt.Errorf("%v has two options %v", c["name"], option["name"])
			}
			seen[option["name"]] = true
		}
		if err := checkCommands(options); err != nil {
			return err
		}
	}
	return nil
}
