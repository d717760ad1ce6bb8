package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"candide/storage"
	"candide/storage/boltdb"
)

// databaseChecks looks at the database without changing it.
func (d doctor) databaseChecks(ctx context.Context) []check {
	path := d.cfg.Storage.Path
	what := "database " + path
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return []check{d.folderCheck(what)}
	case err != nil:
		return []check{{What: what, Problem: err.Error(), Do: "see that the bot's user may open it"}}
	case info.IsDir():
		return []check{{What: what, Problem: "it is a folder", Do: "name a file in storage.path"}}
	}
	checks := []check{d.contentCheck(ctx, what)}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		checks = append(checks, check{What: what, Problem: fmt.Sprintf("others on this machine may open it (mode %04o), and it holds "+
			"personal data", mode), Do: "chmod 600 " + path})
	}
	return append(checks, spaceCheck(path, info.Size()))
}

// folderCheck sees whether a database could be made.
func (d doctor) folderCheck(what string) check {
	dir := filepath.Dir(d.cfg.Storage.Path)
	probe, err := os.CreateTemp(dir, ".candide-doctor-*")
	if err != nil {
		var path *os.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return check{What: what, Problem: fmt.Sprintf("it does not exist, and cannot be made in %s: %v", dir, err),
			Do: fmt.Sprintf("make the folder %s and give the bot's user the right to write in it", dir)}
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return check{What: what, Problem: err.Error(), Do: "see that the bot's user may write and delete in " + dir}
	}
	return check{What: what + ": not there yet, “candide run” makes it", OK: true}
}

// contentCheck asks the running bot, or reads a copy of the file: opening the file itself would bring it to this
// version's schema, which is for “candide run” to do.
func (d doctor) contentCheck(ctx context.Context, what string) check {
	fail := func(err error, do string) check { return check{What: what, Problem: err.Error(), Do: do} }
	const restart = "stop the program that holds it, or restart the bot"
	switch {
	case d.answers == nil && len(d.running.Problems) > 0:
		return check{What: what, Problem: fmt.Sprintf("the running bot (process %d) says: %s", d.running.PID, d.running.Problems[0]),
			Do: "see its log"}
	case d.answers == nil:
		c := check{What: fmt.Sprintf("%s: in use by the running bot (process %d), which answers", what, d.running.PID), OK: true}
		if d.running.Version != versionString() {
			c.Note = fmt.Sprintf("the running bot is version %s, this command %s: restart the bot to use the same", d.running.Version, versionString())
		}
		return c
	case !errors.Is(d.answers, errNotRunning):
		return fail(d.answers, "run this command as the bot's user, or restart the bot")
	}
	err := inspect(ctx, d.cfg.Storage.Path)
	switch {
	case err == nil:
		return check{What: what + ": can be read, no bot is running", OK: true}
	case errors.Is(err, storage.ErrLocked):
		return fail(fmt.Errorf("another program holds it and does not answer on the control socket"), restart)
	case errors.Is(err, storage.ErrDamaged):
		return fail(storage.ErrDamaged, "move the file aside and put a backup in its place (docs/operators.md, “Restore”)")
	case errors.Is(err, storage.ErrNewer):
		return fail(storage.ErrNewer, "install that version again, or restore a backup made by this one")
	default:
		return fail(err, "see that the bot's user may read it and its folder")
	}
}

// inspect opens a private copy of the database and reads it through.
func inspect(ctx context.Context, path string) (err error) {
	src, err := os.Open(path)
	if err != nil {
		return err
	}
	defer src.Close()
	// A bot that starts meanwhile waits: BoltDB takes the same lock.
	if err := syscall.Flock(int(src.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return storage.ErrLocked
	} else if err != nil {
		return fmt.Errorf("locking %s: %w", path, err)
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".candide-doctor-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	copied, err := os.OpenFile(filepath.Join(dir, "copy.db"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(copied, src)
	if err := errors.Join(err, copied.Close()); err != nil {
		return fmt.Errorf("copying %s: %w", path, err)
	}
	store, err := boltdb.Open(copied.Name())
	if err != nil {
		return err
	}
	return errors.Join(store.Check(ctx), store.Close())
}

// leastFree is how much room there must be beside the database: backups and erasure write a copy of it.
const leastFree = 100 << 20

func spaceCheck(path string, size int64) check {
	const mb = 1 << 20
	var fs syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(path), &fs); err != nil {
		return check{What: "disk space", Problem: err.Error(), Do: "see that the folder of the database can be read"}
	}
	free := int64(fs.Bavail) * int64(fs.Bsize)
	if need := leastFree + 2*size; free < need {
		return check{What: "disk space", Problem: fmt.Sprintf("%d MB are free beside the database, %d MB are needed", free/mb, need/mb),
			Do: "free some space: backups and erasure write a copy of the database"}
	}
	return check{What: "disk space", OK: true}
}

// machineChecks looks at the addresses and the clock.
func (d doctor) machineChecks() []check {
	var checks []check
	seen := map[string]bool{"": true}
	for _, l := range [][2]string{{"http.listen", d.cfg.HTTP.Listen}, {"web.listen", *d.cfg.Web.Listen}, {"metrics.listen", d.cfg.Metrics.Listen}} {
		if name, address := l[0], l[1]; !seen[address] {
			seen[address] = true
			checks = append(checks, d.addressCheck(name, address))
		}
	}
	return append(checks, d.clockCheck(time.Now()))
}

func (d doctor) addressCheck(name, address string) check {
	c := check{What: name + " " + address}
	if bound, ok := d.running.Addresses[address]; ok && d.answers == nil {
		c.What, c.OK = c.What+": held by the running bot", true
		if bound != address {
			c.What += " as " + bound
		}
		return c
	}
	listener, err := net.Listen("tcp", address)
	switch {
	case err == nil:
		if err := listener.Close(); err != nil {
			c.Problem, c.Do = err.Error(), "try again"
			return c
		}
		c.What, c.OK = c.What+": free", true
	case errors.Is(err, syscall.EADDRINUSE):
		c.Problem, c.Do = "another program holds it", "stop that program, or choose another address in "+name
	case errors.Is(err, syscall.EACCES):
		c.Problem, c.Do = "this user may not listen there", "choose a port above 1023, with a reverse proxy in front"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		c.Problem, c.Do = "this machine does not have that address", "write 127.0.0.1, 0.0.0.0 or one of its own addresses in "+name
	default:
		c.Problem, c.Do = err.Error(), "write an address and a port like 127.0.0.1:8080 in "+name
	}
	return c
}

// clockCheck compares the clock with what was certainly before: the program's making and the data's last change.
func (d doctor) clockCheck(now time.Time) check {
	c := check{What: "clock: " + now.Format("Monday 2 January 2006 15:04 MST")}
	after := func(t time.Time, what string) bool {
		if t.After(now.Add(time.Minute)) {
			c.Problem = fmt.Sprintf("it is before %s, %s", what, t.Format(time.RFC3339))
			c.Do = "set the machine's clock (timedatectl set-ntp true): reminders and deadlines depend on it"
			return true
		}
		return false
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if t, err := time.Parse(time.RFC3339, s.Value); s.Key == "vcs.time" && err == nil && after(t, "the program's last change") {
				return c
			}
		}
	}
	if info, err := os.Stat(d.cfg.Storage.Path); err == nil && after(info.ModTime(), "the database's last change") {
		return c
	}
	c.OK = true
	return c
}
