package boltdb

import (
	"context"
	"errors"
	"time"

	"candide/storage"
)

// SaveForm stores a form as it stands, replacing what it was before. A person answers at most one form by
// messages: saving another Typed one deletes the first.
func (s *Store) SaveForm(ctx context.Context, f storage.Form) error {
	return s.update(ctx, "saving a form", func(t *tx) error {
		if err := errors.Join(checkName("the form's key", f.Key), checkName("the form's person", string(f.Person))); err != nil {
			return err
		}
		if f.Expires.IsZero() {
			return errors.New("the form has no expiry")
		}
		if err := t.removeFormByKey(f.Key); err != nil {
			return err
		}
		if f.Typed {
			switch other, err := get[string](t, bucketFormTyped, []byte(f.Person)); {
			case err == nil:
				if err := t.removeFormByKey(other); err != nil {
					return err
				}
			case !errors.Is(err, storage.ErrNotFound):
				return err
			}
			if err := t.put(bucketFormTyped, []byte(f.Person), f.Key); err != nil {
				return err
			}
		}
		if err := t.put(bucketFormPeople, under(f.Person, []byte(f.Key)), yes); err != nil {
			return err
		}
		return t.put(bucketForms, []byte(f.Key), f)
	})
}

// Form returns a form. It fails with storage.ErrNotFound, storage.ErrForeign when it is somebody else's, or
// storage.ErrExpired, in that order.
func (s *Store) Form(ctx context.Context, key string, by storage.PersonRef, now time.Time) (storage.Form, error) {
	var f storage.Form
	err := s.view(ctx, "reading a form", func(t *tx) (err error) {
		f, err = t.form(key, by, now)
		return err
	})
	if err != nil {
		return storage.Form{}, err
	}
	return f, nil
}

// TypedForm returns the form that a person is answering by messages. It fails with storage.ErrNotFound when
// there is none and storage.ErrExpired when its time is over.
func (s *Store) TypedForm(ctx context.Context, by storage.PersonRef, now time.Time) (storage.Form, error) {
	var f storage.Form
	err := s.view(ctx, "reading a typed form", func(t *tx) error {
		key, err := get[string](t, bucketFormTyped, []byte(by))
		if err != nil {
			return err
		}
		f, err = t.form(key, by, now)
		return err
	})
	if err != nil {
		return storage.Form{}, err
	}
	return f, nil
}

func (t *tx) form(key string, by storage.PersonRef, now time.Time) (storage.Form, error) {
	f, err := get[storage.Form](t, bucketForms, []byte(key))
	switch {
	case err != nil:
	case f.Person != by:
		err = storage.ErrForeign
	case over(f.Expires, now):
		err = storage.ErrExpired
	}
	return f, err
}

// DeleteForm forgets a form. One that is not there is no error: it may have been erased meanwhile.
func (s *Store) DeleteForm(ctx context.Context, key string) error {
	return s.update(ctx, "deleting a form", func(t *tx) error {
		if !t.has(bucketForms, []byte(key)) {
			return errUnchanged
		}
		return t.removeFormByKey(key)
	})
}

func (t *tx) removeFormByKey(key string) error {
	f, err := get[storage.Form](t, bucketForms, []byte(key))
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return t.removeForm(f)
}

// removeForm deletes a form and what finds it.
func (t *tx) removeForm(f storage.Form) error {
	if f.Typed {
		if err := t.remove(bucketFormTyped, []byte(f.Person)); err != nil {
			return err
		}
	}
	return errors.Join(
		t.remove(bucketFormPeople, under(f.Person, []byte(f.Key))),
		t.remove(bucketForms, []byte(f.Key)),
	)
}

// eraseFormsOf deletes the forms of a person.
func (t *tx) eraseFormsOf(p storage.PersonRef) (int, error) {
	keys := names(t, bucketFormPeople, p)
	for _, key := range keys {
		if err := t.removeFormByKey(string(key)); err != nil {
			return 0, err
		}
	}
	return len(keys), nil
}

// purgeForms deletes the forms whose time is over.
func (t *tx) purgeForms(now time.Time) (int, error) {
	return purge(t, bucketForms, func(f storage.Form) bool { return over(f.Expires, now) }, t.removeForm)
}
