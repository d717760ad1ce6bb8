package editor

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"candide/bot"
	"candide/faq"
	"candide/storage"
)

// pageSize is how many entries a list shows at once, each with its button.
const pageSize = 20

func isPage(args string) bool { n, err := strconv.Atoi(args); return err == nil && n > 0 }

// list shows the entries, each with its number and its button.
func (h *Handler) list(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang, c := h.Campaigns.Lang(r), h.campaign(r)
	all, err := h.rows(ctx, c)
	if err != nil {
		return bot.Response{}, err
	}
	page := 1
	if text := r.Text + r.Data["page"]; isPage(text) {
		page, _ = strconv.Atoi(text)
	}
	pages := max(1, (len(all)+pageSize-1)/pageSize)
	page = min(page, pages)
	active := 0
	for _, e := range all {
		if !e.archived() {
			active++
		}
	}
	lines := []string{h.Words.Count(lang, "faq-list-title", active, "title", c.FAQ().Title.In(lang, lang)), ""}
	reply := bot.Reply{Private: true}
	for _, e := range all[(page-1)*pageSize : min(page*pageSize, len(all))] {
		lines = append(lines, h.row(r, e))
		b := h.button(r, "", "faq.view", map[string]string{"entry": e.entry.ID})
		b.Label = clip(fmt.Sprintf("%d · %s", e.number, h.title(lang, e)), 40)
		reply.Buttons = append(reply.Buttons, b)
	}
	lines = append(lines, "")
	if pages > 1 {
		lines = append(lines, h.Words.Say(lang, "faq-list-page", "page", strconv.Itoa(page), "pages", strconv.Itoa(pages)))
	}
	lines = append(lines, h.Words.Say(lang, "faq-list-help"))
	if page < pages {
		reply.Buttons = append(reply.Buttons, h.button(r, "faq-button-next", "faq.list", map[string]string{"page": strconv.Itoa(page + 1)}))
	}
	reply.Buttons = append(reply.Buttons, h.button(r, "faq-button-add", "faq.add", nil))
	reply.Text = strings.Join(lines, "\n")
	return bot.Response{Replies: []bot.Reply{reply}}, nil
}

// row is an entry in a list: what was changed from chat says so.
func (h *Handler) row(r bot.Request, e row) string {
	lang := h.Campaigns.Lang(r)
	args := []string{"n", strconv.Itoa(e.number), "title", h.title(lang, e), "id", e.entry.ID}
	switch {
	case e.latest == nil:
		return h.Words.Say(lang, "faq-row", args...)
	case e.changed:
		return h.Words.Say(lang, "faq-row-file", args...)
	default:
		state := h.Words.Say(lang, "faq-state-"+string(e.latest.Kind))
		return h.Words.Say(lang, "faq-row-state", append(args, "state", state)...)
	}
}

// view shows an entry whole.
func (h *Handler) view(ctx context.Context, r bot.Request) (bot.Response, error) {
	e, problem, err := h.asked(ctx, r, "faq voir", "faq.view")
	if err != nil {
		return bot.Response{}, err
	}
	if problem != nil {
		return *problem, nil
	}
	text := h.entryText(r, e.entry) + "\n\n" + h.provenance(r, e)
	data := map[string]string{"entry": e.entry.ID}
	var buttons []bot.Button
	if e.archived() {
		buttons = append(buttons, h.button(r, "faq-button-back", "faq.undo", data))
	} else {
		buttons = append(buttons, h.button(r, "faq-button-edit", "faq.edit", data), h.button(r, "faq-button-archive", "faq.archive", data))
	}
	if e.latest != nil {
		buttons = append(buttons, h.button(r, "faq-button-history", "faq.history", data))
		if !e.archived() {
			buttons = append(buttons, h.button(r, "faq-button-undo", "faq.undo", data))
		}
	}
	if e.changed {
		kept := map[string]string{"entry": e.entry.ID, "base": strconv.Itoa(e.version())}
		if baseOf(h.files[h.campaign(r)], e.entry.ID) != "" {
			file := map[string]string{"entry": e.entry.ID, "version": "0"}
			buttons = append(buttons, h.button(r, "faq-button-file", "faq.restore", file))
		}
		buttons = append(buttons, h.button(r, "faq-button-keep", "faq.keep", kept))
	}
	return bot.Whisper(text, buttons...), nil
}

// entryText is an entry with everything that recruiters can change in it.
func (h *Handler) entryText(r bot.Request, e faq.Entry) string {
	lang, f := h.Campaigns.Lang(r), h.campaign(r).FAQ()
	lines := []string{h.Words.Say(lang, "faq-entry-title", "title", e.Title.In(lang, f.Language), "id", e.ID)}
	part := func(key, value string) {
		if value != "" {
			lines = append(lines, h.Words.Say(lang, key, "value", value))
		}
	}
	for _, l := range langsOf(f) {
		key := "faq-entry-"
		if l != f.Language {
			key = "faq-other-"
		}
		part(key+"question", e.Question[l])
		part(key+"answer", e.Answer[l])
		part(key+"closed", e.Closed[l])
	}
	part("faq-entry-source", e.Source)
	part("faq-entry-topics", strings.Join(e.Topics, ", "))
	for _, l := range langsOf(f) {
		if list := e.Phrasings[l]; len(list) > 0 {
			part("faq-entry-phrasings", strings.Join(list, " · "))
		}
	}
	return strings.Join(lines, "\n")
}

// langsOf are the languages of a FAQ, its own first.
func langsOf(f *faq.FAQ) []string {
	if f.Language == "en" {
		return []string{"en", "fr"}
	}
	return []string{"fr", "en"}
}

// provenance says where an entry's text comes from.
func (h *Handler) provenance(r bot.Request, e row) string {
	lang := h.Campaigns.Lang(r)
	if e.latest == nil {
		return h.Words.Say(lang, "faq-from-file")
	}
	text := h.versionText(r, *e.latest)
	if e.changed {
		text += "\n" + h.Words.Say(lang, "faq-file-changed")
	}
	return text
}

// versionText says who made a version and when.
func (h *Handler) versionText(r bot.Request, e storage.Edit) string {
	lang := h.Campaigns.Lang(r)
	return h.Words.Say(lang, "faq-version", "n", strconv.Itoa(e.Version), "what", h.Words.Say(lang, "faq-state-"+string(e.Kind)),
		"name", e.ByName, "when", h.moment(h.campaign(r), e, lang))
}

// historyShown is how many versions are shown, the newest first.
const historyShown = 10

// history shows the versions of an entry, each with a button that brings it back.
func (h *Handler) history(ctx context.Context, r bot.Request) (bot.Response, error) {
	e, problem, err := h.asked(ctx, r, "faq historique", "faq.history")
	if err != nil {
		return bot.Response{}, err
	}
	if problem != nil {
		return *problem, nil
	}
	lang, c := h.Campaigns.Lang(r), h.campaign(r)
	versions, err := h.Store.Edits(ctx, h.files[c].ID, e.entry.ID)
	if err != nil {
		return bot.Response{}, fmt.Errorf("reading the versions of an entry: %w", err)
	}
	title := h.title(lang, e)
	if len(versions) == 0 {
		return bot.Whisper(h.Words.Say(lang, "faq-history-none", "title", title)), nil
	}
	lines := []string{h.Words.Say(lang, "faq-history-title", "title", title)}
	var buttons []bot.Button
	back := func(n int) {
		b := h.button(r, "", "faq.restore", map[string]string{"entry": e.entry.ID, "version": strconv.Itoa(n)})
		b.Label = h.Words.Say(lang, "faq-button-version", "n", strconv.Itoa(n))
		if n == 0 {
			b.Label = h.Words.Say(lang, "faq-button-file")
		}
		buttons = append(buttons, b)
	}
	for i, v := range slices.Backward(versions) {
		if len(versions)-i > historyShown {
			break
		}
		line := "- " + h.versionText(r, v)
		if !v.Archived() {
			entry, err := entryOf(v)
			if err != nil {
				return bot.Response{}, err
			}
			line += " " + h.Words.Say(lang, "faq-history-text", "text", oneLine(entry.Answer.In(c.FAQ().Language, lang), 120))
			if v.Version != e.version() {
				back(v.Version)
			}
		}
		lines = append(lines, line)
	}
	if file, ok := h.files[c].Entry(e.entry.ID); ok {
		lines = append(lines, "- "+h.Words.Say(lang, "faq-history-file", "text", oneLine(file.Answer.In(c.FAQ().Language, lang), 120)))
		back(0)
	}
	return bot.Whisper(strings.Join(lines, "\n"), buttons...), nil
}

// oneLine is the beginning of a text, on one line and without emphasis.
func oneLine(s string, max int) string {
	return clip(strings.Join(strings.Fields(strings.ReplaceAll(s, "**", "")), " "), max)
}
