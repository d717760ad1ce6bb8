package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"candide/bot/mattermost"
	"candide/cmd/candide/config"
	"candide/handlers/words"
	"candide/storage"
)

// newMattermost returns the chat server's platform, not connected yet, or nil when none is configured.
func newMattermost(a *app) *mattermost.Platform {
	if a.cfg.Mattermost.URL == "" {
		return nil
	}
	o := mattermostOptions(a.cfg)
	o.Store, o.Memory, o.Phrases, o.Log, o.Now, o.Meter = a.store, a.store, a.words, a.log, a.now, a.metrics
	return mattermost.New(o)
}

// mattermostOptions are what the configuration says of the chat server.
func mattermostOptions(cfg config.Config) mattermost.Options {
	m := cfg.Mattermost
	o := mattermost.Options{
		URL: m.URL, Token: m.Token, Team: m.Team, RecruitersChannel: m.RecruitersChannel,
		Command: m.Command, CommandToken: m.CommandToken, PublicURL: cfg.HTTP.PublicURL,
	}
	o.Fresh, _ = m.Fresh() // checked when the configuration was read
	for _, c := range cfg.Campaigns {
		o.Channels = append(o.Channels, c.Channels...)
		if c.TeamChannel != "" {
			o.TeamChannels = append(o.TeamChannels, c.TeamChannel)
		}
	}
	return o
}

// mattermostChecks asks the chat server about everything that the bot needs of it. Whether the server can call the bot
// is tried on the running bot, or, where none runs, on a server that listens meanwhile.
func (p program) mattermostChecks(ctx context.Context, cfg config.Config) []mattermost.Check {
	if cfg.Mattermost.URL == "" {
		return nil
	}
	o := mattermostOptions(cfg)
	o.Store = &memorySecrets{}
	if w, err := words.New("vous", cfg.Language); err == nil {
		o.Phrases = w
	}
	platform := mattermost.New(o)
	stop, err := serveMeanwhile(cfg.HTTP.Listen, platform.Doctoring())
	if err != nil {
		return []mattermost.Check{{
			What: "address " + cfg.HTTP.Listen, Problem: "the bot cannot listen there: " + err.Error(),
			Do: "choose another address in http.listen",
		}}
	}
	defer stop()
	return platform.Doctor(ctx)
}

// serveMeanwhile serves at address until stop is called. An address in use is the running bot's, which then answers.
func serveMeanwhile(address string, handler http.Handler) (stop func(), err error) {
	listener, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return func() {}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", address, err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	var wg sync.WaitGroup
	wg.Go(func() { _ = server.Serve(listener) })
	return func() {
		_ = server.Close()
		wg.Wait()
	}, nil
}

// memorySecrets keeps the doctor's secrets, which nobody needs afterwards: the database belongs to the running bot.
type memorySecrets struct {
	mu    sync.Mutex
	known map[string]string
}

func (m *memorySecrets) Secret(_ context.Context, name string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.known[name]; ok {
		return v, nil
	}
	return "", storage.ErrNotFound
}

func (m *memorySecrets) SaveSecret(_ context.Context, name, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known = map[string]string{}
	}
	m.known[name] = value
	return nil
}
