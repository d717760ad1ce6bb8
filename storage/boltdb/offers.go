package boltdb

import (
	"context"
	"errors"
	"time"

	"candide/storage"
)

// SaveOffers stores what the buttons of one or several posts mean. An offer whose key is known is replaced, but
// one that was used stays used.
func (s *Store) SaveOffers(ctx context.Context, offers []storage.Offer) error {
	return s.update(ctx, "saving offers", func(t *tx) error {
		if len(offers) == 0 {
			return errUnchanged
		}
		for _, o := range offers {
			if err := t.saveOffer(o); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) saveOffer(o storage.Offer) error {
	if err := checkName("an offer's key", o.Key); err != nil {
		return err
	}
	if o.Expires.IsZero() {
		return errors.New("an offer has no expiry")
	}
	for _, optional := range []string{o.Group, string(o.For)} {
		if optional != "" {
			if err := checkName("an offer's group or person", optional); err != nil {
				return err
			}
		}
	}
	switch old, err := get[storage.Offer](t, bucketOffers, []byte(o.Key)); {
	case err == nil:
		if !old.UsedAt.IsZero() {
			o.UsedAt = old.UsedAt
		}
		if err := t.removeOffer(old); err != nil {
			return err
		}
	case !errors.Is(err, storage.ErrNotFound):
		return err
	}
	if o.Group != "" {
		if err := t.put(bucketOfferGroups, under(o.Group, []byte(o.Key)), yes); err != nil {
			return err
		}
	}
	if o.For != "" {
		if err := t.put(bucketOfferPeople, under(o.For, []byte(o.Key)), yes); err != nil {
			return err
		}
	}
	return t.put(bucketOffers, []byte(o.Key), o)
}

// removeOffer deletes an offer and what finds it.
func (t *tx) removeOffer(o storage.Offer) error {
	return errors.Join(
		t.remove(bucketOffers, []byte(o.Key)),
		t.remove(bucketOfferGroups, under(o.Group, []byte(o.Key))),
		t.remove(bucketOfferPeople, under(o.For, []byte(o.Key))),
	)
}

// BindOffers says which post shows the offers of a group, once that is known. A group without offers (they may
// have been erased meanwhile) is no error.
func (s *Store) BindOffers(ctx context.Context, group, post string) error {
	return s.update(ctx, "binding offers to their post", func(t *tx) error {
		return t.changeGroup(group, func(o *storage.Offer) { o.Post = post })
	})
}

// changeGroup changes every offer of a group.
func (t *tx) changeGroup(group string, change func(*storage.Offer)) error {
	if err := checkName("the offers' group", group); err != nil {
		return err
	}
	for _, key := range names(t, bucketOfferGroups, group) {
		o, err := get[storage.Offer](t, bucketOffers, key)
		if err != nil {
			return err
		}
		change(&o)
		if err := t.put(bucketOffers, key, o); err != nil {
			return err
		}
	}
	return nil
}

// Offer looks at an offer without using it. It fails with storage.ErrNotFound, storage.ErrForeign (made for
// someone other than by, or shown by another post), storage.ErrSpent or storage.ErrExpired, in that order: a
// stranger learns nothing else. post may be empty when the platform does not say which post was pressed.
func (s *Store) Offer(ctx context.Context, key string, by storage.PersonRef, post string, now time.Time) (storage.Offer, error) {
	var o storage.Offer
	err := s.view(ctx, "reading an offer", func(t *tx) (err error) {
		o, err = t.offer(key, by, post, now)
		return err
	})
	if err != nil {
		return storage.Offer{}, err
	}
	return o, nil
}

// UseOffer is Offer for the press itself: one that is Once is spent together with every other offer of its
// group, so that of any number of callers exactly one succeeds and the others get storage.ErrSpent.
func (s *Store) UseOffer(ctx context.Context, key string, by storage.PersonRef, post string, now time.Time) (storage.Offer, error) {
	var o storage.Offer
	err := s.update(ctx, "using an offer", func(t *tx) (err error) {
		if o, err = t.offer(key, by, post, now); err != nil {
			return err
		}
		if !o.Once {
			return errUnchanged
		}
		o.UsedAt = now
		if o.Group == "" {
			return t.put(bucketOffers, []byte(key), o)
		}
		return t.changeGroup(o.Group, func(other *storage.Offer) { other.UsedAt = now })
	})
	if err != nil {
		return storage.Offer{}, err
	}
	return o, nil
}

func (t *tx) offer(key string, by storage.PersonRef, post string, now time.Time) (storage.Offer, error) {
	o, err := get[storage.Offer](t, bucketOffers, []byte(key))
	switch {
	case err != nil:
	case o.For != "" && o.For != by, o.Post != "" && post != "" && o.Post != post:
		err = storage.ErrForeign
	case !o.UsedAt.IsZero():
		err = storage.ErrSpent
	case over(o.Expires, now):
		err = storage.ErrExpired
	}
	return o, err
}

// over reports whether something that lasts until the given time is over: at that very time it is.
func over(until, now time.Time) bool { return !now.Before(until) }

// eraseOffersOf deletes the offers made for a person.
func (t *tx) eraseOffersOf(p storage.PersonRef) (int, error) {
	keys := names(t, bucketOfferPeople, p)
	for _, key := range keys {
		o, err := get[storage.Offer](t, bucketOffers, key)
		if err != nil {
			return 0, err
		}
		if err := t.removeOffer(o); err != nil {
			return 0, err
		}
	}
	return len(keys), nil
}

// purgeOffers deletes the offers whose time is over.
func (t *tx) purgeOffers(now time.Time) (int, error) {
	return purge(t, bucketOffers, func(o storage.Offer) bool { return over(o.Expires, now) }, t.removeOffer)
}

// purge removes the records of a bucket that are done with, and says how many.
func purge[T any](t *tx, bucket string, done func(T) bool, remove func(T) error) (int, error) {
	var old []T
	err := all(t, bucket, func(_ []byte, record T) error {
		if done(record) {
			old = append(old, record)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, record := range old {
		if err := remove(record); err != nil {
			return 0, err
		}
	}
	return len(old), nil
}
