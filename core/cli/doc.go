// Package cli is the commands that are not nodes: they speak to a core node by its API, or work on files here.
package cli

import "errors"

// ErrSettings marks wrong settings: the program ends with exit code 2.
var ErrSettings = errors.New("wrong settings")

// Commands are the program's commands besides those that run nodes.
type Commands struct {
	Apply     applyCommand     `cmd:"" help:"Make the installation what files say: sources, senders, plugins, templates, journeys, audiences, broadcasts."`
	Why       whyCommand       `cmd:"" help:"Explain what happened to a contact, and why."`
	Status    statusCommand    `cmd:"" help:"Show how the installation is doing."`
	Demand    demandCommand    `cmd:"" help:"Rank what most people wait for."`
	Contact   contactCommand   `cmd:"" help:"Export or erase a contact."`
	Audience  audienceCommand  `cmd:"" help:"Count who an audience's filter holds for now, and show some of them."`
	Broadcast broadcastCommand `cmd:"" help:"Turn broadcasts on or off, pause, resume, list or try them."`
	Template  templateCommand  `cmd:"" help:"List, show and preview templates, and send a test."`
	Wave      waveCommand      `cmd:"" help:"List restocks that tell in waves, and pause, resume, stop or hasten them."`
	Message   messageCommand   `cmd:"" help:"Look at messages that did not go out, and send them again."`
	Reading   readingCommand   `cmd:"" help:"Read a shop at once; approve or drop what was read and is held."`
	Journey   journeyCommand   `cmd:"" help:"Turn journeys on or off, or list them."`
	Playbook  journeyCommand   `cmd:"" help:"Turn playbooks on or off, or list them."`
	Key       keyCommand       `cmd:"" help:"Make keys: for Web Push, DKIM, and encryption on disk."`
	Version   versionCommand   `cmd:"" help:"Print the version."`
}
