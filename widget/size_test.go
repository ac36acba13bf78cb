package widget

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// The gates: what the widget may weigh on the wire, in bytes. RATIONALE.md says what they count.
const (
	maxLoader = 3000  // brotli: what every page of a shop loads, by its platform
	maxForm   = 4500  // brotli: what a sold-out page loads besides, in any language
	maxTotal  = 7500  // brotli: both
	maxGzip   = 10000 // gzip: both, also by the loader that finds the platform out; Shopify's theme check suggests it

	maxAnyLoader = 4200  // brotli: the loader for pages whose platform nobody told
	maxMore      = 2500  // brotli: what only some forms load when they open
	maxPinned    = 10500 // brotli: everything in one file
)

// TestSizes holds every platform and language to the gates and prints what they weigh.
func TestSizes(t *testing.T) {
	loader, loaderGzip := 0, 0
	for _, platform := range []string{"shopify", "woocommerce", "bigcommerce", "magento", "generic"} {
		size, zipped := weighLoader(t, platform, maxLoader)
		loader, loaderGzip = max(loader, size), max(loaderGzip, zipped)
	}
	_, zipped := weighLoader(t, "", maxAnyLoader)
	loaderGzip = max(loaderGzip, zipped)
	for _, f := range Files() {
		size, zipped := weigh(t, f.Body)
		t.Logf("%-22s %6d B brotli %6d B gzip", f.Name, size, zipped)
		switch kind, _, _ := strings.Cut(f.Name, "."); {
		case kind == "form":
			within(t, f.Name, size, maxForm)
			within(t, f.Name+" and the heaviest loader", loader+size, maxTotal)
			within(t, f.Name+" and the heaviest loader, by gzip", loaderGzip+zipped, maxGzip)
		case kind == "more":
			within(t, f.Name, size, maxMore)
		case kind == "restock" && strings.HasSuffix(f.Name, ".js"):
			within(t, f.Name, size, maxPinned)
		}
	}
}

func weighLoader(t *testing.T, platform string, limit int) (brotlied, gzipped int) {
	t.Helper()
	script, err := Loader(&Config{Source: "my-shop", Platform: platform, Region: "DE"})
	if err != nil {
		t.Fatal(err)
	}
	brotlied, gzipped = weigh(t, script)
	t.Logf("%-22s %6d B brotli %6d B gzip", "loader "+platform, brotlied, gzipped)
	within(t, "the loader for "+platform, brotlied, limit)
	return brotlied, gzipped
}

func within(t *testing.T, what string, got, limit int) {
	t.Helper()
	if got > limit {
		t.Errorf("%s weighs %d B, the gate is %d B", what, got, limit)
	}
}

// weigh compresses as CDNs do for files that do not change: as well as it goes.
func weigh(t *testing.T, body []byte) (brotlied, gzipped int) {
	t.Helper()
	var b, g bytes.Buffer
	bw := brotli.NewWriterLevel(&b, brotli.BestCompression)
	gw, err := gzip.NewWriterLevel(&g, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []func() error{
		func() error { _, err := bw.Write(body); return err }, bw.Close,
		func() error { _, err := gw.Write(body); return err }, gw.Close,
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Len(), g.Len()
}
