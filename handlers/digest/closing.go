package digest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"candide/bot"
	"candide/handlers/campaigns"
	"candide/internal/dates"
	"candide/internal/workdays"
	"candide/storage"
)

// before is how many days before the closing recruiters are offered to write.
const before = 2

// from is the morning from which recruiters may write: two days before the closing, or the last worked day before.
func from(c *campaigns.Campaign, closes time.Time) time.Time {
	day := closes.In(c.Zone).AddDate(0, 0, -before)
	morning := time.Date(day.Year(), day.Month(), day.Day(), Hour, Minute, 0, 0, c.Zone)
	return workdays.New().OnOrBefore(morning)
}

// toTell are those who are interested, have not applied and were not told of the closing.
func toTell(list []storage.Interest) []storage.Interest {
	var found []storage.Interest
	for _, i := range list {
		if i.ClosingAt.IsZero() && (i.Stage == storage.StageNew || i.Stage == storage.StageContacted) {
			found = append(found, i)
		}
	}
	return found
}

// propose offers, once for each closing, to write to those who have not applied.
func (h *Handler) propose(ctx context.Context, c *campaigns.Campaign, list []storage.Interest, now time.Time) error {
	f := c.FAQ()
	closing, open := closes(f, now)
	people := toTell(list)
	if !open || len(people) == 0 || now.Before(from(c, closing).Add(-slack)) {
		return nil
	}
	name := "closing/" + f.ID + "/" + closing.UTC().Format(time.RFC3339)
	if done, err := h.store.LastDone(ctx, name); err != nil || !done.IsZero() {
		return err
	}
	lang := f.Language
	reply := bot.Reply{
		Key: name,
		Text: h.words.Count(lang, "closing-proposal", len(people), "title", f.Title.In(lang, f.Language),
			"when", dates.Moment(closing.In(c.Zone), lang)),
		Buttons: []bot.Button{{
			Label: h.words.Say(lang, "closing-preview"), Do: "closing.preview", Anyone: true, TTL: closing.Sub(now),
			Data: map[string]string{"campaign": f.ID},
		}},
	}
	if _, err := h.chat.TellRecruitersOnce(ctx, "", reply, now.Add(-12*time.Hour)); err != nil {
		return err
	}
	return h.store.MarkDone(ctx, name, now)
}

// campaign is the one that a button was made for, else that of the place.
func (h *Handler) campaign(r bot.Request) *campaigns.Campaign {
	if id := r.Data["campaign"]; id != "" {
		return h.campaigns.ByID(id)
	}
	return h.campaigns.In(r.Place)
}

// ready says whom to write to; problem is what to answer where it is not the time.
func (h *Handler) ready(ctx context.Context, c *campaigns.Campaign, lang string) (people []storage.Interest, problem string, err error) {
	f, now := c.FAQ(), h.now()
	closing, open := closes(f, now)
	switch {
	case f.Closes.IsZero():
		return nil, h.words.Say(lang, "closing-never"), nil
	case !open:
		return nil, h.words.Say(lang, "closing-over"), nil
	case now.Before(from(c, closing).Add(-slack)):
		return nil, h.words.Say(lang, "closing-early", "date", dates.Day(from(c, closing), lang)), nil
	}
	list, err := h.store.Interests(ctx, f.ID)
	if err != nil {
		return nil, "", fmt.Errorf("listing the candidates: %w", err)
	}
	if people = toTell(list); len(people) == 0 {
		return nil, h.words.Say(lang, "closing-nobody"), nil
	}
	return people, "", nil
}

// letter is what each of them is written.
func (h *Handler) letter(c *campaigns.Campaign) string {
	f := c.FAQ()
	key := "closing-letter"
	if f.Apply == "" {
		key = "closing-letter-no-link"
	}
	lang := f.Language
	return h.words.Say(lang, key, "title", f.Title.In(lang, f.Language), "when", dates.Moment(f.Closes.In(c.Zone), lang), "apply", f.Apply)
}

// preview shows the message and whom it goes to, with the click that sends it.
func (h *Handler) preview(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang, c := h.campaigns.Lang(r), h.campaign(r)
	people, problem, err := h.ready(ctx, c, lang)
	if err != nil || problem != "" {
		return bot.Whisper(problem), err
	}
	text := h.words.Count(lang, "closing-to", len(people), "numbers", numbers(people)) +
		"\n\n> " + strings.ReplaceAll(h.letter(c), "\n", "\n> ")
	data := map[string]string{"campaign": c.FAQ().ID, "lang": lang}
	return bot.Whisper(text,
		bot.Button{Label: h.words.Count(lang, "closing-send", len(people)), Do: "closing.send", Style: bot.Primary, Once: true, Data: data},
		bot.Button{Label: h.words.Say(lang, "closing-no"), Do: "closing.no", Once: true, Data: data}), nil
}

func numbers(list []storage.Interest) string {
	all := make([]string, len(list))
	for i := range list {
		all[i] = strconv.Itoa(list[i].Number)
	}
	return strings.Join(all, ", ")
}

func (h *Handler) dont(_ context.Context, r bot.Request) (bot.Response, error) {
	return bot.Response{Replies: []bot.Reply{{Text: h.words.Say(h.campaigns.Lang(r), "closing-kept"), Replace: true}}}, nil
}

// send writes to everybody who is still to be told. Each is claimed before, so that nobody is written to twice,
// whoever clicks; one who could not be reached is said to the recruiter.
func (h *Handler) send(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang, c := h.campaigns.Lang(r), h.campaign(r)
	people, problem, err := h.ready(ctx, c, lang)
	if err != nil || problem != "" {
		return bot.Response{Replies: []bot.Reply{{Text: problem, Replace: true, Private: true}}}, err
	}
	letter, sent, failed := h.letter(c), 0, []storage.Interest(nil)
	for _, i := range people {
		claimed, err := h.store.ClaimClosing(ctx, i.Number, r.From.Ref(), h.now())
		if err != nil {
			return bot.Response{}, fmt.Errorf("noting that candidate %d is told: %w", i.Number, err)
		}
		if !claimed {
			continue
		}
		to := bot.PersonFromRef(i.Person)
		_, err = h.chat.Deliver(ctx, bot.Target{To: to, Direct: true, Place: bot.Place{Platform: to.Platform, Visibility: bot.Direct}}, bot.Reply{
			Text: letter, About: []storage.PersonRef{i.Person},
			Buttons: []bot.Button{{
				Label: h.words.Say(c.FAQ().Language, "interest-withdraw"), Do: "interest.withdraw", TTL: 7 * 24 * time.Hour,
				Data: map[string]string{"campaign": c.FAQ().ID},
			}},
		})
		if err != nil {
			failed = append(failed, i)
			continue
		}
		sent++
	}
	text := h.words.Count(lang, "closing-sent", sent)
	if len(failed) > 0 {
		text += "\n" + h.words.Say(lang, "closing-failed", "numbers", numbers(failed))
	}
	return bot.Response{Replies: []bot.Reply{{Text: text, Replace: true, Private: true}}}, nil
}
