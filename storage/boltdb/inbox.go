package boltdb

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"candide/storage"
)

// FileQuestion puts a question into the group of its campaign whose number alike returns, or into the new group g when
// it returns 0. alike sees the groups that are open, taken or ignored; it must be a pure function, and fast. The same
// person asking in the same words again changes nothing, and of one who has storage.MaxAsked questions there no more are
// taken: the group returned is then the zero one.
func (s *Store) FileQuestion(ctx context.Context, g storage.Group, q storage.Asked, alike func([]storage.Filed) int) (filed storage.Group, err error) {
	err = s.update(ctx, "filing a question", func(t *tx) error {
		if err := checkName("the group's campaign", g.Campaign); err != nil {
			return err
		}
		if q.ExpiresAt.IsZero() {
			return errors.New("the question has no expiry")
		}
		if q.Person != "" && len(names(t, bucketInboxPeople, q.Person)) >= storage.MaxAsked {
			return errUnchanged
		}
		all, err := t.groups(g.Campaign)
		if err != nil {
			return err
		}
		open := slices.DeleteFunc(all, func(f storage.Filed) bool {
			return f.State.Closed() && f.State != storage.GroupIgnored
		})
		t.calling = true
		number := alike(open)
		t.calling = false
		i := slices.IndexFunc(open, func(f storage.Filed) bool { return f.Number == number })
		if i < 0 {
			if g, err = t.newGroup(g, q.At); err != nil {
				return err
			}
		} else {
			g = open[i].Group
			for _, known := range open[i].Questions {
				if q.Person != "" && known.Person == q.Person && known.Text == q.Text {
					filed = g
					return errUnchanged
				}
			}
		}
		g.Count++
		g.LastAt = q.At
		if err := t.addQuestion(g.Number, q); err != nil {
			return err
		}
		filed, err = t.changed(g)
		return err
	})
	if err != nil {
		return storage.Group{}, err
	}
	return filed, nil
}

func (t *tx) newGroup(g storage.Group, at time.Time) (storage.Group, error) {
	number, err := t.bucket(bucketInbox).NextSequence()
	if err != nil {
		return g, err
	}
	g.Number, g.State, g.Count, g.FirstAt = int(number), storage.GroupOpen, 0, at
	return g, t.put(bucketInboxCampaigns, under(g.Campaign, numberKey(g.Number)), yes)
}

func (t *tx) addQuestion(group int, q storage.Asked) error {
	number, err := t.bucket(bucketInboxQuestions).NextSequence()
	if err != nil {
		return err
	}
	q.Group, q.Number = group, int(number)
	if q.Person != "" {
		if err := t.put(bucketInboxPeople, under(q.Person, questionKey(q)), yes); err != nil {
			return err
		}
	}
	return t.put(bucketInboxQuestions, questionKey(q), q)
}

func questionKey(q storage.Asked) []byte { return append(numberKey(q.Group), numberKey(q.Number)...) }

// changed stores a group as one whose card does not show yet how it stands.
func (t *tx) changed(g storage.Group) (storage.Group, error) {
	g.Revision++
	if err := t.put(bucketInboxStale, numberKey(g.Number), yes); err != nil {
		return g, err
	}
	return g, t.put(bucketInbox, numberKey(g.Number), g)
}

func (t *tx) group(number int) (storage.Filed, error) {
	g, err := get[storage.Group](t, bucketInbox, numberKey(number))
	if err != nil {
		return storage.Filed{}, err
	}
	questions, err := below[storage.Asked](t, bucketInboxQuestions, numberKey(number))
	return storage.Filed{Group: g, Questions: questions}, err
}

func (t *tx) groups(campaign string) ([]storage.Filed, error) {
	var list []storage.Filed
	for _, key := range names(t, bucketInboxCampaigns, campaign) {
		f, err := t.group(int(binary.BigEndian.Uint64(key)))
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, nil
}

// Group returns a group with its questions, or storage.ErrNotFound.
func (s *Store) Group(ctx context.Context, number int) (f storage.Filed, err error) {
	err = s.view(ctx, "reading a group of the inbox", func(t *tx) error {
		f, err = t.group(number)
		return err
	})
	return f, err
}

// Groups returns the groups of a campaign, closed ones included, by number.
func (s *Store) Groups(ctx context.Context, campaign string) (list []storage.Filed, err error) {
	err = s.view(ctx, "reading the inbox", func(t *tx) error {
		list, err = t.groups(campaign)
		return err
	})
	return list, err
}

// TakeGroup says who sees to a group, in place of whoever did before. It fails with storage.ErrNotFound, or with
// storage.ErrState when the group is closed.
func (s *Store) TakeGroup(ctx context.Context, number int, by storage.PersonRef, name string) (storage.Filed, error) {
	return s.changeGroupOf(ctx, "taking a group of the inbox", number, func(_ *tx, g *storage.Group) error {
		if g.State.Closed() {
			return storage.ErrState
		}
		g.State, g.By, g.ByName = storage.GroupTaken, by, name
		return nil
	})
}

// CloseGroup closes a group that is open or taken, and records the change; of several at once one succeeds, and the others fail with
// storage.ErrState. An answered group may still become an entry or join one: those who were told are not told again.
func (s *Store) CloseGroup(ctx context.Context, number int, c storage.Closing) (storage.Filed, error) {
	return s.changeGroupOf(ctx, "closing a group of the inbox", number, func(t *tx, g *storage.Group) error {
		learns := c.State == storage.GroupEntry || c.State == storage.GroupAttached
		if g.State.Closed() && (g.State != storage.GroupAnswered || !learns) {
			return storage.ErrState
		}
		g.State, g.By, g.ByName, g.ClosedAt = c.State, c.By, c.ByName, c.At
		if c.Entry != "" {
			g.Entry = c.Entry
		}
		if g.Answer == "" {
			g.Answer = c.Answer
		}
		return t.record(storage.Change{At: c.At, By: c.By, Action: "inbox." + string(c.State), Subject: storage.GroupSubject(number)})
	})
}

func (s *Store) changeGroupOf(ctx context.Context, doing string, number int, change func(*tx, *storage.Group) error) (f storage.Filed, err error) {
	err = s.update(ctx, doing, func(t *tx) error {
		if f, err = t.group(number); err != nil {
			return err
		}
		if err := change(t, &f.Group); err != nil {
			return err
		}
		f.Group, err = t.changed(f.Group)
		return err
	})
	if err != nil {
		return storage.Filed{}, err
	}
	return f, nil
}

// StaleGroups returns at most limit groups whose card does not show how they stand, or whose people are still to be
// told, by number.
func (s *Store) StaleGroups(ctx context.Context, limit int) (list []storage.Filed, err error) {
	err = s.view(ctx, "reading the inbox", func(t *tx) error {
		c := t.bucket(bucketInboxStale).Cursor()
		for key, _ := c.First(); key != nil && len(list) < limit; key, _ = c.Next() {
			f, err := t.group(int(binary.BigEndian.Uint64(key)))
			if err != nil {
				return err
			}
			list = append(list, f)
		}
		return nil
	})
	return list, err
}

// PlaceCard says where a group's card is, as soon as it is posted. A group that is gone is no error.
func (s *Store) PlaceCard(ctx context.Context, number int, card storage.Channel, post string) error {
	return s.update(ctx, "noting where a card is", func(t *tx) error {
		g, err := get[storage.Group](t, bucketInbox, numberKey(number))
		if errors.Is(err, storage.ErrNotFound) {
			return errUnchanged
		}
		if err != nil {
			return err
		}
		g.Card, g.Post = card, post
		return t.put(bucketInbox, numberKey(number), g)
	})
}

// ShowGroup says which revision of a group its card now shows, and that all were told who can be. A group without
// questions is then removed: they were all forgotten. One that changed meanwhile, or is gone, is left as it is.
func (s *Store) ShowGroup(ctx context.Context, number, revision int) error {
	return s.update(ctx, "noting what a card shows", func(t *tx) error {
		f, err := t.group(number)
		if errors.Is(err, storage.ErrNotFound) {
			return errUnchanged
		}
		if err != nil {
			return err
		}
		if f.Revision != revision {
			return errUnchanged
		}
		if err := t.remove(bucketInboxStale, numberKey(number)); err != nil {
			return err
		}
		if len(f.Questions) == 0 {
			return errors.Join(
				t.remove(bucketInbox, numberKey(number)),
				t.remove(bucketInboxCampaigns, under(f.Campaign, numberKey(number))),
			)
		}
		f.Shown = revision
		return t.put(bucketInbox, numberKey(number), f.Group)
	})
}

// Told notes an attempt to tell a person the answer to their question: they were, or it is given up (unreached), or it
// will be tried again. The group's card then has something new to show. A question that is gone is no error.
func (s *Store) Told(ctx context.Context, group, number int, at time.Time, unreached bool) error {
	return s.update(ctx, "noting who was told", func(t *tx) error {
		key := questionKey(storage.Asked{Group: group, Number: number})
		q, err := get[storage.Asked](t, bucketInboxQuestions, key)
		if errors.Is(err, storage.ErrNotFound) {
			return errUnchanged
		}
		if err != nil {
			return err
		}
		q.Attempts++
		q.ToldAt, q.Unreached = at, unreached
		if err := t.put(bucketInboxQuestions, key, q); err != nil || at.IsZero() {
			return err
		}
		return t.groupChanged(group)
	})
}

func (t *tx) groupChanged(number int) error {
	g, err := get[storage.Group](t, bucketInbox, numberKey(number))
	if err != nil {
		return err
	}
	_, err = t.changed(g)
	return err
}

// WarnGroups makes the cards say that questions are soon forgotten, where nobody decided what to do with them and the
// first of them expires before the given time. It returns how many do.
func (s *Store) WarnGroups(ctx context.Context, before time.Time) (warned int, err error) {
	err = s.update(ctx, "warning of what will be forgotten", func(t *tx) error {
		var due []storage.Group
		err := all(t, bucketInbox, func(_ []byte, g storage.Group) error {
			if g.Warned || g.State.Closed() {
				return nil
			}
			questions, err := below[storage.Asked](t, bucketInboxQuestions, numberKey(g.Number))
			if len(questions) > 0 && questions[0].ExpiresAt.Before(before) {
				due = append(due, g)
			}
			return err
		})
		if err != nil {
			return err
		}
		for _, g := range due {
			g.Warned = true
			if _, err := t.changed(g); err != nil {
				return err
			}
		}
		if warned = len(due); warned == 0 {
			return errUnchanged
		}
		return nil
	})
	return warned, err
}

// SplitQuestion puts a question into a new group of its own, which is open. It fails with storage.ErrNotFound when the
// question is gone, and with storage.ErrState when it is alone or its group is closed.
func (s *Store) SplitQuestion(ctx context.Context, group, number int) (g storage.Group, err error) {
	err = s.update(ctx, "putting a question apart", func(t *tx) error {
		f, err := t.group(group)
		if err != nil {
			return err
		}
		q, err := get[storage.Asked](t, bucketInboxQuestions, questionKey(storage.Asked{Group: group, Number: number}))
		if err != nil {
			return err
		}
		if f.State.Closed() || len(f.Questions) < 2 {
			return storage.ErrState
		}
		if err := t.removeQuestion(q); err != nil {
			return err
		}
		f.Count--
		f.Revision++ // removeQuestion counted one
		if err := t.put(bucketInbox, numberKey(group), f.Group); err != nil {
			return err
		}
		if g, err = t.newGroup(storage.Group{Campaign: f.Campaign, Topic: f.Topic, Entry: f.Entry, Disliked: f.Disliked, Platform: f.Platform}, q.At); err != nil {
			return err
		}
		g.Count, g.LastAt = 1, q.At
		if err := t.addQuestion(g.Number, q); err != nil {
			return err
		}
		g, err = t.changed(g)
		return err
	})
	if err != nil {
		return storage.Group{}, err
	}
	return g, nil
}

// removeQuestion forgets a question; its group's card has something new to show.
func (t *tx) removeQuestion(q storage.Asked) error {
	return errors.Join(
		t.remove(bucketInboxQuestions, questionKey(q)),
		t.remove(bucketInboxPeople, under(q.Person, questionKey(q))),
		t.groupChanged(q.Group),
	)
}

// eraseQuestionsOf deletes what a person asked.
func (t *tx) eraseQuestionsOf(p storage.PersonRef) (int, error) {
	keys := names(t, bucketInboxPeople, p)
	for _, key := range keys {
		q, err := get[storage.Asked](t, bucketInboxQuestions, key)
		if err != nil {
			return 0, err
		}
		if err := t.removeQuestion(q); err != nil {
			return 0, err
		}
	}
	return len(keys), nil
}

// purgeQuestions deletes the questions whose time is over.
func (t *tx) purgeQuestions(now time.Time) (int, error) {
	return purge(t, bucketInboxQuestions, func(q storage.Asked) bool { return over(q.ExpiresAt, now) }, t.removeQuestion)
}
