package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"restock/core/console"
)

// contactCommand is what may be asked for a person.
type contactCommand struct {
	Export exportCommand `cmd:"" help:"Print all that is known of a contact, as JSON."`
	Erase  eraseCommand  `cmd:"" help:"Let go of all that is known of a contact, and let edges forget the address."`
}

// whom is the person that a command is about.
type whom struct {
	client
	Address   string `arg:"" help:"E-mail address, phone number or push endpoint."`
	Workspace string `help:"The contact's workspace." default:"default"`
	JSON      bool   `name:"json" help:"Print as JSON."`
}

type exportCommand struct{ whom }

// Run prints what is known.
func (c *exportCommand) Run(ctx context.Context) error {
	var e console.ContactExport
	q := url.Values{"address": {c.Address}, "workspace": {c.Workspace}}
	if err := c.call(ctx, http.MethodGet, "/api/v1/contacts/export?"+q.Encode(), nil, &e); err != nil {
		return wrongArgument(err)
	}
	return printJSON(e) // --json or not: whoever gets it reads it by program
}

type eraseCommand struct{ whom }

// Run erases, and says whether anybody was known.
func (c *eraseCommand) Run(ctx context.Context) error {
	var r console.EraseReport
	body := struct {
		Address string `json:"address"`
	}{c.Address}
	if err := c.call(ctx, http.MethodPost, "/api/v1/contacts/erase?workspace="+url.QueryEscape(c.Workspace), body, &r); err != nil {
		return wrongArgument(err)
	}
	if c.JSON {
		return printJSON(r)
	}
	printErased(r)
	return nil
}

func printErased(r console.EraseReport) {
	lines := []string{
		fmt.Sprintf("%s is erased from workspace %s, at %s", r.Address, r.Workspace, r.ErasedAt),
		"edges forget what it captured until then as they hear of it; the journal and backups keep their bytes for now",
	}
	if !r.Known {
		lines[0] = fmt.Sprintf("nobody is known by %s in workspace %s; edges are told to forget it all the same", r.Address, r.Workspace)
	}
	_, _ = fmt.Fprintln(os.Stdout, strings.Join(lines, "\n"))
}

// wrongArgument makes what the core node refused as wrong end the program like any wrong argument.
func wrongArgument(err error) error {
	var r *refused
	if errors.As(err, &r) && r.status == http.StatusUnprocessableEntity {
		return argumentError{err}
	}
	return err
}

// argumentError is ErrSettings in the core node's own words.
type argumentError struct{ error }

// Is makes it ErrSettings.
func (argumentError) Is(target error) bool { return target == ErrSettings }

// Unwrap is what the core node said.
func (e argumentError) Unwrap() error { return e.error }
