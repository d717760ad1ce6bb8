// Package candidates is how recruiters follow the people who are interested: the list, one person, the stages, notes
// and the export. Names are said to recruiters alone, in private.
package candidates

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"candide/bot"
	"candide/handlers/campaigns"
	"candide/handlers/words"
	"candide/storage"
)

// Store is what these conversations read and keep.
type Store interface {
	Interests(ctx context.Context, campaign string) ([]storage.Interest, error)
	Interest(ctx context.Context, number int) (storage.Interest, error)
	SetStage(ctx context.Context, number int, stage storage.Stage, by storage.PersonRef, at time.Time) (storage.Interest, error)
	AddNote(ctx context.Context, number int, note storage.Note) (storage.Interest, error)
	RecordChange(ctx context.Context, c storage.Change) error
}

// Names says how people are called on their platform, for recruiters' eyes; "" where that is not known.
type Names interface {
	NameOf(ctx context.Context, p bot.Person) string
}

// Handler follows the candidates.
type Handler struct {
	store     Store
	words     *words.Words
	campaigns *campaigns.Set
	now       func() time.Time
	names     Names
}

// New returns a handler.
func New(store Store, w *words.Words, set *campaigns.Set, now func() time.Time, names Names) *Handler {
	return &Handler{store: store, words: w, campaigns: set, now: now, names: names}
}

// Register adds the conversations to routes.
func (h *Handler) Register(routes *bot.Routes) error {
	routes.Action("candidates.page", true, h.list)
	routes.Action("candidates.view", true, h.view)
	routes.Action("candidates.stage", true, h.stage)
	routes.Action("candidates.note", true, h.note)
	routes.Form("candidate-stage", h.stageForm)
	routes.Form("candidate-note", h.noteForm)
	var errs []error
	for _, c := range []bot.Command{
		{Names: []string{"candidats liste", "candidates list"}, Args: true, Run: h.list},
		{Names: []string{"candidats", "candidates"}, Run: h.list},
		{Names: []string{"candidats voir", "candidates view", "candidates show"}, Args: true, Run: h.view},
		{Names: []string{"candidats étape", "candidates stage"}, Args: true, Run: h.stage},
		{Names: []string{"candidats note", "candidates note"}, Args: true, Run: h.note},
		{Names: []string{"candidats export", "candidats exporter", "candidates export"}, Run: h.export},
	} {
		c.Recruiters = true
		for _, name := range c.Names { // “candidat voir 1” is as clear
			if first, rest, ok := strings.Cut(name, " "); ok {
				c.Names = append(c.Names, strings.TrimSuffix(first, "s")+" "+rest)
			}
		}
		errs = append(errs, routes.Command(c))
	}
	return errors.Join(errs...)
}

var numberPattern = regexp.MustCompile(`^(?i:n[o°]?\.?|#)?\s*([0-9]{1,9})(?:[\s:,.]+|$)`)

// number takes a candidate's number off the beginning of text: “3”, “n° 3”, “#3”.
func number(text string) (n int, rest string, ok bool) {
	text = strings.TrimSpace(text)
	m := numberPattern.FindStringSubmatch(text)
	if m == nil {
		return 0, text, false
	}
	n, err := strconv.Atoi(m[1])
	return n, strings.TrimSpace(text[len(m[0]):]), err == nil && n > 0
}

// find returns the candidate of a button, or the one whose number the text begins with; problem is what to answer
// where there is none.
func (h *Handler) find(ctx context.Context, r bot.Request, usage string) (i storage.Interest, rest, problem string, err error) {
	lang := h.campaigns.Lang(r)
	text := r.Text
	if n := r.Data["n"]; n != "" {
		text = n
	}
	n, rest, ok := number(text)
	if !ok {
		return storage.Interest{}, "", h.words.Say(lang, usage), nil
	}
	i, err = h.store.Interest(ctx, n)
	if errors.Is(err, storage.ErrNotFound) {
		return storage.Interest{}, "", h.words.Say(lang, "candidate-unknown", "n", strconv.Itoa(n)), nil
	}
	if err != nil {
		return storage.Interest{}, "", "", fmt.Errorf("looking for candidate %d: %w", n, err)
	}
	return i, rest, "", nil
}

// stageName is what people read for a stage.
func (h *Handler) stageName(lang string, s storage.Stage) string {
	return h.words.Say(lang, "stage-"+string(s))
}

// allowed says again, between two steps of a form, whether the person is a recruiter; a turn that is not nil is what
// to answer where they are not.
func (h *Handler) allowed(ctx context.Context, r bot.Request) (*bot.Turn, error) {
	ok, err := r.IsRecruiter(ctx)
	if err != nil {
		return nil, fmt.Errorf("checking a recruiter's rights: %w", err)
	}
	if !ok {
		return &bot.Turn{Response: bot.Whisper(h.words.Say(h.campaigns.Lang(r), "recruiters-only"))}, nil
	}
	return nil, nil
}
