package mattermost

import (
	"context"
	"fmt"

	"candide/bot"
)

// Recall implements bot.Recaller: the post's props say which message it answers, and with which entry.
func (p *Platform) Recall(ctx context.Context, _ bot.Place, id bot.PostID) (bot.Recalled, error) {
	h, err := p.at()
	if err != nil {
		return bot.Recalled{}, err
	}
	answer, resp, err := p.client.GetPost(ctx, string(id), "")
	if gone(resp) {
		return bot.Recalled{}, bot.ErrForgotten
	}
	if err != nil {
		return bot.Recalled{}, fmt.Errorf("looking at an answer: %w", brief(err))
	}
	key, _ := answer.GetProp(propKey).(string)
	entry, _ := answer.GetProp(propEntry).(string)
	message, ok := bot.AnsweredBy(key)
	if !ok || answer.UserId != h.me.Id {
		return bot.Recalled{}, bot.ErrForgotten
	}
	post, resp, err := p.client.GetPost(ctx, string(message), "")
	if gone(resp) {
		return bot.Recalled{}, bot.ErrForgotten
	}
	if err != nil {
		return bot.Recalled{}, fmt.Errorf("looking at the message answered: %w", brief(err))
	}
	ch, err := p.channel(ctx, post.ChannelId)
	if err != nil {
		return bot.Recalled{}, fmt.Errorf("looking at the channel of a message: %w", err)
	}
	m, ok, err := p.message(ctx, h, post, ch)
	if err != nil {
		return bot.Recalled{}, err
	}
	if !ok {
		return bot.Recalled{}, bot.ErrForgotten
	}
	return bot.Recalled{Entry: entry, Question: m}, nil
}
