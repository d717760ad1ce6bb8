package web

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"candide/bot"
)

const (
	// readBody is how much of a request is looked at, and drainBody how much more is read and thrown away, so that
	// the browser of somebody who pastes a whole CV gets an answer rather than a broken connection.
	readBody  = 64 << 10
	drainBody = 1 << 20
	// shownText is how much of a message that is too long is kept and shown, in characters; longText is what is
	// too long for the bot.
	shownText = 500
	longText  = 4000
)

// commands are the words that the menu says to the bot in the visitor's place.
func commands() map[string]string {
	return map[string]string{
		"interet":             "interest",
		"mes-donnees":         "my-data",
		"effacer-mes-donnees": "erase-data",
	}
}

// values reads a form's fields. What is past readBody is dropped: a message is then too long for the bot, which
// says so itself.
func values(w http.ResponseWriter, r *http.Request) url.Values {
	r.Body = http.MaxBytesReader(w, r.Body, drainBody)
	src, err := io.ReadAll(io.LimitReader(r.Body, readBody))
	if err == nil && len(src) == readBody {
		_, _ = io.Copy(io.Discard, r.Body) // whatever happens here, what was read is answered
	}
	// A letter may be cut in two; the fields before it are whole.
	if cut := strings.LastIndexByte(string(src), '%'); len(src) == readBody && cut >= len(src)-2 {
		src = src[:cut]
	}
	v, _ := url.ParseQuery(string(src)) // a field that cannot be read counts as not sent
	return v
}

// clean makes text of what somebody sent: valid UTF-8, without control characters but for lines and tabs.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		// Bidirectional overrides make text read otherwise than it is written.
		if unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// message takes what somebody wrote, or a command of the menu.
func (p *Platform) message(w http.ResponseWriter, r *http.Request) {
	form := values(w, r)
	text, shown := clean(form.Get("text")), ""
	if command := form.Get("command"); command != "" {
		label, ok := commands()[command]
		if !ok {
			p.missing(w, r)
			return
		}
		text, shown = command, p.words.say(p.lang(r), label)
	}
	if text == "" {
		p.showHome(w, r, http.StatusUnprocessableEntity, "empty")
		return
	}
	nonce, v := form.Get("n"), p.visitor(r)
	if !v.known() {
		v = p.newcomers.visitor(nonce, p.o.Now())
	}
	if !p.turn(w, r, v) {
		return
	}
	if shown == "" {
		shown = text
		if utf8.RuneCountInString(text) > longText {
			shown = string([]rune(text)[:shownText]) + "…"
		}
	}
	id := messageID(v, nonce, text)
	if err := p.keepMessage(r, v, id, shown); err != nil {
		p.broken(w, r, err)
		return
	}
	p.remember(w, v)
	ticket := p.tickets.issue(v.id, p.o.Now())
	done, err := p.currentOrNone().Message(r.Context(), bot.Message{
		ID: bot.PostID(id), Place: v.place(), From: v.person(), Text: text, At: p.o.Now(),
		Addressed: true, Lang: p.lang(r), Ticket: ticket,
	})
	if err != nil {
		p.tickets.done(ticket)
		if rerr := p.o.Store.RemoveLine(r.Context(), v.ref(), id); rerr != nil {
			err = errors.Join(err, rerr)
		}
		p.refused(w, r, err)
		return
	}
	if p.answered(w, r, v, done, ticket) {
		return
	}
	p.see(w, r, "/", "p-"+id)
}

// keepMessage adds the candidate's line, once: a page sent twice keeps the first time.
func (p *Platform) keepMessage(r *http.Request, v visitor, id, shown string) error {
	c, err := p.read(r.Context(), v.ref())
	if err != nil || c.has(id) {
		return err
	}
	return p.keep(r.Context(), v.ref(), line{id: id, at: p.o.Now(), body: body{Kind: kindYou, Text: shown}})
}

// messageID is the same for the same text sent twice from the same page, and for nothing else.
func messageID(v visitor, nonce, text string) string {
	if nonce == "" {
		nonce = randomToken()
	}
	sum := sha256.Sum256([]byte(v.id + "\x00" + nonce + "\x00" + text))
	return base64.RawURLEncoding.EncodeToString(sum[:tokenBytes])
}

// answered waits for the work on a request, not too long, and shows the form that it opened, if any.
func (p *Platform) answered(w http.ResponseWriter, r *http.Request, v visitor, done <-chan struct{}, ticket bot.Ticket) bool {
	patience := time.NewTimer(p.o.Patience)
	defer patience.Stop()
	select {
	case <-done:
		opened := p.tickets.opened(ticket)
		p.tickets.done(ticket)
		if opened {
			p.see(w, r, "/form", "")
		}
		return opened
	case <-patience.C:
	case <-r.Context().Done():
	}
	return false
}

// press takes a button of one of the bot's lines.
func (p *Platform) press(w http.ResponseWriter, r *http.Request) {
	form, v := values(w, r), p.visitor(r)
	if !v.known() {
		p.say(w, r, http.StatusConflict, "button-over")
		return
	}
	if !p.turn(w, r, v) {
		return
	}
	before, err := p.read(r.Context(), v.ref())
	if err != nil {
		p.broken(w, r, err)
		return
	}
	post, ticket := form.Get("post"), p.tickets.issue(v.id, p.o.Now())
	if !before.has(post) {
		p.say(w, r, http.StatusConflict, "button-over") // no line of theirs: whatever the key, it was not offered here
		return
	}
	done, err := p.currentOrNone().Press(r.Context(), bot.Press{
		Key: form.Get("key"), Person: v.person(), Place: v.place(), Post: bot.PostID(post),
		Lang: p.lang(r), Ticket: ticket,
	})
	if err != nil {
		p.tickets.done(ticket)
		p.refused(w, r, err)
		return
	}
	p.remember(w, v)
	if p.answered(w, r, v, done, ticket) {
		return
	}
	after, err := p.read(r.Context(), v.ref())
	if err != nil {
		p.broken(w, r, err)
		return
	}
	for _, l := range after.lines {
		if !before.has(l.id) {
			post = l.id
			break
		}
	}
	p.see(w, r, "/", "p-"+post)
}

// refused says why the bot took nothing.
func (p *Platform) refused(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, bot.ErrRefused):
		p.say(w, r, http.StatusConflict, "button-over")
	case errors.Is(err, bot.ErrBusy):
		w.Header().Set("Retry-After", "10")
		p.say(w, r, http.StatusServiceUnavailable, "busy")
	case errors.Is(err, errNotRunning):
		w.Header().Set("Retry-After", "10")
		p.say(w, r, http.StatusServiceUnavailable, "starting")
	default:
		p.broken(w, r, err)
	}
}

// see sends the browser on, to a part of a page where there is one.
func (p *Platform) see(w http.ResponseWriter, r *http.Request, path, part string) {
	to := p.to(p.lang(r), path)
	if part != "" {
		to += "#" + part
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}
