package privacy

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"candide/bot"
	"candide/storage"
)

// Export is everything kept about one person, as they receive it.
type Export struct {
	Exported  time.Time          `json:"exported"`
	Interests []storage.Interest `json:"interests"`
	// Forms are those being filled in, Buttons what the buttons made for the person do.
	Forms   []openForm `json:"forms,omitempty"`
	Buttons []button   `json:"buttons,omitempty"`
	// Questions are those that the bot could not answer, as the recruiters' inbox has them.
	Questions    []question         `json:"questions,omitempty"`
	Conversation []conversationLine `json:"conversation,omitempty"`
	// Posts are the bot's that show the person's data; Changes what was done with their interests, and when.
	Posts   []ownPost `json:"posts,omitempty"`
	Changes []change  `json:"changes,omitempty"`
	// Work is what the person did as a recruiter.
	Work *work `json:"work,omitempty"`
}

type openForm struct {
	Name    string            `json:"name"`
	Answers map[string]string `json:"answers,omitempty"`
	Expires time.Time         `json:"expires"`
}

type button struct {
	Do      string            `json:"do"`
	Data    map[string]string `json:"data,omitempty"`
	Expires time.Time         `json:"expires"`
}

type question struct {
	Text      string    `json:"text"`
	At        time.Time `json:"at"`
	ExpiresAt time.Time `json:"expires_at"`
	ToldAt    time.Time `json:"told_at,omitzero"`
}

// ownPost is a storage.OwnPost without its channel, which may be somebody else's conversation.
type ownPost struct {
	Platform string    `json:"platform"`
	Post     string    `json:"post"`
	At       time.Time `json:"at"`
}

type conversationLine struct {
	At   time.Time       `json:"at"`
	Body json.RawMessage `json:"line"`
}

// change is a storage.Change without who did it, who is somebody else.
type change struct {
	At      time.Time `json:"at"`
	Action  string    `json:"action"`
	Subject string    `json:"subject"`
	Detail  string    `json:"detail,omitempty"`
}

type work struct {
	Juries  []seat    `json:"juries,omitempty"`
	Entries []version `json:"faq_versions,omitempty"`
	Changes []change  `json:"changes,omitempty"`
	// Calendar: the juries have a private calendar address.
	Calendar bool `json:"calendar,omitempty"`
}

// seat is the person's place in a jury, without the other people's.
type seat struct {
	Number     int            `json:"number"`
	Title      string         `json:"title"`
	At         time.Time      `json:"at"`
	Organiser  string         `json:"organiser,omitempty"` // the person's name there, where they organise it
	Member     string         `json:"member,omitempty"`    // the same, where they sit on it
	Answer     storage.Answer `json:"answer,omitempty"`
	AnsweredAt time.Time      `json:"answered_at,omitzero"`
}

// version is one that the person wrote of a FAQ entry.
type version struct {
	Campaign string           `json:"campaign"`
	Entry    string           `json:"entry"`
	Version  int              `json:"version"`
	Kind     storage.EditKind `json:"kind"`
	ByName   string           `json:"by_name,omitempty"`
	At       time.Time        `json:"at"`
}

// workOf is what a person did as a recruiter; nil: nothing.
func workOf(k storage.Kept, who storage.PersonRef) *work {
	if len(k.Juries)+len(k.Edits)+len(k.Work) == 0 && !k.Calendar {
		return nil
	}
	w := &work{Changes: changes(k.Work), Calendar: k.Calendar}
	for _, j := range k.Juries {
		s := seat{Number: j.Number, Title: j.Title, At: j.At}
		if j.Organiser == who {
			s.Organiser = j.OrganiserName
		}
		if m, ok := j.Member(who); ok {
			s.Member, s.Answer, s.AnsweredAt = m.Name, m.Answer, m.AnsweredAt
		}
		w.Juries = append(w.Juries, s)
	}
	for _, e := range k.Edits {
		w.Entries = append(w.Entries, version{e.Campaign, e.Entry, e.Version, e.Kind, e.ByName, e.At})
	}
	return w
}

func export(k storage.Kept, who storage.PersonRef, now time.Time) Export {
	e := Export{Exported: now, Interests: append([]storage.Interest{}, k.Interests...), Changes: changes(k.Changes)}
	for i := range e.Interests {
		e.Interests[i].Notes = slices.Clone(e.Interests[i].Notes)
		for n := range e.Interests[i].Notes {
			e.Interests[i].Notes[n].By = "" // somebody else's reference
		}
	}
	for _, f := range k.Forms {
		e.Forms = append(e.Forms, openForm{f.Name, f.Answers, f.Expires})
	}
	for _, o := range k.Offers {
		e.Buttons = append(e.Buttons, button{o.Do, o.Data, o.Expires})
	}
	for _, q := range k.Questions {
		e.Questions = append(e.Questions, question{q.Text, q.At, q.ExpiresAt, q.ToldAt})
	}
	for _, p := range k.Posts {
		e.Posts = append(e.Posts, ownPost{p.Channel.Platform, p.Post, p.At})
	}
	for _, l := range k.Lines {
		e.Conversation = append(e.Conversation, conversationLine{l.At, l.Body})
	}
	e.Work = workOf(k, who)
	return e
}

func changes(list []storage.Change) []change {
	var all []change
	for _, c := range list {
		all = append(all, change{c.At, c.Action, c.Subject, c.Detail})
	}
	return all
}

// show sends the person everything, as JSON, where they alone can read it.
func (h *Handler) show(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang, who := h.lang(r), r.From.Ref()
	kept, err := h.Store.Kept(ctx, who)
	if err != nil {
		return bot.Response{}, fmt.Errorf("reading what is kept about a person: %w", err)
	}
	if kept.Empty() {
		return direct(bot.Reply{Text: h.Words.Say(lang, "data-none")}), nil
	}
	src, err := json.MarshalIndent(export(kept, who, h.Now()), "", "  ")
	if err != nil {
		return bot.Response{}, fmt.Errorf("writing a person's data: %w", err)
	}
	return direct(bot.Reply{
		Text: h.Words.Say(lang, "data-here"), About: []storage.PersonRef{who},
		Files: []bot.File{{Name: "mes-donnees.json", Type: "application/json", Data: src}},
	}), nil
}
