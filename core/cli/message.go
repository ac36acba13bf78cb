package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"restock/core/console"
)

// messageCommand is about what did not go out, and what nobody knows of.
type messageCommand struct {
	List   messagesCommand `cmd:"" help:"List messages that were dropped, are held or due, or of which nobody knows."`
	Show   messageShow     `cmd:"" help:"Show a message."`
	Resend messageResend   `cmd:"" help:"Send a message again that was dropped or of which nobody knows, or all of a reason."`
}

// ofMessages is which messages a command is about.
type ofMessages struct {
	client
	Workspace string `help:"The workspace." default:"default"`
	JSON      bool   `name:"json" help:"Print as JSON."`
}

type messagesCommand struct {
	ofMessages
	At     string `help:"Where they stand: dropped, unknown, held or due." default:"dropped" enum:"dropped,unknown,held,due"`
	Reason string `help:"Only those that ended, or are held, for it." placeholder:"REASON"`
	Limit  int    `help:"How many at most, up to 1000." default:"100"`
}

// Run lists messages.
func (c *messagesCommand) Run(ctx context.Context) error {
	q := url.Values{"workspace": {c.Workspace}, "at": {c.At}, "reason": {c.Reason}, "limit": {fmt.Sprint(c.Limit)}}
	var all []console.MessageReport
	if err := c.call(ctx, http.MethodGet, "/api/v1/messages?"+q.Encode(), nil, &all); err != nil {
		return wrongArgument(err)
	}
	if c.JSON {
		return printJSON(all)
	}
	if len(all) == 0 {
		fmt.Println("there are none")
		return nil
	}
	t := newTable()
	_, _ = fmt.Fprintln(t, "KEY\tSTANDS\tREASON\tTO\tMESSAGE\tABOUT\tMADE\tDETAIL")
	for _, m := range all {
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", m.Key, m.At, m.Reason, m.Address, m.From(), m.Title, m.MadeAt, m.Detail)
	}
	return t.Flush()
}

type messageShow struct {
	ofMessages
	Key string `arg:"" help:"The message's key."`
}

// Run shows a message.
func (c *messageShow) Run(ctx context.Context) error {
	var m console.MessageReport
	if err := c.call(ctx, http.MethodGet, c.path(c.Key, ""), nil, &m); err != nil {
		return wrongArgument(err)
	}
	return c.print(m)
}

func (c *ofMessages) path(key, verb string) string {
	return "/api/v1/messages/" + url.PathEscape(key) + verb + "?" + url.Values{"workspace": {c.Workspace}}.Encode()
}

func (c *ofMessages) print(m console.MessageReport) error {
	if c.JSON {
		return printJSON(m)
	}
	t := newTable()
	for _, l := range [][2]string{
		{"key", m.Key}, {"to", m.Address + " by " + string(m.Channel)}, {"stands", string(m.At)}, {"reason", string(m.Reason)}, {"detail", m.Detail},
		{"message", m.From() + " by sender " + string(m.Sender)}, {"about", string(m.Activity) + " " + m.Title}, {"made", m.MadeAt}, {"due", m.DueAt}, {"ended", m.EndedAt},
		{"calls", fmt.Sprint(m.Attempts)}, {"receipt", m.Receipt}, {"became", string(m.Became)}, {"clicked", m.ClickedAt}, {"sends again", m.Again}, {"sent again as", m.Resent},
	} {
		if l[1] != "" {
			_, _ = fmt.Fprintf(t, "%s\t%s\n", l[0], l[1])
		}
	}
	return t.Flush()
}

type messageResend struct {
	ofMessages
	Key    string `arg:"" optional:"" help:"The message's key."`
	At     string `help:"All that stand there: dropped, with a reason, or unknown." enum:",dropped,unknown" default:""`
	Reason string `help:"Of those that were dropped, why." placeholder:"REASON"`
}

// Run has messages sent again. All of a reason go by pages, until none is left.
func (c *messageResend) Run(ctx context.Context) error {
	if (c.Key == "") == (c.At == "") {
		return fmt.Errorf("%w: name a message's key, or --at unknown, or --at dropped --reason REASON", ErrSettings)
	}
	if c.Key != "" {
		var m console.MessageReport
		if err := c.call(ctx, http.MethodPost, c.path(c.Key, "/resend"), nil, &m); err != nil {
			return wrongArgument(err)
		}
		return c.print(m)
	}
	total := 0
	var answer struct {
		Resent int
		Until  string
	}
	for {
		q := url.Values{"workspace": {c.Workspace}, "at": {c.At}, "reason": {c.Reason}, "until": {answer.Until}}
		if err := c.call(ctx, http.MethodPost, "/api/v1/messages/resend?"+q.Encode(), nil, &answer); err != nil {
			return wrongArgument(err)
		}
		if total += answer.Resent; answer.Resent == 0 {
			break
		}
	}
	if c.JSON {
		return printJSON(map[string]int{"resent": total})
	}
	fmt.Printf("%d messages are sent again; each passes all gates\n", total)
	return nil
}
