package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/e2e/harness"
)

// answers are the bot's posts in the thread of a post.
func (s *stage) answers(by *harness.User, of *model.Post) []*model.Post {
	var found []*model.Post
	for _, post := range by.Thread(of) {
		if post.UserId == s.bot.UserID() && post.Id != of.Id {
			found = append(found, post)
		}
	}
	return found
}

// stopped runs f while candide is away.
func (s *stage) stopped(t *testing.T, f func()) {
	t.Helper()
	s.candide.Kill()
	f()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.candide.Start(ctx); err != nil {
		t.Fatal(err)
	}
}

// TestMissedWhileAway: what was written meanwhile is answered after the next start, in channels, threads, and a direct
// conversation that did not exist before; what is no longer fresh is left; and nothing is answered twice.
func TestMissedWhileAway(t *testing.T) {
	t.Parallel()
	s := play(t)
	before := s.alice.Post(s.town, s.at()+" c'est payé combien ?")
	s.alice.WaitReply(before, harness.By(s.bot))
	var channel, thread, stale, unasked *model.Post
	var direct *model.Channel
	s.stopped(t, func() {
		channel = s.alice.Post(s.town, s.at()+" on peut télétravailler ?")
		thread = s.alice.Reply(before, s.at()+" Quand commence le contrat ?")
		direct = s.oto.DMChannel(s.bot)
		s.oto.Post(direct, "Comment candidater ?")
		unasked = s.oto.Post(s.town, "c'est payé combien ?")
		// An administrator may say when a post was written.
		created, _, err := s.Admin.Client.CreatePost(t.Context(), &model.Post{
			ChannelId: s.town.Id, Message: s.at() + " c'est payé combien ?",
			CreateAt: time.Now().Add(-31 * time.Minute).UnixMilli(),
		})
		if err != nil {
			t.Fatal(err)
		}
		stale = created
	})
	s.alice.WaitReply(channel, harness.By(s.bot))
	s.alice.WaitReply(thread, harness.By(s.bot), harness.Contains("4 janvier"))
	s.oto.WaitPost(direct, harness.By(s.bot))
	s.oto.WaitReply(unasked, harness.By(s.bot))
	s.stopped(t, func() {})
	s.silent(t, s.alice, stale)
	for what, n := range map[string]int{
		"in the channel": len(s.answers(s.alice, channel)), "unasked": len(s.answers(s.oto, unasked)),
		"in the direct conversation": len(s.oto.Recent(direct)) - 1, "in the thread": len(s.answers(s.alice, before)) - 1,
	} {
		if n != 1 {
			t.Errorf("%s: %d answers", what, n)
		}
	}
}

// behind starts candide on a new stage with a proxy between it and the server.
func behind(t *testing.T, change ...func(*harness.Config)) (*stage, *harness.Proxy) {
	t.Helper()
	w := harness.NewWorld(t)
	target, err := url.Parse(w.Server.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := harness.ListenProxy(target.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = proxy.Close() })
	s := newStage(t, w)
	s.start(t, append(change, func(c *harness.Config) { c.MattermostURL = proxy.URL() })...)
	return s, proxy
}

// TestMissedInAGap: the connection is cut, and what was written meanwhile comes when it is back; so does a reaction,
// which REST would not tell: the server replays it.
func TestMissedInAGap(t *testing.T) {
	t.Parallel()
	s, proxy := behind(t)
	first := s.alice.Post(s.town, s.at()+" c'est payé combien ?")
	answer := s.alice.WaitReply(first, harness.By(s.bot))
	proxy.Pause()
	proxy.CutAll()
	missed := s.alice.Post(s.town, s.at()+" on peut télétravailler ?")
	s.rose.React(answer, "x") // a recruiter takes the answer back
	proxy.Resume()
	s.alice.WaitReply(missed, harness.By(s.bot))
	s.alice.WaitGone(answer)
	for range 3 {
		proxy.CutAll()
		s.alice.WaitReply(s.alice.Post(s.town, s.at()+" Quand commence le contrat ?"), harness.By(s.bot))
	}
	if n := len(s.answers(s.alice, missed)); n != 1 {
		t.Errorf("%d answers", n)
	}
}

// TestSilentConnection: nothing is cut, and nothing arrives any more. The bot notices, says so, and comes back.
func TestSilentConnection(t *testing.T) {
	t.Parallel()
	s, proxy := behind(t)
	s.alice.WaitReply(s.alice.Post(s.town, s.at()+" c'est payé combien ?"), harness.By(s.bot))
	proxy.Pause()
	begun := time.Now()
	asked := s.alice.Post(s.town, s.at()+" on peut télétravailler ?")
	for code := http.StatusOK; code == http.StatusOK; time.Sleep(500 * time.Millisecond) {
		code, _ = statusOf(t, s.candide.URL()+"/readyz")
		if time.Since(begun) > time.Minute {
			t.Fatal("it does not notice")
		}
	}
	t.Logf("noticed after %s", time.Since(begun).Round(time.Second))
	proxy.Resume()
	s.alice.WaitThread(asked, func(posts []*model.Post) bool { return len(posts) == 2 })
	later := s.alice.Post(s.town, s.at()+" Quand commence le contrat ?")
	s.alice.WaitReply(later, harness.By(s.bot))
	for _, post := range []*model.Post{asked, later} {
		if n := len(s.answers(s.alice, post)); n != 1 {
			t.Errorf("%d answers", n)
		}
	}
}

// TestEditedQuestions: an edited question is answered anew where the bot had been unsure or silent, in the place of what
// it had said; where it had answered, it says no more.
func TestEditedQuestions(t *testing.T) {
	t.Parallel()
	s := play(t)
	const uncovered, covered = " Je peux venir avec mon chat ?", " c'est payé combien ?"
	unsure := s.alice.Post(s.town, s.at()+uncovered)
	said := s.alice.WaitReply(unsure, harness.By(s.bot))
	s.alice.Edit(unsure, s.at()+covered)
	s.alice.WaitUpdate(said, harness.Contains("2 500"))

	chatter := s.oto.Post(s.town, "On mange où à midi ?")
	s.silent(t, s.oto, chatter)
	s.oto.Edit(chatter, s.at()+covered)
	s.oto.WaitReply(chatter, harness.By(s.bot), harness.Contains("2 500"))

	s.alice.Edit(unsure, s.at()+" on peut télétravailler ?")
	missed := s.rose.Post(s.town, s.at()+uncovered)
	s.rose.WaitReply(missed, harness.By(s.bot))
	s.stopped(t, func() { s.rose.Edit(missed, s.at()+covered) })
	s.rose.WaitThread(missed, func(posts []*model.Post) bool {
		return len(posts) == 2 && strings.Contains(posts[1].Message, "2 500")
	})
	s.silent(t, s.alice)
	if posts := s.answers(s.alice, unsure); len(posts) != 1 || !strings.Contains(posts[0].Message, "2 500") {
		t.Errorf("edited once more, it has %d answers", len(posts))
	}
}

// TestRemovedQuestions: the answer goes with its question.
func TestRemovedQuestions(t *testing.T) {
	t.Parallel()
	s := play(t)
	// A direct conversation has no threads: the server removes nothing by itself.
	direct := s.alice.DMChannel(s.bot)
	asked := s.alice.Post(direct, "c'est payé combien ?")
	answer := s.alice.WaitPost(direct, harness.By(s.bot))
	s.alice.Delete(asked)
	s.alice.WaitGone(answer)

	thread := s.oto.Post(s.town, "Bonjour à tous")
	inThread := s.oto.Reply(thread, s.at()+" c'est payé combien ?")
	answer = s.oto.WaitReply(inThread, harness.By(s.bot))
	s.stopped(t, func() { s.oto.Delete(inThread) })
	s.oto.WaitGone(answer)
}

// TestManners: the bot does not push in.
func TestManners(t *testing.T) {
	t.Parallel()
	s := play(t)
	const question = "c'est payé combien ?"
	first := s.alice.Post(s.town, question)
	s.alice.WaitReply(first, harness.By(s.bot))
	again := s.alice.Post(s.town, "on peut télétravailler ?")

	// People are talking there already.
	theirs := s.oto.Post(s.town, "Bonjour à tous")
	s.alice.Reply(theirs, "Bonjour !")
	among := s.oto.Reply(theirs, question)
	s.silent(t, s.alice, again)
	s.silent(t, s.oto, theirs)
	// Asked by name, it answers there too.
	named := s.oto.Reply(theirs, s.at()+" "+question)
	s.oto.WaitReply(named, harness.By(s.bot), func(p *model.Post) bool { return p.CreateAt > among.CreateAt })

	// Two questions are one answer.
	both := s.rose.Post(s.town, s.at()+" Quel est le salaire ? Peut-on télétravailler ?")
	s.rose.WaitReply(both, harness.By(s.bot), harness.Contains("2 500", "travail à distance"))
	if n := len(s.answers(s.rose, both)); n != 1 {
		t.Errorf("two questions: %d answers", n)
	}
}

// TestMetrics: they count, and hold nothing about anybody.
func TestMetrics(t *testing.T) {
	t.Parallel()
	port, err := harness.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	s := play(t, func(c *harness.Config) { c.Extra += fmt.Sprintf("\nmetrics: {listen: \"127.0.0.1:%d\"}", port) })
	s.alice.WaitReply(s.alice.Post(s.town, s.at()+" c'est payé combien ?"), harness.By(s.bot))
	var text string
	until(t, "the answer to be counted", func() bool {
		resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/metrics", port))
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		text = string(body)
		return err == nil && strings.Contains(text, `candide_messages_total{outcome="answer",platform="mattermost"} 1`)
	})
	for _, want := range []string{"candide_store_bytes", "candide_message_seconds_bucket", "candide_catchups_total", "candide_reminders_total"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, personal := range []string{s.alice.Id, s.alice.Username, "alice", s.town.Id, "payé"} {
		if strings.Contains(text, personal) {
			t.Errorf("%q stands in the metrics", personal)
		}
	}
}
