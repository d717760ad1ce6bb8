package bot

import (
	"context"
	"strings"
)

// MenuItem is a command as platforms with typed commands offer it (Discord's application commands). Typing it is the same
// as writing its words with what follows them.
type MenuItem struct {
	Words      []string          // "jury", "planifier"; the first two or three levels
	Names      map[string]string // language → the last word, where it differs
	About      map[string]string // language → one line
	Options    []MenuOption
	Bare       bool // what follows is asked without the words
	Recruiters bool // for their eyes: rights are checked by the command itself
}

// MenuOption is something that follows a command's words.
type MenuOption struct {
	Name     string            // one word, small letters
	Names    map[string]string // language → the word, where it differs
	About    map[string]string // language → one line
	Kind     OptionKind
	Purpose  Purpose // what to offer while it is being typed; empty: nothing
	Required bool
	Choices  []Choice // the only values, if any
}

// OptionKind is what an option holds.
type OptionKind int

// The kinds of option.
const (
	OptionText    OptionKind = iota
	OptionNumber             // a whole number from 1
	OptionChannel            // a channel: its words are "~name"
)

// Purpose is what a field or an option is about, so that a platform can help to fill it in.
type Purpose string

// Completion is something being typed.
type Completion struct {
	Person  Person
	Place   Place
	Lang    string
	Purpose Purpose
	Typed   string
}

// Completer is what an Inbox offers beside, for platforms that help while somebody types. It answers at once, with nothing
// rather than late, and shows nobody what they may not read.
type Completer interface {
	Complete(ctx context.Context, c Completion) ([]Choice, error)
}

// CompleteFunc returns what may follow what was typed: the text of r.
type CompleteFunc func(ctx context.Context, r Request) ([]Choice, error)

type completion struct {
	complete   CompleteFunc
	recruiters bool
}

// Completion registers what helps to fill in options of a purpose; recruiters: it helps only them.
func (rs *Routes) Completion(purpose Purpose, recruiters bool, f CompleteFunc) {
	rs.completions[purpose] = completion{f, recruiters}
}

// Named returns the command of these words, and whether there is one.
func (rs *Routes) Named(words ...string) (Command, bool) {
	want, _ := commandWords(strings.Join(words, " "), 8)
	for _, r := range rs.commands {
		if strings.Join(r.words, " ") == strings.Join(want, " ") {
			return *r.cmd, true
		}
	}
	return Command{}, false
}

// Commands returns every command, in no order.
func (rs *Routes) Commands() []Command {
	var list []Command
	seen := map[*Command]bool{}
	for _, r := range rs.commands {
		if !seen[r.cmd] {
			seen[r.cmd] = true
			list = append(list, *r.cmd)
		}
	}
	return list
}

// Complete implements Completer.
func (r *Runtime) Complete(ctx context.Context, c Completion) ([]Choice, error) {
	found, ok := r.routes.completions[c.Purpose]
	if !ok {
		return nil, nil
	}
	req := Request{
		From: c.Person, Place: c.Place, Lang: c.Lang, Text: c.Typed, Addressed: true, IsRecruiter: r.recruiter(c.Person),
	}
	if found.recruiters {
		if may, err := req.IsRecruiter(ctx); err != nil || !may {
			return nil, err
		}
	}
	return found.complete(ctx, req)
}
