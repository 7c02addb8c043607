package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A change of any file that was read is noticed, as is a new one that an include
// fits.
func TestIncludedFilesChange(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "checks.d"), 0o755); err != nil {
		t.Fatal(err)
	}
	one := func(name string) string { return "checks: {" + name + ": {command: ['true']}}\n" }
	write(t, dir, "checks.yaml", "include: [checks.d, other.yaml]\n"+checksFile(always))
	write(t, dir, "other.yaml", one("other"))
	write(t, dir, "checks.d/a.yaml", one("a"))
	p := start(t, dir)
	appears := func(name string) {
		t.Helper()
		eventually(t, 5*time.Second, name+" appears", func() bool { _, ok := p.component(name); return ok })
	}
	leaves := func(name string) {
		t.Helper()
		eventually(t, 5*time.Second, name+" leaves", func() bool { _, ok := p.component(name); return !ok })
	}
	appears("a")
	appears("other")

	p.write("other.yaml", one("another"))
	appears("another")
	leaves("other")

	p.write("checks.d/b.yaml", one("b"))
	appears("b")

	p.write("checks.d/a.yaml", "checks: {b: {command: ['true']}}\n")
	eventually(t, 5*time.Second, "the log says so", func() bool {
		return strings.Contains(p.logged(), `b.yaml:1:10: error: the key \"b\" is given twice`)
	})
	appears("a") // still

	if err := os.Remove(filepath.Join(dir, "checks.d/b.yaml")); err != nil {
		t.Fatal(err)
	}
	leaves("a")
	appears("b")

	if err := os.Remove(filepath.Join(dir, "other.yaml")); err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "the log says so", func() bool { return strings.Contains(p.logged(), "cannot include") })
	appears("another") // still
	p.write("other.yaml", one("back"))
	appears("back")
}

// A folder is run as a file is, with paths relative to it.
func TestRunAFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "1-server.yaml", checksFile(always))
	write(t, dir, "2-more.yml", "checks: {here: {command: [ls, 2-more.yml]}}\n")
	p := &process{t: t, dir: t.TempDir()}
	p.cmd = program(p.dir, "run", dir)
	p.await()
	eventually(t, 5*time.Second, "it is healthy", func() bool { code, _ := p.get("/health"); return code == 200 })
	if out, code := p.command("status", "--config", dir); code != 0 || !strings.Contains(out, "here") {
		t.Errorf("status exits %d:\n%s", code, out)
	}
	write(t, dir, "3.yaml", "checks: {new: {command: ['true']}}\n")
	eventually(t, 5*time.Second, "new appears", func() bool { _, ok := p.component("new"); return ok })
}

// What hides a change is no help: neither time nor size differ, but the file does; and
// a secret's file is as much a part of the file as the rest.
func TestHiddenChanges(t *testing.T) {
	dir := t.TempDir()
	text := checksFile("  word: {interval: 1s, command: [echo, one], message: '{{ stdout }} ${file:secret}'}\n")
	write(t, dir, "secret", "abc") // shorter than what is redacted
	write(t, dir, "checks.yaml", text)
	p := start(t, dir)
	says := func(want string) {
		t.Helper()
		eventually(t, 5*time.Second, want, func() bool { r, _ := p.component("word"); return r.Message == want })
	}
	says("one abc")
	file := filepath.Join(dir, "checks.yaml")
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	p.write("checks.yaml", strings.Replace(text, "one", "two", 1))
	if err := os.Chtimes(file, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	says("two abc")
	p.write("secret", "xyz")
	says("two xyz")
}

func TestRunStandardInput(t *testing.T) {
	p := &process{t: t, dir: t.TempDir()}
	p.cmd = program(p.dir, "run", "-")
	p.cmd.Stdin = strings.NewReader(checksFile(always))
	p.await()
	eventually(t, 5*time.Second, "it is healthy", func() bool { code, _ := p.get("/health"); return code == 200 })
	time.Sleep(1500 * time.Millisecond) // longer than it waits between two looks at a file
	if log := p.logged(); strings.Contains(log, "reload") {
		t.Errorf("it wants to read standard input again:\n%s", log)
	}
}
