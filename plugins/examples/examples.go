// Package examples holds plugins to copy from, built: the demonstration and tests run them as a merchant would. README.md lists
// them. Modules in Go are large and not kept here; `make plugins` builds all.
package examples

import _ "embed"

//go:embed domain-gate/domain-gate.wasm
var domainGate []byte

// DomainGate is the module of the condition domain-gate, a copy.
func DomainGate() []byte { return append([]byte(nil), domainGate...) }
