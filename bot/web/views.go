package web

import (
	"bytes"
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"candide/bot"
)

// frame is what every page is made of.
type frame struct {
	page *Platform

	Lang     string
	Title    string // of the document
	Path     string // of the page, for the link to the other language
	Nonce    string // makes a page sent twice count once
	Campaign Page
	Known    bool // the visitor has a conversation
	Options  Options
}

// The pages, each with its frame.
type (
	homeView struct {
		frame
		Log   logView
		Alert string // a word about what was just sent
	}
	logView struct {
		Frame   frame
		Lines   []lineView
		Form    bool // one is open
		Waiting bool // an answer is on its way
		Version string
	}
	lineView struct {
		ID, Kind, Text string
		Day, DayID     string // only where it changes
		Time, Machine  string
		Buttons, Links []bot.Action
		Files          []fileView
	}
	fileView struct {
		Name, Path, Kilo string
		There            bool // it can still be fetched
	}
	formView struct {
		frame
		Form    bot.FormView
		Heading string
		Wrong   []wrong
		Fields  []fieldView
		Choices []choiceView
	}
	wrong struct {
		ID, Label, Problem string
	}
	fieldView struct {
		bot.Field
		ID, Value, Problem, Described, Complete string
		Options                                 []choiceView
	}
	choiceView struct {
		bot.Choice
		ID      string
		Chosen  bool
		Primary bool
		Danger  bool
	}
	linkView struct {
		frame
		Link string
	}
	openView struct {
		frame
		Token    string
		Replaces bool // another conversation is open here
	}
	sayView struct {
		frame
		Heading, Text string
	}
)

// lang is the language that the visitor chose, or the page's.
func (p *Platform) lang(r *http.Request) string {
	if lang := r.URL.Query().Get("lang"); lang != "" {
		if _, ok := p.words[lang]; ok {
			return lang
		}
	}
	return p.o.Language
}

// to is a path that remembers the language.
func (p *Platform) to(lang, path string) string {
	if lang == p.o.Language {
		return path
	}
	return path + "?lang=" + lang
}

func (p *Platform) frame(r *http.Request, title, path string) frame {
	lang := p.lang(r)
	return frame{
		page: p, Lang: lang, Title: p.words.say(lang, title), Path: path, Nonce: randomToken(),
		Campaign: p.o.FAQ.FAQ(lang, p.o.Now()), Known: p.visitor(r).known(), Options: p.o,
	}
}

// Say returns one of the page's sentences.
func (f frame) Say(key string, args ...string) (string, error) {
	return f.page.words.find(f.Lang, key, args...)
}

// Keep says how long a conversation is kept.
func (f frame) Keep() string { return f.page.words.span(f.Lang, f.page.o.Keep) }

// To is a path of this site in the page's language.
func (f frame) To(path string) string { return f.page.to(f.Lang, path) }

// Asset is where one of the page's own files is.
func (f frame) Asset(name string) (string, error) { return f.page.assets.url(name) }

// OtherName is that language's own name.
func (f frame) OtherName() (string, error) { return f.page.words.find(f.Other(), "language") }

// Here is the tab that the page belongs to.
func (f frame) Here() string {
	switch f.Path {
	case "/":
		return "chat"
	case "/faq":
		return "faq"
	}
	return ""
}

// Other is the language that the page can be read in besides.
func (f frame) Other() string {
	if f.Lang == "fr" {
		return "en"
	}
	return "fr"
}

// ToOther is this page in the other language.
func (f frame) ToOther() string { return f.page.to(f.Other(), cmp.Or(f.Path, "/")) }

// home shows the conversation, or what to begin with.
func (p *Platform) home(w http.ResponseWriter, r *http.Request) { p.showHome(w, r, http.StatusOK, "") }

func (p *Platform) showHome(w http.ResponseWriter, r *http.Request, status int, alert string) {
	view := homeView{frame: p.frame(r, "home-title", "/")}
	var err error
	if view.Log, err = p.logView(r, view.frame); err != nil {
		p.broken(w, r, err)
		return
	}
	if alert != "" {
		view.Alert = p.words.say(view.Lang, alert)
	}
	p.render(w, r, status, "home", view)
}

// log is the conversation alone, for the script that asks for news; nothing when there are none.
func (p *Platform) log(w http.ResponseWriter, r *http.Request) {
	view, err := p.logView(r, p.frame(r, "home-title", "/"))
	if err != nil {
		p.broken(w, r, err)
		return
	}
	if r.URL.Query().Get("v") == view.Version {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	p.render(w, r, http.StatusOK, "log", view)
}

func (p *Platform) logView(r *http.Request, f frame) (logView, error) {
	c, err := p.read(r.Context(), p.visitor(r).ref())
	if err != nil {
		return logView{}, err
	}
	view := logView{Frame: f, Version: c.version, Form: c.form != nil}
	day := ""
	for _, l := range c.lines {
		at := l.at.In(p.o.Zone)
		lv := lineView{
			ID: l.id, Kind: l.Kind, Text: l.Text,
			Time: at.Format("15:04"), Machine: at.Format(time.RFC3339),
		}
		if today := p.words.day(f.Lang, at); today != day {
			lv.Day, lv.DayID, day = today, at.Format(time.DateOnly), today
		}
		for _, a := range l.Actions {
			if a.URL == "" {
				lv.Buttons = append(lv.Buttons, a)
			} else if to, ok := safeURL(a.URL); ok {
				a.URL = to
				lv.Links = append(lv.Links, a)
			}
		}
		for _, f := range l.Files {
			_, there := p.files.get(p.visitor(r).id, f.ID, p.o.Now())
			lv.Files = append(lv.Files, fileView{
				Name: f.Name, Path: "/file/" + f.ID, Kilo: strconv.Itoa((f.Size + 999) / 1000), There: there,
			})
		}
		view.Lines = append(view.Lines, lv)
	}
	if n := len(c.lines); n > 0 {
		last := c.lines[n-1]
		view.Waiting = last.Kind == kindYou && c.form == nil && p.o.Now().Sub(last.at) < time.Minute
	}
	return view, nil
}

func (p *Platform) faq(w http.ResponseWriter, r *http.Request) {
	p.render(w, r, http.StatusOK, "faq", p.frame(r, "faq-title", "/faq"))
}

func (p *Platform) privacy(w http.ResponseWriter, r *http.Request) {
	p.render(w, r, http.StatusOK, "privacy", p.frame(r, "privacy-title", "/privacy"))
}

// say shows one of the page's fixed messages: its words are key-title and key-text.
func (p *Platform) say(w http.ResponseWriter, r *http.Request, status int, key string, args ...string) {
	view := sayView{frame: p.frame(r, key+"-title", "")}
	view.Heading, view.Text = view.Title, p.words.say(view.Lang, key+"-text", args...)
	if key == "forgotten" {
		view.Known = false
	}
	p.render(w, r, status, "say", view)
}

// formView shows a form's step.
func (p *Platform) formView(r *http.Request, form bot.FormView) formView {
	view := formView{frame: p.frame(r, "form-title", "/form"), Form: form, Heading: form.Step.Heading(100)}
	if view.Heading == "" {
		view.Heading = view.Title
	}
	view.Title = view.Heading
	value := func(f bot.Field) string {
		if form.Values != nil {
			return form.Values[f.Name]
		}
		return f.Default
	}
	for i, c := range form.Step.Choices {
		cv := choiceView{Choice: c, Primary: c.Style == bot.Primary, Danger: c.Style == bot.Danger}
		if i == 0 {
			cv.ID = fieldPrefix + form.Step.Name
		}
		view.Choices = append(view.Choices, cv)
	}
	for _, f := range form.Step.Fields {
		fv := fieldView{Field: f, ID: fieldPrefix + f.Name, Value: value(f), Problem: form.Errors[f.Name], Complete: string(f.Purpose)}
		var described []string
		if f.Help != "" {
			described = append(described, fv.ID+"-help")
		}
		if fv.Problem != "" {
			described = append(described, fv.ID+"-wrong")
		}
		fv.Described = strings.Join(described, " ")
		for i, o := range f.Options {
			ov := choiceView{Choice: o, ID: fv.ID, Chosen: o.Value == fv.Value}
			if i > 0 {
				ov.ID += "-" + o.Value
			}
			fv.Options = append(fv.Options, ov)
		}
		view.Fields = append(view.Fields, fv)
		if fv.Problem != "" {
			view.Wrong = append(view.Wrong, wrong{ID: fv.ID, Label: f.Label, Problem: fv.Problem})
		}
	}
	// What is wrong with no field in particular.
	for name, problem := range form.Errors {
		if !slices.ContainsFunc(form.Step.Fields, func(f bot.Field) bool { return f.Name == name }) {
			view.Wrong = append(view.Wrong, wrong{ID: fieldPrefix + form.Step.Name, Label: view.Heading, Problem: problem})
		}
	}
	if len(view.Wrong) > 0 {
		view.Title = p.words.say(view.Lang, "form-wrong-title", "title", view.Heading)
	}
	return view
}

// render writes a page, whole or not at all.
func (p *Platform) render(w http.ResponseWriter, r *http.Request, status int, name string, view any) {
	var page bytes.Buffer
	if err := p.templates.ExecuteTemplate(&page, name, view); err != nil {
		p.o.Log.Error("a web page could not be made", "page", name, "error", err)
		http.Error(w, p.words.say(p.lang(r), "broken-text"), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // the reader may be gone
}
