package boltdb

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"candide/storage"
)

// SeeMessage records a message that a platform handed over, and says what is known of it and whether it is open: to
// be handled, or to be handled to its end. A new one is open; so is one whose handling began and was never marked as
// done (whoever called before may have died: only the caller knows whether it works on it itself). One that is done is
// opened again when it was edited since and had been left unsure; its posts are kept, to be replaced.
//
// Only Ref, Channel, At, SeenAt and Edited of m are looked at. It is remembered for storage.KeepSeen.
func (s *Store) SeeMessage(ctx context.Context, m storage.Message) (known storage.Message, open bool, err error) {
	err = s.update(ctx, "noting a message as seen", func(t *tx) error {
		if err := checkName("the message's reference", m.Ref); err != nil {
			return err
		}
		known, err = get[storage.Message](t, bucketMessages, []byte(m.Ref))
		if errors.Is(err, storage.ErrNotFound) {
			known = storage.Message{
				Ref: m.Ref, Channel: m.Channel, At: m.At, SeenAt: m.SeenAt, Edited: m.Edited, State: storage.MessageSeen,
			}
			open = true
			return t.saveMessage(known)
		}
		if err != nil {
			return err
		}
		open = known.State == storage.MessageSeen || known.State == storage.MessageIntended
		if !m.Edited.After(known.Edited) {
			return errUnchanged
		}
		known.Edited = m.Edited
		if known.State == storage.MessageDone && known.Unsure {
			known.State, known.Unsure, open = storage.MessageSeen, false, true
		}
		return t.saveMessage(known)
	})
	if err != nil {
		return storage.Message{}, false, err
	}
	return known, open, nil
}

// IntendMessage says that from now on something may have been done about an open message that cannot be undone. once:
// it must not be done again, even when it is not known to have been done. It fails with storage.ErrNotFound, or
// storage.ErrState when the message is done or removed.
func (s *Store) IntendMessage(ctx context.Context, ref string, once bool) error {
	return s.changeMessage(ctx, "noting what is intended", ref, func(m *storage.Message) error {
		if m.State != storage.MessageSeen && m.State != storage.MessageIntended {
			return storage.ErrState
		}
		m.State, m.Once = storage.MessageIntended, m.Once || once
		return nil
	})
}

// MarkMessage says that a message is done: whether what it asks was left unsure, and which posts answer it, beside
// those known. A removed message is done for good. It fails with storage.ErrNotFound.
func (s *Store) MarkMessage(ctx context.Context, ref string, unsure bool, posts []string) error {
	return s.changeMessage(ctx, "marking a message as done", ref, func(m *storage.Message) error {
		m.Unsure = unsure && m.State != storage.MessageRemoved
		m.State = storage.MessageDone
		for _, post := range posts {
			if post != "" && !slices.Contains(m.Posts, post) {
				m.Posts = append(m.Posts, post)
			}
		}
		return nil
	})
}

// RemoveMessage says that its author took a message back, and returns what is known of it. It stays open until it is
// marked as done, when its posts are gone as well. It fails with storage.ErrNotFound.
func (s *Store) RemoveMessage(ctx context.Context, ref string) (removed storage.Message, err error) {
	err = s.changeMessage(ctx, "noting a message as removed", ref, func(m *storage.Message) error {
		m.State = storage.MessageRemoved
		removed = *m
		return nil
	})
	return removed, err
}

// OpenMessages returns the messages of a platform whose handling did not come to its end, by the time they were
// written and then by ref.
func (s *Store) OpenMessages(ctx context.Context, platform string) (list []storage.Message, err error) {
	err = s.view(ctx, "reading the messages not done", func(t *tx) error {
		c := t.bucket(bucketMessageOpen).Cursor()
		prefix := platform + ":"
		for key, _ := c.Seek([]byte(prefix)); strings.HasPrefix(string(key), prefix); key, _ = c.Next() {
			m, err := get[storage.Message](t, bucketMessages, key)
			if err != nil {
				return err
			}
			list = append(list, m)
		}
		return nil
	})
	slices.SortStableFunc(list, func(a, b storage.Message) int { return a.At.Compare(b.At) })
	return list, err
}

// Cursors returns up to when each channel of a platform was read, by the platform's clock.
func (s *Store) Cursors(ctx context.Context, platform string) (cursors map[string]time.Time, err error) {
	err = s.view(ctx, "reading the cursors", func(t *tx) error {
		cursors = map[string]time.Time{}
		for _, channel := range names(t, bucketCursors, platform) {
			at, err := get[time.Time](t, bucketCursors, under(platform, channel))
			if err != nil {
				return err
			}
			cursors[string(channel)] = at
		}
		return nil
	})
	return cursors, err
}

// SaveCursors says up to when channels were read. A cursor only moves forward; other channels keep theirs.
func (s *Store) SaveCursors(ctx context.Context, platform string, cursors map[string]time.Time) error {
	return s.update(ctx, "saving the cursors", func(t *tx) error {
		if err := checkName("the platform", platform); err != nil {
			return err
		}
		changed := false
		for channel, at := range cursors {
			if err := checkName("the channel", channel); err != nil {
				return err
			}
			key := under(platform, []byte(channel))
			before, err := get[time.Time](t, bucketCursors, key)
			if err != nil && !errors.Is(err, storage.ErrNotFound) {
				return err
			}
			if err == nil && !at.After(before) {
				continue
			}
			if err := t.put(bucketCursors, key, at); err != nil {
				return err
			}
			changed = true
		}
		if !changed {
			return errUnchanged
		}
		return nil
	})
}

// saveMessage stores a message with its entry among the open ones.
func (t *tx) saveMessage(m storage.Message) error {
	key := []byte(m.Ref)
	if m.State == storage.MessageDone {
		if err := t.remove(bucketMessageOpen, key); err != nil {
			return err
		}
	} else if err := t.put(bucketMessageOpen, key, yes); err != nil {
		return err
	}
	return t.put(bucketMessages, key, m)
}

func (s *Store) changeMessage(ctx context.Context, doing, ref string, change func(*storage.Message) error) error {
	return s.update(ctx, doing, func(t *tx) error {
		m, err := get[storage.Message](t, bucketMessages, []byte(ref))
		if err != nil {
			return err
		}
		if err := change(&m); err != nil {
			return err
		}
		return t.saveMessage(m)
	})
}

// purgeSeen forgets messages seen before storage.KeepSeen ago.
func (t *tx) purgeSeen(now time.Time) (int, error) {
	var old [][]byte
	err := all(t, bucketMessages, func(key []byte, m storage.Message) error {
		if m.SeenAt.Before(now.Add(-storage.KeepSeen)) {
			old = append(old, append([]byte(nil), key...))
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(old), errors.Join(t.remove(bucketMessages, old...), t.remove(bucketMessageOpen, old...))
}
