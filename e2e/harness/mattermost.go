package harness

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/mattermost/mattermost/server/public/model"
)

// Options say how to start a Mattermost server.
type Options struct {
	Dist     string    // the built server, see BuildMattermost
	Dir      string    // working folder; must not exist, removed by Close
	Postgres *Postgres // where its database is created
	Database string    // name of the database; default "mattermost"
	// RateLimit switches the server's limit on: 10 requests a second with a
	// burst of 100, for each session, so that a test's own requests do not
	// use up the bot's.
	RateLimit bool
	// Env overrides or adds settings, as MM_SECTION_SETTING.
	Env map[string]string
}

// Mattermost is a running server, with the administrator who owns it.
type Mattermost struct {
	dir    string
	binary string
	env    []string
	url    string
	proc   *Process
	// boots counts the starts: a websocket from an earlier one is dead, even
	// when its owner has not noticed yet.
	boots atomic.Int64

	admin      *model.User
	adminToken string
}

// StartMattermost starts a server on a free loopback port with a database of
// its own, waits until it answers, and creates its administrator.
func StartMattermost(ctx context.Context, o Options) (*Mattermost, error) {
	if o.Database == "" {
		o.Database = "mattermost"
	}
	source, err := o.Postgres.CreateDatabase(ctx, o.Database)
	if err != nil {
		return nil, fmt.Errorf("mattermost: %w", err)
	}
	port, err := FreePort()
	if err != nil {
		return nil, fmt.Errorf("mattermost: %w", err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	mm := &Mattermost{
		dir:    o.Dir,
		binary: filepath.Join(o.Dist, "mattermost"),
		url:    "http://" + address,
	}
	settings := settings(o.Dir, source, address)
	if o.RateLimit {
		maps.Copy(settings, rateLimit)
	}
	maps.Copy(settings, o.Env)
	// Nothing is inherited: a setting or a proxy of the machine that runs
	// the tests must not change what they prove.
	mm.env = []string{"PATH=/usr/bin:/bin", "HOME=" + o.Dir, "TMPDIR=" + o.Dir, "TZ=UTC"}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		mm.env = append(mm.env, name+"="+settings[name])
	}
	err = mm.prepare(o.Dist)
	if err == nil {
		err = mm.Start(ctx)
	}
	if err == nil {
		err = mm.createAdmin(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, mm.Close(context.WithoutCancel(ctx)))
	}
	return mm, nil
}

// settings returns what a server needs to run alone on the loopback
// interface with bots, tokens and callbacks, quietly.
func settings(dir, source, address string) map[string]string {
	return map[string]string{
		"MM_SQLSETTINGS_DATASOURCE":                   source,
		"MM_SERVICESETTINGS_LISTENADDRESS":            address,
		"MM_SERVICESETTINGS_SITEURL":                  "http://" + address,
		"MM_SERVICESETTINGS_ENABLEBOTACCOUNTCREATION": "true",
		"MM_SERVICESETTINGS_ENABLEUSERACCESSTOKENS":   "true",
		"MM_SERVICESETTINGS_ENABLECOMMANDS":           "true",
		// The address, literally: the server refuses "localhost".
		"MM_SERVICESETTINGS_ALLOWEDUNTRUSTEDINTERNALCONNECTIONS": "127.0.0.1",
		"MM_FILESETTINGS_DIRECTORY":                              filepath.Join(dir, "data"),
		"MM_TEAMSETTINGS_ENABLEOPENSERVER":                       "true",
		"MM_TEAMSETTINGS_MAXUSERSPERTEAM":                        "5000",

		// Jobs make a stop take up to eleven seconds.
		"MM_JOBSETTINGS_RUNJOBS":                        "false",
		"MM_JOBSETTINGS_RUNSCHEDULER":                   "false",
		"MM_LOGSETTINGS_ENABLEDIAGNOSTICS":              "false",
		"MM_LOGSETTINGS_ENABLESENTRY":                   "false",
		"MM_LOGSETTINGS_ENABLEFILE":                     "false",
		"MM_LOGSETTINGS_CONSOLELEVEL":                   "INFO",
		"MM_SERVICESETTINGS_ENABLESECURITYFIXALERT":     "false",
		"MM_SERVICESETTINGS_ENABLELINKPREVIEWS":         "false",
		"MM_PLUGINSETTINGS_ENABLE":                      "false",
		"MM_PLUGINSETTINGS_ENABLEMARKETPLACE":           "false",
		"MM_PLUGINSETTINGS_ENABLEREMOTEMARKETPLACE":     "false",
		"MM_PLUGINSETTINGS_AUTOMATICPREPACKAGEDPLUGINS": "false",
		"MM_EMAILSETTINGS_SENDPUSHNOTIFICATIONS":        "false",
		"MM_EMAILSETTINGS_SENDEMAILNOTIFICATIONS":       "false",
		"MM_ANNOUNCEMENTSETTINGS_ADMINNOTICESENABLED":   "false",
		"MM_ANNOUNCEMENTSETTINGS_USERNOTICESENABLED":    "false",
	}
}

// rateLimit are the server's own default limits, counted by session.
var rateLimit = map[string]string{
	"MM_RATELIMITSETTINGS_ENABLE":           "true",
	"MM_RATELIMITSETTINGS_PERSEC":           "10",
	"MM_RATELIMITSETTINGS_MAXBURST":         "100",
	"MM_RATELIMITSETTINGS_VARYBYUSER":       "true",
	"MM_RATELIMITSETTINGS_VARYBYREMOTEADDR": "false",
}

// prepare makes the working folder. The server looks for its files from
// there upwards and writes its configuration below it.
func (mm *Mattermost) prepare(dist string) error {
	for _, dir := range []string{"config", "data"} {
		if err := os.MkdirAll(filepath.Join(mm.dir, dir), 0o755); err != nil {
			return fmt.Errorf("mattermost: %w", err)
		}
	}
	for _, name := range []string{"i18n", "templates", "fonts"} {
		if err := os.Symlink(filepath.Join(dist, name), filepath.Join(mm.dir, name)); err != nil {
			return fmt.Errorf("mattermost: %w", err)
		}
	}
	return nil
}

// URL returns the server's address, the same for all its starts.
func (mm *Mattermost) URL() string { return mm.url }

// Log returns what the server has written since its last start.
func (mm *Mattermost) Log() string { return mm.proc.Log() }

// Start starts a stopped or killed server again, on the same port and data.
func (mm *Mattermost) Start(ctx context.Context) error {
	cmd := exec.Command(mm.binary)
	cmd.Dir, cmd.Env = mm.dir, mm.env
	proc, err := startProcess("mattermost", cmd)
	if err != nil {
		return err
	}
	mm.proc = proc
	mm.boots.Add(1)
	client := &http.Client{Timeout: time.Second}
	return proc.awaitReady(ctx, func(ctx context.Context) error {
		return getOK(ctx, client, mm.url+"/api/v4/system/ping")
	})
}

// Stop ends the server politely. Its data stay for the next Start.
func (mm *Mattermost) Stop(ctx context.Context) error { return mm.proc.stop(ctx, syscall.SIGTERM) }

// Kill ends the server as a crash would.
func (mm *Mattermost) Kill() { mm.proc.kill() }

// Restart stops the server and starts it again.
func (mm *Mattermost) Restart(ctx context.Context) error {
	if err := mm.Stop(ctx); err != nil {
		return err
	}
	return mm.Start(ctx)
}

// Freeze makes the server silent without closing anything: what connects
// to it waits. Thaw ends it.
func (mm *Mattermost) Freeze(ctx context.Context) error { return mm.proc.freeze(ctx) }

// Thaw lets a frozen server go on.
func (mm *Mattermost) Thaw() error { return mm.proc.thaw() }

// Close stops the server and removes its folder.
func (mm *Mattermost) Close(ctx context.Context) error {
	var err error
	if mm.proc != nil {
		err = mm.Stop(ctx)
	}
	return errors.Join(err, os.RemoveAll(mm.dir))
}

// NewClient returns a client of the server, with the timeout that
// model.Client4 lacks.
func (mm *Mattermost) NewClient(token string) *model.Client4 {
	client := model.NewAPIv4Client(mm.url)
	client.HTTPClient = &http.Client{Timeout: callTimeout}
	if token != "" {
		client.SetToken(token)
	}
	return client
}

// createAdmin creates the first account, which the server makes its
// administrator.
func (mm *Mattermost) createAdmin(ctx context.Context) error {
	user, token, err := mm.createUser(ctx, mm.NewClient(""), "admin")
	if err != nil {
		return fmt.Errorf("mattermost administrator: %w", err)
	}
	mm.admin, mm.adminToken = user, token
	return nil
}

// createUser creates an account and opens a session for it.
func (mm *Mattermost) createUser(ctx context.Context, by *model.Client4, name string) (*model.User, string, error) {
	const password = "Correct-Horse-1"
	user, _, err := by.CreateUser(ctx, &model.User{
		Username: name, Email: name + "@example.org", Password: password,
		FirstName: name, Locale: "fr",
	})
	if err != nil {
		return nil, "", fmt.Errorf("create user %s: %w", name, err)
	}
	client := mm.NewClient("")
	if _, _, err := client.Login(ctx, name, password); err != nil {
		return nil, "", fmt.Errorf("log %s in: %w", name, err)
	}
	return user, client.AuthToken, nil
}

// getOK requests a page and returns nil when the answer is 200.
func getOK(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return final(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, resp.Status)
	}
	return nil
}
