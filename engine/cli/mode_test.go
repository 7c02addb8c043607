package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"polyhealth/checktypes/checktest"
)

// A group of several people may not change the file; a user's own group may, as it
// is the user.
func TestWarnOfGroup(t *testing.T) {
	if os.Geteuid() != 0 {
		checktest.Skip(t, "root, to give files away")
	}
	const daemon, users = 1, 100 // of Debian, as root, daemon and users are everywhere
	file := filepath.Join(t.TempDir(), "checks.yaml")
	if err := os.WriteFile(file, []byte("checks: {a: {command: [ls]}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		mode     os.FileMode
		uid, gid int
		want     bool
	}{
		{0o640, daemon, users, false}, {0o660, daemon, users, true}, {0o660, 0, daemon, true},
		{0o664, daemon, daemon, false}, {0o664, 0, 0, false}, {0o664, 4_000_001, 4_000_001, true},
	} {
		if err := os.Chown(file, c.uid, c.gid); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, c.mode); err != nil {
			t.Fatal(err)
		}
		l, err := load(file, nil)
		if err != nil {
			t.Fatal(err)
		}
		ds := l.Diagnostics()
		if got := len(ds) == 1 && strings.HasPrefix(ds[0].Message, "its group can change this file"); got != c.want || len(ds) > 1 {
			t.Errorf("%o of %d:%d: %v", c.mode, c.uid, c.gid, ds)
		}
	}
}
