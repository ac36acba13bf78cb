package core

// Plugin is a merchant's condition or step: third-party code in WebAssembly, known by the hash of its bytes.
type Plugin struct {
	Name Name `msgpack:"name"`
	Hash Hash `msgpack:"hash"`
	Size int  `msgpack:"size"` // of the module, in bytes
}

// Verdict is a condition's answer about one run at one shape. It is written into the journal with the hash of the
// plugin that gave it: the state machine rests on the verdict and never asks a plugin itself.
type Verdict struct {
	Run    RunID  `msgpack:"run"`
	Shape  string `msgpack:"s"`
	Plugin Hash   `msgpack:"p"`
	Pass   bool   `msgpack:"y"`
	Reason string `msgpack:"r,omitempty"` // the plugin's own words
	Failed Reason `msgpack:"f,omitempty"` // "" unless it could not be asked; then why
	Score  int64  `msgpack:"n,omitempty"` // the order of waves, higher first; holds only when Scored
	Scored bool   `msgpack:"o,omitempty"`

	Step *StepAnswer `msgpack:"step,omitempty"` // of a journey step plugin; nil of a condition's, or when Failed
}
