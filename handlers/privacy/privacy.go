// Package privacy shows people what is kept about them, and erases it.
package privacy

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"candide/bot"
	"candide/handlers/words"
	"candide/storage"
)

// Store is what these conversations read and erase.
type Store interface {
	InterestsOf(ctx context.Context, p storage.PersonRef) ([]storage.Interest, error)
	Lines(ctx context.Context, p storage.PersonRef) ([]storage.Line, error)
	ErasePerson(ctx context.Context, p storage.PersonRef) (storage.Erased, error)
	// Compact makes the erased bytes leave the file: a store may keep them until then.
	Compact(ctx context.Context) error
}

// Handler shows and erases a person's data.
type Handler struct {
	store    Store
	words    *words.Words
	now      func() time.Time
	language string
}

// New returns a handler; language is that of people who say nothing.
func New(store Store, w *words.Words, now func() time.Time, language string) *Handler {
	return &Handler{store: store, words: w, now: now, language: language}
}

// Register adds the conversations to routes.
func (h *Handler) Register(routes *bot.Routes) error {
	routes.Action("erase.yes", false, h.erase)
	routes.Action("erase.no", false, h.keep)
	if err := routes.Command(bot.Command{Names: []string{"mes-donnees", "my-data"}, Run: h.show}); err != nil {
		return err
	}
	return routes.Command(bot.Command{Names: []string{"effacer-mes-donnees", "erase-my-data"}, Run: h.ask})
}

func (h *Handler) lang(r bot.Request) string {
	if l := r.Data["lang"]; l != "" {
		return l
	}
	if r.Lang != "" {
		return r.Lang
	}
	return h.language
}

// Export is everything kept about one person, as they receive it.
type Export struct {
	Exported     time.Time          `json:"exported"`
	Interests    []storage.Interest `json:"interests"`
	Conversation []conversationLine `json:"conversation,omitempty"`
}

type conversationLine struct {
	At   time.Time       `json:"at"`
	Body json.RawMessage `json:"line"`
}

// show sends the person everything, as JSON, where they alone can read it.
func (h *Handler) show(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang, who := h.lang(r), r.From.Ref()
	interests, err := h.store.InterestsOf(ctx, who)
	if err != nil {
		return bot.Response{}, fmt.Errorf("reading a person's interests: %w", err)
	}
	lines, err := h.store.Lines(ctx, who)
	if err != nil {
		return bot.Response{}, fmt.Errorf("reading a person's conversation: %w", err)
	}
	if len(interests) == 0 && len(lines) == 0 {
		return direct(bot.Reply{Text: h.words.Say(lang, "data-none")}), nil
	}
	export := Export{Exported: h.now(), Interests: interests}
	for _, l := range lines {
		export.Conversation = append(export.Conversation, conversationLine{l.At, l.Body})
	}
	src, err := json.MarshalIndent(export, "", "  ")
	if err != nil {
		return bot.Response{}, fmt.Errorf("writing a person's data: %w", err)
	}
	return direct(bot.Reply{
		Text:  h.words.Say(lang, "data-here"),
		Files: []bot.File{{Name: "mes-donnees.json", Type: "application/json", Data: src}},
	}), nil
}

// direct goes to the person's direct conversation, where files can be attached and only they read.
func direct(reply bot.Reply) bot.Response {
	reply.Direct = true
	return bot.Response{Replies: []bot.Reply{reply}}
}

func (h *Handler) ask(_ context.Context, r bot.Request) (bot.Response, error) {
	lang := h.lang(r)
	data := map[string]string{"lang": lang}
	return direct(bot.Reply{Text: h.words.Say(lang, "erase-ask"), Buttons: []bot.Button{
		{Label: h.words.Say(lang, "erase-yes"), Do: "erase.yes", Style: bot.Danger, Once: true, TTL: time.Hour, Data: data},
		{Label: h.words.Say(lang, "erase-no"), Do: "erase.no", Once: true, TTL: time.Hour, Data: data},
	}}), nil
}

func (h *Handler) keep(_ context.Context, r bot.Request) (bot.Response, error) {
	return bot.Response{Replies: []bot.Reply{{Text: h.words.Say(h.lang(r), "erase-kept"), Replace: true}}}, nil
}

func (h *Handler) erase(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.lang(r)
	erased, err := h.store.ErasePerson(ctx, r.From.Ref())
	if err != nil {
		return bot.Response{}, fmt.Errorf("erasing a person's data: %w", err)
	}
	if err := h.store.Compact(ctx); err != nil {
		return bot.Response{}, fmt.Errorf("compacting the store after an erasure: %w", err)
	}
	var what []string
	if erased.Interests > 0 {
		what = append(what, h.words.Count(lang, "erased-interests", erased.Interests))
	}
	if erased.Lines > 0 {
		what = append(what, h.words.Count(lang, "erased-lines", erased.Lines))
	}
	if erased.Forms+erased.Offers > 0 || len(what) == 0 {
		what = append(what, h.words.Say(lang, "erased-others"))
	}
	text := h.words.Say(lang, "erase-done", "what", strings.Join(what, ", "))
	return bot.Response{Replies: []bot.Reply{{Text: text, Replace: true}}}, nil
}
