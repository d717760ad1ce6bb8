package storagetest

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"candide/storage"
)

// testEraseMessages: on a page that keeps its own conversations, a conversation is called as its person is.
func testEraseMessages(t *testing.T, s Store) {
	ctx := t.Context()
	see := func(ref, channel string) bool {
		t.Helper()
		_, open, err := s.SeeMessage(ctx, storage.Message{Ref: ref, Channel: channel, At: noon, SeenAt: noon})
		must(t, err)
		must(t, s.MarkMessage(ctx, ref, false, nil))
		return open
	}
	for ref, channel := range map[string]string{"web:m1": "1", "web:m12": "12", "webb:m1": "1"} {
		same(t, ref+" is new", see(ref, channel), true)
	}
	_, err := s.ErasePerson(ctx, ana, noon)
	must(t, err)
	for ref, want := range map[string]bool{"web:m1": false, "web:m12": true, "webb:m1": true} {
		same(t, ref+" is known", !see(ref, "x"), want)
	}
}

// worked makes a person a recruiter: a jury they organise, one that they sit on, a note, a version of an entry.
func worked(t *testing.T, s Store, p storage.PersonRef) {
	t.Helper()
	ctx := t.Context()
	organised, sat := jury(noon), jury(noon)
	organised.Organiser, organised.OrganiserName, organised.Members = p, "Ana Éluard", []storage.Member{{Person: "web:3"}}
	sat.Organiser, sat.OrganiserName, sat.Members = "web:3", "Cleo", []storage.Member{{Person: "web:4"}, {Person: p, Name: "Ana Éluard"}}
	for i, j := range []storage.Jury{organised, sat} {
		_, err := s.PlanJury(ctx, j, func(number int) []storage.Reminder {
			id := fmt.Sprintf("jury/%d/nudge/%d", number, i)
			return []storage.Reminder{
				{ID: id, Kind: storage.KindNudge, Person: p, Due: noon, Begins: noon.AddDate(0, 0, 1)},
				{ID: id + "/other", Kind: storage.KindNudge, Person: "web:3", Due: noon, Begins: noon.AddDate(0, 0, 1)},
			}
		})
		must(t, err)
	}
	in, _, err := s.SaveInterest(ctx, interest("c1", "web:5"))
	must(t, err)
	_, err = s.AddNote(ctx, in.Number, storage.Note{By: p, At: noon, Text: "vue"})
	must(t, err)
	_, err = s.SaveEdit(ctx, storage.Edit{Campaign: "c1", Entry: "salaire", Kind: storage.EditAdded, By: p, ByName: "Ana Éluard", At: noon}, 0)
	must(t, err)
}

func testEraseWork(t *testing.T, s Store) {
	ctx := t.Context()
	worked(t, s, ana)
	erased, err := s.ErasePerson(ctx, bob, noon)
	must(t, err)
	same(t, "erased of somebody who did nothing", erased, storage.Erased{})
	erased, err = s.ErasePerson(ctx, ana, noon)
	must(t, err)
	same(t, "erased", erased, storage.Erased{Work: 4})

	juries, err := s.Juries(ctx, "")
	must(t, err)
	same(t, "who organises", []any{juries[0].Organiser, juries[0].OrganiserName, juries[1].Organiser, juries[1].OrganiserName},
		[]any{"", "", "web:3", "Cleo"})
	same(t, "who sits", [][]storage.Member{juries[0].Members, juries[1].Members}, [][]storage.Member{{{Person: "web:3"}}, {{Person: "web:4"}}})
	for _, j := range juries {
		reminders, err := s.RemindersOf(ctx, storage.JurySubject(j.Number))
		must(t, err)
		same(t, "whom the reminders go to", []any{reminders[0].Person, reminders[0].State, reminders[1].Person, reminders[1].State},
			[]any{"", storage.ReminderCancelled, "web:3", storage.ReminderDue})
	}
	in, err := s.InterestOf(ctx, "c1", "web:5")
	must(t, err)
	same(t, "the note", in.Notes, []storage.Note{{At: noon, Text: "vue"}})
	edits, err := s.Edits(ctx, "c1", "salaire")
	must(t, err)
	same(t, "the version", []any{edits[0].By, edits[0].ByName}, []any{"", ""})
	// The log is added to and never altered.
	changes, err := s.Changes(ctx, storage.CandidateSubject(in.Number), 1)
	must(t, err)
	same(t, "who noted, in the log", changes[0].By, ana)
}

func testKept(t *testing.T, s Store) {
	ctx := t.Context()
	for _, p := range []storage.PersonRef{ana, bob} {
		_, _, err := s.SaveInterest(ctx, interest("c1", p))
		must(t, err)
		must(t, s.SaveForm(ctx, form("f "+string(p), func(f *storage.Form) { f.Person = p })))
		must(t, s.SaveOffers(ctx, []storage.Offer{offer("o "+string(p), func(o *storage.Offer) { o.For = p })}))
		must(t, s.AppendLines(ctx, p, []storage.Line{line("1", "a"), line("2", "b")}, noon))
		_, err = s.FileQuestion(ctx, storage.Group{Campaign: "c1"}, storage.Asked{
			Person: p, Text: "des tickets ?", At: noon, ExpiresAt: noon.AddDate(0, 0, 30),
		}, func([]storage.Filed) int { return 0 })
		must(t, err)
		must(t, s.RememberPost(ctx, []storage.PersonRef{p}, storage.OwnPost{Post: "p " + string(p), At: noon}))
	}
	worked(t, s, ana)
	count := func(k storage.Kept) []int {
		return []int{len(k.Interests), len(k.Changes), len(k.Forms), len(k.Offers), len(k.Lines), len(k.Questions), len(k.Posts),
			len(k.Juries), len(k.Edits), len(k.Work)}
	}
	for p, want := range map[storage.PersonRef][]int{
		ana: {1, 1, 1, 1, 2, 1, 1, 2, 1, 2}, bob: {1, 1, 1, 1, 2, 1, 1, 0, 0, 0}, "web:": {0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
	} {
		k, err := s.Kept(ctx, p)
		must(t, err)
		same(t, "kept of "+string(p), count(k), want)
		same(t, "nothing is kept of "+string(p), k.Empty(), p == "web:")
	}
	k, err := s.Kept(ctx, ana)
	must(t, err)
	same(t, "whose", []any{k.Interests[0].Person, k.Forms[0].Person, k.Offers[0].For, k.Questions[0].Person, k.Posts[0].Post},
		[]any{ana, ana, ana, ana, "p " + string(ana)})

	_, err = s.ErasePerson(ctx, ana, noon)
	must(t, err)
	k, err = s.Kept(ctx, ana)
	must(t, err)
	same(t, "kept once erased, but for the log", count(k), []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 2})
	k, err = s.Kept(ctx, bob)
	must(t, err)
	same(t, "kept of the other", count(k), []int{1, 1, 1, 1, 2, 1, 1, 0, 0, 0})
}

func testPosts(t *testing.T, s Store) {
	ctx := t.Context()
	post := func(id string) storage.OwnPost {
		return storage.OwnPost{Channel: storage.Channel{Platform: "mattermost", ID: "c"}, Post: id, At: noon}
	}
	doomed := func(want ...string) []storage.OwnPost {
		t.Helper()
		list, err := s.DoomedPosts(ctx, 0)
		must(t, err)
		var posts []string
		for _, p := range list {
			posts = append(posts, p.Post)
		}
		same(t, "the posts to take away", posts, want)
		return list
	}
	must(t, s.RememberPost(ctx, []storage.PersonRef{ana, bob}, post("both")))
	must(t, s.RememberPost(ctx, []storage.PersonRef{ana}, post("to ana")))
	must(t, s.RememberPost(ctx, nil, post("nobody's")))
	mustFail(t, "no post", s.RememberPost(ctx, []storage.PersonRef{ana}, storage.OwnPost{At: noon}))
	mustFail(t, "no time", s.RememberPost(ctx, []storage.PersonRef{ana}, storage.OwnPost{Post: "p"}))
	mustFail(t, "no person", s.RememberPost(ctx, []storage.PersonRef{""}, post("p")))
	doomed()
	erased, err := s.ErasePerson(ctx, ana, noon)
	must(t, err)
	same(t, "erased", erased, storage.Erased{Posts: 2})
	list := doomed("both", "to ana")
	one, err := s.DoomedPosts(ctx, 1)
	must(t, err)
	same(t, "the first to take away", one, list[:1])
	must(t, s.PostGone(ctx, list[0].Number))
	must(t, s.PostGone(ctx, list[0].Number))
	doomed("to ana")

	// Whose interest expires is no longer shown to anybody.
	in := interest("c", bob)
	in.ExpiresAt = noon.Add(time.Hour)
	_, _, err = s.SaveInterest(ctx, in)
	must(t, err)
	purged, err := s.Purge(ctx, noon.Add(time.Hour))
	must(t, err)
	same(t, "purged", purged, storage.Purged{Interests: 1})
	doomed("both", "to ana")
	changes, err := s.Changes(ctx, storage.CandidateSubject(1), 1)
	must(t, err)
	same(t, "the last change", changes[0].Action, storage.ChangeExpired)

	// Of somebody without an interest it is forgotten as soon as what they asked is; of others, later.
	must(t, s.RememberPost(ctx, []storage.PersonRef{"web:3"}, post("to a passer-by")))
	dateless := interest("c", "web:4")
	dateless.ExpiresAt = time.Time{}
	_, _, err = s.SaveInterest(ctx, dateless)
	must(t, err)
	must(t, s.RememberPost(ctx, []storage.PersonRef{"web:4"}, post("to a candidate")))
	purged, err = s.Purge(ctx, noon.Add(storage.KeepSeen))
	must(t, err)
	same(t, "the posts given up and forgotten", purged.Posts, 2)
	doomed("both")
	for p, want := range map[storage.PersonRef]int{"web:3": 0, "web:4": 1} {
		k, err := s.Kept(ctx, p)
		must(t, err)
		same(t, "the posts of "+string(p), len(k.Posts), want)
	}
	_, err = s.ErasePerson(ctx, "web:4", noon)
	must(t, err)
	must(t, s.PostGone(ctx, 5))
	doomed("both")
	must(t, s.RememberPost(ctx, []storage.PersonRef{bob}, post("long ago")))
	purged, err = s.Purge(ctx, noon.Add(storage.KeepPosts))
	must(t, err)
	same(t, "the posts forgotten", purged.Posts, 2)
	k, err := s.Kept(ctx, bob)
	must(t, err)
	same(t, "nothing is kept", k.Empty(), true)
}

func testConsents(t *testing.T, s Store) {
	ctx := t.Context()
	for _, p := range []storage.PersonRef{ana, bob} {
		_, _, err := s.SaveInterest(ctx, interest("c", p))
		must(t, err)
	}
	_, err := s.SetStage(ctx, 2, storage.StageApplied, "web:r", noon)
	must(t, err)
	for i, want := range []bool{true, false} {
		claimed, err := s.ClaimClosing(ctx, 1, "web:r", noon)
		must(t, err)
		same(t, "told of the closing, time "+string(rune('1'+i)), claimed, want)
	}
	_, _, err = s.SaveInterest(ctx, interest("c2", ana))
	must(t, err)
	var told atomic.Int32
	atOnce(16, func(int) { // as many clicks at once
		claimed, err := s.ClaimClosing(ctx, 3, "web:r", noon)
		if err != nil {
			t.Error(err)
		}
		if claimed {
			told.Add(1)
		}
	})
	same(t, "told of the closing", told.Load(), 1)
	for _, number := range []int{2, 7} { // applied; nobody
		claimed, err := s.ClaimClosing(ctx, number, "web:r", noon)
		must(t, err)
		same(t, "told without need", claimed, false)
	}

	for _, want := range []bool{true, false} {
		claimed, err := s.ClaimRenewal(ctx, 1, noon)
		must(t, err)
		same(t, "asked to renew", claimed, want)
	}
	later, until := noon.Add(time.Hour), noon.AddDate(2, 0, 0)
	_, err = s.RenewConsent(ctx, 1, bob, later, until)
	mustBe(t, "renewed by somebody else", err, storage.ErrForeign)
	_, err = s.RenewConsent(ctx, 7, bob, later, until)
	mustBe(t, "renewed of nobody", err, storage.ErrNotFound)
	got, err := s.RenewConsent(ctx, 1, ana, later, until)
	must(t, err)
	same(t, "renewed", []time.Time{got.RecontactAt, got.RenewalAt, got.ExpiresAt}, []time.Time{later, {}, until})
	claimed, err := s.ClaimRenewal(ctx, 1, until)
	must(t, err)
	same(t, "asked again, another time", claimed, true)
	without := interest("c", "web:3")
	without.RecontactAt = time.Time{}
	_, _, err = s.SaveInterest(ctx, without)
	must(t, err)
	claimed, err = s.ClaimRenewal(ctx, 4, noon)
	must(t, err)
	same(t, "asked to renew what was never given", claimed, false)

	// What a decision is counted from, and what saying it again keeps.
	for _, c := range []struct {
		stage storage.Stage
		want  time.Time
	}{{storage.StageAccepted, later}, {storage.StageJury, time.Time{}}, {storage.StageRefused, later}} {
		in, err := s.SetStage(ctx, 1, c.stage, bob, later)
		must(t, err)
		same(t, "decided at "+string(c.stage), in.DecidedAt, c.want)
	}
	again, _, err := s.SaveInterest(ctx, interest("c", ana))
	must(t, err)
	same(t, "said again", []time.Time{again.ClosingAt, again.DecidedAt, again.RenewalAt}, []time.Time{noon, later, {}})
}

func testDone(t *testing.T, s Store) {
	ctx := t.Context()
	at, err := s.LastDone(ctx, "digest/c")
	must(t, err)
	same(t, "never done", at, time.Time{})
	for _, when := range []time.Time{noon, noon.Add(time.Hour)} {
		must(t, s.MarkDone(ctx, "digest/c", when))
		at, err = s.LastDone(ctx, "digest/c")
		must(t, err)
		same(t, "last done", at, when)
	}
	at, err = s.LastDone(ctx, "digest/c2")
	must(t, err)
	same(t, "another, never done", at, time.Time{})
	mustFail(t, "no name", s.MarkDone(ctx, "", noon))

	// What was deleted asks for a compaction, once.
	needs := func(want bool) {
		t.Helper()
		got, err := s.NeedsCompact(ctx)
		must(t, err)
		same(t, "compaction is needed", got, want)
	}
	needs(false)
	_, err = s.ErasePerson(ctx, ana, noon)
	must(t, err)
	needs(false)
	_, _, err = s.SaveInterest(ctx, interest("c", ana))
	must(t, err)
	_, err = s.ErasePerson(ctx, ana, noon)
	must(t, err)
	needs(true)
	must(t, s.Compact(ctx))
	needs(false)
	must(t, s.AppendLines(ctx, ana, []storage.Line{line("1", "a")}, noon))
	_, err = s.Purge(ctx, noon)
	must(t, err)
	needs(true)
	must(t, s.Compact(ctx))
	must(t, s.AppendLines(ctx, ana, []storage.Line{line("1", "a")}, noon))
	must(t, s.EraseLines(ctx, ana))
	needs(true)
}
