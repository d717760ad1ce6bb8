package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"candide/bot"
	"candide/storage"
)

// The kinds of line.
const (
	kindYou  = "you"  // what the candidate wrote
	kindBot  = "bot"  // what the bot said
	kindForm = "form" // the form that is open; shown as a page of its own
)

// formLine is the id of the line that holds the open form: there is one at most.
const formLine = "form"

// formTTL is how long an open form is offered; the runtime forgets it after as long.
const formTTL = time.Hour

// body is a line as it is kept, and as candidates read it in the export of their data.
type body struct {
	Kind    string        `json:"kind"`
	Text    string        `json:"text,omitempty"`
	Actions []bot.Action  `json:"actions,omitempty"`
	Files   []fileRef     `json:"files,omitempty"`
	Entry   string        `json:"entry,omitempty"`
	Key     string        `json:"key,omitempty"`
	Form    *bot.FormView `json:"form,omitempty"`
}

// fileRef is an attachment as a line knows it.
type fileRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int    `json:"size"`
}

type line struct {
	id string
	at time.Time
	body
}

// conversation is a visitor's lines, in order, the open form apart.
type conversation struct {
	lines   []line
	form    *bot.FormView
	version string // changes with any of its lines
}

// has reports whether the conversation holds a line.
func (c conversation) has(id string) bool {
	for _, l := range c.lines {
		if l.id == id {
			return true
		}
	}
	return false
}

// read returns a conversation. The zero visitor has an empty one.
func (p *Platform) read(ctx context.Context, ref storage.PersonRef) (conversation, error) {
	if ref == (visitor{}).ref() {
		return conversation{version: "0"}, nil
	}
	kept, err := p.o.Store.Lines(ctx, ref)
	if err != nil {
		return conversation{}, fmt.Errorf("reading a conversation: %w", err)
	}
	var c conversation
	sum := sha256.New()
	for _, k := range kept {
		l := line{id: k.ID, at: k.At}
		if err := json.Unmarshal(k.Body, &l.body); err != nil {
			return conversation{}, fmt.Errorf("reading a line: %w", err)
		}
		if l.Kind == kindForm {
			if l.Form != nil && p.o.Now().Sub(l.at) < formTTL {
				c.form = l.Form
			} else if err := p.o.Store.RemoveLine(ctx, ref, l.id); err != nil {
				return conversation{}, fmt.Errorf("removing a form that is over: %w", err)
			}
		} else {
			c.lines = append(c.lines, l)
		}
		fmt.Fprintf(sum, "%q %q\n", k.ID, k.Body)
	}
	c.version = hex.EncodeToString(sum.Sum(nil)[:8])
	return c, nil
}

// keep adds a line, or puts it in the place of the one with its id.
func (p *Platform) keep(ctx context.Context, ref storage.PersonRef, l line) error {
	src, err := json.Marshal(l.body)
	if err != nil {
		return fmt.Errorf("writing a line: %w", err)
	}
	lines := []storage.Line{{ID: l.id, At: l.at, Body: src}}
	if err := p.o.Store.AppendLines(ctx, ref, lines, p.o.Now().Add(p.o.Keep)); err != nil {
		return fmt.Errorf("keeping a line: %w", err)
	}
	return nil
}

// recipient is the visitor that a post is for.
func recipient(to bot.Target) (string, error) {
	id := string(to.Place.Channel)
	if to.Direct || to.Private {
		id = string(to.To.User)
	}
	if !visitorID.MatchString(id) {
		return "", fmt.Errorf("posting on the web page: %w", bot.ErrNoChannel)
	}
	return id, nil
}

func refOf(id string) storage.PersonRef { return visitor{id: id}.ref() }

// Post implements bot.Platform: the post becomes a line of its recipient's conversation, which they see when their
// page next asks for news.
func (p *Platform) Post(ctx context.Context, to bot.Target, post bot.Post) (bot.PostID, error) {
	id, err := recipient(to)
	if err != nil {
		return "", err
	}
	if p.tickets.void(to.Ticket) {
		return "", nil // the conversation was erased while the answer was being made
	}
	l := line{id: randomToken(), at: p.o.Now(), body: p.said(id, post)}
	if err := p.keep(ctx, refOf(id), l); err != nil {
		return "", err
	}
	return bot.PostID(l.id), nil
}

func (p *Platform) said(visitor string, post bot.Post) body {
	b := body{Kind: kindBot, Text: post.Text, Actions: post.Actions, Entry: post.Entry, Key: post.Key}
	for _, f := range post.Files {
		b.Files = append(b.Files, fileRef{
			ID: p.files.put(visitor, f, p.o.Now()), Name: f.Name, Size: len(f.Data),
		})
	}
	return b
}

// Update implements bot.Platform. A replaced line that is gone (the conversation was erased) is added again.
func (p *Platform) Update(ctx context.Context, in bot.Place, id bot.PostID, post *bot.Post) error {
	who, err := recipient(bot.Target{Place: in})
	if err != nil {
		return err
	}
	ref := refOf(who)
	if post == nil {
		if err := p.o.Store.RemoveLine(ctx, ref, string(id)); err != nil {
			return fmt.Errorf("removing a line: %w", err)
		}
		return nil
	}
	l := line{id: string(id), at: p.o.Now(), body: p.said(who, *post)}
	known, err := p.read(ctx, ref)
	if err != nil {
		return err
	}
	for _, old := range known.lines {
		if old.id == l.id {
			l.at = old.at
		}
	}
	return p.keep(ctx, ref, l)
}

// FindPost implements bot.Finder.
func (p *Platform) FindPost(ctx context.Context, to bot.Target, key string, since time.Time) (bot.PostID, bool, error) {
	who, err := recipient(to)
	if err != nil {
		return "", false, err
	}
	c, err := p.read(ctx, refOf(who))
	if err != nil {
		return "", false, err
	}
	for _, l := range c.lines {
		if l.Kind == kindBot && l.Key == key && key != "" && !l.at.Before(since) {
			return bot.PostID(l.id), true, nil
		}
	}
	return "", false, nil
}

// OpenForm implements bot.FormOpener: the form becomes the visitor's open form, which the page that follows the
// request shows.
func (p *Platform) OpenForm(ctx context.Context, ticket bot.Ticket, v bot.FormView) error {
	who, ok := p.tickets.use(ticket, p.o.Now())
	if !ok {
		return bot.ErrNoDialog
	}
	return p.keep(ctx, refOf(who), line{id: formLine, at: p.o.Now(), body: body{Kind: kindForm, Form: &v}})
}

// closeForm removes the open form.
func (p *Platform) closeForm(ctx context.Context, v visitor) error {
	if err := p.o.Store.RemoveLine(ctx, v.ref(), formLine); err != nil {
		return fmt.Errorf("closing a form: %w", err)
	}
	return nil
}
