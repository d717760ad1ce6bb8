// Package config reads the one configuration file. It says what is wrong with it, and connects to nothing.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxFile is the largest configuration read, in bytes: many times what anybody writes, and little for the parser.
const maxFile = 64 << 10

// Config is the whole configuration; config.example.yaml shows and explains every field.
type Config struct {
	Language   string     `yaml:"language"`
	Timezone   string     `yaml:"timezone"`
	Storage    Storage    `yaml:"storage"`
	HTTP       HTTP       `yaml:"http"`
	Web        Web        `yaml:"web"`
	Metrics    Metrics    `yaml:"metrics"`
	Campaigns  []Campaign `yaml:"campaigns"`
	Mattermost Mattermost `yaml:"mattermost"`
	Discord    Discord    `yaml:"discord"`
	Reminders  Reminders  `yaml:"reminders"`
	Privacy    Privacy    `yaml:"privacy"`

	// Path is the file read; empty for the defaults.
	Path string `yaml:"-"`
	// Demonstration is true without a file: the default FAQ, and nothing kept for longer than a day.
	Demonstration bool `yaml:"-"`
	// SecretsInFile is true when the file itself holds a token: then only the bot's user should be able to open it.
	SecretsInFile bool `yaml:"-"`

	document *ast.File
}

// Where is the place of a key like "campaigns[0].faq": file and line, or the file alone; empty without a file.
func (c Config) Where(key string) string {
	if n := lineOf(c.document, key); n > 0 {
		return fmt.Sprintf("%s:%d", c.Path, n)
	}
	return c.Path
}

// Storage says where the database is.
type Storage struct {
	Path string `yaml:"path"`
}

// HTTP is what chat servers and supervisors call.
type HTTP struct {
	Listen    string `yaml:"listen"`
	PublicURL string `yaml:"public_url"`
}

// Web is the candidates' page. Listen is nil where the file does not say, empty where it says off.
type Web struct {
	Listen *string `yaml:"listen"`
	// Proxies are the addresses or networks of reverse proxies on other machines; those on this one are known.
	Proxies []string `yaml:"proxies"`
}

// TrustedProxies returns the networks whose X-Forwarded-For is believed: this machine and the configured ones.
func (w Web) TrustedProxies() ([]netip.Prefix, error) {
	list := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, s := range w.Proxies {
		prefix, err := netip.ParsePrefix(s)
		if addr, addrErr := netip.ParseAddr(s); addrErr == nil {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a network: write 10.0.0.2 or 10.0.0.0/24", s)
		}
		list = append(list, prefix)
	}
	return list, nil
}

// Metrics is where Prometheus reads; empty: off.
type Metrics struct {
	Listen string `yaml:"listen"`
}

// Campaign is one recruitment.
type Campaign struct {
	FAQ         string   `yaml:"faq"` // absolute once loaded; empty: the default FAQ
	Channels    []string `yaml:"channels"`
	TeamChannel string   `yaml:"team_channel"`
	Timezone    string   `yaml:"timezone"`
}

// Mattermost says how to reach the chat server; an empty URL: not used.
type Mattermost struct {
	URL               string `yaml:"url"`
	Token             string `yaml:"token"`
	Team              string `yaml:"team"`
	RecruitersChannel string `yaml:"recruiters_channel"`
	Command           string `yaml:"command"`
	CommandToken      string `yaml:"command_token"`
	// CatchUp is how old a message missed while away may be to be answered still: see Fresh.
	CatchUp string `yaml:"catch_up"`
}

// Fresh is CatchUp as a duration.
func (m Mattermost) Fresh() (time.Duration, error) {
	d, err := time.ParseDuration(m.CatchUp)
	if err != nil || d < time.Minute || d > 24*time.Hour {
		return 0, fmt.Errorf("%q is no such time: write one like 30m, from 1m to 24h", m.CatchUp)
	}
	return d, nil
}

// Discord says how to reach Discord; an empty token: not used.
type Discord struct {
	Token             string `yaml:"token"`
	Guild             string `yaml:"guild"`
	RecruitersRole    string `yaml:"recruiters_role"`
	RecruitersChannel string `yaml:"recruiters_channel"`
}

// Reminders are a jury's reminders, unless the jury says otherwise, and who is told of a campaign's dates.
type Reminders struct {
	Before []string `yaml:"before"`
	// Milestones is who is told that a campaign closes, closed, or that its decision is due: "team", "public" (the
	// team, and the closing in the campaign's public channels too) or "off".
	Milestones string `yaml:"milestones"`
}

// Privacy is what the notice says. Without a controller nothing personal is collected.
type Privacy struct {
	Controller        string `yaml:"controller"`
	Contact           string `yaml:"contact"`
	LegalBasis        string `yaml:"legal_basis"`
	KeepAfterCampaign string `yaml:"keep_after_campaign"`
	KeepWithConsent   string `yaml:"keep_with_consent"`
	// KeepBackups is how long the operator keeps backups: what receipts of erasure say.
	KeepBackups string `yaml:"keep_backups"`
}

// Default is the configuration without a file.
func Default() Config {
	return Config{
		Language:      "fr",
		Timezone:      "Europe/Paris",
		Storage:       Storage{Path: "candide.db"},
		HTTP:          HTTP{Listen: "127.0.0.1:8080"},
		Campaigns:     []Campaign{{}},
		Reminders:     Reminders{Before: []string{"J-7", "J-1", "H-1"}, Milestones: "team"},
		Privacy:       Privacy{KeepAfterCampaign: "3mo", KeepWithConsent: "24mo", KeepBackups: "1mo"},
		Demonstration: true,
	}
}

// Load reads the file at path, completes it from the environment and checks it. With an empty path it returns the
// defaults. An error is one or more sentences, with file and line where there is one.
func Load(path string, getenv func(string) string) (Config, error) {
	return load(path, getenv, (*Config).check)
}

// LoadOffline is Load for a command that calls no chat server: a token that only the bot's own environment holds is
// not missed.
func LoadOffline(path string, getenv func(string) string) (Config, error) {
	return load(path, getenv, func(c *Config) []problem {
		return slices.DeleteFunc(c.check(), func(p problem) bool { return p.key == mattermostToken || p.key == discordToken })
	})
}

func load(path string, getenv func(string) string, check func(*Config) []problem) (Config, error) {
	c := Default()
	if path == "" {
		c.secrets(getenv)
		c.complete()
		return c, nil
	}
	src, err := read(path)
	if err != nil {
		return Config{}, err
	}
	c.Demonstration, c.Campaigns = false, nil
	document, err := decode(src, &c)
	if err != nil {
		return Config{}, place(path, err)
	}
	c.Path, c.document = path, document
	c.SecretsInFile = c.Mattermost.Token+c.Mattermost.CommandToken+c.Discord.Token != ""
	dir := filepath.Dir(path)
	c.Storage.Path = relative(dir, c.Storage.Path)
	if len(c.Campaigns) == 0 {
		c.Campaigns = []Campaign{{}}
	}
	for i := range c.Campaigns {
		c.Campaigns[i].FAQ = relative(dir, c.Campaigns[i].FAQ)
	}
	c.secrets(getenv)
	c.complete()
	if problems := check(&c); len(problems) > 0 {
		return Config{}, locate(path, document, problems)
	}
	return c, nil
}

func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the configuration %s does not exist: copy config.example.yaml there and fill it in", path)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("the configuration %s is larger than 64 kB", path)
	}
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return src, nil
}

// decode reads src into c, refusing unknown keys, and returns the parsed document; nil for an empty file.
func decode(src []byte, c *Config) (document *ast.File, err error) {
	defer func() {
		if v := recover(); v != nil { // the parser has crashed on hostile input
			document, err = nil, fmt.Errorf("[1:1] unreadable YAML: %v", v)
		}
	}()
	if !utf8.Valid(src) || bytes.IndexByte(src, 0) >= 0 {
		return nil, errors.New("[1:1] this is not a text file in UTF-8")
	}
	document, err = parser.ParseBytes(src, 0)
	if err != nil {
		return nil, err
	}
	if len(document.Docs) > 1 {
		second := document.Docs[1].Start
		if second == nil {
			return nil, errors.New("[1:1] the file holds more than one YAML document")
		}
		return nil, fmt.Errorf("[%d:1] a second YAML document begins here: the configuration is a single one", second.Position.Line)
	}
	if len(document.Docs) == 0 || document.Docs[0].Body == nil || document.Docs[0].Body.Type() == ast.NullType {
		return nil, nil
	}
	// Aliases can make a small file decode into a huge one, and a configuration has no use for them.
	if alias := (aliases{}).find(document); alias != nil {
		return nil, fmt.Errorf("[%d:1] anchors, aliases and merge keys are not read here: write the value out", alias.GetToken().Position.Line)
	}
	return document, yaml.NodeToValue(document.Docs[0].Body, c, yaml.Strict())
}

// aliases looks for what refers to another part of the document.
type aliases struct{ found ast.Node }

func (aliases) find(document *ast.File) ast.Node {
	a := &aliases{}
	for _, doc := range document.Docs {
		ast.Walk(a, doc.Body)
	}
	return a.found
}

// Visit implements ast.Visitor.
func (a *aliases) Visit(n ast.Node) ast.Visitor {
	switch n.Type() {
	case ast.AnchorType, ast.AliasType, ast.MergeKeyType:
		if a.found == nil {
			a.found = n
		}
	}
	return a
}

var position = regexp.MustCompile(`^\[(\d+):\d+\] ([^\n]*)`)

// wrongKind is what goccy says of a value that does not fit.
var wrongKind = regexp.MustCompile(`^cannot unmarshal .* of type (\w+)|^\w+ was used where (\w+) is expected`)

// place turns goccy's "[3:5] message\n source" into "file:3: message".
func place(path string, err error) error {
	if m := position.FindStringSubmatch(err.Error()); m != nil {
		what := m[2]
		if kind := wrongKind.FindStringSubmatch(what); kind != nil {
			what = "another kind of value is expected here: " + kindName(kind[1]+kind[2])
		}
		return fmt.Errorf("%s:%s: %s", path, m[1], what)
	}
	return fmt.Errorf("%s: %w", path, err)
}

func kindName(kind string) string {
	switch kind {
	case "sequence":
		return "a list"
	case "mapping":
		return "“name: value” lines"
	default:
		return "a text"
	}
}

func relative(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// secrets takes what the environment has over what the file says, so that no secret needs to be written down.
func (c *Config) secrets(getenv func(string) string) {
	for name, field := range map[string]*string{
		"CANDIDE_MATTERMOST_TOKEN":         &c.Mattermost.Token,
		"CANDIDE_MATTERMOST_COMMAND_TOKEN": &c.Mattermost.CommandToken,
		"CANDIDE_DISCORD_TOKEN":            &c.Discord.Token,
	} {
		if v := strings.TrimSpace(getenv(name)); v != "" {
			*field = v
		}
	}
}

// complete fills in what follows from the rest.
func (c *Config) complete() {
	if c.Mattermost.Command == "" {
		c.Mattermost.Command = "candide"
	}
	if c.Mattermost.CatchUp == "" {
		c.Mattermost.CatchUp = "30m"
	}
	if c.Web.Listen == nil {
		listen := "127.0.0.1:8080"
		if c.Mattermost.URL != "" || c.Discord.Token != "" {
			listen = "" // with a chat server, the page is on only where it is asked for
		}
		c.Web.Listen = &listen
	}
	if c.HTTP.PublicURL == "" {
		c.HTTP.PublicURL = "http://" + c.HTTP.Listen
	}
	for i := range c.Campaigns {
		if c.Campaigns[i].Timezone == "" {
			c.Campaigns[i].Timezone = c.Timezone
		}
	}
}

var rulePattern = regexp.MustCompile(`^[JHM]-[1-9][0-9]{0,3}$`)

// ValidRule reports whether s is a reminder rule: J-n (calendar days before), H-n (hours), M-n (minutes).
func ValidRule(s string) bool { return rulePattern.MatchString(s) }

// Months reads a retention time like "3mo".
func Months(s string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSuffix(s, "mo"))
	if err != nil || !strings.HasSuffix(s, "mo") || n < 1 || n > 120 {
		return 0, fmt.Errorf("%q is no time to keep things: write a number of months like 3mo", s)
	}
	return n, nil
}
