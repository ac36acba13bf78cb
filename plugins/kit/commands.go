package kit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"restock/core/hook"
)

// Commands are the plugin author's commands, as the program's command line offers them.
type Commands struct {
	New    newCommand    `cmd:"" help:"Begin a plugin: a folder that builds and passes its tests."`
	Build  buildCommand  `cmd:"" help:"Build plugins from their folders."`
	Check  checkCommand  `cmd:"" help:"Say what a core node would refuse, and what to do about it."`
	Run    runCommand    `cmd:"" help:"Ask a plugin about a fixture: answer, fuel as in production, time, memory."`
	Test   testCommand   `cmd:"" help:"Hold plugins against their fixtures and unit tests."`
	Bench  benchCommand  `cmd:"" help:"Measure plugins: fuel, time and memory of a call."`
	Push   pushCommand   `cmd:"" help:"Hand a plugin to a core node, which runs its fixtures before."`
	Shadow shadowCommand `cmd:"" help:"Compare a plugin with the version in use, about the last contacts that journeys asked it about."`
	Replay replayCommand `cmd:"" help:"Ask a plugin here what a run in a journey asked it on the node."`

	Versions versionsCommand `cmd:"" help:"List a core node's plugins with their versions."`
	RollBack rollBackCommand `cmd:"" help:"Go back to an earlier version of a plugin."`

	Fields fieldsCommand `cmd:"" help:"List everything that a plugin may read."`
}

type newCommand struct {
	Name string `arg:"" help:"Name of the plugin and its folder: a-z, 0-9 and -."`
	Lang string `required:"" enum:"go,ts,c,rust" help:"Language: ${enum} (ts is AssemblyScript)."`
	Kind string `default:"condition" enum:"condition,step" help:"What it is: ${enum}."`
}

// Run begins a plugin.
func (c *newCommand) Run() error { return New("", c.Name, c.Lang, hook.Kind(c.Kind), os.Stdout) }

type buildCommand struct {
	Dir []string `arg:"" help:"Folders that hold a plugin.yaml."`
}

// Run builds plugins.
func (c *buildCommand) Run(ctx context.Context, loader Loader) error {
	for _, dir := range c.Dir {
		if err := Build(ctx, loader, dir, os.Stdout); err != nil {
			return err
		}
	}
	return nil
}

type fieldsCommand struct{}

// Run lists the fields.
func (c *fieldsCommand) Run() error {
	for _, f := range hook.Fields() {
		fmt.Printf("%-22s %s\n", f.Path, f.Type)
	}
	fmt.Println("contact.fields.NAME    string")
	return nil
}

// target is a plugin on the disk: a folder, whose module is built when it is older than its sources, or a module.
type target struct {
	Path string `arg:"" optional:"" default:"." help:"A plugin's folder, or a built module."`
}

// check says whether there is such a plugin at all.
func (t target) check() error {
	info, err := os.Stat(t.Path)
	switch {
	case err != nil:
		return fmt.Errorf("finding the plugin %s: there is no such folder or module; name the folder of a plugin, or a .wasm file", t.Path)
	case info.IsDir() == strings.HasSuffix(t.Path, ".wasm"):
		return fmt.Errorf("finding the plugin %s: it is neither; name the folder of a plugin, or a .wasm file", t.Path)
	case !info.IsDir():
		return nil
	}
	_, _, err = readDeclaration(t.Path)
	return err
}

// folder is where the plugin's fixtures are.
func (t target) folder() string {
	if strings.HasSuffix(t.Path, ".wasm") {
		return filepath.Dir(t.Path)
	}
	return t.Path
}

// module reads the module, and builds it before if need be; what building says goes to standard error.
func (t target) module(ctx context.Context, loader Loader) ([]byte, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	if strings.HasSuffix(t.Path, ".wasm") {
		return readModule(t.Path)
	}
	d, m, err := readDeclaration(t.Path)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(t.Path, m.Name+".wasm")
	if err := writeSDK(t.Path, languages[d.Lang], m); err != nil { // a newer kit brings a newer SDK
		return nil, err
	}
	stale, err := isStale(t.Path, file)
	if err != nil {
		return nil, fmt.Errorf("looking at the sources: %w", err)
	}
	if stale {
		if err := Build(ctx, loader, t.Path, os.Stderr); err != nil {
			return nil, err
		}
	}
	return readModule(file)
}

// load is the plugin, ready to be booted.
func (t target) load(ctx context.Context, loader Loader) (*plugin, error) {
	module, err := t.module(ctx, loader)
	if err != nil {
		return nil, err
	}
	p, err := load(ctx, hostConfig(loader), module)
	return p, explained(err)
}

// closing closes the plugin and keeps the first error.
func closing(ctx context.Context, p *plugin, err *error) { *err = errors.Join(*err, p.close(ctx)) }
