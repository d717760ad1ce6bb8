package menu

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"candide/bot"
	"candide/faq"
	"candide/handlers/campaigns"
	"candide/handlers/words"
	"candide/internal/dates"
	"candide/internal/fold"
	"candide/storage"
)

// maxShown is how many suggestions are given at most.
const maxShown = 10

// Store is what suggestions come from.
type Store interface {
	Juries(ctx context.Context, campaign string) ([]storage.Jury, error)
	Interests(ctx context.Context, campaign string) ([]storage.Interest, error)
}

// Suggestions helps to fill in commands.
type Suggestions struct {
	Store     Store
	Words     *words.Words
	Campaigns *campaigns.Set
	Now       func() time.Time
}

// Register gives the suggestions their routes. Those that show what only recruiters may read are for them alone.
func (s Suggestions) Register(routes *bot.Routes) {
	routes.Completion(Question, false, s.questions)
	routes.Completion(Date, false, s.dates)
	routes.Completion(Entry, true, s.entries)
	routes.Completion(Jury, true, s.juries)
	routes.Completion(Candidate, true, s.candidates)
	for purpose, list := range map[bot.Purpose][]string{
		Rules: {"J-7 J-1 H-1", "J-1 H-1", "J-1", "H-1", "H-1 M-15"}, Span: {"7j", "30j", "90j"}, Pause: {"30m", "1h", "2h", "8h"},
	} {
		routes.Completion(purpose, true, func(_ context.Context, r bot.Request) ([]bot.Choice, error) {
			return fixed(list, r.Text), nil
		})
	}
}

// fixed are the values that continue what was typed, and what was typed itself.
func fixed(list []string, typed string) []bot.Choice {
	var out []bot.Choice
	if typed = strings.TrimSpace(typed); typed != "" {
		out = append(out, bot.Choice{Value: typed, Label: typed})
	}
	for _, value := range list {
		if strings.HasPrefix(fold.String(value), fold.String(typed)) && value != typed {
			out = append(out, bot.Choice{Value: value, Label: value})
		}
	}
	return out
}

// questions are the FAQ's own, those first that what was typed seems to ask.
func (s Suggestions) questions(_ context.Context, r bot.Request) ([]bot.Choice, error) {
	campaign := s.Campaigns.In(r.Place)
	f, lang := campaign.FAQ(), s.Campaigns.Lang(r)
	var list []bot.Choice
	seen := map[string]bool{}
	add := func(e *faq.Entry) {
		question := e.Question.In(lang, f.Language)
		if question == "" {
			question = e.Title.In(lang, f.Language)
		}
		if !seen[e.ID] && len(list) < maxShown && question != "" {
			seen[e.ID] = true
			list = append(list, bot.Choice{Value: question, Label: question})
		}
	}
	if strings.TrimSpace(r.Text) != "" {
		decision := campaign.Index().Decide(faq.Question{Text: r.Text, Lang: lang, Now: s.Now()})
		for _, id := range decision.Ranked {
			if e, ok := f.Entry(id); ok {
				add(e)
			}
		}
		return list, nil
	}
	for i := range f.Entries {
		add(&f.Entries[i])
	}
	return list, nil
}

// entries are the FAQ's, by id or title.
func (s Suggestions) entries(_ context.Context, r bot.Request) ([]bot.Choice, error) {
	f, lang := s.Campaigns.In(r.Place).FAQ(), s.Campaigns.Lang(r)
	var list []bot.Choice
	for i := range f.Entries {
		label := f.Entries[i].ID + " · " + f.Entries[i].Title.In(lang, f.Language)
		if strings.Contains(fold.String(label), fold.String(strings.TrimSpace(r.Text))) {
			list = append(list, bot.Choice{Value: f.Entries[i].ID, Label: label})
		}
	}
	return list, nil
}

// dates repeats what was typed as it is understood, with its weekday.
func (s Suggestions) dates(_ context.Context, r bot.Request) ([]bot.Choice, error) {
	typed := strings.TrimSpace(r.Text)
	if typed == "" {
		return nil, nil
	}
	zone, lang := s.Campaigns.In(r.Place).Zone, s.Campaigns.Lang(r)
	reading, err := dates.Parse(typed, s.Now(), zone)
	if err != nil || !reading.HasClock || reading.Rest != "" {
		return []bot.Choice{{Value: typed, Label: typed}}, nil
	}
	var list []bot.Choice
	for _, at := range append([]time.Time{reading.At}, reading.Alternatives...) {
		list = append(list, bot.Choice{Value: at.In(zone).Format("2006-01-02 15:04"), Label: dates.Moment(at.In(zone), lang)})
	}
	return list, nil
}

func (s Suggestions) juries(ctx context.Context, r bot.Request) ([]bot.Choice, error) {
	juries, err := s.Store.Juries(ctx, s.Campaigns.In(r.Place).FAQ().ID)
	if err != nil {
		return nil, fmt.Errorf("listing the juries: %w", err)
	}
	var list []bot.Choice
	for _, j := range juries {
		if j.State == storage.JuryCancelled {
			continue
		}
		at := j.At
		if zone, err := time.LoadLocation(j.Zone); err == nil {
			at = at.In(zone)
		}
		list = append(list, bot.Choice{
			Value: strconv.Itoa(j.Number),
			Label: fmt.Sprintf("%d · %s · %s", j.Number, j.Title, dates.Moment(at, s.Campaigns.Lang(r))),
		})
	}
	return matching(list, r.Text), nil
}

func (s Suggestions) candidates(ctx context.Context, r bot.Request) ([]bot.Choice, error) {
	interests, err := s.Store.Interests(ctx, s.Campaigns.In(r.Place).FAQ().ID)
	if err != nil {
		return nil, fmt.Errorf("listing the candidates: %w", err)
	}
	var list []bot.Choice
	for _, in := range interests {
		list = append(list, bot.Choice{
			Value: strconv.Itoa(in.Number),
			Label: fmt.Sprintf("%d · %s · %s", in.Number, in.Name, s.Words.Say(s.Campaigns.Lang(r), "stage-"+string(in.Stage))),
		})
	}
	return matching(list, r.Text), nil
}

// matching are the choices whose label holds what was typed, the newest first.
func matching(list []bot.Choice, typed string) []bot.Choice {
	var out []bot.Choice
	for i := len(list) - 1; i >= 0 && len(out) < maxShown; i-- {
		if strings.Contains(fold.String(list[i].Label), fold.String(strings.TrimSpace(typed))) {
			out = append(out, list[i])
		}
	}
	return out
}
