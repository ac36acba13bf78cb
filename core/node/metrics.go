package node

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"restock/core"
	"restock/core/notify"
)

// metrics are what a core node counts (machine.Counter).
type metrics struct {
	registry *prometheus.Registry
	reasons  *prometheus.CounterVec
	latency  prometheus.Histogram
	plugins  *prometheus.CounterVec
	open     *prometheus.GaugeVec
	revenue  *prometheus.CounterVec
	gates    *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	m.reasons = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "restock_core_reasons_total", Help: "What journal entries came to, by kind and reason.",
	}, []string{"kind", "reason"})
	m.latency = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "restock_core_activity_to_message_seconds", Help: "From an activity to the provider's taking its message.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 5, 30, 120, 600},
	})
	m.plugins = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "restock_core_plugin_failures_total", Help: "Calls of plugins that failed, by plugin and reason.",
	}, []string{"plugin", "reason"})
	m.open = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "restock_core_plugin_open", Help: "1 while a plugin failed too often in a row and is left in peace.",
	}, []string{"plugin"})
	m.revenue = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "restock_core_attributed_minor_total", Help: "What orders after messages came to, in the minor unit of the currency: counted, and taken back by refunds and edits.",
	}, []string{"currency", "what"})
	m.gates = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "restock_core_gates_total", Help: "Messages that did not pass a gate, by the gate and what it decided: held or dropped.",
	}, []string{"gate", "decision"})
	m.registry.MustRegister(m.gates, m.reasons, m.latency, m.plugins, m.open, m.revenue)
	return m
}

// Count counts what an entry came to.
func (m *metrics) Count(kind string, r core.Reason) { m.reasons.WithLabelValues(kind, string(r)).Inc() }

// Ring counts what orders came to (machine.Till).
func (m *metrics) Ring(amount core.Money, back bool) {
	what := "counted"
	if back {
		what = "taken_back"
	}
	m.revenue.WithLabelValues(amount.Currency, what).Add(float64(amount.Minor))
}

// decided counts a message that did not pass a gate.
func (m *metrics) decided(d notify.Decision) {
	m.gates.WithLabelValues(d.Gate, string(d.Kind)).Inc()
}

// arrived notes that a provider took the message of an activity.
func (m *metrics) arrived(a core.Activity) { m.latency.Observe(time.Since(a.At.Go()).Seconds()) }

// Metrics are what the node counts.
func (n *Node) Metrics() prometheus.Gatherer { return n.metrics.registry }
