package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// canary is the check beside every fault. It needs nothing that a fault could
// take away, so that whatever befalls it is polyhealth's doing.
const (
	canary      = "  canary: {sql: {driver: sqlite, dsn: ':memory:', query: SELECT 1}, interval: 200ms, timeout: 10s}\n"
	canaryEvery = 200 * time.Millisecond
)

// ample is for what takes a moment, and a busy machine several.
const ample = 30 * time.Second

// A patient is a daemon that faults are thrown at, and how it was before.
type patient struct {
	*process
	files, routines, memory int // the last in MiB
}

// admit starts a daemon on a file with the canary in it, and notes how it is once
// all checks have been probed.
func admit(t *testing.T, dir string, env ...string) *patient {
	t.Helper()
	p := &patient{process: start(t, dir, env...)}
	eventually(t, ample, "ready", func() bool { code, _ := p.get("/-/ready"); return code == 200 })
	p.files, p.routines, p.memory = p.open(), p.typical(), p.peak()
	return p
}

// typical is how many goroutines there are at rest. Some of those that count them,
// or a probe, may be among them, so most looks decide.
func (p *process) typical() int {
	var looks []int
	for range 9 {
		looks = append(looks, p.metric("go_goroutines"))
	}
	slices.Sort(looks)
	return looks[len(looks)/2]
}

// survived is what polyhealth promises of every fault, once it is over: the daemon
// lives, the canary is on its cadence and never was anything but healthy, nothing
// is left of the fault, and it took no more memory than so many MiB.
func (p *patient) survived(t *testing.T, memory int) {
	t.Helper()
	const some = 3 // that come and go: a connection of the database, those that count
	p.sings(t)
	eventually(t, ample, fmt.Sprintf("%d open files, as before", p.files), func() bool { return p.open() <= p.files+some })
	eventually(t, ample/9, fmt.Sprintf("%d goroutines, as before", p.routines), func() bool { return p.typical() <= p.routines+some })
	eventually(t, ample, "no process is left", func() bool { return len(p.children(t)) == 0 && len(p.strays(t)) == 0 })
	if grown := p.peak() - p.memory; grown > memory {
		t.Errorf("it took %d MiB, where %d are plenty", grown, memory)
	}
	for _, word := range []string{"panic", "fatal error", "DATA RACE"} {
		if log := p.logged(); strings.Contains(log, word) {
			t.Errorf("%s:\n%s", word, log)
		}
	}
}

// sings listens to the canary: ten intervals may take five times as long, on a
// machine that has a lot to do.
func (p *patient) sings(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.Signal(0)); err != nil {
		t.Fatalf("the daemon is dead: %v\n%s", err, p.logged())
	}
	if code, body := p.get("/-/healthy"); code != 200 {
		t.Errorf("/-/healthy says %d %s", code, body)
	}
	began, runs := time.Now(), p.runs("healthy")
	eventually(t, ample, "ten more looks of the canary", func() bool { return p.runs("healthy") >= runs+10 })
	if took := time.Since(began); took > 50*canaryEvery {
		t.Errorf("ten intervals of %s took the canary %s", canaryEvery, took)
	}
	if n := p.runs("degraded") + p.runs("unhealthy") + p.runs("unknown"); n > 0 {
		r, _ := p.component("canary")
		t.Errorf("the canary was not healthy %d times; it is %s: %s", n, r.Status, r.Message)
	}
}

// runs counts the canary's results of a status.
func (p *process) runs(status string) int {
	return p.metric(`polyhealth_check_runs_total{check="canary",status="` + status + `"}`)
}

// metric is the whole part of value.
func (p *process) metric(series string) int { return int(p.value(series)) }

// value is that of a series of /metrics; -1 where there is none.
func (p *process) value(series string) float64 {
	_, metrics := p.get("/metrics")
	for line := range strings.Lines(metrics) {
		if rest, ok := strings.CutPrefix(line, series+" "); ok {
			v, _ := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			return v
		}
	}
	return -1
}

// open counts the daemon's file descriptors.
func (p *process) open() int {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	return len(entries)
}

// peak is the most memory that the daemon ever held, in MiB.
func (p *process) peak() int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	kib, _ := strconv.Atoi(strings.Fields(rest)[0])
	return kib >> 10
}

// children are the daemon's, zombies too.
func (p *process) children(t *testing.T) []string {
	t.Helper()
	out, _ := exec.Command("ps", "--ppid", strconv.Itoa(p.cmd.Process.Pid), "-o", "pid=,stat=,args=").Output()
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
}

// strays are the processes, whosever children, that live in the daemon's folder,
// as all do that its checks begin.
func (p *process) strays(t *testing.T) (found []string) {
	t.Helper()
	folders, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, f := range folders {
		pid := filepath.Base(filepath.Dir(f))
		if dir, err := os.Readlink(f); err == nil && dir == p.dir && pid != strconv.Itoa(p.cmd.Process.Pid) {
			found = append(found, pid)
		}
	}
	return found
}

// A fault is a check of something that misbehaves, and what its results must be.
type fault struct {
	name, check string // the check in YAML, without its braces
	status      string
	message     string // a part of it
}

// TestFaultsTogether points every type at the worst that a target can do, all at
// once, beside a canary, and takes the checks out again.
func TestFaultsTogether(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var faults []fault
	faults = append(faults, httpFaults(t)...)
	faults = append(faults, websocketFaults(t)...)
	faults = append(faults, sqlFaults(t, dir)...)
	faults = append(faults, commandFaults(t, dir)...)
	head := "server: {listen: '127.0.0.1:0'}\ndefaults: {interval: 2s, timeout: 10s, thresholds: {unhealthy: 1}}\nchecks:\n" + canary
	faulty := head
	for _, f := range faults {
		faulty += fmt.Sprintf("  %s: {%s}\n", f.name, f.check)
	}
	write(t, dir, "checks.yaml", head)
	p := admit(t, dir)
	p.write("checks.yaml", faulty)
	p.finds(t, faults)
	p.sings(t)
	p.write("checks.yaml", head)
	eventually(t, ample, "the faulty checks leave", func() bool { _, ok := p.component(faults[0].name); return !ok })
	p.survived(t, 500) // with the race detector; 70 without
	sqlUntouched(t, dir)
}

// finds waits until each fault was found once to be what it is.
func (p *patient) finds(t *testing.T, faults []fault) {
	t.Helper()
	left := map[string]fault{}
	for _, f := range faults {
		left[f.name] = f
	}
	defer func() {
		for name, f := range left {
			r, _ := p.component(name)
			t.Errorf("%s is %s (%q), want %s (%q)", name, r.Status, r.Message, f.status, f.message)
		}
	}()
	eventually(t, 2*ample, "all faults are found", func() bool {
		_, body := p.get("/health")
		for _, r := range p.rows(body) {
			if f := left[r.Name]; r.Status.String() == f.status && strings.Contains(r.Message, f.message) {
				delete(left, r.Name)
			}
		}
		return len(left) == 0
	})
}
