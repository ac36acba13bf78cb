package node

import (
	"reflect"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/hook"
	"restock/core/machine"
	"restock/core/pack"
)

// stepGuest is a step plugin that always answers the same.
func stepGuest(answer []byte) []byte {
	return constant(hook.Manifest{
		Kind: hook.KindStep, Name: "guest", Version: "1", Branches: []string{"gold"},
		Sets: []hook.Field{{Path: "tier", Type: hook.String}, {Path: "points", Type: hook.Int}, {Path: "known", Type: hook.Bool}, {Path: "shops", Type: hook.Strings}},
	}, answer)
}

// constant is a plugin that always answers the same.
func constant(m hook.Manifest, answer []byte) []byte {
	about := m.Encode()
	size := func(n int) string { return string([]byte{byte(n&0x7f) | 0x80, byte(n >> 7)}) } // LEB128 in two bytes
	section := func(id byte, content string) string { return string(id) + size(len(content)) + content }
	named := func(s string) string { return size(len(s)) + s }
	code := func(s string) string { return named("\x00" + s + "\x0b") }
	return []byte("\x00asm\x01\x00\x00\x00" +
		section(1, "\x02\x60\x01\x7f\x01\x7f\x60\x02\x7f\x7f\x01\x7e") +
		section(3, "\x02\x00\x01") +
		section(5, "\x01\x00\x02") +
		section(7, "\x03"+named("memory")+"\x02\x00"+named(hook.BufferExport)+"\x00\x00"+named(m.Export())+"\x00\x01") +
		section(10, "\x02"+code("\x41\x80\x08")+code("\x42"+string([]byte{byte(len(answer)&0x7f) | 0x80, byte(len(answer) >> 7)}))) +
		section(11, "\x01\x00\x41\x00\x0b"+named(string(answer))) +
		section(0, named(hook.Section)+string(about)))
}

func stepQuestion(module []byte) machine.Question {
	q := machine.Question{Run: &core.Run{}}
	q.Shape = core.Shape{Name: "score", Kind: core.ShapePlugin, Plugin: &core.StepCall{PluginCall: core.PluginCall{Plugin: "scorer"}}}
	q.Plugin = core.Plugin{Name: "scorer", Hash: core.HashOf(module)}
	return q
}

// TestAskStep: what a step plugin answers is a verdict with its action, its variables in order, and its tags.
func TestAskStep(t *testing.T) {
	w := world(t)
	answer := pack.AppendMap(nil, 5)
	answer = pack.AppendString(pack.AppendString(answer, "a"), "branch")
	answer = pack.AppendString(pack.AppendString(answer, "to"), "gold")
	answer = pack.AppendString(pack.AppendString(answer, "reason"), "spends")
	answer = pack.AppendMap(pack.AppendString(answer, "vars"), 4)
	answer = pack.AppendString(pack.AppendString(answer, "tier"), "gold")
	answer = pack.AppendInt(pack.AppendString(answer, "points"), 42)
	answer = pack.AppendBool(pack.AppendString(answer, "known"), true)
	answer = pack.AppendStrings(pack.AppendString(answer, "shops"), []string{"Mitte"})
	answer = pack.AppendStrings(pack.AppendString(answer, "tags"), []string{"big"})
	good, bad, condition := stepGuest(answer), stepGuest([]byte("\x01")), guest(hook.KindCondition, nothing)
	w.write(t, func(tx *db.Tx) {
		for _, m := range [][]byte{good, bad, condition} {
			db.Modules.Set(tx, core.HashOf(m), m)
		}
	})
	a := patient(t, w)
	v, ok := a.Ask(stepQuestion(good))
	want := core.Verdict{Reason: "spends", Step: &core.StepAnswer{Action: core.StepBranch, Branch: "gold", Tags: []string{"big"}, Vars: []core.Var{
		{Plugin: "scorer", Name: "known", Kind: core.VarFlag, Flag: true}, {Plugin: "scorer", Name: "points", Kind: core.VarNumber, Number: 42},
		{Plugin: "scorer", Name: "shops", Kind: core.VarTexts, Texts: []string{"Mitte"}}, {Plugin: "scorer", Name: "tier", Kind: core.VarText, Text: "gold"},
	}}}
	if !ok || !reflect.DeepEqual(v, want) {
		t.Errorf("the verdict is %+v with %+v, want %+v", v, v.Step, want.Step)
	}
	if v, _ := a.Ask(stepQuestion(bad)); v.Failed != "bad_output" || v.Step != nil {
		t.Errorf("nonsense is %+v", v)
	}
	if v, _ := a.Ask(stepQuestion(condition)); v.Failed != "not_ready" || !strings.Contains(v.Reason, "another kind") {
		t.Errorf("a condition at a step's shape is %+v", v)
	}
}

// TestCheckBranches: every branch leads somewhere, and none is made up.
func TestCheckBranches(t *testing.T) {
	m := hook.Manifest{Name: "scorer", Branches: []string{"gold", "none"}}
	var wrong core.InvalidError
	checkBranches("f", core.StepCall{Branches: []core.Branch{{Name: "gold", To: "mail"}, {Name: "silver", To: "mail"}}}, m, &wrong)
	if len(wrong.Fields) != 2 || !strings.Contains(wrong.Fields[0].Message, "branch none") || !strings.Contains(wrong.Fields[1].Message, "it has gold, none") {
		t.Errorf("it says %+v", wrong.Fields)
	}
}

// TestCheckVars: a message reads what a plugin of its journey sets, and nothing else.
func TestCheckVars(t *testing.T) {
	mail := core.Template{Subject: "{{ plugin.scorer.tier }} {{ plugin.scorer.shoe }} {{ plugin.other.x }}", HTML: "x"}
	steps := map[core.Name]hook.Manifest{"scorer": {Sets: []hook.Field{{Path: "tier", Type: hook.String}}}}
	var wrong core.InvalidError
	checkVars("f", core.HashTemplate(mail), core.Declaration{Templates: []core.Template{mail}}, steps, &wrong)
	if len(wrong.Fields) != 2 || !strings.Contains(wrong.Fields[0].Message, "no shape of the journey asks") || !strings.Contains(wrong.Fields[1].Message, "plugin.scorer.shoe") {
		t.Errorf("it says %+v", wrong.Fields)
	}
}
