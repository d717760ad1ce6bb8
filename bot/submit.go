package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"candide/internal/fold"
)

// Submit implements Inbox. It works in the person's lane: of a step sent twice at once, the second finds it gone.
func (r *Runtime) Submit(ctx context.Context, s Submission) (map[string]string, error) {
	var invalid map[string]string
	failed := errors.New("taking a form's step failed") // what remains when the work panics
	done, err := r.behind(ctx, s.Person, func(ctx context.Context) error {
		invalid, failed = r.submit(ctx, s)
		return nil // the platform is told what failed
	})
	if err != nil {
		return nil, err
	}
	select {
	case <-done:
		return invalid, failed
	case <-ctx.Done():
		return nil, fmt.Errorf("taking a form's step: %w", ctx.Err())
	}
}

func (r *Runtime) submit(ctx context.Context, s Submission) (map[string]string, error) {
	f, err := r.store.Form(ctx, s.Key, s.Person.Ref(), r.now())
	if err != nil {
		return nil, refused(err)
	}
	platform, ok := r.Platform(s.Person.Platform)
	if !ok {
		return nil, fmt.Errorf("answering on %q: no such platform", s.Person.Platform)
	}
	var step Step
	var origin Place
	if err := errors.Join(json.Unmarshal(f.Step, &step), json.Unmarshal(f.Origin, &origin)); err != nil {
		return nil, fmt.Errorf("reading a form: %w", err)
	}
	req := Request{
		From: s.Person, Place: origin, Lang: s.Lang, Addressed: true, Command: s.Ticket != "",
		IsRecruiter: r.recruiter(s.Person),
	}
	to := Target{Place: origin, To: s.Person, Ticket: s.Ticket, Private: true}
	taken := func() {
		if s.Taken != nil {
			s.Taken()
		}
	}
	if s.Cancelled {
		if err := r.store.DeleteForm(ctx, f.Key); err != nil {
			return nil, fmt.Errorf("closing a form: %w", err)
		}
		taken()
		return nil, r.deliver(ctx, req, to, Whisper(r.phrases.Say(s.Lang, "form-cancelled")))
	}
	if f.Answers == nil {
		f.Answers = map[string]string{}
	}
	if invalid := r.readStep(s, step, f.Answers); len(invalid) > 0 {
		return invalid, nil
	}
	turn, err := r.turn(ctx, req, f, step)
	if err != nil {
		return nil, err
	}
	if len(turn.Invalid) > 0 {
		return turn.Invalid, nil
	}
	taken()
	if turn.Next != nil {
		return nil, r.showStep(ctx, platform, req, to, f, *turn.Next)
	}
	if err := r.store.DeleteForm(ctx, f.Key); err != nil {
		return nil, fmt.Errorf("closing a form: %w", err)
	}
	return nil, r.deliver(ctx, req, to, turn.Response)
}

// readStep checks the submitted values against the step that was shown, whatever the client did to it.
func (r *Runtime) readStep(s Submission, step Step, answers map[string]string) map[string]string {
	invalid := map[string]string{}
	if len(step.Choices) > 0 {
		value, ok := chosen(s.Values[step.Name], step.Choices)
		if !ok {
			invalid[step.Name] = r.phrases.Say(s.Lang, "form-not-a-choice")
			return invalid
		}
		answers[step.Name] = value
		return nil
	}
	for _, field := range step.Fields {
		value, problem := r.readField(s.Lang, field, strings.TrimSpace(s.Values[field.Name]))
		if problem != "" {
			invalid[field.Name] = problem
			continue
		}
		answers[field.Name] = value
	}
	return invalid
}

// readField returns the field's value, or what is wrong with text.
func (r *Runtime) readField(lang string, field Field, text string) (value, problem string) {
	if word := fold.String(text); field.Optional && (word == "passer" || word == "skip" || word == "-") {
		return "", ""
	}
	if text == "" {
		if field.Optional {
			return "", ""
		}
		return "", r.phrases.Say(lang, "form-required")
	}
	if n := utf8.RuneCountInString(text); n > field.Limit() {
		return "", r.phrases.Say(lang, "form-too-long", "max", fmt.Sprint(field.Limit()), "n", fmt.Sprint(n))
	}
	if field.Kind == Select {
		value, ok := chosen(text, field.Options)
		if !ok {
			return "", r.phrases.Say(lang, "form-not-a-choice")
		}
		return value, ""
	}
	return text, ""
}

// chosen finds the option that text names, by value, number, label or the label's beginning.
func chosen(text string, options []Choice) (string, bool) {
	folded := fold.String(strings.TrimSpace(text))
	if folded == "" {
		return "", false
	}
	for i, o := range options {
		if text == o.Value || folded == fmt.Sprint(i+1) || folded == fold.String(o.Label) {
			return o.Value, true
		}
	}
	match, n := "", 0
	for _, o := range options {
		if strings.HasPrefix(fold.String(o.Label), folded) {
			match, n = o.Value, n+1
		}
	}
	return match, n == 1
}
