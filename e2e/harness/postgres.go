package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// Postgres is a throw-away PostgreSQL cluster on the loopback interface.
type Postgres struct {
	bin  string // folder of the programs
	dir  string
	port int
	proc *Process
	cred *syscall.Credential // the account it runs as; nil: the current one
}

// StartPostgres creates a cluster in dir (which must not exist) and starts
// it. It takes no password, listens on a free loopback port without any Unix
// socket, and never waits for the disk, since nothing in it is worth keeping.
func StartPostgres(ctx context.Context, dir string) (*Postgres, error) {
	bin, err := postgresPrograms()
	if err != nil {
		return nil, err
	}
	pg := &Postgres{bin: bin, dir: dir}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	if os.Geteuid() == 0 { // PostgreSQL refuses to run as root
		if pg.cred, err = accountOf("postgres"); err != nil {
			return nil, err
		}
		if err := os.Chown(dir, int(pg.cred.Uid), int(pg.cred.Gid)); err != nil {
			return nil, fmt.Errorf("postgres: %w", err)
		}
	}
	if err := pg.start(ctx); err != nil {
		return nil, errors.Join(err, pg.Stop(context.WithoutCancel(ctx)))
	}
	return pg, nil
}

// start initialises the cluster and runs it until it accepts connections.
func (pg *Postgres) start(ctx context.Context) error {
	data := filepath.Join(pg.dir, "data")
	err := pg.run(ctx, "initdb", "-D", data, "-U", "postgres", "-A", "trust",
		"-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
	if err != nil {
		return err
	}
	if pg.port, err = FreePort(); err != nil {
		return err
	}
	pg.proc, err = startProcess("postgres", pg.command(context.WithoutCancel(ctx), "postgres", "-D", data,
		"-p", strconv.Itoa(pg.port), "-h", "127.0.0.1", "-k", "", "-F",
		"-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=300"))
	if err != nil {
		return err
	}
	return pg.proc.awaitReady(ctx, func(ctx context.Context) error {
		return pg.run(ctx, "pg_isready", "-q", "-h", "127.0.0.1", "-p", strconv.Itoa(pg.port))
	})
}

// CreateDatabase makes an empty database and returns its data source name.
func (pg *Postgres) CreateDatabase(ctx context.Context, name string) (string, error) {
	err := pg.run(ctx, "createdb", "-h", "127.0.0.1", "-p", strconv.Itoa(pg.port), "-U", "postgres", name)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable&connect_timeout=10", pg.port, name), nil
}

// Stop ends the cluster and removes its folder.
func (pg *Postgres) Stop(ctx context.Context) error {
	var err error
	if pg.proc != nil {
		// An immediate shutdown: nothing will ever be recovered from it.
		err = pg.proc.stop(ctx, syscall.SIGQUIT)
	}
	return errors.Join(err, os.RemoveAll(pg.dir))
}

// run runs one of PostgreSQL's programs to its end.
func (pg *Postgres) run(ctx context.Context, program string, args ...string) error {
	out, err := pg.command(ctx, program, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return nil
}

// command prepares one of PostgreSQL's programs, in a bare environment (any
// PG... variable changes what they do) and in a folder that they may enter.
func (pg *Postgres) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(pg.bin, program), args...)
	cmd.Dir = pg.dir
	cmd.Env = []string{"PATH=" + pg.bin + ":/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", "HOME=" + pg.dir}
	if pg.cred != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: pg.cred}
	}
	return cmd
}

// postgresPrograms finds the folder of PostgreSQL's programs: in the path
// (where initdb may be a link to the real one), or where Debian, Red Hat and
// Homebrew put it. The newest of several versions is taken.
func postgresPrograms() (string, error) {
	var found []string
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			found = append(found, path)
		}
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin/initdb",
		"/usr/pgsql-*/bin/initdb",
		"/opt/homebrew/opt/postgresql*/bin/initdb",
		"/usr/local/opt/postgresql*/bin/initdb",
	} {
		matches, _ := filepath.Glob(pattern) // fails on a bad pattern only
		slices.Sort(matches)
		slices.Reverse(matches)
		found = append(found, matches...)
	}
	for _, path := range found {
		if dir := filepath.Dir(path); complete(dir) {
			return dir, nil
		}
	}
	return "", fmt.Errorf("PostgreSQL: no initdb in the path nor below /usr/lib/postgresql: %w", errAbsent)
}

// complete tells whether a folder holds all the programs that are used.
func complete(dir string) bool {
	for _, program := range []string{"initdb", "postgres", "pg_isready", "createdb"} {
		if _, err := exec.LookPath(filepath.Join(dir, program)); err != nil {
			return false
		}
	}
	return true
}

// accountOf returns the credential of a local account.
func accountOf(name string) (*syscall.Credential, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL will not run as root and there is no account %q (%v): %w", name, err, errAbsent)
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("account %s: %w", name, err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
