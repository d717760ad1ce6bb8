package mattermost

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/bot"
)

// The longest labels and texts of a dialog, in bytes as the server counts them.
const (
	maxLabel = 24
	maxHelp  = 150
	maxLine  = 150
	maxArea  = 3000
)

// OpenForm implements bot.FormOpener. A choice is no dialog here: it is a private message with buttons, each of which
// gives a trigger for the dialog that follows. (What is submitted by a dialog gives none.)
func (p *Platform) OpenForm(ctx context.Context, id bot.Ticket, v bot.FormView) error {
	t := p.tickets.get(id)
	if len(v.Step.Choices) > 0 || len(v.Step.Fields) == 0 || !p.callbacks.usable() {
		return bot.ErrNoDialog
	}
	trigger := t.takeTrigger()
	if trigger == "" {
		return bot.ErrNoDialog
	}
	dialog := model.Dialog{
		CallbackId: "candide", Title: clip(v.Step.Heading(maxLabel), maxLabel), IntroductionText: harmless(v.Step.Intro, nil),
		SubmitLabel: clip(v.Step.Submit, maxLabel), NotifyOnCancel: true,
		State: v.Key + "." + p.secret.sign("dialog", v.Key, t.user, t.channel) + "." + t.channel,
	}
	for _, f := range v.Step.Fields {
		if value, ok := v.Values[f.Name]; ok {
			f.Default = value
		}
		dialog.Elements = append(dialog.Elements, element(f))
	}
	resp, err := p.client.OpenInteractiveDialog(ctx, model.OpenDialogRequest{
		TriggerId: trigger, URL: p.o.PublicURL + dialogPath, Dialog: dialog,
	})
	if err != nil && status(resp) >= 400 && status(resp) < 500 {
		p.log.Info("a dialog was not opened", "status", status(resp)) // usually: too late
		return bot.ErrNoDialog
	}
	if err != nil {
		return brief(err)
	}
	return nil
}

// element is a field as the server shows it.
func element(f bot.Field) model.DialogElement {
	e := model.DialogElement{
		Name: f.Name, DisplayName: clip(f.Label, maxLabel), HelpText: clip(f.Help, maxHelp), Optional: f.Optional,
		Default: f.Default,
	}
	switch {
	case f.Kind == bot.Select:
		e.Type, e.Default = "select", ""
		for _, o := range f.Options {
			e.Options = append(e.Options, &model.PostActionOptions{Text: o.Label, Value: o.Value})
			if o.Value == f.Default {
				e.Default = f.Default
			}
		}
	case f.Kind == bot.Area || f.Limit() > maxLine:
		e.Type, e.MaxLength, e.Default = "textarea", min(f.Limit(), maxArea), clip(f.Default, maxArea)
	default:
		e.Type, e.MaxLength, e.Default = "text", f.Limit(), clip(f.Default, maxLine)
	}
	return e
}

// dialog takes a dialog submitted or closed. The server validates nothing of it but that the person may read the
// channel: the state says what was offered to whom and where, and its signature that the bot said so.
func (p *Platform) dialog(r *http.Request, h *home, body []byte) (any, error) {
	var req model.SubmitDialogRequest
	if err := json.Unmarshal(body, &req); err != nil {
		return nil, refusal{http.StatusBadRequest, "not JSON"}
	}
	parts := strings.Split(req.State, ".")
	if len(parts) != 3 || !p.secret.verify(parts[1], "dialog", parts[0], req.UserId, parts[2]) {
		return nil, forbidden("a dialog that the bot did not open for this person")
	}
	p.callbacks.came()
	if req.TeamId != "" && req.TeamId != h.team.Id {
		return nil, forbidden("another team's dialog")
	}
	look, cancel := context.WithTimeout(r.Context(), lookWithin)
	defer cancel()
	if req.ChannelId != parts[2] {
		// The application sends the channel looked at, which may have changed meanwhile: what counts is that the
		// person is still where the dialog was offered.
		if _, resp, err := p.client.GetChannelMember(look, parts[2], req.UserId, ""); gone(resp) {
			return nil, forbidden("a dialog of another channel")
		} else if err != nil {
			return nil, brief(err)
		}
	}
	user := p.userOr(look, req.UserId, "")
	values := make(map[string]string, len(req.Submission))
	for name, value := range req.Submission {
		values[name] = plain(value)
	}
	place := p.placeOf(h, p.channelOf(look, parts[2], ""))
	ticket, _ := p.tickets.issue(user.Id, parts[2], "", "", false)
	return p.submit(r.Context(), bot.Submission{
		Key: parts[0], Person: person(user), Place: place, Values: values, Cancelled: req.Cancelled,
		Lang: h.language(user), Ticket: ticket,
	})
}

// submit answers as soon as the step is taken or refused; what follows it is published behind.
func (p *Platform) submit(ctx context.Context, s bot.Submission) (any, error) {
	type result struct {
		invalid map[string]string
		err     error
	}
	taken, ended := make(chan struct{}), make(chan result, 1)
	s.Taken = func() { close(taken) }
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), formWithin)
	go func() {
		defer cancel()
		invalid, err := p.sink().Submit(ctx, s)
		ended <- result{invalid, err}
	}()
	select {
	case <-taken:
		return model.SubmitDialogResponse{}, nil
	case res := <-ended:
		if res.err != nil {
			return nil, fmt.Errorf("taking a dialog: %w", res.err)
		}
		return model.SubmitDialogResponse{Errors: res.invalid}, nil
	}
}

// plain is a submitted value as text.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return "" // null: a menu in which nothing was chosen
	}
}
