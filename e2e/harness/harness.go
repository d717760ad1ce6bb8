// Package harness runs Candide against a real Mattermost server.
//
// It starts, on the loopback interface only, a throw-away PostgreSQL cluster,
// a Mattermost server built from source, and the candide binary itself, and
// gives tests people who act as people do: they post, press buttons, fill in
// dialogs and wait for what they should see. A test gets its own team (a
// World) on the package's shared server:
//
//	func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }
//
//	func TestStory(t *testing.T) {
//		w := harness.NewWorld(t)
//		town := w.Public("recrutement")
//		alice := w.User("alice", town)
//		question := alice.Post(town, "Quel est le salaire ?")
//		alice.WaitReply(question, harness.Contains("2 500"))
//	}
//
// Every wait has a deadline and polls a condition; nothing sleeps for a
// guessed time. The package runs on Unix systems, and only on Linux do the
// started processes die with a test process that is killed outright.
package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	// callTimeout bounds one request to the server.
	callTimeout = 15 * time.Second
	// waitTimeout bounds one wait for something to be seen. It is generous
	// because it only costs time when a test fails.
	waitTimeout = 20 * time.Second
	// bootTimeout bounds the start of a process, migrations included.
	bootTimeout = 2 * time.Minute
	// stopTimeout bounds a polite stop, after which the process is killed.
	stopTimeout = 15 * time.Second
)

// shared is what the tests of one package have in common. Everything is
// started by the first test that needs it.
var shared struct {
	mu         sync.Mutex
	dir        string
	dist       string
	postgres   *Postgres
	mattermost *Mattermost
	candide    string
	err        error // why the server could not be started: asked once, told to every test
}

// running is cancelled when the tests are interrupted, so that a build or a
// boot in progress ends.
var running, interrupt = context.WithCancel(context.Background())

// Main runs the tests of a package and then stops and removes what they
// shared, also when they are interrupted. TestMain passes its result to
// os.Exit.
func Main(m *testing.M) int {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		interrupt()
		cleanUp()
		os.Exit(130)
	}()
	defer cleanUp()
	return m.Run()
}

// cleanUp stops all processes and removes the package's files.
func cleanUp() {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 2*stopTimeout)
	defer cancel()
	if shared.mattermost != nil && running.Err() == nil {
		report(shared.mattermost.Close(ctx))
	}
	// The database last: it waits for its own children, after which nobody
	// writes any more where files are being removed.
	if shared.postgres != nil {
		killAll(shared.postgres.proc)
		report(shared.postgres.Stop(ctx))
	}
	killAll(nil)
	if shared.dir != "" {
		report(os.RemoveAll(shared.dir))
	}
}

// report prints an error of the cleaning up, where no test can fail any more.
func report(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "end-to-end tests: cleaning up:", err)
	}
}

// Required tells whether the end-to-end tests must run. Without
// CANDIDE_E2E=1 a machine that cannot run the server skips them.
func Required() bool {
	required, err := strconv.ParseBool(os.Getenv("CANDIDE_E2E"))
	return err == nil && required
}

// Shared returns the package's own server, started on first use. When the
// server cannot be built or PostgreSQL is absent the test is skipped, or
// fails if CANDIDE_E2E=1.
func Shared(t testing.TB) *Mattermost {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.mattermost == nil && shared.err == nil {
		shared.err = startShared()
	}
	demand(t, shared.err)
	return shared.mattermost
}

// Own starts a server for one test, beside the shared one and on the same
// database cluster: for tests that stop it or want other settings. Only the
// last two fields of the options are used.
func Own(t testing.TB, o Options) *Mattermost {
	t.Helper()
	Shared(t)
	o.Dist, o.Postgres = shared.dist, shared.postgres
	o.Dir, o.Database = filepath.Join(TempDir(t), "mattermost"), unique("mattermost")
	ctx, cancel := context.WithTimeout(t.Context(), bootTimeout)
	defer cancel()
	mm, err := StartMattermost(ctx, o)
	demand(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*stopTimeout)
		defer cancel()
		if err := mm.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return mm
}

// Binary returns the path of the candide binary, built on first use.
func Binary(t testing.TB) string {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.candide != "" {
		return shared.candide
	}
	ctx, cancel := context.WithTimeout(running, 5*time.Minute)
	defer cancel()
	dir, err := sharedDir()
	if err == nil {
		shared.candide, err = BuildCandide(ctx, dir)
	}
	if err != nil {
		// Not a reason to skip: the product must compile everywhere.
		t.Fatalf("building candide: %v", err)
	}
	return shared.candide
}

// TempDir returns a new folder below the package's own, removed at the end.
// Unlike t.TempDir it can be entered by the database's account.
func TempDir(t testing.TB) string {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	base, err := sharedDir()
	if err == nil {
		base, err = os.MkdirTemp(base, "test-")
	}
	if err != nil {
		t.Fatalf("temporary folder: %v", err)
	}
	return base
}

// startShared builds what is missing and boots the database and the server.
func startShared() error {
	build, cancelBuild := context.WithTimeout(running, 15*time.Minute)
	defer cancelBuild()
	var err error
	if shared.dist, err = BuildMattermost(build); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(running, bootTimeout)
	defer cancel()
	dir, err := sharedDir()
	if err != nil {
		return err
	}
	shared.postgres, err = StartPostgres(ctx, filepath.Join(dir, "postgres"))
	if err != nil {
		return err
	}
	shared.mattermost, err = StartMattermost(ctx, Options{
		Dist:     shared.dist,
		Dir:      filepath.Join(dir, "mattermost"),
		Postgres: shared.postgres,
	})
	return err
}

// sharedDir returns the package's temporary folder. The database refuses to
// run as root and changes account, so others may pass through the folder
// (but not list it).
func sharedDir() (string, error) {
	if shared.dir != "" {
		return shared.dir, nil
	}
	dir, err := os.MkdirTemp("", "candide-e2e-")
	if err != nil {
		return "", err
	}
	shared.dir = dir
	return dir, os.Chmod(dir, 0o711)
}

// errAbsent marks what a machine may lack without anything being broken.
var errAbsent = errors.New("not available here")

// demand ends the test when err is set: with a skip when the machine merely
// lacks something and the tests are optional, with a failure otherwise.
func demand(t testing.TB, err error) {
	t.Helper()
	switch {
	case err == nil:
	case errors.Is(err, errAbsent) && !Required():
		t.Skipf("end-to-end test skipped: %v", err)
	default:
		t.Fatalf("end-to-end server: %v", err)
	}
}
