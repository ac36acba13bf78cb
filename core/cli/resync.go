package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// ResyncCommand lets a running edge send its whole waitlist again.
type ResyncCommand struct {
	Edge string `help:"URL of the edge's metrics listener." default:"http://127.0.0.1:8082"`
}

// Run asks the edge and prints its progress.
func (c *ResyncCommand) Run(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(c.Edge, "/")+"/resync", nil)
	if err != nil {
		return fmt.Errorf("%w: edge: %w", ErrSettings, err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking the edge at %s: %w; is it running? (--edge URL)", c.Edge, err)
	}
	defer func() { _ = answer.Body.Close() }() // read to its end
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the edge at %s answered %d; is that its metrics listener?", c.Edge, answer.StatusCode)
	}
	last := ""
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		last = lines.Text()
		fmt.Println(last)
	}
	if !strings.HasPrefix(last, "done") {
		return errors.New("the edge did not finish")
	}
	return nil
}
