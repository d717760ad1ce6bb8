package bot

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// TellRecruiters posts in the recruiters' channel of a platform, or of the first that has one when platform is empty
// or has none. It returns ErrNoChannel when there is none at all.
func (r *Runtime) TellRecruiters(ctx context.Context, platform PlatformID, reply Reply) (PostID, error) {
	return r.tell(ctx, platform, func(_ Platform, to Target) (PostID, error) { return r.Deliver(ctx, to, reply) })
}

// TellRecruitersOnce is TellRecruiters for what may have been posted since a time, by a process that died before it
// learnt so: where the platform finds posts by their key, it is not posted again.
func (r *Runtime) TellRecruitersOnce(ctx context.Context, platform PlatformID, reply Reply, since time.Time) (PostID, error) {
	return r.tell(ctx, platform, func(p Platform, to Target) (PostID, error) {
		if finder, ok := p.(Finder); ok {
			id, found, err := finder.FindPost(ctx, to, reply.Key, since)
			if err != nil || found {
				return id, wrap(err, "looking for an earlier post")
			}
		}
		return r.Deliver(ctx, to, reply)
	})
}

// RecruitersPlace is the channel where TellRecruiters posts. It returns ErrNoChannel when there is none at all.
func (r *Runtime) RecruitersPlace(ctx context.Context, platform PlatformID) (place Place, err error) {
	_, err = r.tell(ctx, platform, func(_ Platform, to Target) (PostID, error) {
		place = to.Place
		return "", nil
	})
	return place, err
}

func (r *Runtime) tell(ctx context.Context, platform PlatformID, post func(Platform, Target) (PostID, error)) (PostID, error) {
	r.mu.RLock()
	candidates := make([]Platform, 0, len(r.platforms))
	if p, ok := r.platforms[platform]; ok {
		candidates = append(candidates, p)
	}
	for id, p := range r.platforms {
		if id != platform {
			candidates = append(candidates, p)
		}
	}
	r.mu.RUnlock()
	var errs []error
	for _, p := range candidates {
		rc, ok := p.(RecruitersChannel)
		if !ok {
			continue
		}
		place, err := rc.RecruitersPlace(ctx)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		return post(p, Target{Place: place})
	}
	if len(errs) == 0 {
		errs = append(errs, ErrNoChannel)
	}
	return "", fmt.Errorf("telling the recruiters: %w", errors.Join(errs...))
}
