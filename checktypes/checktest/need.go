// Package checktest is what every check type's tests share: the conformance
// test that each type must pass, and the way to ask for a real component.
package checktest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// RequireAll names the environment variable that, set to 1, turns every skip for
// a missing component into a failure.
const RequireAll = "POLYHEALTH_REQUIRE_ALL"

// Need returns the path of a program that the test cannot do without, and skips
// the test where it is not installed. Further folders to look in, such as
// /usr/lib/postgresql/*/bin, may hold wildcards; the last match wins.
func Need(t testing.TB, program string, folders ...string) string {
	t.Helper()
	if path, err := exec.LookPath(program); err == nil {
		return path
	}
	for _, pattern := range append(folders, "/usr/sbin", "/usr/lib/nagios/plugins") {
		found, _ := filepath.Glob(filepath.Join(pattern, program))
		if len(found) > 0 {
			return found[len(found)-1]
		}
	}
	Skip(t, program+", which is not installed")
	return ""
}

// Skip skips the test because it needs what this machine has not, or fails it
// where RequireAll is set.
func Skip(t testing.TB, needs string) {
	t.Helper()
	if os.Getenv(RequireAll) == "1" {
		t.Fatal("needs " + needs)
	}
	t.Skip("needs " + needs)
}
