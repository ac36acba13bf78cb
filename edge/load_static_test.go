package edge

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"restock/widget"
)

// nginxConf serves a folder as fast as nginx can: no log, no look at the disk once a file is known.
const nginxConf = `
worker_processes auto;
error_log stderr error;
pid %[1]s/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  open_file_cache max=100 inactive=1h;
  keepalive_requests 1000000000;
  types { text/javascript js; }
  client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi; uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
  server { listen %[2]s; root %[1]s/root; add_header Cache-Control "public, max-age=31536000, immutable"; }
}
`

// TestLoadStatic compares the widget's form with nginx serving the same file. It is for measuring only, and needs wrk and
// nginx to do so.
func TestLoadStatic(t *testing.T) {
	if *load < leastLoad {
		t.Skipf("it only measures: run it with -load %s or more (make bench-edge)", leastLoad)
	}
	for _, tool := range []string{"wrk", "nginx"} {
		if _, err := exec.LookPath(tool); err != nil && os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed", tool)
		} else if err != nil {
			t.Skipf("%s is not installed: nothing is compared (on Debian: apt-get install wrk nginx-light)", tool)
		}
	}
	n := newEdge(t)
	path := "/widget/" + widget.Version() + "/form.en.js"
	plain := n.files[path].plain.body // before anybody asks for it
	ours, stop := serveOn(t, n.server())
	defer stop()
	theirs := startNginx(t, path, plain)
	for _, connections := range []int{64, 256} {
		theirs := wrkGet(t, "http://"+theirs+path, connections)
		limit := theirs.rate
		r := wrkGet(t, "http://"+ours+path, connections)
		t.Logf("%d connections, %s of %d bytes: %.0f /s, %.0f %% of nginx; p50 %s, p99 %s", connections, path, len(plain), r.rate, 100*r.rate/limit, r.p50, r.p99)
		if r.rate == 0 || r.failed > 0 || limit == 0 || theirs.failed > 0 {
			t.Errorf("answered %.0f requests a second, %d failed; nginx %.0f, %d", r.rate, r.failed, limit, theirs.failed)
		}
	}
}

func wrkGet(t *testing.T, url string, connections int) result {
	t.Helper()
	out, err := exec.Command("wrk", "-t2", "-c", strconv.Itoa(connections), "-d", strconv.Itoa(max(1, int(load.Seconds())))+"s", "--latency", url).CombinedOutput()
	if err != nil {
		t.Fatalf("wrk: %v\n%s", err, out)
	}
	return readWrk(t, string(out))
}

// startNginx serves one file until the test ends.
func startNginx(t *testing.T, path string, body []byte) (address string) {
	t.Helper()
	dir := t.TempDir()
	address = freeAddress(t)
	file := filepath.Join(dir, "root", path)
	err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, body, 0o644),
		os.WriteFile(filepath.Join(dir, "nginx.conf"), fmt.Appendf(nil, nginxConf, dir, address), 0o600), os.Chmod(dir, 0o755), os.Chmod(filepath.Dir(dir), 0o755))
	if err != nil {
		t.Fatal(err)
	}
	nginx := exec.Command("nginx", "-p", dir, "-c", filepath.Join(dir, "nginx.conf"), "-g", "daemon off; user root;")
	nginx.Stderr = os.Stderr
	if err := nginx.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = nginx.Process.Signal(syscall.SIGTERM)
		_ = nginx.Wait() // it was told to end
	})
	for end := time.Now().Add(10 * time.Second); ; {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			return address
		}
		if time.Now().After(end) {
			t.Fatal("nginx does not come up")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
