//go:build unix && !linux

package harness

import (
	"errors"
	"syscall"
)

// dieWithParent does nothing: only Linux has a parent-death signal.
func dieWithParent(*syscall.SysProcAttr) {}

// frozen trusts the signal: there is no portable way to look.
func frozen(int) error { return nil }

// peakMemory is told by Linux only.
func peakMemory(int) (int64, error) { return 0, errors.New("only Linux says") }
