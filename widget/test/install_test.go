package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/osteele/liquid"
	"github.com/osteele/liquid/render"
)

// The fixtures hold what our own integrations add to a page: rendered from the files that shop owners install.

const integrations = "../integrations"

// shopifyEmbed renders the app embed of the theme app extension, as Shopify does at the end of the body.
func shopifyEmbed(v view) (string, error) { return renderBlock("restock-embed", v) }

// shopifyButton renders the app block, as Shopify does where the owner dragged it.
func shopifyButton(v view) (string, error) { return renderBlock("restock-button", v) }

func renderBlock(name string, v view) (string, error) {
	engine := liquid.NewEngine()
	engine.RegisterBlock("schema", func(render.Context) (string, error) { return "", nil })
	engine.RegisterFilter("image_url", func(url string, _ func(string) string) string { return url })
	engine.RegisterTag("render", func(c render.Context) (string, error) { return renderSnippet(engine, c) })
	text, err := os.ReadFile(filepath.Join(integrations, "shopify", "blocks", name+".liquid"))
	if err != nil {
		return "", err
	}
	out, err := engine.ParseAndRenderString(plainLiquid(string(text)), liquidBindings(v))
	if err != nil {
		return "", fmt.Errorf("rendering %s: %w", name, err)
	}
	return withNonce(out, v), nil
}

// plainLiquid leaves out what the Go engine does not read: named arguments of image_url.
func plainLiquid(text string) string {
	return strings.ReplaceAll(text, "| image_url: width: 480", "| image_url")
}

// renderSnippet is Shopify's render tag: a snippet sees what it is given and nothing else.
func renderSnippet(engine *liquid.Engine, c render.Context) (string, error) {
	name, args, _ := strings.Cut(c.TagArgs(), ",")
	text, err := os.ReadFile(filepath.Join(integrations, "shopify", "snippets", strings.Trim(name, " '")+".liquid"))
	if err != nil {
		return "", err
	}
	given := map[string]any{"localization": c.Get("localization"), "request": c.Get("request")}
	for _, arg := range strings.Split(args, ",") {
		key, expression, ok := strings.Cut(arg, ":")
		if !ok {
			return "", fmt.Errorf("reading the arguments of %s: want key: value, have %q", name, arg)
		}
		if given[strings.TrimSpace(key)], err = c.EvaluateString(strings.TrimSpace(expression)); err != nil {
			return "", err
		}
	}
	return engine.ParseAndRenderString(plainLiquid(string(text)), given)
}

// liquidBindings is the page as Shopify's Liquid has it.
func liquidBindings(v view) map[string]any {
	var variants []any
	for _, x := range v.Variants {
		variants = append(variants, map[string]any{"id": x.number(), "title": x.Title(), "available": x.Available})
	}
	p := map[string]any{"id": json.Number(v.ID), "title": v.Title, "featured_image": v.Picture, "variants": variants, "has_only_default_variant": len(v.Options) == 0}
	return map[string]any{
		"request":      map[string]any{"page_type": "product", "locale": map[string]any{"iso_code": v.Lang}},
		"localization": map[string]any{"market": map[string]any{"handle": "eu"}},
		"product":      p,
		"block":        map[string]any{"settings": map[string]any{"edge": v.Edge + "/", "source": source, "product": p}, "shopify_attributes": `data-shopify-editor-block="1"`},
	}
}

// wooPlugin renders what the WooCommerce plugin prints after the summary of a product.
func wooPlugin(v view) (string, error) {
	var variants []map[string]any
	for _, x := range v.Variants {
		variants = append(variants, map[string]any{"id": x.ID, "title": strings.Join(x.Choice, ", "), "available": x.Available})
	}
	if len(variants) == 1 {
		variants[0]["id"] = v.ID // a simple product is its own variant
	}
	return runPHP("wordpress.php", v, map[string]any{"id": v.ID, "title": v.Title, "image": v.Picture, "edge": v.Edge, "source": source,
		"hook": "action woocommerce_single_product_summary", "variants": variants})
}

// magentoModule renders the Magento module's template.
func magentoModule(v view) (string, error) {
	var codes []string
	for _, o := range v.Options {
		codes = append(codes, o.Code)
	}
	var variants []map[string]any
	for _, x := range v.Variants {
		variants = append(variants, map[string]any{"id": x.ID, "choice": x.Choice, "available": x.Available})
	}
	return runPHP("magento.php", v, map[string]any{"id": v.ID, "title": v.Title, "image": v.Picture, "edge": v.Edge, "source": source,
		"attributes": codes, "variants": variants})
}

// runPHP runs a file of ../integrations/testdata, which stands in for the platform, with the page on its standard input.
func runPHP(name string, v view, page map[string]any) (string, error) {
	in, err := json.Marshal(page)
	if err != nil {
		return "", err
	}
	cmd := exec.Command("php", filepath.Join(integrations, "testdata", name))
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("running php (make deps installs it): %w\n%s", err, out)
	}
	return withNonce(string(out), v), nil
}

// withNonce writes the page's nonce into script elements, as shops with such a policy do.
func withNonce(html string, v view) string {
	return strings.ReplaceAll(html, "<script ", `<script nonce="`+v.Nonce+`" `)
}
