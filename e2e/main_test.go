// Package e2e tests Candide on a real Mattermost server.
package e2e

import (
	"os"
	"testing"

	"candide/e2e/harness"
)

func TestMain(m *testing.M) {
	if os.Getenv(standInVariable) != "" {
		os.Exit(standIn(os.Args[1:]))
	}
	os.Exit(harness.Main(m))
}
