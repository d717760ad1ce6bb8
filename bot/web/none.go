package web

import (
	"context"
	"errors"

	"candide/bot"
)

var errNotRunning = errors.New("the web page is not running")

// nobody is the inbox of a page that is stopping.
type nobody struct{}

func (nobody) Message(context.Context, bot.Message) (<-chan struct{}, error) {
	return nil, errNotRunning
}

func (nobody) Press(context.Context, bot.Press) (<-chan struct{}, error) { return nil, errNotRunning }

func (nobody) Submit(context.Context, bot.Submission) (map[string]string, error) {
	return nil, errNotRunning
}

func (nobody) React(context.Context, bot.Reaction) error { return errNotRunning }

func (nobody) Removed(context.Context, bot.Removal) error { return errNotRunning }

// currentOrNone is the inbox, or one that refuses when the page stopped in the middle of a request.
func (p *Platform) currentOrNone() bot.Inbox {
	if inbox := p.currentInbox(); inbox != nil {
		return inbox
	}
	return nobody{}
}
