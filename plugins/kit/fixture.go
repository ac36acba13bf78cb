package kit

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"restock/core"
	"restock/core/hook"
)

// Fixtures are folders in a plugin's fixturesFolder: in.json says what the plugin is asked, out.json what it answers.
const (
	fixturesFolder = "fixtures"
	inFile         = "in.json"
	outFile        = "out.json"
)

// maxFixture bounds a file of a fixture, in bytes.
const maxFixture = 256 << 10

// fixture is what a plugin is asked, as in.json says it.
type fixture struct {
	name   string
	values hook.Values

	Config  map[string]any `json:"config,omitempty"`  // settings; the plugin's defaults when there are none
	Context map[string]any `json:"context,omitempty"` // fields: {"contact": {"region": "DE"}} or {"contact.region": "DE"}
	Step    string         `json:"step,omitempty"`    // the shape that asks; beside contact and plugin it seeds chance
}

// readFixture reads in.json, or any other file of its form.
func readFixture(file string) (fixture, error) {
	b, err := readSmall(file)
	if err != nil {
		return fixture{}, err
	}
	f, err := parseFixture(b)
	if err != nil {
		return f, fmt.Errorf("reading fixture %s: want {\"config\": {…}, \"context\": {…}, \"step\": \"…\"}: %w", file, err)
	}
	f.name = filepath.Base(file)
	if f.name == inFile {
		f.name = filepath.Base(filepath.Dir(file))
	}
	return f, nil
}

func readSmall(file string) ([]byte, error) {
	b, err := readFile(file, maxFixture)
	if errors.Is(err, errLarge) {
		err = fmt.Errorf("%w; it says one contact's case, of which a plugin can be handed 16,384 bytes", err)
	}
	if err != nil {
		return nil, fmt.Errorf("reading fixture: %w", err)
	}
	return b, nil
}

// parseFixture reads JSON without unknown keys; what it says of fields and settings has their types.
func parseFixture(b []byte) (f fixture, err error) {
	if err := decodeJSON(b, &f); err != nil {
		return f, err
	}
	for key, value := range f.Config {
		f.Config[key] = plain(value)
	}
	f.values = hook.Values{}
	if err := flatten("", f.Context, f.values); err != nil {
		return f, err
	}
	return f, typeTimes(f.values)
}

func decodeJSON(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, err := d.Token(); !errors.Is(err, io.EOF) {
			return errors.New(lineOf(b, d.InputOffset()) + "something stands behind the JSON object")
		}
		return nil
	}
	at := d.InputOffset()
	var form *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		at = int64(len(b))
	case errors.As(err, &form):
		at = form.Offset
	case errors.As(err, &kind):
		return fmt.Errorf("%s%s is no place for a JSON %s", lineOf(b, kind.Offset), cmp.Or(kind.Field, "the whole file"), kind.Value)
	}
	return fmt.Errorf("%s%s", lineOf(b, at), strings.TrimPrefix(err.Error(), "json: "))
}

// lineOf says in which line of a text an offset is.
func lineOf(b []byte, offset int64) string {
	return fmt.Sprintf("line %d: ", 1+bytes.Count(b[:min(int(offset), len(b))], []byte("\n")))
}

// flatten makes {"contact": {"region": …}} to contact.region.
func flatten(prefix string, from map[string]any, into hook.Values) error {
	for key, value := range from {
		path := prefix + key
		if object, ok := value.(map[string]any); ok {
			if err := flatten(path+".", object, into); err != nil {
				return err
			}
			continue
		}
		if _, twice := into[path]; twice {
			return fmt.Errorf("context: %s is there twice", path)
		}
		if value != nil {
			into[path] = plain(value)
		}
	}
	return nil
}

// plain makes JSON's values to those of hook: whole numbers to int64, lists of texts to []string. What is neither stays, to be
// complained about with its name.
func plain(value any) any {
	switch v := value.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
	case []any:
		list := make([]string, 0, len(v))
		for _, e := range v {
			s, ok := e.(string)
			if !ok {
				return value
			}
			list = append(list, s)
		}
		return list
	}
	return value
}

// typeTimes reads times, which may be written as RFC 3339 or in ms.
func typeTimes(values hook.Values) error {
	for path, value := range values {
		text, ok := value.(string)
		if f, known := hook.FieldOf(path); !ok || !known || f.Type != hook.Time {
			continue
		}
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return fmt.Errorf("context: %s is %q; want a time such as 2026-05-04T08:30:00Z, or ms since 1970", path, text)
		}
		values[path] = t.UnixMilli()
	}
	return nil
}

// fixturesIn are the fixtures of a plugin's folder, by name.
func fixturesIn(dir string) (all []fixture, err error) {
	entries, err := os.ReadDir(filepath.Join(dir, fixturesFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading fixtures: %w", err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			if err := overlooked(filepath.Join(dir, fixturesFolder, e.Name()), e); err != nil {
				return nil, err
			}
			continue
		}
		f, err := readFixture(filepath.Join(dir, fixturesFolder, e.Name(), inFile))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("reading fixtures: %s has no %s, which says what the plugin is asked; write one, {} for nothing, or remove the folder",
				filepath.Join(dir, fixturesFolder, e.Name()), inFile)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

// overlooked is an error when what is no folder may be meant for a fixture: one that is left out tests nothing.
func overlooked(path string, e fs.DirEntry) error {
	switch {
	case e.Type()&fs.ModeSymlink != 0:
		return fmt.Errorf("reading fixtures: %s is a link; a fixture is a folder of its own", path)
	case filepath.Ext(path) == ".json":
		return fmt.Errorf("reading fixtures: %s is no folder; what is asked stands in %s", path, filepath.Join(strings.TrimSuffix(path, ".json"), inFile))
	}
	return nil
}

// findFixture reads the fixture that somebody names: a file, or a folder of a plugin's fixtures.
func findFixture(dir, name string) (fixture, error) {
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		return readFixture(name)
	}
	f, err := readFixture(filepath.Join(dir, fixturesFolder, name, inFile))
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	all, err := fixturesIn(dir)
	if err != nil {
		return f, err
	}
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = f.name
	}
	return f, fmt.Errorf("finding fixture %s: there is neither such a file nor a folder of %s; there are: %s",
		name, filepath.Join(dir, fixturesFolder), orNothing(names))
}

// outcome is what a plugin answers to a fixture, as out.json says it.
type outcome struct {
	Pass   *bool          `json:"pass,omitempty"`   // of a condition
	Score  *int64         `json:"score,omitempty"`  // of a condition
	Action hook.Action    `json:"action,omitempty"` // of a step, as what follows
	For    int64          `json:"for,omitempty"`    // ms
	Branch string         `json:"branch,omitempty"`
	Vars   map[string]any `json:"vars,omitempty"`
	Tags   []string       `json:"tags,omitempty"`
	Reason string         `json:"reason,omitempty"`
	Fails  string         `json:"fails,omitempty"` // the reason of a failure; nothing else is there then but fuel
	Fuel   int64          `json:"fuel"`
}

// outcomeOf decodes what the plugin answered, as a core node does.
func (p *plugin) outcomeOf(output []byte) (o outcome, err error) {
	if p.manifest.Kind == hook.KindStep {
		a, err := p.manifest.DecodeStep(output)
		return outcome{Action: a.Action, For: int64(a.Delay), Branch: a.Branch, Vars: a.Vars, Tags: a.Tags, Reason: a.Reason}, err
	}
	a, err := hook.DecodeCondition(output)
	o = outcome{Pass: &a.Pass, Reason: a.Reason}
	if a.Scored {
		o.Score = &a.Score
	}
	return o, err
}

// words says an outcome in a line.
func (o outcome) words() string {
	var b strings.Builder
	switch {
	case o.Fails != "":
		fmt.Fprintf(&b, "fails: %s", o.Fails)
	case o.Pass != nil && *o.Pass:
		b.WriteString("yes")
	case o.Pass != nil:
		b.WriteString("no")
	case o.Action == hook.ActionDelay:
		fmt.Fprintf(&b, "delay %s", duration(o.For))
	case o.Action == hook.ActionBranch:
		fmt.Fprintf(&b, "branch %s", o.Branch)
	default:
		b.WriteString(string(o.Action))
	}
	if o.Score != nil {
		fmt.Fprintf(&b, ", score %d", *o.Score)
	}
	if o.Reason != "" {
		fmt.Fprintf(&b, ": %s", o.Reason)
	}
	for _, key := range sortedNames(o.Vars) {
		fmt.Fprintf(&b, "; %s = %v", key, o.Vars[key])
	}
	if len(o.Tags) > 0 {
		fmt.Fprintf(&b, "; tags %s", strings.Join(o.Tags, ", "))
	}
	return hook.Line(b.String())
}

func duration(ms int64) string {
	if ms > math.MaxInt64/int64(time.Millisecond) {
		return strconv.FormatInt(ms, 10) + "ms"
	}
	return (time.Duration(ms) * time.Millisecond).String()
}

func sortedNames(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// differs says what two outcomes differ by, apart from fuel; "" when by nothing.
func (o outcome) differs(want outcome) string {
	o.Fuel, want.Fuel = 0, 0
	a, errA := json.Marshal(o)
	b, errB := json.Marshal(want)
	if errA != nil || errB != nil || bytes.Equal(a, b) {
		return ""
	}
	return fmt.Sprintf("got  %s\nwant %s", o.words(), want.words())
}

// isInvalid says that an error is about what somebody wrote into a fixture, and not about the plugin.
func isInvalid(err error) bool {
	var bad *core.InvalidError
	return errors.As(err, &bad)
}
