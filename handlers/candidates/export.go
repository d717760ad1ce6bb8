package candidates

import (
	"bytes"
	"context"
	"fmt"

	"candide/bot"
	"candide/handlers/interest"
	"candide/storage"
)

// bom tells spreadsheets that the file is UTF-8; without it some of them spoil the accents.
const bom = "\ufeff"

// export sends the campaign's candidates as files, to the recruiter alone.
func (h *Handler) export(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang, campaign := h.campaigns.Lang(r), h.campaigns.In(r.Place).FAQ().ID
	list, err := h.store.Interests(ctx, campaign)
	if err != nil {
		return bot.Response{}, fmt.Errorf("listing the candidates: %w", err)
	}
	if len(list) == 0 {
		return bot.Whisper(h.words.Say(lang, "candidates-none")), nil
	}
	table, tree := bytes.NewBufferString(bom), &bytes.Buffer{}
	if err := interest.Export(table, "csv", list); err != nil {
		return bot.Response{}, err
	}
	if err := interest.Export(tree, "json", list); err != nil {
		return bot.Response{}, err
	}
	// Written down before it is sent: what left is what the log is for.
	err = h.store.RecordChange(ctx, storage.Change{
		At: h.now(), By: r.From.Ref(), Action: storage.ChangeExport, Subject: "campaign/" + campaign,
	})
	if err != nil {
		return bot.Response{}, fmt.Errorf("recording an export: %w", err)
	}
	return bot.Response{Replies: []bot.Reply{{
		Text: h.words.Count(lang, "candidates-export", len(list)), Direct: true, About: people(list),
		Files: []bot.File{
			{Name: "candidats.csv", Type: "text/csv; charset=utf-8", Data: table.Bytes()},
			{Name: "candidats.json", Type: "application/json", Data: tree.Bytes()},
		},
	}}}, nil
}
