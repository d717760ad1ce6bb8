package candidates

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"candide/bot"
	"candide/handlers/campaigns"
	"candide/internal/dates"
	"candide/internal/fold"
	"candide/storage"
)

// page is how many rows are shown at once, each with its button.
const page = 10

// filter is what part of the candidates is listed.
type filter struct {
	stage storage.Stage
	level string
}

// parseFilter reads “jury”, “junior”; unknown is what cannot be read.
func (h *Handler) parseFilter(text string) (f filter, unknown bool) {
	if strings.TrimSpace(text) == "" {
		return filter{}, false
	}
	var rest []string
	for _, word := range strings.Fields(text) {
		switch folded := fold.String(word); {
		case strings.HasPrefix(folded, "junior"):
			f.level = "junior"
		case strings.HasPrefix(folded, "experi"), folded == "senior":
			f.level = "experienced"
		default:
			rest = append(rest, word)
		}
	}
	if len(rest) == 0 {
		return f, false
	}
	stage, ok := parseStage(h.words, strings.Join(rest, " "))
	f.stage = stage
	return f, !ok
}

func (f filter) takes(i storage.Interest) bool {
	return (f.stage == "" || i.Stage == f.stage) && (f.level == "" || i.Level == f.level)
}

// list shows the candidates, a page at a time.
func (h *Handler) list(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang, campaign := h.campaigns.Lang(r), h.campaigns.In(r.Place)
	asked, from := r.Text, 0
	if r.Data["from"] != "" {
		asked = r.Data["filter"]
		from, _ = strconv.Atoi(r.Data["from"])
	}
	which, unknown := h.parseFilter(asked)
	if unknown {
		return bot.Whisper(h.words.Say(lang, "candidates-filter-unknown", "asked", asked, "stages", h.stageList(lang))), nil
	}
	all, several, err := h.all(ctx, r)
	if err != nil {
		return bot.Response{}, err
	}
	if len(all) == 0 {
		return bot.Whisper(h.words.Say(lang, "candidates-none")), nil
	}
	var list []storage.Interest
	for _, i := range all {
		if which.takes(i) {
			list = append(list, i)
		}
	}
	title := h.words.Count(lang, "candidates-title", len(all))
	if len(list) == 0 {
		return bot.Whisper(title + "\n\n" + h.words.Say(lang, "candidates-none-such")), nil
	}
	if which != (filter{}) {
		title += " · " + h.words.Say(lang, "candidates-shown", "n", strconv.Itoa(len(list)), "filter", asked)
	}
	from = max(0, min(from, len(list)-1))
	shown := list[from:min(from+page, len(list))]
	rows := []string{title, ""}
	reply := bot.Reply{Private: true, Replace: r.Data["from"] != "", About: people(shown)}
	for _, i := range shown {
		n := strconv.Itoa(i.Number)
		row := h.words.Say(lang, "candidates-row", "n", n, "name", i.Name, "stage", h.stageName(lang, i.Stage),
			"date", dates.Day(i.CreatedAt.In(campaign.Zone), lang))
		if several {
			row += " · " + h.title(lang, i.Campaign)
		}
		rows = append(rows, row)
		reply.Buttons = append(reply.Buttons, bot.Button{
			Label: h.words.Say(lang, "candidates-view", "n", n), Do: "candidates.view", Data: map[string]string{"n": n, "lang": lang},
		})
	}
	if len(list) > page {
		rows = append(rows, "", h.words.Say(lang, "candidates-page", "from", strconv.Itoa(from+1),
			"to", strconv.Itoa(from+len(shown)), "n", strconv.Itoa(len(list))))
	}
	turn := func(label string, to int) {
		data := map[string]string{"from": strconv.Itoa(to), "filter": asked, "lang": lang}
		if !several { // a page may be turned in a direct conversation
			data["campaign"] = all[0].Campaign
		}
		reply.Buttons = append(reply.Buttons, bot.Button{Label: h.words.Say(lang, label), Do: "candidates.page", Data: data})
	}
	if from > 0 {
		turn("candidates-previous", max(0, from-page))
	}
	if from+page < len(list) {
		turn("candidates-next", from+page)
	}
	reply.Text = strings.Join(rows, "\n")
	return bot.Response{Replies: []bot.Reply{reply}}, nil
}

// all are the candidates that a command is about; several says that they may be of several campaigns.
func (h *Handler) all(ctx context.Context, r bot.Request) (list []storage.Interest, several bool, err error) {
	about := h.campaigns.At(r.Place)
	if r.Data["from"] != "" && r.Data["campaign"] != "" {
		about = []*campaigns.Campaign{h.campaigns.ByID(r.Data["campaign"])}
	}
	for _, c := range about {
		some, err := h.store.Interests(ctx, c.FAQ().ID)
		if err != nil {
			return nil, false, fmt.Errorf("listing the candidates of %s: %w", c.FAQ().ID, err)
		}
		list = append(list, some...)
	}
	slices.SortFunc(list, func(a, b storage.Interest) int { return a.Number - b.Number })
	return list, len(about) > 1, nil
}

// title is what a campaign is called.
func (h *Handler) title(lang, campaign string) string {
	f := h.campaigns.ByID(campaign).FAQ()
	return f.Title.In(lang, f.Language)
}

// people are whom candidates are.
func people(list []storage.Interest) []storage.PersonRef {
	refs := make([]storage.PersonRef, len(list))
	for i := range list {
		refs[i] = list[i].Person
	}
	return refs
}

// stageList is every stage, as people read them.
func (h *Handler) stageList(lang string) string {
	var names []string
	for _, s := range storage.Stages() {
		names = append(names, h.stageName(lang, s))
	}
	return strings.Join(names, ", ")
}
