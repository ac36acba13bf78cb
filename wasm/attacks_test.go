package wasm

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The gallery of attacks, testdata/attacks: each file is one module that means harm, and its comments say how and what must
// become of it. README.md there tells the notation.

// attack is one of them.
type attack struct {
	name   string // of its source
	module []byte
	must   []outcome // one of these
}

// outcome is an end that an attack may have.
type outcome struct {
	kind   string // refuse, fail, answer, same
	boot   bool   // the failure comes while booting
	reason string // of the failure
	text   string // in the error; the answer in hex, "*" for any
}

// attackCalls is how many contacts in a row are judged by an attack: each must see the same.
const attackCalls = 40

// attackRoom is how far the memory of the process may grow beyond what it was before an attack, at its peak.
const attackRoom = 100 << 20

// attackTime is when an attack counts as one that was not stopped. It is no measure: all take a fraction of it.
const attackTime = 2 * time.Minute

var mustLine = regexp.MustCompile(`(?m)^(?:;;|#) must: (.+)$`)

func readAttack(t testing.TB, file string) attack {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	a := attack{name: filepath.Base(file)}
	if filepath.Ext(file) == ".hex" {
		a.module, err = assembleHex(string(source))
	} else {
		a.module, err = os.ReadFile(strings.TrimSuffix(file, ".wat") + ".wasm")
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	must := mustLine.FindSubmatch(source)
	if must == nil {
		t.Fatalf("%s does not say what must become of it", file)
	}
	for part := range strings.SplitSeq(string(must[1]), "|") {
		a.must = append(a.must, readOutcome(t, file, part))
	}
	return a
}

var outcomeForm = regexp.MustCompile(`^(refuse|fail( boot)? ([a-z_]+)|answer|same)(?: "(.*)")?$`)

func readOutcome(t testing.TB, file, part string) outcome {
	t.Helper()
	m := outcomeForm.FindStringSubmatch(part)
	if m == nil {
		t.Fatalf("%s: %q is no outcome", file, part)
	}
	kind, _, _ := strings.Cut(m[1], " ")
	return outcome{kind: kind, boot: m[2] != "", reason: m[3], text: m[4]}
}

func (o outcome) String() string {
	boot := ""
	if o.boot {
		boot = "boot "
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s%s %q", o.kind, boot, o.reason, o.text))
}

// attackFiles lists the gallery.
func attackFiles(t testing.TB) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"*.wat", "*.hex"} {
		files, err := filepath.Glob(filepath.Join("testdata", "attacks", pattern))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, files...)
	}
	return all
}

// victimFile is the environment variable that makes a test process the victim of an attack.
const victimFile = "WASM_TEST_ATTACK"

// TestAttacks lets each attack loose on a process of its own, and fails when that dies, hangs, grows too large, answers
// another contact wrongly, or ends the attack in another way than its source says.
func TestAttacks(t *testing.T) {
	files := attackFiles(t)
	if len(files) < 100 {
		t.Errorf("the gallery has %d attacks; it had more", len(files))
	}
	program := buildVictim(t)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			victim := exec.CommandContext(t.Context(), program, "-test.run=^TestAttackVictim$", "-test.v", "-test.timeout="+attackTime.String())
			victim.Env = append(os.Environ(), victimFile+"="+file)
			began := time.Now()
			out, err := victim.CombinedOutput()
			if err != nil {
				t.Fatalf("the process under attack: %v\n%s", err, tail(out, 4<<10))
			}
			report, ok := victimReport(out)
			if !ok {
				t.Fatalf("the process under attack did not report\n%s", tail(out, 4<<10))
			}
			t.Logf("%s; %s in all", report, time.Since(began).Round(time.Millisecond))
		})
	}
}

// buildVictim builds this test anew, without the race detector if there was one: that would be counted as memory of the
// process, and takes a hundred times longer to load.
func buildVictim(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "victim.test")
	if out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("building the process under attack: %v\n%s", err, out)
	}
	return program
}

const reportMark = "the attack ended: "

func victimReport(out []byte) (string, bool) {
	_, rest, ok := bytes.Cut(out, []byte(reportMark))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	return string(line), ok
}

func tail(b []byte, n int) []byte { return b[max(0, len(b)-n):] }

// TestAttackVictim is the process under attack; it does nothing unless TestAttacks made it one.
func TestAttackVictim(t *testing.T) {
	file := os.Getenv(victimFile)
	if file == "" {
		return
	}
	a := readAttack(t, file)
	h := newHost(t, attackConfig(t))
	friend := bootGuest(t, h, "c")
	askFriend(t, friend)
	before := peakMemory(t)
	began := time.Now()
	ended := suffer(t, h, a)
	took := time.Since(began)
	askFriend(t, friend)
	grew := peakMemory(t) - before
	if grew > attackRoom {
		t.Errorf("the process grew by %d MB, the limit is %d", grew>>20, attackRoom>>20)
	}
	if !slicesContainsOutcome(a.must, ended) {
		t.Errorf("it ended as %s, want one of %v", ended, a.must)
	}
	if !t.Failed() {
		fmt.Printf("%s%s, %s, %d MB more at the peak\n", reportMark, ended, took.Round(time.Millisecond), grew>>20)
	}
}

// askFriend is the next contact, with another plugin, that must be unharmed.
func askFriend(t *testing.T, friend *Guest) {
	t.Helper()
	got, err := friend.Call(t.Context(), "condition", guestInput("TEE-BLACK-M", 0, "DE"))
	if err != nil || string(got) != guestYes {
		t.Errorf("another plugin answers %q, %v", got, err)
	}
}

// suffer loads, boots and asks the attack for many contacts, and answers how it ended, which must be the same for each.
func suffer(t *testing.T, h *Host, a attack) outcome {
	m, err := h.Load(t.Context(), a.module)
	if err != nil {
		var f *Failure
		if errors.As(err, &f) || !strings.HasPrefix(err.Error(), "loading module: ") {
			t.Errorf("Load = %v", err)
		}
		if n := len(err.Error()); n > 2*maxText {
			t.Errorf("the refusal says %d bytes", n)
		}
		return outcome{kind: "refuse", text: err.Error()}
	}
	defer m.Close(t.Context())
	var config []byte
	if m.Exports("configure") {
		config = []byte("some configuration")
	}
	g, err := m.Boot(t.Context(), config)
	if err != nil {
		return failed(t, err, true)
	}
	defer g.Close()
	var first outcome
	for i := range attackCalls {
		this := askAttacker(t, g, i)
		if i == 0 {
			first = this
		} else if this != first {
			t.Errorf("contact %d: %s; the first: %s", i, this, first)
			break
		}
	}
	return first
}

// askAttacker asks for one contact. Inputs differ in length: who has a short one must not see the rest of a longer one
// before.
func askAttacker(t *testing.T, g *Guest, i int) outcome {
	input := bytes.Repeat([]byte("secret! "), 2*(1+i%2))
	out, err := g.Call(t.Context(), "run", input)
	if err != nil {
		return failed(t, err, false)
	}
	return outcome{kind: "answer", text: hex.EncodeToString(out)}
}

func failed(t *testing.T, err error, boot bool) outcome {
	t.Helper()
	var f *Failure
	if !errors.As(err, &f) {
		t.Errorf("%v is no failure of the guest", err)
		return outcome{}
	}
	if len(f.Text) > maxText {
		t.Errorf("a failure says %d bytes", len(f.Text))
	}
	return outcome{kind: "fail", boot: boot, reason: f.Reason, text: f.Text}
}

func slicesContainsOutcome(must []outcome, ended outcome) bool {
	for _, want := range must {
		if want.holds(ended) {
			return true
		}
	}
	return false
}

// holds says whether an attack that ended so did as it must.
func (o outcome) holds(ended outcome) bool {
	switch o.kind {
	case "same": // suffer saw to it that all answers are equal
		return ended.kind == "answer"
	case "answer":
		return ended.kind == "answer" && (o.text == "*" || o.text == ended.text)
	}
	return o.kind == ended.kind && o.boot == ended.boot && o.reason == ended.reason && strings.Contains(ended.text, o.text)
}

// peakMemory is the most memory that the process ever had, in bytes.
func peakMemory(t *testing.T) int64 {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "darwin" {
		return u.Maxrss
	}
	return u.Maxrss << 10 // Linux and others count KiB
}

// attackConfig binds the attacks as a node does: they are loaded by a child.
func attackConfig(t *testing.T) Config {
	c := childConfig(t)
	c.LoadTime = 4 * time.Second
	return c
}

// TestAttackSources builds the binaries of the gallery anew from their sources and wants the same bytes.
func TestAttackSources(t *testing.T) {
	if _, err := exec.LookPath("wat2wasm"); err != nil && os.Getenv("CI") != "true" {
		t.Skip("wat2wasm is not there; in CI that fails")
	}
	dir := t.TempDir()
	build := exec.CommandContext(t.Context(), filepath.Join("testdata", "attacks", "build.sh"), dir)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the gallery: %v\n%s", err, out)
	}
	for _, file := range attackFiles(t) {
		name, isText := strings.CutSuffix(filepath.Base(file), ".wat")
		if !isText {
			continue
		}
		built, err := os.ReadFile(filepath.Join(dir, name+".wasm"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(built, readAttack(t, file).module) {
			t.Errorf("%s.wasm is not what its source makes; run testdata/attacks/build.sh", name)
		}
	}
}
