package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"restock/core"
	"restock/core/console"
	"restock/core/node"
	"restock/core/sign"
	"restock/edge"
	"restock/edge/shop"
	"restock/plugins/examples"
)

// demoCommand runs everything in one process, with a sample shop.
type demoCommand struct {
	Data          string     `help:"Folder that keeps everything; none: a temporary one." type:"path"`
	EdgeListen    string     `help:"Where the shop and the edge answer." default:"127.0.0.1:8080"`
	CoreListen    string     `help:"Where the console and the API answer." default:"127.0.0.1:8081"`
	MetricsListen string     `help:"Where /healthz, /readyz and /metrics answer." default:"127.0.0.1:8082"`
	LogLevel      slog.Level `help:"debug, info, warn or error." default:"warn"`
}

// The sample shop as its installation is declared: the same files that any shop would apply.
//
//go:embed demo.yaml
var demoManifest []byte

const (
	demoSource = "demo"
	demoSecret = "demo-secret"
	// demoURL is where demo.yaml has the shop; it stands where the edge does.
	demoURL = "http://127.0.0.1:8080"
	// demoSecretName is where demo.yaml says that the shop's webhook secret is.
	demoSecretName = "RESTOCK_DEMO_SECRET"
)

// Run runs the demo.
func (c *demoCommand) Run(ctx context.Context) error {
	data, remove, err := c.folder()
	if err != nil {
		return err
	}
	defer remove()
	if err := os.Setenv(demoSecretName, demoSecret); err != nil {
		return err
	}
	settings := common{Data: data, LogLevel: c.LogLevel}
	coreConfig, err := c.coreConfig(settings)
	if err != nil {
		return err
	}
	n, err := newCore(ctx, coreConfig)
	if err != nil {
		return err
	}
	return errors.Join(c.runWith(ctx, n, settings), n.Close())
}

// runWith runs the demo on its core node.
func (c *demoCommand) runWith(ctx context.Context, n *node.Node, settings common) error {
	scheme, _ := sign.For(core.Shopify)
	sample := shop.Config{
		Source: demoSource, Secret: []byte(demoSecret), EdgeURL: "http://" + c.EdgeListen, ConsoleURL: "http://" + n.Addr(),
		Sign: scheme.Sign, Log: settings.log(), Again: c.Data != "",
	}
	pages, err := shop.New(sample)
	if err != nil {
		return err
	}
	edgeConfig, err := edgeSettings{EdgeListen: c.EdgeListen}.settings(settings)
	if err != nil {
		return err
	}
	edgeConfig.Fallback = pages
	begin := func(ctx context.Context, e *edge.Node) error {
		if err := fill(ctx, n, e, sample); err != nil {
			return err
		}
		fmt.Printf(demoWelcome, sample.EdgeURL, sample.ConsoleURL, settings.Data)
		<-ctx.Done()
		return ctx.Err()
	}
	return pair{core: n, embedded: n.InProcess(), operations: c.MetricsListen}.run(ctx, edgeConfig, begin)
}

func (c *demoCommand) coreConfig(settings common) (node.Config, error) {
	s := coreSettings{CoreListen: c.CoreListen, Workspace: []string{"default"}, PublicURL: "http://" + c.EdgeListen, Replicas: 1, NodeName: "demo"}
	config, err := s.node(settings)
	config.Open = true
	return config, err
}

// folder is where the demo keeps everything, and what removes it again.
func (c *demoCommand) folder() (dir string, remove func(), err error) {
	if c.Data != "" {
		return c.Data, func() {}, nil
	}
	dir, err = os.MkdirTemp("", "restock-demo-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

// fill declares the shop as its operator would, waits until the edge has heard of it, and lets the shop send its
// catalogue by webhooks.
func fill(ctx context.Context, n *node.Node, e *edge.Node, sample shop.Config) error {
	for n.Ready() != nil {
		if err := wait(ctx); err != nil {
			return err
		}
	}
	manifest := bytes.ReplaceAll(demoManifest, []byte(demoURL), []byte(sample.EdgeURL))
	_, err := n.Apply(ctx, []console.File{
		{Name: "demo.yaml", Data: manifest},
		{Name: "domain-gate.wasm", Data: examples.DomainGate()},
		{Name: "region-gate.wasm", Data: examples.RegionGate()},
		{Name: "loyalty-tier.wasm", Data: examples.LoyaltyTier()},
	})
	if err != nil {
		return fmt.Errorf("declaring the demo: %w", err)
	}
	for !e.Knows(demoSource) {
		if err := wait(ctx); err != nil {
			return err
		}
	}
	return shop.Seed(ctx, sample)
}

func wait(ctx context.Context) error {
	select {
	case <-time.After(10 * time.Millisecond):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

const demoWelcome = `
Restock demo is running.

  Shop      %[1]s/products/heavyweight-tee   a T-shirt that is sold out in black, M
  Inbox     %[2]s/inbox                      what was sent, as a mail program shows it
  Console   %[2]s/                           waitlists, restocks, journeys
  Data      %[3]s

What to do next:
  1. Open the shop and ask to be told about the black T-shirt in M.
  2. Open the inbox: the confirmation is there.
  3. Press "Restock" on the shop's page. It posts a signed webhook to the edge, as Shopify would.
  4. Open the inbox again: the T-shirt is back. Addresses at competitor.example are held back by a plugin, as is the region XX;
     restock why --contact ADDRESS says so.

Without a browser:
  curl -i %[1]s/v1/captures -H 'Content-Type: application/json' \
    -d '{"source":"demo","variant":"1001","email":"ann@example.com"}'
  curl -s %[2]s/api/v1/inbox

Ctrl-C ends it.
`
