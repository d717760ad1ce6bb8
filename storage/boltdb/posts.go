package boltdb

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"candide/storage"
)

// RememberPost keeps in mind that a post of the bot shows people's data, for storage.KeepPosts.
func (s *Store) RememberPost(ctx context.Context, people []storage.PersonRef, post storage.OwnPost) error {
	return s.update(ctx, "remembering a post", func(t *tx) error {
		if err := checkName("the post", post.Post); err != nil {
			return err
		}
		if post.At.IsZero() {
			return errors.New("the post has no time")
		}
		if len(people) == 0 {
			return errUnchanged
		}
		for _, p := range people {
			if err := checkName("the person", string(p)); err != nil {
				return err
			}
			number, err := t.bucket(bucketPosts).NextSequence()
			if err != nil {
				return err
			}
			post.Number = int(number)
			if err := t.put(bucketPosts, under(p, numberKey(number)), post); err != nil {
				return err
			}
		}
		return nil
	})
}

// doomPostsOf moves the posts of a person to those that are to be taken away, where nothing tells whose they were.
func (t *tx) doomPostsOf(p storage.PersonRef, at time.Time) (int, error) {
	posts, err := below[storage.OwnPost](t, bucketPosts, part(p))
	if err != nil {
		return 0, err
	}
	for _, post := range posts {
		post.DoomedAt = at
		if err := errors.Join(
			t.remove(bucketPosts, under(p, numberKey(post.Number))),
			t.put(bucketDoomed, numberKey(post.Number), post),
		); err != nil {
			return 0, err
		}
	}
	return len(posts), nil
}

// DoomedPosts returns at most limit of the posts that are to be taken away, the oldest numbers first; 0: all.
func (s *Store) DoomedPosts(ctx context.Context, limit int) (list []storage.OwnPost, err error) {
	err = s.view(ctx, "reading the posts to take away", func(t *tx) error {
		c := t.bucket(bucketDoomed).Cursor()
		for key, value := c.First(); key != nil && (limit == 0 || len(list) < limit); key, value = c.Next() {
			post, err := decode[storage.OwnPost](bucketDoomed, value)
			if err != nil {
				return err
			}
			list = append(list, post)
		}
		return nil
	})
	return list, err
}

// PostGone says that a doomed post was taken away. One that is not there is no error.
func (s *Store) PostGone(ctx context.Context, number int) error {
	return s.update(ctx, "forgetting a post", func(t *tx) error {
		return t.remove(bucketDoomed, numberKey(number))
	})
}

// purgePosts forgets posts remembered for storage.KeepPosts, those of people without an interest as soon as what they
// asked is forgotten, and gives up on those doomed for storage.KeepDoomed.
func (t *tx) purgePosts(now time.Time) (int, error) {
	var old, given [][]byte
	err := errors.Join(
		all(t, bucketPosts, func(key []byte, post storage.OwnPost) error {
			keep := storage.KeepPosts
			if owner := key[:len(key)-len(numberKey(0))]; !hasBelow(t, bucketInterestPeople, owner) {
				keep = storage.KeepSeen
			}
			if over(post.At.Add(keep), now) {
				old = append(old, slices.Clone(key))
			}
			return nil
		}),
		all(t, bucketDoomed, func(key []byte, post storage.OwnPost) error {
			if over(post.DoomedAt.Add(storage.KeepDoomed), now) {
				given = append(given, slices.Clone(key))
			}
			return nil
		}),
	)
	if err != nil {
		return 0, err
	}
	return len(old) + len(given), errors.Join(t.remove(bucketPosts, old...), t.remove(bucketDoomed, given...))
}

// hasBelow reports whether a key begins with prefix.
func hasBelow(t *tx, bucket string, prefix []byte) bool {
	key, _ := t.bucket(bucket).Cursor().Seek(prefix)
	return bytes.HasPrefix(key, prefix)
}

// LastDone returns the time for which something periodic was last done, by its name; zero: never.
func (s *Store) LastDone(ctx context.Context, name string) (at time.Time, err error) {
	err = s.view(ctx, "looking when something was last done", func(t *tx) error {
		at, err = get[time.Time](t, bucketBot, []byte(keyDone+name))
		return err
	})
	if errors.Is(err, storage.ErrNotFound) {
		return time.Time{}, nil
	}
	return at, err
}

// MarkDone says for which time something periodic was done.
func (s *Store) MarkDone(ctx context.Context, name string, at time.Time) error {
	return s.update(ctx, "noting that something was done", func(t *tx) error {
		if err := checkName("what was done", name); err != nil {
			return err
		}
		return t.put(bucketBot, []byte(keyDone+name), at)
	})
}
