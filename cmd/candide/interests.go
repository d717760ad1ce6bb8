package main

import (
	"context"
	"net/url"

	"candide/cmd/candide/config"
	"candide/handlers/interest"
	"candide/storage/boltdb"
)

type interestsCmd struct {
	Export interestsExportCmd `cmd:"" help:"Print every expression of interest."`
}

type interestsExportCmd struct {
	Config string `help:"The configuration file." placeholder:"FILE"`
	Format string `help:"csv or json." enum:"csv,json" default:"csv"`
}

// Run prints the interests on standard output.
func (c interestsExportCmd) Run(ctx context.Context, p program) error {
	cfg, err := config.LoadOffline(c.Config, p.getenv)
	if err != nil {
		return inputFault(err)
	}
	query := url.Values{"format": {c.Format}}
	return withData(ctx, cfg.Storage.Path, "/interests", query, p.stdout, func(store *boltdb.Store) error {
		list, err := store.Interests(ctx, "")
		if err != nil {
			return err
		}
		return interest.Export(p.stdout, c.Format, list)
	})
}
