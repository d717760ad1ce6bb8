package mattermost

import (
	"context"
	"errors"
	"fmt"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/storage"

	"candide/internal/retry"
)

// errCommand says why there is no slash command of the bot's own.
type errCommand struct{ problem, do string }

func (e errCommand) Error() string { return e.problem + ": " + e.do }

// ensureCommand makes the slash command, or brings it up to date, where the bot may; else it relies on the token that
// was configured. Without either the bot works by mention and direct message, and says so.
func (p *Platform) ensureCommand(ctx context.Context, h *home) error {
	if p.o.Command == "" {
		return nil
	}
	own, err := p.ownCommand(ctx, h)
	var missing errCommand
	if err != nil && !errors.As(err, &missing) {
		return err
	}
	if own == "" {
		// One that was made before still proves itself, should the permission have been taken back since.
		if own, err = p.o.Store.Secret(ctx, commandName); err != nil && !errors.Is(err, storage.ErrNotFound) {
			return retry.Fatalf("the slash command's token: %w", err)
		}
	} else if err := p.o.Store.SaveSecret(ctx, commandName, own); err != nil {
		return retry.Fatalf("keeping the slash command's token: %w", err)
	}
	p.mu.Lock()
	p.tokens = tokens{own: own, configured: p.o.CommandToken}
	p.mu.Unlock()
	if missing.problem != "" && p.o.CommandToken == "" {
		p.log.Warn("no slash command of the bot's own", "problem", missing.problem, "do", missing.do)
	}
	return nil
}

// ownCommand finds, makes or updates the command, and returns its token. It fails with errCommand where it may not.
func (p *Platform) ownCommand(ctx context.Context, h *home) (token string, err error) {
	found, err := p.findCommand(ctx, h)
	if err != nil {
		return "", err
	}
	want := p.wantedCommand(h)
	if found == nil {
		made, resp, err := p.client.CreateCommand(ctx, want)
		switch {
		case err == nil:
			p.log.Info("slash command made", "trigger", made.Trigger)
			return made.Token, nil
		case gone(resp) || status(resp) == 501:
			return "", errCommand{"the bot may not make slash commands", p.makeCommand()}
		case status(resp) >= 400 && status(resp) < 500:
			return "", errCommand{"the server refuses the slash command /" + want.Trigger, p.makeCommand()}
		default:
			return "", brief(err)
		}
	}
	if err := p.takenBy(found, h); err != nil {
		return "", err
	}
	if found.CreatorId != h.me.Id || same(found, want) {
		return found.Token, nil // one that an administrator made for the bot stays theirs
	}
	want.Id, want.Token, want.CreatorId, want.CreateAt = found.Id, found.Token, found.CreatorId, found.CreateAt
	updated, resp, err := p.client.UpdateCommand(ctx, want)
	if err != nil {
		if gone(resp) {
			return "", errCommand{"the bot may not change its slash command", p.makeCommand()}
		}
		return "", brief(err)
	}
	p.log.Info("slash command brought up to date", "trigger", want.Trigger)
	return updated.Token, nil
}

// takenBy says why a command that exists is not the bot's to use, if it is not: it is somebody else's, for something
// else.
func (p *Platform) takenBy(found *model.Command, h *home) error {
	url := p.o.PublicURL + commandPath
	if found.CreatorId == h.me.Id || found.URL == url {
		return nil
	}
	return errCommand{
		fmt.Sprintf("the slash command /%s belongs to somebody else and calls another address", found.Trigger),
		fmt.Sprintf("choose another word in mattermost.command, or set that command's URL to %s and put its token in "+
			"mattermost.command_token", url),
	}
}

// findCommand returns the team's command of the configured trigger, or nil.
func (p *Platform) findCommand(ctx context.Context, h *home) (*model.Command, error) {
	list, resp, err := p.client.ListCommands(ctx, h.team.Id, true)
	if gone(resp) || status(resp) == 501 {
		return nil, errCommand{"the bot may not make slash commands", p.makeCommand()}
	}
	if err != nil {
		return nil, brief(err)
	}
	for _, c := range list {
		if c.Trigger == p.o.Command && c.DeleteAt == 0 {
			return c, nil
		}
	}
	return nil, nil
}

// makeCommand is what to do where the bot may not make its command.
func (p *Platform) makeCommand() string {
	return fmt.Sprintf("make the bot a team administrator, or make the command yourself (Integrations, Slash Commands: "+
		"trigger %s, URL %s, method POST) and put its token in mattermost.command_token or CANDIDE_MATTERMOST_COMMAND_TOKEN",
		p.o.Command, p.o.PublicURL+commandPath)
}

func (p *Platform) wantedCommand(h *home) *model.Command {
	return &model.Command{
		TeamId: h.team.Id, Trigger: p.o.Command, Method: model.CommandMethodPost, URL: p.o.PublicURL + commandPath,
		Username: h.me.Username, DisplayName: "Candide", Description: "Candide",
		AutoComplete:     true,
		AutoCompleteHint: "[question] | aide | interet | mes-donnees | effacer-mes-donnees",
		AutoCompleteDesc: "Répond aux questions sur le recrutement",
	}
}

func same(a, b *model.Command) bool {
	return a.URL == b.URL && a.Method == b.Method && a.Username == b.Username && a.AutoComplete == b.AutoComplete &&
		a.AutoCompleteHint == b.AutoCompleteHint && a.AutoCompleteDesc == b.AutoCompleteDesc && a.DisplayName == b.DisplayName
}
