// Command buildserver builds the Mattermost server that the end-to-end tests
// run, if it is not built yet, and prints the folder it is in. It exists so
// that the minutes of the first build do not count against a test's timeout.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"candide/e2e/harness"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	dist, err := harness.BuildMattermost(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "buildserver:", err)
		os.Exit(3)
	}
	fmt.Println(dist)
}
