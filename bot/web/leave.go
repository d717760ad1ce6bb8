package web

import (
	"mime"
	"net/http"

	"candide/bot"
)

// link shows the visitor's private link.
func (p *Platform) link(w http.ResponseWriter, r *http.Request) {
	v := p.visitor(r)
	view := linkView{frame: p.frame(r, "link-title", "/link")}
	if v.known() {
		view.Link = p.base(r) + p.to(p.lang(r), "/c/"+v.token)
	}
	p.render(w, r, http.StatusOK, "link", view)
}

// base is how candidates reach the page.
func (p *Platform) base(r *http.Request) string {
	if p.o.PublicURL != "" {
		return trimSlash(p.o.PublicURL)
	}
	if p.o.Secure {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func trimSlash(s string) string {
	for len(s) > 0 && s[len(s)-1] == '/' {
		s = s[:len(s)-1]
	}
	return s
}

// come asks whoever follows a private link whether to open the conversation. A link alone does not open it: it could
// otherwise lead somebody, without their knowing, to write where its author reads.
func (p *Platform) come(w http.ResponseWriter, r *http.Request) {
	v, ok := visitorOf(r.PathValue("token"))
	if !ok {
		p.say(w, r, http.StatusNotFound, "link-bad")
		return
	}
	here := p.visitor(r)
	if here == v {
		p.see(w, r, "/", "last")
		return
	}
	p.render(w, r, http.StatusOK, "open", openView{
		frame: p.frame(r, "open-title", "/c/"+v.token), Token: v.token, Replaces: here.known(),
	})
}

// open makes the browser the holder of a private link.
func (p *Platform) open(w http.ResponseWriter, r *http.Request) {
	v, ok := visitorOf(values(w, r).Get("token"))
	if !ok {
		p.say(w, r, http.StatusNotFound, "link-bad")
		return
	}
	p.remember(w, v)
	p.see(w, r, "/", "last")
}

// askForget asks before the conversation is erased.
func (p *Platform) askForget(w http.ResponseWriter, r *http.Request) {
	p.render(w, r, http.StatusOK, "forget", p.frame(r, "forget-title", "/forget"))
}

// doForget erases the conversation and takes the cookie away. An interest already expressed stays: it is erased by
// the bot, at the person's command.
func (p *Platform) doForget(w http.ResponseWriter, r *http.Request) {
	v := p.visitor(r)
	if v.known() {
		p.tickets.cancel(v.id)
		p.files.forget(v.id)
		c, err := p.read(r.Context(), v.ref())
		if err != nil {
			p.broken(w, r, err)
			return
		}
		if c.form != nil {
			// Half a form is no expression of interest: the runtime forgets it too.
			_, err := p.currentOrNone().Submit(r.Context(), bot.Submission{
				Key: c.form.Key, Person: v.person(), Place: v.place(), Cancelled: true, Lang: p.lang(r),
			})
			if err != nil {
				p.o.Log.Warn("a form could not be cancelled", "error", err)
			}
		}
		if err := p.o.Store.EraseLines(r.Context(), v.ref()); err != nil {
			p.broken(w, r, err)
			return
		}
	}
	p.forget(w)
	p.say(w, r, http.StatusOK, "forgotten")
}

// file sends an attachment to its reader, as long as the line that carries it is there.
func (p *Platform) file(w http.ResponseWriter, r *http.Request) {
	v, id := p.visitor(r), r.PathValue("id")
	f, ok := p.files.get(v.id, id, p.o.Now())
	if ok {
		c, err := p.read(r.Context(), v.ref())
		if err != nil {
			p.broken(w, r, err)
			return
		}
		ok = c.attaches(id)
	}
	if !ok {
		p.say(w, r, http.StatusGone, "file-gone")
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	switch f.Type {
	case "application/json", "text/calendar", "text/csv", "application/pdf":
		w.Header().Set("Content-Type", f.Type)
	}
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, _ = w.Write(f.Data) // the reader may be gone
}

func (c conversation) attaches(id string) bool {
	for _, l := range c.lines {
		for _, f := range l.Files {
			if f.ID == id {
				return true
			}
		}
	}
	return false
}
