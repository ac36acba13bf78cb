package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestASecondSignalEnds: a disk that is gone holds up an orderly end; whoever asks a second time is not kept waiting.
func TestASecondSignalEnds(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := place{t: t, edge: freePort(t), core: freePort(t), secret: "shop-secret-1"}
	serve := start(t, []string{"SHOP_SECRET=" + p.secret}, "serve", "--data", data, "--edge-listen", p.edge,
		"--core-listen", p.core, "--metrics-listen", freePort(t))
	p.token = tokenOf(t, serve)
	p.ready()
	if err := os.RemoveAll(data); err != nil {
		t.Fatal(err)
	}
	_ = serve.command.Process.Signal(syscall.SIGTERM) // it runs
	eventually(t, "the disk holds up the end", func() bool { return strings.Contains(serve.output.String(), "retrying") })
	_ = serve.command.Process.Signal(syscall.SIGTERM)
	eventually(t, "it has ended", func() bool {
		select {
		case <-serve.ended:
			return true
		default:
			return false
		}
	})
}
