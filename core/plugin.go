package core

// Plugin is a merchant's condition or step: third-party code in WebAssembly, known by the hash of its bytes.
type Plugin struct {
	Name Name `msgpack:"name"`
	Hash Hash `msgpack:"hash"`
	Size int  `msgpack:"size"` // of the module, in bytes

	Since   Time            `msgpack:"since,omitempty"`   // when it came into use
	Earlier []PluginVersion `msgpack:"earlier,omitempty"` // in use before it, the last first, at most MaxEarlier; none twice
}

// PluginVersion is a module that was in use under a plugin's name. It stays, so that it can be gone back to.
type PluginVersion struct {
	Hash  Hash `msgpack:"hash"`
	Size  int  `msgpack:"size"`  // bytes
	Since Time `msgpack:"since"` // when it came into use for the last time
}

// MaxEarlier bounds the versions that are listed. Their modules are never forgotten.
const MaxEarlier = 32

// After is the plugin as it takes another's place now. The same version stays what it was.
func (p Plugin) After(old Plugin, now Time) Plugin {
	if p.Hash == old.Hash {
		return old
	}
	p.Since = now
	p.Earlier = []PluginVersion{{old.Hash, old.Size, old.Since}}
	for _, v := range old.Earlier {
		if v.Hash != p.Hash && len(p.Earlier) < MaxEarlier {
			p.Earlier = append(p.Earlier, v)
		}
	}
	return p
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
