// Command candide answers candidates' questions in a team's chat, keeps expressions of interest and reminds juries.
//
// This folder wires everything together, one file for each subcommand; what the program knows lives elsewhere.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the program at once, but for the echo of the first: timeout(1) and shells signal the program
	// and its group in one breath.
	context.AfterFunc(ctx, func() { time.AfterFunc(signalEcho, stop) })
	p := program{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv}
	code := p.main(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// signalEcho is how long a second signal is taken for the first one's echo.
const signalEcho = time.Second

// program is the command with everything it touches, so that a test can start it.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
}

// Exit codes: a contract.
const (
	exitOK          = 0
	exitInput       = 1 // the input is at fault
	exitUsage       = 2
	exitEnvironment = 3 // the environment is: a port in use, a locked database, a server that does not answer
)

// fault is an error that knows whose fault it is.
type fault struct {
	code int
	err  error
}

func (f fault) Error() string { return f.err.Error() }
func (f fault) Unwrap() error { return f.err }

func inputFault(err error) error       { return wrapFault(exitInput, err) }
func environmentFault(err error) error { return wrapFault(exitEnvironment, err) }
func usageFault(err error) error       { return wrapFault(exitUsage, err) }

// wrapFault keeps the innermost code: who first knew whose fault it is knew best.
func wrapFault(code int, err error) error {
	var known fault
	if err == nil || errors.As(err, &known) {
		return err
	}
	return fault{code, err}
}

// cli is the command line: a contract.
type cli struct {
	Run       runCmd       `cmd:"" default:"withargs" help:"Run the bot (the default)."`
	Ask       askCmd       `cmd:"" help:"Answer one question and exit."`
	FAQ       faqCmd       `cmd:"" name:"faq" help:"Check, measure and export the FAQ."`
	Interests interestsCmd `cmd:"" help:"Export the expressions of interest."`
	Backup    backupCmd    `cmd:"" help:"Copy the database, also while the bot runs."`
	Doctor    doctorCmd    `cmd:"" help:"Check everything, and say what to do about each problem."`
	Version   versionCmd   `cmd:"" help:"Print the version."`
}

// main runs one command and returns the exit code.
func (p program) main(ctx context.Context, args []string) int {
	var c cli
	exited := false
	parser, err := kong.New(&c,
		kong.Name("candide"),
		kong.Description("Candide answers candidates' questions in a team's chat, keeps expressions of interest and reminds juries."),
		kong.Writers(p.stdout, p.stderr),
		kong.Exit(func(int) { exited = true }),
		kong.UsageOnError(),
	)
	if err != nil {
		fmt.Fprintf(p.stderr, "candide: %v\n", err)
		return exitUsage
	}
	kctx, err := parser.Parse(args)
	if exited { // --help
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(p.stderr, "candide: %v\nRun “candide --help” to see the commands.\n", err)
		return exitUsage
	}
	kctx.BindTo(ctx, (*context.Context)(nil))
	if err := kctx.Run(p); err != nil {
		fmt.Fprintf(p.stderr, "candide: %v\n", err)
		var f fault
		if errors.As(err, &f) {
			return f.code
		}
		return exitEnvironment
	}
	return exitOK
}

// parseAt reads the clock given on the command line; empty: the real one.
func parseAt(at string) (time.Time, error) {
	if at == "" {
		return time.Now(), nil
	}
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return time.Time{}, usageFault(fmt.Errorf("--at %q is not a time: write it like 2020-11-16T10:00:00+01:00", at))
	}
	return t, nil
}
