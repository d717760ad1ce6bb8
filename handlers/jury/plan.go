package jury

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"candide/bot"
	"candide/handlers/campaigns"
	"candide/internal/dates"
	"candide/storage"
)

// plan reads “mardi 1er décembre 14h ~equipe Titre ; 1h30 ; salle 4”; without anything it opens the form.
func (h *Handler) plan(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	campaign := h.Campaigns.In(r.Place)
	if r.Text == "" {
		return bot.Response{Form: &bot.Form{Name: "jury", Data: map[string]string{"lang": lang}, Step: h.stepPlan(lang)}}, nil
	}
	w, problem := h.when(campaign.Zone, r.Text, lang)
	if problem != "" {
		return bot.Whisper(problem), nil
	}
	d := draft{At: w.at}
	bad := d.parse(w.rest)
	if bad == nil {
		problem, err := h.complete(ctx, r, lang, campaign, &d, w.at)
		if err != nil || problem.text != "" {
			return bot.Whisper(problem.text), err
		}
	} else {
		return bot.Whisper(h.Words.Say(lang, bad.key, "part", bad.part)), nil
	}
	if len(w.others) > 0 {
		return h.choose(lang, d, w)
	}
	return h.confirmed(ctx, r, lang, campaign, d, false)
}

// choose offers the ways in which a date can be read.
func (h *Handler) choose(lang string, d draft, w when) (bot.Response, error) {
	reply := bot.Reply{Text: h.Words.Say(lang, "jury-ambiguous"), Private: true}
	for _, at := range append([]time.Time{w.at}, w.others...)[:min(len(w.others)+1, 4)] {
		d := d.moved(at)
		packed, err := d.pack()
		if err != nil {
			return bot.Response{}, err
		}
		reply.Buttons = append(reply.Buttons, bot.Button{
			Label: dates.Moment(at, lang), Do: "jury.plan", Once: true, TTL: time.Hour,
			Data: map[string]string{"draft": packed, "lang": lang},
		})
	}
	return bot.Response{Replies: []bot.Reply{reply}}, nil
}

// moved is the draft at another time, its candidates' slots with it.
func (d draft) moved(at time.Time) draft {
	d.Slots = slices.Clone(d.Slots)
	for i := range d.Slots {
		d.Slots[i].At = at.Add(d.Slots[i].At.Sub(d.At))
	}
	d.At = at
	return d
}

// planned takes the answer to a question about a draft.
func (h *Handler) planned(ctx context.Context, r bot.Request) (bot.Response, error) {
	d, err := unpack(r.Data["draft"])
	if err != nil {
		return bot.Response{}, err
	}
	return h.confirmed(ctx, r, h.Campaigns.Lang(r), h.Campaigns.In(r.Place), d, r.Data["sure"] == "yes")
}

// confirmed keeps a complete draft, or first asks about what is odd in its date.
func (h *Handler) confirmed(ctx context.Context, r bot.Request, lang string, campaign *campaigns.Campaign, d draft, sure bool) (bot.Response, error) {
	if odd := h.odd(d.At, campaign.Zone, lang); odd != "" && !sure {
		packed, err := d.pack()
		if err != nil {
			return bot.Response{}, err
		}
		text := h.Words.Say(lang, "jury-odd", "title", d.Title, "when", dates.Moment(d.At.In(campaign.Zone), lang), "odd", odd)
		return bot.Whisper(text, h.sure(lang, "jury.plan", map[string]string{"draft": packed})...), nil
	}
	return h.create(ctx, r, lang, campaign, d)
}

// sure are the two buttons below a question about a date.
func (h *Handler) sure(lang, do string, data map[string]string) []bot.Button {
	data["sure"], data["lang"] = "yes", lang
	return []bot.Button{
		{Label: h.Words.Say(lang, "jury-odd-yes"), Do: do, Data: data, Once: true, TTL: time.Hour, Style: bot.Danger},
		{Label: h.Words.Say(lang, "jury-odd-no"), Do: "jury.no", Data: map[string]string{"lang": lang}, Once: true, TTL: time.Hour},
	}
}

// odd says what is unusual about a time; "" when nothing is.
func (h *Handler) odd(at time.Time, zone *time.Location, lang string) string {
	var all []string
	for _, q := range dates.Questions(at.In(zone), h.Now()) {
		all = append(all, q.In(lang))
	}
	return strings.Join(all, " ")
}

func (h *Handler) declined(_ context.Context, r bot.Request) (bot.Response, error) {
	return bot.Whisper(h.Words.Say(h.Campaigns.Lang(r), "jury-not-done")), nil
}

// when is a date with its hour as it was read: what follows it, and the other times that it may mean.
type when struct {
	at     time.Time
	rest   string
	others []time.Time
}

// when reads a date with its hour; problem is what to answer where it is not one.
func (h *Handler) when(zone *time.Location, text, lang string) (w when, problem string) {
	reading, err := dates.Parse(text, h.Now(), zone)
	switch {
	case errors.Is(err, dates.ErrNoDate):
		return when{}, h.Words.Say(lang, "jury-usage")
	case err != nil:
		return when{}, h.Words.Say(lang, "jury-bad-date", "problem", dates.Explain(err, lang))
	case !reading.HasClock:
		return when{}, h.Words.Say(lang, "jury-no-clock")
	}
	return when{reading.At, reading.Rest, reading.Alternatives}, ""
}

// one reads a date that leaves no doubt.
func (h *Handler) one(zone *time.Location, text, lang string) (w when, problem string) {
	w, problem = h.when(zone, text, lang)
	if problem != "" || len(w.others) == 0 {
		return w, problem
	}
	either := dates.Moment(w.at, lang)
	for _, other := range w.others {
		either += " " + h.Words.Say(lang, "jury-or") + " " + dates.Moment(other, lang)
	}
	return when{}, h.Words.Say(lang, "jury-two-readings", "dates", either)
}

// problem is why a draft cannot become a jury: a sentence, and the form's field that it is about.
type problem struct{ field, text string }

// complete finds a draft's channel, people and candidates, and fills in what was left out.
func (h *Handler) complete(ctx context.Context, r bot.Request, lang string, campaign *campaigns.Campaign, d *draft, at time.Time) (problem, error) {
	if d.Channel == "" {
		d.Channel = campaign.TeamChannel
	}
	if _, text, err := h.channel(ctx, r, lang, d.Channel); err != nil || text != "" {
		return problem{"channel", text}, err
	}
	if d.Title == "" {
		d.Title = h.Words.Say(lang, "jury-default-title")
	}
	if d.Rules == nil {
		d.Rules = h.Rules
	}
	members, text, err := h.people(ctx, r, lang, d.names)
	if err != nil || text != "" {
		return problem{"members", text}, err
	}
	if d.names != nil {
		d.Members = members
	}
	if d.Quorum > len(d.Members) {
		return problem{"quorum", h.Words.Say(lang, "jury-quorum-high", "n", strconv.Itoa(d.Quorum), "members", strconv.Itoa(len(d.Members)))}, nil
	}
	slots, text, err := h.seen(ctx, lang, campaign, d.slots, at.In(campaign.Zone), d.Duration)
	if err != nil || text != "" {
		return problem{"slots", text}, err
	}
	if d.slots != nil {
		d.Slots = slots
	}
	return problem{}, nil
}

// create keeps a complete draft.
func (h *Handler) create(ctx context.Context, r bot.Request, lang string, campaign *campaigns.Campaign, d draft) (bot.Response, error) {
	place, text, err := h.channel(ctx, r, lang, d.Channel)
	if err != nil || text != "" {
		return bot.Whisper(text), err
	}
	j := storage.Jury{
		Campaign: campaign.FAQ().ID, Title: d.Title, At: d.At, Zone: campaign.Zone.String(), Duration: d.Duration, Location: d.Location,
		Team:      storage.Channel{Platform: string(place.Platform), ID: string(place.Channel), Name: place.Name},
		Organiser: r.From.Ref(), OrganiserName: r.From.Name, Members: d.Members, Quorum: d.Quorum, Slots: d.Slots,
		Rules: d.Rules, State: storage.JuryPlanned, CreatedAt: h.Now(),
	}
	made, j, err := h.replan(func(reminders func(storage.Jury) []storage.Reminder) (storage.Jury, error) {
		return h.Store.PlanJury(ctx, j, func(number int) []storage.Reminder {
			j := j
			j.Number = number
			return reminders(j)
		})
	})
	if err != nil {
		return bot.Response{}, fmt.Errorf("planning a jury: %w", err)
	}
	if err := h.record(ctx, r, storage.ChangeJuryPlanned, j); err != nil {
		return bot.Response{}, err
	}
	h.wake()
	lines := []string{h.say(lang, "jury-planned", j), h.upcoming(lang, j, made)}
	if len(j.Members) == 0 {
		lines = append(lines, h.say(lang, "jury-members-missing", j))
	}
	reply := bot.Reply{Text: strings.Join(lines, "\n"), Private: true}
	if len(j.Untold()) > 0 {
		reply.Text += "\n" + h.untold(lang, j)
		reply.Buttons = h.lettersButton(lang, j)
	}
	return bot.Response{Replies: []bot.Reply{reply}}, nil
}

// channel finds the team's channel; problem says why it cannot serve.
func (h *Handler) channel(ctx context.Context, r bot.Request, lang, name string) (place bot.Place, problem string, err error) {
	if name == "" {
		return bot.Place{}, h.Words.Say(lang, "jury-channel-needed"), nil
	}
	place, err = h.Chat.FindChannel(ctx, r.From.Platform, name)
	switch {
	case errors.Is(err, bot.ErrNoChannel):
		return bot.Place{}, h.Words.Say(lang, "jury-no-channel", "channel", name), nil
	case err != nil:
		return bot.Place{}, "", fmt.Errorf("looking for the team's channel: %w", err)
	case place.Visibility == bot.Public:
		return bot.Place{}, h.Words.Say(lang, "jury-public-channel", "channel", name), nil
	}
	return place, "", nil
}

// people finds members by their names; problem says who is not known.
func (h *Handler) people(ctx context.Context, r bot.Request, lang string, names []string) (members []storage.Member, problem string, err error) {
	for _, name := range names {
		who, err := h.Chat.FindPerson(ctx, r.From.Platform, name)
		if errors.Is(err, bot.ErrNoPerson) {
			return nil, h.Words.Say(lang, "jury-no-person", "name", name), nil
		}
		if err != nil {
			return nil, "", fmt.Errorf("looking for a jury's member: %w", err)
		}
		if !slices.ContainsFunc(members, func(m storage.Member) bool { return m.Person == who.Ref() }) {
			members = append(members, storage.Member{Person: who.Ref(), Name: who.Name})
		}
	}
	return members, "", nil
}

// seen finds the candidates of a jury, and lays out their times; problem says what is wrong with one.
func (h *Handler) seen(ctx context.Context, lang string, campaign *campaigns.Campaign, typed []slot, at time.Time, duration time.Duration) (list []storage.Slot, problem string, err error) {
	for _, s := range typed {
		in, err := h.Store.Interest(ctx, s.candidate)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return nil, "", fmt.Errorf("looking for candidate %d: %w", s.candidate, err)
		}
		n := strconv.Itoa(s.candidate)
		switch {
		case err != nil || in.Campaign != campaign.FAQ().ID:
			return nil, h.Words.Say(lang, "candidate-unknown", "n", n), nil
		case in.Stage == storage.StageRefused || in.Stage == storage.StageWithdrawn:
			return nil, h.Words.Say(lang, "jury-slot-out", "n", n, "stage", h.Words.Say(lang, "stage-"+string(in.Stage))), nil
		}
	}
	list, bad := layOut(typed, at, duration)
	if bad != nil {
		return nil, h.Words.Say(lang, bad.key, "part", bad.part), nil
	}
	return list, "", nil
}
