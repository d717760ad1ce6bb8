package boltdb

import (
	"context"
	"errors"
	"time"

	"candide/storage"
)

// conversation is what is known of the lines of one person.
type conversation struct {
	KeepUntil time.Time `json:"keep_until"` // when Purge forgets it
	Count     int       `json:"count"`      // of lines
}

// AppendLines adds lines to a person's conversation and keeps the whole of it until the given time, in place of
// what was said before. A line whose ID is known takes the known one's place. Of more than storage.KeepLines the
// oldest are dropped.
func (s *Store) AppendLines(ctx context.Context, p storage.PersonRef, lines []storage.Line, keepUntil time.Time) error {
	return s.update(ctx, "keeping lines of a conversation", func(t *tx) error {
		if err := checkName("the person", string(p)); err != nil {
			return err
		}
		if keepUntil.IsZero() {
			return errors.New("the conversation has no expiry")
		}
		if len(lines) == 0 {
			return errUnchanged
		}
		conv, err := get[conversation](t, bucketConversations, []byte(p))
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		conv.KeepUntil = keepUntil
		for _, line := range lines {
			if err := checkName("a line's id", line.ID); err != nil {
				return err
			}
			added, err := t.putLine(p, line)
			if err != nil {
				return err
			}
			if added {
				conv.Count++
			}
		}
		if conv.Count > storage.KeepLines {
			for _, number := range names(t, bucketLines, p)[:conv.Count-storage.KeepLines] {
				line, err := get[storage.Line](t, bucketLines, under(p, number))
				if err != nil {
					return err
				}
				if err := t.removeLine(p, number, line.ID); err != nil {
					return err
				}
			}
			conv.Count = storage.KeepLines
		}
		return t.put(bucketConversations, []byte(p), conv)
	})
}

// putLine stores a line, in the place of the one with the same id if there is one.
func (t *tx) putLine(p storage.PersonRef, line storage.Line) (added bool, err error) {
	id := under(p, []byte(line.ID))
	number, err := get[uint64](t, bucketLineIDs, id)
	if errors.Is(err, storage.ErrNotFound) {
		added = true
		if number, err = t.bucket(bucketLines).NextSequence(); err == nil {
			err = t.put(bucketLineIDs, id, number)
		}
	}
	if err != nil {
		return false, err
	}
	return added, t.put(bucketLines, under(p, numberKey(number)), line)
}

func (t *tx) removeLine(p storage.PersonRef, number []byte, id string) error {
	return errors.Join(
		t.remove(bucketLines, under(p, number)),
		t.remove(bucketLineIDs, under(p, []byte(id))),
	)
}

// RemoveLine deletes one line. One that is not there is no error.
func (s *Store) RemoveLine(ctx context.Context, p storage.PersonRef, id string) error {
	return s.update(ctx, "removing a line", func(t *tx) error {
		number, err := get[uint64](t, bucketLineIDs, under(p, []byte(id)))
		if errors.Is(err, storage.ErrNotFound) {
			return errUnchanged
		}
		if err != nil {
			return err
		}
		conv, err := get[conversation](t, bucketConversations, []byte(p))
		if err != nil {
			return err
		}
		if err := t.removeLine(p, numberKey(number), id); err != nil {
			return err
		}
		conv.Count--
		if conv.Count == 0 {
			return t.remove(bucketConversations, []byte(p))
		}
		return t.put(bucketConversations, []byte(p), conv)
	})
}

// Lines returns a person's conversation in the order in which its lines were first appended.
func (s *Store) Lines(ctx context.Context, p storage.PersonRef) ([]storage.Line, error) {
	var lines []storage.Line
	err := s.view(ctx, "reading a conversation", func(t *tx) error {
		for _, number := range names(t, bucketLines, p) {
			line, err := get[storage.Line](t, bucketLines, under(p, number))
			if err != nil {
				return err
			}
			lines = append(lines, line)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return lines, nil
}

// EraseLines deletes a person's whole conversation. One that is not there is no error.
func (s *Store) EraseLines(ctx context.Context, p storage.PersonRef) error {
	return s.update(ctx, "erasing a conversation", func(t *tx) error {
		erased, err := t.eraseConversation(p)
		if err == nil && erased == 0 {
			return errUnchanged
		}
		return errors.Join(err, t.put(bucketBot, []byte(keyErased), yes))
	})
}

// eraseConversation deletes a conversation and says how many lines it had.
func (t *tx) eraseConversation(p storage.PersonRef) (int, error) {
	numbers := names(t, bucketLines, p)
	for _, number := range numbers {
		if err := t.remove(bucketLines, under(p, number)); err != nil {
			return 0, err
		}
	}
	for _, id := range names(t, bucketLineIDs, p) {
		if err := t.remove(bucketLineIDs, under(p, id)); err != nil {
			return 0, err
		}
	}
	return len(numbers), t.remove(bucketConversations, []byte(p))
}

// purgeConversations deletes the conversations whose time is over.
func (t *tx) purgeConversations(now time.Time) (int, error) {
	var old []storage.PersonRef
	err := all(t, bucketConversations, func(key []byte, conv conversation) error {
		if over(conv.KeepUntil, now) {
			old = append(old, storage.PersonRef(key))
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, p := range old {
		if _, err := t.eraseConversation(p); err != nil {
			return 0, err
		}
	}
	return len(old), nil
}
