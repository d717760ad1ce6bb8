package discord

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/bot/discord/discordtest"
	"candide/storage/boltdb"
)

// discord is the stand-in that every test of the package shares: the library's addresses are package variables.
var discordServer *discordtest.Server

// description is where Discord's own description of its interface may be found.
func description() string {
	if path := os.Getenv("CANDIDE_DISCORD_OPENAPI"); path != "" {
		return path
	}
	return "../../../shared/data/discord-openapi.json"
}

// whyUnchecked says why bodies are not checked against Discord's description; empty: they are.
var whyUnchecked string

func TestMain(m *testing.M) {
	referee, err := discordtest.NewReferee(description())
	if err != nil {
		referee, whyUnchecked = nil, err.Error()
	}
	discordServer = discordtest.Start(referee)
	SetAPI(discordServer.URL)
	status := m.Run()
	discordServer.Close()
	os.Exit(status)
}

// impatient is the watchdog's pace in tests.
var impatient = pace{
	open: time.Second, silence: 300 * time.Millisecond, answer: 300 * time.Millisecond, check: 20 * time.Millisecond,
	retry: 10 * time.Millisecond,
}

// rig is a guild, and a bot on it with conversations that are easy to recognise.
type rig struct {
	*discordtest.Guild
	t                *testing.T
	town, staff      *discordtest.Channel
	alice, rose, oto *discordtest.Member
	platform         *Platform
	runtime          *bot.Runtime
	store            *boltdb.Store
	clock            func() time.Time
	extra            func(*bot.Routes) // more conversations

	mu    sync.Mutex
	heard map[string]int // how often each text reached a conversation
	moods []bot.Reaction
}

// newRig prepares a guild, and starts the bot on it.
func newRig(t *testing.T, change ...func(*Options)) *rig {
	t.Helper()
	r := prepare(t)
	r.start(change...)
	return r
}

func prepare(t *testing.T) *rig {
	t.Helper()
	g := discordServer.Guild(t)
	r := &rig{Guild: g, t: t, town: g.Public("recrutement"), staff: g.Private("recruteurs"), heard: map[string]int{}, clock: time.Now}
	r.alice, r.oto = g.Member("Alice"), g.Member("Oto")
	r.rose = g.Member("Rose", g.Role)
	return r
}

func (r *rig) start(change ...func(*Options)) {
	r.t.Helper()
	o := Options{
		Token: r.Token, Guild: r.ID, RecruitersRole: "Recruteurs", RecruitersChannel: "recruteurs", Channels: []string{"recrutement"},
		Phrases: bottest.Keys{}, pace: impatient, Now: r.clock,
	}
	for _, f := range change {
		f(&o)
	}
	var err error
	if r.platform, err = New(o); err != nil {
		r.t.Fatal(err)
	}
	if r.store, err = boltdb.Open(r.t.TempDir() + "/candide.db"); err != nil {
		r.t.Fatal(err)
	}
	routes := bot.NewRoutes()
	r.runtime = bot.NewRuntime(bot.Options{Store: r.store, Routes: routes, Phrases: bottest.Keys{}, Now: r.clock})
	r.runtime.Add(r.platform)
	r.register(routes)
	if r.extra != nil {
		r.extra(routes)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.platform.Run(ctx, r.runtime) }()
	r.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			r.t.Errorf("the platform ended with %v", err)
		}
		r.runtime.Close()
		if err := r.store.Close(); err != nil {
			r.t.Error(err)
		}
	})
	r.Connected()
}

// register gives the bot its conversations: “echo X” says X, “choix” offers buttons, “form” opens a form, “secret” is for
// recruiters alone; anything else is answered with its own text.
func (r *rig) register(routes *bot.Routes) {
	echo := func(_ context.Context, q bot.Request) (bot.Response, error) {
		r.mu.Lock()
		r.heard[q.Text]++
		r.mu.Unlock()
		if !q.Addressed && !strings.HasSuffix(q.Text, "?") {
			return bot.Response{}, nil
		}
		return bot.Say("entendu : " + q.Text), nil
	}
	routes.Text(echo)
	must := func(err error) {
		if err != nil {
			r.t.Fatal(err)
		}
	}
	must(routes.Command(bot.Command{Names: []string{"choix"}, Args: true, Run: func(_ context.Context, q bot.Request) (bot.Response, error) {
		n := 3
		_, _ = fmt.Sscan(q.Text, &n)
		var buttons []bot.Button
		for i := range n {
			buttons = append(buttons, bot.Button{Label: fmt.Sprintf("Choix %d", i+1), Do: "choose", Once: true, Data: map[string]string{"n": fmt.Sprint(i + 1)}})
		}
		return bot.Say("lequel ?", buttons...), nil
	}}))
	routes.Action("choose", false, func(_ context.Context, q bot.Request) (bot.Response, error) {
		return bot.Response{Replies: []bot.Reply{{Text: "choisi : " + q.Data["n"], Replace: true}}}, nil
	})
	must(routes.Command(bot.Command{Names: []string{"secret"}, Recruiters: true, Run: func(_ context.Context, q bot.Request) (bot.Response, error) {
		return bot.Whisper("un nom : Camille"), nil
	}}))
	step := bot.Step{Name: "who", Title: "Le formulaire", Intro: "Ceci est **important**.", Submit: "Continuer", Fields: []bot.Field{
		{Name: "name", Label: "Ton nom", Help: "Comme tu veux."},
		{Name: "level", Label: "Ton expérience", Kind: bot.Select, Options: []bot.Choice{{Value: "junior", Label: "Jusqu’à 5 ans"}, {Value: "old", Label: "Plus de 5 ans"}}},
		{Name: "message", Label: "Message", Kind: bot.Area, Optional: true},
	}}
	must(routes.Command(bot.Command{Names: []string{"form"}, Run: func(context.Context, bot.Request) (bot.Response, error) {
		return bot.Response{Form: &bot.Form{Name: "form", Step: step}}, nil
	}}))
	must(routes.Command(bot.Command{Names: []string{"accord"}, Run: func(context.Context, bot.Request) (bot.Response, error) {
		return bot.Response{Form: &bot.Form{Name: "form", Step: bot.Step{Name: "consent", Title: "Accord", Intro: "D’accord ?",
			Choices: []bot.Choice{{Value: "yes", Label: "Oui"}, {Value: "no", Label: "Non"}}}}}, nil
	}}))
	routes.Form("form", func(_ context.Context, q bot.Request, name string, answers map[string]string) (bot.Turn, error) {
		switch {
		case name == "consent" && answers["consent"] == "no":
			return bot.Turn{Response: bot.Whisper("rien n’est gardé")}, nil
		case name == "consent":
			return bot.Turn{Next: &step}, nil
		case name == "who" && answers["name"] == "X":
			return bot.Turn{Invalid: map[string]string{"name": "X n’est pas un nom"}}, nil
		case name == "who":
			return bot.Turn{Next: &bot.Step{Name: "more", Title: "Encore", Fields: []bot.Field{{Name: "subject", Label: "Sujet"}}}}, nil
		}
		return bot.Turn{Response: bot.Whisper(fmt.Sprintf("pris : %s, %s, %s", answers["name"], answers["level"], answers["subject"]))}, nil
	})
	routes.Reaction(func(_ context.Context, re bot.Reaction, recruiter bool) (bot.Response, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.moods = append(r.moods, re)
		if recruiter && re.Emoji == "x" {
			if err := r.runtime.Remove(context.Background(), re.Place, re.Post); err != nil {
				return bot.Response{}, err
			}
		}
		return bot.Response{}, nil
	})
	must(routes.Command(bot.Command{Names: []string{"panne"}, Run: func(context.Context, bot.Request) (bot.Response, error) {
		return bot.Response{}, errors.New("broken")
	}}))
}

// times is how often a text reached a conversation.
func (r *rig) times(text string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.heard[text]
}
