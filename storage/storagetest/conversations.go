package storagetest

import (
	"fmt"
	"testing"
	"time"

	"candide/storage"
)

func line(id, text string) storage.Line {
	return storage.Line{ID: id, At: noon, Body: fmt.Appendf(nil, "%q", text)}
}

func testConversations(t *testing.T, s Store) {
	ctx := t.Context()
	until := noon.Add(time.Hour)
	lines, err := s.Lines(ctx, ana)
	must(t, err)
	same(t, "no conversation", lines, nil)

	must(t, s.AppendLines(ctx, ana, []storage.Line{line("z", "un"), line("a", "deux")}, until))
	must(t, s.AppendLines(ctx, bob, []storage.Line{line("z", "à Bob")}, until))
	must(t, s.AppendLines(ctx, ana, []storage.Line{line("m", "trois"), line("z", "un, corrigé")}, until))
	must(t, s.AppendLines(ctx, ana, nil, until))
	lines, err = s.Lines(ctx, ana)
	must(t, err)
	same(t, "the conversation", lines, []storage.Line{line("z", "un, corrigé"), line("a", "deux"), line("m", "trois")})

	must(t, s.RemoveLine(ctx, ana, "a"))
	must(t, s.RemoveLine(ctx, ana, "a"))
	must(t, s.AppendLines(ctx, ana, []storage.Line{line("a", "quatre")}, until))
	lines, err = s.Lines(ctx, ana)
	must(t, err)
	same(t, "after a removal", lines, []storage.Line{line("z", "un, corrigé"), line("m", "trois"), line("a", "quatre")})

	for range 2 {
		must(t, s.EraseLines(ctx, ana))
		lines, err = s.Lines(ctx, ana)
		must(t, err)
		same(t, "after erasing", lines, nil)
	}
	must(t, s.RemoveLine(ctx, bob, "z"))
	purged, err := s.Purge(ctx, until)
	must(t, err)
	same(t, "the conversations left to purge", purged, storage.Purged{})

	mustFail(t, "no person", s.AppendLines(ctx, "", []storage.Line{line("a", "")}, until))
	mustFail(t, "no id", s.AppendLines(ctx, ana, []storage.Line{line("a", ""), line("", "")}, until))
	mustFail(t, "no expiry", s.AppendLines(ctx, ana, []storage.Line{line("a", "")}, time.Time{}))
	lines, err = s.Lines(ctx, ana)
	must(t, err)
	same(t, "after errors", lines, nil)
}

func testConversationBound(t *testing.T, s Store) {
	ctx := t.Context()
	var all []storage.Line
	for i := range storage.KeepLines + 30 {
		all = append(all, line(fmt.Sprint(i), fmt.Sprint("ligne ", i)))
	}
	check := func(what string, want []storage.Line) {
		t.Helper()
		got, err := s.Lines(ctx, ana)
		must(t, err)
		same(t, what, got, want)
	}
	must(t, s.AppendLines(ctx, ana, all[:storage.KeepLines], noon.Add(time.Hour)))
	check("as many as are kept", all[:storage.KeepLines])
	must(t, s.AppendLines(ctx, ana, all[storage.KeepLines:storage.KeepLines+10], noon.Add(time.Hour)))
	check("ten more", all[10:storage.KeepLines+10])
	must(t, s.AppendLines(ctx, ana, all[20:storage.KeepLines+10], noon.Add(time.Hour)))
	check("known ones again", all[10:storage.KeepLines+10])
	must(t, s.EraseLines(ctx, ana))
	must(t, s.AppendLines(ctx, ana, all, noon.Add(time.Hour)))
	check("all in one go", all[30:])
}
