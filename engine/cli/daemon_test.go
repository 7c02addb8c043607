package cli

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	always = "  always: {command: ['true'], interval: 1s}\n"
	never  = "  never: {command: ['false'], interval: 200ms}\n"
)

func TestDaemonFromStartToStop(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "checks.yaml", checksFile(always))
	p := start(t, dir)
	eventually(t, ample, "ready", func() bool { code, _ := p.get("/-/ready"); return code == 200 })
	if code, body := p.get("/health"); code != 200 || !strings.Contains(body, `"always"`) {
		t.Errorf("/health: %d %s", code, body)
	}
	if out, code := p.command("status"); code != 0 || !strings.Contains(out, "always  ✓ healthy") {
		t.Errorf("status exits %d:\n%s", code, out)
	}
	other := program(dir, "run", "checks.yaml")
	out, _ := other.CombinedOutput()
	if code := other.ProcessState.ExitCode(); code != 1 || !strings.Contains(string(out), "in use by another polyhealth") {
		t.Errorf("a second daemon on the database exits %d: %s", code, out)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("stopped with %d:\n%s", code, p.logged())
	}
	if out, code := p.command("status"); code != 3 || !strings.Contains(out, "no polyhealth answers") {
		t.Errorf("status of nothing exits %d: %s", code, out)
	}
	if strings.Contains(p.logged(), "level=ERROR") || strings.Contains(p.logged(), "level=WARN") {
		t.Errorf("all was well, but the log says\n%s", p.logged())
	}
}

func TestBadFileDoesNotStart(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "checks.yaml", "checks: {a: {http: 5, intervall: 3}}\n")
	cmd := program(dir, "run")
	out, _ := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != 78 || !strings.Contains(string(out), `checks.yaml:1:23: error: unknown key "intervall"`) {
		t.Errorf("exits %d:\n%s", code, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "polyhealth.db")); err == nil {
		t.Error("a database was made for a bad file")
	}
}

// Every way in which an editor, a deployment tool or a person changes a file.
func TestFileChanges(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "checks.yaml")
	with := func(name string) string { return checksFile(always + fmt.Sprintf("  %s: {command: ['true']}\n", name)) }
	write(t, dir, "checks.yaml", with("first"))
	p := start(t, dir)
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	appears := func(name string) {
		t.Helper()
		eventually(t, 2*time.Second, name+" appears", func() bool { _, ok := p.component(name); return ok })
	}
	appears("first")

	p.write("checks.yaml", with("in-place"))
	appears("in-place")

	write(t, dir, "new.yaml", with("renamed"))
	check(os.Rename(filepath.Join(dir, "new.yaml"), file))
	appears("renamed")

	check(os.Remove(file))
	if _, ok := p.component("renamed"); !ok {
		t.Error("a deleted file must change nothing")
	}
	p.write("checks.yaml", with("created"))
	appears("created")

	check(os.Mkdir(filepath.Join(dir, "v1"), 0o755))
	check(os.Mkdir(filepath.Join(dir, "v2"), 0o755))
	write(t, dir, "v1/checks.yaml", with("linked"))
	write(t, dir, "v2/checks.yaml", with("swapped"))
	check(os.Symlink("v1/checks.yaml", filepath.Join(dir, "link")))
	check(os.Rename(filepath.Join(dir, "link"), file))
	appears("linked")
	check(os.Symlink("v2/checks.yaml", filepath.Join(dir, "link")))
	check(os.Rename(filepath.Join(dir, "link"), file))
	appears("swapped")
	if strings.Contains(p.logged(), "not reloaded") {
		t.Errorf("a reload failed on the way:\n%s", p.logged())
	}

	// A file that stays away is loud, and all is well again once the very same is back.
	text := with("swapped")
	check(os.Remove(file))
	eventually(t, ample, "the log says so", func() bool { return strings.Contains(p.logged(), "no such file") })
	if _, metrics := p.get("/metrics"); !strings.Contains(metrics, "\npolyhealth_config_last_reload_successful 0\n") {
		t.Error("the metrics do not tell")
	}
	p.write("checks.yaml", text)
	eventually(t, ample, "the metrics tell", func() bool {
		_, metrics := p.get("/metrics")
		return strings.Contains(metrics, "\npolyhealth_config_last_reload_successful 1\n")
	})
}

// A change that was reloaded by hand and then undone, all before the daemon noticed
// either by itself, is noticed.
func TestChangedBack(t *testing.T) {
	dir := t.TempDir()
	before := checksFile(always)
	write(t, dir, "checks.yaml", before)
	p := start(t, dir)
	p.replace(checksFile(always + "  more: {command: ['true']}\n"))
	if code, out := p.reload(); code != 200 {
		t.Fatalf("the reload answers %d: %s", code, out)
	}
	p.replace(before)
	eventually(t, ample, "what was added leaves", func() bool { _, ok := p.component("more"); return !ok })
}

func TestBadReloadChangesNothing(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, c := range []struct{ name, text, says string }{
		{"mistake", "checks: {a: {command: ['true'], intervall: 3s}}\n", `unknown key "intervall"`},
		{"half written", "checks:\n  a: {command: ['tr", "not closed"},
		{"empty", "", "the file is empty"},
		{"taken port", fmt.Sprintf("server: {listen: '%s'}\nchecks: {a: {command: ['true']}}\n", taken.Addr()), "another program listens there"},
		{"no such folder", "server: {listen: '127.0.0.1:0'}\nstorage: {path: /nowhere/x.db}\nchecks: {a: {command: ['true']}}\n", "/nowhere"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "checks.yaml", checksFile(always))
			p := start(t, dir)
			p.write("checks.yaml", c.text)
			eventually(t, ample, "the log says so", func() bool { return strings.Contains(p.logged(), "not reloaded") })
			if out, code := p.command("reload", "--config", "checks.yaml"); code != 1 || !strings.Contains(out, c.says) {
				t.Errorf("reload exits %d:\n%s", code, out)
			}
			if _, ok := p.component("always"); !ok {
				t.Error("the old file no longer runs")
			}
			if _, metrics := p.get("/metrics"); !strings.Contains(metrics, "\npolyhealth_config_last_reload_successful 0\n") {
				t.Error("the metrics do not tell")
			}
			if out, _ := p.command("status"); !strings.Contains(out, "the last reload failed") {
				t.Errorf("status does not tell:\n%s", out)
			}
			p.write("checks.yaml", checksFile(always+"  more: {command: ['true']}\n"))
			eventually(t, ample, "a good file is taken up again", func() bool { _, ok := p.component("more"); return ok })
		})
	}
}

func TestReloadPrintsTheDifference(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "checks.yaml", checksFile(always+"  gone: {command: ['true']}\n"))
	p := start(t, dir)
	p.write("checks.yaml", checksFile("  new: {command: ['true']}\n  always: {command: ['true'], interval: 2s}\n"))
	out, code := p.command("reload")
	want := "added: new\nchanged: always (interval)\nremoved: gone\n"
	// The daemon may have noticed the file by itself a moment before.
	if code != 0 || out != want && out != "nothing changed\n" {
		t.Errorf("reload exits %d:\n%s", code, out)
	}
	if _, metrics := p.get("/metrics"); strings.Contains(metrics, `"gone"`) || !strings.Contains(metrics, `"new"`) {
		t.Error("the series of a removed check remain")
	}
}

// A crash in the middle of a failing streak does not start it over.
func TestStreakOutlivesCrash(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := checksFile("  down: {command: ['false'], interval: 1s, thresholds: {unhealthy: 6}}\n")
	write(t, dir, "checks.yaml", text)
	p := start(t, dir)
	eventually(t, ample, "three failures", func() bool { r, _ := p.component("down"); return r.Failures >= 3 })
	time.Sleep(300 * time.Millisecond) // what is promised to be on disk by then
	before, _ := p.component("down")
	p.kill()
	p = start(t, dir)
	after, ok := p.component("down")
	if !ok || after.Failures < before.Failures || after.Status != before.Status {
		t.Errorf("%d failures, %s; after the crash %d, %s", before.Failures, before.Status, after.Failures, after.Status)
	}
	eventually(t, ample, "unhealthy by the sixth", func() bool {
		r, _ := p.component("down")
		return r.Status.String() == "unhealthy" && r.Failures >= 6
	})
}
