package metrics_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"candide/internal/metrics"
)

func TestMetrics(t *testing.T) {
	size, failed := int64(4096), error(nil)
	m := metrics.New(metrics.Options{Version: "1.2", StoreSize: func(context.Context) (int64, error) { return size, failed }})
	read := func() string {
		t.Helper()
		rec := httptest.NewRecorder()
		m.Handler().ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
		if rec.Code != 200 {
			t.Fatalf("HTTP %d", rec.Code)
		}
		return rec.Body.String()
	}
	if got := read(); !strings.Contains(got, `candide_reminders_total{event="missed"} 0`) {
		t.Errorf("what never happened is not there:\n%s", got)
	}
	m.Handled("mattermost", "answer", 300*time.Millisecond)
	m.Handled("mattermost", "silent", time.Hour)
	m.Refused("web", false)
	m.Refused("mattermost", true)
	m.Reminder("sent")
	m.Reconnected("mattermost", true)
	m.CaughtUp("mattermost", 7)
	got := read()
	for _, want := range []string{
		`candide_messages_total{outcome="answer",platform="mattermost"} 1`,
		`candide_messages_total{outcome="silent",platform="mattermost"} 1`,
		`candide_message_seconds_count{platform="mattermost"} 1`, // silence has no latency
		`candide_message_seconds_bucket{platform="mattermost",le="0.25"} 0`,
		`candide_message_seconds_bucket{platform="mattermost",le="0.5"} 1`,
		`candide_messages_refused_total{platform="web",then="dropped"} 1`,
		`candide_messages_refused_total{platform="mattermost",then="read again"} 1`,
		`candide_reminders_total{event="sent"} 1`,
		`candide_reconnections_total{platform="mattermost",resumed="true"} 1`,
		`candide_catchup_posts_sum{platform="mattermost"} 7`,
		`candide_store_bytes 4096`,
		`candide_build_info{version="1.2"} 1`,
		`go_goroutines`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s", want)
		}
	}
	failed = errors.New("broken")
	if got := read(); !strings.Contains(got, "candide_store_bytes -1") {
		t.Error("a store that cannot be measured does not show")
	}
}
