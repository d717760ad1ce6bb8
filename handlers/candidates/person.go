package candidates

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"candide/bot"
	"candide/internal/dates"
	"candide/storage"
)

const (
	// maxNote is the longest note, in characters.
	maxNote = 1000
	// notesShown is how many notes are shown, the latest ones: a card is one post. The export has them all.
	notesShown = 5
)

// view shows one candidate, with what is usually done next.
func (h *Handler) view(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.campaigns.Lang(r)
	i, _, problem, err := h.find(ctx, r, "candidate-number")
	if err != nil || problem != "" {
		return bot.Whisper(problem), err
	}
	return h.card(ctx, r, lang, i), nil
}

// card is everything about a candidate, for one recruiter's eyes.
func (h *Handler) card(ctx context.Context, r bot.Request, lang string, i storage.Interest) bot.Response {
	zone := h.campaigns.ByID(i.Campaign).Zone
	said := func(s string) string {
		if s == "" {
			return h.words.Say(lang, "unsaid")
		}
		return s
	}
	level := ""
	if i.Level == "junior" || i.Level == "experienced" {
		level = h.words.Say(lang, "interest-level-"+i.Level)
	}
	recontact := "no"
	if !i.RecontactAt.IsZero() {
		recontact = "yes"
	}
	rows := []string{h.words.Say(lang, "candidate", "n", strconv.Itoa(i.Number), "name", i.Name, "reach", i.Reach,
		"level", said(level), "subjects", said(i.Subjects), "message", said(i.Message),
		"stage", h.stageName(lang, i.Stage), "date", dates.Day(i.CreatedAt.In(zone), lang),
		"recontact", h.words.Say(lang, recontact))}
	older := max(0, len(i.Notes)-notesShown)
	if older > 0 {
		rows = append(rows, h.words.Count(lang, "candidate-notes-older", older))
	}
	for _, note := range i.Notes[older:] {
		rows = append(rows, h.words.Say(lang, "candidate-note", "date", dates.Moment(note.At.In(zone), lang),
			"by", h.who(ctx, lang, note.By), "text", note.Text))
	}
	n := strconv.Itoa(i.Number)
	data := map[string]string{"n": n, "lang": lang}
	reply := bot.Reply{Text: strings.Join(rows, "\n"), Private: true, About: []storage.PersonRef{i.Person}}
	if s := next(i.Stage); s != "" {
		reply.Buttons = append(reply.Buttons, bot.Button{
			Label: h.words.Say(lang, "candidate-next", "stage", h.stageName(lang, s)), Do: "candidates.stage", Style: bot.Primary,
			Data: map[string]string{"n": n, "lang": lang, "stage": string(s)},
		})
	}
	reply.Buttons = append(reply.Buttons,
		bot.Button{Label: h.words.Say(lang, "candidate-other-stage"), Do: "candidates.stage", Data: data},
		bot.Button{Label: h.words.Say(lang, "candidate-add-note"), Do: "candidates.note", Data: data})
	return bot.Response{Replies: []bot.Reply{reply}}
}

// who is how a recruiter is called, for recruiters.
func (h *Handler) who(ctx context.Context, lang string, p storage.PersonRef) string {
	if p != "" {
		if name := h.names.NameOf(ctx, bot.PersonFromRef(p)); name != "" {
			return name
		}
	}
	return h.words.Say(lang, "somebody")
}

// stage moves a candidate along: “3 jury”, a button that says where to, or the form that asks.
func (h *Handler) stage(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.campaigns.Lang(r)
	i, rest, problem, err := h.find(ctx, r, "candidate-stage-usage")
	if err != nil || problem != "" {
		return bot.Whisper(problem), err
	}
	if s := r.Data["stage"]; s != "" {
		rest = s
	}
	if rest == "" {
		step := bot.Step{
			Name: "stage", Title: h.words.Say(lang, "candidate-form-title", "n", strconv.Itoa(i.Number)),
			Intro: h.words.Say(lang, "candidate-stage-intro", "n", strconv.Itoa(i.Number), "stage", h.stageName(lang, i.Stage)),
			Fields: []bot.Field{{
				Name: "stage", Label: h.words.Say(lang, "candidate-field-stage"), Kind: bot.Select, Default: string(i.Stage),
			}},
		}
		for _, s := range storage.Stages() {
			step.Fields[0].Options = append(step.Fields[0].Options, bot.Choice{Value: string(s), Label: h.stageName(lang, s)})
		}
		return bot.Response{Form: &bot.Form{Name: "candidate-stage", Data: formData(lang, i), Step: step}}, nil
	}
	stage, ok := parseStage(h.words, rest)
	if !ok {
		return bot.Whisper(h.words.Say(lang, "candidate-stage-unknown", "asked", rest, "stages", h.stageList(lang))), nil
	}
	return h.move(ctx, r, lang, i, stage)
}

func formData(lang string, i storage.Interest) map[string]string {
	return map[string]string{"n": strconv.Itoa(i.Number), "lang": lang}
}

func (h *Handler) move(ctx context.Context, r bot.Request, lang string, i storage.Interest, stage storage.Stage) (bot.Response, error) {
	n := strconv.Itoa(i.Number)
	if i.Stage == stage {
		return bot.Whisper(h.words.Say(lang, "candidate-stage-same", "n", n, "stage", h.stageName(lang, stage))), nil
	}
	if _, err := h.store.SetStage(ctx, i.Number, stage, r.From.Ref(), h.now()); err != nil {
		return h.gone(lang, n, err)
	}
	text := h.words.Say(lang, "candidate-moved", "n", n, "from", h.stageName(lang, i.Stage), "to", h.stageName(lang, stage))
	return bot.Whisper(text, h.viewButton(lang, n)), nil
}

func (h *Handler) viewButton(lang, n string) bot.Button {
	return bot.Button{
		Label: h.words.Say(lang, "candidates-view", "n", n), Do: "candidates.view", Data: map[string]string{"n": n, "lang": lang},
	}
}

// gone answers a change of somebody who was erased meanwhile.
func (h *Handler) gone(lang, n string, err error) (bot.Response, error) {
	if errors.Is(err, storage.ErrNotFound) {
		return bot.Whisper(h.words.Say(lang, "candidate-unknown", "n", n)), nil
	}
	return bot.Response{}, fmt.Errorf("changing candidate %s: %w", n, err)
}

func (h *Handler) stageForm(ctx context.Context, r bot.Request, _ string, answers map[string]string) (bot.Turn, error) {
	if refusal, err := h.allowed(ctx, r); refusal != nil || err != nil {
		return orEmpty(refusal), err
	}
	i, _, problem, err := h.find(ctx, r, "candidate-stage-usage")
	if err != nil || problem != "" {
		return bot.Turn{Response: bot.Whisper(problem)}, err
	}
	res, err := h.move(ctx, r, h.campaigns.Lang(r), i, storage.Stage(answers["stage"]))
	return bot.Turn{Response: res}, err
}

func orEmpty(t *bot.Turn) bot.Turn {
	if t == nil {
		return bot.Turn{}
	}
	return *t
}

// note adds a note: “3 à rappeler lundi”, or the form that asks.
func (h *Handler) note(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.campaigns.Lang(r)
	i, rest, problem, err := h.find(ctx, r, "candidate-note-usage")
	if err != nil || problem != "" {
		return bot.Whisper(problem), err
	}
	if rest == "" {
		return bot.Response{Form: &bot.Form{Name: "candidate-note", Data: formData(lang, i), Step: bot.Step{
			Name: "note", Title: h.words.Say(lang, "candidate-form-title", "n", strconv.Itoa(i.Number)),
			Fields: []bot.Field{{
				Name: "note", Label: h.words.Say(lang, "candidate-field-note"), Help: h.words.Say(lang, "candidate-field-note-help"),
				Kind: bot.Area, Max: maxNote,
			}},
		}}}, nil
	}
	if n := len([]rune(rest)); n > maxNote {
		return bot.Whisper(h.words.Say(lang, "form-too-long", "n", strconv.Itoa(n), "max", strconv.Itoa(maxNote))), nil
	}
	return h.add(ctx, r, lang, i, rest)
}

func (h *Handler) add(ctx context.Context, r bot.Request, lang string, i storage.Interest, text string) (bot.Response, error) {
	n := strconv.Itoa(i.Number)
	if _, err := h.store.AddNote(ctx, i.Number, storage.Note{By: r.From.Ref(), At: h.now(), Text: text}); err != nil {
		return h.gone(lang, n, err)
	}
	return bot.Whisper(h.words.Say(lang, "candidate-noted", "n", n), h.viewButton(lang, n)), nil
}

func (h *Handler) noteForm(ctx context.Context, r bot.Request, _ string, answers map[string]string) (bot.Turn, error) {
	if refusal, err := h.allowed(ctx, r); refusal != nil || err != nil {
		return orEmpty(refusal), err
	}
	i, _, problem, err := h.find(ctx, r, "candidate-note-usage")
	if err != nil || problem != "" {
		return bot.Turn{Response: bot.Whisper(problem)}, err
	}
	res, err := h.add(ctx, r, h.campaigns.Lang(r), i, answers["note"])
	return bot.Turn{Response: res}, err
}
