package harness

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"
)

// Config is the configuration of a candide process: what tests vary of
// config.example.yaml. An empty field leaves its line out.
type Config struct {
	Binary string // see BuildCandide
	Dir    string // holds the configuration and the database; kept by Stop

	MattermostURL     string // the server's, or a Proxy's in front of it
	Token             string // of the bot's account; given by the environment
	Team              string
	RecruitersChannel string
	Command           string // the slash command's trigger
	CommandToken      string // given by the environment

	FAQ         string   // path of a FAQ file; empty: no campaign in the configuration
	Channels    []string // where the bot answers without being mentioned
	TeamChannel string   // where jury reminders go

	PublicURL string // where the server finds candide; empty: candide itself

	Extra string            // further lines of configuration
	Env   map[string]string // further environment
	At    time.Time         // the clock at start; zero: the machine's
}

// configFile is the configuration that candide reads. JSON strings, which
// printf "%q" writes for what tests use, are YAML strings.
var configFile = template.Must(template.New("config").Parse(
	`storage: {path: candide.db}
http: {listen: {{printf "%q" .Listen}}, public_url: {{printf "%q" .PublicURL}}}
{{- if .MattermostURL}}
mattermost:
  url: {{printf "%q" .MattermostURL}}
  team: {{printf "%q" .Team}}
  {{- if .RecruitersChannel}}
  recruiters_channel: {{printf "%q" .RecruitersChannel}}
  {{- end}}
  {{- if .Command}}
  command: {{printf "%q" .Command}}
  {{- end}}
{{- end}}
{{- if .FAQ}}
campaigns:
  - faq: {{printf "%q" .FAQ}}
    channels: [{{range $i, $c := .Channels}}{{if $i}}, {{end}}{{printf "%q" $c}}{{end}}]
    {{- if .TeamChannel}}
    team_channel: {{printf "%q" .TeamChannel}}
    {{- end}}
{{- end}}
{{.Extra}}
`))

// Candide is a running candide process.
type Candide struct {
	config Config
	url    string
	path   string // of the configuration file
	proc   *Process
	ended  bool // by the test's own wish
}

// StartCandide writes a configuration file into c.Dir and runs the binary
// with it until /readyz answers. It listens on a free loopback port.
func StartCandide(ctx context.Context, c Config) (*Candide, error) {
	port, err := FreePort()
	if err != nil {
		return nil, fmt.Errorf("candide: %w", err)
	}
	listen := fmt.Sprintf("127.0.0.1:%d", port)
	bot := &Candide{config: c, url: "http://" + listen, path: filepath.Join(c.Dir, "config.yaml")}
	if c.PublicURL == "" {
		c.PublicURL = bot.url
	}
	var text strings.Builder
	if err := configFile.Execute(&text, struct {
		Config
		Listen string
	}{c, listen}); err != nil {
		return nil, fmt.Errorf("candide: %w", err)
	}
	if err := os.WriteFile(bot.path, []byte(text.String()), 0o600); err != nil {
		return nil, fmt.Errorf("candide: %w", err)
	}
	return bot, bot.Start(ctx)
}

// Start starts a stopped or killed process again, with the same
// configuration, database and port. A process that does not become ready is
// killed.
func (c *Candide) Start(ctx context.Context) error {
	proc, err := c.launch()
	if err != nil {
		return err
	}
	c.proc, c.ended = proc, false
	client := &http.Client{Timeout: time.Second}
	err = proc.awaitReady(ctx, func(ctx context.Context) error {
		return getOK(ctx, client, c.url+"/readyz")
	})
	if err != nil {
		c.Kill()
	}
	return err
}

// launch runs the binary.
func (c *Candide) launch() (*Process, error) {
	args := []string{"run", "--config", c.path}
	if !c.config.At.IsZero() {
		args = append(args, "--at", c.config.At.Format(time.RFC3339))
	}
	cmd := exec.Command(c.config.Binary, args...)
	cmd.Dir, cmd.Env = c.config.Dir, c.environment()
	return startProcess("candide", cmd)
}

// Launch is Start without waiting for the process to be ready.
func (c *Candide) Launch() error {
	proc, err := c.launch()
	if err == nil {
		c.proc, c.ended = proc, false
	}
	return err
}

// Command returns one of candide's other commands, with the configuration
// and the environment of the process, ready to run.
func (c *Candide) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.config.Binary, args...)
	cmd.Dir, cmd.Env = c.config.Dir, c.environment()
	return cmd
}

// environment returns the process's environment: bare, with the secrets.
func (c *Candide) environment() []string {
	env := []string{"PATH=/usr/bin:/bin", "HOME=" + c.config.Dir, "TMPDIR=" + c.config.Dir}
	if c.config.Token != "" {
		env = append(env, "CANDIDE_MATTERMOST_TOKEN="+c.config.Token)
	}
	if c.config.CommandToken != "" {
		env = append(env, "CANDIDE_MATTERMOST_COMMAND_TOKEN="+c.config.CommandToken)
	}
	for name, value := range c.config.Env {
		env = append(env, name+"="+value)
	}
	return env
}

// URL returns the address of candide's HTTP server.
func (c *Candide) URL() string { return c.url }

// ConfigPath returns the path of the configuration file.
func (c *Candide) ConfigPath() string { return c.path }

// Log returns what the process has written since its last start.
func (c *Candide) Log() string { return c.proc.Log() }

// Stop ends the process as an operator does, with SIGTERM. It is an error
// when the process ended by itself before, or exits with another status
// than 0.
func (c *Candide) Stop(ctx context.Context) error {
	if c.ended {
		return nil
	}
	c.ended = true
	alone := !c.proc.running()
	if err := c.proc.stop(ctx, syscall.SIGTERM); err != nil {
		return err
	}
	if alone || c.proc.err != nil {
		return fmt.Errorf("candide ended by itself (%t) with %v; the end of its log:\n%s",
			alone, c.proc.err, c.proc.log.Tail(20))
	}
	return nil
}

// Kill ends the process as a crash would.
func (c *Candide) Kill() {
	c.ended = true
	c.proc.kill()
}

// SetClock is what time it is at the process's next start.
func (c *Candide) SetClock(at time.Time) { c.config.At = at }

// Failpoint makes the process kill itself at a point, from its next start on:
// "posted", or "posted:3" for the third time. Empty: no more.
func (c *Candide) Failpoint(spec string) {
	env := map[string]string{}
	for name, value := range c.config.Env {
		env[name] = value
	}
	env["CANDIDE_FAILPOINT"] = spec
	c.config.Env = env
}

// Done is closed once the process, as last started, has ended.
func (c *Candide) Done() <-chan struct{} { return c.proc.Done() }

// Killed tells whether the process ended by SIGKILL, its own or another's.
func (c *Candide) Killed() bool {
	if c.proc.running() {
		return false
	}
	status, ok := c.proc.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// PeakMemory returns the most memory that the process has held at once, in
// bytes. Where the system does not say, the test is skipped.
func (c *Candide) PeakMemory(t testing.TB) int64 {
	t.Helper()
	peak, err := peakMemory(c.proc.Pid())
	if err != nil {
		t.Skipf("the memory of a process: %v", err)
	}
	return peak
}

// Freeze stops the process from running; Thaw lets it go on.
func (c *Candide) Freeze(ctx context.Context) error { return c.proc.freeze(ctx) }

// Thaw lets a frozen process go on.
func (c *Candide) Thaw() error { return c.proc.thaw() }

// Candide runs candide for a bot of the world until the test ends, and shows
// its log if the test failed. The fields that the world knows are filled in.
func (w *World) Candide(bot *Bot, c Config) *Candide {
	w.t.Helper()
	if c.Binary == "" {
		c.Binary = Binary(w.t)
	}
	if c.Dir == "" {
		c.Dir = TempDir(w.t)
	}
	if c.MattermostURL == "" {
		c.MattermostURL = w.Server.URL()
	}
	c.Team, c.Token = w.Team.Name, bot.Token
	ctx, cancel := context.WithTimeout(w.t.Context(), bootTimeout)
	defer cancel()
	candide, err := StartCandide(ctx, c)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { candide.finish(w.t) })
	return candide
}

// finish stops the process at the end of a test.
func (c *Candide) finish(t testing.TB) {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	if err := c.Stop(ctx); err != nil {
		t.Error(err)
	}
	if t.Failed() {
		t.Logf("candide's log:\n%s", c.Log())
	}
}
