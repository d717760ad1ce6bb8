// Package inbox is what recruiters see of the questions that the bot could not answer, and of the answers that people
// disliked: one card for each group of alike questions, without authors, from which a recruiter answers those who asked
// or teaches the FAQ. Nothing is learnt without a click, and everything is forgotten after a month.
//
// What is about health or family, what is refused, and what is no question about the recruitment never comes here.
package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"candide/bot"
	"candide/faq"
	"candide/faq/topics"
	"candide/handlers/campaigns"
	"candide/handlers/editor"
	"candide/handlers/words"
	"candide/storage"
)

// Keep is how long questions and their authors are kept, and WarnBefore how long before their end the card says so.
const (
	Keep       = 30 * 24 * time.Hour
	WarnBefore = 3 * 24 * time.Hour
)

// Store is what the inbox keeps.
type Store interface {
	FileQuestion(ctx context.Context, g storage.Group, q storage.Asked, alike func([]storage.Filed) int) (storage.Group, error)
	Group(ctx context.Context, number int) (storage.Filed, error)
	Groups(ctx context.Context, campaign string) ([]storage.Filed, error)
	TakeGroup(ctx context.Context, number int, by storage.PersonRef, name string) (storage.Filed, error)
	CloseGroup(ctx context.Context, number int, c storage.Closing) (storage.Filed, error)
	SplitQuestion(ctx context.Context, group, number int) (storage.Group, error)
	StaleGroups(ctx context.Context, limit int) ([]storage.Filed, error)
	PlaceCard(ctx context.Context, number int, card storage.Channel, post string) error
	ShowGroup(ctx context.Context, number, revision int) error
	Told(ctx context.Context, group, number int, at time.Time, unreached bool) error
	WarnGroups(ctx context.Context, before time.Time) (int, error)
}

// Chat posts, changes and finds posts. *bot.Runtime is behind it.
type Chat interface {
	RecruitersPlace(ctx context.Context, platform bot.PlatformID) (bot.Place, error)
	Deliver(ctx context.Context, to bot.Target, reply bot.Reply) (bot.PostID, error)
	Revise(ctx context.Context, in bot.Place, id bot.PostID, reply bot.Reply) error
	Find(ctx context.Context, to bot.Target, key string, since time.Time) (bot.PostID, bool, error)
}

// Editor makes entries of questions.
type Editor interface {
	Open(r bot.Request, p editor.Prefill) bot.Response
	Attach(r bot.Request, p editor.Prefill) bot.Response
}

// Options are what a handler is made of. Meaning and Log may be left out.
type Options struct {
	Store     Store
	Words     *words.Words
	Campaigns *campaigns.Set
	Chat      Chat
	Editor    Editor
	Now       func() time.Time
	// Keep is how long questions are kept; 0: Keep.
	Keep time.Duration
	// Meaning is what a question is about, as numbers to be compared.
	Meaning func(text string) []float32
	Log     *slog.Logger
}

// Handler is the inbox.
type Handler struct {
	Options

	mu    sync.Mutex // held while cards are posted and people told: one after the other
	waits map[int]wait
	wake  chan struct{}
}

// New returns an inbox.
func New(o Options) *Handler {
	if o.Keep == 0 {
		o.Keep = Keep
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Handler{Options: o, waits: map[int]wait{}, wake: make(chan struct{}, 1)}
}

// Register adds the conversations to routes.
func (h *Handler) Register(routes *bot.Routes) error {
	routes.Form(answerForm, h.answerStep)
	for name, f := range map[string]bot.Func{
		"inbox.take": h.take, "inbox.answer": h.answer, "inbox.entry": h.entry, "inbox.attach": h.attach,
		"inbox.ignore": h.ignore, "inbox.view": h.questions, "inbox.split": h.split,
	} {
		routes.Action(name, true, f)
	}
	return routes.Command(bot.Command{
		Names: []string{"faq questions", "faq inbox", "faq boite"}, Args: true, Recruiters: true, Run: h.questions,
	})
}

// origin is where a question was asked, and so where its answer goes.
type origin struct {
	Platform   bot.PlatformID `json:"platform"`
	Channel    bot.ChannelID  `json:"channel,omitempty"`
	Name       string         `json:"name,omitempty"`
	Thread     bot.PostID     `json:"thread,omitempty"`
	Visibility bot.Visibility `json:"visibility"`
	// Alone: nobody else saw the question, so nobody else sees the answer.
	Alone bool `json:"alone,omitempty"`
}

// File implements ask.Inbox: it keeps a question for the recruiters, unless it is none of their business.
func (h *Handler) File(ctx context.Context, r bot.Request, text string, d faq.Decision) (bool, error) {
	return h.file(ctx, r, text, d, storage.Group{})
}

// FileDisliked keeps the question whose answer, the given entry, somebody disliked.
func (h *Handler) FileDisliked(ctx context.Context, r bot.Request, text, entry string) (number int, err error) {
	c := h.Campaigns.In(r.Place)
	d := c.Index().Decide(faq.Question{Text: text, Lang: r.Lang, Now: h.Now()})
	d.Kind = string(topics.Recruitment) // it was answered with an entry
	g := storage.Group{Disliked: true, Entry: entry}
	filed, err := h.filed(ctx, r, text, d, g)
	return filed.Number, err
}

func (h *Handler) file(ctx context.Context, r bot.Request, text string, d faq.Decision, g storage.Group) (bool, error) {
	filed, err := h.filed(ctx, r, text, d, g)
	return filed.Number > 0, err
}

// filed returns the group that a question was put into, the zero one when it was not kept.
func (h *Handler) filed(ctx context.Context, r bot.Request, text string, d faq.Decision, g storage.Group) (storage.Group, error) {
	c := h.Campaigns.In(r.Place)
	masked := Mask(text)
	if d.Kind != string(topics.Recruitment) || d.Private || masked == "" || sensitive(c.Index(), masked, h.Now()) {
		return storage.Group{}, nil
	}
	from, err := json.Marshal(origin{
		Platform: r.Place.Platform, Channel: r.Place.Channel, Name: r.Place.Name, Thread: r.Place.Thread,
		Visibility: r.Place.Visibility, Alone: r.Command,
	})
	if err != nil {
		return storage.Group{}, fmt.Errorf("noting where a question was asked: %w", err)
	}
	g.Campaign, g.Topic, g.Platform = c.FAQ().ID, d.Asked, string(r.Place.Platform)
	q := storage.Asked{
		Person: r.From.Ref(), Text: masked, Lang: d.Lang, Origin: from, At: h.Now(), ExpiresAt: h.Now().Add(h.Keep),
	}
	g, err = h.Store.FileQuestion(ctx, g, q, h.alike(g, masked))
	if err != nil {
		return storage.Group{}, fmt.Errorf("filing a question: %w", err)
	}
	select {
	case h.wake <- struct{}{}:
	default: // it wakes already
	}
	return g, nil
}

// sentences of fewer words say too little to be about health.
const sentenceWords = 3

// sensitive reports whether a sentence within a longer text is about health or family, or is an insult: the question
// itself may well be about something else.
func sensitive(index campaigns.Index, text string, now time.Time) bool {
	sentences := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(".!?;\n", r) })
	if len(sentences) < 2 {
		return false
	}
	for _, s := range sentences {
		if len(strings.Fields(s)) < sentenceWords {
			continue
		}
		d := index.Decide(faq.Question{Text: s, Now: now})
		if d.Outcome != faq.Answered && (d.Private || d.Kind == string(topics.Refused)) {
			return true
		}
	}
	return false
}

// OnSaved closes the group that an entry was made from, and is what the editor calls then.
func (h *Handler) OnSaved(ctx context.Context, s editor.Saved) string {
	lang := h.Campaigns.Lang(s.Request)
	closing := storage.Closing{
		State: storage.GroupEntry, Entry: s.Entry, By: s.Request.From.Ref(), ByName: s.Request.From.Name, At: h.Now(),
	}
	if s.Attached {
		closing.State = storage.GroupAttached
	}
	if s.Tell {
		f := s.Campaign.FAQ()
		if e, ok := f.Entry(s.Entry); ok {
			closing.Answer = f.Render(e, f.Language, h.Now())
		}
	}
	filed, err := h.Store.CloseGroup(ctx, s.Group, closing)
	switch {
	case errors.Is(err, storage.ErrState), errors.Is(err, storage.ErrNotFound):
		return h.Words.Say(lang, "inbox-gone", "n", fmt.Sprint(s.Group))
	case err != nil:
		h.Log.Error("closing a group of the inbox failed", "error", err)
		return h.Words.Say(lang, "sorry")
	}
	told := storage.Askers(filed.Untold())
	h.Tick(ctx)
	if told == 0 {
		return ""
	}
	return h.Words.Count(lang, "inbox-sent", told)
}
