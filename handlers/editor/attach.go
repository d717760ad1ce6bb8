package editor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"candide/bot"
	"candide/faq"
	"candide/handlers/campaigns"
	"candide/storage"
)

// attachForm makes questions of the inbox ways to ask of an entry: which entry and which questions, then the preview,
// which alone saves.
const attachForm = "faq.attach"

const stepWhich = "which"

// Attach opens the form that adds phrasings to an entry.
func (h *Handler) Attach(r bot.Request, p Prefill) bot.Response {
	c := h.campaign(r)
	data := map[string]string{
		"campaign": h.files[c].ID, "lang": h.Campaigns.Lang(r), "group": strconv.Itoa(p.Group), "askers": strconv.Itoa(p.Askers),
		"topic": p.Topic,
	}
	r.Data = data
	return bot.Response{Form: &bot.Form{Name: attachForm, Data: data, Step: h.whichStep(r, "", p.Phrasings)}}
}

func (h *Handler) whichStep(r bot.Request, entry string, phrasings []string) bot.Step {
	lang, f := h.Campaigns.Lang(r), h.campaign(r).FAQ()
	var options []bot.Choice
	for _, e := range f.Entries {
		options = append(options, bot.Choice{Value: e.ID, Label: e.Title.In(lang, f.Language)})
	}
	field := h.phrasingsField(lang, "phrasings", phrasings, true)
	field.Optional = false
	return bot.Step{Name: stepWhich, Title: h.Words.Say(lang, "faq-form-attach"), Submit: h.Words.Say(lang, "faq-form-preview"), Fields: []bot.Field{
		{Name: "entry", Label: h.Words.Say(lang, "faq-field-entry"), Kind: bot.Select, Options: options, Default: entry}, field,
	}}
}

// attachStep takes a step's answers.
func (h *Handler) attachStep(ctx context.Context, r bot.Request, step string, answers map[string]string) (bot.Turn, error) {
	lang := h.Campaigns.Lang(r)
	if ok, err := r.IsRecruiter(ctx); err != nil {
		return bot.Turn{}, fmt.Errorf("checking a recruiter's rights: %w", err)
	} else if !ok {
		return bot.Turn{Response: bot.Whisper(h.Words.Say(lang, "recruiters-only"))}, nil
	}
	c := h.campaign(r)
	d, ok, err := h.attached(ctx, c, answers["entry"], lines(answers["phrasings"]), r.Data["topic"])
	if err != nil {
		return bot.Turn{}, err
	}
	if !ok {
		s := h.whichStep(r, "", lines(answers["phrasings"])) // archived meanwhile
		return bot.Turn{Next: &s}, nil
	}
	if step == stepConfirm {
		switch choice := answers[stepConfirm]; choice {
		case "save", "tell":
			return h.save(ctx, r, d, choice == "tell", true)
		case stepWhich:
			s := h.whichStep(r, d.entry.ID, lines(answers["phrasings"]))
			return bot.Turn{Next: &s}, nil
		default:
			return bot.Turn{Response: bot.Whisper(h.Words.Say(lang, "form-cancelled"))}, nil
		}
	}
	_, problems := h.changed(c, d.entry.ID, &d.entry)
	for _, p := range problems {
		if fieldOf(p, c.FAQ()) == "phrasings" {
			return bot.Turn{Invalid: map[string]string{"phrasings": h.say(lang, p)}}, nil
		}
	}
	s, err := h.confirmStep(ctx, r, d, problems)
	if err != nil {
		return bot.Turn{}, err
	}
	s.Choices = slices.DeleteFunc(s.Choices, func(c bot.Choice) bool { return c.Value == stepMore || c.Value == stepOther })
	for i := range s.Choices {
		if s.Choices[i].Value == stepText {
			s.Choices[i].Value = stepWhich
		}
	}
	return bot.Turn{Next: &s}, nil
}

// attached is the draft of an entry with more phrasings, those that it has already left out; ok is false when there is
// no such entry.
func (h *Handler) attached(ctx context.Context, c *campaigns.Campaign, id string, phrasings []string, topic string) (d draft, ok bool, err error) {
	list, err := h.rows(ctx, c)
	if err != nil {
		return draft{}, false, err
	}
	i := slices.IndexFunc(list, func(r row) bool { return r.entry.ID == id && !r.archived() })
	if i < 0 {
		return draft{}, false, nil
	}
	old := list[i].entry
	d = draft{campaign: c, entry: old, old: &old, base: list[i].version(), latest: list[i].latest}
	d.entry.Phrasings = map[string][]string{}
	for l, texts := range old.Phrasings {
		d.entry.Phrasings[l] = slices.Clone(texts)
	}
	addPhrasings(&d.entry, phrasings, c.FAQ().Language)
	if topic == "" || slices.Contains(old.Topics, topic) {
		return d, true, nil
	}
	// Questions about something that the entry does not name may find it no better than before.
	index, err := h.Build(c.FAQ().With(d.entry))
	if err != nil {
		return draft{}, false, fmt.Errorf("building the index of the edited FAQ: %w", err)
	}
	for _, text := range phrasings {
		if got := index.Decide(faq.Question{Text: text, Now: h.Now()}); got.Outcome != faq.Answered || got.Entry != id {
			d.entry.Topics = append(slices.Clone(old.Topics), topic)
			break
		}
	}
	return d, true, nil
}

// addPhrasings adds phrasings to an entry, each in its own language as far as that can be told.
func addPhrasings(e *faq.Entry, phrasings []string, main string) {
	for _, text := range phrasings {
		lang := faq.Language(text)
		if lang == "" {
			lang = main
		}
		if !slices.Contains(e.Phrasings[lang], text) {
			e.Phrasings[lang] = append(e.Phrasings[lang], text)
		}
	}
}

// saveProblem is what to answer when a draft could not be saved; nil when it was.
func (h *Handler) saveProblem(ctx context.Context, r bot.Request, d draft, problems faq.Problems, err error) (*bot.Turn, error) {
	switch {
	case errors.Is(err, storage.ErrStale):
		return &bot.Turn{Response: h.stale(ctx, r, d)}, nil
	case errors.Is(err, errProblems):
		text := h.Words.Say(h.Campaigns.Lang(r), "faq-preview-problems") + "\n" + h.sayAll(h.Campaigns.Lang(r), problems)
		return &bot.Turn{Response: bot.Whisper(text)}, nil
	}
	return nil, err
}
