package cli

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"polyhealth/engine"
	"polyhealth/schema"
	"polyhealth/systemd/sandbox"
)

// proposed runs init in a folder of its own, and returns the file that it writes,
// which must be valid.
func proposed(t *testing.T, args ...string) (text string, l *loaded) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "checks.yaml")
	out, code := runMain(append([]string{"init", file}, args...)...)
	if code != 0 || !strings.HasPrefix(out, "wrote "+file+" with ") {
		t.Fatalf("exit %d: %s", code, out)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if l, err = load(file, nil); err != nil || l.plan == nil {
		t.Fatal("not valid: ", err, l.Diagnostics(), "\n", string(b))
	}
	if tidy := schema.Format(file, b, schema.NewReader()); string(tidy) != string(b) {
		t.Errorf("fmt would make of it\n%s", tidy)
	}
	return string(b), l
}

func runMain(args ...string) (out string, code int) {
	var b strings.Builder
	code = Main(args, nil, &b, &b)
	return b.String(), code
}

// has is whether a file has lines, one after another, but for their indent.
func has(text string, lines ...string) bool {
	trimmed := ""
	for line := range strings.Lines(text) {
		trimmed += strings.TrimSpace(line) + "\n"
	}
	return strings.Contains("\n"+trimmed, "\n"+strings.Join(lines, "\n")+"\n")
}

// A port that the test listens on is found, by the name of its program.
func TestInit(t *testing.T) {
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked = append(asked, r.URL.Path) }))
	defer s.Close()
	comm, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		t.Skip("needs /proc")
	}
	port := s.Listener.Addr().(*net.TCPAddr).Port
	program := strings.TrimSpace(string(comm))
	name := fmt.Sprintf("%s-%d", program, port)

	text, _ := proposed(t)
	if !has(text, fmt.Sprintf("# %s listens on port %d, for this machine only", program, port), name+":",
		fmt.Sprintf(`command: [bash, -c, exec 3<>/dev/tcp/$0/$1, "127.0.0.1", "%d"]`, port)) {
		t.Errorf("%s is not found:\n%s", name, text)
	}
	if len(asked) > 0 {
		t.Errorf("it was asked for %q without --probe", asked)
	}
	text, _ = proposed(t, "--probe")
	if !has(text, fmt.Sprintf("# %s listens on port %d, for this machine only, and answered 200 to GET /", program, port), name+":", "http: "+s.URL+"/") {
		t.Errorf("%s is not asked:\n%s", name, text)
	}
	if len(asked) != 1 || asked[0] != "/" {
		t.Errorf("it was asked for %q", asked)
	}
	for _, check := range []string{"disk", "memory"} {
		if !has(text, check+":") {
			t.Errorf("there is no check of %s", check)
		}
	}
}

func TestInitOverwritesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, ".", "checks.yaml", "precious")
	for _, args := range [][]string{{"init"}, {"init", "checks.yaml"}} {
		out, code := runMain(args...)
		if code != 1 || out != "polyhealth: checks.yaml is there already, and is left as it is: name another file\n" {
			t.Errorf("%v: exit %d: %s", args, code, out)
		}
	}
	if err := os.Symlink("nowhere", "link.yaml"); err != nil {
		t.Fatal(err)
	}
	if out, code := runMain("init", "link.yaml"); code != 1 {
		t.Errorf("a link was written through: %s", out)
	}
	if out, code := runMain("init", "none/checks.yaml"); code != 1 || !strings.Contains(out, "cannot write none/checks.yaml: no such file or directory") {
		t.Errorf("exit %d: %s", code, out)
	}
	if out, code := runMain("init", "-"); code != 0 || !has(out, "checks:") {
		t.Errorf("- printed %s", out)
	}
	if b, err := os.ReadFile("checks.yaml"); err != nil || string(b) != "precious" {
		t.Error("it is not precious any more:", string(b), err)
	}
}

// What init proposes for a machine with a real systemd, and how each fares.
func TestInitInSandbox(t *testing.T) {
	if !sandbox.Inside() {
		sandbox.Boot(t).Test(t, "^TestInitInSandbox$")
		return
	}
	l, err := net.Listen("tcp", "0.0.0.0:8080")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const folder = "/run/systemd/system/"
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, folder, "shop.service", "[Unit]\nDescription=The shop\n[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=multi-user.target\n")
	write(t, folder, "backup.service", "[Service]\nType=oneshot\nExecStart=/bin/false\n")
	for _, command := range []string{"daemon-reload", "enable --runtime shop", "start shop"} {
		if out, err := exec.Command("systemctl", strings.Fields(command)...).CombinedOutput(); err != nil {
			t.Fatal(command, err, string(out))
		}
	}
	_ = exec.Command("systemctl", "start", "backup").Run() // which fails
	text, proposal := proposed(t)
	for _, lines := range [][]string{
		{"# a service that is enabled, and runs: The shop", "shop:", "systemd: shop.service"},
		{"# a unit that has failed (exit-code)", "backup:", "systemd: backup.service"},
		{`command: [bash, -c, exec 3<>/dev/tcp/$0/$1, "127.0.0.1", "8080"]`},
		{"#   http: http://127.0.0.1:8080/"},
		{"disk:"},
	} {
		if !has(text, lines...) {
			t.Errorf("there is no %q in\n%s", lines, text)
		}
	}
	if has(text, "systemd: systemd-journald.service") {
		t.Errorf("it has what every machine has:\n%s", text)
	}
	out, _ := runMain("check", "--config", proposal.doc.File, "--format", "json", "shop", "backup")
	var found report
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		t.Fatal(err, out)
	}
	for i, want := range []engine.Status{engine.Unhealthy, engine.Healthy} { // in the order of the file
		if got := found.Components[i]; got.Status != want {
			t.Errorf("%s is %v, want %v: %s", got.Name, got.Status, want, got.Message)
		}
	}
}
