package core

// Declaration is what a set of files, the console or the command line asks a workspace to be. It is checked as a
// whole before it becomes a journal entry, and applied as a whole.
type Declaration struct {
	Sources    []Source            `msgpack:"sources,omitempty"`
	Senders    []Sender            `msgpack:"senders,omitempty"`
	Plugins    []DeclaredPlugin    `msgpack:"plugins,omitempty"`
	Templates  []Template          `msgpack:"templates,omitempty"` // those that the journeys name by hash
	Journeys   []DeclaredJourney   `msgpack:"journeys,omitempty"`
	States     []DeclaredState     `msgpack:"states,omitempty"`
	Audiences  []Audience          `msgpack:"audiences,omitempty"`
	Broadcasts []DeclaredBroadcast `msgpack:"broadcasts,omitempty"`
	Words      []BroadcastWord     `msgpack:"words,omitempty"`
	Settings   *Settings           `msgpack:"settings,omitempty"` // nil: as they are
	Named      []NamedTemplate     `msgpack:"named,omitempty"`    // with what they are made of among Templates
}

// DeclaredPlugin is a plugin together with its module; nil stands for the one that the workspace has under the hash, until
// the node fills it in.
type DeclaredPlugin struct {
	Plugin Plugin `msgpack:"plugin"`
	Module []byte `msgpack:"module"`
}

// DeclaredJourney is a journey as it shall be.
type DeclaredJourney struct {
	Journey Journey `msgpack:"journey"`
	// State is whether it shall be on; nil: as it is, and off when it is new.
	State *bool `msgpack:"state,omitempty"`
	// IfNew leaves a journey of that name alone when there is one: a source's playbooks are made once.
	IfNew bool `msgpack:"if_new,omitempty"`
	// Pause and Resume name shapes; of the others it stays as it is.
	Pause  []string `msgpack:"pause,omitempty"`
	Resume []string `msgpack:"resume,omitempty"`
}

// DeclaredState turns a journey or playbook on or off.
type DeclaredState struct {
	Journey Name `msgpack:"journey"`
	On      bool `msgpack:"on"`
}
