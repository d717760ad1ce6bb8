package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/e2e/harness"
)

// These tests prove the harness itself, so that when a test of Candide fails
// the fault can be looked for in Candide.

func TestPeopleTalk(t *testing.T) {
	t.Parallel()
	w := harness.NewWorld(t)
	town := w.Public("recrutement")
	alice, bob := w.User("alice", town), w.User("bob", town)

	question := alice.Post(town, "Quel est le salaire ?")
	event := bob.WaitEvent(model.WebsocketEventPosted, func(e *model.WebSocketEvent) bool {
		post, err := harness.PostOf(e)
		return err == nil && post.Id == question.Id
	})
	if kind := event.GetData()["channel_type"]; kind != "O" {
		t.Errorf("channel type of the event: %v, want O", kind)
	}

	answer := bob.Reply(question, "2 500 € net")
	seen := alice.WaitReply(question, harness.By(bob), harness.Contains("2 500"))
	if seen.Id != answer.Id || seen.RootId != question.Id {
		t.Errorf("alice sees the reply %s in thread %s, want %s in %s", seen.Id, seen.RootId, answer.Id, question.Id)
	}
	bob.Reply(answer, "ou 3 000 €") // a reply to a reply joins its thread
	alice.WaitThread(question, func(posts []*model.Post) bool { return len(posts) == 3 })

	alice.React(answer, "eyes")
	bob.WaitReaction(answer, "eyes", alice)
	bob.Edit(answer, "2 600 € net")
	alice.WaitUpdate(answer, harness.Contains("2 600"))
	bob.Delete(answer)
	alice.WaitGone(answer)

	secret := alice.DM(bob, "Entre nous")
	bob.WaitPost(bob.DMChannel(alice), harness.By(alice), harness.Contains("Entre nous"))
	if _, resp, err := w.User("carol").Client.GetPost(t.Context(), secret.Id, ""); err == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("someone else reads a direct message: %v", err)
	}
}

func TestChannelsKeepOthersOut(t *testing.T) {
	t.Parallel()
	w := harness.NewWorld(t)
	jury := w.Private("jury")
	alice, bob, bot := w.User("alice", jury), w.User("bob"), w.Bot("candide")

	post := &model.Post{ChannelId: jury.Id, Message: "Bonjour"}
	if _, resp, err := bot.Client.CreatePost(t.Context(), post); err == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("a bot outside a private channel posts there: %v", err)
	}
	w.Join(jury, bot)
	if _, _, err := bot.Client.CreatePost(t.Context(), post); err != nil {
		t.Errorf("a bot inside a private channel cannot post: %v", err)
	}
	alice.WaitPost(jury, harness.By(bot), harness.Contains("Bonjour"))

	member := func(who harness.Peer) int {
		_, resp, err := bot.Client.GetChannelMember(t.Context(), jury.Id, who.UserID(), "")
		if resp == nil {
			t.Fatal(err)
		}
		return resp.StatusCode
	}
	if got := member(bob); got != http.StatusNotFound {
		t.Errorf("membership of an outsider: %d, want 404", got)
	}
	if got := member(alice); got != http.StatusOK {
		t.Errorf("membership of a member: %d, want 200", got)
	}
	w.Deactivate(alice)
	if got := member(alice); got != http.StatusOK {
		t.Errorf("membership of a deactivated member: %d, want 200", got)
	}
	w.Leave(jury, bot)
	if got := member(bob); got != http.StatusForbidden {
		t.Errorf("membership seen from outside: %d, want 403", got)
	}
}

func TestBotPostsWithPropsAndFiles(t *testing.T) {
	t.Parallel()
	w := harness.NewWorld(t)
	town := w.Public("recrutement")
	alice, bot := w.User("alice", town), w.Bot("candide", town)

	upload, _, err := bot.Client.UploadFile(t.Context(), []byte("BEGIN:VCALENDAR"), town.Id, "jury.ics")
	if err != nil {
		t.Fatal(err)
	}
	post := &model.Post{ChannelId: town.Id, Message: "Rappel", FileIds: model.StringArray{upload.FileInfos[0].Id}}
	post.AddProp("candide_key", "jury-1")
	if _, _, err := bot.Client.CreatePost(t.Context(), post); err != nil {
		t.Fatal(err)
	}
	seen := alice.WaitPost(town, harness.By(bot))
	if got := seen.GetProp("candide_key"); got != "jury-1" {
		t.Errorf("the post's own prop: %v, want jury-1", got)
	}
	if got := string(alice.Files(seen)["jury.ics"]); got != "BEGIN:VCALENDAR" {
		t.Errorf("the post's file: %q", got)
	}
}

func TestServerStopsAndComesBack(t *testing.T) {
	t.Parallel()
	mm := harness.Own(t, harness.Options{})
	w := harness.NewWorldOn(t, mm)
	town := w.Public("recrutement")
	alice, bob := w.User("alice", town), w.User("bob", town)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	restarts := []struct {
		name string
		do   func() error
	}{
		{"restarted", func() error { return mm.Restart(ctx) }},
		{"killed and started", func() error { mm.Kill(); return mm.Start(ctx) }},
	}
	for _, restart := range restarts {
		before := alice.Post(town, "Avant d'être "+restart.name)
		if err := restart.do(); err != nil {
			t.Fatal(err)
		}
		bob.WaitPost(town, harness.Contains(before.Message)) // data stay
		after := alice.Post(town, "Après : "+restart.name)
		bob.WaitEvent(model.WebsocketEventPosted, func(e *model.WebSocketEvent) bool {
			post, err := harness.PostOf(e)
			return err == nil && post.Id == after.Id
		})
	}

	if err := mm.Freeze(ctx); err != nil {
		t.Fatal(err)
	}
	short, cancelShort := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancelShort()
	if _, _, err := alice.Client.GetPing(short); err == nil || short.Err() == nil {
		t.Errorf("a frozen server answers (%v)", err)
	}
	if err := mm.Thaw(); err != nil {
		t.Fatal(err)
	}
	alice.Post(town, "De retour")
	bob.WaitPost(town, harness.Contains("De retour"))
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	mm := harness.Own(t, harness.Options{RateLimit: true})
	w := harness.NewWorldOn(t, mm)
	town := w.Public("recrutement")
	bot := w.Bot("candide", town)
	for range 300 {
		_, resp, err := bot.Client.GetChannel(t.Context(), town.Id)
		if err == nil {
			continue
		}
		if resp == nil || resp.StatusCode != http.StatusTooManyRequests {
			t.Fatalf("want 429, got %v", err)
		}
		if resp.Header.Get("Retry-After") == "" {
			t.Errorf("a 429 without Retry-After: %v", resp.Header)
		}
		w.User("alice", town) // other sessions have their own budget
		return
	}
	t.Error("300 requests and no limit")
}

func TestProxyCutsAndStalls(t *testing.T) {
	t.Parallel()
	w := harness.NewWorld(t)
	proxy, err := harness.ListenProxy(strings.TrimPrefix(w.Server.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := proxy.Close(); err != nil {
			t.Error(err)
		}
	}()
	bot := w.Bot("candide")
	socket, err := model.NewWebSocketClient4("ws://"+proxy.Addr(), bot.Token)
	if err != nil {
		t.Fatal(err)
	}
	socket.Listen()
	defer socket.Close()
	if event := <-socket.EventChannel; event.EventType() != model.WebsocketEventHello {
		t.Fatalf("first event: %s, want hello", event.EventType())
	}

	proxy.Pause()
	client := model.NewAPIv4Client(proxy.URL())
	short, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, _, err := client.GetPing(short); err == nil || short.Err() == nil {
		t.Errorf("an answer through a paused proxy (%v)", err)
	}
	proxy.Resume()
	if _, _, err := client.GetPing(t.Context()); err != nil {
		t.Errorf("no answer through a resumed proxy: %v", err)
	}

	if n := proxy.CutAll(); n < 1 {
		t.Errorf("%d connections cut, want at least the websocket", n)
	}
	for range socket.EventChannel { // ends when the client notices
	}
	if _, _, err := client.GetPing(t.Context()); err != nil {
		t.Errorf("no new connection after a cut: %v", err)
	}
}
