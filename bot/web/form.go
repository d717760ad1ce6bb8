package web

import (
	"errors"
	"net/http"
	"net/url"

	"candide/bot"
)

// form shows the open form.
func (p *Platform) form(w http.ResponseWriter, r *http.Request) {
	v := p.visitor(r)
	c, err := p.read(r.Context(), v.ref())
	if err != nil {
		p.broken(w, r, err)
		return
	}
	if c.form == nil {
		p.see(w, r, "/", "")
		return
	}
	p.render(w, r, http.StatusOK, "form", p.formView(r, *c.form))
}

// submit takes a step, or its cancellation.
func (p *Platform) submit(w http.ResponseWriter, r *http.Request) {
	sent, v := values(w, r), p.visitor(r)
	if !v.known() {
		p.say(w, r, http.StatusConflict, "form-over")
		return
	}
	if !p.turn(w, r, v) {
		return
	}
	c, err := p.read(r.Context(), v.ref())
	if err != nil {
		p.broken(w, r, err)
		return
	}
	key := sent.Get("key")
	if c.form == nil || c.form.Key != key {
		if c.form != nil {
			p.see(w, r, "/form", "") // an older page of the form: the step that is open comes back
			return
		}
		p.say(w, r, http.StatusConflict, "form-over")
		return
	}
	typed := typedValues(c.form.Step, sent)
	ticket := p.tickets.issue(v.id, p.o.Now())
	defer p.tickets.done(ticket)
	invalid, err := p.currentOrNone().Submit(r.Context(), bot.Submission{
		Key: key, Person: v.person(), Place: v.place(), Values: typed,
		Cancelled: sent.Has("cancel"), Lang: p.lang(r), Ticket: ticket,
	})
	switch {
	case errors.Is(err, bot.ErrRefused):
		if err := p.closeForm(r.Context(), v); err != nil {
			p.o.Log.Error("a form that is over stays", "error", err)
		}
		p.say(w, r, http.StatusConflict, "form-over")
	case err != nil:
		p.refused(w, r, err)
	case len(invalid) > 0:
		view := *c.form
		view.Errors, view.Values = invalid, typed
		p.render(w, r, http.StatusUnprocessableEntity, "form", p.formView(r, view))
	case p.tickets.opened(ticket):
		p.remember(w, v)
		p.see(w, r, "/form", "")
	default:
		p.formDone(w, r, v, c)
	}
}

// formDone closes the form and shows what the bot said of it.
func (p *Platform) formDone(w http.ResponseWriter, r *http.Request, v visitor, before conversation) {
	if err := p.closeForm(r.Context(), v); err != nil {
		p.broken(w, r, err)
		return
	}
	after, err := p.read(r.Context(), v.ref())
	if err != nil {
		p.broken(w, r, err)
		return
	}
	p.remember(w, v)
	part := "last"
	for _, l := range after.lines {
		if !before.has(l.id) {
			part = "p-" + l.id
			break
		}
	}
	p.see(w, r, "/", part)
}

// typedValues are the answers sent to a step, and nothing else that was sent.
func typedValues(step bot.Step, sent url.Values) map[string]string {
	typed := map[string]string{}
	if len(step.Choices) > 0 {
		typed[step.Name] = clean(sent.Get(fieldPrefix + step.Name))
	}
	for _, f := range step.Fields {
		typed[f.Name] = clean(sent.Get(fieldPrefix + f.Name))
	}
	return typed
}

// fieldPrefix keeps a form's fields apart from the page's own.
const fieldPrefix = "f-"
