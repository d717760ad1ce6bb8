//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package boltdb

import (
	"errors"
	"os"
	"syscall"
)

// abandon lets go of a file whose BoltDB can no longer be closed. Closing alone would not do: the lock belongs to
// the open file, which stays open as long as it is mapped into memory.
func abandon(file *os.File) error {
	return errors.Join(syscall.Flock(int(file.Fd()), syscall.LOCK_UN), file.Close())
}
