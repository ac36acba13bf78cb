package machine_test

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/machine"
	"restock/core/wire"
)

// waves reads a policy like size:2,every:1h,order:newest.
func waves(list string) (p core.WavePolicy, err error) {
	for _, w := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' }) {
		name, value, _ := strings.Cut(w, ":")
		n, bad := strconv.ParseInt(value, 10, 64)
		d, worse := time.ParseDuration(value)
		times := core.MillisecondsOf(d)
		switch name {
		case "size":
			p.Size, err = n, bad
		case "perunit":
			p.PerUnit, err = n, bad
		case "again":
			p.Again, err = int(n), bad
		case "every":
			p.Every, err = times, worse
		case "turn":
			p.Turn, err = times, worse
		case "spread":
			p.Spread, err = times, worse
		case "within":
			p.Within, err = times, worse
		case "order":
			p.Order = core.WaveOrder(value)
			if p.Order == core.OrderScore {
				p.Score = &core.PluginCall{Plugin: "vip", OnFailure: core.FailSend}
			}
		case "approve":
			p.Approve = true
		default:
			err = fmt.Errorf("no such policy of waves")
		}
		if err != nil {
			return p, err
		}
	}
	return p, nil
}

// scoring is a plugin that knows some contacts' scores; the others' it has none.
type scoring map[string]int64

func scores(words []string) scoring {
	s := scoring{}
	for _, w := range words {
		who, n, _ := strings.Cut(w, "=")
		s[who+"@example.com"], _ = strconv.ParseInt(n, 10, 64)
	}
	return s
}

func (s scoring) Ask(q machine.Question) (core.Verdict, bool) {
	for address, n := range s {
		if core.NewContactID(workspaceKey, email(address)) == q.Contact.ID {
			return core.Verdict{Pass: true, Score: n, Scored: true}, true
		}
	}
	return core.Verdict{Pass: true}, true
}

// steer says an operator's word about the last restock of a variant.
func (s *text) steer(words []string) error {
	e := wire.Steer{Word: map[string]core.Word{"pause": core.WordPaused, "resume": core.WordGo, "stop": core.WordStopped, "now": core.WordNext}[words[0]]}
	if len(words) > 2 {
		e.Size, _ = strconv.ParseInt(words[1], 10, 64)
	}
	for _, r := range s.restocks() {
		if r.Variant.Variant == core.VariantID(words[len(words)-1]) {
			e.Restock = r.ID
			s.append(wire.Origin{}, e)
			return nil
		}
	}
	return fmt.Errorf("there is no restock of it")
}

// tellWaves says how far a variant's restocks are.
func (s *text) tellWaves(v core.VariantID) {
	for _, r := range s.restocks() {
		if r.Variant.Variant != v {
			continue
		}
		said := fmt.Sprintf("%d told, %d waves", r.Told, r.Waves.N)
		if r.Waves.Out > 0 {
			said += fmt.Sprintf(", %d may be about to buy", r.Waves.Out)
		}
		s.view(func(tx *db.Tx) {
			db.WavesOf(tx, r.ID, func(w core.Wave) bool { said += fmt.Sprintf("; %d: %d", w.N, w.Taken); return true })
		})
		s.said = append(s.said, said)
	}
}

// remind turns on a playbook that reminds after a time.
func (s *text) remind(after core.Milliseconds) {
	still := core.Template{Subject: "still"}
	mail := mail("mail", still)
	mail.Email.Reminder = true
	day := core.Shape{Name: "day", Kind: core.ShapeDelay, Delay: after, Next: "mail"}
	s.declare(core.Declaration{Templates: []core.Template{still}, Journeys: []core.DeclaredJourney{journeyOn("shop-reminder", core.BackInStock, day, mail)}})
}
