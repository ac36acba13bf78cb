package machine_test

import (
	"testing"

	"restock/core"
	"restock/core/machine"
)

// gate is a condition that says what it is told to, by e-mail address.
type gate map[string]core.Verdict

func (g gate) Ask(q machine.Question) (core.Verdict, bool) {
	for address, v := range g {
		if core.NewContactID(workspaceKey, email(address)) == q.Contact.ID {
			return v, true
		}
	}
	return core.Verdict{}, true
}

func withGate(w *shopWorld, policy core.FailurePolicy) {
	plugin := core.Plugin{Name: "gate", Hash: core.HashOf([]byte("gate"))}
	ask := core.Shape{Name: "gate", Kind: core.ShapeCondition, Next: "mail", No: core.Exit, Condition: &core.PluginCall{Plugin: "gate", OnFailure: policy}}
	w.declare(core.Declaration{
		Plugins:  []core.DeclaredPlugin{{Plugin: plugin, Module: []byte("gate")}},
		Journeys: []core.DeclaredJourney{journeyOn("shop-back", core.BackInStock, ask, mail("mail", back))},
	})
}

func TestConditionPlugin(t *testing.T) {
	for _, c := range []struct {
		policy core.FailurePolicy
		want   []string
	}{
		{core.FailSkip, []string{"yes@example.com back"}},
		{core.FailSend, []string{"yes@example.com back", "sick@example.com back"}},
		{core.FailHold, []string{"yes@example.com back"}},
	} {
		t.Run(string(c.policy), func(t *testing.T) {
			w := newWorld(t)
			withGate(w, c.policy)
			w.asker = gate{
				"yes@example.com":  {Pass: true, Reason: "welcome"},
				"no@example.com":   {Reason: "not you"},
				"sick@example.com": {Failed: "trapped", Reason: "unreachable"},
			}
			for _, who := range []string{"yes@example.com", "no@example.com", "sick@example.com"} {
				w.capture(who, "71")
			}
			w.drive()
			w.sent = nil
			w.level(710, 3)
			w.drive()
			got := map[string]bool{}
			for _, s := range w.sent {
				got[s] = true
			}
			if len(got) != len(c.want) || len(w.sent) != len(c.want) {
				t.Errorf("sent %q, want %q", w.sent, c.want)
			}
			for _, s := range c.want {
				if !got[s] {
					t.Errorf("%q was not sent", s)
				}
			}
			w.sent = nil
			w.asker = gate{"sick@example.com": {Pass: true}}
			w.pass(2 * core.Minute)
			w.drive()
			if c.policy == core.FailHold {
				w.wantSent("sick@example.com back")
			} else {
				w.wantSent()
			}
		})
	}
}

func TestAVerdictOfAReplacedPluginIsAskedAgain(t *testing.T) {
	w := newWorld(t)
	withGate(w, core.FailHold)
	w.capture("ann@example.com", "71")
	w.drive()
	w.sent = nil
	w.level(710, 3)
	w.asker = gate{"ann@example.com": {Pass: true}}
	work := w.works()[0]
	e := w.form(work)
	newer := core.Plugin{Name: "gate", Hash: core.HashOf([]byte("newer"))}
	w.declare(core.Declaration{Plugins: []core.DeclaredPlugin{{Plugin: newer, Module: []byte("newer")}}})
	w.asker = gate{"ann@example.com": {Pass: false}}
	w.fromLeader(e)
	w.drive()
	w.wantSent()
}
