package node

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"

	"restock/core"
)

// Config is a core node's settings.
type Config struct {
	Data       string               // folder of state, embedded journal, inbox and tokens
	Key        []byte               // encrypts state and embedded journal; nil: nothing is encrypted
	Listen     string               // host:port of console and API; private
	NATS       string               // URL of an external cluster; "": a server in this process
	NATSListen string               // host:port where the embedded server takes edges; "": this process only
	NATSToken  string               // asked of those who connect there
	Replicas   int                  // of journal and buckets: 1, or 3 on a cluster
	Workspaces []core.WorkspaceName // that this node runs
	PublicURL  string               // where shoppers reach the edges; links in messages begin with it
	TextURL    string               // the same for links in texts, where a short name saves money; "": PublicURL
	Name       string               // of this node, in the journal
	Open       bool                 // ask nobody for a token: the demo
	Log        *slog.Logger

	// PluginLoader is the command that runs wasm.ServeChild, program first: plugins are checked and compiled there, under
	// limits. Empty: they are in this process, without.
	PluginLoader []string
}

// Validate says what is wrong with the settings.
func (c Config) Validate() error {
	var wrong []error
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if c.Data == "" {
		add("data: a folder is needed (--data DIR)")
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		add("core-listen: want host:port: %w", err)
	}
	if c.NATS != "" && c.NATSListen != "" {
		add("nats-listen: is for the embedded server; leave it out with --nats")
	}
	if c.Replicas != 1 && c.Replicas != 3 && c.Replicas != 5 {
		add("replicas: want 1, 3 or 5, have %d", c.Replicas)
	}
	if n := len(c.Key); n != 0 && n != 16 && n != 24 && n != 32 {
		add("encryption-key: want 16, 24 or 32 bytes, have %d", n)
	}
	if len(c.Workspaces) == 0 {
		add("workspace: at least one is needed")
	}
	for _, w := range c.Workspaces {
		if !core.ValidName(string(w)) {
			add("workspace %q: want 1 to 63 of a-z, 0-9 and -", w)
		}
	}
	if !public(c.PublicURL) {
		add("public-url: want the http or https URL under which shoppers reach the edges, have %q", c.PublicURL)
	}
	if c.TextURL != "" && !public(c.TextURL) {
		add("text-url: want an http or https URL that leads to the edges as public-url does, have %q", c.TextURL)
	}
	return errors.Join(wrong...)
}

func public(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// samples is the folder of the inputs on which plugins failed (witness).
func (c Config) samples() string { return filepath.Join(c.Data, "plugin-samples") }
