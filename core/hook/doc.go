// Package hook is where plugins step in: what a plugin declares about itself (Manifest), what it may read of a contact's
// case (Context, Projection), what it answers (Answer, StepAnswer), and how it is asked when it may be broken (Condition, Step).
//
// The flow: a plugin's author writes a manifest, the kit encodes it into a custom section of the module. At start,
// ReadManifest reads it back and NewCondition or NewStep binds it to a Guest, which is a booted module. An asker then takes an
// instance of it for one goroutine: Prepare encodes by position the declared fields that the contacts of an activity share,
// Ask those of one contact, calls the plugin, and decodes its answer.
//
// Both directions are msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md), read and written here by hand:
// inputs without allocating, outputs within bounds whatever the plugin claims.
package hook

// The names of ABI version 1, as configured into the plugin host. The import module carries the version.
const (
	ImportModule    = "restock1"
	Section         = "restock"
	BufferExport    = "restock_buffer"
	ConfigureExport = "restock_configure"
	ConditionExport = "restock_condition"
	StepExport      = "restock_step"
)

// BufferSize is the longest input and configuration that a plugin is handed, in bytes. A contact with hundreds of tags fits.
const BufferSize = 16 << 10
