package edge

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"restock/core"
)

// reason says why a request was answered as it was; a label of restock_edge_answers_total, so that there are only these.
type reason string

// Reasons of answers. Traps are answered like what is taken, and told apart here only.
const (
	reasonTaken         reason = "taken"
	reasonHoneypot      reason = "honeypot"       // 202: a field was filled that people do not see
	reasonTooFast       reason = "too_fast"       // 202: faster than a person
	reasonAddressLimit  reason = "address_limit"  // 202: somebody asks for one address again and again
	reasonClientLimit   reason = "client_limit"   // 429
	reasonSourceLimit   reason = "source_limit"   // 429
	reasonNotReady      reason = "not_ready"      // 503: no configuration yet
	reasonDisk          reason = "disk"           // 503: it refuses, or has no room
	reasonBusy          reason = "busy"           // 503: no memory for more bodies
	reasonMediaType     reason = "media_type"     // 415
	reasonMalformed     reason = "malformed"      // 400
	reasonFields        reason = "fields"         // 422
	reasonUnknownSource reason = "unknown_source" // 404
	reasonUnknownSender reason = "unknown_sender" // 404
	reasonOrigin        reason = "origin"         // 403
	reasonSignature     reason = "signature"      // 401
	reasonTooLarge      reason = "too_large"      // 413, 431
	reasonSlow          reason = "slow"           // 408
	reasonPanic         reason = "panic"          // 500
)

// metrics are what an edge counts.
type metrics struct {
	registry *prometheus.Registry
	answers  *prometheus.CounterVec
	captures map[core.TrapName]prometheus.Counter // that were answered 202, by their trap; "": none
}

// counted is the disk, as far as it is counted.
type counted interface {
	Pending() uint64
	Committed() (commits, entries uint64)
}

func newMetrics(disk counted, bodies *budget) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	m.answers = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "restock_edge_answers_total", Help: "Requests answered, by what was asked, HTTP code and reason.",
	}, []string{"kind", "code", "reason"})
	m.captures = map[core.TrapName]prometheus.Counter{}
	for trap, why := range map[core.TrapName]reason{
		"": reasonTaken, core.TrapHoneypot: reasonHoneypot, core.TrapTooFast: reasonTooFast, core.TrapLimited: reasonAddressLimit,
	} {
		m.captures[trap] = m.answers.WithLabelValues("capture", "202", string(why))
	}
	gauge := func(name, help string, value func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
	}
	counter := func(name, help string, value func() float64) {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, value))
	}
	m.registry.MustRegister(m.answers)
	gauge("restock_edge_outbox_entries", "Entries on this edge's disk that the core has not applied yet.", func() float64 { return float64(disk.Pending()) })
	counter("restock_edge_outbox_commits_total", "Commits to this edge's disk; each is one sync.", func() float64 {
		commits, _ := disk.Committed()
		return float64(commits)
	})
	counter("restock_edge_outbox_committed_entries_total", "Entries in those commits.", func() float64 {
		_, entries := disk.Committed()
		return float64(entries)
	})
	gauge("restock_edge_body_bytes", "Memory that bodies of requests beyond 8 KiB take.", func() float64 { return float64(bodies.taken.Load()) })
	return m
}

func (m *metrics) answered(kind string, code int, why reason) {
	m.answers.WithLabelValues(kind, strconv.Itoa(code), string(why)).Inc()
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
