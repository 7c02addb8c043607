package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // as main has it

	"polyhealth/checktypes"
)

// An example is a file of examples/, copied to a folder of its own as checks.yaml,
// which a test edits as its reader would.
type example struct {
	t       *testing.T
	dir     string
	env     []string
	command func(args ...string) *exec.Cmd // runs polyhealth where the targets are
}

// exampleOf copies a file of examples/.
func exampleOf(t *testing.T, name string) *example {
	t.Helper()
	if testing.Short() {
		t.Skip("needs real targets, which -short leaves out")
	}
	text, err := os.ReadFile(filepath.Join("../../examples", name))
	if err != nil {
		t.Fatal(err)
	}
	e := &example{t: t, dir: t.TempDir()}
	e.command = func(args ...string) *exec.Cmd { return program(e.dir, args...) }
	checks, _, _ := strings.Cut(string(text), "\ntests:\n") // they are of the file as it stands
	write(t, e.dir, "checks.yaml", checks)
	return e
}

// edit replaces a text, which must be there, wherever it is.
func (e *example) edit(old, with string) {
	e.t.Helper()
	text, err := os.ReadFile(filepath.Join(e.dir, "checks.yaml"))
	if err != nil {
		e.t.Fatal(err)
	}
	if !bytes.Contains(text, []byte(old)) {
		e.t.Fatalf("the file does not hold %q", old)
	}
	write(e.t, e.dir, "checks.yaml", strings.ReplaceAll(string(text), old, with))
}

// start starts a daemon on the example, on a free port.
func (e *example) start() *process {
	e.t.Helper()
	e.edit("version: 1\n", "version: 1\nserver: {listen: '127.0.0.1:0'}\n")
	return start(e.t, e.dir, e.env...)
}

// patience is how long the targets, and this machine, may need until a probe finds
// what is there.
const patience = 30 * time.Second

// finds runs `polyhealth check` on the checks that the lines name until it says
// what they do: NAME STATUS MESSAGE, as a regular expression.
func (e *example) finds(lines ...string) (found map[string]row) {
	e.t.Helper()
	var wrong string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		found, wrong = e.check(lines), ""
		for _, line := range lines {
			name, _, _ := strings.Cut(line, " ")
			wrong += differs(found[name], line)
		}
		if wrong == "" {
			return found
		}
	}
	e.t.Fatalf("not within %v:\n%s", patience, wrong)
	return found
}

// check is what one run of `polyhealth check` says of the checks that lines name.
func (e *example) check(lines []string) map[string]row {
	e.t.Helper()
	args := []string{"check", "--format", "json"}
	for _, line := range lines {
		name, _, _ := strings.Cut(line, " ")
		args = append(args, name)
	}
	cmd := e.command(args...)
	cmd.Env = append(cmd.Env, e.env...)
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		e.t.Fatal(err)
	}
	var all report
	if err := json.Unmarshal(out.Bytes(), &all); err != nil || log.Len() > 0 {
		e.t.Fatalf("exit %d, %v:\n%s%s", cmd.ProcessState.ExitCode(), err, out.String(), log.String())
	}
	codes := map[checktypes.Status]int{checktypes.Healthy: 0, checktypes.Degraded: 1, checktypes.Unhealthy: 2, checktypes.Unknown: 3}
	if got := cmd.ProcessState.ExitCode(); got != codes[all.Status] {
		e.t.Errorf("exit %d when all is %v", got, all.Status)
	}
	found := map[string]row{}
	for _, r := range all.Components {
		found[r.Name] = r
	}
	return found
}

// reports polls a daemon's /health until a component is as a line says.
func (p *process) reports(line string) (r row) {
	p.t.Helper()
	name, _, _ := strings.Cut(line, " ")
	var wrong string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		r, _ = p.component(name)
		if wrong = differs(r, line); wrong == "" {
			return r
		}
	}
	p.t.Fatalf("not within %v:\n%s", patience, wrong)
	return r
}

// differs compares a component with NAME STATUS MESSAGE, a regular expression.
func differs(r row, line string) string {
	is := fmt.Sprintf("%s %s %s", r.Name, r.Status, r.Message)
	if regexp.MustCompile("^(?s:" + line + ")$").MatchString(is) {
		return ""
	}
	return fmt.Sprintf("is    %s [%s]\nwant  %s\n", is, r.Rule, line)
}

// value is a value of a component's metadata.
func value[T any](t *testing.T, r row, key string) (v T) {
	t.Helper()
	var all map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(r.Metadata, &all), json.Unmarshal(all[key], &v)); err != nil {
		t.Errorf("the %s of %s: %v in %s", key, r.Name, err, r.Metadata)
	}
	return v
}

// freePort is a port of loopback that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}
