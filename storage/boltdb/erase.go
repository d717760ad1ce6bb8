package boltdb

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"time"

	"candide/storage"
)

// ErasePerson deletes what is kept about a person: interests with their notes, forms, offers made for them,
// conversation, questions in the inbox, the address of their calendar. Juries, notes, FAQ versions and inbox cards that they made as a recruiter stay
// and lose their name; the log of changes keeps its references. The bot's posts that show their data are doomed: the
// caller takes them away (DoomedPosts). What was deleted stays readable in the file's free pages until Compact, which
// the caller should run next. A person of whom nothing is kept is no error.
func (s *Store) ErasePerson(ctx context.Context, p storage.PersonRef, at time.Time) (erased storage.Erased, err error) {
	err = s.update(ctx, "erasing a person's data", func(t *tx) error {
		if err := checkName("the person", string(p)); err != nil {
			return err
		}
		interests, err := t.interestsOf(p)
		if err != nil {
			return err
		}
		for _, in := range interests {
			if err := t.removeInterest(in); err != nil {
				return err
			}
			err := t.record(storage.Change{At: at, Action: storage.ChangeErased, Subject: storage.CandidateSubject(in.Number)})
			if err != nil {
				return err
			}
		}
		erased.Interests = len(interests)
		if erased.Posts, err = t.doomPostsOf(p, at); err != nil {
			return err
		}
		messages := 0
		for _, kind := range []struct {
			count *int
			erase func(storage.PersonRef) (int, error)
		}{
			{&erased.Forms, t.eraseFormsOf},
			{&erased.Offers, t.eraseOffersOf},
			{&erased.Lines, t.eraseConversation},
			{&erased.Questions, t.eraseQuestionsOf},
			{&erased.Work, t.eraseWorkOf},
			{&messages, t.eraseMessagesOf},
		} {
			if *kind.count, err = kind.erase(p); err != nil {
				return err
			}
		}
		feed, err := t.eraseFeed(p)
		if err != nil {
			return err
		}
		if erased.Empty() && !feed && messages == 0 {
			return errUnchanged
		}
		return t.put(bucketBot, []byte(keyErased), yes)
	})
	if err != nil {
		return storage.Erased{}, err
	}
	return erased, nil
}

// eraseMessagesOf forgets the messages of a person whose conversation is called as they are, as those of a web page
// are: that name is theirs alone. Of the others it is not known who wrote them.
func (t *tx) eraseMessagesOf(p storage.PersonRef) (int, error) {
	platform, user, _ := strings.Cut(string(p), ":")
	var refs [][]byte
	c := t.bucket(bucketMessages).Cursor()
	prefix := []byte(platform + ":")
	for key, value := c.Seek(prefix); bytes.HasPrefix(key, prefix); key, value = c.Next() {
		m, err := decode[storage.Message](bucketMessages, value)
		if err != nil {
			return 0, err
		}
		if m.Channel == user && user != "" {
			refs = append(refs, bytes.Clone(key))
		}
	}
	return len(refs), errors.Join(t.remove(bucketMessages, refs...), t.remove(bucketMessageOpen, refs...))
}

// eraseWorkOf takes a recruiter's name and reference off what they made.
func (t *tx) eraseWorkOf(p storage.PersonRef) (int, error) {
	juries := names(t, bucketJuryPeople, p)
	for _, key := range juries {
		if err := t.leaveJury(int(binary.BigEndian.Uint64(key)), p); err != nil {
			return 0, err
		}
	}
	notes, err := redact(t, bucketInterests, func(in *storage.Interest) (changed bool) {
		for n := range in.Notes {
			if in.Notes[n].By == p {
				in.Notes[n].By, changed = "", true
			}
		}
		return changed
	})
	if err != nil {
		return 0, err
	}
	edits, err := redact(t, bucketEdits, func(e *storage.Edit) bool {
		if e.By != p {
			return false
		}
		e.By, e.ByName = "", ""
		return true
	})
	if err != nil {
		return 0, err
	}
	groups, err := redact(t, bucketInbox, func(g *storage.Group) bool {
		if g.By != p {
			return false
		}
		g.By, g.ByName = "", ""
		return true
	})
	return len(juries) + notes + edits + groups, err
}

// leaveJury takes somebody off a jury that they organise or sit on, and off its reminders.
func (t *tx) leaveJury(number int, p storage.PersonRef) error {
	_, j, err := t.editJury(number, true, func(j *storage.Jury) error {
		j.Members = slices.DeleteFunc(j.Members, func(m storage.Member) bool { return m.Person == p })
		if j.Organiser == p {
			j.Organiser, j.OrganiserName = "", ""
		}
		return nil
	})
	if err != nil {
		return err
	}
	reminders, err := t.remindersOf(storage.JurySubject(j.Number))
	if err != nil {
		return err
	}
	for _, r := range reminders {
		if r.Person != p {
			continue
		}
		if r.Person = ""; unsent(r) {
			r.State = storage.ReminderCancelled
		}
		if err := t.saveReminder(r); err != nil {
			return err
		}
	}
	return nil
}

// redact changes the records of a bucket for which change says so, and says how many.
func redact[T any](t *tx, bucket string, change func(*T) bool) (int, error) {
	type found struct {
		key    []byte
		record T
	}
	var list []found
	err := all(t, bucket, func(key []byte, record T) error {
		if change(&record) {
			list = append(list, found{slices.Clone(key), record})
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, f := range list {
		if err := t.put(bucket, f.key, f.record); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// Kept returns everything that is kept about a person.
func (s *Store) Kept(ctx context.Context, p storage.PersonRef) (k storage.Kept, err error) {
	err = s.view(ctx, "reading what is kept about a person", func(t *tx) error {
		k = storage.Kept{}
		if k.Interests, err = t.interestsOf(p); err != nil {
			return err
		}
		for _, in := range k.Interests {
			for _, number := range names(t, bucketChangeSubjects, storage.CandidateSubject(in.Number)) {
				change, err := get[storage.Change](t, bucketChanges, number)
				if err != nil {
					return err
				}
				k.Changes = append(k.Changes, change)
			}
		}
		if k.Forms, err = eachOf[storage.Form](t, bucketForms, names(t, bucketFormPeople, p)); err != nil {
			return err
		}
		if k.Offers, err = eachOf[storage.Offer](t, bucketOffers, names(t, bucketOfferPeople, p)); err != nil {
			return err
		}
		if k.Questions, err = eachOf[storage.Asked](t, bucketInboxQuestions, names(t, bucketInboxPeople, p)); err != nil {
			return err
		}
		if k.Lines, err = below[storage.Line](t, bucketLines, part(p)); err != nil {
			return err
		}
		if k.Posts, err = below[storage.OwnPost](t, bucketPosts, part(p)); err != nil {
			return err
		}
		if k.Juries, err = eachOf[storage.Jury](t, bucketJuries, names(t, bucketJuryPeople, p)); err != nil {
			return err
		}
		k.Calendar = t.has(bucketFeeds, []byte(p))
		return t.workOf(p, &k)
	})
	if err != nil {
		return storage.Kept{}, err
	}
	return k, nil
}

// workOf adds what a person did as a recruiter.
func (t *tx) workOf(p storage.PersonRef, k *storage.Kept) error {
	return errors.Join(
		all(t, bucketEdits, func(_ []byte, e storage.Edit) error {
			if e.By == p {
				k.Edits = append(k.Edits, e)
			}
			return nil
		}),
		all(t, bucketChanges, func(_ []byte, c storage.Change) error {
			if c.By == p {
				k.Work = append(k.Work, c)
			}
			return nil
		}),
	)
}

// eachOf returns the records with the given keys.
func eachOf[T any](t *tx, bucket string, keys [][]byte) ([]T, error) {
	var list []T
	for _, key := range keys {
		record, err := get[T](t, bucket, key)
		if err != nil {
			return nil, err
		}
		list = append(list, record)
	}
	return list, nil
}

// NeedsCompact reports whether something personal was deleted since the file was last compacted.
func (s *Store) NeedsCompact(ctx context.Context) (needs bool, err error) {
	err = s.view(ctx, "looking whether to compact", func(t *tx) error {
		needs = t.has(bucketBot, []byte(keyErased))
		return nil
	})
	return needs, err
}
