package systemd

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"polyhealth/checktypes"
	"polyhealth/systemd/sandbox"
)

// parts are what runs inside, each against a systemd of its own.
var parts = []struct {
	name  string
	tests []testing.InternalTest
}{
	{"units", []testing.InternalTest{
		{Name: "states", F: testStates}, {Name: "restarts", F: testRestarts}, {Name: "several", F: testSeveral},
		{Name: "variables", F: testVariables}, {Name: "conform", F: testConform}, {Name: "many", F: testMany},
		{Name: "shared", F: testShared}, {Name: "services", F: testServices},
	}},
	{"restart", []testing.InternalTest{{Name: "restart", F: testRestart}}},
	{"away", []testing.InternalTest{
		{Name: "bus", F: testBusAway}, {Name: "stopped", F: testBusStopped}, {Name: "reexec", F: testReexec},
		{Name: "systemd", F: testNoSystemd}, {Name: "user", F: testNoUser}, {Name: "rights", F: testNoRights},
	}},
}

// TestInSandbox boots a systemd for each part, and runs itself again within.
func TestInSandbox(t *testing.T) {
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) {
			if !sandbox.Inside() {
				s := sandbox.Boot(t)
				s.Run(t, "systemctl", "start", "user@0.service")
				s.Test(t, "^TestInSandbox$/^"+p.name+"$")
				return
			}
			for _, test := range p.tests {
				t.Run(test.Name, test.F)
			}
		})
	}
}

// run runs a program that must work.
func run(t *testing.T, argv ...string) string {
	t.Helper()
	out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(argv, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// A host is a scope's systemd, to set a scene on.
type host struct {
	scope, folder string
	flag          []string
}

var (
	theSystem = host{system, "/run/systemd/system", nil}
	theUser   = host{user, "/run/user/0/systemd/user", []string{"--user"}}
)

func (h host) systemctl(t *testing.T, args ...string) string {
	t.Helper()
	return run(t, append(append([]string{"systemctl"}, h.flag...), args...)...)
}

// install writes unit files, by name, and makes systemd read them. A file
// "masked" is a mask.
func (h host) install(t *testing.T, files map[string]string) {
	t.Helper()
	if err := os.MkdirAll(h.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(h.folder, name)
		err := os.WriteFile(path, []byte(text), 0o644)
		if text == "masked" {
			_ = os.Remove(path)
			err = os.Symlink("/dev/null", path)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	h.systemctl(t, "daemon-reload")
}

// until polls a property of a unit.
func (h host) until(t *testing.T, unit, property, want string) {
	t.Helper()
	eventually(t, unit+" "+property+"="+want, func() bool {
		return h.systemctl(t, "show", unit, "--value", "-p", property) == want
	})
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited too long for " + what)
		}
	}
}

// checked is an opened check of the type, with a generous deadline.
type checked struct {
	t *testing.T
	p checktypes.Probe
}

// check opens a check whose rules read everything.
func (h host) check(t *testing.T, names ...string) checked {
	t.Helper()
	return checked{t, opened(t, h.config(names), 10*time.Second, nil)}
}

// unread opens a check without rules, for which less is asked.
func (h host) unread(t *testing.T, names ...string) checked {
	t.Helper()
	return checked{t, opened(t, h.config(names), 10*time.Second, func(string) bool { return false })}
}

func (h host) config(names []string) Config {
	if len(names) == 1 {
		return Config{Scope: h.scope, Unit: names[0]}
	}
	return Config{Scope: h.scope, Units: names}
}

// probe probes, and returns the variables of a probe that worked.
func (c checked) probe() (Vars, checktypes.Facts) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 10*time.Second)
	defer cancel()
	f, err := c.p.Run(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	return f.Env().(Vars), f
}

// fails probes, and returns the error of a probe that did not work.
func (c checked) fails() error {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 10*time.Second)
	defer cancel()
	f, err := c.p.Run(ctx)
	if err == nil {
		c.t.Fatal("the probe worked: " + f.Summary())
	}
	return err
}

// want probes, and compares the judgement and, as a regular expression, the summary.
func (c checked) want(status checktypes.Status, summary string) {
	c.t.Helper()
	_, f := c.probe()
	if got := f.Judge(); got != status {
		c.t.Errorf("judged %v, want %v: %s", got, status, f.Summary())
	}
	if !regexp.MustCompile("^" + summary + "$").MatchString(f.Summary()) {
		c.t.Errorf("the summary is %q, want %q", f.Summary(), summary)
	}
}
