package harness

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// dieWithParent has the kernel kill the process when the test process ends,
// however it ends.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }

// frozen returns nil when the process is stopped by a signal, which takes
// effect a moment after the signal was sent.
func frozen(pid int) error {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return err
	}
	// The state follows the name, which is in parentheses and may hold any.
	if i := bytes.LastIndexByte(stat, ')'); i >= 0 && bytes.HasPrefix(stat[i:], []byte(") T")) {
		return nil
	}
	return errors.New("the process still runs")
}
