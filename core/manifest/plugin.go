package manifest

import "restock/core"

// plugin reads a document that names a module; whether the module is a plugin is for those to say who can run it.
func (p *parser) plugin(h header) {
	h.alwaysOn()
	p.claim(within(h.workspace, "plugin"), h.name, h)
	v := h.needSpec("file").need("file", "the path of a WebAssembly module, seen from this file")
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
