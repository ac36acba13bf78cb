package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"restock/core"
	"restock/core/console"
	"restock/core/manifest"
)

type applyCommand struct {
	client
	File []string `short:"f" required:"" sep:"none" help:"YAML file, or folder of them; may be given several times." placeholder:"FILE|DIR"`
	JSON bool     `name:"json" help:"Print what changed as JSON."`
}

// maxFile bounds one file that is sent, in bytes; the core node has the same bound for all together.
const maxFile = 16 << 20

// Run sends the files, and the modules that they name, to the core node.
func (c *applyCommand) Run(ctx context.Context) error {
	files, err := gather(c.File)
	if err != nil {
		return err
	}
	var report console.ApplyReport
	body := struct {
		Files []console.File `json:"files"`
	}{files}
	if err := c.call(ctx, "POST", "/api/v1/apply", body, &report); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(report)
	}
	printReport(report)
	return nil
}

func printReport(r console.ApplyReport) {
	printNames("source", r.Sources)
	printNames("sender", r.Senders)
	printNames("plugin", r.Plugins)
	printNames("template", r.Templates)
	printNames("journey", r.Journeys)
	printNames("audience", r.Audiences)
	printNames("broadcast", r.Broadcasts)
	printNames("workspace", r.Settings)
}

func printNames[N core.Name | core.SourceName | core.WorkspaceName](what string, names []N) {
	for _, n := range names {
		fmt.Printf("%s %s applied\n", what, n)
	}
}

// gather reads the manifests at the paths and the modules that they name.
func gather(paths []string) ([]console.File, error) {
	var manifests []manifest.File
	for _, p := range paths {
		found, err := yamlFiles(p)
		if err != nil {
			return nil, err
		}
		for _, name := range found {
			b, err := readFile(name)
			if err != nil {
				return nil, err
			}
			manifests = append(manifests, manifest.File{Name: filepath.ToSlash(name), Data: b})
		}
	}
	if len(manifests) == 0 {
		return nil, fmt.Errorf("reading %s: no .yaml or .yml file there", strings.Join(paths, ", "))
	}
	references, err := manifest.References(manifests)
	if err != nil {
		return nil, err
	}
	var files []console.File
	for _, m := range manifests {
		files = append(files, console.File(m))
	}
	for _, r := range references {
		b, err := readFile(filepath.FromSlash(r))
		if err != nil {
			return nil, err
		}
		files = append(files, console.File{Name: r, Data: b})
	}
	return files, nil
}

// yamlFiles are the YAML files at a path, sorted: itself, or those directly in it.
func yamlFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, errors.Unwrap(err))
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); !e.IsDir() && (ext == ".yaml" || ext == ".yml") {
			found = append(found, filepath.Join(path, e.Name()))
		}
	}
	sort.Strings(found)
	return found, nil
}

func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && info.Size() > maxFile {
		return nil, fmt.Errorf("reading %s: %d bytes; at most %d are sent", name, info.Size(), maxFile)
	}
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading %s: there is no such file", name)
	}
	return b, err
}
