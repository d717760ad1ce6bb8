package e2e

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/e2e/harness"
)

// TestOverload: many messages at once are all answered, once, and the bot's memory stays what it was. The number is a
// thousand with CANDIDE_CHAOS=full.
func TestOverload(t *testing.T) {
	messages := 200
	if os.Getenv("CANDIDE_CHAOS") == "full" {
		messages = 1000
	}
	s := play(t)
	const people = 10
	users := make([]*harness.User, people)
	for i := range users {
		users[i] = s.User(fmt.Sprint("p", i), s.town)
	}
	warm := s.alice.Post(s.town, s.at()+" c'est payé combien ?")
	s.alice.WaitReply(warm, harness.By(s.bot))
	before := s.candide.PeakMemory(t)

	begun := time.Now()
	var wg sync.WaitGroup
	asked := make([][]string, people)
	for i, u := range users {
		wg.Go(func() {
			for n := range messages / people {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				post, _, err := u.Client.CreatePost(ctx, &model.Post{
					ChannelId: s.town.Id, Message: s.at() + " " + questionTexts[n%len(questionTexts)],
				})
				cancel()
				if err != nil {
					t.Errorf("a question could not be asked: %v", err)
					return
				}
				asked[i] = append(asked[i], post.Id)
			}
		})
	}
	wg.Wait()
	sent := time.Since(begun)

	var answers map[string]int
	// The question before is answered as well.
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(time.Second) {
		if answers = s.answered(t); len(answers) == messages+1 || time.Now().After(deadline) {
			break
		}
	}
	for _, ids := range asked {
		for _, id := range ids {
			if n := answers[id]; n != 1 {
				t.Errorf("a question has %d answers", n)
			}
		}
	}
	peak := s.candide.PeakMemory(t)
	t.Logf("%d questions asked in %s, all answered after %s; peak memory %d MB before, %d MB after",
		messages, sent.Round(100*time.Millisecond), time.Since(begun).Round(100*time.Millisecond), before>>20, peak>>20)
	if grown := (peak - before) >> 20; grown > 64 {
		t.Errorf("memory grew by %d MB", grown)
	}
}

// answered counts the bot's answers in the channel, by question.
func (s *stage) answered(t *testing.T) map[string]int {
	t.Helper()
	answers := map[string]int{}
	for page, size := 0, 200; size == 200; page++ {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		list, _, err := s.Admin.Client.GetPostsForChannel(ctx, s.town.Id, page, 200, "", false, false)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		size = len(list.Order)
		for _, id := range list.Order {
			if post := list.Posts[id]; post.UserId == s.bot.UserID() && post.RootId != "" {
				answers[post.RootId]++
			}
		}
	}
	return answers
}
