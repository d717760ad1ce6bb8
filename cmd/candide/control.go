package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"candide/handlers/interest"
	"candide/storage"
	"candide/storage/boltdb"
)

// The control socket lets commands read the data while the bot, which alone may open the database, runs. It speaks
// HTTP on a Unix socket that only the bot's own user can open.

// maxSocketPath is what Unix allows (Linux: 108 bytes, others 104, the final zero included).
const maxSocketPath = 103

// socketPath is the socket of the bot that runs on this database: beside it, or in the temporary folder where the
// path would be too long for a socket.
func socketPath(database string) (string, error) {
	abs, err := filepath.Abs(database)
	if err != nil {
		return "", fmt.Errorf("finding the control socket: %w", err)
	}
	if path := abs + ".sock"; len(path) <= maxSocketPath {
		return path, nil
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(abs))
	return filepath.Join(os.TempDir(), fmt.Sprintf("candide-%d-%x.sock", os.Getuid(), h.Sum64())), nil
}

// control is the bot's end.
type control struct {
	path     string
	listener net.Listener
	http     *http.Server
	mux      *http.ServeMux // more may be mounted until it runs
}

// listenControl opens the socket. The database's lock is held: a socket that is there already is a dead process's.
func listenControl(database string, store *boltdb.Store) (*control, error) {
	path, err := socketPath(database)
	if err != nil {
		return nil, err
	}
	// Made in a private folder and moved into place, so that at no moment another user can open it.
	dir, err := os.MkdirTemp(filepath.Dir(path), ".candide-")
	if err != nil {
		return nil, fmt.Errorf("making the control socket: %w", err)
	}
	defer os.RemoveAll(dir)
	private := filepath.Join(dir, "s")
	if len(private) > maxSocketPath {
		private, err = filepath.Rel(".", private)
		if err != nil || len(private) > maxSocketPath {
			return nil, fmt.Errorf("making the control socket: the path %s is too long", private)
		}
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: private, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("making the control socket: %w", err)
	}
	listener.SetUnlinkOnClose(false)
	if err := errors.Join(os.Chmod(private, 0o600), os.Rename(private, path)); err != nil {
		return nil, errors.Join(fmt.Errorf("making the control socket: %w", err), listener.Close())
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /backup", func(w http.ResponseWriter, r *http.Request) {
		stream(w, func(out io.Writer) error { return store.Backup(r.Context(), out) })
	})
	mux.HandleFunc("GET /interests", func(w http.ResponseWriter, r *http.Request) {
		list, err := store.Interests(r.Context(), "")
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		stream(w, func(out io.Writer) error { return interest.Export(out, r.FormValue("format"), list) })
	})
	return &control{path: path, listener: listener, mux: mux, http: &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}}, nil
}

// stream writes a body whose end is checked by the client: an error after the first byte can only be told by cutting
// the connection, which the client sees.
func stream(w http.ResponseWriter, write func(io.Writer) error) {
	if err := write(w); err != nil {
		panic(http.ErrAbortHandler)
	}
}

func (c *control) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
		defer cancel()
		if c.http.Shutdown(grace) != nil {
			_ = c.http.Close() // what is left after the grace is cut
		}
	})
	defer stop()
	if err := c.http.Serve(c.listener); !errors.Is(err, http.ErrServerClosed) {
		return environmentFault(fmt.Errorf("serving the control socket: %w", err))
	}
	return nil
}

func (c *control) close() error {
	err := c.listener.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	if gone := os.Remove(c.path); gone != nil && !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

// errNotRunning: no bot runs on this database.
var errNotRunning = errors.New("the bot is not running")

// fromRunning copies what the running bot answers at path to w, or returns errNotRunning.
func fromRunning(ctx context.Context, database, path string, query url.Values, w io.Writer) error {
	socket, err := socketPath(database)
	if err != nil {
		return err
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, "unix", socket)
	}
	client := &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://candide"+path+"?"+query.Encode(), nil)
	if err != nil {
		return fmt.Errorf("asking the running bot: %w", err)
	}
	resp, err := client.Do(req)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return errNotRunning
	}
	if err != nil {
		return fmt.Errorf("asking the running bot: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		reason, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
		return fmt.Errorf("the running bot could not: %s", strings.TrimSpace(string(reason)))
	}
	if _, err := io.Copy(w, resp.Body); err != nil {
		return fmt.Errorf("reading from the running bot: %w", err)
	}
	return nil
}

// dataPatience is how long a command waits for others that read the same database one after another.
const dataPatience = 5 * time.Second

// withData writes to w what the running bot answers at path, or, when none runs, what local makes of the database.
func withData(ctx context.Context, database, path string, query url.Values, w io.Writer, local func(*boltdb.Store) error) error {
	err := fromRunning(ctx, database, path, query, w)
	if !errors.Is(err, errNotRunning) {
		return wrapFault(exitEnvironment, err)
	}
	if _, err := os.Stat(database); errors.Is(err, os.ErrNotExist) {
		return environmentFault(fmt.Errorf("there is no database at %s yet: run the bot first, or name the right --config", database))
	}
	store, err := boltdb.Open(database, boltdb.LockTimeout(dataPatience))
	if errors.Is(err, storage.ErrLocked) {
		return environmentFault(fmt.Errorf("%w, which does not answer on its control socket: restart it", err))
	}
	if err != nil {
		return environmentFault(withRemedy(err))
	}
	return environmentFault(errors.Join(local(store), store.Close()))
}
