package discord

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"candide/bot"
)

// OpenForm implements bot.FormOpener. A choice is no dialog here: it is a private message with buttons. A dialog can only
// be the first answer to a command or a press, so that what follows a dialog begins with a button again.
func (p *Platform) OpenForm(ctx context.Context, id bot.Ticket, v bot.FormView) error {
	t := p.tickets.get(id)
	if len(v.Step.Choices) > 0 || len(v.Step.Fields) == 0 || !t.alive() {
		return bot.ErrNoDialog
	}
	p.views.Put(v.Key, v)
	first, err := p.acknowledge(ctx, t, dialog(v))
	if err == nil && !first || code(err) == codeUnknownInteraction {
		return bot.ErrNoDialog // too late
	}
	if err != nil {
		return fmt.Errorf("opening a dialog: %w", err)
	}
	return nil
}

// dialog is a form's step as Discord shows it.
func dialog(v bot.FormView) *modal {
	m := &modal{CustomID: idForm + v.Key, Title: clip(v.Step.Heading(maxModalTitle), maxModalTitle)}
	if v.Step.Intro != "" {
		text, _ := address(v.Step.Intro, nil)
		m.Components = append(m.Components, component{Type: kindTextOnly, Content: clip(text, maxModalIntro)})
	}
	for _, f := range v.Step.Fields {
		if value, ok := v.Values[f.Name]; ok {
			f.Default = value
		}
		m.Components = append(m.Components, labelled(f))
	}
	return m
}

// labelled is a field with its label and help.
func labelled(f bot.Field) component {
	required := !f.Optional
	inner := component{CustomID: f.Name, Required: &required}
	if f.Kind == bot.Select {
		inner.Type = kindMenu
		for _, o := range f.Options {
			inner.Options = append(inner.Options, option{Label: clip(o.Label, maxPlaceholder), Value: o.Value, Default: o.Value == f.Default})
		}
	} else {
		inner.Type, inner.Style = kindInput, styleLine
		if f.Kind == bot.Area || f.Limit() > 300 {
			inner.Style = styleArea
		}
		inner.MaxLength = min(f.Limit(), maxLine)
		inner.Value = clip(f.Default, inner.MaxLength)
	}
	return component{
		Type: kindLabel, Label: clip(f.Label, maxModalLabel), Description: clip(f.Help, maxPlaceholder), Component: &inner,
	}
}

// values are what was typed and chosen in a dialog, by field.
func values(components []component) map[string]string {
	out := map[string]string{}
	var walk func([]component)
	walk = func(list []component) {
		for _, c := range list {
			switch {
			case c.CustomID != "" && c.Type == kindMenu:
				out[c.CustomID] = strings.Join(c.Values, ",")
			case c.CustomID != "":
				out[c.CustomID] = c.Value
			}
			walk(c.Components)
			if c.Component != nil {
				walk([]component{*c.Component})
			}
		}
	}
	walk(components)
	return out
}

// submitWithin bounds the wait for what is wrong with a dialog.
const submitWithin = 25 * time.Second

// submit takes a dialog. What is wrong with it is said beside a button that shows it again, with what was typed: Discord
// has no way to refuse a dialog.
func (p *Platform) submit(ctx context.Context, t *ticket, s bot.Submission) {
	ctx, cancel := context.WithTimeout(ctx, submitWithin)
	defer cancel()
	invalid, err := p.sink().Submit(ctx, s)
	switch {
	case errors.Is(err, bot.ErrRefused):
		p.tell(ctx, t, p.say(s.Lang, "button-over"))
	case err != nil:
		p.log.Error("a dialog was not taken", "error", err)
		p.tell(ctx, t, p.say(s.Lang, "sorry"))
	case len(invalid) > 0:
		p.refuse(ctx, t, s, invalid)
	default:
		p.views.Drop(s.Key)
	}
}

// tell answers an interaction with a sentence for that person alone.
func (p *Platform) tell(ctx context.Context, t *ticket, text string, components ...component) {
	m := newMessage{Content: clip(text, maxContent), Allowed: mentions{Parse: []string{}}, Components: components}
	if _, err := p.whisper(ctx, t, m, nil); err != nil {
		p.log.Warn("an interaction was not answered", "error", err)
	}
}

// refuse says what is wrong with a dialog, field by field.
func (p *Platform) refuse(ctx context.Context, t *ticket, s bot.Submission, invalid map[string]string) {
	view, known := p.views.Get(s.Key)
	var lines []string
	for _, f := range view.Step.Fields {
		if problem := invalid[f.Name]; problem != "" {
			lines = append(lines, "**"+f.Label+"** : "+problem)
			delete(invalid, f.Name)
		}
	}
	rest := make([]string, 0, len(invalid))
	for _, problem := range invalid {
		rest = append(rest, problem)
	}
	sort.Strings(rest)
	text, _ := address(strings.Join(append(lines, rest...), "\n"), nil)
	if !known {
		p.tell(ctx, t, text)
		return
	}
	view.Values = s.Values
	p.views.Put(s.Key, view)
	p.tell(ctx, t, text, component{Type: kindRow, Components: []component{{
		Type: kindButton, Style: stylePrimary, Label: clip(p.say(s.Lang, "form-again"), maxButton), CustomID: idAgain + s.Key,
	}}})
}

// again shows a dialog that was refused.
func (p *Platform) again(ctx context.Context, t *ticket, key, lang string) {
	view, ok := p.views.Get(key)
	if !ok {
		p.tell(ctx, t, p.say(lang, "button-over"))
		return
	}
	if _, err := p.acknowledge(ctx, t, dialog(view)); err != nil {
		p.log.Warn("a dialog was not shown again", "error", err)
	}
}
