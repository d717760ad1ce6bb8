// Package editor is where recruiters keep the FAQ alive from chat: list, view, add, change, archive, take back, try.
//
// Every change is a version of one entry in the store, which wins over the FAQ's file. Before it is saved it is checked
// as the file would be, and the questions that the FAQ knows are asked with and without it. Once saved it answers.
package editor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"candide/bot"
	"candide/faq"
	"candide/handlers/campaigns"
	"candide/handlers/words"
	"candide/storage"
)

// Store is what these conversations keep.
type Store interface {
	SaveEdit(ctx context.Context, e storage.Edit, base int) (storage.Edit, error)
	Edits(ctx context.Context, campaign, entry string) ([]storage.Edit, error)
	LatestEdits(ctx context.Context, campaign string) ([]storage.Edit, error)
}

// Options are what a handler is made of; all are required.
type Options struct {
	Store     Store
	Words     *words.Words
	Campaigns *campaigns.Set
	Now       func() time.Time
	// Build makes the index of a FAQ. It may take a fraction of a second.
	Build func(*faq.FAQ) (campaigns.Index, error)
	// Topics says which topics exist, and Propose which one a question seems to be about; empty: none.
	Topics  func(id string) bool
	Propose func(question string) string
}

// Handler edits FAQs.
type Handler struct {
	Options
	files map[*campaigns.Campaign]*faq.FAQ // as the files have them
	saved func(context.Context, Saved) string

	mu sync.Mutex // held from the last look at a FAQ until its change answers
}

// Saved is a change that came out of a form opened for a group of the inbox.
type Saved struct {
	Campaign *campaigns.Campaign
	Request  bot.Request
	Entry    string
	Group    int
	Tell     bool // those who asked
	Attached bool // to an entry that was there already
}

// New returns a handler of the campaigns as their files have them; Load brings in the edits.
func New(o Options) *Handler {
	h := &Handler{Options: o, files: map[*campaigns.Campaign]*faq.FAQ{}}
	for _, c := range o.Campaigns.All() {
		h.files[c] = c.FAQ()
	}
	return h
}

// OnSaved registers what is done once an entry made from a group of the inbox is saved; it returns what to add to the
// recruiter's answer.
func (h *Handler) OnSaved(f func(ctx context.Context, s Saved) string) { h.saved = f }

// Register adds the conversations to routes.
func (h *Handler) Register(routes *bot.Routes) error {
	routes.Form(editForm, h.step)
	routes.Form(attachForm, h.attachStep)
	for name, f := range map[string]bot.Func{
		"faq.view": h.view, "faq.edit": h.edit, "faq.archive": h.archive, "faq.archive.yes": h.archiveNow,
		"faq.history": h.history, "faq.undo": h.undo, "faq.restore": h.restore, "faq.list": h.list, "faq.add": h.add,
		"faq.keep": h.keep,
	} {
		routes.Action(name, true, f)
	}
	var errs []error
	for _, c := range []bot.Command{
		{Names: []string{"faq liste", "faq list", "faq"}, Args: true, Accepts: isPage, Run: h.list},
		{Names: []string{"faq voir", "faq view", "faq show"}, Args: true, Run: h.view},
		{Names: []string{"faq ajouter", "faq add"}, Args: true, Run: h.add},
		{Names: []string{"faq modifier", "faq edit"}, Args: true, Run: h.edit},
		{Names: []string{"faq archiver", "faq archive"}, Args: true, Run: h.archive},
		{Names: []string{"faq historique", "faq history"}, Args: true, Run: h.history},
		{Names: []string{"faq annuler", "faq undo"}, Args: true, Run: h.undo},
		{Names: []string{"faq tester", "faq test", "faq try"}, Args: true, Run: h.try},
	} {
		c.Recruiters = true
		errs = append(errs, routes.Command(c))
	}
	return errors.Join(errs...)
}

// Changed is an entry edited from chat whose file changed underneath.
type Changed struct{ Campaign, Entry string }

// Load makes every campaign answer with its edits, and returns those whose file says something else since.
func (h *Handler) Load(ctx context.Context) ([]Changed, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var changed []Changed
	for _, c := range h.Campaigns.All() {
		edits, err := h.Store.LatestEdits(ctx, h.files[c].ID)
		if err != nil {
			return nil, fmt.Errorf("reading the edits of the FAQ: %w", err)
		}
		if len(edits) == 0 {
			continue
		}
		f, ids, err := Merge(h.files[c], edits)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			changed = append(changed, Changed{f.ID, id})
		}
		index, err := h.Build(f)
		if err != nil {
			return nil, fmt.Errorf("building the index of the edited FAQ: %w", err)
		}
		c.Use(index)
	}
	return changed, nil
}

// Edited reports whether a campaign answers with something else than its file.
func (h *Handler) Edited(c *campaigns.Campaign) bool { return c.FAQ() != h.files[c] }

// Merge returns the FAQ of a file with its edits, and the ids of the entries whose file changed underneath.
func Merge(file *faq.FAQ, edits []storage.Edit) (f *faq.FAQ, changed []string, err error) {
	f = file
	for _, e := range edits {
		if e.Base != baseOf(file, e.Entry) {
			changed = append(changed, e.Entry)
		}
		if e.Archived() {
			f = f.Without(e.Entry)
			continue
		}
		entry, err := entryOf(e)
		if err != nil {
			return nil, nil, err
		}
		f = f.With(entry)
	}
	return f, changed, nil
}

// baseOf is how a version remembers what the file had.
func baseOf(file *faq.FAQ, id string) string {
	if e, ok := file.Entry(id); ok {
		return e.Fingerprint()
	}
	return ""
}

func entryOf(e storage.Edit) (faq.Entry, error) {
	var entry faq.Entry
	if err := json.Unmarshal(e.Body, &entry); err != nil {
		return faq.Entry{}, fmt.Errorf("reading version %d of the entry %q: %w", e.Version, e.Entry, err)
	}
	return entry, nil
}

// errProblems: the FAQ would not be right; what is wrong is said beside it.
var errProblems = errors.New("the change would leave the FAQ with a problem")

// apply saves a version and makes it answer. A nil entry archives. It returns storage.ErrStale when somebody was
// faster, and errProblems with what would be wrong.
func (h *Handler) apply(ctx context.Context, r bot.Request, c *campaigns.Campaign, change version) (storage.Edit, faq.Problems, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f, problems := h.changed(c, change.id, change.entry)
	if len(problems) > 0 {
		return storage.Edit{}, problems, errProblems
	}
	index, err := h.Build(f)
	if err != nil {
		return storage.Edit{}, nil, fmt.Errorf("building the index of the edited FAQ: %w", err)
	}
	e := storage.Edit{
		Campaign: f.ID, Entry: change.id, Base: baseOf(h.files[c], change.id), Kind: change.kind,
		By: r.From.Ref(), ByName: r.From.Name, At: h.Now(),
	}
	if change.entry != nil {
		if e.Body, err = json.Marshal(change.entry); err != nil {
			return storage.Edit{}, nil, fmt.Errorf("writing an entry: %w", err)
		}
	}
	if e, err = h.Store.SaveEdit(ctx, e, change.base); err != nil {
		return storage.Edit{}, nil, fmt.Errorf("saving an entry: %w", err)
	}
	c.Use(index)
	return e, nil, nil
}

// version is a change to be made.
type version struct {
	id    string
	entry *faq.Entry // nil: archived
	base  int
	kind  storage.EditKind
}

// changed returns the FAQ with one entry changed, and the problems that it does not have yet.
func (h *Handler) changed(c *campaigns.Campaign, id string, entry *faq.Entry) (*faq.FAQ, faq.Problems) {
	f := c.FAQ()
	known := map[string]bool{}
	for _, p := range f.Check(h.Topics) {
		known[what(p)] = true
	}
	after := f.Without(id)
	if entry != nil {
		after = f.With(*entry)
	}
	var fresh faq.Problems
	for _, p := range after.Check(h.Topics) {
		if !known[what(p)] {
			fresh = append(fresh, p)
		}
	}
	return after, fresh
}

// what is a problem without the line that it is on.
func what(p faq.Problem) string {
	if p.Code == "" {
		return p.What
	}
	return fmt.Sprint(p.Code, p.Args)
}
