// Package e2e tests Candide on a real Mattermost server.
package e2e

import (
	"os"
	"testing"

	"candide/e2e/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }
