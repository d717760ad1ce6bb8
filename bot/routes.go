package bot

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"unicode"

	"candide/internal/fold"
)

// Request is what a conversation is asked: a message, a command, or a button pressed.
type Request struct {
	From  Person
	Place Place
	Text  string            // the message, or what follows the command's words
	Data  map[string]string // the button's, or the form's
	Lang  string            // the person's language; empty when unknown
	ID    PostID            // the message's; empty for a button
	Post  PostID            // the post whose button was pressed

	Addressed, Command, Campaign bool

	// IsRecruiter asks the platform, each time. An error is not a no.
	IsRecruiter func(ctx context.Context) (bool, error)

	life *life // nil for what has no id
}

// Response is what a conversation answers: nothing at all, replies, a form, or both.
type Response struct {
	Replies []Reply
	Form    *Form
	// Outcome is what became of the message; empty: OutcomeReply, or OutcomeSilent where nothing is said. A message
	// left unsure is answered anew when its author edits it.
	Outcome Outcome
}

// Say is a response of one reply.
func Say(text string, buttons ...Button) Response {
	return Response{Replies: []Reply{{Text: text, Buttons: buttons}}}
}

// Whisper is a response of one private reply.
func Whisper(text string, buttons ...Button) Response {
	return Response{Replies: []Reply{{Text: text, Buttons: buttons, Private: true}}}
}

// Turn is what a form's conversation answers to a step: what is wrong with it, the next step, or the end.
type Turn struct {
	Invalid map[string]string // field name → one sentence; nothing is kept
	Next    *Step
	Response
}

// The conversations' functions.
type (
	// Func answers a message, a command or a button. After a crash the one that answers text may be called a second
	// time for the same message (the same ID): what it does beside answering must bear that. A command is run once.
	Func func(ctx context.Context, r Request) (Response, error)
	// FormFunc answers a step; answers holds every answer so far, by field name (by step name for a choice).
	FormFunc func(ctx context.Context, r Request, step string, answers map[string]string) (Turn, error)
)

// Command is something asked by its words, as a slash command, by mention or in a direct message.
type Command struct {
	// Names are the words it answers to, the first being the one shown: "jury planifier", "jury plan".
	// Case, accents, hyphens and underscores make no difference.
	Names []string
	// Args says whether words may follow; without it a message with more words is not this command.
	// Accepts refuses those that cannot be its arguments ("pause déjeuner ?" is not a command).
	Args    bool
	Accepts func(args string) bool
	// Recruiters only; the others get a private refusal.
	Recruiters bool
	Run        Func
}

// Routes says which conversation answers what. Fill it before the runtime starts; it is read-only afterwards.
type Routes struct {
	commands []route
	actions  map[string]actionRoute
	forms    map[string]FormFunc
	text     Func
	reaction func(ctx context.Context, r Reaction, recruiter bool) (Response, error)

	completions map[Purpose]completion
}

type route struct {
	words []string
	cmd   *Command
}

type actionRoute struct {
	run        Func
	recruiters bool
}

// NewRoutes returns empty routes.
func NewRoutes() *Routes {
	return &Routes{
		actions: map[string]actionRoute{}, forms: map[string]FormFunc{}, completions: map[Purpose]completion{},
	}
}

// Command registers c. It returns an error when one of its names is taken.
func (rs *Routes) Command(c Command) error {
	for _, name := range c.Names {
		words, _ := commandWords(name, 8)
		for _, r := range rs.commands {
			if strings.Join(r.words, " ") == strings.Join(words, " ") {
				return fmt.Errorf("registering the command %q: already registered", name)
			}
		}
		rs.commands = append(rs.commands, route{words: words, cmd: &c})
	}
	// The longest names first, so that "jury planifier" is tried before "jury".
	sort.SliceStable(rs.commands, func(i, j int) bool { return len(rs.commands[i].words) > len(rs.commands[j].words) })
	return nil
}

// Action registers what a button does; recruiters: only they may press it.
func (rs *Routes) Action(name string, recruiters bool, f Func) {
	rs.actions[name] = actionRoute{run: f, recruiters: recruiters}
}

// Form registers what answers a form's steps.
func (rs *Routes) Form(name string, f FormFunc) { rs.forms[name] = f }

// Text registers what answers everything that is no command.
func (rs *Routes) Text(f Func) { rs.text = f }

// find returns the command that text asks for, and what follows its words.
func (rs *Routes) find(text string) (cmd *Command, args string) {
	for _, r := range rs.commands {
		words, rest := commandWords(text, len(r.words))
		if strings.Join(words, " ") != strings.Join(r.words, " ") {
			continue
		}
		rest = strings.TrimSpace(rest)
		if rest != "" && (!r.cmd.Args || r.cmd.Accepts != nil && !r.cmd.Accepts(rest)) {
			continue
		}
		return r.cmd, rest
	}
	return nil, text
}

// near returns the command name that text most probably misspells: the same first word and a second one at one or
// two letters' distance, or the same second word and a first one with a letter wrong; or one word with a letter wrong. It returns "" when there is none.
func (rs *Routes) near(text string) string {
	words, _ := commandWords(text, 2)
	best, bestDistance := "", 3
	for _, r := range rs.commands {
		if len(r.words) != len(words) {
			continue
		}
		if d := misspelt(words, r.words); d < bestDistance {
			best, bestDistance = r.cmd.Names[0], d
		}
	}
	return best
}

// misspelt is how many letters are wrong in what was typed of a command's one or two words; too many where it is
// something else. Of the words that are right one must be whole, and a word alone has one wrong letter at most.
func misspelt(typed, words []string) int {
	const tooMany = 99
	last := len(words) - 1
	d := Distance(typed[last], words[last])
	switch {
	case len(words) == 1:
		if d > 1 || len(words[0]) < 4 {
			return tooMany
		}
		return d
	case typed[0] == words[0]:
		if d >= len(typed[1]) {
			return tooMany
		}
		return d
	case typed[1] == words[1] && len(words[0]) > 4 && Distance(typed[0], words[0]) == 1:
		return 1
	}
	return tooMany
}

// commandWords splits off the first n words of text, folded; rest is the original text after them.
func commandWords(text string, n int) (words []string, rest string) {
	rest = text
	for len(words) < n {
		rest = strings.TrimLeftFunc(rest, separates)
		if rest == "" {
			break
		}
		end := strings.IndexFunc(rest, separates)
		if end < 0 {
			end = len(rest)
		}
		words = append(words, fold.String(rest[:end]))
		rest = rest[end:]
	}
	return words, rest
}

func separates(r rune) bool { return unicode.IsSpace(r) || r == '-' || r == '_' || r == '‑' }

// Distance is the number of letters to insert, delete or replace to make b from a.
func Distance(a, b string) int {
	ra, rb := []rune(a), []rune(b)
	row := make([]int, len(rb)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range ra {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range rb {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(rb)]
}
