package config

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// problem is a value that the file may hold but the bot cannot use.
type problem struct {
	key  string // where it stands: "http.listen", "campaigns[0].timezone"
	what string
}

// The keys whose values the environment may hold instead.
const (
	mattermostToken = "mattermost.token"
	discordToken    = "discord.token"
)

// locate makes an error of problems: a line each, with file and line.
func locate(path string, document *ast.File, problems []problem) error {
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = path + ": " + p.what
		if n := lineOf(document, p.key); n > 0 {
			lines[i] = fmt.Sprintf("%s:%d: %s", path, n, p.what)
		}
	}
	return fmt.Errorf("%s", strings.Join(lines, "\n"))
}

// lineOf returns the line where key, or what holds it, stands in the document; 0: nowhere, the value is a default
// or comes from the environment.
func lineOf(document *ast.File, key string) int {
	for document != nil && key != "" {
		p, err := yaml.PathString("$." + key)
		if err != nil {
			return 0
		}
		if n, err := p.FilterFile(document); err == nil && n != nil && n.GetToken() != nil {
			return n.GetToken().Position.Line
		}
		key = key[:max(strings.LastIndexAny(key, ".["), 0)]
	}
	return 0
}

// check says what is wrong with the values, all of it.
func (c *Config) check() []problem {
	var problems []problem
	fail := func(key, format string, args ...any) {
		problems = append(problems, problem{key, fmt.Sprintf(format, args...)})
	}
	if c.Language != "fr" && c.Language != "en" {
		fail("language", "language must be fr or en, not %q", c.Language)
	}
	if !validZone(c.Timezone) {
		fail("timezone", "unknown timezone %q: write one like Europe/Paris", c.Timezone)
	}
	if c.Storage.Path == "" {
		fail("storage.path", "storage.path is empty: name the database's file")
	}
	c.checkHTTP(fail)
	c.checkCampaigns(fail)
	c.checkMattermost(fail)
	c.checkDiscord(fail)
	for i, rule := range c.Reminders.Before {
		if !ValidRule(rule) {
			fail(fmt.Sprintf("reminders.before[%d]", i), "reminders.before: %q is no rule: write J-7 (days), H-1 (hours) or M-30 (minutes)", rule)
		}
	}
	switch c.Reminders.Milestones {
	case "team", "public", "off":
	default:
		fail("reminders.milestones", "reminders.milestones must be team, public or off, not %q", c.Reminders.Milestones)
	}
	if _, err := Months(c.Privacy.KeepAfterCampaign); err != nil {
		fail("privacy.keep_after_campaign", "privacy.keep_after_campaign: %v", err)
	}
	if _, err := Months(c.Privacy.KeepWithConsent); err != nil {
		fail("privacy.keep_with_consent", "privacy.keep_with_consent: %v", err)
	}
	if _, err := Months(c.Privacy.KeepBackups); err != nil {
		fail("privacy.keep_backups", "privacy.keep_backups: %v", err)
	}
	return problems
}

// failer notes a problem with the value at a key.
type failer func(key, format string, args ...any)

func (c *Config) checkHTTP(fail failer) {
	for _, l := range [][2]string{{"http.listen", c.HTTP.Listen}, {"web.listen", *c.Web.Listen}, {"metrics.listen", c.Metrics.Listen}} {
		name, address := l[0], l[1]
		if address == "" && name != "http.listen" {
			continue
		}
		if _, port, err := net.SplitHostPort(address); err != nil || !validPort(port) {
			fail(name, "%s must be an address and a port like 127.0.0.1:8080, not %q", name, address)
		}
	}
	if _, err := c.Web.TrustedProxies(); err != nil {
		fail("web.proxies", "web.proxies: %v", err)
	}
	if !validURL(c.HTTP.PublicURL) {
		fail("http.public_url", "http.public_url must be a whole URL like https://candide.example.org, not %q", c.HTTP.PublicURL)
	}
}

func (c *Config) checkCampaigns(fail failer) {
	faqs := map[string]int{}
	for i, campaign := range c.Campaigns {
		key := fmt.Sprintf("campaigns[%d]", i)
		if !validZone(campaign.Timezone) && campaign.Timezone != c.Timezone {
			fail(key+".timezone", "unknown timezone %q: write one like Europe/Paris", campaign.Timezone)
		}
		if first, twice := faqs[campaign.FAQ]; twice {
			fail(key+".faq", "campaigns %d and %d have the same FAQ: name another file, or put their channels together", first+1, i+1)
		}
		faqs[campaign.FAQ] = i
	}
}

func (c *Config) checkMattermost(fail failer) {
	m := c.Mattermost
	if m.URL == "" {
		return
	}
	if !validURL(m.URL) {
		fail("mattermost.url", "mattermost.url must be a whole URL like https://chat.example.org, not %q", m.URL)
	}
	if m.Token == "" {
		fail(mattermostToken, "mattermost.token is empty: write the bot account's token there or in CANDIDE_MATTERMOST_TOKEN")
	}
	if m.Team == "" {
		fail("mattermost.team", "mattermost.team is empty: write the team's name as in its URL")
	}
	if m.RecruitersChannel == "" {
		fail("mattermost.recruiters_channel", "mattermost.recruiters_channel is empty: name the private channel whose members are the recruiters")
	}
	if !commandPattern.MatchString(m.Command) {
		fail("mattermost.command", "mattermost.command must be one word of small letters, not %q", m.Command)
	}
	if _, err := m.Fresh(); err != nil {
		fail("mattermost.catch_up", "mattermost.catch_up: %v", err)
	}
}

func (c *Config) checkDiscord(fail failer) {
	d := c.Discord
	switch {
	case d.Token == "" && d.Guild != "":
		fail(discordToken, "discord.token is empty: write the bot's token there or in CANDIDE_DISCORD_TOKEN")
	case d.Token == "":
		return
	case d.Guild == "":
		fail("discord.guild", "discord.guild is empty: write the Discord server's id (Developer Mode, right click on the server, “Copy Server ID”)")
	}
	if d.RecruitersRole == "" {
		fail("discord.recruiters_role", "discord.recruiters_role is empty: name the role that the recruiters have on Discord")
	}
}

var commandPattern = regexp.MustCompile(`^[a-z0-9._-]{1,128}$`)

func validZone(zone string) bool {
	_, err := time.LoadLocation(zone)
	return err == nil && zone != "" && zone != "Local"
}

func validURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

func validPort(port string) bool {
	n, err := strconv.Atoi(port)
	return err == nil && n >= 0 && n < 65536
}
