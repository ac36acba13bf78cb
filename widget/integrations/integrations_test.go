// Package integrations holds what shop owners install, by platform. Tests check that the files are well-formed and agree
// with each other; widget/test renders them into pages and uses them in a browser.
package integrations

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// files are all files with one of the endings, by path.
func files(t *testing.T, endings ...string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && slices.Contains(endings, filepath.Ext(path)) {
			found = append(found, path)
		}
		return err
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("no files that end in %v: %v", endings, err)
	}
	return found
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestJSON(t *testing.T) {
	for _, path := range files(t, ".json") {
		if text := read(t, path); !json.Valid([]byte(text)) {
			t.Errorf("%s is no JSON", path)
		}
	}
}

func TestXML(t *testing.T) {
	for _, path := range files(t, ".xml") {
		d := xml.NewDecoder(strings.NewReader(read(t, path)))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Errorf("%s: %v", path, err)
				break
			}
		}
	}
}

// TestPHP asks PHP itself; make deps installs it.
func TestPHP(t *testing.T) {
	for _, path := range files(t, ".php", ".phtml") {
		if out, err := exec.Command("php", "-l", path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", path, err, out)
		}
	}
}

// TestTypes checks the React component with TypeScript; make deps installs it.
func TestTypes(t *testing.T) {
	if out, err := exec.Command("../node_modules/.bin/tsc", "-p", "react").CombinedOutput(); err != nil {
		t.Errorf("checking types (make deps installs TypeScript): %v\n%s", err, out)
	}
}

// TestTOML: Shopify reads three keys of it, which are plain.
func TestTOML(t *testing.T) {
	line := regexp.MustCompile(`^([a-z_]+) = "([^"\\]*)"$`)
	got := map[string]string{}
	for _, text := range strings.Split(strings.TrimSpace(read(t, "shopify/shopify.extension.toml")), "\n") {
		m := line.FindStringSubmatch(text)
		switch {
		case strings.HasPrefix(text, "#"):
		case m == nil:
			t.Errorf("a line that is no key with a string: %s", text)
		default:
			got[m[1]] = m[2]
		}
	}
	if got["type"] != "theme" || got["handle"] != "restock" || got["name"] == "" {
		t.Errorf("the extension says %v", got)
	}
}

// schema is what a block tells the theme editor.
type schema struct {
	Name       string `json:"name"`
	Target     string `json:"target"`
	Stylesheet string `json:"stylesheet"`
	Settings   []struct {
		Type  string `json:"type"`
		ID    string `json:"id"`
		Label string `json:"label"`
		Info  string `json:"info"`
	} `json:"settings"`
}

// TestShopifySchemas: each block's schema is JSON, its texts are in every language, its files are there, and the block uses the
// settings that it declares.
func TestShopifySchemas(t *testing.T) {
	within := regexp.MustCompile(`(?s)\{% schema %\}(.*)\{% endschema %\}`)
	targets := map[string]string{"restock-embed": "body", "restock-button": "section"}
	for name, target := range targets {
		text := read(t, "shopify/blocks/"+name+".liquid")
		var s schema
		if err := json.Unmarshal([]byte(within.FindStringSubmatch(text)[1]), &s); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if s.Target != target {
			t.Errorf("%s has the target %s, want %s", name, s.Target, target)
		}
		if s.Stylesheet != "" {
			read(t, "shopify/assets/"+s.Stylesheet)
		}
		translated(t, s.Name)
		for _, one := range s.Settings {
			translated(t, one.Label)
			if one.Info != "" {
				translated(t, one.Info)
			}
			if !strings.Contains(text, "block.settings."+one.ID) {
				t.Errorf("%s declares the setting %s and does not use it", name, one.ID)
			}
		}
		for _, m := range regexp.MustCompile(`render '([a-z-]+)'`).FindAllStringSubmatch(text, -1) {
			read(t, "shopify/snippets/"+m[1]+".liquid")
		}
	}
}

// translated looks a key "t:settings.edge.label" up in every language.
func translated(t *testing.T, key string) {
	t.Helper()
	path, ok := strings.CutPrefix(key, "t:")
	if !ok {
		t.Errorf("%q is no key of a translation", key)
	}
	all, _ := filepath.Glob("shopify/locales/*.schema.json")
	for _, file := range all {
		var node any
		if err := json.Unmarshal([]byte(read(t, file)), &node); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, step := range strings.Split(path, ".") {
			m, _ := node.(map[string]any)
			node = m[step]
		}
		if text, _ := node.(string); text == "" {
			t.Errorf("%s has no %s", file, path)
		}
	}
	if len(all) < 2 {
		t.Errorf("%d languages", len(all))
	}
}

// TestVersions: what one platform says of its version in several places agrees.
func TestVersions(t *testing.T) {
	for platform, places := range map[string]map[string]string{
		"woocommerce": {
			"woocommerce/restock/restock.php":            `\* Version: ([0-9.]+)`,
			"woocommerce/restock/block/block.json":       `"version": "([0-9.]+)"`,
			"woocommerce/restock/block/editor.asset.php": `'version'\s+=> '([0-9.]+)'`,
		},
		"magento": {
			"magento/Restock/Widget/composer.json":  `"version": "([0-9.]+)"`,
			"magento/Restock/Widget/etc/module.xml": `setup_version="([0-9.]+)"`,
		},
	} {
		said := map[string]bool{}
		for file, pattern := range places {
			m := regexp.MustCompile(pattern).FindStringSubmatch(read(t, file))
			if m == nil {
				t.Errorf("%s says no version", file)
				continue
			}
			said[m[1]] = true
		}
		if len(said) != 1 {
			t.Errorf("%s says several versions: %v", platform, said)
		}
	}
}

// TestNames: Magento finds a module by one name in several places, WordPress a block.
func TestNames(t *testing.T) {
	for file, want := range map[string]string{
		"magento/Restock/Widget/registration.php":                              `'Restock_Widget'`,
		"magento/Restock/Widget/etc/module.xml":                                `name="Restock_Widget"`,
		"magento/Restock/Widget/view/frontend/layout/catalog_product_view.xml": `Restock_Widget::product.phtml`,
		"magento/Restock/Widget/etc/config.xml":                                `<restock>`,
		"magento/Restock/Widget/etc/adminhtml/system.xml":                      `<section id="restock"`,
		"magento/Restock/Widget/ViewModel/Product.php":                         `'restock/widget/'`,
		"magento/Restock/Widget/etc/csp_whitelist.xml":                         `<policy id="connect-src">`,
		"woocommerce/restock/block/block.json":                                 `"name": "restock/notify"`,
		"woocommerce/restock/block/editor.js":                                  `'restock/notify'`,
		"bigcommerce/script.html":                                              `data-platform="bigcommerce"`,
	} {
		if !strings.Contains(read(t, file), want) {
			t.Errorf("%s does not say %s", file, want)
		}
	}
}

// TestGuides: every platform has one, and what a guide links to is there.
func TestGuides(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	folders, _ := filepath.Glob("*")
	for _, folder := range folders {
		if info, err := os.Stat(folder); err != nil || !info.IsDir() || folder == "testdata" {
			continue
		}
		read(t, filepath.Join(folder, "README.md"))
	}
	for _, guide := range files(t, ".md") {
		for _, m := range link.FindAllStringSubmatch(read(t, guide), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(guide), m[1])); err != nil {
				t.Errorf("%s links to %s: %v", guide, m[1], err)
			}
		}
	}
}

// TestExample: the JSON in the example page can be read, as a shop owner copies it.
func TestExample(t *testing.T) {
	found := regexp.MustCompile(`(?s)<script type="application/(?:ld\+)?json"[^>]*>(.*?)</script>`).FindAllStringSubmatch(read(t, "html/example.html")+read(t, "html/README.md"), -1)
	if len(found) < 3 {
		t.Fatalf("%d scripts of JSON", len(found))
	}
	for _, m := range found {
		if !json.Valid([]byte(m[1])) {
			t.Errorf("no JSON: %s", m[1])
		}
	}
}
