package kit

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"restock/core/hook"
	"restock/wasm"
)

// remedies say what an author can do about each way to fail.
var remedies = map[string]string{
	wasm.ReasonOutOfFuel:      "look for a loop that does not end, or for work that grows with the input; `run --profile` shows where the fuel goes",
	wasm.ReasonTooDeep:        "make the recursion end, or turn it into a loop",
	wasm.ReasonOutOfMemory:    "keep less; each call begins with the memory as it was booted, so nothing has to be saved up",
	wasm.ReasonTrapped:        "the trace names the functions, innermost first; `restock plugin run` shows what was logged before",
	wasm.ReasonBadOutput:      "answer ptr<<32 | len of bytes that lie in the plugin's own memory, in the form that plugins/README.md gives; the SDK does both",
	wasm.ReasonOutputTooLarge: "say less: fewer tags and variables, a shorter reason",
	wasm.ReasonInputTooLarge:  "list fewer fields under reads",
	wasm.ReasonHostRefused:    "hand the host text that lies in the plugin's own memory, and a level from 0 to 3; the SDK does both",
	wasm.ReasonNotReady:       "what runs before the first contact must end well: start function, _initialize, restock_buffer, restock_configure",
}

// explained adds to an error what to do about it, where the error itself says only what is wrong.
func explained(err error) error {
	if err == nil {
		return nil
	}
	var f *wasm.Failure
	if errors.As(err, &f) {
		return fmt.Errorf("%w\n%s%s\nto do: %s", err, traced(f.Trace), limits(f.Reason), remedies[f.Reason])
	}
	if hint := sourceHint(err.Error()); hint != "" {
		return fmt.Errorf("%w\nto do: %s", err, hint)
	}
	return err
}

// lines is a text of several lines of which each is as hook.Line: a module may have anything for the names of its functions.
func lines(text string) string {
	all := strings.Split(text, "\n")
	for i, line := range all {
		tabs := len(line) - len(strings.TrimLeft(line, "\t"))
		all[i] = line[:tabs] + hook.Line(line[tabs:])
	}
	return strings.Join(all, "\n")
}

// limits says which limit a failure is about.
func limits(reason string) string {
	limit := map[string]string{
		wasm.ReasonOutOfFuel:      fmt.Sprintf("limit: %d units of fuel a call, %d while booting", wasm.DefaultFuel, wasm.DefaultBootFuel),
		wasm.ReasonTooDeep:        fmt.Sprintf("limit: %d bytes of stack, 1,024 calls at most", wasm.DefaultStackLimit),
		wasm.ReasonOutOfMemory:    fmt.Sprintf("limit: %d bytes of memory", wasm.DefaultMemoryLimit),
		wasm.ReasonOutputTooLarge: fmt.Sprintf("limit: %d bytes for a condition, %d for a step", hook.MaxAnswer, hook.MaxStepAnswer),
		wasm.ReasonInputTooLarge:  fmt.Sprintf("limit: %d bytes", hook.BufferSize),
	}[reason]
	if limit == "" {
		return "reason: " + reason
	}
	return limit
}

// missingField finds, in what compilers say, a field of the SDK's types that is not there: each language in its own words.
var missingField = []*regexp.Regexp{
	regexp.MustCompile(`undefined \(type \*?restock\.(Input|Config|Vars) has no field or method (\w+)`),
	regexp.MustCompile(`no member named '(\w+)' in '(?:const )?(?:struct )?restock_(input|config|vars)'`),
	regexp.MustCompile(`Property '(\w+)' does not exist on type '(?:restock/)?\w*/?(Input|Config|Vars)'`),
	regexp.MustCompile("no field `(\\w+)` on type `[&']*(?:a )?(?:\\w+::)*(Input|Config|Vars)"),
}

// sourceHint says what to write into plugin.yaml when the author's source uses what it does not declare.
func sourceHint(said string) string {
	if strings.Contains(said, "imports wasi_snapshot_preview1.") {
		return "a plugin has no files, network, environment or processes: find what uses them (in Go: os, net, time.LoadLocation) and do " +
			"without it; data goes into the plugin by go:embed, include_str!, or settings"
	}
	for _, form := range missingField {
		m := form.FindStringSubmatch(said)
		if m == nil {
			continue
		}
		field, of := m[1], strings.ToLower(m[2])
		if o := strings.ToLower(m[1]); o == "input" || o == "config" || o == "vars" {
			field, of = m[2], o
		}
		return declareHint(field, of)
	}
	return ""
}

func declareHint(field, of string) string {
	switch of {
	case "config":
		return fmt.Sprintf("%s is not in config: add it to plugin.yaml with its type and build again", field)
	case "vars":
		return fmt.Sprintf("%s is not in sets: add it to plugin.yaml with its type and build again", field)
	}
	same := strings.ToLower(strings.ReplaceAll(field, "_", ""))
	for _, f := range hook.Fields() {
		if n := spell(f); strings.ToLower(n.Pascal) == same {
			return fmt.Sprintf("%s is not in reads: add `- %s` under reads in plugin.yaml and build again", field, f.Path)
		}
	}
	if name, ok := strings.CutPrefix(same, "contactfields"); ok {
		return fmt.Sprintf("%s is not in reads: add `- contact.fields.%s`, spelled as the contact's field is, under reads in plugin.yaml and build again", field, name)
	}
	return fmt.Sprintf("%s is no field that plugins can read; `restock plugin fields` lists them", field)
}
