package e2e

import (
	"bytes"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"restock/core/journal"
)

// TestEdgeAndCoreAsProcesses runs the two roles over the core's embedded server.
func TestEdgeAndCoreAsProcesses(t *testing.T) {
	p := place{t: t, edge: freePort(t), core: freePort(t), secret: "shop-secret-1"}
	nats := freePort(t)
	env := []string{"SHOP_SECRET=" + p.secret}
	c := start(t, env, "core", "--data", t.TempDir(), "--core-listen", p.core, "--metrics-listen", freePort(t), "--nats-listen", nats, "--nats-token", "edge-token")
	start(t, nil, "edge", "--data", t.TempDir(), "--edge-listen", p.edge, "--metrics-listen", freePort(t), "--nats", "nats://edge-token@"+nats)
	p.token = tokenOf(t, c)
	p.ready()
	p.applyShop("inbox", "")
	p.tellsShop(func() bool { return len(p.mailsTo("ann@example.com")) == 2 })
}

// TestExternalServer runs both roles on a NATS server that is neither's.
func TestExternalServer(t *testing.T) {
	nats := freePort(t)
	server, err := journal.Serve(journal.ServerConfig{Dir: t.TempDir(), Listen: nats}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	p := place{t: t, edge: freePort(t), core: freePort(t), secret: "shop-secret-1"}
	env := []string{"SHOP_SECRET=" + p.secret, "RESTOCK_NATS=nats://" + nats}
	c := start(t, env, "core", "--data", t.TempDir(), "--core-listen", p.core, "--metrics-listen", freePort(t))
	start(t, env, "edge", "--data", t.TempDir(), "--edge-listen", p.edge, "--metrics-listen", freePort(t))
	p.token = tokenOf(t, c)
	p.ready()
	p.applyShop("inbox", "")
	p.tellsShop(func() bool { return len(p.mailsTo("ann@example.com")) == 2 })
}

// TestResync lets an edge send its whole waitlist again: nobody is revived, nobody is told twice.
func TestResync(t *testing.T) {
	p := startDemo(t)
	p.ask("demo", "1001", "told@example.com")
	p.level("demo", 5001, 3, "in")
	p.awaitMails("told@example.com", 2)
	p.level("demo", 5001, 0, "out")
	p.settled("waits@example.com")
	p.drained()
	if n := p.resynced(); n != 2 {
		t.Fatalf("%d captures were sent again, want 2", n)
	}
	p.settled("after@example.com")
	p.level("demo", 5001, 3, "in again")
	p.awaitMails("waits@example.com", 2)
	p.awaitMails("after@example.com", 2)
	for address, want := range map[string]int{"told@example.com": 2, "waits@example.com": 2, "after@example.com": 2} {
		if got := p.mailsTo(address); len(got) != want {
			t.Errorf("%s got %q, want %d mails", address, got, want)
		}
	}
}

// TestEncryptionAtRest looks for an address in what lies on disk.
func TestEncryptionAtRest(t *testing.T) {
	data := t.TempDir()
	const address = "somebody-to-look-for@example.com"
	serve := func(key string) (place, *process) {
		p := place{t: t, edge: freePort(t), core: freePort(t), secret: "shop-secret-1"}
		env := []string{"SHOP_SECRET=" + p.secret, "RESTOCK_KEY=" + key}
		return p, start(t, env, "serve", "--data", data, "--edge-listen", p.edge, "--core-listen", p.core,
			"--metrics-listen", freePort(t), "--encryption-key", "env:RESTOCK_KEY")
	}
	key := strings.Repeat("0123456789abcdef", 4)
	p, running := serve(key)
	p.token = tokenOf(t, running)
	p.ready()
	p.applyShop("inbox", "")
	p.ask("my-shop", "71", address)
	p.awaitMails(address, 1)
	running.stop()
	for _, dir := range []string{"edge", "core/state", "core/journal"} {
		if file := fileWith(t, filepath.Join(data, dir), address); file != "" {
			t.Errorf("%s holds the address in clear", file)
		}
	}
	token := p.token
	p, running = serve(key)
	p.token = token
	p.ready()
	if got := p.mailsTo(address); len(got) != 1 {
		t.Errorf("after a restart %q were sent", got)
	}
	running.stop()
	_, running = serve(strings.Repeat("f", 64))
	<-running.ended
	if code := running.command.ProcessState.ExitCode(); code != 2 || !strings.Contains(running.output.String(), "encryption-key: it is not the one that") {
		t.Errorf("with another key it ended with %d: %s", code, running.output)
	}

	keys := t.TempDir()
	next := strings.Repeat("fedcba9876543210", 4)
	for name, text := range map[string]string{"old": key, "new": next} {
		if err := os.WriteFile(filepath.Join(keys, name), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, code := run(t, nil, "key", "reseal", "--data", data, "--old", filepath.Join(keys, "old"), "--new", filepath.Join(keys, "new")); code != 0 {
		t.Fatalf("changing the key ended with %d: %s", code, out)
	}
	p, running = serve(next)
	p.token = token
	p.ready()
	if got := p.mailsTo(address); len(got) != 1 {
		t.Errorf("with the new key %q were sent", got)
	}
	running.stop()
	_, running = serve(key)
	<-running.ended
	if code := running.command.ProcessState.ExitCode(); code != 2 {
		t.Errorf("with the old key it ended with %d", code)
	}
}

// fileWith is a file below dir that holds the text; "" when there is none.
func fileWith(t *testing.T, dir, text string) (found string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(text)) {
			found = path
		}
		return err
	})
	if err != nil || files == 0 {
		t.Fatalf("looking through %d files: %v", files, err)
	}
	return found
}
