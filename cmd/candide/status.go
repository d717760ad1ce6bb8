package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"candide/faq"
)

// status is what the running bot says of itself on the control socket.
type status struct {
	PID       int               `json:"pid"`
	Version   string            `json:"version"`
	Addresses map[string]string `json:"addresses"` // configured → bound
	Problems  []string          `json:"problems"`  // what keeps it from its work
}

func (a *app) serveStatus(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(status{ // the client sees a cut answer
		PID: os.Getpid(), Version: versionString(), Addresses: a.servers.addresses(), Problems: a.problems(r.Context()),
	})
}

// serveFAQ answers the first campaign's FAQ as the running bot has it.
func (a *app) serveFAQ(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	src := a.faqFile
	if c := a.campaigns.First(); a.editor.Edited(c) {
		src = faq.Marshal(c.FAQ())
	}
	_, _ = w.Write(src) // likewise
}

// askStatus asks the bot that runs on a database, or returns errNotRunning.
func askStatus(ctx context.Context, database string) (status, error) {
	var body bytes.Buffer
	if err := fromRunning(ctx, database, "/status", nil, &body); err != nil {
		return status{}, err
	}
	var s status
	if err := json.Unmarshal(body.Bytes(), &s); err != nil {
		return status{}, fmt.Errorf("reading the running bot's status: %w", err)
	}
	return s, nil
}
