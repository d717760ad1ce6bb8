package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"candide/cmd/candide/config"
	"candide/storage/boltdb"
)

type backupCmd struct {
	Config string `help:"The configuration file." placeholder:"FILE"`
	File   string `arg:"" help:"Where to write the copy; must not exist."`
}

// Run writes a consistent copy: whole or not at all.
func (c backupCmd) Run(ctx context.Context, p program) error {
	cfg, err := config.LoadOffline(c.Config, p.getenv)
	if err != nil {
		return inputFault(err)
	}
	if _, err := os.Lstat(c.File); err == nil {
		return inputFault(fmt.Errorf("%s exists already: name a file that does not, nothing is overwritten", c.File))
	}
	err = writeWhole(c.File, func(w io.Writer) error {
		return withData(ctx, cfg.Storage.Path, "/backup", nil, w, func(store *boltdb.Store) error {
			return store.Backup(ctx, w)
		})
	})
	if err != nil {
		return environmentFault(err)
	}
	fmt.Fprintf(p.stdout, "The database %s is copied to %s. It holds personal data: keep it as you keep the database.\n",
		cfg.Storage.Path, c.File)
	return nil
}

// writeWhole writes a file beside its place, syncs it and moves it there, so that a half-written one is never seen.
// The file is readable by its owner alone.
func writeWhole(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
