// Package sandbox boots a real systemd for tests: as PID 1 of a throw-away copy of
// this machine, an overlay over / in namespaces of its own, in about a second.
// What is written, killed or listened on inside reaches nothing outside, but for
// one folder that is bound through. It needs root and a systemd machine; elsewhere,
// and with -short, the test is skipped. Only tests import it.
package sandbox

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"polyhealth/checktypes/checktest"
)

//go:embed boot.sh
var bootScript string

// patience bounds what should take a second: the boot, and the clean-up.
const patience = 30 * time.Second

// A Sandbox is a booted systemd. It ends, with every process in it, when the test
// that booted it does. Commands may run in it concurrently.
type Sandbox struct {
	// Keep is a folder that is the same inside and outside, at the same path. It
	// is how files get in and out.
	Keep string

	init  *exec.Cmd // our child, and PID 1 inside
	log   bytes.Buffer
	dead  chan struct{} // closed once init has ended
	group string        // the cgroup of all that systemd starts
}

// Boot starts a sandbox and waits until its systemd has started what it starts.
// The network inside is a loopback device of its own, so ports never collide.
func Boot(t testing.TB) *Sandbox {
	t.Helper()
	need(t)
	s := &Sandbox{Keep: t.TempDir(), dead: make(chan struct{})}
	if err := os.Chmod(filepath.Dir(s.Keep), 0o755); err != nil {
		t.Fatal(err)
	}
	group := newGroup(t)
	s.group = group.Name()
	s.start(t, group)
	s.await(t)
	return s
}

// need skips the test on a machine that cannot hold a sandbox.
func need(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("boots a systemd, which -short leaves out")
	}
	if os.Geteuid() != 0 {
		checktest.Skip(t, "root, to boot a systemd")
	}
	checktest.Need(t, "systemd", "/usr/lib/systemd", "/lib/systemd")
	for _, program := range []string{"systemctl", "dbus-daemon", "nsenter", "mount", "pivot_root"} {
		checktest.Need(t, program)
	}
}

// newGroup makes a cgroup for the sandbox, and removes it when the test is over.
func newGroup(t testing.TB) *os.File {
	t.Helper()
	root := "/sys/fs/cgroup"
	if _, err := os.Stat(root + "/unified/cgroup.procs"); err == nil {
		root += "/unified" // a hybrid of cgroup versions 1 and 2
	}
	path, err := os.MkdirTemp(root, "polyhealth-sandbox-")
	if err != nil {
		checktest.Skip(t, "a writable cgroup v2: "+err.Error())
	}
	if err := os.Chmod(path, 0o755); err != nil { // users have groups in it
		t.Fatal(err)
	}
	t.Cleanup(func() {
		poll(t, "the removal of "+path, func() bool { return removeGroup(path) })
	})
	dir, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	return dir
}

// removeGroup removes a cgroup and those below it, as far as they are empty.
func removeGroup(path string) bool {
	var groups []string
	_ = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			groups = append(groups, p)
		}
		return nil
	})
	for _, g := range slices.Backward(groups) {
		_ = os.Remove(g) // the next round sees what is left
	}
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// start runs the boot script in new namespaces, within group.
func (s *Sandbox) start(t testing.TB, group *os.File) {
	t.Helper()
	folder, err := os.MkdirTemp("/var/tmp", "polyhealth-sandbox-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Remove(folder); err != nil { // it is empty: mounts are not ours to see
			t.Error(err)
		}
	})
	s.init = exec.Command("/bin/sh", "-c", bootScript, "boot.sh", folder, s.Keep)
	s.init.Env = environment
	s.init.Stdout, s.init.Stderr = &s.log, &s.log
	s.init.SysProcAttr = apart(group)
	if err := s.init.Start(); errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSYS) {
		checktest.Skip(t, "the right to make namespaces: "+err.Error())
	} else if err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = s.init.Wait()
		close(s.dead)
	}()
	t.Cleanup(func() {
		_ = s.init.Process.Kill() // PID 1 takes all others with it
		<-s.dead
	})
}

// await polls until systemd says that it is up.
func (s *Sandbox) await(t testing.TB) {
	t.Helper()
	poll(t, "systemd to come up", func() bool {
		select {
		case <-s.dead:
			t.Fatalf("systemd did not come up: %s", s.log.String())
		default:
		}
		out, _ := s.Command(t.Context(), "systemctl", "is-system-running").Output()
		state := strings.TrimSpace(string(out))
		return state == "running" || state == "degraded"
	})
}

var environment = []string{
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"HOME=/root", "USER=root", "LANG=C.UTF-8", "SYSTEMD_PAGER=", "SYSTEMD_COLORS=0",
	"XDG_RUNTIME_DIR=/run/user/0",
}

// Command is argv, to run inside as root, with a plain environment that the caller
// may add to, in /.
func (s *Sandbox) Command(ctx context.Context, argv ...string) *exec.Cmd {
	pid := strconv.Itoa(s.init.Process.Pid)
	enter := []string{"--target", pid, "--mount", "--pid", "--net", "--cgroup", "--ipc", "--uts",
		"--root", "--wd", "--"}
	cmd := exec.CommandContext(ctx, "nsenter", append(enter, argv...)...)
	cmd.Env = slices.Clone(environment)
	cmd.WaitDelay = time.Second // what it started in the background may hold its output
	return cmd
}

// Run runs argv inside, and returns its standard output and error together. The
// test ends where argv fails.
func (s *Sandbox) Run(t testing.TB, argv ...string) string {
	t.Helper()
	out, err := s.Try(t, argv...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(argv, " "), err, out)
	}
	return out
}

// Try is Run for a command that may fail.
func (s *Sandbox) Try(t testing.TB, argv ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := s.Command(ctx, argv...).CombinedOutput()
	return string(out), err
}

// Poll runs argv inside until it exits with 0, or fails the test after a while.
func (s *Sandbox) Poll(t testing.TB, argv ...string) {
	t.Helper()
	poll(t, strings.Join(argv, " "), func() bool {
		_, err := s.Try(t, argv...)
		return err == nil
	})
}

// poll waits until done, looking every few milliseconds.
func poll(t testing.TB, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v for %s", patience, what)
		}
	}
}
