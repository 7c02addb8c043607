package sandbox

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// marker is set in the environment of a test that Test runs inside.
const marker = "POLYHEALTH_INSIDE_SANDBOX"

// Inside reports whether this process is a test that [Sandbox.Test] runs inside.
func Inside() bool { return os.Getenv(marker) == "1" }

// Test runs the tests of this very test binary that match pattern, inside, and
// fails where one of them does. env is added to their environment. A test may so
// run itself:
//
//	func TestService(t *testing.T) {
//		if !sandbox.Inside() {
//			sandbox.Boot(t).Test(t, "^TestService$")
//			return
//		}
//		// from here on, systemd is PID 1
//	}
func (s *Sandbox) Test(t *testing.T, pattern string, env ...string) {
	t.Helper()
	cmd := s.Command(t.Context(), s.self(t), "-test.run="+pattern, "-test.v", "-test.count=1", "-test.timeout=5m")
	cmd.Env = append(append(cmd.Env, marker+"=1", "TMPDIR=/tmp"), env...)
	cmd.Dir = "/"
	out, err := cmd.CombinedOutput()
	t.Logf("inside:\n%s", out)
	if err != nil {
		t.Errorf("tests inside: %v", err)
	}
}

// self copies the running test binary to where it can be run inside.
func (s *Sandbox) self(t testing.TB) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return s.Copy(t, path)
}

// Copy copies a file into Keep, where it is not there yet, with its mode, and
// returns its path, which is the same inside and outside.
func (s *Sandbox) Copy(t testing.TB, path string) string {
	t.Helper()
	target := filepath.Join(s.Keep, filepath.Base(path))
	if _, err := os.Stat(target); err == nil {
		return target
	}
	from, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	info, err := from.Stat()
	if err != nil {
		t.Fatal(err)
	}
	to, err := os.OpenFile(target, os.O_CREATE|os.O_EXCL|os.O_WRONLY, info.Mode().Perm())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return target
}
