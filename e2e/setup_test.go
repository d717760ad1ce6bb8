package e2e

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/e2e/harness"
)

// fails starts candide, which must not start, and returns what it says.
func (s *stage) fails(t *testing.T, change func(*harness.Config)) string {
	t.Helper()
	c := s.config(t)
	c.Binary, c.Dir, c.MattermostURL = harness.Binary(t), harness.TempDir(t), s.Server.URL()
	c.Team, c.Token = s.Team.Name, s.bot.Token
	change(&c)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_, err := harness.StartCandide(ctx, c)
	if err == nil {
		t.Fatal("candide starts")
	}
	return err.Error()
}

func TestNoHalfStart(t *testing.T) {
	t.Parallel()
	s := newStage(t, harness.NewWorld(t))
	s.Private("cachette", s.rose)
	for what, c := range map[string]struct {
		change func(*harness.Config)
		want   string
	}{
		"a wrong token":           {func(c *harness.Config) { c.Token = model.NewId() }, "refuses the token"},
		"a missing team":          {func(c *harness.Config) { c.Team = "nulle-part" }, "finds no team"},
		"a missing channel":       {func(c *harness.Config) { c.Channels = []string{"nulle-part"} }, "finds no channel ~nulle-part"},
		"an uninvited channel":    {func(c *harness.Config) { c.RecruitersChannel = "cachette" }, "/invite @" + s.bot.Username},
		"public recruiters":       {func(c *harness.Config) { c.RecruitersChannel = "recrutement" }, "is public"},
		"a server that is no one": {func(c *harness.Config) { c.MattermostURL = s.Server.URL() + "/nulle-part" }, "no Mattermost"},
	} {
		if said := s.fails(t, c.change); !strings.Contains(said, c.want) || !strings.Contains(said, "exit status 3") {
			t.Errorf("with %s it says:\n%s", what, said)
		}
	}
}

// status asks candide whether it is ready.
func status(t *testing.T, address string) (int, string) {
	t.Helper()
	resp, err := http.Get(address + "/readyz")
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	var b strings.Builder
	_ = resp.Write(&b)
	return resp.StatusCode, b.String()
}

// until waits for a condition.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestServerDownAndRestarted(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	server := harness.Own(t, harness.Options{})
	s := newStage(t, harness.NewWorldOn(t, server))
	s.MakeTeamAdmin(s.bot)

	// The server is down when candide starts: it waits, says so, and works as soon as the server does.
	if err := server.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	c := s.config(t)
	c.Binary, c.Dir, c.MattermostURL = harness.Binary(t), harness.TempDir(t), server.URL()
	c.Team, c.Token = s.Team.Name, s.bot.Token
	started := make(chan error, 1)
	go func() {
		var err error
		s.candide, err = harness.StartCandide(ctx, c)
		started <- err
	}()
	var address string
	until(t, "candide to say that it waits for the server", func() bool {
		text, err := os.ReadFile(filepath.Join(c.Dir, "config.yaml"))
		_, rest, found := strings.Cut(string(text), `public_url: "`)
		if err != nil || !found {
			return false
		}
		address, _, _ = strings.Cut(rest, `"`)
		code, body := status(t, address)
		return code == http.StatusServiceUnavailable && strings.Contains(body, "waiting for "+server.URL())
	})
	if err := server.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		defer cancel()
		if err := s.candide.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	s.alice.WaitReply(s.alice.Post(s.town, "c'est payé combien ?"), harness.By(s.bot), harness.Contains("2 500"))

	// The server goes away and comes back.
	if err := server.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	until(t, "candide to say that it waits", func() bool {
		code, body := status(t, s.candide.URL())
		return code == http.StatusServiceUnavailable && strings.Contains(body, "waiting for "+server.URL())
	})
	if code, _ := statusOf(t, s.candide.URL()+"/healthz"); code != http.StatusOK {
		t.Errorf("healthz: HTTP %d", code)
	}
	if err := server.Start(ctx); err != nil {
		t.Fatal(err)
	}
	until(t, "candide to be ready again", func() bool { code, _ := status(t, s.candide.URL()); return code == http.StatusOK })
	s.alice.WaitReply(s.alice.Post(s.town, s.at()+" on peut télétravailler ?"), harness.By(s.bot))
}

func statusOf(t *testing.T, address string) (int, error) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

// doctor runs candide doctor and returns what it prints and its exit code.
func doctor(t *testing.T, cmd *exec.Cmd) (string, int) {
	t.Helper()
	out, _ := cmd.CombinedOutput()
	return string(out), cmd.ProcessState.ExitCode()
}

// TestSetUpByTheBook follows docs/mattermost.md step by step on a fresh team, through the API.
func TestSetUpByTheBook(t *testing.T) {
	t.Parallel()
	w := harness.NewWorld(t)
	// 1. A bot account with a token. 2. Into the team.
	bot := w.Bot("candide")
	// 3. The three channels, the bot invited to the private ones, the recruiters in theirs.
	town := w.Public("recrutement")
	staff, team := w.Private("recruteurs", bot), w.Private("jury-deploiement", bot)
	rose, alice := w.User("rose", staff, team), w.User("alice", town)
	// 4. The right to make its slash command.
	w.MakeTeamAdmin(bot)
	// 5. The configuration, and the doctor before the first start.
	s := &stage{World: w, town: town, staff: staff, team: team, bot: bot, rose: rose, alice: alice}
	c := s.config(t)
	c.Dir = harness.TempDir(t)
	address := "127.0.0.1:" + freePort(t)
	config := strings.NewReplacer("LISTEN", address, "URL", w.Server.URL(), "TEAM", w.Team.Name, "FAQ", c.FAQ).Replace(
		`storage: {path: candide.db}
http: {listen: LISTEN, public_url: http://LISTEN}
campaigns:
  - faq: FAQ
    channels: [recrutement]
    team_channel: jury-deploiement
mattermost:
  url: URL
  team: TEAM
  recruiters_channel: recruteurs
`+privacy) + "\n"
	file := filepath.Join(c.Dir, "config.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(token string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), harness.Binary(t), "doctor", "--config", file)
		cmd.Env = []string{"CANDIDE_MATTERMOST_TOKEN=" + token, "HOME=" + c.Dir, "PATH=/usr/bin:/bin"}
		return cmd
	}
	out, code := doctor(t, run(bot.Token))
	if code != 0 {
		t.Errorf("the doctor finds fault with a good set-up (exit %d):\n%s", code, out)
	}
	for _, want := range []string{"server " + w.Server.URL(), "account @" + bot.Username, "team " + w.Team.Name,
		"channel ~recrutement", "joins it when it starts", "team channel ~jury-deploiement", "recruiters' channel ~recruteurs",
		"slash command /candide", "makes it when it starts", "way back to http://" + address} {
		if !strings.Contains(out, want) {
			t.Errorf("the doctor does not mention %q:\n%s", want, out)
		}
	}
	if list, _, err := w.Admin.Client.ListCommands(t.Context(), w.Team.Id, true); err != nil || len(list) != 0 {
		t.Errorf("the doctor made a slash command: %v %v", list, err)
	}

	// 6. Start, ask, and be answered; the doctor is content beside the running bot.
	s.start(t)
	alice.WaitReply(alice.Post(town, "c'est payé combien ?"), harness.By(bot), harness.Contains("2 500"))
	if out, err := s.candide.Command(t.Context(), "doctor", "--config", s.candide.ConfigPath()).CombinedOutput(); err != nil {
		t.Errorf("the doctor finds fault with a running bot: %v\n%s", err, out)
	}

	// Each thing wrong, once: the doctor names it and says what to do.
	for _, wrong := range []struct {
		what, from, to, token string
		want                  []string
	}{
		{"another address", w.Server.URL(), "http://127.0.0.1:9", "", []string{"does not answer", "mattermost.url"}},
		{"a page that is no chat", "url: " + w.Server.URL(), "url: " + s.candide.URL(), "", []string{"no Mattermost"}},
		{"a wrong token", "", "", model.NewId(), []string{"refuses it", "CANDIDE_MATTERMOST_TOKEN"}},
		{"a person's account", "", "", alice.Token, []string{"a person's account"}},
		{"a wrong team", "team: " + w.Team.Name, "team: ailleurs", "", []string{"finds no such team"}},
		{"a missing channel", "[recrutement]", "[nulle-part]", "", []string{"~nulle-part", "create it"}},
		{"a public team channel", "team_channel: jury-deploiement", "team_channel: recrutement", "", []string{"is public"}},
		{"public recruiters", "recruiters_channel: recruteurs", "recruiters_channel: recrutement", "", []string{"anybody could become a recruiter"}},
		{"an address that the server may not call", "public_url: http://" + address, "public_url: http://localhost:9",
			"", []string{"cannot call the bot", "AllowedUntrustedInternalConnections", "localhost"}},
	} {
		text := config
		if wrong.from != "" {
			text = strings.Replace(config, wrong.from, wrong.to, 1)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		token := bot.Token
		if wrong.token != "" {
			token = wrong.token
		}
		out, code := doctor(t, run(token))
		if code == 0 {
			t.Errorf("with %s the doctor is content:\n%s", wrong.what, out)
		}
		for _, want := range wrong.want {
			if !strings.Contains(out, want) {
				t.Errorf("with %s the doctor does not say %q:\n%s", wrong.what, want, out)
			}
		}
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	port, err := harness.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(port)
}

// TestWithoutCallbacks: the bot may not make a command, and the server cannot call it. Everything still works
// by mention and direct message, step by step.
func TestWithoutCallbacks(t *testing.T) {
	t.Parallel()
	s := newStage(t, harness.NewWorld(t)) // the bot is no team administrator
	s.start(t, func(c *harness.Config) { c.PublicURL = "http://127.0.0.1:9" })
	if _, err := s.alice.TrySlash(s.town, "/candide aide"); err == nil {
		t.Error("there is a slash command")
	}
	if log := s.candide.Log(); !strings.Contains(log, "may not make slash commands") {
		t.Errorf("the log does not say why there is no slash command:\n%s", log)
	}
	post := s.doubtful(t, s.alice, s.town)
	if len(post.Attachments()) != 0 || !strings.Contains(post.Message, "Répondre 1") {
		t.Errorf("no numbered list:\n%s", harness.Text(post))
	}
	s.alice.Reply(post, "1")
	s.alice.WaitUpdate(post, harness.Contains("source"))

	direct := s.alice.DMChannel(s.bot)
	last := ""
	ask := func(text string, want ...string) {
		t.Helper()
		sent := s.alice.DM(s.bot, text)
		reply := s.alice.WaitPost(direct, harness.By(s.bot), harness.Contains(want...), func(p *model.Post) bool {
			return p.CreateAt >= sent.CreateAt && p.Id != last
		})
		last = reply.Id
	}
	ask("interet", "Avant de commencer", "1. J’accepte")
	ask("1", "Ton nom")
	ask("Alice C.", "Comment te joindre")
	ask("nulle part", "expérience")
	ask("1", "Il faut une adresse e-mail")
	ask("alice@example.org", "expérience")
	ask("1", "Équipes ou sujets")
	ask("passer", "Message")
	ask("Bonjour", "autres campagnes")
	ask("1", "n° 1")
	ask("effacer-mes-donnees", "1. Oui, tout effacer")
	s.alice.DM(s.bot, "1")
	s.alice.WaitPost(direct, harness.By(s.bot), harness.Contains("C’est fait"))

	s.rose.Post(s.staff, s.at()+" jury planifier 2020-12-01 14:00 ~jury-deploiement Jury")
	s.rose.WaitPost(s.rose.DMChannel(s.bot), harness.By(s.bot), harness.Contains("n° 1", "mardi 1er décembre 2020"))
}

// TestConfiguredCommand: an administrator made the command, and the bot only knows its token.
func TestConfiguredCommand(t *testing.T) {
	t.Parallel()
	s := newStage(t, harness.NewWorld(t))
	rec := newRecorder(t)
	command := s.Command("candide", rec.URL+"/mattermost/command")
	s.start(t, func(c *harness.Config) { c.PublicURL, c.CommandToken = rec.URL, command.Token })
	rec.leadTo(t, s.candide.URL())
	s.alice.Slash(s.town, "/candide c'est payé combien ?")
	s.alice.WaitEphemeral(harness.Contains("2 500"))
	s.rose.Slash(s.staff, "/candide pause 1m")
	s.rose.WaitEphemeral(harness.Contains("Je me tais"))
}
