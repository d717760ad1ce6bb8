package bot

import (
	"context"
	"errors"
	"fmt"

	"candide/storage"
)

// Press implements Inbox.
func (r *Runtime) Press(ctx context.Context, p Press) (<-chan struct{}, error) {
	// Looked at before it is used, so that a forged press is refused while the platform still waits.
	if _, err := r.store.Offer(ctx, p.Key, p.Person.Ref(), string(p.Post), r.now()); err != nil {
		return nil, refused(err)
	}
	return r.behind(ctx, p.Person, func(ctx context.Context) error { return r.press(ctx, p) })
}

func (r *Runtime) press(ctx context.Context, p Press) error {
	req := Request{
		From: p.Person, Place: p.Place, Lang: p.Lang, Post: p.Post,
		Addressed: true, IsRecruiter: r.recruiter(p.Person),
	}
	to := Target{Place: p.Place, To: p.Person, Ticket: p.Ticket, Private: p.Private}
	offer, err := r.store.Offer(ctx, p.Key, p.Person.Ref(), string(p.Post), r.now())
	if err != nil {
		return r.deliver(ctx, req, to, Whisper(r.phrases.Say(p.Lang, "button-over")))
	}
	if p.Post == "" {
		req.Post = PostID(offer.Post)
	}
	if offer.Do == formAction {
		return r.pressForm(ctx, req, to, offer)
	}
	action, ok := r.routes.actions[offer.Do]
	if !ok {
		return fmt.Errorf("an offer names the unknown action %q", offer.Do)
	}
	// Rights come before use: a press that is refused must not spend the buttons.
	if action.recruiters {
		if ok, err := req.IsRecruiter(ctx); err != nil || !ok {
			phrase := "recruiters-only"
			if err != nil {
				phrase = "rights-unknown"
				r.log.Error("checking a recruiter's rights failed", "platform", p.Person.Platform, "error", err)
			}
			return r.deliver(ctx, req, to, Whisper(r.phrases.Say(p.Lang, phrase)))
		}
	}
	if _, err := r.store.UseOffer(ctx, p.Key, p.Person.Ref(), string(p.Post), r.now()); err != nil {
		return r.deliver(ctx, req, to, Whisper(r.phrases.Say(p.Lang, "button-over")))
	}
	req.Data = offer.Data
	return r.answer(ctx, req, to, action.run)
}

func refused(err error) error {
	for _, known := range []error{storage.ErrNotFound, storage.ErrExpired, storage.ErrSpent, storage.ErrForeign} {
		if errors.Is(err, known) {
			return fmt.Errorf("%w: %w", ErrRefused, known)
		}
	}
	return err
}

// React implements Inbox.
func (r *Runtime) React(ctx context.Context, re Reaction) error {
	if r.routes.reaction == nil || re.Person.Bot {
		return nil
	}
	_, err := r.behind(ctx, re.Person, func(ctx context.Context) error {
		recruiter, err := r.recruiter(re.Person)(ctx)
		if err != nil {
			return fmt.Errorf("checking a recruiter's rights: %w", err)
		}
		res, err := r.routes.reaction(ctx, re, recruiter)
		if err != nil {
			return err
		}
		req := Request{From: re.Person, Place: re.Place, Addressed: true, Post: re.Post}
		return r.deliver(ctx, req, Target{Place: re.Place, To: re.Person}, res)
	})
	return err
}

// Reaction registers what answers an emoji put on one of the bot's posts.
func (rs *Routes) Reaction(f func(ctx context.Context, re Reaction, recruiter bool) (Response, error)) {
	rs.reaction = f
}
