package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"candide/cmd/candide/config"
	"candide/faq"
	"candide/faq/text"
	"candide/faq/topics"
	"candide/handlers/campaigns"
	"candide/handlers/editor"
	"candide/handlers/inbox"
	"candide/storage/boltdb"
)

// loadTimeout bounds the reading of the edits at start.
const loadTimeout = time.Minute

// loadEdits makes the campaigns answer with what was edited from chat, and says where a file changed underneath.
func (a *app) loadEdits() error {
	a.editor = editor.New(editor.Options{
		Store: a.store, Words: a.words, Campaigns: a.campaigns, Now: a.now, Topics: topics.Known, Propose: proposeTopic,
		Build: func(f *faq.FAQ) (campaigns.Index, error) { return newIndex(f) },
	})
	ctx, cancel := context.WithTimeout(context.Background(), loadTimeout)
	defer cancel()
	changed, err := a.editor.Load(ctx)
	if err != nil {
		return environmentFault(err)
	}
	for _, c := range changed {
		a.log.Warn("the FAQ's file changed for an entry that was edited from chat: the edited text answers; “faq voir” offers both",
			"campaign", c.Campaign, "entry", c.Entry)
	}
	return nil
}

// newInbox returns the inbox of the unanswered. The demonstration forgets it with the rest.
func (a *app) newInbox() *inbox.Handler {
	reader := text.NewReader() // one for all questions: it remembers their words
	o := inbox.Options{
		Store: a.store, Words: a.words, Campaigns: a.campaigns, Chat: a.runtime, Editor: a.editor, Now: a.now, Log: a.log,
		Meaning: func(said string) []float32 {
			model, err := topicModel()
			if err != nil {
				return nil // then letters alone tell which questions are alike
			}
			return topics.Meaning(model.Probabilities(reader.Read(said)))
		},
	}
	if a.cfg.Demonstration {
		o.Keep = 24 * time.Hour
	}
	return inbox.New(o)
}

// proposeFrom is how sure the model must be of the topic that it proposes for a new entry.
const proposeFrom = 0.5

// proposeTopic is the recruitment topic that a question seems to be about; empty: none.
func proposeTopic(question string) string {
	model, err := topicModel()
	if err != nil {
		return ""
	}
	scores := model.Classify(text.NewReader().Read(question))
	if len(scores) == 0 || scores[0].Probability < proposeFrom {
		return ""
	}
	if t, ok := topics.ByID(scores[0].Topic); !ok || t.Kind != topics.Recruitment {
		return ""
	}
	return scores[0].Topic
}

// standingFAQ is the first campaign's FAQ as it stands: its file's own bytes where nothing was edited from chat.
func standingFAQ(ctx context.Context, cfg config.Config, store *boltdb.Store) ([]byte, error) {
	name, src, err := readCampaignFAQ(cfg, 0)
	if err != nil {
		return nil, err
	}
	f, err := parseFAQ(name, src)
	if err != nil || store == nil {
		return src, err
	}
	edits, err := store.LatestEdits(ctx, f.ID)
	if err != nil || len(edits) == 0 {
		return src, environmentFault(err)
	}
	if f, _, err = editor.Merge(f, edits); err != nil {
		return nil, environmentFault(err)
	}
	return faq.Marshal(f), nil
}

// exportFAQ asks the running bot for the FAQ as it stands, and the database where none runs.
func exportFAQ(ctx context.Context, cfg config.Config) ([]byte, error) {
	if _, err := os.Stat(cfg.Storage.Path); errors.Is(err, os.ErrNotExist) {
		return standingFAQ(ctx, cfg, nil)
	}
	var out bytes.Buffer
	err := withData(ctx, cfg.Storage.Path, "/faq", nil, &out, func(store *boltdb.Store) error {
		src, err := standingFAQ(ctx, cfg, store)
		out.Write(src)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the FAQ as it stands: %w", err)
	}
	return out.Bytes(), nil
}
