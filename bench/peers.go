package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// peer is another engine, run as a process of its own.
type peer struct {
	name    string
	dir     string
	command []string
}

// result is the line that a peer prints.
type result struct {
	Top1   *float64 `json:"top1_t0"`
	AUROC  *float64 `json:"auroc"`
	Median float64  `json:"med_ms"`
}

// peerTime bounds one command of a peer.
const peerTime = 10 * time.Minute

// preparePeers installs copies of the peers under work, and says why it could not.
func preparePeers(ctx context.Context, dir, work string) (peers []peer, skipped []string) {
	if dir == "" {
		return nil, []string{"the peers: not asked for"}
	}
	nlpjs, bleve := filepath.Join(work, "nlpjs"), filepath.Join(work, "bleve")
	if err := prepare(ctx, filepath.Join(dir, "nlpjs"), nlpjs, "run.js", "npm ci --no-audit --no-fund --silent || npm install --no-audit --no-fund --silent"); err != nil {
		skipped = append(skipped, "nlp.js: "+err.Error())
	} else {
		peers = append(peers,
			peer{"nlp.js", nlpjs, []string{"node", "run.js", "--node-nlp"}},
			peer{"nlp.js with None", nlpjs, []string{"node", "run.js", "--node-nlp", "--none"}})
	}
	if err := prepare(ctx, filepath.Join(dir, "bleve"), bleve, "main.go", "go build -o bleve-bench ."); err != nil {
		skipped = append(skipped, "Bleve: "+err.Error())
	} else {
		peers = append(peers, peer{"Bleve", bleve, []string{"./bleve-bench"}})
	}
	return peers, skipped
}

// prepare copies a peer's folder, since its own may be read-only, and builds it there.
func prepare(ctx context.Context, from, to, needs, build string) error {
	if _, err := os.Stat(filepath.Join(from, needs)); err != nil {
		return err
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	if err := writable(to); err != nil {
		return err
	}
	_, err := output(ctx, to, "sh", "-c", build)
	return err
}

func writable(dir string) error {
	return filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil || info.Mode()&os.ModeSymlink != 0 {
			return err
		}
		return os.Chmod(path, info.Mode()|0o200)
	})
}

// output runs a command and returns what it prints; the error holds the last of what it complains of.
func output(ctx context.Context, dir, name string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, peerTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(complaint.String()), "\n")
		return nil, fmt.Errorf("%s: %w %.200s", name, err, lines[len(lines)-1])
	}
	return out, nil
}

// measure puts a set to the peer.
func (p peer) measure(ctx context.Context, s set, work string) (result, error) {
	train, test := filepath.Join(work, "train.jsonl"), filepath.Join(work, "test.jsonl")
	if err := errors.Join(write(train, s.train), write(test, s.test)); err != nil {
		return result{}, err
	}
	args := append(p.command[1:len(p.command):len(p.command)], "--train", train, "--test", test, "--lang", s.lang)
	out, err := output(ctx, p.dir, p.command[0], args...)
	if err != nil {
		return result{}, err
	}
	// Warnings may come first.
	var r result
	at := bytes.LastIndexByte(bytes.TrimSpace(out), '\n') + 1
	if err := json.Unmarshal(bytes.TrimSpace(out)[at:], &r); err != nil {
		return result{}, fmt.Errorf("what it printed: %w", err)
	}
	return r, nil
}
