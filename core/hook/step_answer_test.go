package hook

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"restock/core"
	"restock/core/pack"
)

// allActions is a step that may do everything.
func allActions() Manifest {
	return Manifest{
		Kind: KindStep, Name: "all-actions", Version: "1.2.3", SDK: "c/1", Branches: []string{"vip", "rest"},
		Sets: []Field{{"coupon", String}, {"percent", Int}, {"first", Bool}, {"sizes", Strings}},
	}
}

// stepAnswers are the answers that testdata keeps, for SDKs to be held against.
var stepAnswers = []struct {
	name string
	out  []byte
	want StepAnswer
}{
	{"continue", packed("a", "continue"), StepAnswer{Action: ActionContinue}},
	{"exit", packed("a", "exit", "reason", "größe fehlt"), StepAnswer{Action: ActionExit, Reason: "größe fehlt"}},
	{"delay", packed("a", "delay", "for", 2*int64(core.Hour)), StepAnswer{Action: ActionDelay, Delay: 2 * core.Hour}},
	{"branch", packed("a", "branch", "to", "vip", "tags", []string{"vip", "größe-m"}),
		StepAnswer{Action: ActionBranch, Branch: "vip", Tags: []string{"vip", "größe-m"}}},
	{"vars", packedVars("a", "continue", "vars"), StepAnswer{Action: ActionContinue, Vars: map[string]any{
		"coupon": "TEE-10", "percent": int64(-10), "first": true, "sizes": []string{"S", "M"}}}},
}

// packed is a map of keys and values: text, int64, or a list of texts.
func packed(pairs ...any) []byte {
	b := pack.AppendMap(nil, (len(pairs)+1)/2)
	for _, v := range pairs {
		switch v := v.(type) {
		case string:
			b = pack.AppendString(b, v)
		case int64:
			b = pack.AppendInt(b, v)
		case []string:
			b = pack.AppendStrings(b, v)
		}
	}
	return b
}

// packedVars is packed with a value for the last key: all variables of allActions.
func packedVars(pairs ...any) []byte {
	b := pack.AppendMap(packed(pairs...), 4)
	b = pack.AppendString(pack.AppendString(b, "coupon"), "TEE-10")
	b = pack.AppendInt(pack.AppendString(b, "percent"), -10)
	b = pack.AppendBool(pack.AppendString(b, "first"), true)
	return pack.AppendStrings(pack.AppendString(b, "sizes"), []string{"S", "M"})
}

// The bytes in testdata are what SDKs write; they are read as they were when they were made.
func TestGoldenStepAnswers(t *testing.T) {
	for _, tt := range stepAnswers {
		file := "step-" + tt.name + ".msgpack"
		golden(t, file, tt.out)
		out, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := allActions().DecodeStep(out); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %+v, %v, want %+v", tt.name, got, err, tt.want)
		}
	}
}

func TestGoldenConditionAnswers(t *testing.T) {
	for name, tt := range map[string]struct {
		out  string
		want Answer
	}{
		"yes":    {"\x92\xc3\xa2ok", Answer{Pass: true, Reason: "ok"}},
		"no":     {"\x92\xc2\xa7gr\xc3\xb6\xc3\x9fe", Answer{Reason: "größe"}},
		"scored": {"\x93\xc3\xa0\xcd\x01\x00", Answer{Pass: true, Score: 256, Scored: true}},
	} {
		golden(t, "condition-"+name+".msgpack", []byte(tt.out))
		if got, err := DecodeCondition([]byte(tt.out)); err != nil || got != tt.want {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, tt.want)
		}
	}
}

func nested(depth int) string { return strings.Repeat("\x91", depth) + "\x01" }

func TestDecodeStep(t *testing.T) {
	tags := make([]string, MaxTags)
	for i := range tags {
		tags[i] = strings.Repeat(string(rune('a'+i)), MaxTag)
	}
	tests := []struct {
		name string
		out  []byte
		want StepAnswer
	}{
		{"order does not matter", packed("to", "rest", "a", "branch"), StepAnswer{Action: ActionBranch, Branch: "rest"}},
		{"shortest delay", packed("a", "delay", "for", int64(MinDelay)), StepAnswer{Action: ActionDelay, Delay: MinDelay}},
		{"longest delay", packed("a", "delay", "for", int64(MaxDelay)), StepAnswer{Action: ActionDelay, Delay: MaxDelay}},
		{"most tags", packed("a", "exit", "tags", tags), StepAnswer{Action: ActionExit, Tags: tags}},
		{"no tags", packed("a", "exit", "tags", []string{}), StepAnswer{Action: ActionExit}},
		{"no variables", append(packed("a", "exit", "vars"), 0x80), StepAnswer{Action: ActionExit}},
		{"a newer SDK's key", append(packed("a", "exit", "future"), nested(MaxStepDepth-1)...), StepAnswer{Action: ActionExit}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := allActions().DecodeStep(tt.out); err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %+v, %v, want %+v", got, err, tt.want)
			}
		})
	}
}

func TestDecodeStepRefuses(t *testing.T) {
	vars := func(b string) []byte { return append(packed("a", "continue", "vars"), b...) }
	long := strings.Repeat("x", MaxVar+1)
	tests := []struct {
		name string
		out  []byte
		want string
	}{
		{"nothing", nil, "ends early"},
		{"too long", make([]byte, MaxStepAnswer+1), "the limit is 16384"},
		{"an array", []byte("\x92\xc3\xa2ok"), "where a map belongs"},
		{"a map of 4 G", []byte("\xdf\xff\xff\xff\xff"), "the limit is 64"},
		{"something behind it", append(packed("a", "exit"), 0), "goes on for 1 bytes"},
		{"a key twice", packed("a", "exit", "a", "exit"), `says "a" twice`},
		{"no action", packed("reason", "x"), "has no action"},
		{"an unknown action", packed("a", "jump"), `the action "jump"; there are: continue, delay, branch, exit`},
		{"an action that is a number", packed("a", int64(1)), "where text belongs"},
		{"a delay without time", packed("a", "delay"), "for belongs to delay"},
		{"a time without delay", packed("a", "exit", "for", int64(5000)), "for belongs to delay"},
		{"too short", packed("a", "delay", "for", int64(MinDelay-1)), "wait for 999 ms"},
		{"backwards", packed("a", "delay", "for", int64(-5000)), "wait for -5000 ms"},
		{"too long a delay", packed("a", "delay", "for", int64(MaxDelay+1)), "wait for 31622400001 ms"},
		{"a fraction of time", append(packed("a", "delay", "for"), "\xcb\x40\xb3\x88\x00\x00\x00\x00\x00"...), "where an int belongs"},
		{"a branch without name", packed("a", "branch"), "to belongs to branch"},
		{"a name without branch", packed("a", "continue", "to", "vip"), "to belongs to branch"},
		{"an unknown branch", packed("a", "branch", "to", "VIP"), `goes to "VIP", which the manifest does not declare`},
		{"reason of 257", packed("a", "exit", "reason", long[:MaxReason+1]), "257 bytes, the limit is 256"},
		{"an unknown variable", vars("\x81\xa1x\x01"), `sets "x", which the manifest does not declare`},
		{"a variable twice", vars("\x82\xa7percent\x01\xa7percent\x01"), `sets "percent" twice`},
		{"text as a number", vars("\x81\xa7percent\xa11"), "where an int belongs"},
		{"a number as text", vars("\x81\xa6coupon\x01"), "where text belongs"},
		{"nil as a bool", vars("\x81\xa5first\xc0"), "where a bool belongs"},
		{"a list of numbers", vars("\x81\xa5sizes\x91\x01"), "where text belongs"},
		{"a variable of 1,025", vars("\x81\xa6coupon\xda\x04\x01" + long), "1025 bytes, the limit is 1024"},
		{"variables as a list", vars("\x90"), "where a map belongs"},
		{"seventeen tags", packed("a", "exit", "tags", slices.Repeat([]string{"x"}, MaxTags+1)), "17 elements, the limit is 16"},
		{"a tag of 65", packed("a", "exit", "tags", []string{long[:MaxTag+1]}), "65 bytes, the limit is 64"},
		{"a tag twice", packed("a", "exit", "tags", []string{"x", "y", "x"}), `the tag "x" twice`},
		{"an empty tag", packed("a", "exit", "tags", []string{""}), "an empty tag"},
		{"a tag that is not UTF-8", packed("a", "exit", "tags", []string{"\xff"}), "not UTF-8"},
		{"seventeen deep", append(packed("a", "exit", "future"), nested(MaxStepDepth)...), "nested too deep"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := allActions().DecodeStep(tt.out)
			if !errors.Is(err, ErrAnswer) || !strings.Contains(err.Error(), tt.want) || !reflect.DeepEqual(got, StepAnswer{}) {
				t.Errorf("got %+v, %v, want an error that says %q", got, err, tt.want)
			}
			if errors.Is(err, ErrTooLarge) != (len(tt.out) > MaxStepAnswer) {
				t.Errorf("%v is, or is not, ErrTooLarge", err)
			}
		})
	}
}

func FuzzDecodeStep(f *testing.F) {
	for _, tt := range stepAnswers {
		f.Add(tt.out)
	}
	f.Add([]byte("\xdf\xff\xff\xff\xff"))
	f.Add(append(packed("a", "exit", "future"), nested(MaxStepDepth)...))
	m := allActions()
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := m.DecodeStep(b)
		if err != nil {
			if !errors.Is(err, ErrAnswer) || !reflect.DeepEqual(a, StepAnswer{}) {
				t.Errorf("%+v, error %v", a, err)
			}
			return
		}
		checkBounds(t, m, a)
	})
}

// checkBounds wants that an answer holds nothing that a journey could not use.
func checkBounds(t *testing.T, m Manifest, a StepAnswer) {
	t.Helper()
	if (a.Action == ActionDelay) != (a.Delay != 0) || a.Delay != 0 && (a.Delay < MinDelay || a.Delay > MaxDelay) {
		t.Errorf("%s for %d ms", a.Action, a.Delay)
	}
	if (a.Action == ActionBranch) != slices.Contains(m.Branches, a.Branch) || a.Action != ActionBranch && a.Branch != "" {
		t.Errorf("%s to %q", a.Action, a.Branch)
	}
	if len(a.Reason) > MaxReason || !utf8.ValidString(a.Reason) || len(a.Tags) > MaxTags || slices.Contains(a.Tags, "") {
		t.Errorf("out of bounds: %+v", a)
	}
	for key, value := range a.Vars {
		i := slices.IndexFunc(m.Sets, func(f Field) bool { return f.Path == key })
		if i < 0 || !m.Sets[i].Type.holds(value) {
			t.Errorf("variable %s is a %T", key, value)
		}
	}
}
