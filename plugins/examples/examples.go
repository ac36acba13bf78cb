// Package examples holds plugins to copy from, built: the demonstration and tests run them as a merchant would. README.md lists
// them. Modules in Go are large and not kept here; `make plugins` builds all.
package examples

import _ "embed"

//go:embed domain-gate/domain-gate.wasm
var domainGate []byte

//go:embed region-gate/region-gate.wasm
var regionGate []byte

//go:embed loyalty-tier/loyalty-tier.wasm
var loyaltyTier []byte

// DomainGate is the module of the condition domain-gate, a copy.
func DomainGate() []byte { return append([]byte(nil), domainGate...) }

// RegionGate is the module of the condition region-gate, a copy.
func RegionGate() []byte { return append([]byte(nil), regionGate...) }

// LoyaltyTier is the module of the step loyalty-tier, a copy.
func LoyaltyTier() []byte { return append([]byte(nil), loyaltyTier...) }
