package boltdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"candide/storage"
)

// SetPause makes the bot pause, in place of any pause before.
func (s *Store) SetPause(ctx context.Context, p storage.Pause) error {
	return s.update(ctx, "pausing", func(t *tx) error {
		return t.put(bucketBot, []byte(keyPause), p)
	})
}

// ClearPause ends the pause, if there is one.
func (s *Store) ClearPause(ctx context.Context) error {
	return s.update(ctx, "ending the pause", func(t *tx) error {
		if !t.has(bucketBot, []byte(keyPause)) {
			return errUnchanged
		}
		return t.remove(bucketBot, []byte(keyPause))
	})
}

// Pause returns the pause and whether there is one now: one whose Until has come is over.
func (s *Store) Pause(ctx context.Context, now time.Time) (p storage.Pause, paused bool, err error) {
	err = s.view(ctx, "reading the pause", func(t *tx) error {
		p, err = get[storage.Pause](t, bucketBot, []byte(keyPause))
		return err
	})
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return storage.Pause{}, false, nil
	case err != nil:
		return storage.Pause{}, false, err
	case !p.Until.IsZero() && over(p.Until, now):
		return storage.Pause{}, false, nil
	}
	return p, true, nil
}

// Secret returns a secret that the bot keeps for itself (the slash command's token), or storage.ErrNotFound.
func (s *Store) Secret(ctx context.Context, name string) (value string, err error) {
	err = s.view(ctx, fmt.Sprintf("reading the secret %q", name), func(t *tx) error {
		value, err = get[string](t, bucketSecrets, []byte(name))
		return err
	})
	return value, err
}

// SaveSecret keeps a secret, in place of any before. It lies readable in the file, which only its owner may read.
func (s *Store) SaveSecret(ctx context.Context, name, value string) error {
	return s.update(ctx, fmt.Sprintf("saving the secret %q", name), func(t *tx) error {
		if err := checkName("the secret's name", name); err != nil {
			return err
		}
		return t.put(bucketSecrets, []byte(name), value)
	})
}
