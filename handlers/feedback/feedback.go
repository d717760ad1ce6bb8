// Package feedback is what emoji on the bot's answers do: a thumb up or down counts, a thumb down offers a human, and a
// recruiter's cross takes the answer away and asks what it should have said.
package feedback

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"candide/bot"
	"candide/handlers/campaigns"
	"candide/handlers/words"
	"candide/storage"
)

// Store counts, once for each person and post, and records what recruiters did.
type Store interface {
	CountOnce(ctx context.Context, key string, c storage.Tally, at time.Time) (counted bool, err error)
	RecordChange(ctx context.Context, c storage.Change) error
}

// Chat recalls what a post answered, and takes it away. *bot.Runtime is behind it.
type Chat interface {
	Remove(ctx context.Context, in bot.Place, id bot.PostID) error
	Recall(ctx context.Context, in bot.Place, id bot.PostID) (bot.Recalled, error)
}

// Inbox takes questions whose answer was disliked; it returns their group's number, 0 where it does not take them.
type Inbox interface {
	FileDisliked(ctx context.Context, r bot.Request, text, entry string) (number int, err error)
}

// Handler answers reactions.
type Handler struct {
	store     Store
	chat      Chat
	inbox     Inbox
	words     *words.Words
	campaigns *campaigns.Set
	now       func() time.Time
}

// New returns a handler.
func New(store Store, chat Chat, inbox Inbox, w *words.Words, set *campaigns.Set, now func() time.Time) *Handler {
	return &Handler{store: store, chat: chat, inbox: inbox, words: w, campaigns: set, now: now}
}

// Register adds the conversation to routes.
func (h *Handler) Register(routes *bot.Routes) { routes.Reaction(h.reaction) }

// meanings are what emoji say, by the names that platforms give them.
var meanings = map[string]string{
	"+1": "up", "thumbsup": "up", "👍": "up",
	"-1": "down", "thumbsdown": "down", "👎": "down",
	"x": "cross", "negative_squared_cross_mark": "cross", "heavy_multiplication_x": "cross", "❌": "cross",
}

func (h *Handler) reaction(ctx context.Context, re bot.Reaction, recruiter bool) (bot.Response, error) {
	meaning := meanings[re.Emoji]
	switch {
	case meaning == "cross" && recruiter:
		return h.cross(ctx, re)
	case meaning == "up" || meaning == "down":
		return h.thumb(ctx, re, meaning)
	}
	return bot.Response{}, nil
}

// thumb counts a thumb on an answer; a thumb down hands the question to a human.
func (h *Handler) thumb(ctx context.Context, re bot.Reaction, meaning string) (bot.Response, error) {
	answered, err := h.chat.Recall(ctx, re.Place, re.Post)
	if errors.Is(err, bot.ErrForgotten) || err == nil && answered.Entry == "" {
		return bot.Response{}, nil // no answer
	}
	if err != nil {
		return bot.Response{}, fmt.Errorf("recalling an answer: %w", err)
	}
	// Who said what of which post is not for anybody to read: a digest tells whether it was counted already.
	sum := sha256.Sum256([]byte(string(re.Person.Ref()) + "\n" + string(re.Post) + "\n" + meaning))
	c := h.campaigns.In(re.Place)
	counted, err := h.store.CountOnce(ctx, "feedback:"+hex.EncodeToString(sum[:16]), c.Tally(h.now(), storage.TallyFeedback, meaning), h.now())
	if err != nil {
		return bot.Response{}, fmt.Errorf("counting a thumb: %w", err)
	}
	if !counted {
		return bot.Response{}, nil
	}
	if meaning == "up" {
		return bot.Response{}, nil
	}
	number, err := h.file(ctx, answered)
	if err != nil {
		return bot.Response{}, err
	}
	lang := answered.Question.Lang
	if lang == "" {
		lang = c.FAQ().Language
	}
	contact := c.FAQ().Contact
	switch {
	case number > 0 && contact != "":
		return bot.Whisper(h.words.Say(lang, "disliked", "contact", contact)), nil
	case number > 0:
		return bot.Whisper(h.words.Say(lang, "disliked-no-contact")), nil
	case contact != "":
		return bot.Whisper(h.words.Say(lang, "disliked-private", "contact", contact)), nil
	}
	return bot.Response{}, nil
}

func (h *Handler) file(ctx context.Context, answered bot.Recalled) (int, error) {
	q := answered.Question
	r := bot.Request{From: q.From, Place: q.Place, Text: q.Text, Lang: q.Lang, Addressed: true, Command: q.Command}
	number, err := h.inbox.FileDisliked(ctx, r, q.Text, answered.Entry)
	if err != nil {
		return 0, fmt.Errorf("filing a disliked answer: %w", err)
	}
	return number, nil
}

// cross takes a post away and, where it was an answer, asks the recruiter what it should have said.
func (h *Handler) cross(ctx context.Context, re bot.Reaction) (bot.Response, error) {
	answered, recalling := h.chat.Recall(ctx, re.Place, re.Post) // before it is gone
	if err := h.chat.Remove(ctx, re.Place, re.Post); err != nil {
		return bot.Response{}, fmt.Errorf("removing a post that a recruiter crossed out: %w", err)
	}
	err := h.store.RecordChange(ctx, storage.Change{
		At: h.now(), By: re.Person.Ref(), Action: storage.ChangeRemoved, Subject: storage.BotSubject,
	})
	if err != nil {
		return bot.Response{}, fmt.Errorf("recording a change: %w", err)
	}
	if errors.Is(recalling, bot.ErrForgotten) || recalling == nil && answered.Entry == "" {
		return bot.Response{}, nil
	}
	if recalling != nil {
		return bot.Response{}, fmt.Errorf("recalling an answer: %w", recalling)
	}
	number, err := h.file(ctx, answered)
	if err != nil {
		return bot.Response{}, err
	}
	c := h.campaigns.In(re.Place)
	f := c.FAQ()
	lang := f.Language
	data := map[string]string{"campaign": f.ID, "lang": lang, "entry": answered.Entry, "group": strconv.Itoa(number)}
	title := answered.Entry
	var buttons []bot.Button
	add := func(label, action string, style bot.Style) {
		buttons = append(buttons, bot.Button{Label: h.words.Say(lang, label), Do: action, Style: style, Data: data})
	}
	if number > 0 {
		add("inbox-button-answer", "inbox.answer", bot.Primary)
	}
	if e, ok := f.Entry(answered.Entry); ok {
		title = e.Title.In(lang, lang)
		add("crossed-edit", "faq.edit", bot.Plain)
	}
	if number > 0 {
		add("inbox-button-attach", "inbox.attach", bot.Plain)
		add("inbox-button-entry", "inbox.entry", bot.Plain)
	}
	return bot.Whisper(h.words.Say(lang, "crossed", "title", title), buttons...), nil
}
