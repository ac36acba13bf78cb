package kit

import (
	"context"
	"os"
)

// Commands are the plugin author's commands, as the program's command line offers them.
type Commands struct {
	Build buildCommand `cmd:"" help:"Build plugins from their folders."`
}

type buildCommand struct {
	Dir []string `arg:"" help:"Folders that hold a plugin.yaml." type:"existingdir"`
}

// Run builds plugins.
func (c *buildCommand) Run(ctx context.Context) error {
	for _, dir := range c.Dir {
		if err := Build(ctx, dir, os.Stdout); err != nil {
			return err
		}
	}
	return nil
}
