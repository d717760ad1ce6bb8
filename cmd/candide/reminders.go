package main

import (
	"candide/bot"
	"candide/bot/terminal"
	"candide/handlers/jury"
	"candide/handlers/milestones"
)

// newReminders makes the engine and what it says: the juries, and the campaigns' dates.
func (a *app) newReminders() {
	a.juries = jury.New(jury.Options{
		Store: a.store, Words: a.words, Chat: a.runtime, Campaigns: a.campaigns, Now: a.now, Rules: a.cfg.Reminders.Before,
		PublicURL: a.cfg.HTTP.PublicURL, Wake: func() { a.engine.Wake() },
	})
	team := a.teamPlatform()
	a.dates = milestones.New(milestones.Options{
		Store: a.store, Words: a.words, Campaigns: a.campaigns, Now: a.now, Platform: team,
		Team:   team != "" && a.cfg.Reminders.Milestones != "off",
		Public: team != "" && a.cfg.Reminders.Milestones == "public",
	}, a.juries)
	a.engine = bot.NewEngine(a.runtime, a.store, a.dates)
}

// teamPlatform is where teams' channels are: the first chat server that is configured, else the prompt, if there is one.
func (a *app) teamPlatform() bot.PlatformID {
	switch {
	case a.cfg.Mattermost.URL != "":
		return "mattermost"
	case a.cfg.Discord.Token != "":
		return "discord"
	case a.prompted:
		return terminal.ID
	}
	return ""
}
