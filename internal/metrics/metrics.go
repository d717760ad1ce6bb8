// Package metrics counts what the bot does, for Prometheus. Nothing in it is about a person: no name, no id, no word
// that somebody wrote, no channel.
//
// It imports none of the packages that it counts for: they declare what they tell a meter (bot.Meter,
// mattermost.Meter), and a *Metrics is one.
package metrics

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// scrapeTimeout bounds what one reading may ask of the store.
const scrapeTimeout = 5 * time.Second

// Options are what the metrics ask of others when they are read.
type Options struct {
	Version   string
	StoreSize func(context.Context) (int64, error)
}

// Metrics are the program's counters. It is safe for concurrent use.
type Metrics struct {
	registry     *prometheus.Registry
	messages     *prometheus.CounterVec
	seconds      *prometheus.HistogramVec
	refused      *prometheus.CounterVec
	reminders    *prometheus.CounterVec
	reconnected  *prometheus.CounterVec
	catchUps     *prometheus.CounterVec
	catchUpPosts *prometheus.HistogramVec
}

// New returns metrics in which everything stands at zero.
func New(o Options) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "candide", Name: name, Help: help}, labels)
	}
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		messages: counter("messages_total", "Messages handled, by what became of them.", "platform", "outcome"),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "candide", Name: "message_seconds",
			Help:    "From a message's arrival to its answer being recorded, of those answered.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800},
		}, []string{"platform"}),
		refused: counter("messages_refused_total",
			"Messages refused because too many waited; then: dropped, or read again from the chat server.", "platform", "then"),
		reminders:   counter("reminders_total", "Reminders that came due, and how they ended; one that is late is sent as well.", "event"),
		reconnected: counter("reconnections_total", "Connections to a chat server after the first; resumed: the server replayed what was missed.", "platform", "resumed"),
		catchUps:    counter("catchups_total", "Readings of what was missed while away.", "platform"),
		catchUpPosts: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "candide", Name: "catchup_posts",
			Help: "Posts that one such reading handed over.", Buckets: []float64{0, 1, 5, 20, 100, 500, 2000, 10000},
		}, []string{"platform"}),
	}
	size := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "candide", Name: "store_bytes", Help: "Size of the database's file.",
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
		defer cancel()
		n, err := o.StoreSize(ctx)
		if err != nil {
			return -1
		}
		return float64(n)
	})
	version := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: "candide", Name: "build_info", Help: "1, with the version.", ConstLabels: prometheus.Labels{"version": o.Version},
	})
	version.Set(1)
	m.registry.MustRegister(m.messages, m.seconds, m.refused, m.reminders, m.reconnected, m.catchUps, m.catchUpPosts, size, version,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, event := range []string{"due", "sent", "late", "missed"} {
		m.reminders.WithLabelValues(event) // seen at zero, so that the first one is a change
	}
	return m
}

// Handler serves the metrics as text.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 2 * scrapeTimeout})
}

// answered are the outcomes in which the bot said something: only these have a latency.
func answered(outcome string) bool {
	switch outcome {
	case "silent", "held", "removed", "failed", "paused", "refused":
		return false
	}
	return true
}

// Handled implements bot.Meter.
func (m *Metrics) Handled(platform, outcome string, took time.Duration) {
	m.messages.WithLabelValues(platform, outcome).Inc()
	if answered(outcome) {
		m.seconds.WithLabelValues(platform).Observe(took.Seconds())
	}
}

// Refused implements bot.Meter.
func (m *Metrics) Refused(platform string, again bool) {
	then := "dropped"
	if again {
		then = "read again"
	}
	m.refused.WithLabelValues(platform, then).Inc()
}

// Reminder implements bot.Meter.
func (m *Metrics) Reminder(event string) { m.reminders.WithLabelValues(event).Inc() }

// Reconnected implements mattermost.Meter.
func (m *Metrics) Reconnected(platform string, resumed bool) {
	m.reconnected.WithLabelValues(platform, strconv.FormatBool(resumed)).Inc()
}

// CaughtUp implements mattermost.Meter.
func (m *Metrics) CaughtUp(platform string, posts int) {
	m.catchUps.WithLabelValues(platform).Inc()
	m.catchUpPosts.WithLabelValues(platform).Observe(float64(posts))
}
