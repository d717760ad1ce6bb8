package bot

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Find looks for a post of the bot by its key, where Deliver would have put it, among those made since a time. On a
// platform that cannot look, nothing is found.
func (r *Runtime) Find(ctx context.Context, to Target, key string, since time.Time) (PostID, bool, error) {
	id := to.Place.Platform
	if to.Direct {
		id = to.To.Platform
	}
	platform, ok := r.Platform(id)
	if !ok {
		return "", false, fmt.Errorf("looking for a post on %q: the platform is not connected", id)
	}
	finder, ok := platform.(Finder)
	if !ok {
		return "", false, nil
	}
	return finder.FindPost(ctx, to, key, since)
}

// Recall returns what a post of the bot answered, or ErrForgotten.
func (r *Runtime) Recall(ctx context.Context, in Place, id PostID) (Recalled, error) {
	platform, ok := r.Platform(in.Platform)
	if !ok {
		return Recalled{}, fmt.Errorf("recalling a post on %q: the platform is not connected", in.Platform)
	}
	recaller, ok := platform.(Recaller)
	if !ok {
		return Recalled{}, ErrForgotten
	}
	return recaller.Recall(ctx, in, id)
}

// AnsweredBy is the message that the post with this key answers, where it is an answer to one.
func AnsweredBy(key string) (message PostID, ok bool) {
	rest, ok := strings.CutPrefix(key, answerPrefix)
	if !ok {
		return "", false
	}
	_, rest, ok = strings.Cut(rest, ":") // the platform
	i := strings.LastIndex(rest, ":")
	if !ok || i <= 0 {
		return "", false
	}
	return PostID(rest[:i]), true
}
