package discord

import "time"

// What is sent and read, as Discord writes it. The library's own types leave out what newer clients send (labels in
// dialogs, on which they fail as a whole) and what we send (nonces); a field here is one that the bot uses.

// The kinds of component.
const (
	kindRow      = 1
	kindButton   = 2
	kindMenu     = 3
	kindInput    = 4
	kindTextOnly = 10
	kindLabel    = 18
)

// The styles of a button, and of a text input.
const (
	stylePrimary   = 1
	styleSecondary = 2
	styleDanger    = 4
	styleLink      = 5

	styleLine = 1
	styleArea = 2
)

// component is a row, a button, a menu, or a part of a dialog.
type component struct {
	Type        int         `json:"type"`
	CustomID    string      `json:"custom_id,omitempty"`
	Label       string      `json:"label,omitempty"`
	Description string      `json:"description,omitempty"`
	Style       int         `json:"style,omitempty"`
	URL         string      `json:"url,omitempty"`
	Content     string      `json:"content,omitempty"`
	Placeholder string      `json:"placeholder,omitempty"`
	Value       string      `json:"value,omitempty"`
	Required    *bool       `json:"required,omitempty"`
	MaxLength   int         `json:"max_length,omitempty"`
	Options     []option    `json:"options,omitempty"`
	Components  []component `json:"components,omitempty"`
	Component   *component  `json:"component,omitempty"`
	Values      []string    `json:"values,omitempty"` // read only
}

// option is an entry of a menu.
type option struct {
	Label   string `json:"label"`
	Value   string `json:"value"`
	Default bool   `json:"default,omitempty"`
}

// embed is a card.
type embed struct {
	Title       string  `json:"title,omitempty"`
	Description string  `json:"description,omitempty"`
	Color       int     `json:"color,omitempty"`
	Footer      *footer `json:"footer,omitempty"`
}

type footer struct {
	Text string `json:"text"`
}

// mentions says who may be notified by a text: those named in Users and nobody else.
type mentions struct {
	Parse []string `json:"parse"`
	Users []string `json:"users,omitempty"`
}

type reference struct {
	MessageID string `json:"message_id,omitempty"`
	// FailIfGone is always false when sent: an answer is owed even to a message removed since.
	FailIfGone *bool `json:"fail_if_not_exists,omitempty"`
}

type attachment struct {
	ID       string `json:"id"`
	Filename string `json:"filename"`
}

const flagEphemeral = 1 << 6

// newMessage is a message to be made.
type newMessage struct {
	Content      string       `json:"content,omitempty"`
	Embeds       []embed      `json:"embeds,omitempty"`
	Components   []component  `json:"components,omitempty"`
	Allowed      mentions     `json:"allowed_mentions"`
	Reference    *reference   `json:"message_reference,omitempty"`
	Attachments  []attachment `json:"attachments,omitempty"`
	Flags        int          `json:"flags,omitempty"`
	Nonce        string       `json:"nonce,omitempty"`
	EnforceNonce bool         `json:"enforce_nonce,omitempty"`
}

// editedMessage replaces all that a message shows: what it no longer has must be said to be empty.
type editedMessage struct {
	Content     string       `json:"content"`
	Embeds      []embed      `json:"embeds"`
	Components  []component  `json:"components"`
	Allowed     mentions     `json:"allowed_mentions"`
	Attachments []attachment `json:"attachments"`
}

// callback is the first answer to an interaction.
type callback struct {
	Type int `json:"type"`
	Data any `json:"data,omitempty"`
}

// The kinds of callback.
const (
	callMessage  = 4 // a message, at once
	callDefer    = 5 // a message will follow
	callUpdate   = 6 // taken: the message with the button stays as it is for now
	callComplete = 8 // suggestions for what is being typed
	callModal    = 9 // a dialog
)

type deferral struct {
	Flags int `json:"flags,omitempty"`
}

type modal struct {
	CustomID   string      `json:"custom_id"`
	Title      string      `json:"title"`
	Components []component `json:"components"`
}

type completions struct {
	Choices []commandChoice `json:"choices"`
}

// The kinds of channel that matter here.
const (
	channelText          = 0
	channelDirect        = 1
	channelVoice         = 2
	channelCategory      = 4
	channelAnnouncement  = 5
	threadAnnouncement   = 10
	threadPublic         = 11
	threadPrivate        = 12
	channelForum         = 15
	messageDefault       = 0
	messageReply         = 19
	permissionView       = 1 << 10
	permissionSend       = 1 << 11
	permissionEmbed      = 1 << 14
	permissionAttach     = 1 << 15
	permissionHistory    = 1 << 16
	permissionThreads    = 1 << 35
	permissionThreadSend = 1 << 38
	permissionAdmin      = 1 << 3
)

type user struct {
	ID         string `json:"id"`
	Username   string `json:"username"`
	GlobalName string `json:"global_name"`
	Bot        bool   `json:"bot"`
}

type member struct {
	User  *user    `json:"user"`
	Nick  string   `json:"nick"`
	Roles []string `json:"roles"`
}

type channel struct {
	ID          string      `json:"id"`
	Type        int         `json:"type"`
	GuildID     string      `json:"guild_id"`
	Name        string      `json:"name"`
	ParentID    string      `json:"parent_id"`
	LastMessage string      `json:"last_message_id"`
	Overwrites  []overwrite `json:"permission_overwrites"`
}

type overwrite struct {
	ID    string `json:"id"`
	Type  int    `json:"type"` // 0: a role, 1: a member
	Allow string `json:"allow"`
	Deny  string `json:"deny"`
}

type role struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Permissions string `json:"permissions"`
	Managed     bool   `json:"managed"`
}

type message struct {
	ID        string     `json:"id"`
	ChannelID string     `json:"channel_id"`
	GuildID   string     `json:"guild_id"`
	Type      int        `json:"type"`
	Content   string     `json:"content"`
	Author    user       `json:"author"`
	Member    *member    `json:"member"`
	WebhookID string     `json:"webhook_id"`
	Timestamp time.Time  `json:"timestamp"`
	Edited    *time.Time `json:"edited_timestamp"`
	Mentions  []user     `json:"mentions"`
	Embeds    []embed    `json:"embeds"`
	Reference *reference `json:"message_reference"`
	Flags     int        `json:"flags"`
}

// interaction is a command, a press, a dialog sent, or a word being typed.
type interaction struct {
	ID        string          `json:"id"`
	AppID     string          `json:"application_id"`
	Type      int             `json:"type"`
	Token     string          `json:"token"`
	GuildID   string          `json:"guild_id"`
	ChannelID string          `json:"channel_id"`
	Channel   *channel        `json:"channel"`
	Member    *member         `json:"member"`
	User      *user           `json:"user"`
	Locale    string          `json:"locale"`
	Message   *message        `json:"message"`
	Data      interactionData `json:"data"`
}

// The kinds of interaction.
const (
	interactionCommand  = 2
	interactionPress    = 3
	interactionComplete = 4
	interactionModal    = 5
)

type interactionData struct {
	Name       string          `json:"name"`
	Options    []commandOption `json:"options"`
	Resolved   resolved        `json:"resolved"`
	CustomID   string          `json:"custom_id"`
	Values     []string        `json:"values"`
	Components []component     `json:"components"`
}

type resolved struct {
	Channels map[string]channel `json:"channels"`
	Users    map[string]user    `json:"users"`
}

// commandOption is what was typed for an option, or a subcommand with its own.
type commandOption struct {
	Name    string          `json:"name"`
	Type    int             `json:"type"`
	Value   any             `json:"value"`
	Options []commandOption `json:"options"`
	Focused bool            `json:"focused"`
}

type application struct {
	ID    string `json:"id"`
	Flags int    `json:"flags"`
}

// appMessageContent and its limited form say that the bot may read what is written around it.
const appMessageContent = 1<<18 | 1<<19
