package harness

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// serverModule is the module of the Mattermost server, pinned in
// server/go.mod.
const serverModule = "github.com/mattermost/mattermost-server/v6"

// BuildMattermost returns the folder that holds the server's binary and the
// files it reads, and builds it when server/go.mod or go.sum changed since
// the last time. That takes minutes and, the first time, the network.
func BuildMattermost(ctx context.Context) (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	source := filepath.Join(root, "server")
	key, err := digest(filepath.Join(source, "go.mod"), filepath.Join(source, "go.sum"))
	if err != nil {
		return "", fmt.Errorf("mattermost server: %w", err)
	}
	cache := filepath.Join(root, ".cache")
	dist := filepath.Join(cache, "mattermost-"+key)
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("mattermost server: %w", err)
	}
	// Several packages' tests may get here at the same time: one builds.
	unlock, err := lock(filepath.Join(cache, "lock"))
	if err != nil {
		return "", fmt.Errorf("mattermost server: %w", err)
	}
	defer unlock()
	if _, err := os.Stat(dist); err == nil {
		return dist, nil
	}
	fresh := filepath.Join(cache, "building")
	defer os.RemoveAll(fresh) // gone already, unless the build failed
	err = errors.Join(os.RemoveAll(fresh), os.Mkdir(fresh, 0o755))
	if err == nil {
		err = buildServer(ctx, source, fresh)
	}
	if err != nil {
		return "", fmt.Errorf("the Mattermost server cannot be built: %w: %w", err, errAbsent)
	}
	stale, _ := filepath.Glob(filepath.Join(cache, "mattermost-*"))
	for _, old := range stale {
		err = errors.Join(err, os.RemoveAll(old))
	}
	return dist, errors.Join(err, os.Rename(fresh, dist))
}

// buildServer compiles the server and copies the files that it looks for
// beside it, so that the result does not depend on the module cache.
func buildServer(ctx context.Context, source, dist string) error {
	if _, err := goTool(ctx, source, "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w",
		"-o", filepath.Join(dist, "mattermost"), serverModule+"/cmd/mattermost"); err != nil {
		return err
	}
	out, err := goTool(ctx, source, "mod", "download", "-json", serverModule)
	if err != nil {
		return err
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		return fmt.Errorf("go mod download: %w", err)
	}
	for _, name := range []string{"templates", "fonts"} {
		if err := os.CopyFS(filepath.Join(dist, name), os.DirFS(filepath.Join(module.Dir, name))); err != nil {
			return err
		}
	}
	// English alone: the other translations cost memory and time at start.
	english, err := os.ReadFile(filepath.Join(module.Dir, "i18n", "en.json"))
	if err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dist, "i18n"), 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dist, "i18n", "en.json"), english, 0o644)
}

// BuildCandide compiles the product into dir and returns the binary's path.
// It is built as it is released: static, without cgo.
func BuildCandide(ctx context.Context, dir string) (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "candide")
	_, err = goTool(ctx, filepath.Dir(root), "build", "-buildvcs=false", "-o", binary, "./cmd/candide")
	return binary, err
}

// goTool runs the go command in dir and returns its standard output.
func goTool(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "PWD="+dir)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return out, nil
}

// moduleRoot returns the folder of the tests' own go.mod. Tests run in the
// folder of their package, so it is found upwards.
func moduleRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		content, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(content), "module candide/e2e\n") {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod of module candide/e2e in %s or above", start)
		}
	}
}

// digest returns a short name for the content of files.
func digest(paths ...string) (string, error) {
	h := sha256.New()
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%d\n%s", len(content), content)
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}

// lock holds an exclusive lock on a file until unlock is called. The system
// releases it when the process ends.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return func() { _ = f.Close() }, nil
}
