package e2e

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"restock/edge"
)

// tmpfsScript mounts a small disk at $1 where only the edge sees it, and becomes the edge.
const tmpfsScript = `mount -t tmpfs -o size=220m none "$1" && shift && exec "$@"`

// TestAFullDisk fills an edge's disk to the last byte under it. The edge says 503, lives, loses nothing that it
// acknowledged, and serves again as soon as there is room.
func TestAFullDisk(t *testing.T) {
	i := newInstallation(t)
	i.applyFiles(cutFiles, "")
	i.e.stop()
	disk := filepath.Join(i.data, "small")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	unshare := []string{"-m"} // a mount namespace of its own; who is not root becomes root of a user namespace
	if os.Getuid() != 0 {
		unshare = []string{"-rm"}
	}
	metrics := freePort(t)
	i.e = startCommand(t, nil, "unshare", append(unshare, "sh", "-c", tmpfsScript, "sh", disk,
		binary, "edge", "--data", disk, "--edge-listen", i.edge, "--metrics-listen", metrics, "--nats", "nats://"+i.nats)...)
	eventually(t, "the edge is up", func() bool { return i.ask("my-shop", "71", "first@example.com") })
	filler := fill(t, filepath.Join("/proc", fmt.Sprint(i.e.command.Process.Pid), "root", disk, "filler"))

	taken, refused := 1, 0
	size := 1 << 20
	for n := 0; refused < 20; n++ {
		email := fmt.Sprintf("c%d@example.com", n)
		switch code, header, body := i.capture(fmt.Sprintf(`{"source":"my-shop","variant":"71","email":%q}`, email)); {
		case code == http.StatusAccepted:
			taken++
		case code == http.StatusServiceUnavailable && header.Get("Retry-After") != "":
			refused++
		default:
			t.Fatalf("capture %d was answered with %d %s", n, code, body)
		}
		if code, _ := i.webhook("my-shop", "themes/publish", fmt.Sprint(n), `{"filler":"`+strings.Repeat(" ", size)+`"}`); code != http.StatusOK {
			size /= 2 // uses up what is left
		}
		if n > 500 {
			t.Fatalf("500 MiB are on a disk of 220: %d refused", refused)
		}
	}
	t.Logf("%d captures taken before the disk was full", taken)
	for range 2 * edge.DefaultLimits.Address { // a browser that tries again is not trapped for it once there is room
		if i.ask("my-shop", "71", "last@example.com") {
			t.Fatal("a full disk took a capture")
		}
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the edge takes captures again", func() bool { return i.ask("my-shop", "71", "last@example.com") })
	eventually(t, "all that was acknowledged is applied", func() bool { return i.applied() == taken+1 })
	eventually(t, "the edge has let go of it", func() bool {
		_, _, body := call("GET", "http://"+metrics+"/metrics", nil, "")
		return strings.Contains(body, "restock_edge_outbox_entries 0")
	})
}

// fill writes a file until the disk is full.
func fill(t *testing.T, name string) string {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // the disk is full
	zeros := make([]byte, 64<<10)
	for err == nil {
		_, err = f.Write(zeros)
	}
	if !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, io.ErrShortWrite) {
		t.Fatal(err)
	}
	return name
}
