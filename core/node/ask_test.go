package node

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/hook"
	"restock/core/machine"
	"restock/plugins/examples"
	"restock/wasm"
)

// world is a workspace without a journal: its state in memory, and plugins.
func world(t *testing.T) *workspace {
	t.Helper()
	p, err := newPlugins(t.Context(), Config{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := db.Open("", nil, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(p.close(context.Background()), d.Close()) })
	return &workspace{name: "default", db: d, node: &Node{plugins: p}, log: quiet}
}

func (w *workspace) write(t *testing.T, change func(*db.Tx)) {
	t.Helper()
	tx := w.db.Begin()
	change(tx)
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// guest is the smallest plugin: a condition whose answer is made by these instructions, of type (i32, i32) -> (i64).
func guest(kind hook.Kind, instructions string) []byte {
	section := func(id byte, content string) string { return string([]byte{id, byte(len(content))}) + content }
	named := func(s string) string { return string([]byte{byte(len(s))}) + s }
	code := func(s string) string { return named("\x00" + s + "\x0b") }
	about := hook.Manifest{Kind: kind, Name: "guest", Version: "1"}.Encode()
	return []byte("\x00asm\x01\x00\x00\x00" +
		section(1, "\x02\x60\x01\x7f\x01\x7f\x60\x02\x7f\x7f\x01\x7e") +
		section(3, "\x02\x00\x01") +
		section(5, "\x01\x00\x02") +
		section(7, "\x03"+named("memory")+"\x02\x00"+named(hook.BufferExport)+"\x00\x00"+named(hook.ConditionExport)+"\x00\x01") +
		section(10, "\x02"+code("\x41\x80\x08")+code(instructions)) +
		section(0, named(hook.Section)+string(about)))
}

// The instructions of guests.
const (
	trap    = "\x00"                         // unreachable
	nothing = "\x42\x00"                     // an answer of no bytes
	flood   = "\x42\x7f"                     // 4 GiB
	outside = "\x42\xc0\x80\x80\x80\x80\x7e" // 64 bytes at 0xfffffff0
	long    = "\x42\x88\x27"                 // 5,000 bytes at 0
	endless = "\x03\x40\x0c\x00\x0b\x00"
)

func question(name core.Name, module []byte, config string) machine.Question {
	q := machine.Question{Run: &core.Run{}, Contact: core.Traits{EmailDomain: "deny.example"}}
	q.Shape.Condition = &core.PluginCall{Plugin: name, Config: []byte(config)}
	if module != nil {
		q.Plugin = core.Plugin{Name: name, Hash: core.HashOf(module)}
	}
	return q
}

// TestAsk: what a plugin answers, and whatever may go wrong with one, is a verdict with a named reason; it harms no other.
func TestAsk(t *testing.T) {
	w := world(t)
	gate := examples.DomainGate()
	deny, err := hook.EncodeConfig(map[string]any{"deny": []string{"deny.example"}})
	if err != nil {
		t.Fatal(err)
	}
	lost := []byte("never applied")
	tests := []struct {
		name     string
		question machine.Question
		pass     bool
		failed   core.Reason
		reason   string // in the verdict's
	}{
		{"yes", question("gate", gate, ""), true, "", "may be told"},
		{"no", question("gate", gate, string(deny)), false, "", "on the list"},
		{"a trap", question("trap", guest(hook.KindCondition, trap), ""), false, wasm.ReasonTrapped, "unreachable"},
		{"no answer", question("nothing", guest(hook.KindCondition, nothing), ""), false, "bad_output", ""},
		{"an answer outside its memory", question("outside", guest(hook.KindCondition, outside), ""), false, wasm.ReasonBadOutput, ""},
		{"an answer that is too large", question("flood", guest(hook.KindCondition, flood), ""), false, wasm.ReasonOutputTooLarge, ""},
		{"an answer that a step might give, of a condition", question("long", guest(hook.KindCondition, long), ""), false, wasm.ReasonOutputTooLarge, "the limit is 4096"},
		{"no end", question("endless", guest(hook.KindCondition, endless), ""), false, wasm.ReasonOutOfFuel, "units of fuel"},
		{"a configuration that it does not take", question("trap", guest(hook.KindCondition, trap), "x"), false, wasm.ReasonNotReady, hook.ConfigureExport},
		{"never applied", question("missing", nil, ""), false, "not_ready", "missing"},
		{"its module is lost", question("lost", lost, ""), false, "not_ready", ""},
		{"no module", question("text", []byte("#!/bin/sh"), ""), false, "not_ready", "WebAssembly"},
		{"a step", question("step", guest(hook.KindStep, trap), ""), false, "not_ready", "step"},
		{"still yes", question("gate", gate, ""), true, "", "may be told"},
	}
	w.write(t, func(tx *db.Tx) {
		for _, m := range [][]byte{gate, guest(hook.KindCondition, trap), guest(hook.KindCondition, nothing), guest(hook.KindCondition, outside), guest(hook.KindCondition, flood),
			guest(hook.KindCondition, long), guest(hook.KindCondition, endless), guest(hook.KindStep, trap), []byte("#!/bin/sh")} {
			db.Modules.Set(tx, core.HashOf(m), m)
		}
	})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := w.asker(t.Context())
			defer a.close()
			a.until = time.Now().Add(time.Hour)
			v, ok := a.Ask(tt.question)
			if !ok || v.Pass != tt.pass || v.Failed != tt.failed || !strings.Contains(v.Reason, tt.reason) || len(v.Reason) > maxFailureText {
				t.Errorf("the verdict is %+v (%t), want pass %t, failed %q, reason …%s…", v, ok, tt.pass, tt.failed, tt.reason)
			}
		})
	}
}

// TestAskingEnds: when a page's time is over, or the leader goes, the run waits; nothing is said of the plugin.
func TestAskingEnds(t *testing.T) {
	w := world(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	q := question("missing", nil, "")
	if v, ok := (&asker{workspace: w, ctx: t.Context(), until: time.Now().Add(-1)}).Ask(q); ok {
		t.Errorf("after the page's time it was asked: %+v", v)
	}
	if v, ok := (&asker{workspace: w, ctx: gone, until: time.Now().Add(time.Hour)}).Ask(q); ok {
		t.Errorf("after the leader it was asked: %+v", v)
	}
}

// TestFailureNames: each way to fail has its reason, also when the error was wrapped.
func TestFailureNames(t *testing.T) {
	long := strings.Repeat("x", 2*maxFailureText)
	tests := []struct {
		err  error
		want core.Verdict
	}{
		{&wasm.Failure{Reason: wasm.ReasonOutOfMemory, Text: "too much"}, core.Verdict{Failed: "out_of_memory", Reason: "too much"}},
		{fmt.Errorf("asking: %w", &wasm.Failure{Reason: wasm.ReasonTrapped, Text: long}), core.Verdict{Failed: "trapped", Reason: long[:maxFailureText]}},
		{fmt.Errorf("asking: %w", hook.ErrOpen), core.Verdict{Failed: "breaker_open", Reason: "asking: " + hook.ErrOpen.Error()}},
		{fmt.Errorf("asking: %w", hook.ErrAnswer), core.Verdict{Failed: "bad_output", Reason: "asking: " + hook.ErrAnswer.Error()}},
		{errors.New("anything else"), core.Verdict{Failed: "not_ready", Reason: "anything else"}},
	}
	for _, tt := range tests {
		if got := failed(tt.err); got != tt.want {
			t.Errorf("%.40v is %+v, want %+v", tt.err, got, tt.want)
		}
	}
}
