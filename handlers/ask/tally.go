package ask

import (
	"context"

	"candide/faq"
	"candide/faq/topics"
	"candide/handlers/campaigns"
	"candide/storage"
)

// Outcomes as they are counted, beside those of package faq.
const (
	// outcomeOther is small talk, what is refused and what was not understood: no question about the recruitment.
	outcomeOther = "other"
)

// count counts what became of a question. A question about health or family counts, but not its topic.
func (h *Handler) count(ctx context.Context, c *campaigns.Campaign, d faq.Decision) {
	outcome := string(d.Outcome)
	if d.Outcome == faq.Unknown && d.Kind != string(topics.Recruitment) {
		outcome = outcomeOther
	}
	list := []storage.Tally{c.Tally(h.now(), storage.TallyOutcome, outcome)}
	for _, a := range d.Answers {
		list = append(list, c.Tally(h.now(), storage.TallyEntry, a.Entry))
	}
	if (outcome == string(faq.Unknown) || d.Outcome == faq.Silent) && !d.Private && d.Asked != "" {
		list = append(list, c.Tally(h.now(), storage.TallyUncovered, d.Asked))
	}
	h.add(ctx, list)
}

func (h *Handler) tally(ctx context.Context, c *campaigns.Campaign, kind storage.TallyKind, name string) {
	if name != "" {
		h.add(ctx, []storage.Tally{c.Tally(h.now(), kind, name)})
	}
}

// add counts; a count that is lost is no reason to leave somebody without an answer.
func (h *Handler) add(ctx context.Context, list []storage.Tally) {
	if h.tallies == nil {
		return
	}
	if err := h.tallies.Count(ctx, list); err != nil {
		h.log.Error("counting failed", "error", err)
	}
}
