package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"restock/core"
	"restock/core/sign"
)

// binary is the program, built once.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "restock-e2e-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "restock")
	build := exec.Command("go", "build", "-o", binary, "restock")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the program: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// patience bounds every wait for something that must happen; nothing waits longer than it has to.
const patience = 60 * time.Second

// eventually waits until ok is true.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("after %s still not: %s", patience, what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// freePort is a loopback address that nobody listens on. It is taken from below the range that systems give to connections
// that go out: a port of those may be in use again before the process that it is for listens.
func freePort(t testing.TB) string {
	t.Helper()
	for range 1000 {
		l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", 12_000+rand.IntN(18_000)))
		if err == nil {
			defer func() { _ = l.Close() }()
			return l.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}

// process is a running restock.
type process struct {
	t       testing.TB
	command *exec.Cmd
	output  *lockedBuffer
	ended   chan struct{}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// start runs restock until the test ends.
func start(t testing.TB, env []string, args ...string) *process {
	t.Helper()
	return startCommand(t, env, binary, args...)
}

// startCommand runs any command until the test ends.
func startCommand(t testing.TB, env []string, name string, args ...string) *process {
	t.Helper()
	p := &process{t: t, command: exec.Command(name, args...), output: &lockedBuffer{}, ended: make(chan struct{})}
	p.command.Env = append(os.Environ(), env...)
	p.command.Stdout, p.command.Stderr = p.output, p.output
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.command.Wait() // how it ended is in ProcessState
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("%s said:\n%s", strings.Join(p.command.Args[:2], " "), p.output)
		}
	})
	return p
}

// kill ends the process as a crash would.
func (p *process) kill() {
	_ = p.command.Process.Kill() // it may have ended
	<-p.ended
}

// stop ends the process as an operator does.
func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.kill()
	}
}

// run runs a command to its end.
func run(t testing.TB, env []string, args ...string) (output string, code int) {
	t.Helper()
	c := exec.Command(binary, args...)
	c.Env = append(os.Environ(), env...)
	out, _ := c.CombinedOutput() // the code says how it ended
	return string(out), c.ProcessState.ExitCode()
}

// place is where an installation answers.
type place struct {
	t          testing.TB
	edge, core string // host:port
	token      string
	metrics    string // host:port; "" when nobody asks
	secret     string // of the source's webhooks
}

// client never keeps connections: processes are killed under it.
var client = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// call sends a request and returns status and body; status 0 when nobody answered.
func call(method, url string, headers map[string]string, body string) (int, http.Header, string) {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, nil, err.Error()
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0, nil, err.Error()
	}
	defer func() { _ = answer.Body.Close() }()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, nil, err.Error()
	}
	return answer.StatusCode, answer.Header, string(b)
}

func (p place) capture(body string) (int, http.Header, string) {
	return call("POST", "http://"+p.edge+"/v1/captures", map[string]string{"Content-Type": "application/json"}, body)
}

// ask captures an e-mail address for a variant and says whether that was acknowledged.
func (p place) ask(source, variant, email string) bool {
	code, _, _ := p.capture(fmt.Sprintf(`{"source":%q,"variant":%q,"email":%q}`, source, variant, email))
	return code == http.StatusAccepted
}

// webhook posts a signed Shopify webhook.
func (p place) webhook(source, topic, id, body string) (int, string) {
	scheme, _ := sign.For(core.Shopify)
	headers := map[string]string{"Content-Type": "application/json", "X-Shopify-Topic": topic, "X-Shopify-Webhook-Id": id}
	for _, h := range scheme.Sign([]byte(p.secret), []byte(body)) {
		headers[h.Name] = h.Value
	}
	code, _, answer := call("POST", "http://"+p.edge+"/v1/sources/"+source+"/webhooks", headers, body)
	return code, answer
}

func (p place) level(source string, item, available int, id string) int {
	body := fmt.Sprintf(`{"inventory_item_id":%d,"location_id":1,"available":%d,"updated_at":%q}`,
		item, available, time.Now().UTC().Format("2006-01-02T15:04:05.000Z07:00"))
	code, _ := p.webhook(source, "inventory_levels/update", id, body)
	return code
}

func (p place) api(method, path string, out any) int {
	headers := map[string]string{}
	if p.token != "" {
		headers["Authorization"] = "Bearer " + p.token
	}
	code, _, body := call(method, "http://"+p.core+path, headers, "")
	if out != nil && code == http.StatusOK {
		if err := json.Unmarshal([]byte(body), out); err != nil {
			p.t.Fatalf("%s %s answered %s: %v", method, path, body, err)
		}
	}
	return code
}

// mail is a message of the inbox.
type mail struct {
	To, Channel, Subject, Text, HTML string
	Headers                          map[string]string
}

func (p place) inbox() (mails []mail) {
	p.t.Helper()
	p.api("GET", "/api/v1/inbox?limit=1000", &mails)
	return mails
}

// mailsTo are the subjects of what an address got, oldest first.
func (p place) mailsTo(address string) (subjects []string) {
	p.t.Helper()
	for _, m := range p.inbox() {
		if m.To == address {
			subjects = append([]string{m.Subject}, subjects...)
		}
	}
	return subjects
}

func (p place) awaitMails(address string, n int) []string {
	p.t.Helper()
	var got []string
	eventually(p.t, fmt.Sprintf("%d mails to %s", n, address), func() bool {
		got = p.mailsTo(address)
		return len(got) >= n
	})
	return got
}

// tokenOf reads the token that a node prints at its first start.
func tokenOf(t testing.TB, p *process) (token string) {
	t.Helper()
	eventually(t, "a token is printed", func() bool {
		_, rest, ok := strings.Cut(p.output.String(), "API token, shown this once: ")
		line, _, whole := strings.Cut(rest, "\n")
		token = line
		return ok && whole
	})
	return token
}

// ready waits until both listeners serve.
func (p place) ready() {
	p.t.Helper()
	eventually(p.t, "the core is ready", func() bool { return p.api("GET", "/readyz", nil) == http.StatusOK })
}
