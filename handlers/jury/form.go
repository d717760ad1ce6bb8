package jury

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"candide/bot"
	"candide/handlers/campaigns"
	"candide/internal/dates"
	"candide/storage"
)

// maxListed is how many candidates the form names; the others have their number in the list of candidates.
const maxListed = 40

func (h *Handler) stepPlan(lang string) bot.Step {
	say := func(key string) string { return h.Words.Say(lang, key) }
	return bot.Step{
		Name: "plan", Title: say("jury-title"), Submit: say("form-continue"),
		Fields: []bot.Field{
			{Name: "title", Label: say("jury-field-title"), Default: say("jury-default-title"), Max: 100},
			{Name: "when", Label: say("jury-field-when"), Help: say("jury-field-when-help")},
			{Name: "duration", Label: say("jury-field-duration"), Help: say("jury-field-duration-help"), Optional: true, Max: 40},
			{Name: "location", Label: say("jury-field-location"), Optional: true},
		},
	}
}

func (h *Handler) stepPanel(lang, teamChannel string) bot.Step {
	say := func(key string) string { return h.Words.Say(lang, key) }
	return bot.Step{
		Name: "panel", Title: say("jury-title"), Submit: say("form-continue"),
		Fields: []bot.Field{
			{Name: "channel", Label: say("jury-field-channel"), Help: say("jury-field-channel-help"), Default: teamChannel, Optional: teamChannel != ""},
			{Name: "members", Label: say("jury-field-members"), Help: say("jury-field-members-help"), Optional: true, Max: 500},
			{Name: "quorum", Label: say("jury-field-quorum"), Help: say("jury-field-quorum-help"), Optional: true, Max: 2},
			{Name: "rules", Label: say("jury-field-rules"), Help: say("jury-field-rules-help"), Default: strings.Join(h.Rules, " "), Optional: true, Max: 100},
		},
	}
}

// stepSlots lists whom the jury may see by their numbers: the form is kept for a while, and names have no business in it.
func (h *Handler) stepSlots(lang string, campaign *campaigns.Campaign, interested []storage.Interest) bot.Step {
	rows := []string{h.Words.Say(lang, "jury-slots-intro")}
	for _, in := range interested[max(0, len(interested)-maxListed):] {
		rows = append(rows, h.Words.Say(lang, "jury-slots-row", "n", strconv.Itoa(in.Number),
			"stage", h.Words.Say(lang, "stage-"+string(in.Stage)), "date", dates.Day(in.CreatedAt.In(campaign.Zone), lang)))
	}
	return bot.Step{
		Name: "slots", Title: h.Words.Say(lang, "jury-title"), Intro: strings.Join(rows, "\n"),
		Fields: []bot.Field{{
			Name: "slots", Label: h.Words.Say(lang, "jury-field-slots"), Help: h.Words.Say(lang, "jury-field-slots-help"),
			Optional: true, Max: 500,
		}},
	}
}

// fieldsOf is what each step asks.
var fieldsOf = map[string]string{"plan": "title when duration location", "panel": "channel members quorum rules", "slots": "slots"}

// interested are those whom a jury may see.
func (h *Handler) interested(ctx context.Context, campaign *campaigns.Campaign) ([]storage.Interest, error) {
	all, err := h.Store.Interests(ctx, campaign.FAQ().ID)
	if err != nil {
		return nil, fmt.Errorf("listing the candidates: %w", err)
	}
	var list []storage.Interest
	for _, in := range all {
		if in.Stage != storage.StageRefused && in.Stage != storage.StageWithdrawn {
			list = append(list, in)
		}
	}
	return list, nil
}

// step takes one step of the form: the date, the panel, the candidates where there are any, and what is odd.
func (h *Handler) step(ctx context.Context, r bot.Request, step string, answers map[string]string) (bot.Turn, error) {
	lang := h.Campaigns.Lang(r)
	campaign := h.Campaigns.In(r.Place)
	// Rights are checked again: the person may have left the recruiters since the form was opened.
	if ok, err := r.IsRecruiter(ctx); err != nil {
		return bot.Turn{}, fmt.Errorf("checking a recruiter's rights: %w", err)
	} else if !ok {
		return bot.Turn{Response: bot.Whisper(h.Words.Say(lang, "recruiters-only"))}, nil
	}
	d, wrong := h.answered(lang, campaign, answers)
	if wrong.text == "" && step != "plan" {
		var err error
		if wrong, err = h.complete(ctx, r, lang, campaign, &d, d.At); err != nil {
			return bot.Turn{}, err
		}
	}
	if wrong.text != "" {
		if !strings.Contains(fieldsOf[step], wrong.field) { // something changed since an earlier step was taken
			return bot.Turn{Response: bot.Whisper(wrong.text)}, nil
		}
		return bot.Turn{Invalid: map[string]string{wrong.field: wrong.text}}, nil
	}
	switch step {
	case "plan":
		next := h.stepPanel(lang, campaign.TeamChannel)
		return bot.Turn{Next: &next}, nil
	case "panel":
		interested, err := h.interested(ctx, campaign)
		if err != nil {
			return bot.Turn{}, err
		}
		if len(interested) > 0 {
			next := h.stepSlots(lang, campaign, interested)
			return bot.Turn{Next: &next}, nil
		}
	}
	if odd := h.odd(d.At, campaign.Zone, lang); odd != "" && step != "sure" {
		return bot.Turn{Next: &bot.Step{
			Name: "sure", Title: h.Words.Say(lang, "jury-title"),
			Intro: h.Words.Say(lang, "jury-odd", "title", d.Title, "when", dates.Moment(d.At.In(campaign.Zone), lang), "odd", odd),
			Choices: []bot.Choice{
				{Value: "yes", Label: h.Words.Say(lang, "jury-odd-yes"), Style: bot.Danger},
				{Value: "no", Label: h.Words.Say(lang, "jury-odd-no")},
			},
		}}, nil
	}
	if step == "sure" && answers["sure"] != "yes" {
		return bot.Turn{Response: bot.Whisper(h.Words.Say(lang, "jury-not-done"))}, nil
	}
	res, err := h.create(ctx, r, lang, campaign, d)
	return bot.Turn{Response: res}, err
}

// answered makes a draft of the answers so far.
func (h *Handler) answered(lang string, campaign *campaigns.Campaign, answers map[string]string) (draft, problem) {
	w, text := h.one(campaign.Zone, answers["when"], lang)
	if text == "" && w.rest != "" {
		text = h.Words.Say(lang, "jury-bad-date", "problem", "« "+w.rest+" » ?")
	}
	if text != "" {
		return draft{}, problem{"when", text}
	}
	d := draft{
		At: w.at, Title: answers["title"], Location: answers["location"], Channel: strings.TrimLeft(answers["channel"], "~#"),
	}
	if typed := answers["duration"]; typed != "" {
		var ok bool
		if d.Duration, ok = parseSpan(typed); !ok {
			return draft{}, problem{"duration", h.Words.Say(lang, "jury-bad-span", "part", typed)}
		}
	}
	var left string
	if d.names, left = splitNames(" " + answers["members"]); left != "" {
		return draft{}, problem{"members", h.Words.Say(lang, "jury-bad-members", "part", left)}
	}
	if typed := answers["quorum"]; typed != "" {
		var err error
		if d.Quorum, err = strconv.Atoi(typed); err != nil || d.Quorum < 0 {
			return draft{}, problem{"quorum", h.Words.Say(lang, "jury-bad-quorum", "part", typed)}
		}
	}
	if typed := answers["rules"]; typed != "" {
		rules, wrong := parseRules(typed)
		if wrong != "" {
			return draft{}, problem{"rules", h.Words.Say(lang, "jury-bad-rule", "part", wrong)}
		}
		d.Rules = rules
	}
	if typed := answers["slots"]; typed != "" {
		slots, wrong := parseSlots(typed)
		if wrong != nil {
			return draft{}, problem{"slots", h.Words.Say(lang, wrong.key, "part", wrong.part)}
		}
		d.slots = slots
	}
	return d, problem{}
}
