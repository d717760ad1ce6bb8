// Package bot is the chat vocabulary and the runtime of Candide.
//
// The vocabulary (Message, Reply, Button, Form, Platform) is what platforms and conversations share, so that
// neither knows the other. The runtime routes what happens on a platform to the registered conversations,
// handles each message once, keeps what buttons and forms mean, limits the noisy and sends what is due.
//
// Nothing here may know a FAQ, a handler's words or a chat server: platforms live in sub-packages, one each,
// and conversations in handlers.
package bot

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"candide/storage"
)

// PlatformID names a chat system: "mattermost", "discord", "web", "terminal".
type PlatformID string

// ChannelID, PostID and UserID are a platform's own identifiers, opaque here.
type (
	ChannelID string
	PostID    string
	UserID    string
)

// Ticket lets the platform answer one interaction in the way only that interaction allows: open a dialog, answer
// a slash command privately. It is opaque, valid for seconds to minutes, and empty for ordinary messages.
type Ticket string

// Person is somebody on one platform.
type Person struct {
	Platform PlatformID
	User     UserID
	Name     string // as shown to others; personal data, never logged
	Bot      bool   // another program, a webhook or the bot itself
}

// Ref is how the store knows the person.
func (p Person) Ref() storage.PersonRef {
	return storage.PersonRef(string(p.Platform) + ":" + string(p.User))
}

// PersonFromRef is the inverse of Ref; the name is lost.
func PersonFromRef(ref storage.PersonRef) Person {
	platform, user, _ := strings.Cut(string(ref), ":")
	return Person{Platform: PlatformID(platform), User: UserID(user)}
}

// Visibility is who can read a place.
type Visibility int

// The visibilities.
const (
	Direct  Visibility = iota // the person and the bot alone
	Private                   // a channel whose members are chosen
	Public                    // a channel anybody can join
)

// Place is where something is said.
type Place struct {
	Platform   PlatformID
	Channel    ChannelID
	Name       string // the channel's name as people write it, without sigil; empty in a direct conversation
	Thread     PostID // the thread's first post; empty outside a thread
	Visibility Visibility
}

// Message is something a person wrote.
type Message struct {
	ID        PostID
	Place     Place
	From      Person
	Text      string // without the bot's mention or the command's trigger
	At        time.Time
	Edited    time.Time // when it was last edited; zero: never
	Addressed bool      // to the bot: a mention, a direct message or a slash command
	Command   bool      // a slash command: nobody else saw it
	Campaign  bool      // written where the bot answers without being addressed
	Again     bool      // if refused, it is handed over again later
	Lang      string    // the person's language where the platform knows it ("fr", "en"); empty otherwise
	Ticket    Ticket
}

// Removal is a message taken back.
type Removal struct {
	ID     PostID
	Place  Place
	Person Person // its author
}

// Press is a button pressed, or an entry of a menu chosen.
type Press struct {
	Key    string // the Action's
	Person Person
	Place  Place
	Post   PostID // the post that carries the button; empty where it has none, or cannot be changed
	Lang   string
	Ticket Ticket
	// Private: only this person saw the button, so what answers it is for them alone as well.
	Private bool
}

// Submission is a form's step sent, or closed without sending.
type Submission struct {
	Key       string // the FormView's
	Person    Person
	Place     Place
	Values    map[string]string
	Cancelled bool
	Lang      string
	Ticket    Ticket
	// Taken, if not nil, is called once the step is accepted, before what follows it is published: for platforms
	// that must acknowledge at once.
	Taken func()
}

// Reaction is an emoji put on one of the bot's posts.
type Reaction struct {
	Emoji  string // its short name, without colons: "x", "+1", "-1"
	Person Person
	Place  Place
	Post   PostID
}

// Reply is one thing that a conversation says. Text is Markdown: bold, links, lists and inline code.
type Reply struct {
	Text    string
	Buttons []Button
	Files   []File

	// Private replies are read by the asker alone: ephemeral where the platform has it, else a direct message.
	Private bool
	// Direct replies go to the asker's direct conversation even from a private channel, and stay there.
	Direct bool
	// Replace puts the reply in the place of the post whose button was pressed.
	Replace bool
	// Key marks the post, so that it is found again after a crash. Empty: the runtime derives it.
	Key string
	// Entry names what the reply answers with, for the post's readers by program; empty where it is no answer.
	Entry string
	// Mentions are the people whom the text may notify. Every other @name in it is made harmless.
	Mentions []Person
	// About are the people whose data the reply shows, to themselves or to a recruiter. Its post is remembered, so that
	// their erasure can take it away.
	About []storage.PersonRef
}

// Button is an action offered with a reply. Its meaning stays in the store: the platform carries a key alone.
type Button struct {
	Label string            // at most 40 characters
	Do    string            // the registered action; empty with URL
	Data  map[string]string // handed to the action
	URL   string            // a link instead of an action
	Style Style
	// Anyone may press it, not only the person answered.
	Anyone bool
	// Once: the first press spends all the Once buttons of the post.
	Once bool
	// TTL is how long it works; 0: 24 hours.
	TTL time.Duration
}

// Style is how much a button stands out.
type Style int

// The styles.
const (
	Plain Style = iota
	Primary
	Danger
)

// File is an attachment.
type File struct {
	Name string
	Type string // MIME
	Data []byte
}

// Form is a dialog in steps, opened by a Response. Each step has at most four fields, or is a choice of buttons
// (a consent is a step of its own: its text in Intro, its answers in Choices).
type Form struct {
	Name string // the registered form
	Data map[string]string
	Step Step
}

// Step is one page of a form.
type Step struct {
	Name    string
	Title   string // at most 24 characters
	At, Of  int    // the At-th step of Of; 0: not said
	Intro   string // Markdown
	Fields  []Field
	Choices []Choice // instead of fields
	Submit  string   // the label of the button that sends it
}

// Heading is the title with the step's number, as far as max characters hold both.
func (s Step) Heading(max int) string {
	if s.Of < 2 {
		return s.Title
	}
	if numbered := fmt.Sprintf("%s (%d/%d)", s.Title, s.At, s.Of); utf8.RuneCountInString(numbered) <= max {
		return numbered
	}
	return s.Title
}

// Choice is one answer of a step without fields. Its Value becomes the answer named like the step.
type Choice struct {
	Value, Label string
	Style        Style
}

// FieldKind is what a field holds.
type FieldKind int

// The kinds of field.
const (
	Line   FieldKind = iota // one line of text
	Area                    // several lines
	Select                  // one of Options
)

// Field is one question of a form.
type Field struct {
	Name     string
	Label    string // at most 24 characters (Mattermost)
	Help     string // at most 150 characters (Mattermost)
	Kind     FieldKind
	Options  []Choice
	Default  string
	Purpose  Purpose // what it is about: "name", "email", "tel" and the like, in HTML's words (autocomplete)
	Optional bool
	Max      int // characters; 0: 150 for a line, 1,000 for an area
}

// Limit is the longest value that the field takes, in characters.
func (f Field) Limit() int {
	switch {
	case f.Max > 0:
		return f.Max
	case f.Kind == Area:
		return 1000
	default:
		return 150
	}
}
