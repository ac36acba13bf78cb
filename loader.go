package main

import (
	"fmt"
	"os"

	"restock/wasm"
)

// loaderCommand is the process in which a core node has a plugin checked and compiled: a hostile one ends it, not the node.
type loaderCommand struct{}

// Run serves one plugin.
func (loaderCommand) Run() error { return wasm.ServeChild(os.Stdin, os.Stdout) }

// pluginLoader is the command line of loaderCommand.
func pluginLoader() ([]string, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding the program itself, which loads plugins: %w", err)
	}
	return []string{program, "load-plugin"}, nil
}
