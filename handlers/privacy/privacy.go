// Package privacy is what people may ask about their own data, and what the bot does about it by itself: it shows
// everything, erases it, asks before a consent runs out, and forgets what is over.
package privacy

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"candide/bot"
	"candide/handlers/words"
	"candide/storage"
)

// Store is what these conversations read and erase.
type Store interface {
	Kept(ctx context.Context, p storage.PersonRef) (storage.Kept, error)
	Changes(ctx context.Context, subject string, limit int) ([]storage.Change, error)
	ErasePerson(ctx context.Context, p storage.PersonRef, at time.Time) (storage.Erased, error)
	DoomedPosts(ctx context.Context, limit int) ([]storage.OwnPost, error)
	PostGone(ctx context.Context, number int) error

	Interests(ctx context.Context, campaign string) ([]storage.Interest, error)
	ClaimRenewal(ctx context.Context, number int, at time.Time) (bool, error)
	RenewConsent(ctx context.Context, number int, p storage.PersonRef, at, until time.Time) (storage.Interest, error)
	Purge(ctx context.Context, now time.Time) (storage.Purged, error)
	LastDone(ctx context.Context, name string) (time.Time, error)
	MarkDone(ctx context.Context, name string, at time.Time) error

	// Compact makes the erased bytes leave the file: a store may keep them until then.
	Compact(ctx context.Context) error
	Size(ctx context.Context) (int64, error)
	NeedsCompact(ctx context.Context) (bool, error)
}

// Chat posts and takes posts away. *bot.Runtime is behind it.
type Chat interface {
	Deliver(ctx context.Context, to bot.Target, reply bot.Reply) (bot.PostID, error)
	Remove(ctx context.Context, in bot.Place, id bot.PostID) error
}

// Options are what a handler is made of. All but AtOnce, Forget and Log are required.
type Options struct {
	Store    Store
	Words    *words.Words
	Chat     Chat
	Now      func() time.Time
	Zone     *time.Location // in which dates are said
	Language string         // of people who say nothing
	// Renewal is for how many months a renewed consent is kept, Backups for how many months the operator keeps backups.
	Renewal, Backups int
	// AtOnce is the size in bytes up to which the file is rewritten while the person waits, and everybody with them; a
	// larger one is at night. 0: 256 MB.
	AtOnce int64
	// Forget lets go of what is only in memory about a person.
	Forget func(bot.Request)
	Log    *slog.Logger
}

// Handler shows and erases people's data.
type Handler struct{ Options }

// New returns a handler.
func New(o Options) *Handler {
	if o.Forget == nil {
		o.Forget = func(bot.Request) {}
	}
	if o.AtOnce == 0 {
		o.AtOnce = 256 << 20
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Handler{o}
}

// Register adds the conversations to routes.
func (h *Handler) Register(routes *bot.Routes) error {
	routes.Action("erase.yes", false, h.erase)
	routes.Action("erase.no", false, h.keep)
	routes.Action("renew.yes", false, h.renew)
	return errors.Join(
		routes.Command(bot.Command{Names: []string{"mes-donnees", "my-data"}, Run: h.show}),
		routes.Command(bot.Command{Names: []string{"effacer-mes-donnees", "erase-my-data"}, Run: h.ask}),
	)
}

func (h *Handler) lang(r bot.Request) string {
	if l := r.Data["lang"]; l != "" {
		return l
	}
	if r.Lang != "" {
		return r.Lang
	}
	return h.Language
}

// direct goes to the person's direct conversation, where files can be attached and only they read.
func direct(reply bot.Reply) bot.Response {
	reply.Direct = true
	return bot.Response{Replies: []bot.Reply{reply}}
}
