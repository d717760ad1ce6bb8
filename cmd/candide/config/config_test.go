package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func noEnv(string) string { return "" }

func save(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestExample: the example in the repository is a valid configuration but for the secrets it leaves out, and says
// every field.
func TestExample(t *testing.T) {
	example := filepath.Join("..", "..", "..", "config.example.yaml")
	env := map[string]string{"CANDIDE_MATTERMOST_TOKEN": " from-the-environment\n"}
	c, err := Load(example, func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	if c.Demonstration || c.SecretsInFile {
		t.Errorf("the example is a demonstration (%v) or holds secrets (%v)", c.Demonstration, c.SecretsInFile)
	}
	if c.Mattermost.Token != "from-the-environment" {
		t.Errorf("the token is %q", c.Mattermost.Token)
	}
	if want := filepath.Join("..", "..", "..", "faq", "deploiement-2020.yaml"); c.Campaigns[0].FAQ != want {
		t.Errorf("the FAQ is %s, not %s", c.Campaigns[0].FAQ, want)
	}
	if _, err := os.Stat(c.Campaigns[0].FAQ); err != nil {
		t.Error(err)
	}

	_, err = Load(example, noEnv)
	if err == nil || !strings.Contains(err.Error(), "CANDIDE_MATTERMOST_TOKEN") {
		t.Errorf("without the token: %v", err)
	}
}

// TestDiscord: what Discord needs is asked for, and nothing is taken that it does not know.
func TestDiscord(t *testing.T) {
	token := func(name string) string { return map[string]string{"CANDIDE_DISCORD_TOKEN": "secret"}[name] }
	c, err := Load(save(t, "discord: {guild: \"1\", recruiters_role: Recruteurs, recruiters_channel: recruteurs}\n"), token)
	if err != nil || c.Discord.Token != "secret" || c.SecretsInFile || *c.Web.Listen != "" {
		t.Errorf("%+v, %v", c.Discord, err)
	}
	for text, want := range map[string]string{
		"discord: {guild: \"1\", recruiters_role: R, gild: x}": "gild",
		"discord: {recruiters_role: R}":                        "discord.guild",
		"discord: {guild: \"1\"}":                              "discord.recruiters_role",
		"discord: {guild: [1], recruiters_role: R}":            "another kind of value",
	} {
		if _, err := Load(save(t, text), token); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := Load(save(t, "discord: {guild: \"1\", recruiters_role: R}"), noEnv); err == nil || !strings.Contains(err.Error(), "CANDIDE_DISCORD_TOKEN") {
		t.Errorf("without the token: %v", err)
	}
}

// TestDefaults: what is not said has the value that config.example.yaml shows, and an empty file is valid.
func TestDefaults(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "comments": "# nothing\n", "a mark": "---\n", "null": "http:\nreminders:\n"} {
		c, err := Load(save(t, text), noEnv)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.Demonstration {
			t.Errorf("%s: a file is no demonstration", name)
		}
		if c.Language != "fr" || c.Timezone != "Europe/Paris" || c.HTTP.Listen != "127.0.0.1:8080" || *c.Web.Listen != "127.0.0.1:8080" ||
			c.HTTP.PublicURL != "http://127.0.0.1:8080" || len(c.Campaigns) != 1 || c.Campaigns[0].Timezone != "Europe/Paris" {
			t.Errorf("%s: %+v", name, c)
		}
	}
	c, err := Load("", noEnv)
	if err != nil || !c.Demonstration || c.Storage.Path != "candide.db" {
		t.Errorf("without a file: %+v, %v", c, err)
	}
}

// TestPathsAndPage: paths are relative to the file, and the page is off where there is a chat server and nobody asks.
func TestPathsAndPage(t *testing.T) {
	const chat = "mattermost: {url: https://chat.example.org, token: t, team: t, recruiters_channel: r}\n"
	path := save(t, chat+"storage: {path: data/c.db}\ncampaigns: [{faq: faq/a.yaml}, {faq: /srv/b.yaml, timezone: America/Cayenne}]\n")
	c, err := Load(path, noEnv)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(path)
	if c.Storage.Path != filepath.Join(dir, "data", "c.db") || c.Campaigns[0].FAQ != filepath.Join(dir, "faq", "a.yaml") || c.Campaigns[1].FAQ != "/srv/b.yaml" {
		t.Errorf("paths: %s, %+v", c.Storage.Path, c.Campaigns)
	}
	if c.Campaigns[1].Timezone != "America/Cayenne" {
		t.Errorf("the second campaign's zone is %s", c.Campaigns[1].Timezone)
	}
	if *c.Web.Listen != "" || !c.SecretsInFile {
		t.Errorf("page %q, secrets %v", *c.Web.Listen, c.SecretsInFile)
	}
	c, err = Load(save(t, chat+"web: {listen: 127.0.0.1:8081}\n"), noEnv)
	if err != nil || *c.Web.Listen != "127.0.0.1:8081" {
		t.Errorf("the page that was asked for: %v, %v", c.Web.Listen, err)
	}
}

// TestWrong: testdata/wrong.txt holds wrong configurations, each with what is said of it.
func TestWrong(t *testing.T) {
	src, err := os.ReadFile(filepath.Join("testdata", "wrong.txt"))
	if err != nil {
		t.Fatal(err)
	}
	cases := strings.Split("\n"+string(src), "\n=== ")[1:]
	if len(cases) == 0 {
		t.Fatal("there are no cases")
	}
	for _, one := range cases {
		name, rest, _ := strings.Cut(one, "\n")
		text, want, ok := strings.Cut(rest, "--- ")
		if !ok {
			t.Errorf("%s: no error is given", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			path := save(t, text)
			_, err := Load(path, noEnv)
			if err == nil {
				t.Fatal("taken for right")
			}
			if got := strings.ReplaceAll(err.Error(), path, "config.yaml"); got != strings.TrimSpace(want) {
				t.Errorf("got\n%s\nwant\n%s", got, strings.TrimSpace(want))
			}
		})
	}
}

// TestUnreadable: what cannot be read as a configuration at all.
func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ path, want string }{
		"absent": {filepath.Join(dir, "nowhere.yaml"), "does not exist"},
		"folder": {dir, "reading the configuration"},
		"binary": {save(t, "language: \x00\xff\xfe"), "not a text file"},
		"huge":   {save(t, strings.Repeat("# a comment\n", 10_000)), "larger than 64 kB"},
		"deep":   {save(t, strings.Repeat("[", 10_000)), ":1: "},
	} {
		if _, err := Load(c.path, noEnv); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %.200v", name, err)
		}
	}
}

func TestMonths(t *testing.T) {
	for s, want := range map[string]int{"1mo": 1, "3mo": 3, "120mo": 120} {
		if got, err := Months(s); err != nil || got != want {
			t.Errorf("%s: %d, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "3", "mo", "0mo", "-3mo", "121mo", "3 mo", "3mois", "3.5mo", "99999999999999999999mo"} {
		if got, err := Months(s); err == nil {
			t.Errorf("%q: %d", s, got)
		}
	}
}

// FuzzDecode: no file crashes the program, and what is accepted can be checked and completed.
func FuzzDecode(f *testing.F) {
	if example, err := os.ReadFile(filepath.Join("..", "..", "..", "config.example.yaml")); err == nil {
		f.Add(example)
	}
	for _, seed := range []string{"", "a: &x [*x]", "campaigns: [{faq: a}, null]", "? {a: b}\n: c", "---\n...\n---", "{", "- - -", "http: {listen: !!binary aGk=}", "\ufeff\"language\": fr", "web: {listen: null}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > maxFile {
			t.Skip("never read")
		}
		c := Default()
		document, err := decode(src, &c)
		if err != nil {
			if text := place("config.yaml", err).Error(); strings.Contains(text, "\n") && position.MatchString(err.Error()) {
				t.Errorf("more than a line: %q", text)
			}
			return
		}
		c.complete()
		if problems := c.check(); len(problems) > 0 {
			if text := locate("config.yaml", document, problems).Error(); strings.Count(text, "\n") > 10*len(problems)+len(src) {
				t.Errorf("%q", text)
			}
		}
	})
}
