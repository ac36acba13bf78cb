// Restock tells shoppers when what they wait for is back in stock. README.md says how to begin.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"unicode"

	"github.com/alecthomas/kong"

	"restock/core/cli"
	"restock/plugins/kit"
)

// commands are the program's: those that run nodes here, the others in package cli.
type commands struct {
	Config kong.ConfigFlag `help:"YAML file of settings; its keys are the flags' names." placeholder:"FILE"`

	Demo  demoCommand  `cmd:"" help:"Try everything in one process: a sample shop, an inbox, nothing to set up."`
	Serve serveCommand `cmd:"" help:"Run an edge and a core node for one machine."`
	Edge  edgeCommand  `cmd:"" help:"Run an edge node, or let a running one resync."`
	Core  coreCommand  `cmd:"" help:"Run a core node."`
	cli.Commands
	Plugin kit.Commands `cmd:"" help:"Work on plugins."`

	Loader loaderCommand `cmd:"" name:"load-plugin" hidden:"" help:"Check and compile one plugin for a core node."`
}

// Exit codes.
const (
	exitFailed = 1
	exitWrong  = 2 // wrong settings or arguments
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends it at once: a disk that is gone or full may hold up an orderly end for ever, and what was acknowledged is synced.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, args []string) int {
	loader, err := pluginLoader()
	if err != nil {
		fmt.Fprintln(os.Stderr, "restock:", err)
		return exitFailed
	}
	var c commands
	parser, err := kong.New(&c, kong.Name("restock"),
		kong.Description("Back-in-stock messages: captures at the edge, restocks and journeys at the core."),
		kong.DefaultEnvars("RESTOCK"), kong.Configuration(cli.LoadSettings), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(kit.Loader(loader)))
	if err != nil {
		fmt.Fprintln(os.Stderr, "restock:", err)
		return exitFailed
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "restock: %v\nTry 'restock --help'.\n", err)
		return exitWrong
	}
	err = parsed.Run(cli.NewCommandPath(parsed.Command()))
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "restock:", visible(err.Error()))
	if errors.Is(err, cli.ErrSettings) {
		return exitWrong
	}
	return exitFailed
}

// visible is a text of which nothing works a terminal: errors name what files, plugins and nodes hold.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return ' '
		}
		return r
	}, text)
}
