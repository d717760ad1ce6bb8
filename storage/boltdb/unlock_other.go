//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package boltdb

import "os"

// abandon lets go of a file whose BoltDB can no longer be closed, as far as this system allows before the process
// ends.
func abandon(file *os.File) error { return file.Close() }
