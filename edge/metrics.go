package edge

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"restock/core"
)

// metrics are what an edge counts.
type metrics struct {
	registry *prometheus.Registry
	answers  *prometheus.CounterVec
	waiting  prometheus.Counter // captures that were taken
}

func newMetrics(pending func() float64) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	m.answers = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "restock_edge_answers_total", Help: "Requests answered, by what was asked and HTTP code.",
	}, []string{"kind", "code"})
	m.waiting = m.answers.WithLabelValues("capture", "202")
	m.registry.MustRegister(m.answers, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "restock_edge_outbox_entries", Help: "Entries on this edge's disk that the core has not applied yet.",
	}, pending))
	return m
}

func (m *metrics) answered(kind string, code int) {
	m.answers.WithLabelValues(kind, strconv.Itoa(code)).Inc()
}

// Metrics are what the edge counts.
func (n *Node) Metrics() prometheus.Gatherer { return n.metrics.registry }

// Ready says why the edge cannot take captures yet; nil when it can.
func (n *Node) Ready() error {
	if !n.configuration.current.Load().ready {
		return errors.New("no configuration yet: is a core node connected to the journal?")
	}
	return nil
}

// Resync sends the edge's whole waitlist again (waitlist.Store.Resync), writing its progress as lines to w.
func (n *Node) Resync(w http.ResponseWriter, r *http.Request) {
	flush := http.NewResponseController(w)
	say := func(format string, args ...any) {
		_, _ = fmt.Fprintf(w, format+"\n", args...) // whoever asked may have gone; the work goes on
		_ = flush.Flush()
	}
	done, err := n.store.Resync(r.Context(), func(done int) { say("%d captures sent again", done) })
	if err != nil {
		say("failed after %d captures: %v", done, err)
		return
	}
	say("done: %d captures sent again", done)
}

// Knows says whether the edge has heard of a source.
func (n *Node) Knows(s core.SourceName) bool {
	_, ok := n.configuration.current.Load().sources[s]
	return ok
}
