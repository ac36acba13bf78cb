package widget

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Config is what a source's widget is told. It is inlined into the loader as JSON; attributes of the script's tag
// (data-source, data-push-key …) say the same and win.
type Config struct {
	Source     string   `json:"source"`               // the data source that captures belong to
	Platform   string   `json:"platform,omitempty"`   // shopify, woocommerce, bigcommerce, magento or generic; empty: found out
	Region     string   `json:"region,omitempty"`     // ISO 3166 alpha-2: the dial code that stands first; empty: by the page's language
	Market     string   `json:"market,omitempty"`     // sent along with captures, where the page says nothing nearer
	Channels   []string `json:"channels,omitempty"`   // email, phone, in the order they are offered; empty: email
	Marketing  bool     `json:"marketing,omitempty"`  // ask, unticked and apart, for consent to news and offers
	Quantity   bool     `json:"quantity,omitempty"`   // ask how many are wanted
	Any        bool     `json:"any,omitempty"`        // offer to wait for any variant of the product
	Privacy    string   `json:"privacy,omitempty"`    // URL of the privacy policy, linked beneath the form
	Theme      string   `json:"theme,omitempty"`      // light or dark; empty: as the page's background is
	PushKey    string   `json:"pushKey,omitempty"`    // VAPID public key (RFC 8292), base64url; empty: no Web Push
	PushWorker string   `json:"pushWorker,omitempty"` // URL on the shop's own origin where it serves worker.js; empty: no Web Push
}

// inlined is the configuration as the loader reads it.
type inlined struct {
	*Config
	Version string `json:"version"`
}

// Loader returns the script that pages embed, with c inlined; nil leaves everything to attributes of the tag. It can be
// served as it is, in UTF-8; the bytes depend on c and Version only. A known platform gets a lighter script, without the others'
// adapters.
func Loader(c *Config) ([]byte, error) {
	if c == nil {
		c = &Config{}
	}
	config, err := json.Marshal(inlined{c, Version()})
	if err != nil {
		return nil, fmt.Errorf("inlining the configuration of source %s: %w", c.Source, err)
	}
	var script bytes.Buffer
	script.WriteString("((__config)=>{")
	loader, ok := bundled.loaders[c.Platform]
	if !ok {
		loader = bundled.loaders[""] // it finds out
	}
	script.Write(loader)
	script.WriteString("})(")
	script.Write(config) // encoding/json escapes <, >, &, U+2028 and U+2029: it may stand in a script, inline as well
	script.WriteString(");\n")
	return script.Bytes(), nil
}
