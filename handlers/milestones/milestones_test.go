package milestones_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/handlers/campaigns"
	"candide/handlers/handlertest"
	"candide/handlers/milestones"
	"candide/storage"
)

// others says everything else.
type others struct{}

func (others) Addressee(context.Context, storage.Reminder) (bot.Target, error) {
	return bot.Target{}, errors.New("not a milestone")
}

func (others) ComposeReminder(context.Context, storage.Reminder, time.Duration) (bot.Reply, error) {
	return bot.Reply{Text: "others"}, nil
}

func (others) ComposeMissed(context.Context, storage.Reminder) (bot.Reply, error) {
	return bot.Reply{Text: "others"}, nil
}

// town is a campaign with a team's channel and a public one.
type town struct {
	*bottest.World
	campaign *campaigns.Campaign
	handler  *milestones.Handler
	engine   *bot.Engine
	zone     *time.Location
}

func campaign(t *testing.T, closes string) handlertest.Index {
	t.Helper()
	src := "id: c\ntitle: Chargée de déploiement\naddress: tu\ncloses: " + closes +
		"\ndecision_days: 28\napply: https://example.org/postuler\nentries: [{id: a, question: Q ?, answer: R.}]"
	return handlertest.Index{Of: handlertest.Parse(t, src)}
}

func newTown(t *testing.T, at string, team, public bool) *town {
	t.Helper()
	w := handlertest.Words(t, "tu")
	c := &town{}
	var err error
	if c.zone, err = time.LoadLocation("Europe/Paris"); err != nil {
		t.Fatal(err)
	}
	c.campaign = campaigns.New(campaign(t, "2020-11-23 23:59"), []string{"recrutement"}, "equipe", nil)
	c.World = bottest.NewWorld(t, bottest.Options{At: c.time(t, at), Phrases: w, Register: func(world *bottest.World) {
		c.handler = milestones.New(milestones.Options{
			Store: world.Store, Words: w, Campaigns: campaigns.NewSet(c.campaign), Now: world.Clock.Now,
			Platform: bottest.ID, Team: team, Public: public,
		}, others{})
		c.engine = bot.NewEngine(world.Runtime, world.Store, c.handler)
	}})
	c.Platform.AddChannel(bottest.PrivatePlace("equipe"))
	c.Platform.AddChannel(bottest.PublicPlace("recrutement"))
	return c
}

func (c *town) time(t *testing.T, at string) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", at, c.zone)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (c *town) plan(t *testing.T) {
	t.Helper()
	if err := c.handler.Plan(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// at sets the clock, plans and ticks, and returns what was posted, each with its channel.
func (c *town) at(t *testing.T, at string) string {
	t.Helper()
	before := len(c.Platform.Posts())
	c.Clock.Set(c.time(t, at))
	c.plan(t)
	if err := c.engine.Tick(context.Background()); err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, made := range c.Platform.Posts()[before:] {
		said = append(said, made.To.Place.Name+": "+made.Post.Text)
	}
	return strings.Join(said, "\n")
}

func has(t *testing.T, what, got string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(got, want) {
			t.Errorf("%s: %q lacks %q", what, got, want)
		}
	}
}

// The campaign of 2020 closes on Monday 23 November at 23:59, and aims at a decision in 28 days: Monday 21 December.
func TestMilestones(t *testing.T) {
	c := newTown(t, "2020-11-02 10:00", true, false)
	c.plan(t)
	for _, step := range []struct {
		at   string
		want []string // none: silence
	}{
		{"2020-11-16 08:59", nil},
		{"2020-11-16 09:00", []string{"equipe: **Chargée de déploiement** : les candidatures ferment dans 7 jours, le lundi 23 novembre 2020 à 23 h 59."}},
		{"2020-11-20 08:59", nil},
		{"2020-11-20 09:00", []string{"les candidatures ferment dans 3 jours"}}, // the day before is a Sunday
		{"2020-11-24 08:59", nil},
		{"2020-11-24 09:00", []string{"les candidatures sont fermées depuis le lundi 23 novembre 2020 à 23 h 59."}},
		{"2020-12-21 08:59", nil},
		{"2020-12-21 09:30", []string{"le délai visé pour la décision se termine le lundi 21 décembre 2020", "_Ce rappel part avec retard"}},
		{"2021-02-01 09:00", nil},
	} {
		got := c.at(t, step.at)
		has(t, step.at, got, step.want...)
		if step.want == nil && got != "" {
			t.Errorf("at %s: %q", step.at, got)
		}
	}
}

func TestMilestonesInPublic(t *testing.T) {
	c := newTown(t, "2020-11-02 10:00", true, true)
	c.plan(t)
	got := c.at(t, "2020-11-16 09:00")
	has(t, "a week before", got, "equipe: ", "recrutement: **Chargée de déploiement** : il est encore temps de candidater, jusqu’au lundi 23 novembre 2020 à 23 h 59 (dans 7 jours).",
		"Candidater : https://example.org/postuler")
	got = c.at(t, "2020-11-24 09:00")
	has(t, "closed", got, "recrutement: ", "Merci à toutes les personnes qui ont candidaté.")
	if n := strings.Count(got, "recrutement: "); n != 1 {
		t.Errorf("said %d times in public: %q", n, got)
	}
	if got := c.at(t, "2020-12-21 09:00"); strings.Contains(got, "recrutement: ") || !strings.Contains(got, "equipe: ") {
		t.Errorf("the decision is told %q", got)
	}
}

// What is past when the campaign is first seen is not told.
func TestMilestonesPast(t *testing.T) {
	c := newTown(t, "2020-11-22 10:00", true, false)
	c.plan(t)
	if got := c.at(t, "2020-11-22 10:01"); got != "" {
		t.Errorf("told %q", got)
	}
	has(t, "closed", c.at(t, "2020-11-24 09:00"), "fermées")
	late := newTown(t, "2022-01-01 10:00", true, true)
	late.plan(t)
	if got := late.at(t, "2022-01-02 10:00"); got != "" {
		t.Errorf("told %q", got)
	}
}

// A deadline that moves takes its milestones along; what was told is not told again for the same date.
func TestMilestonesMove(t *testing.T) {
	c := newTown(t, "2020-11-02 10:00", true, false)
	c.plan(t)
	has(t, "a week before", c.at(t, "2020-11-16 09:00"), "23 novembre")
	c.campaign.Use(campaign(t, "2020-11-30 23:59"))
	if got := c.at(t, "2020-11-20 09:00"); got != "" {
		t.Errorf("told of the old date: %q", got)
	}
	has(t, "a week before the new date", c.at(t, "2020-11-23 09:00"), "30 novembre")
	c.campaign.Use(campaign(t, "2020-11-23 23:59"))
	c.plan(t)
	has(t, "back to the first", c.at(t, "2020-11-24 09:00"), "fermées depuis le lundi 23 novembre")
}

// Planned again at the very moment it is due, it is not lost; nor when the server does not answer.
func TestMilestoneDueWhilePlanned(t *testing.T) {
	c := newTown(t, "2020-11-02 10:00", true, false)
	c.plan(t)
	c.Clock.Set(c.time(t, "2020-11-16 09:00"))
	c.plan(t)
	c.Platform.Fail(func(op bottest.Op) error {
		if op == bottest.OpPost || op == bottest.OpChannel {
			return errors.New("the server does not answer")
		}
		return nil
	})
	_ = c.engine.Tick(context.Background())
	c.Platform.Fail(nil)
	has(t, "later", c.at(t, "2020-11-16 10:00"), "dans 7 jours", "retard")
	if got := c.at(t, "2020-11-16 11:00"); got != "" {
		t.Errorf("told twice: %q", got)
	}
}

func TestMilestonesOff(t *testing.T) {
	c := newTown(t, "2020-11-02 10:00", false, false)
	c.plan(t)
	for day := 3; day < 30; day++ {
		if got := c.at(t, fmt.Sprintf("2020-11-%02d 12:00", day)); got != "" {
			t.Errorf("told %q", got)
		}
	}
	list, err := c.Store.RemindersOf(context.Background(), "campaign/c/team")
	if err != nil || len(list) != 0 {
		t.Errorf("planned %v, %v", list, err)
	}
}
