package main

import (
	"context"
	"fmt"

	"candide/bot/discord"
	"candide/cmd/candide/config"
)

// addDiscord adds Discord's platform, not connected yet, when it is configured.
func (a *app) addDiscord() error {
	if a.cfg.Discord.Token == "" {
		return nil
	}
	o := discordOptions(a.cfg)
	o.Phrases, o.Log, o.Now, o.Menu = a.words, a.log, a.now, a.menu
	o.Memory, o.Meter = a.store, a.metrics
	o.Fresh, _ = a.cfg.Mattermost.Fresh() // checked when the configuration was read
	platform, err := discord.New(o)
	if err != nil {
		return environmentFault(fmt.Errorf("discord: %w", err))
	}
	a.add(platform)
	return nil
}

// discordChecks asks Discord about everything that the bot needs of it.
func (p program) discordChecks(ctx context.Context, cfg config.Config) []discord.Check {
	if cfg.Discord.Token == "" {
		return nil
	}
	platform, err := discord.New(discordOptions(cfg))
	if err != nil {
		return []discord.Check{{What: "Discord", Problem: err.Error(), Do: "check discord.token"}}
	}
	return platform.Doctor(ctx)
}

// discordOptions are what the configuration says of Discord.
func discordOptions(cfg config.Config) discord.Options {
	o := discord.Options{
		Token: cfg.Discord.Token, Guild: cfg.Discord.Guild, RecruitersRole: cfg.Discord.RecruitersRole,
		RecruitersChannel: cfg.Discord.RecruitersChannel, OthersToo: cfg.Mattermost.URL != "",
	}
	for _, c := range cfg.Campaigns {
		o.Channels = append(o.Channels, c.Channels...)
		if c.TeamChannel != "" {
			o.TeamChannels = append(o.TeamChannels, c.TeamChannel)
		}
	}
	return o
}
