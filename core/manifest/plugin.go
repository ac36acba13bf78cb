package manifest

import (
	"encoding/hex"
	"regexp"

	"restock/core"
)

// plugin reads a document that names a module, by its file or by the hash of one that was applied before; whether the module
// is a plugin, and whether it was, is for those to say who can run it.
func (p *parser) plugin(h header) {
	h.alwaysOn()
	p.claim(within(h.workspace, "plugin"), h.name, h)
	spec := h.needSpec("file", "hash")
	if v := spec.get("hash"); v.given() {
		if file := spec.get("file"); file.given() {
			file.wrong("the module is named by hash; take one of the two out")
		}
		p.pluginVersion(h, v)
		return
	}
	p.pluginFile(h, spec.need("file", "the path of a WebAssembly module, seen from this file"))
}

// hashForm is a SHA-256, as sha256sum writes it.
var hashForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// pluginVersion is a module that was applied before: to go back to it, or to keep it under a name of its own.
func (p *parser) pluginVersion(h header, v value) {
	text := v.match(hashForm, "64 hexadecimal digits, the SHA-256 of a module that was applied before")
	d := core.DeclaredPlugin{Plugin: core.Plugin{Name: h.name}}
	if !hashForm.MatchString(text) {
		return // match said so
	}
	_, _ = hex.Decode(d.Plugin.Hash[:], []byte(text)) // it has the form
	declaration := p.declaration(h.workspace)
	declaration.Plugins = append(declaration.Plugins, d)
}

func (p *parser) pluginFile(h header, v value) {
	file := v.line()
	if file == "" {
		return
	}
	path := modulePath(v.file, file)
	module, err := p.opt.Read(path)
	if err != nil {
		v.wrong("reading module %s: %v", path, err)
		return
	}
	if len(module) == 0 {
		v.wrong("module %s is empty; build it first", path)
	}
	d := p.declaration(h.workspace)
	d.Plugins = append(d.Plugins, core.DeclaredPlugin{
		Plugin: core.Plugin{Name: h.name, Hash: core.HashOf(module), Size: len(module)},
		Module: module,
	})
}
