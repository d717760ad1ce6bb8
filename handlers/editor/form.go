package editor

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"candide/bot"
	"candide/faq"
	"candide/handlers/campaigns"
	"candide/storage"
)

// editForm is the form that adds and changes entries. Its steps: the text, then a preview from which one goes on to the
// other language, the phrasings or the text again, and which alone saves.
const editForm = "faq.edit"

// The steps.
const (
	stepText    = "text"
	stepOther   = "other" // language
	stepMore    = "more"
	stepConfirm = "confirm"
)

// The longest texts, as the FAQ file has them; phrasings are as many as a dialog holds.
const (
	maxQuestion, maxAnswer, maxTitle, maxSource = 200, 1500, 40, 200
	maxPhrasings                                = 3000
)

// Prefill is what a form begins with, for an entry made from questions of the inbox.
type Prefill struct {
	Question, Answer string
	Phrasings        []string
	Topic            string // what the questions seem to be about
	Group            int    // of the inbox; 0: none
	Askers           int    // how many could be told
}

// add opens the form of a new entry.
func (h *Handler) add(_ context.Context, r bot.Request) (bot.Response, error) {
	return h.Open(r, Prefill{Question: clip(strings.TrimSpace(r.Text), maxQuestion)}), nil
}

// Open opens the form of a new entry, filled with what is known of it.
func (h *Handler) Open(r bot.Request, p Prefill) bot.Response {
	c := h.campaign(r)
	data := map[string]string{
		"campaign": h.files[c].ID, "lang": h.Campaigns.Lang(r), "base": "0", "topic": p.Topic,
		"group": strconv.Itoa(p.Group), "askers": strconv.Itoa(p.Askers),
	}
	r.Data = data
	draft := faq.Entry{}
	main := c.FAQ().Language
	draft.Question, draft.Answer = faq.Text{main: p.Question}, faq.Text{main: p.Answer}
	draft.Phrasings = map[string][]string{main: p.Phrasings}
	return bot.Response{Form: &bot.Form{Name: editForm, Data: data, Step: h.textStep(r, draft, true)}}
}

// joined puts as many phrasings in a field as it holds.
func joined(list []string) string {
	text := ""
	for _, s := range list {
		if len([]rune(text))+len([]rune(s))+1 > maxPhrasings {
			break
		}
		text += s + "\n"
	}
	return strings.TrimSpace(text)
}

// edit opens the form of an entry as it stands.
func (h *Handler) edit(ctx context.Context, r bot.Request) (bot.Response, error) {
	e, problem, err := h.asked(ctx, r, "faq modifier", "faq.edit")
	if err != nil {
		return bot.Response{}, err
	}
	if problem != nil {
		return *problem, nil
	}
	if e.archived() {
		return bot.Whisper(h.Words.Say(h.Campaigns.Lang(r), "faq-is-archived", "title", h.title(h.Campaigns.Lang(r), e)),
			h.button(r, "faq-button-back", "faq.undo", map[string]string{"entry": e.entry.ID})), nil
	}
	data := map[string]string{
		"campaign": h.files[h.campaign(r)].ID, "lang": h.Campaigns.Lang(r), "entry": e.entry.ID, "base": strconv.Itoa(e.version()),
	}
	r.Data = data
	return bot.Response{Form: &bot.Form{Name: editForm, Data: data, Step: h.textStep(r, e.entry, false)}}, nil
}

func (h *Handler) textStep(r bot.Request, e faq.Entry, adding bool) bot.Step {
	lang, l := h.Campaigns.Lang(r), h.campaign(r).FAQ().Language
	say := func(key string, args ...string) string { return h.Words.Say(lang, key, args...) }
	title := e.Title[l]
	if title == e.Question[l] {
		title = ""
	}
	fields := []bot.Field{
		{Name: "question", Label: say("faq-field-question"), Help: say("faq-field-question-help"), Default: e.Question[l], Max: maxQuestion, Kind: bot.Area},
		{Name: "answer", Label: say("faq-field-answer"), Help: say("faq-field-answer-help"), Default: e.Answer[l], Max: maxAnswer, Kind: bot.Area},
		{Name: "title", Label: say("faq-field-title"), Help: say("faq-field-title-help"), Default: title, Max: maxTitle, Optional: true},
	}
	if adding {
		fields = append(fields, h.phrasingsField(lang, "phrasings", e.Phrasings[l], true))
	} else {
		fields = append(fields, bot.Field{
			Name: "closed", Label: say("faq-field-closed"), Help: say("faq-field-closed-help"), Default: e.Closed[l], Max: maxAnswer, Kind: bot.Area, Optional: true,
		})
	}
	key := "faq-form-edit"
	if adding {
		key = "faq-form-add"
	}
	return bot.Step{Name: stepText, Title: say(key), Fields: fields, Submit: say("faq-form-preview")}
}

func (h *Handler) phrasingsField(lang, name string, list []string, main bool) bot.Field {
	label := "faq-field-phrasings"
	if !main {
		label = "faq-field-phrasings-other"
	}
	return bot.Field{
		Name: name, Label: h.Words.Say(lang, label), Help: h.Words.Say(lang, "faq-field-phrasings-help"),
		Default: joined(list), Max: maxPhrasings, Kind: bot.Area, Optional: true,
	}
}

func (h *Handler) otherStep(r bot.Request, e faq.Entry) bot.Step {
	lang, l := h.Campaigns.Lang(r), langsOf(h.campaign(r).FAQ())[1]
	say := func(key string) string { return h.Words.Say(lang, key) }
	title := e.Title[l]
	if title == e.Question[l] {
		title = ""
	}
	return bot.Step{Name: stepOther, Title: say("faq-form-other"), Submit: say("faq-form-preview"), Fields: []bot.Field{
		{Name: "question_other", Label: say("faq-field-question-other"), Default: e.Question[l], Max: maxQuestion, Kind: bot.Area, Optional: true},
		{Name: "answer_other", Label: say("faq-field-answer-other"), Default: e.Answer[l], Max: maxAnswer, Kind: bot.Area, Optional: true},
		{Name: "title_other", Label: say("faq-field-title-other"), Default: title, Max: maxTitle, Optional: true},
		{Name: "closed_other", Label: say("faq-field-closed-other"), Default: e.Closed[l], Max: maxAnswer, Kind: bot.Area, Optional: true},
	}}
}

func (h *Handler) moreStep(r bot.Request, e faq.Entry) bot.Step {
	lang, langs := h.Campaigns.Lang(r), langsOf(h.campaign(r).FAQ())
	say := func(key string) string { return h.Words.Say(lang, key) }
	return bot.Step{Name: stepMore, Title: say("faq-form-more"), Submit: say("faq-form-preview"), Fields: []bot.Field{
		h.phrasingsField(lang, "phrasings", e.Phrasings[langs[0]], true),
		h.phrasingsField(lang, "phrasings_other", e.Phrasings[langs[1]], false),
		{Name: "topics", Label: say("faq-field-topics"), Help: say("faq-field-topics-help"), Default: strings.Join(e.Topics, ", "), Optional: true},
		{Name: "source", Label: say("faq-field-source"), Help: say("faq-field-source-help"), Default: e.Source, Max: maxSource, Kind: bot.Area, Optional: true},
	}}
}

// step takes a step's answers: each goes on to the preview, from which the others are reached.
func (h *Handler) step(ctx context.Context, r bot.Request, step string, answers map[string]string) (bot.Turn, error) {
	lang := h.Campaigns.Lang(r)
	// Rights are checked again: the person may have left the recruiters since the form was opened.
	if ok, err := r.IsRecruiter(ctx); err != nil {
		return bot.Turn{}, fmt.Errorf("checking a recruiter's rights: %w", err)
	} else if !ok {
		return bot.Turn{Response: bot.Whisper(h.Words.Say(lang, "recruiters-only"))}, nil
	}
	c := h.campaign(r)
	d, err := h.draft(ctx, r, c, answers)
	if err != nil {
		return bot.Turn{}, err
	}
	if step == stepConfirm {
		switch choice := answers[stepConfirm]; choice {
		case "save", "tell":
			return h.save(ctx, r, d, choice == "tell", false)
		case stepText:
			s := h.textStep(r, d.entry, d.old == nil)
			return bot.Turn{Next: &s}, nil
		case stepOther:
			s := h.otherStep(r, d.entry)
			return bot.Turn{Next: &s}, nil
		case stepMore:
			s := h.moreStep(r, d.entry)
			return bot.Turn{Next: &s}, nil
		default:
			return bot.Turn{Response: bot.Whisper(h.Words.Say(lang, "form-cancelled"))}, nil
		}
	}
	_, problems := h.changed(c, d.entry.ID, &d.entry)
	if invalid := h.invalid(lang, c.FAQ(), step, d.old == nil, problems); len(invalid) > 0 {
		return bot.Turn{Invalid: invalid}, nil
	}
	s, err := h.confirmStep(ctx, r, d, problems)
	if err != nil {
		return bot.Turn{}, err
	}
	return bot.Turn{Next: &s}, nil
}

// draft is an entry being written.
type draft struct {
	campaign *campaigns.Campaign
	entry    faq.Entry
	old      *faq.Entry // as the form was opened on; nil: a new one
	base     int
	latest   *storage.Edit // nil: as the file has it
}

// draft makes the entry of a form out of what it was opened on and what was answered so far.
func (h *Handler) draft(ctx context.Context, r bot.Request, c *campaigns.Campaign, answers map[string]string) (draft, error) {
	d := draft{campaign: c}
	list, err := h.rows(ctx, c)
	if err != nil {
		return d, err
	}
	d.base, _ = strconv.Atoi(r.Data["base"])
	f, langs := c.FAQ(), langsOf(c.FAQ())
	if id := r.Data["entry"]; id != "" {
		for _, known := range list {
			if known.entry.ID == id {
				d.latest, d.entry = known.latest, known.entry
			}
		}
		old, err := h.versionOf(ctx, c, id, d.base)
		if err != nil {
			return d, err
		}
		if old != nil {
			d.entry = *old
		}
		kept := d.entry
		d.old = &kept
	}
	e := &d.entry
	e.Question, e.Answer, e.Title, e.Closed = clone(e.Question), clone(e.Answer), clone(e.Title), clone(e.Closed)
	phrasings := map[string][]string{}
	for l, texts := range e.Phrasings {
		phrasings[l] = texts
	}
	e.Phrasings = phrasings
	for i, suffix := range []string{"", "_other"} {
		set(e.Question, langs[i], answers, "question"+suffix)
		set(e.Answer, langs[i], answers, "answer"+suffix)
		set(e.Closed, langs[i], answers, "closed"+suffix)
		set(e.Title, langs[i], answers, "title"+suffix)
		if e.Title[langs[i]] == "" && e.Question[langs[i]] != "" {
			e.Title[langs[i]] = clip(e.Question[langs[i]], maxTitle)
		}
		if text, ok := answers["phrasings"+suffix]; ok {
			e.Phrasings[langs[i]] = nil
			if group := r.Data["group"]; group != "" && group != "0" {
				addPhrasings(e, lines(text), langs[i]) // people asked in whatever language
			} else {
				e.Phrasings[langs[i]] = lines(text)
			}
		}
	}
	for _, t := range []*faq.Text{&e.Question, &e.Answer, &e.Title, &e.Closed} {
		if len(*t) == 0 {
			*t = nil
		}
	}
	if text, ok := answers["topics"]; ok {
		e.Topics = strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ',' || r == ' ' || r == ';' || r == '\n' })
	} else if d.old == nil {
		e.Topics = h.topics(r, f, *e)
	}
	if text, ok := answers["source"]; ok {
		e.Source = text
	}
	if e.ID == "" {
		e.ID = newID(list, e.Title[langs[0]])
	}
	return d, nil
}

// topics proposes the topic of a new entry: what its questions seem to be about, unless another entry is there for it.
func (h *Handler) topics(r bot.Request, f *faq.FAQ, e faq.Entry) []string {
	topic := r.Data["topic"]
	if topic == "" && h.Propose != nil {
		topic = h.Propose(e.Question.In(f.Language, f.Language))
	}
	if topic == "" {
		return nil
	}
	for _, other := range f.Entries {
		if slices.Contains(other.Topics, topic) {
			return nil
		}
	}
	return []string{topic}
}

func clone(t faq.Text) faq.Text {
	c := faq.Text{}
	for lang, s := range t {
		c[lang] = s
	}
	return c
}

// set puts an answer in a text; an empty one takes it away.
func set(t faq.Text, lang string, answers map[string]string, name string) {
	s, ok := answers[name]
	switch {
	case !ok:
	case strings.TrimSpace(s) == "":
		delete(t, lang)
	default:
		t[lang] = strings.TrimSpace(s)
	}
}

// lines are the phrasings of a field, one a line.
func lines(text string) []string {
	var list []string
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(strings.TrimLeft(l, "-•* ")); l != "" && !slices.Contains(list, l) {
			list = append(list, l)
		}
	}
	return list
}
