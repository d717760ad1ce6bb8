package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/e2e/harness"
)

// TestLongAnswer: an answer longer than a post is several posts, cut between lines, each with a key.
func TestLongAnswer(t *testing.T) {
	t.Parallel()
	s := play(t)
	direct := s.rose.DMChannel(s.bot)
	title := strings.TrimSpace(strings.Repeat("mot ", 700))
	const juries = 7
	for n := range juries {
		s.rose.DM(s.bot, "jury planifier 2020-12-01 14:00 ~jury-deploiement "+title)
		s.rose.WaitPost(direct, harness.By(s.bot), harness.Contains(fmt.Sprintf("Jury n° %d planifié", n+1)))
	}
	asked := s.rose.DM(s.bot, "jury liste")
	s.rose.WaitPost(direct, harness.By(s.bot), harness.Contains(fmt.Sprintf("- n° %d ·", juries)))
	var parts []*model.Post
	for _, post := range s.rose.Recent(direct) {
		if post.UserId == s.bot.UserID() && post.CreateAt >= asked.CreateAt {
			parts = append(parts, post)
		}
	}
	if len(parts) != 2 {
		t.Fatalf("%d posts, not 2", len(parts))
	}
	for _, part := range parts {
		if !strings.HasPrefix(part.Message, "- n° ") {
			t.Errorf("a part begins inside a line: %.40q", part.Message)
		}
		if key, _ := part.GetProp("candide_key").(string); key == "" {
			t.Error("a part has no key")
		}
	}
}
