package node

import (
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"restock/core"
)

var quiet = slog.New(slog.DiscardHandler)

// settings are those of a node in this process; data is its folder.
func settings(data string) Config {
	return Config{
		Data: data, Listen: "127.0.0.1:0", Replicas: 1, Workspaces: []core.WorkspaceName{"default"},
		PublicURL: "http://127.0.0.1:8080", Name: "n1", Open: true, Log: quiet,
	}
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name string
		edit func(*Config)
		want string // begins the error; "" none
	}{
		{"as it is", func(*Config) {}, ""},
		{"a cluster", func(c *Config) { c.NATS, c.Replicas = "nats://10.0.0.1", 3 }, ""},
		{"a key", func(c *Config) { c.Key = make([]byte, 32) }, ""},
		{"no folder", func(c *Config) { c.Data = "" }, "data:"},
		{"no port", func(c *Config) { c.Listen = "127.0.0.1" }, "core-listen:"},
		{"nowhere to listen", func(c *Config) { c.Listen = "" }, "core-listen:"},
		{"a cluster and edges at the embedded server", func(c *Config) { c.NATS, c.NATSListen = "nats://10.0.0.1", "127.0.0.1:4222" }, "nats-listen:"},
		{"two replicas", func(c *Config) { c.Replicas = 2 }, "replicas:"},
		{"no replica", func(c *Config) { c.Replicas = 0 }, "replicas:"},
		{"a short key", func(c *Config) { c.Key = make([]byte, 31) }, "encryption-key:"},
		{"no workspace", func(c *Config) { c.Workspaces = nil }, "workspace:"},
		{"a workspace that is no name", func(c *Config) { c.Workspaces = append(c.Workspaces, "Two words") }, `workspace "Two words":`},
		{"a text URL without scheme", func(c *Config) { c.TextURL = "go.example" }, "text-url:"},
		{"no public URL", func(c *Config) { c.PublicURL = "" }, "public-url:"},
		{"a public URL without host", func(c *Config) { c.PublicURL = "https:///x" }, "public-url:"},
		{"a public URL that is none of ours", func(c *Config) { c.PublicURL = "ftp://shop.example" }, "public-url:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := settings(t.TempDir())
			tt.edit(&c)
			err := c.Validate()
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want)) {
				t.Errorf("the error is %v, want %s…", err, tt.want)
			}
		})
	}
	nothing := Config{}.Validate()
	for _, setting := range []string{"data:", "core-listen:", "replicas:", "workspace:", "public-url:"} {
		if nothing == nil || !strings.Contains(nothing.Error(), setting) {
			t.Errorf("all that is wrong is told at once, but not %s (%v)", setting, nothing)
		}
	}
}

func TestNewRefusesWrongSettings(t *testing.T) {
	c := settings(t.TempDir())
	c.Replicas = 7
	if n, err := New(t.Context(), c); err == nil {
		_ = n.Close()
		t.Error("it was made with 7 replicas")
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	c = settings(t.TempDir())
	c.Listen = taken.Addr().String()
	if n, err := New(t.Context(), c); err == nil {
		_ = n.Close()
		t.Error("it listens where somebody else does")
	}
}

func TestSecrets(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) core.Secret {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return core.Secret("file:" + path)
	}
	t.Setenv("NODE_TEST_SECRET", "from the environment")
	t.Setenv("NODE_TEST_EMPTY", "")
	limit := strings.Repeat("x", maxSecretFile)
	tests := []struct {
		name   string
		secret core.Secret
		value  string
		wrong  string // in the error; "" none
	}{
		{"no reference", "", "", ""},
		{"a variable", "env:NODE_TEST_SECRET", "from the environment", ""},
		{"a file", file("plain", "from a file"), "from a file", ""},
		{"a file that ends its line", file("line", "from a file\r\n\n"), "from a file", ""},
		{"white space within is kept", file("spaces", " two words \n"), " two words ", ""},
		{"as large as may be", file("limit", limit), limit, ""},
		{"a variable that is not set", "env:NODE_TEST_NOT_SET", "", "env:NODE_TEST_NOT_SET"},
		{"a variable that is empty", "env:NODE_TEST_EMPTY", "", "no such variable"},
		{"no name", "env:", "", "no such variable"},
		{"a file that is not there", core.Secret("file:" + dir + "/none"), "", "no such file"},
		{"an empty file", file("empty", ""), "", "empty"},
		{"a file of line ends", file("ends", "\r\n\r\n"), "", "empty"},
		{"a file that is too large", file("large", limit+"x"), "", "too large"},
		{"a folder", core.Secret("file:" + dir), "", "reading secret"},
		{"the secret itself", "hunter2", "", "want env:NAME or file:PATH"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			value, err := ResolveSecret(tt.secret)
			if value != tt.value || (err == nil) != (tt.wrong == "") {
				t.Errorf("it is %.40q (%v)", value, err)
			}
			if err != nil && (!strings.Contains(err.Error(), tt.wrong) || strings.Contains(err.Error(), "hunter2")) {
				t.Errorf("the error is %v, want …%s…, without the secret", err, tt.wrong)
			}
		})
	}
}

// TestSenders: a sender is opened once, and again when its declaration changed; one that cannot be opened keeps the old
// one from nobody.
func TestSenders(t *testing.T) {
	s, err := openSenders(t.TempDir(), "https://alerts.example")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.close() })
	mail := core.Sender{Name: "mail", Kind: "smtp", From: "a@shop.example", Settings: map[string]string{"host": "127.0.0.1", "tls": "none"}}
	open := func(w core.WorkspaceName, d core.Sender) any {
		t.Helper()
		opened, err := s.open(w, d)
		if err != nil {
			t.Fatal(err)
		}
		return opened
	}
	first := open("default", mail)
	same := mail
	same.Settings = map[string]string{"tls": "none", "host": "127.0.0.1"}
	if open("default", same) != first {
		t.Error("the same declaration opened another sender")
	}
	if open("other", mail) == first {
		t.Error("two workspaces share a sender of one name")
	}
	broken := mail
	broken.Settings = map[string]string{"host": "127.0.0.1", "username": "shop"}
	broken.Secrets = map[string]core.Secret{"password": "env:NODE_TEST_NOT_SET"}
	if _, err := s.open("default", broken); err == nil {
		t.Error("a sender without its secret was opened")
	}
	if open("default", mail) != first {
		t.Error("a declaration that cannot be opened closed the one before")
	}
	changed := mail
	changed.From = "b@shop.example"
	second := open("default", changed)
	if second == first || open("default", changed) != second {
		t.Error("a changed declaration was not opened, or again and again")
	}
	if _, err := s.open("default", core.Sender{Name: "pigeon", Kind: "pigeon"}); err == nil {
		t.Error("a sender of an unknown kind was opened")
	}
	box := core.Sender{Name: core.InboxName, Kind: core.InboxKind}
	if open("default", box) != any(s.inbox) || open("other", core.Sender{Name: "captured", Kind: core.InboxKind}) != any(s.inbox) {
		t.Error("there is more than one inbox")
	}
}
