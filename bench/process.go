package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// processFigures starts the program as its users do, and says when it was ready and what it weighs at rest.
func processFigures(ctx context.Context, work string) (table [][]string, err error) {
	binary := filepath.Join(work, "candide")
	if _, err := output(ctx, ".", "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "./cmd/candide"); err != nil {
		return nil, err
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	config := fmt.Sprintf("http: {listen: %q}\nweb: {listen: %q}\ncampaigns:\n  - faq: \"\"\n", address, address)
	dir := filepath.Join(work, "run")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(config), 0o600)); err != nil {
		return nil, err
	}
	if _, err := output(ctx, dir, binary, "version"); err != nil { // read from the disk once
		return nil, err
	}
	start := time.Now()
	cmd := exec.CommandContext(ctx, binary, "run", "--config", "config.yaml")
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	defer func() {
		stop := cmd.Process.Signal(syscall.SIGTERM)
		if waited := cmd.Wait(); err == nil {
			err = errors.Join(stop, waited)
		}
	}()
	if err := ready(ctx, "http://"+address+"/readyz"); err != nil {
		return nil, err
	}
	took := time.Since(start)
	time.Sleep(time.Second)
	size, err := os.Stat(binary)
	if err != nil {
		return nil, err
	}
	return [][]string{
		{"process", "figure"},
		{"ready in", took.Round(time.Millisecond).String()},
		{"memory at rest (RSS)", rss(cmd.Process.Pid)},
		{"program", fmt.Sprintf("%.1f MiB", float64(size.Size())/(1<<20))},
	}, nil
}

func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func ready(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			if err := resp.Body.Close(); err != nil {
				return err
			}
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return errors.New("it was not ready within 30 s")
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// rss is the process' resident memory, where the system says it.
func rss(pid int) string {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return "unknown on this system"
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib := 0
			if _, err := fmt.Sscan(rest, &kib); err == nil {
				return fmt.Sprintf("%.1f MiB", float64(kib)/1024)
			}
		}
	}
	return "unknown"
}
