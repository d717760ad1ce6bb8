package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"candide/bot"
	"candide/handlers/editor"
	"candide/storage"
)

// answerForm writes to those who asked: the answer, then a preview with who gets it, which alone sends.
const answerForm = "inbox.answer"

const maxAnswer = 1500

// group returns the group that a request is about; problem is what to answer where it is gone.
func (h *Handler) group(ctx context.Context, r bot.Request) (f storage.Filed, problem string, err error) {
	lang := h.Campaigns.Lang(r)
	text := r.Data["group"]
	if text == "" {
		text = strings.TrimLeft(strings.TrimSpace(r.Text), "nN°o.# ")
	}
	n, convErr := strconv.Atoi(text)
	if convErr != nil {
		return storage.Filed{}, h.Words.Say(lang, "inbox-number"), nil
	}
	f, err = h.Store.Group(ctx, n)
	if errors.Is(err, storage.ErrNotFound) || err == nil && len(f.Questions) == 0 {
		return storage.Filed{}, h.Words.Say(lang, "inbox-gone", "n", text), nil
	}
	if err != nil {
		return storage.Filed{}, "", fmt.Errorf("looking for a group of the inbox: %w", err)
	}
	return f, "", nil
}

// take says that somebody sees to a group.
func (h *Handler) take(ctx context.Context, r bot.Request) (bot.Response, error) {
	f, problem, err := h.group(ctx, r)
	if err != nil || problem != "" {
		return bot.Whisper(problem), err
	}
	lang := h.Campaigns.Lang(r)
	_, err = h.Store.TakeGroup(ctx, f.Number, r.From.Ref(), r.From.Name)
	if errors.Is(err, storage.ErrState) {
		return bot.Whisper(h.closed(r, f)), nil
	}
	if err != nil {
		return bot.Response{}, err
	}
	h.Tick(ctx)
	return bot.Whisper(h.Words.Say(lang, "inbox-taken", "n", strconv.Itoa(f.Number))), nil
}

// closed says that a group needs nothing any more.
func (h *Handler) closed(r bot.Request, f storage.Filed) string {
	lang := h.Campaigns.Lang(r)
	return h.Words.Say(lang, "inbox-closed", "n", strconv.Itoa(f.Number)) + "\n" + h.state(f, lang)
}

// ignore closes a group without a word to those who asked; alike questions join it in silence.
func (h *Handler) ignore(ctx context.Context, r bot.Request) (bot.Response, error) {
	f, problem, err := h.group(ctx, r)
	if err != nil || problem != "" {
		return bot.Whisper(problem), err
	}
	_, err = h.Store.CloseGroup(ctx, f.Number, storage.Closing{
		State: storage.GroupIgnored, By: r.From.Ref(), ByName: r.From.Name, At: h.Now(),
	})
	if errors.Is(err, storage.ErrState) {
		return bot.Whisper(h.closed(r, f)), nil
	}
	if err != nil {
		return bot.Response{}, err
	}
	h.Tick(ctx)
	return bot.Whisper(h.Words.Say(h.Campaigns.Lang(r), "inbox-ignored", "n", strconv.Itoa(f.Number))), nil
}

// prefill is an entry made of a group's questions.
func (h *Handler) prefill(f storage.Filed) editor.Prefill {
	p := editor.Prefill{Answer: f.Answer, Group: f.Number, Topic: f.Topic, Question: h.typical(f)}
	if f.Disliked {
		p.Topic = ""
	}
	for _, q := range f.Questions {
		// What was masked is no way to ask, and what is long is a story.
		if strings.ContainsAny(q.Text, "[]") || len([]rune(q.Text)) > 200 || slices.Contains(p.Phrasings, q.Text) {
			continue
		}
		p.Phrasings = append(p.Phrasings, q.Text)
	}
	if f.Answer == "" {
		p.Askers = storage.Askers(f.Questions)
	}
	return p
}

// typical is the question that has most in common with the others of its group.
func (h *Handler) typical(f storage.Filed) string {
	best, score := "", -1.0
	for i, q := range f.Questions {
		if len([]rune(q.Text)) > 200 {
			continue
		}
		sum, mine := 0.0, grams(q.Text)
		for j, other := range f.Questions {
			if i != j {
				sum += overlap(mine, grams(other.Text))
			}
		}
		if sum > score {
			best, score = q.Text, sum
		}
	}
	return sentence(best)
}

// sentence begins with a capital.
func sentence(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// entry opens the form of a new entry, filled with a group's questions.
func (h *Handler) entry(ctx context.Context, r bot.Request) (bot.Response, error) {
	return h.learn(ctx, r, h.Editor.Open)
}

// attach opens the form that makes a group's questions ways to ask of an entry.
func (h *Handler) attach(ctx context.Context, r bot.Request) (bot.Response, error) {
	return h.learn(ctx, r, h.Editor.Attach)
}

func (h *Handler) learn(ctx context.Context, r bot.Request, open func(bot.Request, editor.Prefill) bot.Response) (bot.Response, error) {
	f, problem, err := h.group(ctx, r)
	if err != nil || problem != "" {
		return bot.Whisper(problem), err
	}
	if f.State.Closed() && f.State != storage.GroupAnswered {
		return bot.Whisper(h.closed(r, f)), nil
	}
	r.Data = map[string]string{"campaign": f.Campaign, "lang": h.Campaigns.Lang(r)}
	return open(r, h.prefill(f)), nil
}

// answer opens the form of an answer.
func (h *Handler) answer(ctx context.Context, r bot.Request) (bot.Response, error) {
	f, problem, err := h.group(ctx, r)
	if err != nil || problem != "" {
		return bot.Whisper(problem), err
	}
	if f.State.Closed() {
		return bot.Whisper(h.closed(r, f)), nil
	}
	lang := h.Campaigns.Lang(r)
	data := map[string]string{"group": strconv.Itoa(f.Number), "campaign": f.Campaign, "lang": lang}
	return bot.Response{Form: &bot.Form{Name: answerForm, Data: data, Step: h.textStep(lang, f, "")}}, nil
}

func (h *Handler) textStep(lang string, f storage.Filed, text string) bot.Step {
	return bot.Step{
		Name: "text", Title: h.Words.Say(lang, "inbox-form-answer"), Intro: h.list(lang, f), Submit: h.Words.Say(lang, "faq-form-preview"),
		Fields: []bot.Field{{
			Name: "answer", Label: h.Words.Say(lang, "inbox-field-answer"), Help: h.Words.Say(lang, "inbox-field-answer-help"),
			Kind: bot.Area, Max: maxAnswer, Default: text,
		}},
	}
}

// list is the questions of a group, the latest ones.
func (h *Handler) list(lang string, f storage.Filed) string {
	var rows []string
	for _, q := range f.Questions[max(0, len(f.Questions)-shownQuestions):] {
		rows = append(rows, h.Words.Say(lang, "inbox-question", "text", q.Text))
	}
	return strings.Join(rows, "\n")
}

func (h *Handler) answerStep(ctx context.Context, r bot.Request, step string, answers map[string]string) (bot.Turn, error) {
	lang := h.Campaigns.Lang(r)
	if ok, err := r.IsRecruiter(ctx); err != nil {
		return bot.Turn{}, fmt.Errorf("checking a recruiter's rights: %w", err)
	} else if !ok {
		return bot.Turn{Response: bot.Whisper(h.Words.Say(lang, "recruiters-only"))}, nil
	}
	f, problem, err := h.group(ctx, r)
	if err != nil {
		return bot.Turn{}, err
	}
	if problem != "" {
		return bot.Turn{Response: bot.Whisper(problem)}, nil
	}
	if step == "text" {
		s := h.sendStep(lang, f, answers["answer"])
		return bot.Turn{Next: &s}, nil
	}
	switch answers["send"] {
	case "send":
		res, err := h.send(ctx, r, f, answers["answer"])
		return bot.Turn{Response: res}, err
	case "text":
		s := h.textStep(lang, f, answers["answer"])
		return bot.Turn{Next: &s}, nil
	default:
		return bot.Turn{Response: bot.Whisper(h.Words.Say(lang, "form-cancelled"))}, nil
	}
}

// sendStep is the preview: what is sent, to how many, and what they had asked.
func (h *Handler) sendStep(lang string, f storage.Filed, text string) bot.Step {
	n := storage.Askers(f.Questions)
	intro := h.Words.Count(lang, "inbox-preview", n) + "\n\n" + quote(text) + "\n\n" + h.Words.Say(lang, "inbox-preview-asked") + "\n" + h.list(lang, f)
	return bot.Step{
		Name: "send", Title: h.Words.Say(lang, "faq-form-confirm"), Intro: intro,
		Choices: []bot.Choice{
			{Value: "send", Label: h.Words.Count(lang, "inbox-choice-send", n), Style: bot.Primary},
			{Value: "text", Label: h.Words.Say(lang, "faq-choice-text")},
			{Value: "drop", Label: h.Words.Say(lang, "faq-choice-drop"), Style: bot.Danger},
		},
	}
}

func (h *Handler) send(ctx context.Context, r bot.Request, f storage.Filed, text string) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	sent, err := h.Store.CloseGroup(ctx, f.Number, storage.Closing{
		State: storage.GroupAnswered, Answer: text, By: r.From.Ref(), ByName: r.From.Name, At: h.Now(),
	})
	if errors.Is(err, storage.ErrState) || errors.Is(err, storage.ErrNotFound) {
		return bot.Whisper(h.closed(r, f)), nil
	}
	if err != nil {
		return bot.Response{}, err
	}
	n := storage.Askers(sent.Untold())
	h.Tick(ctx)
	data := map[string]string{"group": strconv.Itoa(f.Number), "campaign": f.Campaign, "lang": lang}
	return bot.Whisper(h.Words.Count(lang, "inbox-sent", n)+"\n"+h.Words.Say(lang, "inbox-learn"),
		bot.Button{Label: h.Words.Say(lang, "inbox-button-entry"), Do: "inbox.entry", Data: data},
		bot.Button{Label: h.Words.Say(lang, "inbox-button-attach"), Do: "inbox.attach", Data: data}), nil
}

// questions shows the groups that wait, or one of them with its questions one by one.
func (h *Handler) questions(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	if strings.TrimSpace(r.Text) != "" || r.Data["group"] != "" {
		f, problem, err := h.group(ctx, r)
		if err != nil || problem != "" {
			return bot.Whisper(problem), err
		}
		return h.one(r, f), nil
	}
	all, err := h.Store.Groups(ctx, h.Campaigns.In(r.Place).FAQ().ID)
	if err != nil {
		return bot.Response{}, fmt.Errorf("listing the inbox: %w", err)
	}
	open := slices.DeleteFunc(all, func(f storage.Filed) bool { return f.State.Closed() || len(f.Questions) == 0 })
	if len(open) == 0 {
		return bot.Whisper(h.Words.Say(lang, "inbox-none")), nil
	}
	slices.SortStableFunc(open, func(a, b storage.Filed) int { return b.Count - a.Count })
	rows := []string{h.Words.Count(lang, "inbox-list", len(open)), ""}
	var buttons []bot.Button
	for i, f := range open {
		rows = append(rows, h.Words.Count(lang, "inbox-row", f.Count, "number", strconv.Itoa(f.Number), "text", h.typical(f)))
		if i < 10 {
			buttons = append(buttons, bot.Button{
				Label: h.Words.Say(lang, "inbox-button-view", "n", strconv.Itoa(f.Number)), Do: "inbox.view",
				Data: map[string]string{"group": strconv.Itoa(f.Number), "campaign": f.Campaign, "lang": lang},
			})
		}
	}
	return bot.Whisper(strings.Join(rows, "\n"), buttons...), nil
}

// one shows a group privately, with what its card offers and a button that puts each of several questions apart.
func (h *Handler) one(r bot.Request, f storage.Filed) bot.Response {
	lang := h.Campaigns.Lang(r)
	buttons := h.buttons(f)
	for i := range buttons {
		buttons[i].Anyone, buttons[i].TTL = false, 0
		buttons[i].Data["lang"] = lang
	}
	if !f.State.Closed() && len(f.Questions) > 1 {
		for _, q := range f.Questions[max(0, len(f.Questions)-shownQuestions):] {
			label := []rune(h.Words.Say(lang, "inbox-button-split", "text", q.Text))
			buttons = append(buttons, bot.Button{
				Label: string(label[:min(len(label), 40)]), Do: "inbox.split",
				Data: map[string]string{"group": strconv.Itoa(f.Number), "question": strconv.Itoa(q.Number), "campaign": f.Campaign, "lang": lang},
			})
		}
	}
	return bot.Whisper(h.text(f), buttons...)
}

// split puts a question apart, on a card of its own.
func (h *Handler) split(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	group, err := strconv.Atoi(r.Data["group"])
	question, err2 := strconv.Atoi(r.Data["question"])
	if err := errors.Join(err, err2); err != nil {
		return bot.Response{}, fmt.Errorf("reading a button: %w", err)
	}
	g, err := h.Store.SplitQuestion(ctx, group, question)
	if errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrState) {
		return bot.Whisper(h.Words.Say(lang, "inbox-gone", "n", strconv.Itoa(group))), nil
	}
	if err != nil {
		return bot.Response{}, err
	}
	h.Tick(ctx)
	return bot.Whisper(h.Words.Say(lang, "inbox-split", "n", strconv.Itoa(g.Number))), nil
}
