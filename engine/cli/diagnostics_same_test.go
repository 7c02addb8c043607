package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOneFunctionCompiles holds what the others rely on: every command that reads a
// file reads it by load. Drafts are files that no user wrote.
func TestOneFunctionCompiles(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var by []string
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(file, "_test.go") && strings.Contains(string(src), "engine.Compile(") {
			by = append(by, file)
		}
	}
	if want := []string{"draft.go", "load.go"}; !slices.Equal(by, want) {
		t.Errorf("files are compiled in %v, not in %v alone", by, want)
	}
}

// TestRunAndReloadSayTheSame has a wrong file validated, run, and reloaded by a daemon
// that runs another one: all three say the same of it, to the letter.
func TestRunAndReloadSayTheSame(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/diagnostics")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "checks.yaml", checksFile(always))
	p := start(t, dir)
	files, _ := filepath.Glob("testdata/diagnostics/*.yaml")
	for _, file := range append(files, "testdata/mistakes/tab.yaml", "testdata/mistakes/two-types.yaml") {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(filepath.Base(file), "warnings") {
			continue // of what is allowed
		}
		p.replace(string(src))
		said, code := p.command("validate", "checks.yaml")
		if code != exitFailed || !strings.Contains(said, ": error: ") {
			t.Errorf("%s: validate exits %d and says\n%s", file, code, said)
		}
		if ran, code := p.command("run", "checks.yaml"); code != exitBadFile || ran != said {
			t.Errorf("%s: run exits %d and says\n%s\nand validate says\n%s", file, code, ran, said)
		}
		if status, reloaded := p.reload(); status != 422 || reloaded != said {
			t.Errorf("%s: reload answers %d and says\n%s\nand validate says\n%s", file, status, reloaded, said)
		}
	}
	if _, ok := p.component("always"); !ok {
		t.Error("the file that was right does not run any more")
	}
}
