package wasm

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tetratelabs/wazero/api"
)

// checkImports refuses, before compiling, what is not there.
func (h *Host) checkImports(o *outline) error {
	for _, i := range o.imports {
		if err := h.checkImport(i); err != nil {
			return err
		}
	}
	return nil
}

func (h *Host) checkImport(i imported) error {
	functions, ok := h.offered[i.module]
	if !ok {
		return fmt.Errorf("it imports %s.%s; only functions of %s may be imported", i.module, i.name, names(h.offered))
	}
	if _, ok := functions[i.name]; !ok {
		return fmt.Errorf("it imports %s.%s, which this host does not have; there are: %s", i.module, i.name, names(functions))
	}
	return nil
}

// signature is a function's type.
type signature struct{ params, results []api.ValueType }

const i32, i64 = api.ValueTypeI32, api.ValueTypeI64

// The types of the calling convention.
var (
	bufferSignature    = signature{[]api.ValueType{i32}, []api.ValueType{i32}}
	configureSignature = signature{[]api.ValueType{i32, i32}, []api.ValueType{i32}}
	entrySignature     = signature{[]api.ValueType{i32, i32}, []api.ValueType{i64}}
)

func signatureOf(d api.FunctionDefinition) signature {
	return signature{d.ParamTypes(), d.ResultTypes()}
}

func (s signature) equal(t signature) bool {
	return slices.Equal(s.params, t.params) && slices.Equal(s.results, t.results)
}

func (s signature) String() string {
	list := func(types []api.ValueType) string {
		var all []string
		for _, t := range types {
			all = append(all, api.ValueTypeName(t))
		}
		return "(" + strings.Join(all, ", ") + ")"
	}
	return list(s.params) + " -> " + list(s.results)
}

// checkSignatures refuses functions of another type than the convention's, exported as well as imported.
func (h *Host) checkSignatures(m *Module) error {
	for _, d := range m.compiled.ImportedFunctions() {
		module, name, _ := d.Import()
		if got, want := signatureOf(d), signatureOf(h.offered[module][name]); !got.equal(want) {
			return fmt.Errorf("it imports %s.%s as %s; its type is %s", module, name, got, want)
		}
	}
	if !m.Exports(h.config.BufferExport) {
		return fmt.Errorf("it exports no function %q; export one of type %s, by the SDK or by hand", h.config.BufferExport, bufferSignature)
	}
	if err := m.checkExport(h.config.BufferExport, bufferSignature); err != nil {
		return err
	}
	if m.Exports(h.config.ConfigureExport) {
		if err := m.checkExport(h.config.ConfigureExport, configureSignature); err != nil {
			return err
		}
	}
	return nil
}

// CheckEntry says what is wrong with an export that is to be called by Worker.Call: it is not there, or of another type.
func (m *Module) CheckEntry(name string) error { return m.checkExport(name, entrySignature) }

// checkExport says what is wrong with an export that is to be of type want.
func (m *Module) checkExport(name string, want signature) error {
	d, ok := m.exports[name]
	if !ok {
		return fmt.Errorf("it exports no function %q; there are: %s", name, names(m.exports))
	}
	if got := signatureOf(d); !got.equal(want) {
		return fmt.Errorf("it exports %s as %s; want %s", name, got, want)
	}
	return nil
}

// names lists the keys of m in order.
func names[V any](m map[string]V) string {
	return strings.Join(slices.Sorted(maps.Keys(m)), ", ")
}
