package core_test

import (
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// module is how our own imports begin.
const module = "restock"

// line is what the dependency law says of one folder: what its production code (every .go file that is no test) may
// import beyond the standard library.
type line struct {
	folder string   // from the module's root; a last element * stands for every folder beneath
	ours   []string // folders of ours
	libs   []string // libraries; each must have the folder as an owner, see owners
	test   bool     // made for tests only: may import testing, and no production code imports it
	reason string
}

// law is the dependency law: every folder with Go files has a line here, or TestLaw fails. Whoever adds a line or an
// import says why in the reason.
var law = []line{
	{folder: ".", reason: "main is one page: it alone knows both nodes, maps the commands and gives wasm its child process",
		ours: []string{"core", "core/cli", "core/console", "core/node", "core/sign", "edge", "edge/shop", "plugins/kit", "plugins/examples", "wasm"},
		libs: []string{kong, prometheus}},

	{folder: "core", reason: "the vocabulary is for everybody: the standard library only"},
	{folder: "core/pack", reason: "a leaf: msgpack by hand, for the records that pass millions of times", libs: []string{msgpack}},
	{folder: "core/wire", reason: "a leaf: what edge and core say to each other", ours: []string{"core", "core/pack"}, libs: []string{msgpack}},
	{folder: "core/sign", reason: "a leaf for both roles: the standard library has all the cryptography it needs", ours: []string{"core"}},
	{folder: "core/address", reason: "a leaf: two normalisers would mean two contacts", ours: []string{"core"}, libs: []string{phonenumbers, idna}},
	{folder: "core/hook", reason: "a leaf: where plugins step in, free of the machine that runs them", ours: []string{"core", "core/pack"}, libs: []string{msgpack}},
	{folder: "core/filter", reason: "a leaf: apply evaluates it", ours: []string{"core"}},
	{folder: "core/template", reason: "a leaf: rendering, which apply never does", ours: []string{"core"}, libs: []string{liquid, netHTML}},

	{folder: "core/zone", reason: "a leaf: time zones of one version, whatever the host has"},

	{folder: "core/db", reason: "the only package of core that touches Badger", ours: []string{"core", "core/pack", "core/wire"}, libs: []string{badger, msgpack}},
	{folder: "core/journal", reason: "the only package of core that touches JetStream", ours: []string{"core", "core/wire"}, libs: []string{natsServer, nats}},
	{folder: "core/manifest", reason: "files to declarations: templates, plugins and the disk are handed in", ours: []string{"core", "core/filter", "core/zone"}, libs: []string{yaml}},

	{folder: "core/inventory", reason: "an engine: words and now in, effects out; no other engine, no storage", ours: leaves()},
	{folder: "core/activity", reason: "an engine: words and now in, effects out; no other engine, no storage", ours: leaves()},
	{folder: "core/journey", reason: "an engine: words and now in, effects out; no other engine, no storage", ours: leaves()},
	{folder: "core/campaign", reason: "an engine: words and now in, effects out; no other engine, no storage", ours: leaves()},
	{folder: "core/notify", reason: "an engine: words and now in, effects out; no other engine, no storage", ours: leaves()},
	{folder: "core/machine", reason: "apply: engines over the state, one journal entry at a time, and nothing that differs between two replays",
		ours: []string{"core", "core/wire", "core/address", "core/filter", "core/zone", "core/db", "core/source", "core/source/shopify", "core/source/woocommerce", "core/source/generic",
			"core/sender/feedback", "core/inventory", "core/activity", "core/journey", "core/campaign", "core/notify"}},

	{folder: "core/source", reason: "what platforms have in common; buyers' addresses are normalised as captures' are", ours: []string{"core", "core/address"}},
	{folder: "core/source/shopify", reason: "payload to facts, pure: apply runs it", ours: []string{"core", "core/source"}},
	{folder: "core/source/woocommerce", reason: "payload to facts, pure: apply runs it", ours: []string{"core", "core/source"}},
	{folder: "core/source/generic", reason: "payload and feed to facts, pure: apply runs it", ours: []string{"core", "core/source"}},
	{folder: "core/source/sourcetest", reason: "the conformance suite of sources; addresses must be normal", test: true, ours: []string{"core", "core/source", "core/address"}},
	{folder: "core/source/api", reason: "calls shops' APIs politely; who asks what is beside each adapter", ours: []string{"core"}},
	{folder: "core/source/shopify/client", reason: "asks Shopify for pages; an effect of the leader, which apply never comes to", ours: []string{"core", "core/source/api"}},
	{folder: "core/source/woocommerce/client", reason: "asks WooCommerce for pages; an effect of the leader, which apply never comes to", ours: []string{"core", "core/source/api"}},
	{folder: "core/source/generic/client", reason: "fetches a feed and cuts it into pages, which must be rows as its adapter reads them", ours: []string{"core", "core/source/api", "core/source/generic"}},
	{folder: "core/source/pretend", reason: "a shop that answers as APIs are documented, for tests of clients and of the whole program", test: true},
	{folder: "core/sender", reason: "what providers have in common", ours: []string{"core"}},
	{folder: "core/sender/inbox", reason: "keeps what would be sent", ours: []string{"core", "core/sender", "core/db"}},
	{folder: "core/sender/smtp", reason: "hands messages to a mail server; its From is normalised as every address is",
		ours: []string{"core", "core/sender", "core/address"}, libs: []string{goMail, goMsgAuth}},
	{folder: "core/sender/web", reason: "how senders that speak HTTP call: once, bounded, to public addresses", ours: []string{"core", "core/sender"}},
	{folder: "core/sender/twilio", reason: "hands SMS to Twilio; a number's country decides whether it may be sent to",
		ours: []string{"core", "core/address", "core/sender", "core/sender/web"}},
	{folder: "core/sender/webpush", reason: "hands notifications to browsers' push services; the standard library has all the cryptography it needs",
		ours: []string{"core", "core/sender", "core/sender/web"}},
	{folder: "core/sender/feedback", reason: "what providers tell, to facts, pure: apply runs it", ours: []string{"core", "core/address", "core/sender"}},
	{folder: "core/sender/webhook", reason: "posts what a journey says to a URL of the operator's, signed as package sign does",
		ours: []string{"core", "core/sender", "core/sender/web", "core/sign"}},
	{folder: "core/sender/sendertest", reason: "the conformance suite of senders, with servers that refuse things", test: true,
		ours: []string{"core", "core/sender"}, libs: []string{goSMTP}},

	{folder: "core/node", reason: "wires one core node: with machine the only package that knows every engine",
		ours: []string{"core", "core/wire", "core/sign", "core/address", "core/hook", "core/filter", "core/template", "core/db", "core/journal",
			"core/manifest", "core/inventory", "core/activity", "core/journey", "core/campaign", "core/notify", "core/machine",
			"core/source", "core/source/shopify", "core/source/api", "core/source/shopify/client", "core/source/woocommerce/client", "core/source/generic/client",
			"core/sender", "core/sender/inbox", "core/sender/smtp", "core/sender/twilio", "core/sender/webpush", "core/sender/webhook", "core/console", "core/zone", "wasm"},
		libs: []string{prometheus}},
	{folder: "core/console", reason: "pages and API over an interface that it declares itself; it shows what the inbox kept",
		ours: []string{"core", "core/wire", "core/address", "core/filter", "core/template", "core/manifest", "core/sender/inbox"}},
	{folder: "core/cli", reason: "the commands that are not nodes speak to a node over HTTP; keys are made by the senders that need them",
		ours: []string{"core", "core/console", "core/manifest", "core/sender/smtp", "core/sender/webpush"}, libs: []string{kong, yaml}},
	{folder: "core/e2e", reason: "stories told to the whole program", test: true,
		ours: []string{"core", "core/wire", "core/sign", "core/manifest", "core/node", "core/console", "core/source/pretend", "edge", "edge/uplink/uplinktest"}},

	{folder: "edge", reason: "the public face: verifies, stores, forwards; it interprets no payload",
		ours: []string{"core", "core/wire", "core/sign", "core/address", "widget", "edge/waitlist", "edge/uplink"}, libs: []string{fasthttp, prometheus, proxyproto, brotli, textLanguage}},
	{folder: "edge/waitlist", reason: "the edge's own disk", ours: []string{"core", "core/wire", "edge/outbox"}, libs: []string{badger}},
	{folder: "edge/outbox", reason: "the log that is synced before anybody is answered", ours: []string{"core", "core/wire"}},
	{folder: "edge/uplink", reason: "the edge's durable way to the journal", ours: []string{"core", "core/wire", "edge/waitlist"}, libs: []string{nats}},
	{folder: "edge/uplink/uplinktest", reason: "the cable between edge and journal, for tests to cut", test: true},
	{folder: "edge/shop", reason: "the demo's sample shop stands on the edge's origin and knows its public contract only", ours: []string{"core"}, libs: []string{fasthttp}},
	{folder: "widget", reason: "embeds what was bundled"},
	{folder: "widget/bundle", reason: "TypeScript to what is served: a tool, and what its test holds dist against", libs: []string{esbuild}},
	{folder: "widget/build", reason: "writes dist", ours: []string{"widget/bundle"}},

	{folder: "wasm", reason: "a plugin host that a stranger could use as a library: no word of ours", ours: []string{"wasm/abi"}, libs: []string{wazero}},
	{folder: "wasm/abi", reason: "goes into guests as well as into the host: nothing"},
	{folder: "plugins/kit", reason: "the plugin author's commands run plugins as the core does", ours: []string{"core", "core/hook", "wasm", "wasm/abi", "plugins/sdk"}, libs: []string{yaml}},
	{folder: "plugins/sdk", reason: "embeds what plugins are built with"},
	{folder: "plugins/examples", reason: "embeds the built examples, for the demo and for tests"},
	{folder: "plugins/sdk/go", reason: "what guests are built with", ours: []string{"wasm/abi"}},
	{folder: "plugins/examples/*", reason: "folders to copy: they use what an author gets", ours: []string{"plugins/sdk/go", "wasm/abi"}},
}

// leaves are those that engines may read with: without template (Liquid) and hook (plugins), which apply must not reach.
func leaves() []string { return []string{"core", "core/wire", "core/address", "core/filter"} }

// The libraries; an import belongs to the one that it begins with.
const (
	kong         = "github.com/alecthomas/kong"
	badger       = "github.com/dgraph-io/badger/v4"
	goMsgAuth    = "github.com/emersion/go-msgauth"
	goSMTP       = "github.com/emersion/go-smtp"
	natsServer   = "github.com/nats-io/nats-server/v2"
	nats         = "github.com/nats-io/nats.go"
	phonenumbers = "github.com/nyaruka/phonenumbers"
	liquid       = "github.com/osteele/liquid"
	prometheus   = "github.com/prometheus/client_golang"
	wazero       = "github.com/tetratelabs/wazero"
	brotli       = "github.com/andybalholm/brotli"
	fasthttp     = "github.com/valyala/fasthttp"
	proxyproto   = "github.com/pires/go-proxyproto"
	msgpack      = "github.com/vmihailenco/msgpack/v5"
	goMail       = "github.com/wneessen/go-mail"
	yaml         = "go.yaml.in/yaml/v3"
	idna         = "golang.org/x/net/idna"
	netHTML      = "golang.org/x/net/html"
	textLanguage = "golang.org/x/text/language"
	esbuild      = "github.com/evanw/esbuild"
)

// owner says which folders may import a library: one owner, unless the reason says why there are more.
type owner struct {
	lib     string
	folders []string
	reason  string
}

var owners = []owner{
	{kong, []string{".", "core/cli"}, "the command line's words stand where the commands are"},
	{badger, []string{"core/db", "edge/waitlist"}, "one store per role"},
	{goSMTP, []string{"core/sender/sendertest"}, "a mail server for tests"},
	{natsServer, []string{"core/journal"}, "the journal is embedded in the core only"},
	{nats, []string{"core/journal", "edge/uplink"}, "the two ends of the journal"},
	{phonenumbers, []string{"core/address"}, "one normal form"},
	{liquid, []string{"core/template"}, "rendering has one place"},
	{netHTML, []string{"core/template"}, "the text part of a mail is made of its HTML"},
	{prometheus, []string{".", "core/node", "edge"}, "each node has its own registry; main serves them together"},
	{wazero, []string{"wasm"}, "one plugin host"},
	{brotli, []string{"edge"}, "what is served from memory is compressed once, as well as can be"},
	{proxyproto, []string{"edge"}, "only the public face stands behind load balancers"},
	{textLanguage, []string{"edge"}, "pages behind links speak the language that the browser asks for"},
	{fasthttp, []string{"edge", "edge/shop"}, "only the public face needs it"},
	{msgpack, []string{"core/pack", "core/wire", "core/hook", "core/db"}, "three formats: on the wire, to plugins, on disk"},
	{goMail, []string{"core/sender/smtp"}, "one provider"},
	{goMsgAuth, []string{"core/sender/smtp"}, "DKIM, where the mail server does not sign"},
	{yaml, []string{"core/manifest", "core/cli", "plugins/kit"}, "what is applied, settings, and what a plugin declares of itself"},
	{idna, []string{"core/address"}, "one normal form"},
	{esbuild, []string{"widget/bundle"}, "a tool: no node bundles anything"},
}

// reach is what a folder must not come to, not even through the folders that it imports.
type reach struct {
	from   string
	never  []string // folders of ours, or libraries
	reason string
}

var reaches = []reach{
	{"core/machine", []string{wazero, liquid, nats, natsServer, fasthttp, goMail, goMsgAuth, kong, prometheus, yaml, "wasm", "core/template", "core/hook", "core/journal",
		"core/source/api", "core/source/shopify/client", "core/source/woocommerce/client", "core/source/generic/client", "core/sender/web"},
		"replaying a journal gives the same bytes: apply comes to no plugin, template, network or metric"},
	{"core/manifest", []string{liquid, wazero, msgpack, badger}, "files can be checked where there is neither disk nor engine"},
	{"edge", []string{wazero, liquid, "wasm", "core/machine", "core/node", "core/db", "core/inventory", "core/activity", "core/journey",
		"core/campaign", "core/notify", "core/template", "core/hook", "core/manifest", "core/source", "core/sender"},
		"an edge interprets no payload and runs nobody's code"},
	{"core/node", []string{"edge", fasthttp}, "only main imports both nodes"},
	{"core/cli", []string{badger, natsServer, wazero, "core/node", "edge"}, "commands speak to nodes, they are none"},
	{"wasm", []string{"core"}, "the plugin host knows no word of ours"},
}

// pure are the folders whose code runs while an entry is applied: the same journal must give the same state wherever
// and whenever it is replayed.
var pure = []string{"core/filter", "core/machine", "core/inventory", "core/activity", "core/journey", "core/campaign", "core/notify", "core/sender/feedback"}

// impureImports and impureCalls are what pure code does without, each with the remedy. What syntax does not show (ranging
// over a map) is for the replay tests to find.
var (
	impureImports = map[string]string{
		"math/rand":    "derive what looks random from ids",
		"math/rand/v2": "derive what looks random from ids",
		"crypto/rand":  "derive ids from what they identify",
		"os":           "let the node do it and append the outcome",
		"net":          "let the node do it and append the outcome",
		"net/http":     "let the node do it and append the outcome",
	}
	impureCalls = map[string]string{
		"time.Now": "use the now that apply is given", "time.Since": "use the now that apply is given", "time.Until": "use the now that apply is given",
		"time.Sleep": "store when it is due", "time.After": "store when it is due", "time.AfterFunc": "store when it is due",
		"time.Tick": "store when it is due", "time.NewTimer": "store when it is due", "time.NewTicker": "store when it is due",
		"time.Local": "use UTC, or a zone from the state",
	}
)

// source is a production file.
type source struct {
	path string
	ast  *ast.File
}

// imported is one import: where it stands and what it names.
type imported struct {
	at   string // file:line
	path string
}

// program is all production code by folder.
type program struct {
	positions *token.FileSet
	folders   map[string][]source
}

// TestLaw holds the whole repository to the law.
func TestLaw(t *testing.T) {
	broken, err := judge(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range broken {
		t.Error(b)
	}
}

// judge reads every production file and returns how the law is broken, in the order of folders.
func judge(root fs.FS) (broken []string, err error) {
	p, err := readProgram(root)
	if err != nil {
		return nil, fmt.Errorf("reading the program: %w", err)
	}
	for _, folder := range p.names() {
		broken = append(broken, p.judgeFolder(folder)...)
	}
	for _, r := range reaches {
		broken = append(broken, p.judgeReach(r)...)
	}
	return broken, nil
}

// readProgram parses what go build would see: no tests, no testdata, no hidden folders, no other modules.
func readProgram(root fs.FS) (*program, error) {
	p := &program{positions: token.NewFileSet(), folders: map[string][]source{}}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && foreign(root, name):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		return p.readFile(root, name)
	})
	return p, err
}

func foreign(root fs.FS, folder string) bool {
	base := path.Base(folder)
	if folder == "." {
		return false
	}
	_, err := fs.Stat(root, path.Join(folder, "go.mod"))
	return err == nil || base == "testdata" || base == "node_modules" || base[0] == '.' || base[0] == '_'
}

func (p *program) readFile(root fs.FS, name string) error {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return err
	}
	f, err := parser.ParseFile(p.positions, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	if !onlyTools(f) {
		folder := path.Dir(name)
		p.folders[folder] = append(p.folders[folder], source{name, f})
	}
	return nil
}

// onlyTools says whether a file is built with the tag tools only: it keeps modules in go.mod and is never compiled.
func onlyTools(f *ast.File) bool {
	for _, group := range f.Comments {
		for _, c := range group.List {
			if group.Pos() < f.Package && constraint.IsGoBuild(c.Text) {
				e, err := constraint.Parse(c.Text)
				return err == nil && !e.Eval(func(tag string) bool { return tag != "tools" })
			}
		}
	}
	return false
}

func (p *program) names() []string {
	var names []string
	for folder := range p.folders {
		names = append(names, folder)
	}
	slices.Sort(names)
	return names
}

func (p *program) imports(folder string) []imported {
	var all []imported
	for _, s := range p.folders[folder] {
		for _, i := range s.ast.Imports {
			name, _ := strconv.Unquote(i.Path.Value)
			all = append(all, imported{p.at(i.Pos()), name})
		}
	}
	return all
}

func (p *program) at(pos token.Pos) string {
	where := p.positions.Position(pos)
	return fmt.Sprintf("%s:%d", where.Filename, where.Line)
}

// lineOf is the law's line for a folder: its own, else that of a family.
func lineOf(folder string) (line, bool) {
	for _, l := range law {
		if l.folder == folder {
			return l, true
		}
	}
	for _, l := range law {
		if family, ok := strings.CutSuffix(l.folder, "*"); ok && strings.HasPrefix(folder, family) {
			return l, true
		}
	}
	return line{}, false
}

func (p *program) judgeFolder(folder string) (broken []string) {
	l, ok := lineOf(folder)
	if !ok {
		return []string{fmt.Sprintf("folder %s has no line in the law: add one to core/law_test.go that says what it may import, and why", folder)}
	}
	for _, i := range p.imports(folder) {
		if complaint := judgeImport(l, folder, i.path); complaint != "" {
			broken = append(broken, i.at+": "+complaint)
		}
	}
	if slices.Contains(pure, folder) {
		for _, s := range p.folders[folder] {
			broken = append(broken, p.judgePurity(s)...)
		}
	}
	return broken
}

// judgeImport says how an import breaks the line l; "" when it does not.
func judgeImport(l line, folder, name string) string {
	ours, isOurs := strings.CutPrefix(name, module+"/")
	switch {
	case isOurs:
		return judgeOurs(l, folder, ours)
	case name == "testing" || strings.HasPrefix(name, "testing/"):
		if !l.test {
			return fmt.Sprintf("imports %s: tests never reach production code; move it to a _test.go file or to a folder for tests", name)
		}
	case strings.Contains(strings.Split(name, "/")[0], "."):
		return judgeLibrary(l, name)
	}
	return ""
}

func judgeOurs(l line, folder, name string) string {
	if to, ok := lineOf(name); ok && to.test && !l.test {
		return fmt.Sprintf("imports %s, which is for tests (%s): import it from a _test.go file", name, to.reason)
	}
	if slices.Contains(l.ours, name) || name == folder {
		return ""
	}
	return fmt.Sprintf("imports %s: the line of %s allows of ours %s, because: %s. Declare an interface in %s and let whoever wires it hand it in; or change the line and its reason",
		name, l.folder, orNothing(l.ours), l.reason, folder)
}

func judgeLibrary(l line, name string) string {
	lib, who := ownerOf(name)
	switch {
	case lib == "":
		return fmt.Sprintf("imports %s, which has no owner: prefer the standard library, or give it one in core/law_test.go and say why", name)
	case !slices.Contains(l.libs, lib):
		return fmt.Sprintf("imports %s: its owner is %s (%s); ask the owner's package for what you need", name, strings.Join(who.folders, ", "), who.reason)
	}
	return ""
}

// ownerOf finds the library that an import is of.
func ownerOf(name string) (lib string, o owner) {
	for _, o := range owners {
		if name == o.lib || strings.HasPrefix(name, o.lib+"/") {
			return o.lib, o
		}
	}
	return "", owner{}
}

// judgePurity looks for what gives different results at a second replay.
func (p *program) judgePurity(s source) (broken []string) {
	complain := func(n ast.Node, what, remedy string) {
		broken = append(broken, fmt.Sprintf("%s: %s in code that apply runs, where a replay would differ: %s", p.at(n.Pos()), what, remedy))
	}
	names := map[string]string{} // local name to import
	for _, i := range s.ast.Imports {
		name, _ := strconv.Unquote(i.Path.Value)
		if remedy, ok := impureImports[name]; ok {
			complain(i, "imports "+name, remedy)
		}
		local := path.Base(name)
		if i.Name != nil {
			local = i.Name.Name
		}
		names[local] = name
	}
	ast.Inspect(s.ast, func(n ast.Node) bool {
		if what, remedy := impure(n, names); what != "" {
			complain(n, what, remedy)
		}
		return true
	})
	return broken
}

// impure says what is wrong with a node of pure code and what to do instead; "" when nothing is.
func impure(n ast.Node, names map[string]string) (what, remedy string) {
	switch n := n.(type) {
	case *ast.GoStmt:
		return "a go statement", "one goroutine owns the state; return an effect"
	case *ast.SelectStmt:
		return "a select statement", "which case runs is chance; return an effect"
	case *ast.BasicLit:
		if n.Kind == token.FLOAT {
			return "the float " + n.Value, "count in whole units"
		}
	case *ast.Ident:
		if n.Name == "float64" || n.Name == "float32" {
			return n.Name, "machines may round differently; count in whole units"
		}
	case *ast.SelectorExpr:
		if x, ok := n.X.(*ast.Ident); ok {
			call := names[x.Name] + "." + n.Sel.Name
			if remedy, ok := impureCalls[call]; ok {
				return call, remedy
			}
		}
	}
	return "", ""
}

// judgeReach follows the imports from a folder and complains about the first way to each thing it must not come to.
func (p *program) judgeReach(r reach) (broken []string) {
	way := map[string]string{r.from: r.from}
	for todo := []string{r.from}; len(todo) > 0; todo = todo[1:] {
		for _, i := range p.imports(todo[0]) {
			name := i.path
			if ours, ok := strings.CutPrefix(name, module+"/"); ok {
				name = ours
			} else if name, _ = ownerOf(name); name == "" {
				continue
			}
			if _, seen := way[name]; seen {
				continue
			}
			way[name] = way[todo[0]] + " → " + name
			if slices.Contains(r.never, name) {
				broken = append(broken, fmt.Sprintf("%s: %s comes to %s (%s), because: %s. Cut the way by an interface", i.at, r.from, name, way[name], r.reason))
				continue
			}
			todo = append(todo, name)
		}
	}
	return broken
}

func orNothing(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// TestLawIsSound checks the law against itself: every line and owner has a reason, names things once and agrees with
// the other tables.
func TestLawIsSound(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range law {
		if l.reason == "" || seen[l.folder] {
			t.Errorf("the line of %s has no reason or is there twice", l.folder)
		}
		seen[l.folder] = true
		for _, o := range l.ours {
			if _, ok := lineOf(o); !ok {
				t.Errorf("the line of %s allows %s, which has none", l.folder, o)
			}
		}
		for _, lib := range l.libs {
			if _, o := ownerOf(lib); !slices.Contains(o.folders, l.folder) {
				t.Errorf("the line of %s allows %s, whose owners are %s", l.folder, lib, orNothing(o.folders))
			}
		}
	}
	for _, o := range owners {
		for _, folder := range o.folders {
			if l, _ := lineOf(folder); !slices.Contains(l.libs, o.lib) || o.reason == "" {
				t.Errorf("%s owns %s, but its line does not allow it, or there is no reason", folder, o.lib)
			}
		}
	}
}

// TestLawIsKept breaks the law in every way that it names.
func TestLawIsKept(t *testing.T) {
	tests := []struct {
		name string
		file string
		text string
		want string // part of the complaint; "" when the law is kept
	}{
		{"standard library", "core/a.go", `import "strings"`, ""},
		{"allowed", "core/filter/a.go", `import "restock/core"`, ""},
		{"a library by its owner", "core/db/a.go", `import "github.com/dgraph-io/badger/v4/options"`, ""},
		{"a guest of a family", "plugins/examples/gate/a.go", `import "restock/wasm/abi"`, ""},
		{"a suite of tests", "core/source/sourcetest/a.go", `import "testing"`, ""},
		{"a test", "core/filter/a_test.go", `import "restock/core/node"`, ""},
		{"another module", "core/testdata/guest/a.go", `import "example.org/x"`, ""},
		{"tools", "tools.go", `import "example.org/x"`, "tools.go:3: imports example.org/x, which has no owner"},
		{"no line", "core/util/a.go", ``, "folder core/util has no line in the law"},
		{"not allowed", "core/journey/a.go", `import "restock/core/db"`, "core/journey/a.go:3: imports core/db: the line of core/journey allows of ours core, core/wire"},
		{"engine to engine", "core/inventory/a.go", `import "restock/core/notify"`, "imports core/notify: the line of core/inventory"},
		{"nothing allowed", "core/a.go", `import "restock/core/wire"`, "allows of ours nothing"},
		{"somebody else's library", "core/node/a.go", `import "github.com/dgraph-io/badger/v4"`, "its owner is core/db, edge/waitlist"},
		{"a name that only begins alike", "core/db/a.go", `import "github.com/dgraph-io/badger/v44"`, "has no owner"},
		{"a library of nobody", "core/db/a.go", `import "example.org/x"`, "imports example.org/x, which has no owner"},
		{"testing", "core/db/a.go", `import "testing"`, "tests never reach production code"},
		{"a suite in production", "core/node/a.go", `import "restock/core/source/sourcetest"`, "imports core/source/sourcetest, which is for tests"},
		{"the clock", "core/machine/a.go", "import \"time\"\nvar x = time.Now()", "core/machine/a.go:4: time.Now in code that apply runs"},
		{"the clock renamed", "core/machine/a.go", "import clock \"time\"\nvar x = clock.Now", "time.Now in code that apply runs"},
		{"a time without the clock", "core/machine/a.go", "import \"time\"\nvar x time.Duration", ""},
		{"sleep", "core/notify/a.go", "import \"time\"\nfunc f() { time.Sleep(1) }", "time.Sleep in code that apply runs"},
		{"chance", "core/activity/a.go", `import "math/rand/v2"`, "imports math/rand/v2 in code that apply runs"},
		{"a goroutine", "core/journey/a.go", "func f() { go f() }", "a go statement in code that apply runs"},
		{"a select", "core/journey/a.go", "func f() { select {} }", "a select statement in code that apply runs"},
		{"a float", "core/inventory/a.go", "var x float64", "core/inventory/a.go:3: float64 in code that apply runs"},
		{"a fraction", "core/inventory/a.go", "const x = 0.5", "the float 0.5 in code that apply runs"},
		{"the clock elsewhere", "core/node/a.go", "import \"time\"\nvar x = time.Now()", ""},
		{"a hidden folder", ".ci/a.go", `import "example.org/x"`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			expectLaw(t, fstest.MapFS{tt.file: file(tt.text)}, tt.want)
		})
	}
}

// TestLawReaches breaks the law by way of others.
func TestLawReaches(t *testing.T) {
	expectLaw(t, fstest.MapFS{
		"core/machine/a.go": file(`import "restock/core/source"`),
		"core/source/a.go":  file(`import "restock/core/address"`),
		"core/address/a.go": file(`import _ "github.com/osteele/liquid/render"`),
	}, "core/machine comes to github.com/osteele/liquid (core/machine → core/source → core/address → github.com/osteele/liquid)")
}

// TestLawPassesOver is what the law does not look at.
func TestLawPassesOver(t *testing.T) {
	expectLaw(t, fstest.MapFS{
		"tools.go":       {Data: []byte("//go:build tools\n\npackage main\n\nimport _ \"example.org/x\"\n")},
		"other/go.mod":   {Data: []byte("module other\n")},
		"other/main.go":  file(`import "example.org/x"`),
		"_old/main.go":   file(`import "example.org/x"`),
		"linux/main.txt": {Data: []byte("no Go")},
	}, "")
	expectLaw(t, fstest.MapFS{
		"main_linux.go": {Data: []byte("//go:build linux\n\npackage main\n\nimport _ \"example.org/x\"\n")},
	}, "has no owner")
}

func file(text string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("package a\n\n" + text + "\n")}
}

func expectLaw(t *testing.T, root fs.FS, want string) {
	t.Helper()
	broken, err := judge(root)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(broken, "\n")
	if want == "" && got != "" || !strings.Contains(got, want) {
		t.Errorf("the law says %q, want %q", got, want)
	}
}
