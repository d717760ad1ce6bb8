package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Process is a program that the harness started and has yet to stop.
type Process struct {
	name string
	cmd  *exec.Cmd
	log  *Log
	done chan struct{} // closed once the process has been waited for
	err  error         // how it ended; read after done
}

// startProcess starts cmd in a process group of its own, so that a Ctrl-C in
// the terminal reaches the tests only, which then stop things in order. The
// process is killed with the test process where the system can do that.
func startProcess(name string, cmd *exec.Cmd) (*Process, error) {
	p := &Process{name: name, cmd: cmd, log: &Log{}, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.log, p.log
	cmd.WaitDelay = 5 * time.Second // a grandchild may hold the pipes
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	dieWithParent(cmd.SysProcAttr)

	alive.mu.Lock()
	defer alive.mu.Unlock()
	if alive.over {
		return nil, fmt.Errorf("start %s: the tests are over", name)
	}
	started := make(chan error, 1)
	go func() {
		// Linux sends the parent-death signal when the thread that forked
		// ends, not the process: the thread must live as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.done)
		alive.mu.Lock()
		defer alive.mu.Unlock()
		delete(alive.processes, p)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	alive.processes[p] = struct{}{}
	return p, nil
}

// alive holds the processes that have not ended.
var alive = struct {
	mu        sync.Mutex
	processes map[*Process]struct{}
	over      bool // no further process may start
}{processes: map[*Process]struct{}{}}

// killAll kills the processes that are left, but for one, and keeps new ones
// from starting.
func killAll(spared *Process) {
	alive.mu.Lock()
	alive.over = true
	left := slices.Collect(maps.Keys(alive.processes))
	alive.mu.Unlock()
	for _, p := range left {
		if p != spared {
			p.kill()
		}
	}
}

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Log returns what the process has written to its standard output and error.
func (p *Process) Log() string { return p.log.String() }

// Pid returns the number of the process.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// running tells whether the process has not ended.
func (p *Process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// stop asks the process to end with sig, also when it is frozen, and kills it
// when it has not done so by the deadline. A forced kill is an error: a
// process that does not stop when asked is a bug worth seeing.
func (p *Process) stop(ctx context.Context, sig os.Signal) error {
	if !p.running() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	_ = p.cmd.Process.Signal(sig)
	_ = p.cmd.Process.Signal(syscall.SIGCONT)
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		p.kill()
		return fmt.Errorf("%s did not stop on %v and was killed; the end of its log:\n%s", p.name, sig, p.log.Tail(20))
	}
}

// kill ends the process at once, as a crash would, and waits for its end.
func (p *Process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// freeze stops the process from running without ending it: its connections
// stay open and silent, which is how a stuck machine looks from outside.
func (p *Process) freeze(ctx context.Context) error {
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		return fmt.Errorf("freeze %s: %w", p.name, err)
	}
	return until(ctx, func(context.Context) error { return frozen(p.Pid()) })
}

// thaw lets a frozen process run again.
func (p *Process) thaw() error {
	if err := p.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		return fmt.Errorf("thaw %s: %w", p.name, err)
	}
	return nil
}

// awaitReady polls ready until it returns nil, and gives up as soon as the
// process has ended. The error carries the end of the process's log.
func (p *Process) awaitReady(ctx context.Context, ready func(context.Context) error) error {
	err := until(ctx, func(ctx context.Context) error {
		if !p.running() {
			return final(fmt.Errorf("it ended: %v", p.err))
		}
		return ready(ctx)
	})
	if err != nil {
		return fmt.Errorf("%s is not ready: %w; the end of its log:\n%s", p.name, err, p.log.Tail(20))
	}
	return nil
}

// Log keeps the newest output of a process. It is safe for concurrent use.
type Log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// logLimit bounds what is kept of a process's output.
const logLimit = 4 << 20

// Write implements io.Writer.
func (l *Log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buf.Len() > logLimit {
		l.buf.Next(logLimit / 2)
	}
	return l.buf.Write(b)
}

// String returns what is kept of the output.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// Tail returns the last n lines.
func (l *Log) Tail(n int) string {
	lines := strings.Split(strings.TrimSpace(l.String()), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// finalError ends a wait before its deadline.
type finalError struct{ error }

func (e finalError) Unwrap() error { return e.error }

// final marks err as one that waiting longer will not cure.
func final(err error) error { return finalError{err} }

// until polls cond until it returns nil. The error after the deadline is the
// condition's own: it says what was still missing.
func until(ctx context.Context, cond func(context.Context) error) error {
	const pause = 20 * time.Millisecond
	var last error
	for {
		err := cond(ctx)
		var end finalError
		switch {
		case err == nil:
			return nil
		case errors.As(err, &end):
			return err
		case ctx.Err() == nil || last == nil:
			// Once time is up the condition fails because of that: what
			// it said before is what is of use.
			last = err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w (gave up: %v)", last, context.Cause(ctx))
		case <-time.After(pause):
		}
	}
}

// FreePort returns a loopback port that nothing listens on. It lies below
// the range from which the system takes the ports of outgoing connections,
// so that it stays free while a server is being restarted on it.
func FreePort() (int, error) {
	for range 200 {
		port := 18000 + int(time.Now().UnixNano()/1000)%14000
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		return port, l.Close()
	}
	return 0, errors.New("no free port on the loopback interface")
}
