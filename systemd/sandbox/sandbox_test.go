package sandbox

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestBoot looks at a sandbox from inside and outside, and at what it leaves.
func TestBoot(t *testing.T) {
	if Inside() {
		within(t)
		return
	}
	var group, keep string
	var started []string
	t.Run("booted", func(t *testing.T) {
		start := time.Now()
		s := Boot(t)
		t.Logf("up after %v", time.Since(start).Round(time.Millisecond))

		if out := s.Run(t, "cat", "/proc/1/comm"); out != "systemd\n" {
			t.Errorf("PID 1 inside is %q", out)
		}
		if out := s.Run(t, "systemctl", "list-units", "--failed", "--no-legend"); out != "" {
			t.Errorf("units failed:\n%s", out)
		}
		s.Run(t, "systemctl", "start", "user@0.service")
		s.Run(t, "systemctl", "--user", "start", "basic.target")

		s.Run(t, "sh", "-c", "echo inside > /etc/polyhealth-was-here; echo kept > "+s.Keep+"/kept")
		if _, err := os.Stat("/etc/polyhealth-was-here"); err == nil {
			t.Error("a file written inside is outside")
		}
		if b, err := os.ReadFile(filepath.Join(s.Keep, "kept")); string(b) != "kept\n" {
			t.Errorf("the kept file holds %q (%v)", b, err)
		}
		if out, err := s.Try(t, "sh", "-c", "exit 3"); err == nil {
			t.Errorf("exit 3 is no error; it said %q", out)
		}
		s.Run(t, "systemd-run", "sleep", "1000")
		s.Test(t, "^TestBoot$")
		group, started, keep = s.group, processes(t, s.group), s.Keep
		if ours := mounted(t, s.Run(t, "cat", "/proc/self/mountinfo"), keep); len(ours) == 0 {
			t.Error("no mount of the sandbox is known by its name: nothing could be found left either")
		}
	})
	nothingLeft(t, group, started)
	if left := mounted(t, read(t, "/proc/self/mountinfo"), keep); len(left) > 0 {
		t.Errorf("these mounts are left:\n%s", strings.Join(left, ""))
	}
}

// mounted are the lines of a mountinfo, see proc(5), that tell of a sandbox's
// mounts. Others come and go at any time.
func mounted(t *testing.T, mountinfo, keep string) (lines []string) {
	t.Helper()
	for line := range strings.Lines(mountinfo) {
		if strings.Contains(line, "polyhealth-sandbox-") || strings.Contains(line, keep) {
			lines = append(lines, line)
		}
	}
	return lines
}

// nothingLeft looks for the processes and the cgroup of a sandbox that has ended.
func nothingLeft(t *testing.T, group string, started []string) {
	t.Helper()
	if len(started) < 5 {
		t.Errorf("only %d processes were there", len(started))
	}
	for _, pid := range started {
		if _, err := os.Stat("/proc/" + pid); err == nil {
			t.Errorf("process %s is still there", pid)
		}
	}
	if _, err := os.Stat(group); err == nil {
		t.Errorf("%s is still there", group)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// processes are the ids of those in a cgroup and below it.
func processes(t *testing.T, group string) (pids []string) {
	t.Helper()
	err := filepath.WalkDir(group, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "cgroup.procs" {
			pids = append(pids, strings.Fields(read(t, path))...)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pids
}

// within is the part of TestBoot that Test runs inside.
func within(t *testing.T) {
	t.Helper()
	if out, err := exec.Command("systemctl", "is-active", "dbus").CombinedOutput(); err != nil {
		t.Errorf("dbus is %s (%v)", out, err)
	}
}
