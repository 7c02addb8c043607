package systemd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"polyhealth/systemd/sandbox"
)

// bots is where the example bot's services are.
const bots = "../examples/polymarket/systemd"

// A machine is a sandbox with the repository's service folders in it.
type machine struct {
	*sandbox.Sandbox
	ours, bots string // where they are
}

func boot(t *testing.T) *machine {
	t.Helper()
	m := &machine{Sandbox: sandbox.Boot(t)}
	m.ours, m.bots = m.copy(t, "ours", "."), m.copy(t, "bots", bots)
	return m
}

func (m *machine) copy(t *testing.T, name, folder string) string {
	t.Helper()
	target := filepath.Join(m.Keep, name)
	if err := os.CopyFS(target, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	return target
}

// build builds polyhealth from the repository, where the machine sees it.
func (m *machine) build(t *testing.T) (program string) {
	t.Helper()
	program = filepath.Join(m.Keep, "polyhealth")
	cmd := exec.Command("go", "build", "-o", program, "polyhealth")
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

// write writes a file inside, and the folders that it needs.
func (m *machine) write(t *testing.T, path, text string) {
	t.Helper()
	m.Run(t, "sh", "-c", `mkdir -p "${0%/*}" && printf %s "$1" >"$0"`, path, text)
}

// An account is a user of the machine, with a systemd of its own where it is not
// root, and the name of the flag that speaks to it.
type account struct {
	*machine
	name, home, runtime string
	flag                []string
}

func (m *machine) root() account { return account{m, "root", "/root", "/run", nil} }

// user makes an account, as logged in.
func (m *machine) user(t *testing.T, name string) account {
	t.Helper()
	m.Run(t, "useradd", "--create-home", name)
	uid := strings.TrimSpace(m.Run(t, "id", "-u", name))
	m.Run(t, "systemctl", "start", "user@"+uid+".service")
	return account{m, name, "/home/" + name, "/run/user/" + uid, []string{"--user"}}
}

// try runs argv as the user, in its home.
func (a account) try(t *testing.T, argv ...string) (string, error) {
	t.Helper()
	as := []string{"setpriv", "--reuid=" + a.name, "--regid=" + a.name, "--init-groups",
		"env", "--chdir=" + a.home, "HOME=" + a.home, "USER=" + a.name, "XDG_RUNTIME_DIR=" + a.runtime}
	return a.Try(t, append(as, argv...)...)
}

func (a account) run(t *testing.T, argv ...string) string {
	t.Helper()
	out, err := a.try(t, argv...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(argv, " "), err, out)
	}
	return strings.TrimSpace(out)
}

func (a account) systemctl(t *testing.T, args ...string) string {
	t.Helper()
	return a.run(t, append(append([]string{"systemctl"}, a.flag...), args...)...)
}

func (a account) property(t *testing.T, unit, name string) string {
	t.Helper()
	return a.systemctl(t, "show", unit, "--value", "--property="+name)
}

// until polls a property of a unit until it is, or with "!" before it is not, want.
func (a account) until(t *testing.T, unit, name, want string) {
	t.Helper()
	script := `[ "$(systemctl "$@")" = "$0" ]`
	if bare, not := strings.CutPrefix(want, "!"); not {
		script, want = "! "+script, bare
	}
	show := append(append([]string{}, a.flag...), "show", unit, "--value", "--property="+name)
	a.Poll(t, append([]string{"setpriv", "--reuid=" + a.name, "--regid=" + a.name, "--init-groups",
		"env", "XDG_RUNTIME_DIR=" + a.runtime, "sh", "-c", script, want}, show...)...)
}

// says polls an address until its answer holds a text.
func (m *machine) says(t *testing.T, url, text string) {
	t.Helper()
	m.Poll(t, "sh", "-c", `curl --silent --max-time 5 "$0" | grep -F "$1"`, url, text)
}

// has compares a file's owner and mode.
func (m *machine) has(t *testing.T, path, ownerAndMode string) {
	t.Helper()
	if got := strings.TrimSpace(m.Run(t, "stat", "--format=%U %a", path)); got != ownerAndMode {
		t.Errorf("%s has %s, want %s", path, got, ownerAndMode)
	}
}
