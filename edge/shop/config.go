package shop

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"restock/core"
)

// Config is what the sample shop must know. All but Log are needed.
type Config struct {
	Source     core.SourceName // the data source that the shop is
	Secret     []byte          // the source's webhook secret
	EdgeURL    string          // the edge's base URL, where the shop stands as well: http://127.0.0.1:8080
	ConsoleURL string          // the console's base URL, for links only: http://127.0.0.1:8081
	// Again says that the core may remember this shop: its opening stock is told as of now, as a shop's reconciliation would.
	Again bool
	// Sign returns the headers by which the platform signs a webhook's body.
	Sign func(secret, body []byte) []core.Header
	Log  *slog.Logger // nil: nothing is logged
}

// normal returns the configuration with its URLs free of trailing slashes and its gaps filled.
func (c Config) normal() (Config, error) {
	if c.Source == "" || len(c.Secret) == 0 || c.Sign == nil {
		return c, errors.New("configuring the sample shop: Source, Secret and Sign must be set")
	}
	for name, base := range map[string]*string{"EdgeURL": &c.EdgeURL, "ConsoleURL": &c.ConsoleURL} {
		u, err := url.Parse(*base)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return c, fmt.Errorf("configuring the sample shop: %s is %q; give an absolute http or https URL", name, *base)
		}
		*base = strings.TrimRight(*base, "/")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}
