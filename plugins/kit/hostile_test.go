//go:build unix

package kit

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"restock/core/hook"
)

// What is no regular file is never waited for, and what is endless never read, wherever a folder has it.
func TestFoldersWithoutEnd(t *testing.T) {
	module, err := readModule(filepath.Join("..", "examples", "domain-gate", "domain-gate.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	const head = "kind: condition\nname: x\nversion: 1\nlang: "
	build := func(dir string) error { return Build(t.Context(), loader(t), dir, io.Discard) }
	test := func(dir string) error {
		_, err := Test(t.Context(), loader(t), filepath.Join(dir, "p.wasm"), 0, io.Discard)
		return err
	}
	for _, tt := range []struct {
		file string
		do   func(dir string) error
	}{
		{"plugin.yaml", build}, {"go.mod", build}, {"module.wasm", build}, {"p.wasm", test}, {"fixtures/a/in.json", test}, {"fixtures/a/out.json", test},
	} {
		for _, create := range []func(file string) error{
			func(file string) error { return syscall.Mkfifo(file, 0o600) },
			func(file string) error { return os.Symlink("/dev/zero", file) },
		} {
			dir := t.TempDir()
			write(t, dir, "p.wasm", string(module))
			write(t, dir, "fixtures/a/in.json", "{}")
			lang := map[string]string{"go.mod": "go", "module.wasm": "other"}[tt.file]
			write(t, dir, "plugin.yaml", head+lang+"\n")
			file := filepath.Join(dir, tt.file)
			_ = os.Remove(file) // it need not be there
			if err := create(file); err != nil {
				t.Fatal(err)
			}
			says(t, tt.do(dir), filepath.Base(file)+" is no regular file; put one in its place")
		}
	}
	dir := t.TempDir()
	write(t, dir, "plugin.yaml", head+"c\n#"+strings.Repeat(" ", maxDeclaration))
	says(t, build(dir), "plugin.yaml has more than 65536 bytes")
}

// The SDK is written into the plugin's own folder, or nowhere.
func TestSDKFollowsNoLink(t *testing.T) {
	for _, linked := range []string{"restock", "restock/main"} {
		dir, victim := begin(t, "go", hook.KindCondition), t.TempDir()
		write(t, victim, "main.go", "package mine\n")
		if err := os.RemoveAll(filepath.Join(dir, linked)); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(victim, filepath.Join(dir, linked)); err != nil {
			t.Fatal(err)
		}
		says(t, Build(t.Context(), loader(t), dir, io.Discard), linked+" is a link", "remove it")
		left, err := os.ReadDir(victim)
		if b, _ := os.ReadFile(filepath.Join(victim, "main.go")); err != nil || len(left) != 1 || string(b) != "package mine\n" {
			t.Errorf("%s: there is %v with %q, %v", linked, left, b, err)
		}
	}
}

// What looks like a fixture and is none is not passed over.
func TestFixturesAreNotOverlooked(t *testing.T) {
	dir := begin(t, "c", hook.KindCondition)
	file := filepath.Join(dir, "fixtures", "third.json")
	write(t, dir, "fixtures/third.json", "{}")
	_, err := fixturesIn(dir)
	says(t, err, "third.json is no folder; what is asked stands in", "third/in.json")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(t.TempDir(), filepath.Join(dir, "fixtures", "linked")); err != nil {
		t.Fatal(err)
	}
	_, err = fixturesIn(dir)
	says(t, err, "linked is a link; a fixture is a folder of its own")
}

// Nothing of the author's machine changes a module, and no program of the folder is run to build it: neither Go's settings nor
// asconfig.json, nor npm's scripts.
func TestBuildTakesNothingElse(t *testing.T) {
	settings := filepath.Join(t.TempDir(), "env")
	write(t, filepath.Dir(settings), "env", "GOFLAGS=-nosuchflag\n")
	t.Setenv("GOENV", settings)
	if err := Build(t.Context(), loader(t), begin(t, "go", hook.KindCondition), io.Discard); err != nil {
		t.Error(err)
	}
	dir := begin(t, "ts", hook.KindCondition)
	ran := filepath.Join(t.TempDir(), "ran")
	write(t, dir, "asconfig.json", `{"options": {"transform": ["./own.mjs"]}}`)
	write(t, dir, "own.mjs", `import fs from "fs"; fs.writeFileSync("`+ran+`", ""); export default class {}`)
	if err := Build(t.Context(), loader(t), dir, io.Discard); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("a program of the folder was run")
	}
}

// npm installs the compiler and runs no script of the folder.
func TestInstallingRunsNoScripts(t *testing.T) {
	tools, dir := t.TempDir(), t.TempDir()
	write(t, tools, "npm", "#!/bin/sh\ncase \"$*\" in *--ignore-scripts*) ;; *) echo scripts were run; exit 1 ;; esac\n")
	if err := os.Chmod(filepath.Join(tools, "npm"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", tools+string(filepath.ListSeparator)+os.Getenv("PATH"))
	write(t, dir, "package.json", "{}")
	_, err := findCompiler(t.Context(), dir, io.Discard)
	says(t, err, "npm did not install it; add it to devDependencies")
}

// What restock was started with stays with it: neither compilers nor unit tests hear tokens. What they say is bounded.
func TestUnitTestsHearNoToken(t *testing.T) {
	t.Setenv("RESTOCK_TOKEN", "kept-to-itself")
	dir := begin(t, "c", hook.KindCondition)
	write(t, dir, "plugin_test.c", "#include <stdio.h>\n#include <stdlib.h>\nint main(void) { const char *t = getenv(\"RESTOCK_TOKEN\");\n"+
		"puts(t ? t : \"none\"); for (int i = 0; i < 100000; i++) puts(\"again and again\"); return 1; }\n")
	var out bytes.Buffer
	failed, err := newTester(dir, &testCommand{Tolerance: 10, Unit: true}, &out).test(t.Context(), loader(t))
	if err != nil || failed != 1 || !strings.Contains(out.String(), "\nnone\n") || !strings.Contains(out.String(), "and more than these 65536 bytes") || out.Len() > 2*maxSaid {
		t.Errorf("%d failed, %v: %d bytes: %.300s", failed, err, out.Len(), out.String())
	}
}

// What is saved while a plugin builds is built next, what the kit writes itself is not, and files that come and go end nothing.
func TestWatchMissesNothing(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "plugin.c", "1")
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, ".#plugin.c")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "gone.c")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	seen := ""
	err := watch(ctx, dir, func() {
		b, err := os.ReadFile(filepath.Join(dir, "plugin.c"))
		if seen += string(b); err != nil || seen == "12" {
			cancel()
		}
		write(t, dir, "plugin.c", "2")
		write(t, dir, "restock/sdk.h", "")
		later := time.Now().Add(time.Second)
		if err := os.Chtimes(filepath.Join(dir, "plugin.c"), later, later); err != nil {
			t.Error(err)
		}
	})
	if err != nil || seen != "12" {
		t.Errorf("it saw %q, %v", seen, err)
	}
}

// A source that is a link is as new as what it leads to.
func TestLinkedSourceIsStale(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	write(t, elsewhere, "shared.c", "")
	write(t, dir, "x.wasm", "")
	if err := os.Symlink(filepath.Join(elsewhere, "shared.c"), filepath.Join(dir, "plugin.c")); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(elsewhere, "shared.c"), later, later); err != nil {
		t.Fatal(err)
	}
	if stale, err := isStale(dir, filepath.Join(dir, "x.wasm")); !stale || err != nil {
		t.Errorf("it is stale: %v, %v", stale, err)
	}
}

// What fails its own fixtures is not pushed: a node would be asked for nothing, and journeys would be held by it.
func TestPushHoldsToFixtures(t *testing.T) {
	dir := t.TempDir()
	module, err := readModule(filepath.Join("..", "examples", "domain-gate", "domain-gate.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	node := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the node is asked") }))
	defer node.Close()
	write(t, dir, "p.wasm", string(module))
	write(t, dir, "fixtures/one/in.json", "{}")
	write(t, dir, "fixtures/one/out.json", `{"pass": false, "reason": "nobody"}`)
	push := pushCommand{target{filepath.Join(dir, "p.wasm")}, coreNode{Core: node.URL, Workspace: "default"}}
	says(t, push.push(t.Context(), loader(t), io.Discard), "trying fixture one: it does not answer what its out.json says, and nothing was pushed", "nobody", "test --update")

	broken := begin(t, "c", hook.KindCondition)
	write(t, broken, "plugin.c", "#include \"restock/restock.h\"\nrestock_answer condition(const restock_input *in, const restock_config *config) { (void)in; (void)config; __builtin_trap(); }\n")
	for _, gone := range []string{"fixtures/served/out.json", "fixtures"} {
		if err := os.RemoveAll(filepath.Join(broken, gone)); err != nil {
			t.Fatal(err)
		}
		write(t, broken, "fixtures/elsewhere/out.json", `{"fails": "trapped"}`)
		push = pushCommand{target{broken}, coreNode{Core: node.URL, Workspace: "default"}}
		if gone == "fixtures" {
			_ = os.RemoveAll(filepath.Join(broken, gone)) // as well as what was just written
		}
		says(t, push.push(t.Context(), loader(t), io.Discard), "the plugin fails, and nothing was pushed", "trapped")
	}
}

// What a module says, or is named, works no terminal.
func TestWordsWorkNoTerminal(t *testing.T) {
	dir := begin(t, "c", hook.KindCondition)
	write(t, dir, "plugin.c", "#include \"restock/restock.h\"\nrestock_answer condition(const restock_input *in, const restock_config *config) { (void)in; (void)config;\n"+
		"restock_log(2, RESTOCK_STR(\"\\033[2Jlog\"));\nrestock_fail(1, RESTOCK_STR(\"\\033[2Jfail\")); }\n")
	var out bytes.Buffer
	command := runCommand{target: target{dir}, Fixture: []string{"served"}}
	if err := command.once(t.Context(), loader(t), &out); err != nil || strings.ContainsRune(out.String(), '\x1b') || !strings.Contains(out.String(), " [2Jfail") || !strings.Contains(out.String(), " [2Jlog") {
		t.Errorf("it says %q, %v", out.String(), err)
	}
}

// What a unit test has started ends with it, however it ends.
func TestUnitTestsLeaveNothing(t *testing.T) {
	for want, end := range map[string]string{"they ended, but not what they had started": "return 0;", "they did not end within": "for (;;) pause();"} {
		t.Run(want, func(t *testing.T) {
			dir := begin(t, "c", hook.KindCondition)
			held := filepath.Join(dir, "held")
			if err := syscall.Mkfifo(held, 0o600); err != nil {
				t.Fatal(err)
			}
			left := make(chan error, 1)
			go func() { // reads to the end once nobody can write any more
				_, err := os.ReadFile(held)
				left <- err
			}()
			write(t, dir, "plugin_test.c", "#define _GNU_SOURCE\n#include <fcntl.h>\n#include <unistd.h>\nint main(void) { open(\"held\", O_WRONLY); if (fork() == 0) for (;;) pause(); "+end+" }\n")
			var out bytes.Buffer
			tester := newTester(dir, &testCommand{Tolerance: 10, Unit: true}, &out)
			tester.unitTime = 4 * time.Second
			if failed, err := tester.test(t.Context(), loader(t)); err != nil || failed != 1 || !strings.Contains(out.String(), want) {
				t.Errorf("%d failed, %v: %s", failed, err, out.String())
			}
			select {
			case err := <-left:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(30 * time.Second):
				t.Error("a program is left")
			}
		})
	}
}

// An answer that is none is written down with a word of warning.
func TestUpdateSaysThatItFails(t *testing.T) {
	dir := begin(t, "c", hook.KindCondition)
	write(t, dir, "plugin.c", "#include \"restock/restock.h\"\nrestock_answer condition(const restock_input *in, const restock_config *config) { (void)in; (void)config; __builtin_trap(); }\n")
	var out bytes.Buffer
	if _, err := newTester(dir, &testCommand{Update: true}, &out).test(t.Context(), loader(t)); err != nil || !strings.Contains(out.String(), "mine/served: written down that it fails: trapped") {
		t.Errorf("it says %q, %v", out.String(), err)
	}
}

// A source that is saved while it is compiled is newer than its module.
func TestSavedMeanwhileIsStale(t *testing.T) {
	compiler, err := exec.LookPath("clang")
	if err != nil {
		t.Fatal(err)
	}
	tools, dir := t.TempDir(), begin(t, "c", hook.KindCondition)
	write(t, tools, "clang", "#!/bin/sh\n"+compiler+" \"$@\" && echo >> plugin.c\n")
	if err := os.Chmod(filepath.Join(tools, "clang"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := os.Getenv("PATH")
	for _, want := range []bool{true, false} {
		if t.Setenv("PATH", path); want {
			t.Setenv("PATH", tools+string(filepath.ListSeparator)+path)
		}
		if err := Build(t.Context(), loader(t), dir, io.Discard); err != nil {
			t.Fatal(err)
		}
		if stale, err := isStale(dir, filepath.Join(dir, "mine.wasm")); stale != want || err != nil {
			t.Errorf("it is stale: %v, %v; want %v", stale, err, want)
		}
	}
}
