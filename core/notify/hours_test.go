package notify_test

import (
	"testing"
	"time"

	"restock/core"
	"restock/core/notify"
	"restock/core/zone"
)

func load(t testing.TB, name string) *time.Location {
	t.Helper()
	l, err := zone.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// night is quiet from 20:00 to 9:00.
var night = notify.Hours{From: 20 * 60, To: 9 * 60}

// TestOpens is what quiet hours come to: by clocks that are put forward and back, by the laws of US states, and where a number may be in
// more than one zone.
func TestOpens(t *testing.T) {
	tests := []struct {
		name  string
		zones []string
		quiet []notify.Hours
		state string // "": no law
		at    string // RFC 3339
		want  string // "": at once
	}{
		{"by day", []string{"Europe/Berlin"}, []notify.Hours{night}, "", "2026-07-01T12:00:00+02:00", ""},
		{"the first quiet minute", []string{"Europe/Berlin"}, []notify.Hours{night}, "", "2026-07-01T20:00:00+02:00", "2026-07-02T09:00:00+02:00"},
		{"the last open one", []string{"Europe/Berlin"}, []notify.Hours{night}, "", "2026-07-01T19:59:59+02:00", ""},
		{"early", []string{"Europe/Berlin"}, []notify.Hours{night}, "", "2026-07-01T08:59:59+02:00", "2026-07-01T09:00:00+02:00"},
		{"noon is quiet", []string{"Europe/Madrid"}, []notify.Hours{{From: 14 * 60, To: 17 * 60}}, "", "2026-07-01T15:30:00+02:00", "2026-07-01T17:00:00+02:00"},

		{"clocks go forward in the night", []string{"Europe/Berlin"}, []notify.Hours{night}, "", "2026-03-28T22:00:00+01:00", "2026-03-29T09:00:00+02:00"},
		{"clocks go back in the night", []string{"Europe/Berlin"}, []notify.Hours{night}, "", "2026-10-24T22:00:00+02:00", "2026-10-25T09:00:00+01:00"},
		{"the end does not exist, New York", []string{"America/New_York"}, []notify.Hours{{From: 20 * 60, To: 2*60 + 30}}, "", "2026-03-08T01:00:00-05:00", "2026-03-08T03:00:00-04:00"},
		{"the end comes twice, New York", []string{"America/New_York"}, []notify.Hours{{From: 20 * 60, To: 60 + 30}}, "", "2026-11-01T01:10:00-04:00", "2026-11-01T01:30:00-04:00"},
		{"and becomes quiet anew for a while", []string{"America/New_York"}, []notify.Hours{{From: 20 * 60, To: 60 + 30}}, "", "2026-11-01T01:10:00-05:00", "2026-11-01T01:30:00-05:00"},
		{"half an hour, Lord Howe", []string{"Australia/Lord_Howe"}, []notify.Hours{night}, "", "2026-10-03T23:00:00+10:30", "2026-10-04T09:00:00+11:00"},
		{"an island that skipped a day", []string{"Pacific/Apia"}, []notify.Hours{night}, "", "2011-12-29T22:00:00-10:00", "2011-12-31T09:00:00+14:00"},

		{"US: earlier than anybody may", []string{"America/Denver"}, nil, "CO", "2026-07-01T07:30:00-06:00", "2026-07-01T08:00:00-06:00"},
		{"US: late", []string{"America/Denver"}, nil, "CO", "2026-07-01T20:59:00-06:00", ""},
		{"US: too late", []string{"America/Denver"}, nil, "CO", "2026-07-01T21:00:00-06:00", "2026-07-02T08:00:00-06:00"},
		{"Connecticut in the morning", []string{"America/New_York"}, nil, "CT", "2026-07-01T08:30:00-04:00", "2026-07-01T09:00:00-04:00"},
		{"Florida in the evening", []string{"America/New_York"}, nil, "FL", "2026-07-01T20:00:00-04:00", "2026-07-02T08:00:00-04:00"},
		{"Maryland in the evening", []string{"America/New_York"}, nil, "MD", "2026-07-01T20:30:00-04:00", "2026-07-02T08:00:00-04:00"},
		{"Mississippi in the evening", []string{"America/Chicago"}, nil, "MS", "2026-07-01T20:30:00-05:00", "2026-07-02T08:00:00-05:00"},
		{"New Jersey in the evening", []string{"America/New_York"}, nil, "NJ", "2026-07-01T20:30:00-04:00", "2026-07-02T08:00:00-04:00"},
		{"Oklahoma in the evening", []string{"America/Chicago"}, nil, "OK", "2026-07-01T20:30:00-05:00", "2026-07-02T08:00:00-05:00"},
		{"Rhode Island on a Wednesday", []string{"America/New_York"}, nil, "RI", "2026-07-01T18:00:00-04:00", "2026-07-02T09:00:00-04:00"},
		{"Rhode Island on a Friday evening", []string{"America/New_York"}, nil, "RI", "2026-07-03T18:00:00-04:00", "2026-07-04T10:00:00-04:00"},
		{"Texas on a Saturday", []string{"America/Chicago"}, nil, "TX", "2026-07-04T20:59:00-05:00", ""},
		{"Texas on a Saturday night", []string{"America/Chicago"}, nil, "TX", "2026-07-04T21:00:00-05:00", "2026-07-05T12:00:00-05:00"},
		{"Texas on a Sunday morning", []string{"America/Chicago"}, nil, "TX", "2026-07-05T10:00:00-05:00", "2026-07-05T12:00:00-05:00"},
		{"Texas on a Sunday, clocks go forward", []string{"America/Chicago"}, nil, "TX", "2026-03-07T22:00:00-06:00", "2026-03-08T12:00:00-05:00"},
		{"Texas and the workspace's hours", []string{"America/Chicago"}, []notify.Hours{night}, "TX", "2026-07-04T20:30:00-05:00", "2026-07-05T12:00:00-05:00"},

		{"either of two zones", []string{"America/New_York", "America/Chicago"}, []notify.Hours{night}, "", "2026-07-01T09:30:00-04:00", "2026-07-01T10:00:00-04:00"},
		{"and in the evening", []string{"America/New_York", "America/Chicago"}, []notify.Hours{night}, "", "2026-07-01T20:30:00-04:00", "2026-07-02T10:00:00-04:00"},
		{"two hours leave little", []string{"UTC"}, []notify.Hours{night, {From: 9 * 60, To: 19 * 60}}, "", "2026-07-01T12:00:00Z", "2026-07-01T19:00:00Z"},
		{"and these nothing", []string{"Europe/Kaliningrad", "Pacific/Auckland"}, []notify.Hours{{From: 17 * 60, To: 9 * 60}}, "", "2026-07-01T12:00:00Z", "never"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var zones []*time.Location
			for _, name := range tt.zones {
				zones = append(zones, load(t, name))
			}
			var rules []notify.Rule
			for _, h := range tt.quiet {
				for _, z := range zones {
					rules = append(rules, notify.Daily(z, h))
				}
			}
			if tt.state != "" {
				rules = append(rules, notify.Legal("US", tt.state, zones)...)
			}
			at := instant(t, tt.at)
			got, ok := notify.Opens(rules, at)
			if tt.want == "never" {
				if ok {
					t.Errorf("opens at %s, want never", got)
				}
				return
			}
			want := at
			if tt.want != "" {
				want = instant(t, tt.want)
			}
			if !ok || got != want {
				t.Errorf("at %s it opens at %s (%t), want %s", tt.at, got.Go().In(zones[0]), ok, want.Go().In(zones[0]))
			}
			brute(t, rules, at, want)
		})
	}
}

func instant(t *testing.T, s string) core.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return core.TimeOf(at)
}

// brute looks at every minute on the way: none is open before.
func brute(t *testing.T, rules []notify.Rule, from, until core.Time) {
	t.Helper()
	for at := from; at < until; at = at.Add(core.Minute) {
		if next, _ := notify.Opens(rules, at); next == at {
			t.Errorf("%s is open, and was passed over", at)
			return
		}
	}
}

// TestReplies: who asks in the night is answered in the night; what comes of it later waits.
func TestReplies(t *testing.T) {
	rules := []notify.Rule{notify.Daily(time.UTC, night)}
	late := core.TimeOf(time.Date(2026, 7, 1, 23, 0, 0, 0, time.UTC))
	for _, tt := range []struct {
		name  string
		kind  core.ActivityKind
		since core.Milliseconds
		held  bool
	}{
		{"asked just now", core.WaitingOnStock, core.Second, false},
		{"asked a while ago", core.WaitingOnStock, notify.ReplyTime + 1, true},
		{"to confirm", core.ConfirmationAsked, core.Minute, false},
		{"is back", core.BackInStock, core.Second, true},
	} {
		s := let()
		s.Now, s.Hours = late, rules
		s.Intent.Activity.Kind, s.Intent.Activity.AskedAt = tt.kind, late.Add(-tt.since)
		s.Entry.LastAt = late
		s.Contact.Consents[0].At = late
		if tt.kind == core.ConfirmationAsked {
			s.Contact.Confirmations = []core.Confirmation{{Channel: core.Email, Tag: annsAddress.Tag(), AskedAt: asked}}
		}
		if d := notify.Decide(&s); (d.Reason == core.ReasonQuiet) != tt.held {
			t.Errorf("%s: %+v, want it held: %t", tt.name, d, tt.held)
		}
	}
}

// TestHoursThatNeverEnd: what no moment of any clock would let through goes by the workspace's clock; what that never lets through ends.
func TestHoursThatNeverEnd(t *testing.T) {
	s := let()
	always := notify.Hours{From: 0, To: core.MinutesOfDay}
	s.Hours = []notify.Rule{notify.Daily(time.UTC, always)}
	if d := notify.Decide(&s); d != (notify.Decision{}) {
		t.Errorf("the workspace keeps nothing quiet, and it is %+v", d)
	}
	s.Home = s.Hours
	if d := notify.Decide(&s); d.Kind != core.OutcomeDropped || d.Reason != core.ReasonQuiet {
		t.Errorf("there is no open moment, and it is %+v", d)
	}
}

// TestFrequency goes through what counts, and when a message that was held goes out.
func TestFrequency(t *testing.T) {
	hour := core.Hour
	two := core.FrequencyCap{Messages: 2, Within: core.Day}
	texts := core.FrequencyCap{Messages: 1, Within: core.Day, Channels: []core.Channel{core.SMS}}
	drop := two
	drop.Drop = true
	at := func(before core.Milliseconds) notify.Recent {
		return notify.Recent{At: noon.Add(-before), Channel: core.Email}
	}
	open := notify.Recent{At: noon, Channel: core.Email, Open: true}
	tests := []struct {
		name   string
		caps   []core.FrequencyCap
		recent []notify.Recent
		kind   core.OutcomeKind
		until  core.Time
	}{
		{"none so far", []core.FrequencyCap{two}, nil, "", 0},
		{"one so far", []core.FrequencyCap{two}, []notify.Recent{at(hour)}, "", 0},
		{"two so far", []core.FrequencyCap{two}, []notify.Recent{at(hour), at(3 * hour)}, core.OutcomeHeld, noon.Add(21 * hour)},
		{"three so far", []core.FrequencyCap{two}, []notify.Recent{at(hour), at(3 * hour), at(2 * hour)}, core.OutcomeHeld, noon.Add(22 * hour)},
		{"one is long ago", []core.FrequencyCap{two}, []notify.Recent{at(hour), at(core.Day)}, "", 0},
		{"dropped", []core.FrequencyCap{drop}, []notify.Recent{at(hour), at(3 * hour)}, core.OutcomeDropped, 0},
		{"one is on its way", []core.FrequencyCap{drop}, []notify.Recent{at(hour), open}, core.OutcomeHeld, noon.Add(5 * core.Second)},
		{"of another channel", []core.FrequencyCap{texts}, []notify.Recent{at(hour)}, "", 0},
		{"the stricter of two", []core.FrequencyCap{two, {Messages: 1, Within: 2 * hour}}, []notify.Recent{at(hour)}, core.OutcomeHeld, noon.Add(hour)},
	}
	for _, tt := range tests {
		s := let()
		s.Caps, s.Recent = tt.caps, tt.recent
		if d := notify.Decide(&s); d.Kind != tt.kind || d.Until != tt.until {
			t.Errorf("%s: %+v, want %q until %s", tt.name, d, tt.kind, tt.until)
		}
		s.Intent.Activity.Kind = core.WaitingOnStock
		if d := notify.Decide(&s); d.Kind != "" {
			t.Errorf("%s: what confirms is %+v", tt.name, d)
		}
	}
}
