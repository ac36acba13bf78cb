package e2e

import (
	"log/slog"
	"net/http"
	"testing"

	"restock/core/journal"
)

// TestServeBeforeItsJournal starts both roles in one process while the journal elsewhere is away: the edge answers, and all goes
// on when the journal is there.
func TestServeBeforeItsJournal(t *testing.T) {
	nats := freePort(t)
	p := place{t: t, edge: freePort(t), core: freePort(t), secret: "shop-secret-1"}
	running := start(t, []string{"SHOP_SECRET=" + p.secret}, "serve", "--data", t.TempDir(), "--edge-listen", p.edge, "--core-listen", p.core,
		"--metrics-listen", freePort(t), "--nats", "nats://"+nats)
	eventually(t, "the edge answers", func() bool {
		answer, err := http.Get("http://" + p.edge + "/widget.js")
		if err != nil {
			return false
		}
		_ = answer.Body.Close() // it was not read
		return answer.StatusCode == http.StatusOK
	})
	server, err := journal.Serve(journal.ServerConfig{Dir: t.TempDir(), Listen: nats}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	p.token = tokenOf(t, running)
	p.ready()
	p.applyShop("inbox", "")
	p.tellsShop(func() bool { return len(p.mailsTo("ann@example.com")) == 2 })
}
