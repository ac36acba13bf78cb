// Package sendertest is the conformance suite of senders: what package sender promises, asked of an implementation.
package sendertest

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"restock/core"
	"restock/core/sender"
)

// Fault is a way for a provider to fail.
type Fault string

// The faults, and the kind of outcome that each must lead to.
const (
	Unreachable Fault = "unreachable" // cannot be connected to: temporary
	Busy        Fault = "busy"        // says that it may work later: temporary
	Refusing    Fault = "refusing"    // says that this message will never do: permanent
	Silent      Fault = "silent"      // takes the message and goes away before it answers: unknown
	Throttling  Fault = "throttling"  // says that it may work in RetryAfter: temporary, and Retry says when
	Moved       Fault = "moved"       // says to go elsewhere, where a sender must not go: temporary
	Gone        Fault = "gone"        // says that nobody is at the address: permanent, and the reason says so
)

// RetryAfter is what a provider under the fault Throttling asks for.
const RetryAfter = 100 * time.Second

// kinds is what each fault must lead to.
var kinds = map[Fault]core.OutcomeKind{
	Unreachable: core.OutcomeTemporary, Busy: core.OutcomeTemporary,
	Refusing: core.OutcomePermanent, Silent: core.OutcomeUnknown,
	Throttling: core.OutcomeTemporary, Moved: core.OutcomeTemporary, Gone: core.OutcomePermanent,
}

// reasons is what each kind of outcome must say.
var reasons = map[core.OutcomeKind]core.Reason{
	core.OutcomeAccepted: core.ReasonAccepted, core.OutcomeTemporary: core.ReasonTemporary,
	core.OutcomePermanent: core.ReasonRefused, core.OutcomeUnknown: core.ReasonUnanswered,
}

// Arrived is a message as it reached the provider.
type Arrived struct {
	To, From, Subject, Text, HTML, URL string
	Headers                            map[string]string // those the message brought, by their names
}

// Rig is a sender with a provider of its own behind it.
type Rig struct {
	Sender sender.Sender
	// Message is a message as this sender takes it, n makes its key; nil: an e-mail (the function Message).
	Message func(n uint64) core.Message
	// Text writes a text as messages of this sender have it, and Arrived shows it without; nil: as it is.
	Text func(text string) string
	// Arrived returns what the provider took so far, oldest first.
	Arrived func(t *testing.T) []Arrived
	// Faults arm a fault: the next call of Send, and only that, meets it. A provider that cannot fail in a way has no
	// entry for it.
	Faults map[Fault]func()
	// Hang lets the next call of Send hang once the provider has taken the message; taken is closed then. nil: it cannot.
	Hang func() (taken <-chan struct{})
}

func (r Rig) message(n uint64) core.Message {
	if r.Message == nil {
		return Message(n)
	}
	return r.Message(n)
}

// ready is a message that can be handed over.
func (r Rig) ready(n uint64) core.Message {
	m := r.message(n)
	m.Text = r.text(m.Text)
	return m
}

func (r Rig) text(s string) string {
	if r.Text == nil {
		return s
	}
	return r.Text(s)
}

// Harness makes a fresh Rig; what it opened ends with the test.
type Harness func(t *testing.T) Rig

// Run asks everything of the sender that h makes.
func Run(t *testing.T, h Harness) {
	t.Run("arrives", func(t *testing.T) { arrives(t, h) })
	t.Run("faults", func(t *testing.T) { faults(t, h) })
	t.Run("cancelled", func(t *testing.T) { cancelled(t, h(t)) })
	t.Run("cancelled while it waits", func(t *testing.T) { cancelledWaiting(t, h(t)) })
	t.Run("concurrent", func(t *testing.T) { concurrent(t, h(t)) })
	t.Run("same key", func(t *testing.T) { sameKey(t, h(t)) })
	t.Run("closed", func(t *testing.T) { closed(t, h(t)) })
}

// Message is a message of the suite; n makes its key.
func Message(n uint64) core.Message {
	var key core.LedgerKey
	binary.BigEndian.PutUint64(key[8:], n)
	return core.Message{
		Key: key, Channel: core.Email, To: core.Address{Channel: core.Email, Value: "ada.lovelace@example.org"},
		From: "Example Shop <shop@example.com>", Subject: "Back in stock", Text: "It is back.", HTML: "<p>It is back.</p>",
		At: 1767312000000,
	}
}

// shape is a message that transports are known to bend.
type shape struct {
	name   string
	change func(*core.Message)
}

// shapes are those of a channel.
func shapes(ch core.Channel) []shape {
	if ch != core.Email {
		return shortShapes()
	}
	return append(shortShapes(), mailShapes()...)
}

// shortShapes are what every channel carries.
func shortShapes() []shape {
	return []shape{
		{"plain", func(*core.Message) {}},
		{"unicode", func(m *core.Message) {
			m.Subject = "Grüße: „Läufer“ ist zurück 👟 再入荷のお知らせ"
			m.Text = "Grüße\n再入荷 👟\n"
		}},
		{"marks", func(m *core.Message) { m.Text = `a&b=c+d %20;"quoted" <tag> \ {{x}} #` }},
		{"blanks", func(m *core.Message) { m.Text = "trailing  \n\n\ttab =3D 100%\n  end" }},
	}
}

// mailShapes are what only e-mail has.
func mailShapes() []shape {
	return []shape{
		{"unicode everywhere", func(m *core.Message) {
			m.HTML = "<p>Grüße 再入荷 👟</p>"
			m.From = "Müller & Söhne <shop@example.com>"
		}},
		{"long subject", func(m *core.Message) { m.Subject = strings.Repeat("so long ", 24) + "ä" }},
		{"long lines", func(m *core.Message) {
			m.Text = strings.Repeat("0123456789", 300)
			m.HTML = "<p>" + strings.Repeat("wörd ", 1000) + "</p>"
		}},
		{"leading dots", func(m *core.Message) { m.Text = ".\n..\n.x\nFrom here\n.\nlast"; m.HTML = ".\n<p>.</p>\n." }},
		{"blanks in html", func(m *core.Message) { m.HTML = "<pre>  a \n</pre>" }},
		{"no html", func(m *core.Message) { m.HTML = "" }},
		{"headers", func(m *core.Message) {
			m.Headers = []core.Header{
				{Name: "List-Unsubscribe", Value: "<https://edge.example/u/" + strings.Repeat("t0k3n", 40) + ">"},
				{Name: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click"},
				{Name: "X-Note", Value: "Grüße"},
			}
		}},
	}
}

func arrives(t *testing.T, h Harness) {
	for n, shape := range shapes(h(t).message(0).Channel) {
		t.Run(shape.name, func(t *testing.T) {
			rig := h(t)
			m := rig.message(uint64(n + 1))
			shape.change(&m)
			want := m
			m.Text = rig.text(m.Text)
			expect(t, rig.Sender.Send(t.Context(), m), m, core.OutcomeAccepted)
			got := rig.Arrived(t)
			if len(got) != 1 {
				t.Fatalf("%d messages arrived, want 1", len(got))
			}
			compare(t, got[0], want)
		})
	}
}

func compare(t *testing.T, got Arrived, want core.Message) {
	t.Helper()
	type field struct{ name, got, want string }
	fields := []field{{"To", got.To, want.To.Value}, {"Text", lines(got.Text), lines(want.Text)}}
	if want.Channel != core.SMS { // which has none
		fields = append(fields, field{"Subject", got.Subject, want.Subject})
	}
	switch want.Channel {
	case core.Email:
		fields = append(fields, field{"From", got.From, want.From}, field{"HTML", lines(got.HTML), lines(want.HTML)})
	case core.Push:
		fields = append(fields, field{"URL", got.URL, want.URL})
	}
	for _, h := range want.Headers {
		fields = append(fields, field{h.Name, got.Headers[h.Name], h.Value})
	}
	for _, f := range fields {
		if f.got != f.want {
			t.Errorf("%s\ngot  %q\nwant %q", f.name, f.got, f.want)
		}
	}
}

// lines is text as far as transports keep it: a line's end is a line's end, and the last one does not count.
func lines(s string) string { return strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), "\n") }

// expect looks at everything an outcome must say.
func expect(t *testing.T, o core.Outcome, m core.Message, kind core.OutcomeKind) {
	t.Helper()
	if o.Key != m.Key || o.Kind != kind || o.Reason != reasons[kind] && !ofAddress(o) || o.Retry != 0 && kind != core.OutcomeTemporary || o.Shown != nil || o.About != nil {
		t.Errorf("got %+v, want kind %s, reason %s and key %s", o, kind, reasons[kind], m.Key)
	}
	if kind != core.OutcomeAccepted && o.Detail == "" {
		t.Errorf("the outcome %s says nothing more", kind)
	}
	local, _, _ := strings.Cut(strings.TrimPrefix(m.To.Value, "https://"), "@")
	for _, s := range []string{o.Detail, o.Receipt} {
		if strings.Contains(strings.ToLower(s), strings.ToLower(local)) || len(s) > sender.MaxDetail {
			t.Errorf("the outcome tells an address, or too much: %q", s)
		}
	}
}

// ofAddress says whether a permanent outcome blames the address.
func ofAddress(o core.Outcome) bool {
	return o.Kind == core.OutcomePermanent && slices.Contains([]core.Reason{core.ReasonBounced, core.ReasonUnsubscribed, core.ReasonGone}, o.Reason)
}

// expectFault looks at what the fault alone must say.
func expectFault(t *testing.T, o core.Outcome, fault Fault) {
	t.Helper()
	asked := core.TimeOf(time.Now().Add(RetryAfter))
	if fault == Throttling && (o.Retry < asked-5*core.Time(core.Second) || o.Retry > asked) {
		t.Errorf("the provider asked for patience until %s, and the outcome says %s", asked, o.Retry)
	}
	if fault == Gone && !ofAddress(o) {
		t.Errorf("nobody is at the address, and the outcome is %+v", o)
	}
}

func faults(t *testing.T, h Harness) {
	for fault, kind := range kinds {
		rig := h(t)
		arm := rig.Faults[fault]
		if arm == nil {
			continue
		}
		t.Run(string(fault), func(t *testing.T) {
			first, second := rig.ready(1), rig.ready(2)
			arm()
			o := rig.Sender.Send(t.Context(), first)
			expect(t, o, first, kind)
			expectFault(t, o, fault)
			expect(t, rig.Sender.Send(t.Context(), second), second, core.OutcomeAccepted)
			warm := rig.ready(3) // a connection that was in use meets the fault too
			arm()
			expect(t, rig.Sender.Send(t.Context(), warm), warm, kind)
		})
	}
}

func cancelled(t *testing.T, rig Rig) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m := rig.ready(1)
	expect(t, rig.Sender.Send(ctx, m), m, core.OutcomeTemporary)
	if got := rig.Arrived(t); len(got) != 0 {
		t.Errorf("%d messages arrived of a call that was over before it began", len(got))
	}
	expect(t, rig.Sender.Send(t.Context(), m), m, core.OutcomeAccepted)
}

// cancelledWaiting ends a call between the hand-over and the answer: nobody knows, and the next message is not held up.
func cancelledWaiting(t *testing.T, rig Rig) {
	if rig.Hang == nil {
		return
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	taken := rig.Hang()
	go func() {
		<-taken
		cancel()
	}()
	m := rig.ready(1)
	expect(t, rig.Sender.Send(ctx, m), m, core.OutcomeUnknown)
	m = rig.ready(2)
	expect(t, rig.Sender.Send(t.Context(), m), m, core.OutcomeAccepted)
}

func concurrent(t *testing.T, rig Rig) {
	const calls = 64
	var wg sync.WaitGroup
	want := make([]string, calls)
	for i := range calls {
		m := rig.message(uint64(i))
		want[i] = fmt.Sprintf("message %03d", i)
		m.Text = rig.text(want[i])
		wg.Go(func() { expect(t, rig.Sender.Send(t.Context(), m), m, core.OutcomeAccepted) })
	}
	wg.Wait()
	if got := texts(rig.Arrived(t)); !slices.Equal(got, want) {
		t.Errorf("arrived %q", got)
	}
}

func texts(arrived []Arrived) []string {
	var out []string
	for _, a := range arrived {
		out = append(out, lines(a.Text))
	}
	slices.Sort(out)
	return out
}

// sameKey sends one key many times: one message when the sender claims to be idempotent, else as many as calls, since
// a sender that drops some of them without the claim would hide lost messages.
func sameKey(t *testing.T, rig Rig) {
	const calls = 16
	m := rig.ready(7)
	var wg sync.WaitGroup
	for range calls {
		wg.Go(func() { expect(t, rig.Sender.Send(t.Context(), m), m, core.OutcomeAccepted) })
	}
	wg.Wait()
	expect(t, rig.Sender.Send(t.Context(), m), m, core.OutcomeAccepted)
	want := calls + 1
	if rig.Sender.Idempotent() {
		want = 1
	}
	if got := len(rig.Arrived(t)); got != want {
		t.Errorf("%d messages arrived, want %d", got, want)
	}
}

func closed(t *testing.T, rig Rig) {
	for range 2 {
		if err := rig.Sender.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	}
	m := rig.ready(1)
	expect(t, rig.Sender.Send(t.Context(), m), m, core.OutcomeTemporary)
}
