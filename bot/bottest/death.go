package bottest

import (
	"errors"
	"os"
	"path/filepath"
	"sync"

	"candide/bot"
)

// errDead is what everything fails with once the process is dead.
var errDead = errors.New("the process is dead")

// death is when the process dies, and what it leaves on the disk.
type death struct {
	mu   sync.Mutex
	at   bot.Point
	nth  int
	disk string // a copy of the database as it was at that moment; empty while alive
	err  error
}

// DieAt makes the process die the nth time that a point is passed (1: the first time): from then on it reaches no chat
// server, and nothing that it writes counts. Revive starts the next one.
func (w *World) DieAt(at bot.Point, nth int) {
	w.death.mu.Lock()
	defer w.death.mu.Unlock()
	w.death.at, w.death.nth = at, nth
}

// passed is called by the runtime.
func (w *World) passed(at bot.Point) {
	d := &w.death
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.at != at || d.disk != "" || d.err != nil {
		return
	}
	if d.nth--; d.nth > 0 {
		return
	}
	// Every transaction has ended but those of other goroutines, which a crash may cut short at any moment: BoltDB's
	// file is whole as long as none of them writes meanwhile, which is for the test to see to.
	var copied []byte
	if copied, d.err = os.ReadFile(w.options.Path); d.err == nil {
		disk := filepath.Join(w.T.TempDir(), "candide.db")
		if d.err = os.WriteFile(disk, copied, 0o600); d.err == nil {
			d.disk = disk
		}
	}
	w.Platform.Fail(func(Op) error { return errDead })
}

// Dead reports whether the process has died.
func (w *World) Dead() bool {
	w.death.mu.Lock()
	defer w.death.mu.Unlock()
	return w.death.disk != ""
}

// Revive starts a process on what the dead one left on the disk. The chat server and its posts stay.
func (w *World) Revive() {
	w.T.Helper()
	w.death.mu.Lock()
	disk, err := w.death.disk, w.death.err
	w.death.mu.Unlock()
	if err != nil || disk == "" {
		w.T.Fatalf("reviving what did not die: %v", err)
	}
	w.stop()
	w.Platform.Fail(nil)
	w.death.mu.Lock()
	w.death.at, w.death.disk = "", ""
	w.death.mu.Unlock()
	w.options.Path = disk
	w.start()
}
