package storagetest

import (
	"sync/atomic"
	"testing"
	"time"

	"candide/storage"
)

// message makes a message seen at a time.
func message(ref string, at time.Time) storage.Message {
	return storage.Message{Ref: ref, Channel: "c1", At: at, SeenAt: at}
}

// see hands a message over and checks what is known of it.
func see(t *testing.T, s Store, what string, m storage.Message, want storage.Message, open bool) {
	t.Helper()
	known, is, err := s.SeeMessage(t.Context(), m)
	must(t, err)
	same(t, what, known, want)
	if is != open {
		t.Fatalf("%s: open is %v", what, is)
	}
}

func testMessages(t *testing.T, s Store) {
	ctx := t.Context()
	m := message("web:1", noon)
	m.Edited = noon.Add(-time.Second) // edited before it was ever seen
	want := m
	want.State = storage.MessageSeen
	see(t, s, "at first", m, want, true)
	see(t, s, "never gone on with", message("web:1", noon.Add(time.Hour)), want, true)
	see(t, s, "another one", message("web:12", noon), storage.Message{
		Ref: "web:12", Channel: "c1", At: noon, SeenAt: noon, State: storage.MessageSeen}, true)

	must(t, s.IntendMessage(ctx, "web:1", true))
	must(t, s.IntendMessage(ctx, "web:1", false)) // what must not be begun again stays so
	want.State, want.Once = storage.MessageIntended, true
	see(t, s, "intended", m, want, true)

	must(t, s.MarkMessage(ctx, "web:1", false, []string{"p1", "", "p2"}))
	must(t, s.MarkMessage(ctx, "web:1", false, []string{"p2"}))
	want.State, want.Posts = storage.MessageDone, []string{"p1", "p2"}
	see(t, s, "done", m, want, false)
	mustBe(t, "intending what is done", s.IntendMessage(ctx, "web:1", false), storage.ErrState)
	see(t, s, "still done", m, want, false)

	for what, err := range map[string]error{
		"intending": s.IntendMessage(ctx, "web:2", false), "marking": s.MarkMessage(ctx, "web:2", false, nil),
	} {
		mustBe(t, what+" what was never seen", err, storage.ErrNotFound)
	}
	_, err := s.RemoveMessage(ctx, "web:2")
	mustBe(t, "removing what was never seen", err, storage.ErrNotFound)
	_, _, err = s.SeeMessage(ctx, message("", noon))
	mustFail(t, "a message without reference", err)
}

func testMessagesEdited(t *testing.T, s Store) {
	ctx := t.Context()
	edited := func(at time.Duration) storage.Message {
		m := message("web:1", noon)
		m.Edited = noon.Add(at)
		return m
	}
	want := message("web:1", noon)
	want.State = storage.MessageSeen
	see(t, s, "at first", message("web:1", noon), want, true)
	want.Edited = noon.Add(1)
	see(t, s, "edited while open", edited(1), want, true)
	must(t, s.MarkMessage(ctx, "web:1", true, []string{"p1"}))
	want.State, want.Unsure, want.Posts = storage.MessageDone, true, []string{"p1"}
	see(t, s, "the same edit again", edited(1), want, false)
	see(t, s, "not edited", message("web:1", noon), want, false)
	want.State, want.Unsure, want.Edited = storage.MessageSeen, false, noon.Add(2)
	see(t, s, "edited after it was left unsure", edited(2), want, true)
	open, err := s.OpenMessages(ctx, "web")
	must(t, err)
	same(t, "the open ones", open, []storage.Message{want})
	must(t, s.MarkMessage(ctx, "web:1", false, nil))
	want.State, want.Edited = storage.MessageDone, noon.Add(3)
	see(t, s, "edited after it was answered", edited(3), want, false)
}

func testMessagesRemoved(t *testing.T, s Store) {
	ctx := t.Context()
	_, _, err := s.SeeMessage(ctx, message("web:1", noon))
	must(t, err)
	must(t, s.MarkMessage(ctx, "web:1", true, []string{"p1"}))
	want := message("web:1", noon)
	want.State, want.Posts, want.Unsure = storage.MessageRemoved, []string{"p1"}, true
	for range 2 {
		removed, err := s.RemoveMessage(ctx, "web:1")
		must(t, err)
		same(t, "what was removed", removed, want)
	}
	open, err := s.OpenMessages(ctx, "web")
	must(t, err)
	same(t, "the open ones", len(open), 1)
	see(t, s, "seen again", message("web:1", noon), want, false)
	mustBe(t, "intending what was removed", s.IntendMessage(ctx, "web:1", false), storage.ErrState)
	must(t, s.MarkMessage(ctx, "web:1", true, nil))
	later := message("web:1", noon)
	later.Edited = noon.Add(time.Hour)
	_, reopened, err := s.SeeMessage(ctx, later)
	must(t, err)
	same(t, "opened by an edit", reopened, false)
}

func testMessagesAtOnce(t *testing.T, s Store) {
	ctx := t.Context()
	_, _, err := s.SeeMessage(ctx, message("web:1", noon))
	must(t, err)
	must(t, s.MarkMessage(ctx, "web:1", true, nil))
	var opened atomic.Int32
	atOnce(20, func(i int) {
		m := message("web:1", noon)
		m.Edited = noon.Add(time.Minute)
		known, open, err := s.SeeMessage(ctx, m)
		if err != nil {
			t.Error(err)
		}
		if open {
			opened.Add(1)
		}
		if known.State != storage.MessageSeen {
			t.Errorf("caller %d sees it as %s", i, known.State)
		}
	})
	// Open is open to each of them: which one works on it is between the callers.
	if n := opened.Load(); n != 20 {
		t.Fatalf("it is open to %d callers", n)
	}
}

func testOpenMessages(t *testing.T, s Store) {
	ctx := t.Context()
	for ref, at := range map[string]time.Duration{"web:b": 1, "web:a": 2, "web:c": 0, "webby:x": 0, "we:y": 0} {
		_, _, err := s.SeeMessage(ctx, message(ref, noon.Add(at)))
		must(t, err)
	}
	must(t, s.IntendMessage(ctx, "web:b", false))
	must(t, s.MarkMessage(ctx, "web:c", false, nil))
	open, err := s.OpenMessages(ctx, "web")
	must(t, err)
	var refs []string
	for _, m := range open {
		refs = append(refs, m.Ref)
	}
	same(t, "the open ones, oldest first", refs, []string{"web:b", "web:a"})
	_, err = s.Purge(ctx, noon.Add(storage.KeepSeen+time.Second))
	must(t, err)
	open, err = s.OpenMessages(ctx, "web")
	must(t, err)
	same(t, "the open ones after a purge", open, nil)
}

func testCursors(t *testing.T, s Store) {
	ctx := t.Context()
	check := func(what, platform string, want map[string]time.Time) {
		t.Helper()
		got, err := s.Cursors(ctx, platform)
		must(t, err)
		same(t, what, got, want)
	}
	check("at first", "web", nil)
	must(t, s.SaveCursors(ctx, "web", nil))
	must(t, s.SaveCursors(ctx, "web", map[string]time.Time{"a": noon, "b": noon}))
	must(t, s.SaveCursors(ctx, "we", map[string]time.Time{"ba": noon}))
	must(t, s.SaveCursors(ctx, "web", map[string]time.Time{"a": noon.Add(1), "b": noon.Add(-1)}))
	check("they only move forward", "web", map[string]time.Time{"a": noon.Add(1), "b": noon})
	check("of another platform", "we", map[string]time.Time{"ba": noon})
	mustFail(t, "no channel", s.SaveCursors(ctx, "web", map[string]time.Time{"": noon}))
	mustFail(t, "no platform", s.SaveCursors(ctx, "", map[string]time.Time{"a": noon}))
}
