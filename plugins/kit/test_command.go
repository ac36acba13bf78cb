package kit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

type testCommand struct {
	Path      []string `arg:"" optional:"" default:"." help:"Plugins' folders, or modules beside their fixtures."`
	Update    bool     `help:"Write down what the plugin answers now, with its fuel."`
	Tolerance int      `default:"10" help:"How much more fuel than written down is taken, in percent."`
	Unit      bool     `default:"true" negatable:"" help:"Run the author's unit tests as well."`
}

// Run tests plugins; it fails when one does.
func (c *testCommand) Run(ctx context.Context, loader Loader) error {
	failed := 0
	for _, path := range c.Path {
		n, err := newTester(path, c, os.Stdout).test(ctx, loader)
		if err != nil {
			return err
		}
		failed += n
	}
	if failed > 0 {
		return fmt.Errorf("testing plugins: %d failed", failed)
	}
	return nil
}

// Test holds the plugin at path, a folder or a module beside its fixtures, against its fixtures, and a folder against its unit tests
// as well. It answers how many failed, and says which and why to out; tolerance is how much more fuel than written down is taken,
// in percent.
func Test(ctx context.Context, loader Loader, path string, tolerance int, out io.Writer) (failed int, err error) {
	return newTester(path, &testCommand{Tolerance: tolerance, Unit: true}, out).test(ctx, loader)
}

// tester tests one plugin.
type tester struct {
	target
	command  *testCommand
	out      io.Writer
	unitTime time.Duration
}

func newTester(path string, c *testCommand, out io.Writer) tester {
	return tester{target{path}, c, out, unitTime}
}

// test runs unit tests and fixtures; it answers how many failed.
func (t tester) test(ctx context.Context, loader Loader) (failed int, err error) {
	p, err := t.load(ctx, loader)
	if err != nil {
		return 0, err
	}
	defer closing(ctx, p, &err)
	fixtures, err := fixturesIn(t.folder())
	if err != nil {
		return failed, err
	}
	for _, f := range fixtures {
		problem, err := t.fixture(ctx, p, f)
		if err != nil {
			return failed, err
		}
		if problem != "" {
			failed++
			t.say("FAIL %s/%s\n  %s\n", p.manifest.Name, f.name, strings.ReplaceAll(problem, "\n", "\n  "))
		}
	}
	units, passed := "", true
	if t.command.Unit && !strings.HasSuffix(t.Path, ".wasm") {
		units, passed = t.units(ctx)
	}
	if !passed {
		failed++
	}
	if len(fixtures) == 0 && units == "" {
		return failed, fmt.Errorf("testing %s: there is nothing to test it by; make %s, and `test --update` writes what is answered beside it", p.manifest.Name,
			filepath.Join(t.folder(), fixturesFolder, "NAME", inFile))
	}
	t.say("%s: %d fixtures%s, %d failed\n", p.manifest.Name, len(fixtures), units, failed)
	return failed, nil
}

func (t tester) say(format string, args ...any) {
	_, _ = io.WriteString(t.out, lines(fmt.Sprintf(format, args...)))
}

// fixture runs one; it answers what is wrong, or "".
func (t tester) fixture(ctx context.Context, p *plugin, f fixture) (string, error) {
	m, err := p.run(ctx, f, 0)
	if err != nil {
		return "", err
	}
	file := filepath.Join(t.folder(), fixturesFolder, f.name, outFile)
	if t.command.Update {
		if m.Outcome.Fails != "" {
			t.say("%s/%s: written down that it %s; if it should not, mend the plugin\n", p.manifest.Name, f.name, m.Outcome.words())
		}
		return "", writeOutcome(file, m.Outcome)
	}
	want, err := readOutcome(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "it has no " + outFile + "; `test --update` writes what is answered now: " + m.Outcome.words(), nil
	}
	if err != nil {
		return "", err
	}
	if d := m.Outcome.differs(want); d != "" {
		return strings.TrimSpace(d + "\n" + m.Words), nil
	}
	return t.fuel(m.Outcome.Fuel, want.Fuel), nil
}

// fuel holds the fuel against what is written down; 0 is not looked at.
func (t tester) fuel(got, want int64) string {
	if most := want + want*int64(t.command.Tolerance)/100; want > 0 && got > most {
		return fmt.Sprintf("it used %d units of fuel, %d more than the %d that are written down (%d %% are tolerated); "+
			"find out why, or write it down by `test --update`", got, got-want, want, t.command.Tolerance)
	}
	return ""
}

func readOutcome(file string) (o outcome, err error) {
	b, err := readSmall(file)
	if err != nil {
		return o, err
	}
	if err := decodeJSON(b, &o); err != nil {
		return o, fmt.Errorf("reading %s: want what the plugin answers, such as {\"pass\": true, \"reason\": \"…\"}: %w", file, err)
	}
	for key, value := range o.Vars {
		o.Vars[key] = plain(value)
	}
	return o, nil
}

func writeOutcome(file string, o outcome) error {
	b, err := json.MarshalIndent(o, "", "  ")
	if err != nil {
		return err
	}
	if err := replace(file, append(b, '\n')); err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return nil
}

// unitTime is how long the author's unit tests may run. Unlike fixtures they run natively: nobody counts their fuel. Their compiler takes
// the time that it needs.
const unitTime = time.Minute

// units runs the author's unit tests; what they say is shown when they fail. It answers what to say of them, "" when there are none.
func (t tester) units(ctx context.Context) (words string, passed bool) {
	d, _, err := readDeclaration(t.Path)
	if err != nil || languages[d.Lang].unit == nil {
		return "", err == nil
	}
	scratch, err := os.MkdirTemp("", "restock-kit-")
	if err != nil {
		t.say("FAIL unit tests: %v\n", err)
		return " and unit tests", false
	}
	defer func() { _ = os.RemoveAll(scratch) }() // a temporary folder
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmds := languages[d.Lang].unit(ctx, t.Path, scratch)
	if len(cmds) == 0 {
		return "", true
	}
	for _, cmd := range cmds {
		cmd.Dir, cmd.WaitDelay = t.Path, time.Second // what it has started may keep its output open
		if cmd.Env == nil {
			cmd.Env = environment()
		}
		late := make(<-chan time.Time)
		if strings.HasPrefix(cmd.Path, scratch) { // no compiler
			late = time.After(t.unitTime)
		}
		said, err := output(cmd, late)
		if errors.Is(err, errLate) {
			err = fmt.Errorf("they did not end within %s; look for a loop that does not end", t.unitTime)
		}
		if errors.Is(err, exec.ErrWaitDelay) {
			err = errors.New("they ended, but not what they had started; let them wait for it")
		}
		if err != nil {
			t.say("FAIL unit tests: %v\n%s", err, said)
			return " and unit tests", false
		}
	}
	return " and unit tests", true
}

// errLate is of a program that was ended since it did not end.
var errLate = errors.New("it did not end in time")

// output runs a program to its end, or until a moment, and answers what it said. What it has started ends with it.
func output(cmd *exec.Cmd, late <-chan time.Time) (said string, err error) {
	var b words
	cmd.Stdout, cmd.Stderr = &b, &b
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		return "", err
	}
	defer func() { _ = cmd.Cancel() }() // mostly nothing is left
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err = <-ended:
		return b.String(), err
	case <-late:
		_ = cmd.Cancel() // it may have ended just now
		if err = <-ended; err != nil {
			err = errLate
		}
		return b.String(), err
	}
}
