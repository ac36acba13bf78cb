package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// Times between tries to connect.
const (
	backOffMin    = 250 * time.Millisecond
	backOffMax    = 10 * time.Second
	complainEvery = 10 * time.Second // while a connection that was lost does not come back
)

// ErrRefused means that the journal's server is there and does not let us in.
var ErrRefused = errors.New("journal_refused: the journal's server does not take our credentials; compare those in --nats with the server's, or its --nats-token")

// dial connects, however long it takes; an embedded server, which is there or will never be, is tried once.
func dial(ctx context.Context, address string, embedded InProcess, token string, log *slog.Logger) (*nats.Conn, error) {
	options := dialOptions(log)
	if embedded != nil {
		return nats.Connect(address, append(options, nats.InProcessServer(embedded), nats.Token(token))...)
	}
	for wait := backOffMin; ; wait = min(2*wait, backOffMax) {
		n, err := nats.Connect(address, options...)
		var wrong *url.Error
		if err == nil || errors.As(err, &wrong) {
			return n, err
		}
		err = explain(err)
		log.Warn("the journal cannot be reached; it is tried again", "error", err)
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return nil, fmt.Errorf("%w: %w", ctx.Err(), err)
		}
	}
}

// dialOptions let a connection come back whatever it was lost for, and say what keeps it away.
func dialOptions(log *slog.Logger) []nats.Option {
	var said atomic.Int64 // ns since 1970
	complain := func(_ *nats.Conn, err error) {
		now, last := time.Now().UnixNano(), said.Load()
		if err != nil && now-last > int64(complainEvery) && said.CompareAndSwap(last, now) {
			log.Warn("the connection to the journal is lost; it is tried again", "error", explain(err))
		}
	}
	return []nats.Option{
		nats.Name("restock core"), nats.MaxReconnects(-1), nats.ReconnectWait(backOffMin),
		nats.IgnoreAuthErrorAbort(), // by default the second refusal ends the connection for good
		nats.DisconnectErrHandler(complain), nats.ReconnectErrHandler(complain),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { // by default nats.go writes to stderr
			complain(nil, err)
		}),
	}
}

// explain names what an operator has to mend.
func explain(err error) error {
	for _, refusal := range []error{nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked, nats.ErrAccountAuthExpired} {
		if errors.Is(err, refusal) {
			return fmt.Errorf("%w: %w", ErrRefused, err)
		}
	}
	return err
}
