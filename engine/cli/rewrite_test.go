package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"polyhealth/checktypes/checktest"
)

const (
	untidy = "checks:\n    web:   {http: \"http://127.0.0.1:1/\"}\n"
	tidy   = "checks:\n  web: {http: \"http://127.0.0.1:1/\"}\n"
)

// TestRewriteIsWhole: whoever reads a file while it is rewritten has all of one
// text.
func TestRewriteIsWhole(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "f", strings.Repeat("a", 100_000))
	file := filepath.Join(dir, "f")
	done := make(chan error, 1)
	go func() {
		var err error
		for i := 0; i < 200 && err == nil; i++ {
			err = rewrite(file, []byte(strings.Repeat(string(rune('a'+i%26)), 100_000)))
		}
		done <- err
	}()
	for reading := true; reading; {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			reading = false
		default:
		}
		text, err := os.ReadFile(file)
		if err != nil || len(text) != 100_000 || strings.Trim(string(text), string(text[:1])) != "" {
			t.Fatalf("%d bytes of %.10q…: %v", len(text), text, err)
		}
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("left behind: %v", files)
	}
}

// TestFmtKeepsTheOwner: a file that root formats stays its owner's.
func TestFmtKeepsTheOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		checktest.Skip(t, "root")
	}
	dir := t.TempDir()
	write(t, dir, "checks.yaml", untidy)
	file := filepath.Join(dir, "checks.yaml")
	mode := os.ModeSetgid | 0o640
	if err := os.Chown(file, 12345, 54321); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil {
		t.Fatal(err)
	}
	if out, err := program(dir, "fmt").CombinedOutput(); err != nil || string(out) != "checks.yaml\n" {
		t.Fatalf("%v: %s", err, out)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if s := info.Sys().(*syscall.Stat_t); s.Uid != 12345 || s.Gid != 54321 || info.Mode() != mode {
		t.Errorf("it is owned by %d:%d, mode %v", s.Uid, s.Gid, info.Mode())
	}
	contains(t, file, tidy)
}

func contains(t *testing.T, file, want string) {
	t.Helper()
	if text, err := os.ReadFile(file); err != nil || string(text) != want {
		t.Errorf("%s holds %q: %v", file, text, err)
	}
}

// TestFmtMayNot: where a file must not be written, or its folder, or its owner not
// be kept, it stays as it is, and nothing is left beside it.
func TestFmtMayNot(t *testing.T) {
	if os.Geteuid() != 0 {
		checktest.Skip(t, "root, to be somebody else")
	}
	const nobody = 65534
	for _, c := range []struct {
		name      string
		owner     int
		mode, dir os.FileMode
		message   string
	}{
		{"file", nobody, 0o444, 0o777, "cannot write checks.yaml: permission denied"},
		{"folder", nobody, 0o644, 0o755, "cannot write checks.yaml: "},
		{"owner", 0, 0o666, 0o777, "cannot write checks.yaml: its owner cannot be kept: operation not permitted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := publicFolder(t)
			write(t, dir, "checks.yaml", untidy)
			file := filepath.Join(dir, "checks.yaml")
			for _, err := range []error{os.Chown(file, c.owner, c.owner), os.Chmod(file, c.mode), os.Chmod(dir, c.dir)} {
				if err != nil {
					t.Fatal(err)
				}
			}
			cmd := program(dir, "fmt")
			cmd.Path = copied(t)
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
			out, err := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(string(out), c.message) {
				t.Errorf("%v: %s", err, out)
			}
			contains(t, file, untidy)
			if files, _ := os.ReadDir(dir); len(files) != 1 {
				t.Errorf("left behind: %v", files)
			}
		})
	}
}

// publicFolder is one that everybody may look into.
func publicFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "polyhealth-open-")
	if err == nil {
		t.Cleanup(func() { os.RemoveAll(dir) })
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// copied is the test's program where everybody may run it.
func copied(t *testing.T) string {
	t.Helper()
	to := filepath.Join(publicFolder(t), "polyhealth")
	if out, err := exec.Command("cp", os.Args[0], to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return to
}

// TestFmtPipe: what is no plain file is not written.
func TestFmtPipe(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe.yaml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := rewrite(pipe, []byte(tidy)); err == nil || !strings.HasSuffix(err.Error(), "pipe.yaml: it is not a plain file") {
		t.Error(err)
	}
	link := filepath.Join(dir, "link.yaml")
	if err := os.Symlink("nowhere.yaml", link); err != nil {
		t.Fatal(err)
	}
	if err := rewrite(link, []byte(tidy)); err == nil || !strings.HasSuffix(err.Error(), "no such file or directory") {
		t.Error(err)
	}
}
