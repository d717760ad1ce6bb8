package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"

	"candide/cmd/candide/config"
	"candide/faq"
)

// check is one thing looked at. When it is not OK, Problem says in one sentence what is wrong, and Do what to do.
// Note is worth knowing all the same.
type check struct {
	What    string
	OK      bool
	Note    string
	Problem string
	Do      string
}

type doctorCmd struct {
	Config string `help:"The configuration file." placeholder:"FILE"`
}

// Run looks at everything the bot needs, changes nothing, and prints one line a check, with what to do below.
func (c doctorCmd) Run(ctx context.Context, p program) error {
	cfg, err := config.Load(c.Config, p.getenv)
	if err != nil {
		problems := report(p.stdout, configProblems(err))
		return inputFault(fmt.Errorf("%d problem(s) in the configuration: correct them, then run “candide doctor” again "+
			"for the rest", problems))
	}
	input := report(p.stdout, append(configChecks(cfg), faqChecks(cfg)...))

	d := doctor{cfg: cfg}
	d.running, d.answers = askStatus(ctx, cfg.Storage.Path)
	environment := report(p.stdout, append(d.databaseChecks(ctx), d.machineChecks()...))
	environment += report(p.stdout, p.chatChecks(ctx, cfg))

	switch {
	case input > 0:
		return inputFault(fmt.Errorf("%d problem(s), of which %d in the configuration and the FAQ", input+environment, input))
	case environment > 0:
		return environmentFault(fmt.Errorf("%d problem(s)", environment))
	}
	fmt.Fprintln(p.stdout, "\nEverything is fine.")
	return nil
}

// doctor knows what the checks share.
type doctor struct {
	cfg     config.Config
	running status // of the bot that runs on the database
	answers error  // nil: running was given; errNotRunning: no bot runs
}

// chatChecks looks at the chat servers.
func (p program) chatChecks(ctx context.Context, cfg config.Config) []check {
	var checks []check
	for _, c := range p.mattermostChecks(ctx, cfg) {
		one := check{What: c.What, OK: c.OK, Problem: c.Problem, Do: c.Do}
		if one.OK {
			one.Note, one.Do = one.Do, ""
		}
		checks = append(checks, one)
	}
	for _, c := range p.discordChecks(ctx, cfg) {
		one := check{What: c.What, OK: c.OK, Problem: c.Problem, Do: c.Do}
		if one.OK {
			one.Note, one.Do = one.Do, ""
		}
		checks = append(checks, one)
	}
	return checks
}

// report prints checks and returns how many are problems.
func report(w io.Writer, checks []check) int {
	problems := 0
	for _, c := range checks {
		if c.OK {
			fmt.Fprintf(w, "ok       %s\n", c.What)
		} else {
			problems++
			fmt.Fprintf(w, "problem  %s: %s\n", c.What, c.Problem)
		}
		if c.Note != "" {
			fmt.Fprintf(w, "         note: %s\n", c.Note)
		}
		if c.Do != "" {
			fmt.Fprintf(w, "         → %s\n", c.Do)
		}
	}
	return problems
}

// configProblems are the sentences of an error of config.Load.
func configProblems(err error) []check {
	var checks []check
	for line := range strings.SplitSeq(err.Error(), "\n") {
		checks = append(checks, check{What: "configuration", Problem: line,
			Do: "config.example.yaml explains every field"})
	}
	return checks
}

func configChecks(cfg config.Config) []check {
	if cfg.Demonstration {
		return []check{{What: "configuration: none, this is the demonstration", OK: true,
			Note: "for your own campaign, copy config.example.yaml, fill it in and give it with --config"}}
	}
	checks := []check{{What: "configuration: " + cfg.Path, OK: true}}
	if info, err := os.Stat(cfg.Path); err == nil && info.Mode().Perm()&0o007 != 0 && cfg.SecretsInFile {
		checks = append(checks, check{What: "secrets", Problem: fmt.Sprintf("%s holds a token and everybody on this machine can "+
			"open it (mode %04o)", cfg.Path, info.Mode().Perm()), Do: "chmod o= " + cfg.Path + ", or give the token by the environment"})
	}
	chat := cfg.Mattermost.URL != "" || cfg.Discord.Token != ""
	if !chat {
		checks = append(checks, check{What: "chat server: none", OK: true,
			Note: "candidates have the web page only; write mattermost.url, token, team and recruiters_channel to join a team's chat"})
	} else {
		checks = append(checks, publicURLCheck(cfg))
	}
	if cfg.Privacy.Controller == "" {
		checks = append(checks, check{What: "privacy: no controller, so no personal data is collected", OK: true,
			Note: "candidates can ask but not leave their details; to let them, name in privacy.controller who decides about the data"})
	} else {
		checks = append(checks, privacyCheck(cfg))
	}
	return checks
}

// publicURLCheck sees what is wrong with the callbacks' URL without calling it.
func publicURLCheck(cfg config.Config) check {
	c := check{What: "http.public_url " + cfg.HTTP.PublicURL}
	fail := func(problem, do string) check {
		c.Problem, c.Do = problem, do
		return c
	}
	u, err := url.Parse(cfg.HTTP.PublicURL)
	if err != nil {
		return fail(err.Error(), "write a whole URL like https://candide.example.org")
	}
	chat, err := url.Parse(cfg.Mattermost.URL)
	if err != nil {
		return fail("mattermost.url cannot be read: "+err.Error(), "write a whole URL like https://chat.example.org")
	}
	ip := net.ParseIP(u.Hostname())
	switch {
	case u.Hostname() == "" || ip != nil && ip.IsUnspecified():
		return fail("this is no address that can be called", "write the name or address under which the chat server reaches this machine")
	case u.Port() == "0":
		return fail("port 0 is no port that can be called", "choose a port in http.listen")
	case u.RawQuery != "" || u.Fragment != "":
		return fail("it must end before any ? or #", "keep only the part before them")
	case isLoopback(u.Hostname()) && cfg.Mattermost.URL != "" && !isLoopback(chat.Hostname()):
		return fail(fmt.Sprintf("only this machine can call it, and the chat server is %s", chat.Hostname()),
			"write the URL under which the chat server reaches this bot; without it buttons, dialogs and slash commands do not work")
	}
	c.OK = true
	if u.Scheme == "http" && !isLoopback(u.Hostname()) {
		c.Note = "without https, what candidates write in forms travels readable: fine inside one private network only"
	}
	return c
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// privacyCheck sees what the notice that candidates read says for want of better.
func privacyCheck(cfg config.Config) check {
	c := check{What: "privacy: " + cfg.Privacy.Controller + " decides about the data", OK: true}
	switch {
	case cfg.Privacy.Contact == "" && cfg.Privacy.LegalBasis == "":
		c.Note = "the notice gives the campaign's contact for people's rights, and consent as the legal basis; to say otherwise, " +
			"write privacy.contact (the data-protection officer's address) and privacy.legal_basis"
	case cfg.Privacy.Contact == "":
		c.Note = "the notice gives the campaign's contact for people's rights; to say otherwise, write privacy.contact"
	case cfg.Privacy.LegalBasis == "":
		c.Note = "the notice gives consent as the legal basis; to say otherwise, write privacy.legal_basis"
	}
	return c
}

// faqChecks reads every campaign's FAQ.
func faqChecks(cfg config.Config) []check {
	var checks []check
	for i, campaign := range cfg.Campaigns {
		name, src, err := readFAQ(campaign.FAQ)
		what := fmt.Sprintf("FAQ %s", name)
		if err != nil {
			checks = append(checks, check{What: what, Problem: err.Error(),
				Do: fmt.Sprintf("write the file's path in campaigns[%d].faq, relative to the configuration", i)})
			continue
		}
		f, err := parseFAQ(name, src)
		var problems faq.Problems
		if errors.As(err, &problems) {
			for _, problem := range problems {
				checks = append(checks, check{What: "FAQ", Problem: problem.String(), Do: "docs/faq-file.md explains every field"})
			}
			continue
		}
		if err != nil {
			checks = append(checks, check{What: what, Problem: err.Error(), Do: "see docs/faq-file.md"})
			continue
		}
		c := check{What: fmt.Sprintf("%s: %d entries, campaign %s", what, len(f.Entries), f.ID), OK: true}
		if campaign.FAQ == "" && !cfg.Demonstration {
			c.Note = fmt.Sprintf("this is the demonstration's FAQ, of a campaign closed since 2020: name yours in campaigns[%d].faq", i)
		}
		checks = append(checks, c)
	}
	return checks
}
