package core_test

import (
	"testing"

	"restock/core"
)

// TestAllows: what was agreed to, taken back, and asked for again.
func TestAllows(t *testing.T) {
	alert := core.Consent{Channel: core.Email, Purpose: core.StockAlert, At: 100}
	later := alert
	later.At = 300
	box := core.Consent{Channel: core.Email, Purpose: core.Marketing, At: 100}
	ended := core.Withdrawal{Channel: core.Email, Purpose: core.StockAlert, At: 200}
	tests := []struct {
		name     string
		consents []core.Consent
		ended    []core.Withdrawal
		ch       core.Channel
		purpose  core.Purpose
		asked    core.Time
		want     core.Reason
	}{
		{"asked for", []core.Consent{alert}, nil, core.Email, core.StockAlert, 100, ""},
		{"by another channel", []core.Consent{alert}, nil, core.SMS, core.StockAlert, 100, core.ReasonNoConsent},
		{"marketing without its box", []core.Consent{alert}, nil, core.Email, core.Marketing, 0, core.ReasonNoConsent},
		{"marketing", []core.Consent{alert, box}, nil, core.Email, core.Marketing, 0, ""},
		{"taken back", []core.Consent{alert}, []core.Withdrawal{ended}, core.Email, core.StockAlert, 100, core.ReasonWithdrawn},
		{"marketing stays", []core.Consent{alert, box}, []core.Withdrawal{ended}, core.Email, core.Marketing, 0, ""},
		{"asked for again", []core.Consent{alert, later}, []core.Withdrawal{ended}, core.Email, core.StockAlert, 300, ""},
		{"but not for this", []core.Consent{alert, later}, []core.Withdrawal{ended}, core.Email, core.StockAlert, 100, core.ReasonWithdrawn},
		{"nobody ever said anything", nil, nil, core.Email, core.StockAlert, 0, core.ReasonNoConsent},
	}
	for _, tt := range tests {
		c := core.Contact{Consents: tt.consents, Withdrawn: tt.ended}
		if got := c.Allows(tt.ch, tt.purpose, tt.asked); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	var c core.Contact
	if !c.Withdraw(ended) || c.Withdraw(ended) || c.Withdraw(core.Withdrawal{Channel: core.Email, Purpose: core.StockAlert, At: 150}) || c.WithdrawnAt(core.Email, core.StockAlert) != 200 {
		t.Errorf("the last withdrawal counts, and there is %+v", c.Withdrawn)
	}
}
