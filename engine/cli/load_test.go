package cli

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	pairs = flag.Int("pairs", 5, "interleaved pairs of a load benchmark")
	span  = flag.Duration("span", 20*time.Second, "how long each side of a pair is measured")
)

// BenchmarkLoad runs the whole program, history and all, against a bare Go loop
// (bareLoop) that asks the same target the same number of questions at the same
// rate by the same connection policy, in interleaved pairs (loop, polyhealth,
// loop, …), each side a process of its own, measured after a warm-up of one
// interval and a half. It reports the median of the pairwise ratios of CPU a
// probe, with the least and the greatest, the differences of memory, the ratio of
// the 99th percentiles of how far the time between two questions of one check is
// from the interval, and how many questions polyhealth left out.
//
// Run it alone, on an idle machine: go test -run '^$' -bench Load -benchtime 1x
// -timeout 2h ./engine/cli. It takes about a minute a pair; with -pairs 1 -span 5m,
// and -bench Load/checks=10000, it is the long run.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1000, 10000} {
		for _, policy := range []string{"pool", "dial"} {
			b.Run(fmt.Sprintf("checks=%d/%s", n, policy), func(b *testing.B) {
				for range b.N {
					loadPairs(b, n, policy)
				}
			})
		}
	}
}

// side is what was measured of one process.
type side struct {
	cpu      float64 // milliseconds a probe
	rss      float64 // MiB
	arrivals arrivals
}

func (s side) String() string {
	a := s.arrivals
	return fmt.Sprintf("%.3f ms/probe, %.0f MiB, p99 %.1f ms, most %.0f ms, %d probes, %d missed, all %d within %.1f s",
		s.cpu, s.rss, a.P99, a.Most, a.Count, a.Missed, a.Paths, a.Round)
}

func loadPairs(b *testing.B, n int, policy string) {
	var cpu, rss, loopP99, p99 []float64
	missed := 0
	for i := range *pairs {
		loop := loadOnce(b, n, policy, false)
		ours := loadOnce(b, n, policy, true)
		cpu = append(cpu, ours.cpu/loop.cpu)
		rss = append(rss, ours.rss-loop.rss)
		loopP99, p99 = append(loopP99, loop.arrivals.P99), append(p99, ours.arrivals.P99)
		b.Logf("pair %d: loop %v; polyhealth %v; ratio %.2f", i+1, loop, ours, ours.cpu/loop.cpu)
		missed += ours.arrivals.Missed + n - ours.arrivals.Paths
	}
	b.ReportMetric(median(cpu), "cpu-ratio")
	b.ReportMetric(slices.Min(cpu), "cpu-ratio-min")
	b.ReportMetric(slices.Max(cpu), "cpu-ratio-max")
	b.ReportMetric(median(rss), "MiB-more")
	b.ReportMetric(median(p99)/max(median(loopP99), 0.001), "p99-ratio")
	b.ReportMetric(float64(missed), "missed")
}

func median(of []float64) float64 {
	s := slices.Sorted(slices.Values(of))
	return s[len(s)/2]
}

const loadInterval = 10 * time.Second

// loadOnce measures one side.
func loadOnce(b *testing.B, n int, policy string, polyhealth bool) side {
	b.Helper()
	address, stopTarget := spawn(b, asTarget, b.TempDir())
	defer stopTarget()
	var pid int
	if polyhealth {
		dir := b.TempDir()
		writeLoad(b, dir, address, n, policy)
		p, stop := launch(b, asPolyhealth, dir, "run", "checks.yaml")
		defer stop()
		pid = p
	} else {
		p, stop := launch(b, asLoop, b.TempDir(), address, strconv.Itoa(n), loadInterval.String(), policy)
		defer stop()
		pid = p
	}
	time.Sleep(loadInterval * 3 / 2)
	ask(b, address)
	before := cpuOf(b, pid)
	time.Sleep(*span)
	a, after := ask(b, address), cpuOf(b, pid)
	return side{cpu: (after - before) / float64(max(a.Count, 1)), rss: rssOf(b, pid), arrivals: a}
}

func writeLoad(b *testing.B, dir, address string, n int, policy string) {
	var f strings.Builder
	f.WriteString("server: {listen: '127.0.0.1:0'}\ndefaults: {interval: 10s}\nchecks:\n")
	for i := range n {
		fmt.Fprintf(&f, "  check-%d:\n    http: {url: 'http://%s/%d', keep_alive: %v}\n"+
			"    rules: {healthy: status == 200 and json.status == \"ok\"}\n", i, address, i, policy == "pool")
	}
	if err := os.WriteFile(filepath.Join(dir, "checks.yaml"), []byte(f.String()), 0o600); err != nil {
		b.Fatal(err)
	}
}

// spawn starts the test binary in a part and returns its address.
func spawn(b *testing.B, part, dir string, args ...string) (address string, stop func()) {
	p := startPart(b, part, dir, args...)
	return p.address, p.stop
}

// launch is spawn for a part that is known by its process.
func launch(b *testing.B, part, dir string, args ...string) (pid int, stop func()) {
	p := startPart(b, part, dir, args...)
	return p.pid, p.stop
}

type part struct {
	address string
	pid     int
	stop    func()
}

func startPart(b *testing.B, role, dir string, args ...string) part {
	b.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), role+"=1")
	out, err := cmd.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	p := &process{cmd: cmd}
	address := make(chan string, 1)
	go p.read(out, address)
	at := <-address
	if at == "" {
		b.Fatalf("%s did not start: %s", role, p.logged())
	}
	return part{at, cmd.Process.Pid, p.kill}
}

// ask asks the target what it has seen since it was last asked.
func ask(b *testing.B, address string) (a arrivals) {
	b.Helper()
	_, body := (&process{base: "http://" + address}).get("/stats?interval=" + loadInterval.String())
	if err := json.Unmarshal([]byte(body), &a); err != nil {
		b.Fatal(err, body)
	}
	return a
}

// cpuOf is the CPU time that a process has used, in milliseconds: fields 14 and
// 15 of proc_pid_stat(5), in ticks of 10 ms.
func cpuOf(b *testing.B, pid int) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) * 10
}

// rssOf is the memory that a process holds, in MiB.
func rssOf(b *testing.B, pid int) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	kib, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	return kib / 1024
}
