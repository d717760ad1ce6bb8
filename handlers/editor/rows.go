package editor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"candide/bot"
	"candide/faq"
	"candide/handlers/campaigns"
	"candide/internal/dates"
	"candide/internal/fold"
	"candide/storage"
)

// row is an entry as recruiters see it. Its number is its place among all the entries there ever were, archived ones
// included, so that numbers stay what they are while one works with a list.
type row struct {
	number  int
	entry   faq.Entry     // as it stands; for an archived one, as it last stood
	latest  *storage.Edit // nil: as the file has it
	changed bool          // the file changed since
}

func (r row) archived() bool { return r.latest != nil && r.latest.Archived() }

// version is the number of the latest version; 0: the file's.
func (r row) version() int {
	if r.latest == nil {
		return 0
	}
	return r.latest.Version
}

// rows returns every entry of a campaign.
func (h *Handler) rows(ctx context.Context, c *campaigns.Campaign) ([]row, error) {
	file := h.files[c]
	edits, err := h.Store.LatestEdits(ctx, file.ID)
	if err != nil {
		return nil, fmt.Errorf("listing the FAQ: %w", err)
	}
	var list []row
	at := map[string]int{}
	for i, e := range file.Entries {
		at[e.ID] = i
		list = append(list, row{entry: e})
	}
	for i := range edits {
		e := &edits[i]
		if _, known := at[e.Entry]; !known {
			at[e.Entry] = len(list)
			list = append(list, row{})
		}
		r := &list[at[e.Entry]]
		r.latest, r.changed = e, e.Base != baseOf(file, e.Entry)
		if entry, ok, err := h.lastText(ctx, *e); err != nil {
			return nil, err
		} else if ok {
			r.entry = entry
		}
	}
	for i := range list {
		list[i].number = i + 1
	}
	return list, nil
}

// lastText is an edit's entry, for an archived one as the version before has it. ok is false when only the file has it.
func (h *Handler) lastText(ctx context.Context, e storage.Edit) (entry faq.Entry, ok bool, err error) {
	if !e.Archived() {
		entry, err = entryOf(e)
		return entry, true, err
	}
	versions, err := h.Store.Edits(ctx, e.Campaign, e.Entry)
	if err != nil {
		return faq.Entry{}, false, fmt.Errorf("reading the versions of an entry: %w", err)
	}
	for _, v := range slices.Backward(versions) {
		if !v.Archived() {
			entry, err = entryOf(v)
			return entry, true, err
		}
	}
	return faq.Entry{}, false, nil
}

// find returns the entry that ref names, by number, id or title. Where none does, the closest ones are returned.
func find(list []row, ref string) (found row, near []row) {
	folded := strings.Trim(fold.String(ref), " .«»\"`'")
	if n, err := strconv.Atoi(strings.TrimLeft(folded, "n°#. ")); err == nil && n >= 1 && n <= len(list) {
		return list[n-1], nil
	}
	type candidate struct {
		row
		distance int
	}
	var close []candidate
	for _, r := range list {
		names := []string{r.entry.ID}
		for _, title := range r.entry.Title {
			names = append(names, fold.String(title))
		}
		best := 1 << 10
		for _, name := range names {
			switch {
			case folded == name, strings.ReplaceAll(folded, " ", "-") == name:
				return r, nil
			case len(folded) >= 3 && strings.Contains(name, folded):
				best = 0
			default:
				best = min(best, bot.Distance(folded, name))
			}
		}
		if best <= max(1, utf8.RuneCountInString(folded)/3) {
			close = append(close, candidate{r, best})
		}
	}
	slices.SortStableFunc(close, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	for _, c := range close[:min(3, len(close))] {
		near = append(near, c.row)
	}
	return row{}, near
}

// asked returns the row that a request is about: its button's entry, or what its text names. problem is what to answer
// where there is none, with a button for each that may be meant.
func (h *Handler) asked(ctx context.Context, r bot.Request, command, action string) (found row, problem *bot.Response, err error) {
	lang := h.Campaigns.Lang(r)
	list, err := h.rows(ctx, h.campaign(r))
	if err != nil {
		return row{}, nil, err
	}
	ref := r.Text
	if id := r.Data["entry"]; id != "" {
		ref = id
	}
	if strings.TrimSpace(ref) == "" {
		res := bot.Whisper(h.Words.Say(lang, "faq-which", "command", command))
		return row{}, &res, nil
	}
	found, near := find(list, ref)
	if found.number > 0 {
		return found, nil, nil
	}
	if len(near) == 0 {
		res := bot.Whisper(h.Words.Say(lang, "faq-unknown", "ref", ref), h.button(r, "faq-button-list", "faq.list", nil))
		return row{}, &res, nil
	}
	var buttons []bot.Button
	for _, n := range near {
		b := h.button(r, "", action, map[string]string{"entry": n.entry.ID})
		b.Label = clip(h.title(lang, n), 40)
		buttons = append(buttons, b)
	}
	res := bot.Whisper(h.Words.Say(lang, "faq-near", "ref", ref), buttons...)
	return row{}, &res, nil
}

// campaign is the one that a request is about: its button's, or its place's.
func (h *Handler) campaign(r bot.Request) *campaigns.Campaign {
	if id := r.Data["campaign"]; id != "" {
		return h.Campaigns.ByID(id)
	}
	return h.Campaigns.In(r.Place)
}

// button is a button of a private reply, which goes on about the same campaign in the same language.
func (h *Handler) button(r bot.Request, label, action string, data map[string]string) bot.Button {
	lang := h.Campaigns.Lang(r)
	all := map[string]string{"campaign": h.files[h.campaign(r)].ID, "lang": lang}
	for k, v := range data {
		all[k] = v
	}
	b := bot.Button{Do: action, Data: all}
	if label != "" {
		b.Label = h.Words.Say(lang, label)
	}
	return b
}

func (h *Handler) title(lang string, r row) string {
	return r.entry.Title.In(lang, lang)
}

// moment says when a version was made, in the campaign's zone.
func (h *Handler) moment(c *campaigns.Campaign, e storage.Edit, lang string) string {
	return dates.Moment(e.At.In(c.Zone), lang)
}

// clip shortens s to max characters.
func clip(s string, max int) string {
	if utf8.RuneCountInString(s) <= max {
		return s
	}
	return string([]rune(s)[:max-1]) + "…"
}
