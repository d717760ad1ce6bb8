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

// export sends the candidates as files, to the recruiter alone.
func (h *Handler) export(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.campaigns.Lang(r)
	list, _, err := h.all(ctx, r)
	if err != nil {
		return bot.Response{}, err
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
	for _, c := range h.campaigns.At(r.Place) {
		err := h.store.RecordChange(ctx, storage.Change{
			At: h.now(), By: r.From.Ref(), Action: storage.ChangeExport, Subject: "campaign/" + c.FAQ().ID,
		})
		if err != nil {
			return bot.Response{}, fmt.Errorf("recording an export: %w", err)
		}
	}
	return bot.Response{Replies: []bot.Reply{{
		Text: h.words.Count(lang, "candidates-export", len(list)), Direct: true, About: people(list),
		Files: []bot.File{
			{Name: "candidats.csv", Type: "text/csv; charset=utf-8", Data: table.Bytes()},
			{Name: "candidats.json", Type: "application/json", Data: tree.Bytes()},
		},
	}}}, nil
}
