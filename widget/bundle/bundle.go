// Package bundle turns the widget's TypeScript into the files that are served. It is a tool: no node imports it.
package bundle

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// Build bundles the folder src and returns what dist holds, by file name:
//
//	loader.js       the loader's body, for every platform; package widget adds the configuration
//	loader.xx.js    the same for one platform, which is lighter
//	form.xx.js      the form in one language, an ES module, for each file in src/texts
//	more.xx.js      what only some forms need (phone numbers, a quantity, Web Push), imported when one opens
//	restock.xx.js   loader and form in one script, to be pinned by its hash
//	worker.js       the service worker that shows Web Push messages
//	restock.d.ts    what window.Restock is
//
// The same source gives the same bytes on every machine: no path, time or environment enters a bundle.
func Build(src string) (map[string][]byte, error) {
	languages, err := languages(src)
	if err != nil {
		return nil, err
	}
	known := slices.Sorted(maps.Keys(aliases))
	known = append(known, languages...)
	slices.Sort(known)
	b := builder{src: src, known: strings.Join(known, " "), files: map[string][]byte{}}
	b.add("loader.js", "loader.ts", api.FormatIIFE, nil)
	for _, p := range platforms {
		b.add("loader."+p+".js", "loader.ts", api.FormatIIFE, target{"PLATFORM": p})
	}
	b.add("worker.js", "worker.ts", api.FormatIIFE, nil)
	for _, l := range languages {
		b.add("form."+l+".js", "form.ts", api.FormatESModule, target{"LANGUAGE": l})
		b.add("more."+l+".js", "more.ts", api.FormatESModule, target{"LANGUAGE": l})
		b.add("restock."+l+".js", "pinned.ts", api.FormatIIFE, target{"LANGUAGE": l})
	}
	for alias, l := range aliases {
		b.files["form."+alias+".js"], b.files["more."+alias+".js"] = b.files["form."+l+".js"], b.files["more."+l+".js"]
	}
	b.copy("restock.d.ts")
	return b.files, errors.Join(b.errs...)
}

// platforms are those with an adapter of their own; generic has none beside what every loader knows.
var platforms = [...]string{"shopify", "woocommerce", "bigcommerce", "magento", "generic"}

// aliases are tags that pages write for a language whose texts bear another: Norwegian without a kind, Chinese by its script or of
// Hong Kong. The same files bear these names, so that nothing has to be known about them in the loader.
var aliases = map[string]string{"no": "nb", "zh-hant": "zh-tw", "zh-hk": "zh-tw"}

// target is what one bundle is made for: the constants PLATFORM and LANGUAGE of the source.
type target map[string]string

// languages are the texts that there are, by their BCP 47 tags in lower case.
func languages(src string) ([]string, error) {
	names, err := filepath.Glob(filepath.Join(src, "texts", "*.ts"))
	if err == nil && len(names) == 0 {
		err = errors.New("there are none in " + src + "/texts")
	}
	if err != nil {
		return nil, fmt.Errorf("listing the languages: %w", err)
	}
	tags := make([]string, len(names))
	for i, name := range names {
		tags[i] = strings.TrimSuffix(filepath.Base(name), ".ts")
	}
	slices.Sort(tags)
	return tags, nil
}

type builder struct {
	src   string
	known string // languages, joined by spaces
	files map[string][]byte
	errs  []error
}

// add bundles one entry file. Texts are imported as "texts" and are those of the language.
func (b *builder) add(name, entry string, format api.Format, t target) {
	options := api.BuildOptions{
		AbsWorkingDir: b.absolute(),
		EntryPoints:   []string{entry},
		Bundle:        true, Format: format, Target: api.ES2022, Platform: api.PlatformBrowser,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		Charset: api.CharsetUTF8, LegalComments: api.LegalCommentsNone, TreeShaking: api.TreeShakingTrue,
		Define: map[string]string{"LANGUAGES": fmt.Sprintf("%q", b.known), "LANGUAGE": fmt.Sprintf("%q", t["LANGUAGE"]),
			"PLATFORM": fmt.Sprintf("%q", t["PLATFORM"])},
		Loader:      map[string]api.Loader{".css": api.LoaderText},
		Plugins:     []api.Plugin{minifiedCSS},
		TsconfigRaw: "{}", // what bundles does not depend on the type checker's settings
	}
	if language := t["LANGUAGE"]; language != "" {
		options.Alias = map[string]string{"texts": "./texts/" + language + ".ts"}
	}
	result := api.Build(options)
	for _, m := range result.Errors {
		b.errs = append(b.errs, located(m))
	}
	for _, f := range result.OutputFiles {
		b.files[name] = f.Contents
	}
}

func (b *builder) absolute() string {
	path, err := filepath.Abs(b.src)
	if err != nil {
		b.errs = append(b.errs, fmt.Errorf("finding the source: %w", err))
	}
	return path
}

// minifiedCSS imports a style sheet as text, small: it is put into the page by CSSStyleSheet, which strict policies allow.
var minifiedCSS = api.Plugin{Name: "css", Setup: func(build api.PluginBuild) {
	build.OnLoad(api.OnLoadOptions{Filter: `\.css$`}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		text, err := os.ReadFile(args.Path)
		if err != nil {
			return api.OnLoadResult{}, err
		}
		css := api.Transform(string(text), api.TransformOptions{Loader: api.LoaderCSS, MinifyWhitespace: true, MinifySyntax: true,
			Charset: api.CharsetUTF8, Sourcefile: filepath.Base(args.Path)})
		if len(css.Errors) > 0 {
			return api.OnLoadResult{Errors: css.Errors}, nil
		}
		small := strings.TrimSpace(string(css.Code))
		return api.OnLoadResult{Contents: &small, Loader: api.LoaderText}, nil
	})
}}

func located(m api.Message) error {
	if m.Location == nil {
		return fmt.Errorf("bundling: %s", m.Text)
	}
	return fmt.Errorf("bundling %s:%d: %s", m.Location.File, m.Location.Line, m.Text)
}

func (b *builder) copy(name string) {
	body, err := os.ReadFile(filepath.Join(b.src, name))
	if err != nil {
		b.errs = append(b.errs, fmt.Errorf("copying %s: %w", name, err))
		return
	}
	b.files[name] = body
}
