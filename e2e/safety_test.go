package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/e2e/harness"
)

func TestNobodyIsDisturbed(t *testing.T) {
	t.Parallel()
	s := play(t)
	const question = "c'est payé combien ?"

	// Other programs get no answer, even when they mention the bot.
	other := s.Bot("autre", s.town)
	hook, _, err := s.Admin.Client.CreateIncomingWebhook(t.Context(), &model.IncomingWebhook{ChannelId: s.town.Id, DisplayName: "w"})
	if err != nil {
		t.Fatal(err)
	}
	fromBot, _, err := other.Client.CreatePost(t.Context(), &model.Post{ChannelId: s.town.Id, Message: s.at() + " " + question})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.sendHook(t, hook.Id, s.at()+" "+question); got != 200 {
		t.Fatalf("the webhook: HTTP %d", got)
	}
	fromHook := s.alice.WaitPost(s.town, func(p *model.Post) bool { return p.GetProp("from_webhook") == "true" })
	s.silent(t, s.alice, fromBot, fromHook)

	// Where it was not asked to speak, it is silent unless mentioned; @all is no mention of it, nor is code.
	elsewhere := s.Public("ailleurs", s.alice, s.bot)
	unasked := []*model.Post{
		s.alice.Post(elsewhere, question), s.alice.Post(elsewhere, "@all "+question),
		s.alice.Post(elsewhere, "`"+s.at()+"` "+question),
	}
	asked := s.alice.Post(elsewhere, s.at()+" "+question)
	s.alice.WaitReply(asked, harness.By(s.bot))
	for _, post := range unasked {
		if n := len(s.alice.Thread(post)); n != 1 {
			t.Errorf("%q is answered", post.Message)
		}
	}
}

func (s *stage) sendHook(t *testing.T, id, text string) int {
	t.Helper()
	resp, err := s.Admin.Client.HTTPClient.Post(s.Server.URL()+"/hooks/"+id, "application/json",
		strings.NewReader(`{"text":"`+text+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// TestNoMentionThroughTheBot: what somebody typed comes back in the bot's own posts, and notifies nobody.
func TestNoMentionThroughTheBot(t *testing.T) {
	t.Parallel()
	s := play(t)
	// A word that begins with @ names a member, and nobody is called so.
	s.rose.Slash(s.staff, "/candide jury planifier 2020-12-01 14:00 ~jury-deploiement Jury @all")
	s.rose.WaitEphemeral(harness.Contains("all"))
	title := "Jury (@all) (@channel) (@here) (@" + s.rose.Username + ")"
	s.rose.Slash(s.staff, "/candide jury planifier 2020-12-01 14:00 ~jury-deploiement "+title)
	s.rose.WaitEphemeral(harness.Contains("n° 1"))
	s.rose.Slash(s.staff, "/candide jury annuler 1 @channel annulé par @"+s.rose.Username)
	post := s.rose.WaitPost(s.team, harness.By(s.bot), harness.Contains("Annulé"))
	event := s.rose.WaitEvent(model.WebsocketEventPosted, func(e *model.WebSocketEvent) bool {
		p, err := harness.PostOf(e)
		return err == nil && p.Id == post.Id
	})
	if mentions, ok := event.GetData()["mentions"].(string); ok && strings.Contains(mentions, s.rose.Id) {
		t.Errorf("the post mentions her: %s", mentions)
	}
	for _, name := range []string{"@all", "@channel", "@here", "@" + s.rose.Username} {
		if strings.Contains(post.Message, name) {
			t.Errorf("%s stands in the post: %q", name, post.Message)
		}
	}
}

// TestBotUnderRateLimit: a server that limits requests is waited for, and nobody is forgotten.
func TestBotUnderRateLimit(t *testing.T) {
	t.Parallel()
	server := harness.Own(t, harness.Options{RateLimit: true, Env: map[string]string{
		"MM_RATELIMITSETTINGS_PERSEC": "10", "MM_RATELIMITSETTINGS_MAXBURST": "15",
	}})
	s := newStage(t, harness.NewWorldOn(t, server))
	s.start(t)
	asked := map[string]int{}
	for range 12 {
		asked[s.alice.Post(s.town, s.at()+" c'est payé combien ?").Id] = 0
	}
	// She only listens: her own requests are limited as well.
	for range asked {
		s.alice.WaitEvent(model.WebsocketEventPosted, func(e *model.WebSocketEvent) bool {
			p, err := harness.PostOf(e)
			_, hers := asked[p.RootId]
			return err == nil && hers && p.UserId == s.bot.UserID()
		})
	}
	for _, post := range s.alice.Recent(s.town) {
		if post.UserId == s.bot.UserID() && post.RootId != "" {
			asked[post.RootId]++
		}
	}
	for _, n := range asked {
		if n != 1 {
			t.Errorf("%d answers to one question", n)
		}
	}
}

// TestLatency prints how long a candidate waits, from sending the question to reading the answer, as their own
// application sees it: go test -run Latency -v.
func TestLatency(t *testing.T) {
	s := play(t)
	const n = 50
	var took []time.Duration
	for i := range n {
		begun := time.Now()
		question := s.alice.Post(s.town, s.at()+" c'est payé combien ?")
		s.alice.WaitEvent(model.WebsocketEventPosted, func(e *model.WebSocketEvent) bool {
			p, err := harness.PostOf(e)
			return err == nil && p.RootId == question.Id && p.UserId == s.bot.UserID()
		})
		if i > 0 { // the first one opens connections
			took = append(took, time.Since(begun))
		}
	}
	slices.Sort(took)
	p50, p95 := took[len(took)/2], took[len(took)*95/100]
	t.Logf("question to answer, %d times: p50 %s, p95 %s, slowest %s", len(took),
		p50.Round(time.Millisecond), p95.Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond))
	if p95 > 2*time.Second {
		t.Errorf("p95 is %s", p95)
	}
}
