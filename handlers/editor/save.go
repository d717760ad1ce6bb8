package editor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"candide/bot"
	"candide/faq"
	"candide/faq/topics"
	"candide/handlers/campaigns"
	"candide/storage"
)

// movesShown is how many questions that would go elsewhere are named.
const movesShown = 8

// confirmStep is the preview: what candidates will read, what would go elsewhere, and what to do now.
func (h *Handler) confirmStep(ctx context.Context, r bot.Request, d draft, problems faq.Problems) (bot.Step, error) {
	lang := h.Campaigns.Lang(r)
	f := d.campaign.FAQ()
	main := f.Language
	intro := []string{
		h.Words.Say(lang, "faq-preview", "title", d.entry.Title.In(main, main), "id", d.entry.ID),
		"> **" + d.entry.Question.In(main, main) + "**",
		quote(f.With(d.entry).Render(&d.entry, main, h.Now())),
	}
	if fresh := d.freshTopics(); len(fresh) > 0 {
		intro = append(intro, h.Words.Say(lang, "faq-preview-topics", "topics", strings.Join(fresh, ", ")))
	}
	if d.old != nil {
		if d.base != numberOf(d.latest) {
			intro = append(intro, h.Words.Say(lang, "faq-preview-stale", "name", d.latest.ByName, "when", h.moment(d.campaign, *d.latest, lang)))
		}
		if other := langsOf(f)[1]; d.entry.Answer[main] != d.old.Answer[main] && d.old.Answer[other] != "" && d.entry.Answer[other] == d.old.Answer[other] {
			intro = append(intro, h.Words.Say(lang, "faq-preview-other"))
		}
	}
	choice := func(value, key string, style bot.Style, args ...string) bot.Choice {
		return bot.Choice{Value: value, Label: h.Words.Say(lang, key, args...), Style: style}
	}
	var choices []bot.Choice
	if len(problems) > 0 {
		intro = append(intro, h.Words.Say(lang, "faq-preview-problems")+"\n"+h.sayAll(lang, problems))
	} else {
		moved, err := h.moves(ctx, lang, d.campaign, f.With(d.entry))
		if err != nil {
			return bot.Step{}, err
		}
		intro = append(intro, moved)
		if n := r.Data["askers"]; n != "" && n != "0" {
			count, _ := strconv.Atoi(n)
			choices = append(choices, bot.Choice{Value: "tell", Label: h.Words.Count(lang, "faq-choice-tell", count), Style: bot.Primary})
		}
		choices = append(choices, choice("save", "faq-choice-save", bot.Primary))
	}
	choices = append(choices, choice(stepText, "faq-choice-text", bot.Plain), choice(stepMore, "faq-choice-more", bot.Plain),
		choice(stepOther, "faq-choice-other", bot.Plain), choice("drop", "faq-choice-drop", bot.Danger))
	return bot.Step{Name: stepConfirm, Title: h.Words.Say(lang, "faq-form-confirm"), Intro: strings.Join(intro, "\n\n"), Choices: choices}, nil
}

// freshTopics are the topics that an entry names from now on, as people read them.
func (d draft) freshTopics() []string {
	var fresh []string
	for _, id := range d.entry.Topics {
		if d.old != nil && slices.Contains(d.old.Topics, id) {
			continue
		}
		name := id
		if t, ok := topics.ByID(id); ok {
			name = t.FR
			if d.campaign.FAQ().Language == "en" {
				name = t.EN
			}
		}
		fresh = append(fresh, name)
	}
	return fresh
}

func numberOf(latest *storage.Edit) int {
	if latest == nil {
		return 0
	}
	return latest.Version
}

// quote sets a text apart.
func quote(s string) string { return "> " + strings.ReplaceAll(s, "\n", "\n> ") }

// moves says which of the known questions a changed FAQ would send elsewhere.
func (h *Handler) moves(ctx context.Context, lang string, c *campaigns.Campaign, after *faq.FAQ) (string, error) {
	index, err := h.Build(after)
	if err != nil {
		return "", fmt.Errorf("building the index of the edited FAQ: %w", err)
	}
	moved, err := faq.Moves(ctx, c.Index(), index, h.Now())
	if err != nil {
		return "", err
	}
	if len(moved) == 0 {
		return h.Words.Count(lang, "faq-moves-none", len(after.Examples())), nil
	}
	rows := []string{h.Words.Count(lang, "faq-moves", len(moved))}
	for _, m := range moved[:min(movesShown, len(moved))] {
		to := h.Words.Say(lang, "faq-moves-nothing")
		if m.To != "" {
			to = "`" + m.To + "`"
		}
		rows = append(rows, h.Words.Say(lang, "faq-moves-row", "text", m.Text, "from", m.From, "to", to))
	}
	if n := len(moved) - movesShown; n > 0 {
		rows = append(rows, h.Words.Count(lang, "faq-moves-more", n))
	}
	return strings.Join(rows, "\n"), nil
}

// save keeps a draft.
func (h *Handler) save(ctx context.Context, r bot.Request, d draft, tell, attached bool) (bot.Turn, error) {
	lang, kind := h.Campaigns.Lang(r), storage.EditChanged
	if d.old == nil {
		kind = storage.EditAdded
	}
	saved, problems, err := h.apply(ctx, r, d.campaign, version{id: d.entry.ID, entry: &d.entry, base: d.base, kind: kind})
	if problem, err := h.saveProblem(ctx, r, d, problems, err); err != nil || problem != nil {
		if err != nil {
			return bot.Turn{}, err
		}
		return *problem, nil
	}
	text := h.Words.Say(lang, "faq-saved", "title", d.entry.Title.In(lang, d.campaign.FAQ().Language), "id", d.entry.ID, "n", strconv.Itoa(saved.Version))
	if group, _ := strconv.Atoi(r.Data["group"]); group > 0 && h.saved != nil {
		if more := h.saved(ctx, Saved{Campaign: d.campaign, Request: r, Entry: d.entry.ID, Group: group, Tell: tell, Attached: attached}); more != "" {
			text += "\n" + more
		}
	}
	data := map[string]string{"entry": d.entry.ID}
	return bot.Turn{Response: bot.Whisper(text, h.button(r, "faq-button-view", "faq.view", data), h.button(r, "faq-button-undo", "faq.undo", data))}, nil
}

// stale tells the later of two recruiters who changed the same entry; what they wrote is theirs to take up again.
func (h *Handler) stale(ctx context.Context, r bot.Request, d draft) bot.Response {
	lang, main := h.Campaigns.Lang(r), d.campaign.FAQ().Language
	name, when := "?", "?"
	if versions, err := h.Store.Edits(ctx, h.files[d.campaign].ID, d.entry.ID); err == nil && len(versions) > 0 {
		latest := versions[len(versions)-1]
		name, when = latest.ByName, h.moment(d.campaign, latest, lang)
	}
	text := h.Words.Say(lang, "faq-stale", "title", d.entry.Title.In(lang, main), "name", name, "when", when) +
		"\n\n" + quote(d.entry.Answer.In(main, main))
	data := map[string]string{"entry": d.entry.ID}
	return bot.Whisper(text, h.button(r, "faq-button-view", "faq.view", data), h.button(r, "faq-button-edit", "faq.edit", data))
}

// archive asks before an entry leaves the FAQ, and says where its questions would go.
func (h *Handler) archive(ctx context.Context, r bot.Request) (bot.Response, error) {
	e, problem, err := h.asked(ctx, r, "faq archiver", "faq.archive")
	if err != nil {
		return bot.Response{}, err
	}
	if problem != nil {
		return *problem, nil
	}
	lang, c := h.Campaigns.Lang(r), h.campaign(r)
	title := h.title(lang, e)
	if e.archived() {
		return bot.Whisper(h.Words.Say(lang, "faq-is-archived", "title", title),
			h.button(r, "faq-button-back", "faq.undo", map[string]string{"entry": e.entry.ID})), nil
	}
	after, problems := h.changed(c, e.entry.ID, nil)
	if len(problems) > 0 {
		return bot.Whisper(h.Words.Say(lang, "faq-preview-problems") + "\n" + h.sayAll(lang, problems)), nil
	}
	moved, err := h.moves(ctx, lang, c, after)
	if err != nil {
		return bot.Response{}, err
	}
	yes := h.button(r, "faq-button-archive-yes", "faq.archive.yes", map[string]string{"entry": e.entry.ID, "base": strconv.Itoa(e.version())})
	yes.Style, yes.Once = bot.Danger, true
	return bot.Whisper(h.Words.Say(lang, "faq-archive-ask", "title", title)+"\n\n"+moved, yes,
		h.button(r, "faq-button-view", "faq.view", map[string]string{"entry": e.entry.ID})), nil
}

func (h *Handler) archiveNow(ctx context.Context, r bot.Request) (bot.Response, error) {
	base, _ := strconv.Atoi(r.Data["base"])
	return h.replace(ctx, r, version{id: r.Data["entry"], base: base, kind: storage.EditArchived}, "faq-archived")
}

// undo takes the latest change of an entry back: the version before it, or what the file has, comes again.
func (h *Handler) undo(ctx context.Context, r bot.Request) (bot.Response, error) {
	e, problem, err := h.asked(ctx, r, "faq annuler", "faq.undo")
	if err != nil {
		return bot.Response{}, err
	}
	if problem != nil {
		return *problem, nil
	}
	if e.latest == nil {
		lang := h.Campaigns.Lang(r)
		return bot.Whisper(h.Words.Say(lang, "faq-history-none", "title", h.title(lang, e))), nil
	}
	return h.back(ctx, r, e, e.version()-1)
}

// restore brings back the version that a button names.
func (h *Handler) restore(ctx context.Context, r bot.Request) (bot.Response, error) {
	e, problem, err := h.asked(ctx, r, "faq historique", "faq.history")
	if err != nil {
		return bot.Response{}, err
	}
	if problem != nil {
		return *problem, nil
	}
	n, err := strconv.Atoi(r.Data["version"])
	if err != nil {
		return bot.Response{}, fmt.Errorf("a button names the version %q", r.Data["version"])
	}
	return h.back(ctx, r, e, n)
}

// back makes an earlier version the latest one; 0 is the file's.
func (h *Handler) back(ctx context.Context, r bot.Request, e row, n int) (bot.Response, error) {
	old, err := h.versionOf(ctx, h.campaign(r), e.entry.ID, n)
	if err != nil {
		return bot.Response{}, err
	}
	key := "faq-restored"
	if old == nil {
		key = "faq-archived"
	}
	return h.replace(ctx, r, version{id: e.entry.ID, entry: old, base: e.version(), kind: storage.EditRestored}, key)
}

// versionOf returns an entry as version n has it, 0 being the file; nil when it was not there.
func (h *Handler) versionOf(ctx context.Context, c *campaigns.Campaign, id string, n int) (*faq.Entry, error) {
	if n == 0 {
		e, ok := h.files[c].Entry(id)
		if !ok {
			return nil, nil
		}
		kept := *e
		return &kept, nil
	}
	versions, err := h.Store.Edits(ctx, h.files[c].ID, id)
	if err != nil {
		return nil, fmt.Errorf("reading the versions of an entry: %w", err)
	}
	i := slices.IndexFunc(versions, func(e storage.Edit) bool { return e.Version == n })
	if i < 0 || versions[i].Archived() {
		return nil, nil
	}
	entry, err := entryOf(versions[i])
	return &entry, err
}

// keep says that an entry's text from chat stays, though the file changed underneath.
func (h *Handler) keep(ctx context.Context, r bot.Request) (bot.Response, error) {
	base, _ := strconv.Atoi(r.Data["base"])
	entry, err := h.versionOf(ctx, h.campaign(r), r.Data["entry"], base)
	if err != nil {
		return bot.Response{}, err
	}
	return h.replace(ctx, r, version{id: r.Data["entry"], entry: entry, base: base, kind: storage.EditRestored}, "faq-kept")
}

// replace makes a version the latest one and says so with the sentence key, and which questions go elsewhere with it.
func (h *Handler) replace(ctx context.Context, r bot.Request, change version, key string) (bot.Response, error) {
	lang, c := h.Campaigns.Lang(r), h.campaign(r)
	before := c.Index()
	saved, problems, err := h.apply(ctx, r, c, change)
	data := map[string]string{"entry": change.id}
	switch {
	case errors.Is(err, storage.ErrStale):
		return bot.Whisper(h.Words.Say(lang, "faq-stale-button"), h.button(r, "faq-button-view", "faq.view", data)), nil
	case errors.Is(err, errProblems):
		return bot.Whisper(h.Words.Say(lang, "faq-preview-problems") + "\n" + h.sayAll(lang, problems)), nil
	case err != nil:
		return bot.Response{}, err
	}
	text := h.Words.Say(lang, key, "id", change.id, "n", strconv.Itoa(saved.Version))
	if change.entry != nil {
		text += "\n\n" + quote(change.entry.Answer.In(c.FAQ().Language, lang))
	}
	if moved, err := faq.Moves(ctx, before, c.Index(), h.Now()); err == nil && len(moved) > 0 && key != "faq-archived" {
		text += "\n\n" + h.Words.Count(lang, "faq-moves-after", len(moved))
	}
	return bot.Whisper(text, h.button(r, "faq-button-undo", "faq.undo", data), h.button(r, "faq-button-history", "faq.history", data)), nil
}
