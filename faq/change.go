package faq

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
)

// With returns f with e in the place of the entry of its id, or at the end. f itself does not change.
func (f *FAQ) With(e Entry) *FAQ {
	changed := *f
	changed.Entries = slices.Clone(f.Entries)
	for i := range changed.Entries {
		if changed.Entries[i].ID == e.ID {
			changed.Entries[i] = e
			return &changed
		}
	}
	changed.Entries = append(changed.Entries, e)
	return &changed
}

// Without returns f without the entry of this id, to which no other entry refers any more. f itself does not change.
func (f *FAQ) Without(id string) *FAQ {
	changed := *f
	changed.Entries = nil
	for _, e := range f.Entries {
		if e.ID == id {
			continue
		}
		if slices.Contains(e.See, id) {
			e.See = slices.DeleteFunc(slices.Clone(e.See), func(see string) bool { return see == id })
		}
		changed.Entries = append(changed.Entries, e)
	}
	return &changed
}

// Check returns what is wrong with f: what Parse would say of its file.
func (f *FAQ) Check(topics func(id string) bool) Problems {
	var problems Problems
	if _, err := Parse(f.ID, Marshal(f), topics); !errors.As(err, &problems) {
		return nil
	}
	return problems
}

// Fingerprint tells two entries apart: it is the same for the same texts, topics and phrasings, in the same order.
func (e *Entry) Fingerprint() string {
	src, err := json.Marshal(e)
	if err != nil {
		return "" // an entry is made of texts alone: it never fails
	}
	sum := sha256.Sum256(src)
	return hex.EncodeToString(sum[:12])
}
