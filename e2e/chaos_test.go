package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/e2e/harness"
)

// chaos is how much goes wrong.
type chaos struct {
	users, questions int
	every            time.Duration // between two questions of one person
	cuts             int           // of every connection of the bot, by a proxy
	restarts         int           // of the chat server
	kills            int           // of the bot, spread over the failpoints
	frozen           time.Duration // the chat server
	reminders        int           // each of a jury of its own
	within           time.Duration // from the first reminder to the last
	settled          time.Duration // without a new post, for the run to be over
}

// The short version is part of every run. `make chaos` runs the full one.
var (
	shortChaos = chaos{
		users: 6, questions: 60, every: 3 * time.Second, cuts: 10, restarts: 1, kills: 12, frozen: 10 * time.Second,
		reminders: 2, settled: 15 * time.Second,
	}
	fullChaos = chaos{
		users: 20, questions: 500, every: 10 * time.Second, cuts: 100, restarts: 3, kills: 100, frozen: 2 * time.Minute,
		reminders: 20, within: 6 * time.Minute, settled: 40 * time.Second,
	}
)

var failpoints = []string{"seen", "intended", "posted", "marked"}

// TestChaos: whatever happens to the bot, to its connection and to the chat server, each question gets exactly one
// answer, and each reminder is posted exactly once. The judge reads posts over REST, as people would.
func TestChaos(t *testing.T) {
	c := shortChaos
	if os.Getenv("CANDIDE_CHAOS") == "full" {
		c = fullChaos
	}
	r := newChaosRun(t, c)
	r.plan()
	r.begin = time.Now()

	var asking, breaking sync.WaitGroup
	r.asked = make(chan struct{})
	for i := range c.users {
		asking.Go(func() { r.ask(r.people[i], i) })
	}
	breaking.Go(r.cut)
	breaking.Go(r.kill)
	breaking.Go(r.shake)
	asking.Wait()
	close(r.asked)
	breaking.Wait()

	r.candide.Failpoint("")
	if err := r.revive(); err != nil {
		t.Fatal(err)
	}
	r.judge()
}

// chaosRun is one run of it.
type chaosRun struct {
	*stage
	c      chaos
	t      *testing.T
	server *harness.Mattermost
	proxy  *harness.Proxy
	people []*person
	begin  time.Time
	// firstDue is when the first reminder is due.
	firstDue time.Time
	asked    chan struct{} // closed once every question is asked

	// up is held for reading while somebody needs a chat server that answers, and for writing while there is none.
	up sync.RWMutex

	mu       sync.Mutex
	cutsMade int
	killed   map[string]int
}

// person asks questions, by mention in the channel or by direct message.
type person struct {
	*harness.User
	direct    *model.Channel // nil: by mention
	questions []*model.Post
}

func newChaosRun(t *testing.T, c chaos) *chaosRun {
	t.Helper()
	// The server's own default limit, 10 requests a second, with less of a burst: the bot meets it.
	server := harness.Own(t, harness.Options{RateLimit: true, Env: map[string]string{
		"MM_RATELIMITSETTINGS_PERSEC": "20", "MM_RATELIMITSETTINGS_MAXBURST": "40",
	}})
	r := &chaosRun{stage: newStage(t, harness.NewWorldOn(t, server)), c: c, t: t, server: server, killed: map[string]int{}}
	r.MakeTeamAdmin(r.bot)
	target, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	if r.proxy, err = harness.ListenProxy(target.Host); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.proxy.Close(); err != nil {
			t.Error(err)
		}
	})
	for i := range c.users {
		p := &person{User: r.User(fmt.Sprint("p", i), r.town)}
		if i%2 == 1 {
			p.direct = p.DMChannel(r.bot)
		}
		r.people = append(r.people, p)
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	r.firstDue = time.Now().In(paris).Add(100 * time.Second).Truncate(time.Minute)
	r.start(t, func(config *harness.Config) {
		config.MattermostURL = r.proxy.URL()
		config.At = time.Time{} // the machine's clock, which goes on while the bot is dead
		config.Extra += fmt.Sprintf("\nreminders: {before: [M-%d]}", int(lead(r.firstDue).Minutes()))
	})
	return r
}

// lead is how long before its jury a reminder is due: such that the juries are on a working morning, whenever the test
// runs, since the bot asks about odd hours.
func lead(due time.Time) time.Duration {
	begins := time.Date(due.Year(), due.Month(), due.Day()+1, 10, 0, 0, 0, due.Location())
	for begins.Weekday() < time.Tuesday || begins.Weekday() > time.Thursday {
		begins = begins.AddDate(0, 0, 1)
	}
	return begins.Sub(due)
}

// due is when the reminder of a jury is.
func (r *chaosRun) due(i int) time.Time {
	return r.firstDue.Add(r.c.within * time.Duration(i) / time.Duration(r.c.reminders)).Truncate(time.Minute)
}

// plan gives each reminder a jury of its own.
func (r *chaosRun) plan() {
	r.t.Helper()
	for i := range r.c.reminders {
		at := r.due(i).Add(lead(r.firstDue))
		r.rose.DM(r.bot, fmt.Sprintf("jury planifier %s ~jury-deploiement Jury %s", at.Format("2006-01-02 15:04"), title(i)))
		// She only listens: her own requests are limited as well.
		r.rose.WaitEvent(model.WebsocketEventPosted, func(e *model.WebSocketEvent) bool {
			p, err := harness.PostOf(e)
			return err == nil && harness.All(harness.By(r.bot), harness.Contains("planifié", title(i)))(p)
		})
	}
	if late := time.Since(r.firstDue); late > 0 {
		r.t.Fatalf("the juries were planned %s after the first reminder was due", late)
	}
}

func title(i int) string { return fmt.Sprintf("chaos-%03d", i) }

// questionTexts are questions that the FAQ answers for sure.
var questionTexts = []string{
	"c'est payé combien ?", "on peut télétravailler ?", "Quand commence le contrat ?", "Comment candidater ?", "C'est quoi le contrat ?",
}

// ask asks one person's share of the questions.
func (r *chaosRun) ask(p *person, n int) {
	share := r.c.questions / r.c.users
	time.Sleep(r.c.every * time.Duration(n) / time.Duration(r.c.users)) // not all in the same second: this is load, not a wait
	for i := range share {
		text := questionTexts[(n+i)%len(questionTexts)]
		channel := p.direct
		if channel == nil {
			channel, text = r.town, r.at()+" "+text
		}
		r.up.RLock()
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		post, _, err := p.Client.CreatePost(ctx, &model.Post{ChannelId: channel.Id, Message: text})
		cancel()
		r.up.RUnlock()
		if err != nil {
			r.t.Errorf("a question could not be asked: %v", err)
			return
		}
		p.questions = append(p.questions, post)
		time.Sleep(r.c.every/2 + rand.N(r.c.every))
	}
}

// duration is about how long the asking takes.
func (r *chaosRun) duration() time.Duration {
	return r.c.every * time.Duration(r.c.questions/r.c.users)
}

// cut resets the bot's connections. Only cuts of something count.
func (r *chaosRun) cut() {
	pause := r.duration() / time.Duration(r.c.cuts) * 7 / 10
	for made := 0; made < r.c.cuts; {
		time.Sleep(pause/2 + rand.N(pause))
		if r.proxy.CutAll() == 0 {
			continue
		}
		made++
		r.mu.Lock()
		r.cutsMade = made
		r.mu.Unlock()
	}
}

// kill lets the bot die at one failpoint after the other, as soon as there is enough to do for it to get there.
func (r *chaosRun) kill() {
	pause := r.duration() / time.Duration(r.c.kills) / 2
	r.candide.Kill()
	for i := 0; i < r.c.kills; {
		point := failpoints[i%len(failpoints)]
		r.candide.Failpoint(fmt.Sprintf("%s:%d", point, 1+rand.N(4))) // it gets some work done in its life
		r.up.RLock()
		err := r.candide.Launch()
		r.up.RUnlock()
		if err != nil {
			r.t.Errorf("starting the bot: %v", err)
			return
		}
		select {
		case <-r.candide.Done():
		case <-r.idle():
			// Nothing is asked any more that would take it there.
			r.t.Errorf("the bot never passed %q: %d of %d kills", point, i, r.c.kills)
			return
		}
		if !r.candide.Killed() {
			r.t.Errorf("the bot ended by itself; its log:\n%s", r.candide.Log())
			return
		}
		i++
		time.Sleep(pause/2 + rand.N(pause))
		r.mu.Lock()
		r.killed[point]++
		r.mu.Unlock()
	}
	r.candide.Failpoint("")
	if err := r.revive(); err != nil {
		r.t.Error(err)
	}
}

// idle is closed a minute after the last question.
func (r *chaosRun) idle() <-chan struct{} {
	c := make(chan struct{})
	go func() {
		<-r.asked
		time.Sleep(time.Minute)
		close(c)
	}()
	return c
}

// revive starts the bot, unless it runs, and waits until it works.
func (r *chaosRun) revive() error {
	select {
	case <-r.candide.Done():
	default:
		return nil
	}
	r.up.RLock()
	defer r.up.RUnlock()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	return r.candide.Start(ctx)
}

// shake restarts the chat server, and freezes it once.
func (r *chaosRun) shake() {
	events := r.c.restarts + 1
	for i := range events {
		time.Sleep(r.duration() / time.Duration(events+1))
		r.up.Lock()
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		var err error
		if i == 1 || events == 1 {
			if err = r.server.Freeze(ctx); err == nil {
				time.Sleep(r.c.frozen)
				err = r.server.Thaw()
			}
		} else {
			err = r.server.Restart(ctx)
		}
		cancel()
		r.up.Unlock()
		if err != nil {
			r.t.Errorf("the chat server: %v", err)
			return
		}
	}
}
