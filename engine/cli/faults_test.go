package cli

import (
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// hostile is a server that does to each path what the path says, until the test
// ends.
func hostile(t *testing.T) string {
	quit := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/never", func(http.ResponseWriter, *http.Request) { <-quit })
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		for {
			select {
			case <-quit:
				return
			case <-r.Context().Done():
				return
			case <-time.After(200 * time.Millisecond): // its drip
				_, _ = w.Write([]byte("x"))
				w.(http.Flusher).Flush()
			}
		}
	})
	mux.HandleFunc("/reset", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte("half"))
		conn, _, _ := w.(http.Hijacker).Hijack()
		_ = conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	})
	mux.HandleFunc("/huge", func(w http.ResponseWriter, r *http.Request) {
		for block := make([]byte, 1<<20); r.Context().Err() == nil; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/bomb", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		for block := make([]byte, 1<<20); r.Context().Err() == nil; {
			if _, err := z.Write(block); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/circle", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/circle", http.StatusFound) })
	mux.HandleFunc("/deep", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("[", 1_000_000)) })
	s := httptest.NewServer(mux)
	t.Cleanup(func() { close(quit); s.CloseClientConnections(); s.Close() })
	return s.URL
}

// TestFaultsTogether points every type at the worst that a target can do, all at
// once, beside a canary. Nothing that is broken may be healthy, the canary keeps
// its cadence, and once the faulty checks are gone nothing of them is left.
func TestFaultsTogether(t *testing.T) {
	url := hostile(t)
	dir := t.TempDir()
	write(t, dir, "locked.db", "")
	lock(t, filepath.Join(dir, "locked.db"))
	write(t, dir, "plain.txt", "no program")
	canary := "  canary: {command: [echo, fine], interval: 500ms, timeout: 5s}\n"
	faulty := "" +
		"  never: {http: '" + url + "/never'}\n" +
		"  drip: {http: '" + url + "/slow'}\n" +
		"  reset: {http: '" + url + "/reset'}\n" +
		"  huge: {http: '" + url + "/huge'}\n" +
		"  bomb: {http: '" + url + "/bomb'}\n" +
		"  circle: {http: '" + url + "/circle'}\n" +
		"  deep: {http: '" + url + "/deep', rules: {healthy: json == nil or true}}\n" +
		"  refused: {http: 'http://127.0.0.1:1/'}\n" +
		"  socket: {websocket: '" + strings.Replace(url, "http", "ws", 1) + "/never'}\n" +
		"  endless: {sql: {driver: sqlite, dsn: ':memory:', query: 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c) SELECT max(n) FROM c'}}\n" +
		"  many: {sql: {driver: sqlite, dsn: ':memory:', query: 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c LIMIT 100000) SELECT n FROM c'}}\n" +
		"  writes: {sql: {driver: sqlite, dsn: locked.db, query: 'DELETE FROM x'}}\n" +
		"  absent: {sql: {driver: sqlite, dsn: absent.db, query: SELECT 1}}\n" +
		"  stubborn: {command: {shell: \"trap '' TERM; sleep 987\"}}\n" +
		"  forks: {command: {shell: 'sleep 986 & sleep 986'}}\n" +
		"  session: {command: {shell: 'setsid sleep 985 & sleep 985'}}\n" +
		"  prints: {command: [cat, /dev/zero]}\n" +
		"  dies: {command: {shell: 'kill -9 $$$$'}}\n"
	faults := strings.Count(faulty, "\n")
	write(t, dir, "checks.yaml", "server: {listen: '127.0.0.1:0'}\ndefaults: {interval: 1s, timeout: 900ms, thresholds: {unhealthy: 1}}\nchecks:\n"+canary)
	p := start(t, dir)
	eventually(t, 5*time.Second, "the canary", func() bool { r, _ := p.component("canary"); return r.LastCheck != nil })
	files, memory := open(t, p), resident(t, p)

	p.write("checks.yaml", "server: {listen: '127.0.0.1:0'}\ndefaults: {interval: 1s, timeout: 900ms, thresholds: {unhealthy: 1}}\nchecks:\n"+canary+faulty)
	eventually(t, 20*time.Second, "every fault is found", func() bool { return p.count("unhealthy") == faults })
	began, _ := p.component("canary")
	runs := canaryRuns(t, p)
	eventually(t, 20*time.Second, "ten more looks of the canary", func() bool { return canaryRuns(t, p) >= runs+10 })
	ended, _ := p.component("canary")
	if took := ended.LastCheck.Sub(*began.LastCheck); took > 8*time.Second {
		t.Errorf("ten intervals of 500ms took the canary %s", took)
	}
	if got := p.count("unhealthy"); got != faults {
		_, body := p.get("/health")
		t.Errorf("%d of %d faults are unhealthy:\n%s", got, faults, body)
	}
	if grown := resident(t, p) - memory; grown > 200 {
		t.Errorf("the faults took %d MiB", grown)
	}

	p.write("checks.yaml", "server: {listen: '127.0.0.1:0'}\ndefaults: {interval: 1s, timeout: 900ms, thresholds: {unhealthy: 1}}\nchecks:\n"+canary)
	eventually(t, 10*time.Second, "the faulty checks leave", func() bool { return p.count("unhealthy") == 0 })
	eventually(t, 10*time.Second, "file descriptors as before", func() bool { return open(t, p) <= files+4 })
	eventually(t, 10*time.Second, "no process is left", func() bool { return len(children(t, p)) <= 1 })
	if r, _ := p.component("canary"); r.Status.String() != "healthy" {
		t.Errorf("the canary is %s: %s", r.Status, r.Message)
	}
}

// lock keeps an SQLite file locked until the test ends, from another process.
func lock(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	whole := unix.Flock_t{Type: unix.F_WRLCK}
	if err := unix.FcntlFlock(f.Fd(), unix.F_SETLK, &whole); err != nil {
		t.Fatal(err)
	}
}

// count is how many components have a status.
func (p *process) count(status string) int {
	_, body := p.get("/health")
	return strings.Count(body, `"status":"`+status+`","message"`)
}

func canaryRuns(t *testing.T, p *process) (n int) {
	t.Helper()
	_, metrics := p.get("/metrics")
	for line := range strings.Lines(metrics) {
		if rest, ok := strings.CutPrefix(line, `polyhealth_check_runs_total{check="canary",status="healthy"} `); ok {
			n, _ = strconv.Atoi(strings.TrimSpace(rest))
		}
	}
	return n
}

// resident is a process's memory, in MiB.
func resident(t *testing.T, p *process) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	kib, _ := strconv.Atoi(strings.Fields(rest)[0])
	return kib >> 10
}

// children are the processes below a daemon.
func children(t *testing.T, p *process) []string {
	t.Helper()
	out, _ := exec.Command("ps", "--ppid", strconv.Itoa(p.cmd.Process.Pid), "-o", "pid=,stat=,args=").Output()
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
}

// With too few file descriptors, polyhealth blames itself.
func TestFewFiles(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(700 * time.Millisecond): // so that many are under way at once
		}
	}))
	defer s.Close()
	dir := t.TempDir()
	var checks strings.Builder
	for i := range 100 {
		fmt.Fprintf(&checks, "  c%d: {http: '%s/%d', interval: 1s, timeout: 900ms, thresholds: {unhealthy: 1}}\n", i, s.URL, i)
	}
	write(t, dir, "checks.yaml", checksFile(checks.String()))
	p := start(t, dir)
	few := unix.Rlimit{Cur: 64, Max: 64}
	if err := unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_NOFILE, &few, nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, 15*time.Second, "some are unknown", func() bool {
		return strings.Contains(p.logged(), "is unknown") && strings.Contains(p.logged(), "too many open files")
	})
	if log := p.logged(); strings.Contains(log, "is unhealthy") {
		i := strings.Index(log, "is unhealthy")
		t.Errorf("a target was blamed: %s", log[max(0, i-80):min(len(log), i+300)])
	}
}
