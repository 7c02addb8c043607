package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"polyhealth/engine"
)

const (
	// asPolyhealth makes the test binary behave as the program.
	asPolyhealth = "TEST_AS_POLYHEALTH"
	// quickExit is for GORACE: the race detector has every process wait a second at
	// its end.
	quickExit = "atexit_sleep_ms=0"
)

// program is the command line of the program, to be run in dir.
func program(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), asPolyhealth+"=1", "GORACE="+quickExit)
	return cmd
}

// process is a daemon that a test started.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	dir  string
	base string // of its URLs

	mu  sync.Mutex
	log strings.Builder
}

var addressIn = regexp.MustCompile(`address=(\S+)`)

// start starts a daemon in dir on the file checks.yaml there.
func start(t *testing.T, dir string, env ...string) *process {
	t.Helper()
	p := &process{t: t, dir: dir, cmd: program(dir, "run", "checks.yaml")}
	p.cmd.Env = append(p.cmd.Env, env...)
	p.await()
	return p
}

// await starts the daemon and waits until it runs. It is killed at the end of the
// test.
func (p *process) await() {
	t := p.t
	t.Helper()
	out, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	address := make(chan string, 1)
	go p.read(out, address)
	select {
	case a := <-address:
		p.base = "http://" + a
	case <-time.After(2 * time.Minute):
	}
	if p.base == "" {
		t.Fatalf("the daemon did not come up:\n%s", p.logged())
	}
}

// read keeps the log, and tells the address once; "" where there is none.
func (p *process) read(out io.Reader, address chan<- string) {
	in := bufio.NewScanner(out)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		p.mu.Lock()
		p.log.WriteString(in.Text() + "\n")
		p.mu.Unlock()
		if m := addressIn.FindStringSubmatch(in.Text()); m != nil {
			select {
			case address <- m[1]:
			default:
			}
		}
	}
	select {
	case address <- "":
	default:
	}
}

func (p *process) logged() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// kill ends the daemon at once, as a crash would.
func (p *process) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}

// stop asks the daemon to stop and returns its exit code.
func (p *process) stop() int {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// get returns an answer's code and body; 0 where there is none.
func (p *process) get(path string) (int, string) {
	client := http.Client{Timeout: time.Minute}
	resp, err := client.Get(p.base + path)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

// component is one component of /health.
func (p *process) component(name string) (r row, found bool) {
	_, body := p.get("/health")
	for _, r := range p.rows(body) {
		if r.Name == name {
			return r, true
		}
	}
	return row{}, false
}

// rows are the components of an answer of /health.
func (p *process) rows(body string) []row {
	var r report
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		p.t.Errorf("/health says %v: %s", err, body)
	}
	return r.Components
}

// names are those of the components, in order.
func (p *process) names() (all []string) {
	_, body := p.get("/health")
	for _, r := range p.rows(body) {
		all = append(all, r.Name)
	}
	return all
}

// glance is how often eventually looks at another process.
const glance = 10 * time.Millisecond

// eventually waits for something to become true, and fails the test where it
// does not. The limit is what so many looks take on an idle machine: a busy one,
// where each takes longer, has so much longer.
func eventually(t *testing.T, limit time.Duration, what string, is func() bool) {
	t.Helper()
	for range limit / glance {
		if is() {
			return
		}
		time.Sleep(glance)
	}
	t.Fatalf("not within %s: %s", limit, what)
}

// write writes a file of the daemon's folder in place.
func (p *process) write(name, text string) { write(p.t, p.dir, name, text) }

// replace puts a file in the place of the daemon's, at once and as a whole.
func (p *process) replace(text string) {
	p.t.Helper()
	p.write("next.yaml", text)
	if err := os.Rename(filepath.Join(p.dir, "next.yaml"), filepath.Join(p.dir, "checks.yaml")); err != nil {
		p.t.Fatal(err)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// command runs another polyhealth command in the daemon's folder.
func (p *process) command(args ...string) (out string, code int) {
	cmd := program(p.dir, args...)
	b, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		p.t.Fatal(err)
	}
	return string(b), cmd.ProcessState.ExitCode()
}

// reload asks for one over the admin socket, as polyhealth reload does: but that
// reads the file, too, to find the socket.
func (p *process) reload() (code int, body string) {
	p.t.Helper()
	plan := &engine.Plan{Dir: p.dir}
	plan.Server.AdminSocket = "admin.sock"
	c, err := socketClient(plan)
	if err != nil {
		p.t.Fatal(err)
	}
	defer c.http.CloseIdleConnections()
	code, answer, err := c.do(http.MethodPost, "/-/reload", "text/plain")
	if err != nil {
		p.t.Fatal(err)
	}
	return code, string(answer)
}

// checksFile is a file with the given checks, served on a free port.
func checksFile(checks string) string {
	return fmt.Sprintf("server: {listen: '127.0.0.1:0'}\nchecks:\n%s", checks)
}
