package harness

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mattermost/mattermost/server/public/model"
)

// Dialog is a form that the server asked a person's application to show.
type Dialog struct {
	model.Dialog
	URL string // where the answer goes
	// ChannelID is the channel that the person looks at; the application
	// sends it with the answer.
	ChannelID string
}

// Press presses a button of a post, found by its label.
func (u *User) Press(post *model.Post, label string) {
	u.t.Helper()
	if err := u.TryPress(post, label); err != nil {
		u.t.Fatalf("%s presses %q: %v", u.Username, label, err)
	}
}

// TryPress is Press for a button that may fail: the error is what the
// application would show.
func (u *User) TryPress(post *model.Post, label string) error {
	u.t.Helper()
	return u.act(post, label, "")
}

// Choose chooses an option, by its text, in a menu of a post, found by its
// label.
func (u *User) Choose(post *model.Post, menu, option string) {
	u.t.Helper()
	value := ""
	if found := action(post, menu); found != nil {
		for _, o := range found.Options {
			if o.Text == option {
				value = o.Value
			}
		}
	}
	if value == "" {
		u.t.Fatalf("%s finds no option %q in menu %q of:\n%s", u.Username, option, menu, Text(post))
	}
	if err := u.act(post, menu, value); err != nil {
		u.t.Fatalf("%s chooses %q: %v", u.Username, option, err)
	}
}

// act performs the action of a button or menu. The buttons of a post that
// only one person sees are not stored: they carry all in a cookie.
func (u *User) act(post *model.Post, label, option string) error {
	u.t.Helper()
	u.online()
	found := action(post, label)
	if found == nil {
		u.t.Fatalf("%s finds no button %q in:\n%s", u.Username, label, Text(post))
	}
	ctx, cancel := call(u.t)
	defer cancel()
	_, err := u.Client.DoPostActionWithCookie(ctx, post.Id, found.Id, option, found.Cookie, nil, "")
	return err
}

// action returns the button or menu of a post that has this label, or nil.
func action(post *model.Post, label string) *model.PostAction {
	for _, a := range post.Attachments() {
		for _, candidate := range a.Actions {
			if candidate.Name == label {
				return candidate
			}
		}
	}
	return nil
}

// WaitDialog waits until a dialog opens for the person, who looks at the
// given channel. A dialog that newer servers or applications would refuse
// ends the test, although the test server lets it through.
func (u *User) WaitDialog(in *model.Channel) *Dialog {
	u.t.Helper()
	event := u.WaitEvent(model.WebsocketEventOpenDialog, func(*model.WebSocketEvent) bool { return true })
	text, _ := event.GetData()["dialog"].(string)
	var request model.OpenDialogRequest
	if err := json.Unmarshal([]byte(text), &request); err != nil {
		u.t.Fatalf("%s receives a dialog that is not JSON: %v", u.Username, err)
	}
	if err := request.IsValid(); err != nil {
		u.t.Fatalf("%s receives an invalid dialog: %v\n%s", u.Username, err, text)
	}
	return &Dialog{Dialog: request.Dialog, URL: request.URL, ChannelID: in.Id}
}

// SubmitDialog fills in the named fields, leaves the others as they are
// shown, and submits. It ends the test when a field is refused.
func (u *User) SubmitDialog(d *Dialog, fields map[string]any) {
	u.t.Helper()
	answer, err := u.TrySubmitDialog(d, fields)
	if err != nil {
		u.t.Fatalf("%s submits %q: %v", u.Username, d.Title, err)
	}
	if answer.Error != "" || len(answer.Errors) > 0 {
		u.t.Fatalf("%s submits %q and is refused: %s %v", u.Username, d.Title, answer.Error, answer.Errors)
	}
}

// TrySubmitDialog is SubmitDialog for answers that may be refused: the
// answer holds what the person would read beside each field. What the
// application itself would not let pass ends the test.
func (u *User) TrySubmitDialog(d *Dialog, fields map[string]any) (*model.SubmitDialogResponse, error) {
	u.t.Helper()
	submission, err := fill(d.Elements, fields)
	if err != nil {
		u.t.Fatalf("%s cannot submit %q: %v", u.Username, d.Title, err)
	}
	return u.SendDialog(model.SubmitDialogRequest{
		URL: d.URL, CallbackId: d.CallbackId, State: d.State,
		ChannelId: d.ChannelID, TeamId: u.teamID, Submission: submission,
	})
}

// CancelDialog closes a dialog without submitting it.
func (u *User) CancelDialog(d *Dialog) {
	u.t.Helper()
	if !d.NotifyOnCancel {
		return // nobody is told
	}
	if _, err := u.SendDialog(model.SubmitDialogRequest{
		URL: d.URL, CallbackId: d.CallbackId, State: d.State,
		ChannelId: d.ChannelID, TeamId: u.teamID, Cancelled: true,
	}); err != nil {
		u.t.Fatalf("%s cancels %q: %v", u.Username, d.Title, err)
	}
}

// SendDialog sends an answer exactly as given, as a forged application could:
// the server checks none of it but that the person may read the channel.
func (u *User) SendDialog(request model.SubmitDialogRequest) (*model.SubmitDialogResponse, error) {
	u.t.Helper()
	u.online()
	ctx, cancel := call(u.t)
	defer cancel()
	answer, _, err := u.Client.SubmitInteractiveDialog(ctx, request)
	return answer, err
}

// fill makes the submission of an application: what the form showed, with
// the given fields changed, checked as the application checks it.
func fill(elements []model.DialogElement, fields map[string]any) (map[string]any, error) {
	unknown := maps.Clone(fields)
	submission := map[string]any{}
	for _, e := range elements {
		delete(unknown, e.Name)
		value, given := fields[e.Name]
		if !given {
			value = shown(e)
		}
		if err := accepts(e, value); err != nil {
			return nil, fmt.Errorf("field %q (%s): %w", e.Name, e.DisplayName, err)
		}
		submission[e.Name] = value
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("it has no field %s", strings.Join(slices.Sorted(maps.Keys(unknown)), ", "))
	}
	return submission, nil
}

// shown returns the value that a field has before anyone touches it.
func shown(e model.DialogElement) any {
	if e.Type == "bool" {
		return e.Default == "true"
	}
	return e.Default
}

// accepts returns why the application would not submit a value.
func accepts(e model.DialogElement, value any) error {
	text, isText := value.(string)
	switch {
	case e.Type == "bool":
		ticked, ok := value.(bool)
		if !ok {
			return fmt.Errorf("%v is not a boolean", value)
		}
		if !ticked && !e.Optional {
			return fmt.Errorf("the box is required")
		}
		return nil
	case !isText:
		if e.SubType == "number" {
			return nil
		}
		return fmt.Errorf("%v is not a text", value)
	case text == "":
		if !e.Optional {
			return fmt.Errorf("it is required")
		}
		return nil
	case len(e.Options) > 0:
		if !slices.ContainsFunc(e.Options, func(o *model.PostActionOptions) bool { return o.Value == text }) {
			return fmt.Errorf("%q is not one of the options", text)
		}
		return nil
	}
	n := utf8.RuneCountInString(text)
	if n < e.MinLength || e.MaxLength > 0 && n > e.MaxLength {
		return fmt.Errorf("%d characters are not between %d and %d", n, e.MinLength, e.MaxLength)
	}
	return nil
}
