package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"candide/internal/fold"
	"candide/storage"
)

// openForm starts a form for the person of req.
func (r *Runtime) openForm(ctx context.Context, platform Platform, req Request, to Target, f Form) error {
	record := storage.Form{Name: f.Name, Person: req.From.Ref(), Data: f.Data, Answers: map[string]string{}}
	return r.showStep(ctx, platform, req, to, record, f.Step)
}

// formAction is what the buttons of a form's step do; no conversation may register it.
const formAction = "bot.form"

// showStep keeps the form with its new step, then shows it. With a ticket it is a dialog where the ticket opens one;
// else a private message, with the choices as buttons, or for fields with one button that gives a new ticket.
// Without a ticket the person is asked by ordinary messages in the direct conversation.
//
// A step's key is new each time: a step sent twice is refused the second time.
func (r *Runtime) showStep(ctx context.Context, platform Platform, req Request, to Target, f storage.Form, step Step) error {
	old := f.Key
	var err error
	if f.Step, err = json.Marshal(step); err != nil {
		return fmt.Errorf("keeping a form's step: %w", err)
	}
	if len(f.Origin) == 0 {
		if f.Origin, err = json.Marshal(to.Place); err != nil {
			return fmt.Errorf("keeping where a form was opened: %w", err)
		}
	}
	f.Key, f.Field, f.Expires = newKey(), 0, r.now().Add(formTTL)
	opener, dialogs := platform.(FormOpener)
	f.Typed = !dialogs || to.Ticket == ""
	if err := r.store.SaveForm(ctx, f); err != nil {
		return fmt.Errorf("keeping a form: %w", err)
	}
	if old != "" {
		if err := r.store.DeleteForm(ctx, old); err != nil && !errors.Is(err, storage.ErrNotFound) {
			return fmt.Errorf("closing a form's step: %w", err)
		}
	}
	if f.Typed {
		return r.askField(ctx, platform, req, f, step, "")
	}
	err = opener.OpenForm(ctx, to.Ticket, FormView{Key: f.Key, Step: step, Lang: req.Lang})
	if err == nil || !errors.Is(err, ErrNoDialog) {
		return wrap(err, "opening a dialog")
	}
	return r.offerStep(ctx, platform, req, to, f, step)
}

// offerStep shows a choice as buttons, and fields as one button that opens their dialog.
func (r *Runtime) offerStep(ctx context.Context, platform Platform, req Request, to Target, f storage.Form, step Step) error {
	reply := Reply{Text: step.Intro, Private: true}
	if reply.Text == "" {
		reply.Text = "**" + step.Heading(100) + "**"
	}
	for _, c := range step.Choices {
		reply.Buttons = append(reply.Buttons, Button{
			Label: c.Label, Style: c.Style, Do: formAction, Once: true, TTL: formTTL,
			Data: map[string]string{"form": f.Key, "value": c.Value},
		})
	}
	if len(step.Choices) == 0 {
		reply.Buttons = []Button{{
			Label: r.phrases.Say(req.Lang, "form-continue"), Style: Primary, Do: formAction, TTL: formTTL,
			Data: map[string]string{"form": f.Key},
		}}
	}
	to.Private = true
	to.Direct = to.Place.Visibility == Direct
	_, err := r.publish(ctx, platform, to, req, reply)
	return err
}

// pressForm takes a choice made by a button, or opens the dialog that a button promised.
func (r *Runtime) pressForm(ctx context.Context, req Request, to Target, offer storage.Offer) error {
	f, err := r.store.Form(ctx, offer.Data["form"], req.From.Ref(), r.now())
	if err != nil {
		return r.deliver(ctx, req, to, Whisper(r.phrases.Say(req.Lang, "button-over")))
	}
	var step Step
	if err := json.Unmarshal(f.Step, &step); err != nil {
		return fmt.Errorf("reading a form's step: %w", err)
	}
	platform, ok := r.Platform(req.From.Platform)
	if !ok {
		return fmt.Errorf("answering on %q: no such platform", req.From.Platform)
	}
	value, chose := offer.Data["value"]
	if !chose {
		if opener, ok := platform.(FormOpener); ok && to.Ticket != "" {
			err := opener.OpenForm(ctx, to.Ticket, FormView{Key: f.Key, Step: step, Lang: req.Lang})
			if err == nil || !errors.Is(err, ErrNoDialog) {
				return wrap(err, "opening a dialog")
			}
		}
		// Even a fresh ticket opens no dialog here: go on by ordinary messages.
		f.Typed, f.Field = true, 0
		if err := r.store.SaveForm(ctx, f); err != nil {
			return fmt.Errorf("keeping a form: %w", err)
		}
		return r.askField(ctx, platform, req, f, step, "")
	}
	if _, err := r.store.UseOffer(ctx, offer.Key, req.From.Ref(), string(req.Post), r.now()); err != nil {
		return r.deliver(ctx, req, to, Whisper(r.phrases.Say(req.Lang, "button-over")))
	}
	if f.Answers == nil {
		f.Answers = map[string]string{}
	}
	f.Answers[step.Name] = value
	if err := r.advance(ctx, platform, req, to, f, step); err != nil {
		return err
	}
	if req.Post == "" {
		return nil
	}
	// The buttons go, and the post says what was chosen. It comes last: a ticket that opens a dialog lives seconds.
	done := Post{Text: strings.TrimSpace(step.Intro + "\n\n✔ " + labelOf(value, step.Choices))}
	return wrap(platform.Update(ctx, to.Place, req.Post, &done), "showing what was chosen")
}

// wrap adds what was being done to err, if there is one.
func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// askField asks one field, or a choice, by an ordinary message in the direct conversation.
func (r *Runtime) askField(ctx context.Context, platform Platform, req Request, f storage.Form, step Step, problem string) error {
	var b strings.Builder
	if problem != "" {
		fmt.Fprintf(&b, "%s\n\n", problem)
	} else if f.Field == 0 && step.Intro != "" {
		fmt.Fprintf(&b, "%s\n\n", step.Intro)
	}
	if len(step.Choices) > 0 {
		b.WriteString(r.phrases.Say(req.Lang, "form-choose"))
		writeOptions(&b, step.Choices)
	} else {
		field := step.Fields[f.Field]
		fmt.Fprintf(&b, "**%s** (%d/%d)", field.Label, f.Field+1, len(step.Fields))
		if field.Help != "" {
			fmt.Fprintf(&b, "\n%s", field.Help)
		}
		writeOptions(&b, field.Options)
		if field.Optional {
			fmt.Fprintf(&b, "\n%s", r.phrases.Say(req.Lang, "form-skip"))
		}
		if field.Default != "" {
			fmt.Fprintf(&b, "\n%s", r.phrases.Say(req.Lang, "form-default", "value", labelOf(field.Default, field.Options)))
		}
	}
	if f.Field == 0 || problem != "" {
		fmt.Fprintf(&b, "\n\n%s", r.phrases.Say(req.Lang, "form-cancel"))
	}
	reply := Reply{Text: b.String()}
	if len(step.Fields) > 0 && step.Fields[f.Field].Default != "" {
		reply.About = []storage.PersonRef{req.From.Ref()} // it quotes what they said before
	}
	_, err := r.publish(ctx, platform, Target{To: req.From, Direct: true, Place: directPlace(req)}, req, reply)
	return err
}

func directPlace(req Request) Place {
	if req.Place.Visibility == Direct {
		return req.Place
	}
	return Place{Platform: req.From.Platform, Visibility: Direct}
}

// labelOf returns what people read for a value.
func labelOf(value string, options []Choice) string {
	for _, o := range options {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

func writeOptions(b *strings.Builder, options []Choice) {
	for i, o := range options {
		fmt.Fprintf(b, "\n%d. %s", i+1, o.Label)
	}
}

// typedAnswer takes a direct message as the answer to the field being asked, when a form is open by messages.
func (r *Runtime) typedAnswer(ctx context.Context, req Request, to Target) (handled bool, err error) {
	f, err := r.store.TypedForm(ctx, req.From.Ref(), r.now())
	if errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrExpired) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for an open form: %w", err)
	}
	var step Step
	if err := json.Unmarshal(f.Step, &step); err != nil {
		return false, fmt.Errorf("reading a form's step: %w", err)
	}
	platform, ok := r.Platform(req.From.Platform)
	if !ok {
		return false, fmt.Errorf("answering on %q: no such platform", req.From.Platform)
	}
	if cmd, _ := r.routes.find(req.Text); cmd != nil {
		return false, nil // a command is one at any time; the form stays open
	}
	if err := req.life.intend(ctx, true); err != nil {
		return true, err
	}
	req.life.ends(OutcomeCommand)
	if f.Answers == nil {
		f.Answers = map[string]string{}
	}
	text := strings.TrimSpace(req.Text)
	if word := fold.String(text); word == "annuler" || word == "cancel" || word == "stop" {
		if err := r.store.DeleteForm(ctx, f.Key); err != nil {
			return true, fmt.Errorf("closing a form: %w", err)
		}
		return true, r.deliver(ctx, req, to, Whisper(r.phrases.Say(req.Lang, "form-cancelled")))
	}
	if len(step.Choices) > 0 {
		value, ok := chosen(text, step.Choices)
		if !ok {
			return true, r.askField(ctx, platform, req, f, step, r.phrases.Say(req.Lang, "form-not-a-choice"))
		}
		f.Answers[step.Name] = value
		return true, r.advance(ctx, platform, req, to, f, step)
	}
	field := step.Fields[f.Field]
	if word := fold.String(text); field.Default != "" && (word == "garder" || word == "keep") {
		text = field.Default // a dialog shows it filled in; here it takes a word
	}
	value, problem := r.readField(req.Lang, field, text)
	if problem != "" {
		return true, r.askField(ctx, platform, req, f, step, problem)
	}
	f.Answers[field.Name] = value
	f.Field++
	if f.Field < len(step.Fields) {
		if err := r.store.SaveForm(ctx, f); err != nil {
			return true, fmt.Errorf("keeping a form: %w", err)
		}
		return true, r.askField(ctx, platform, req, f, step, "")
	}
	return true, r.advance(ctx, platform, req, to, f, step)
}

// advance hands a whole step answered by messages to the form's conversation.
func (r *Runtime) advance(ctx context.Context, platform Platform, req Request, to Target, f storage.Form, step Step) error {
	turn, err := r.turn(ctx, req, f, step)
	if err != nil {
		if derr := r.deliver(ctx, req, to, Whisper(r.phrases.Say(req.Lang, "sorry"))); derr != nil {
			err = errors.Join(err, derr)
		}
		return err
	}
	for i, field := range step.Fields {
		if problem, bad := turn.Invalid[field.Name]; bad {
			f.Field = i // ask again from the first field that is wrong; those after it are asked again too
			if err := r.store.SaveForm(ctx, f); err != nil {
				return fmt.Errorf("keeping a form: %w", err)
			}
			return r.askField(ctx, platform, req, f, step, problem)
		}
	}
	if turn.Next != nil {
		return r.showStep(ctx, platform, req, to, f, *turn.Next)
	}
	if err := r.store.DeleteForm(ctx, f.Key); err != nil {
		return fmt.Errorf("closing a form: %w", err)
	}
	return r.deliver(ctx, req, to, turn.Response)
}

func (r *Runtime) turn(ctx context.Context, req Request, f storage.Form, step Step) (Turn, error) {
	form, ok := r.routes.forms[f.Name]
	if !ok {
		return Turn{}, fmt.Errorf("the form %q has no conversation", f.Name)
	}
	// The conversation is about the campaign of the place where the form was opened, wherever it goes on.
	if err := json.Unmarshal(f.Origin, &req.Place); err != nil {
		return Turn{}, fmt.Errorf("reading where a form was opened: %w", err)
	}
	req.Data = f.Data
	return form(ctx, req, step.Name, maps.Clone(f.Answers))
}
