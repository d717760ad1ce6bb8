package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/e2e/harness"
)

// verdict is what the judge found.
type verdict struct {
	answers   map[string][]*model.Post // question → its answers
	strays    int                      // posts of the bot that answer nothing
	reminders map[string][]*model.Post // title → its reminders
	cards     map[string]int           // title → its cards
	latencies []time.Duration
}

// judge waits until everything is answered and nothing new has come for a while, then counts.
func (r *chaosRun) judge() {
	r.t.Helper()
	deadline := time.Now().Add(4 * time.Minute)
	var v verdict
	for last, since := -1, time.Now(); ; time.Sleep(2 * time.Second) {
		v = r.count()
		total := v.strays
		for _, posts := range v.answers {
			total += len(posts)
		}
		for _, posts := range v.reminders {
			total += len(posts)
		}
		if total != last {
			last, since = total, time.Now()
		}
		complete := len(v.answers) == r.total() && len(v.reminders) == r.c.reminders
		if complete && time.Since(since) > r.c.settled || time.Now().After(deadline) {
			break
		}
	}
	lost, doubled := 0, 0
	for _, p := range r.people {
		for _, q := range p.questions {
			switch n := len(v.answers[q.Id]); {
			case n == 0:
				lost++
				r.t.Errorf("a question has no answer: asked %s after the beginning, direct: %v",
					time.UnixMilli(q.CreateAt).Sub(r.begin).Round(time.Second), p.direct != nil)
			case n > 1:
				doubled++
				apart := time.UnixMilli(v.answers[q.Id][n-1].CreateAt).Sub(time.UnixMilli(v.answers[q.Id][0].CreateAt))
				r.t.Errorf("a question has %d answers, %s apart", n, apart)
			}
		}
	}
	if v.strays > 0 {
		r.t.Errorf("%d posts of the bot answer nothing", v.strays)
	}
	remindersLost, remindersDoubled := 0, 0
	for i := range r.c.reminders {
		switch posts := v.reminders[title(i)]; {
		case len(posts) == 0:
			remindersLost++
		case len(posts) > 1:
			remindersDoubled++
			for _, post := range posts {
				r.t.Logf("%s after it was due: %s", time.UnixMilli(post.CreateAt).Sub(r.due(i)), harness.Text(post))
			}
		}
	}
	for i := range r.c.reminders {
		if n := v.cards[title(i)]; n > 1 {
			r.t.Errorf("%s has %d cards", title(i), n)
		}
	}
	if remindersLost+remindersDoubled > 0 {
		r.t.Errorf("reminders: %d lost, %d doubled", remindersLost, remindersDoubled)
	}
	r.report(v, lost, doubled, remindersLost, remindersDoubled)
	for _, point := range failpoints {
		if r.killed[point] < r.c.kills/len(failpoints) {
			r.t.Errorf("%d kills at %q, not %d", r.killed[point], point, r.c.kills/len(failpoints))
		}
	}
	if r.cutsMade != r.c.cuts || r.total() != r.c.questions {
		r.t.Errorf("%d cuts during %d questions", r.cutsMade, r.total())
	}
}

func (r *chaosRun) total() int {
	n := 0
	for _, p := range r.people {
		n += len(p.questions)
	}
	return n
}

// count reads every channel over REST. In a thread an answer stands below its question; in a direct conversation, which
// has no threads, its props name it.
func (r *chaosRun) count() verdict {
	r.t.Helper()
	v := verdict{answers: map[string][]*model.Post{}, reminders: map[string][]*model.Post{}, cards: map[string]int{}}
	questions := map[string]*model.Post{}
	for _, p := range r.people {
		for _, q := range p.questions {
			questions[q.Id] = q
		}
	}
	answer := func(id string, post *model.Post) {
		q, known := questions[id]
		if !known {
			v.strays++
			return
		}
		if len(v.answers[id]) == 0 {
			v.latencies = append(v.latencies, time.Duration(post.CreateAt-q.CreateAt)*time.Millisecond)
		}
		v.answers[id] = append(v.answers[id], post)
	}
	for _, post := range r.posts(r.Admin, r.town) {
		if post.UserId == r.bot.UserID() && post.Type == model.PostTypeDefault {
			answer(post.RootId, post)
		}
	}
	for _, p := range r.people {
		if p.direct == nil {
			continue
		}
		for _, post := range r.posts(p.User, p.direct) {
			if post.UserId == r.bot.UserID() {
				key, _ := post.GetProp("candide_key").(string)
				answer(strings.Split(key+"::", ":")[2], post)
			}
		}
	}
	// Each jury has a card as well, which is no reminder: never two.
	for _, post := range r.posts(r.rose, r.team) {
		for i := range r.c.reminders {
			if post.UserId == r.bot.UserID() && strings.Contains(harness.Text(post), title(i)) {
				if strings.Contains(post.Message, "Rappel") {
					v.reminders[title(i)] = append(v.reminders[title(i)], post)
				} else {
					v.cards[title(i)]++
				}
			}
		}
	}
	slices.Sort(v.latencies)
	return v
}

// posts reads a whole channel, oldest first.
func (r *chaosRun) posts(as *harness.User, channel *model.Channel) []*model.Post {
	r.t.Helper()
	const size = 200
	var all []*model.Post
	for page := 0; ; page++ {
		ctx, cancel := context.WithTimeout(r.t.Context(), 30*time.Second)
		list, _, err := as.Client.GetPostsForChannel(ctx, channel.Id, page, size, "", false, false)
		cancel()
		if err != nil {
			r.t.Fatalf("reading %s: %v", channel.Name, err)
		}
		for _, id := range list.Order {
			all = append(all, list.Posts[id])
		}
		if len(list.Order) < size {
			slices.Reverse(all)
			return all
		}
	}
}

// report prints the table of docs/reliability.md.
func (r *chaosRun) report(v verdict, lost, doubled, remindersLost, remindersDoubled int) {
	at := func(p float64) string {
		if len(v.latencies) == 0 {
			return "–"
		}
		return v.latencies[min(int(float64(len(v.latencies))*p), len(v.latencies)-1)].Round(10 * time.Millisecond).String()
	}
	var kills []string
	total := 0
	for _, point := range failpoints {
		kills = append(kills, fmt.Sprintf("%s %d", point, r.killed[point]))
		total += r.killed[point]
	}
	rows := [][2]string{
		{"questions (people)", fmt.Sprintf("%d (%d)", r.total(), r.c.users)},
		{"connections cut", fmt.Sprint(r.cutsMade)},
		{"bot killed (at)", fmt.Sprintf("%d (%s)", total, strings.Join(kills, ", "))},
		{"server restarted", fmt.Sprint(r.c.restarts)},
		{"server frozen", r.c.frozen.String()},
		{"answers 429 met", fmt.Sprint(r.proxy.Limited())},
		{"questions lost", fmt.Sprint(lost)},
		{"questions answered twice", fmt.Sprint(doubled)},
		{"reminders (lost, doubled)", fmt.Sprintf("%d (%d, %d)", r.c.reminders, remindersLost, remindersDoubled)},
		{"from question to answer, p50 / p95 / p99", at(.5) + " / " + at(.95) + " / " + at(.99)},
		{"duration", time.Since(r.begin).Round(time.Second).String()},
	}
	var b strings.Builder
	b.WriteString("\n| | |\n|---|---|\n")
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s | %s |\n", row[0], row[1])
	}
	r.t.Log(b.String())
}
