package core

// QuietHours are when messages by some channels are held, by the clock of whom they go to.
type QuietHours struct {
	From     int       `msgpack:"f,omitempty"`  // minute of the day when it becomes quiet
	To       int       `msgpack:"t,omitempty"`  // minute of the day when it ends; before From: on the next day
	Channels []Channel `msgpack:"ch,omitempty"` // of a sender: empty, since it has its own
	Off      bool      `msgpack:"off,omitempty"`
}

// MinutesOfDay is how many there are on the clock, whatever becomes of them when clocks change.
const MinutesOfDay = 24 * 60

// FrequencyCap is how many messages a contact gets within a time, at most. What confirms to a contact that it asked does not count.
type FrequencyCap struct {
	Messages int64        `msgpack:"n"`
	Within   Milliseconds `msgpack:"in"`
	Channels []Channel    `msgpack:"ch,omitempty"` // whose messages count together; empty: all
	Drop     bool         `msgpack:"drop,omitempty"`
}

// Covers says whether messages by a channel count.
func (f FrequencyCap) Covers(ch Channel) bool {
	for _, c := range f.Channels {
		if c == ch {
			return true
		}
	}
	return len(f.Channels) == 0 && ch != Webhook
}

// SendRate is how many messages a sender hands over within a time, at most; the zero one: as many as there are.
type SendRate struct {
	Messages int64        `msgpack:"n,omitempty"`
	Every    Milliseconds `msgpack:"in,omitempty"`
}
