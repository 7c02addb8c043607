package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// tenThousand is how many checks the promises on start and reload are about.
const tenThousand = 10_000

// BenchmarkStart is from the start of the process to the first answer of /health,
// with 10,000 checks and no database yet. About two thirds are reading and
// compiling the file, half of that in yaml.v3; the rest is opening the probes and
// writing the first row of each component.
func BenchmarkStart(b *testing.B) {
	address, stop := spawn(b, asTarget, b.TempDir())
	defer stop()
	var took []float64
	for b.Loop() {
		dir := b.TempDir()
		writeLoad(b, dir, address, tenThousand, "pool")
		began := time.Now()
		p := startPart(b, asPolyhealth, dir, "run", "checks.yaml")
		for code := 0; code == 0; {
			code, _ = (&process{base: "http://" + p.address}).get("/health")
		}
		took = append(took, float64(time.Since(began).Milliseconds()))
		p.stop()
	}
	b.ReportMetric(median(took), "ms-to-first-health")
}

// BenchmarkReload edits one of 10,000 checks that run every 10 s, ten times, and
// reports how many probes started more than 100 ms late meanwhile, and how long a
// reload took.
func BenchmarkReload(b *testing.B) {
	address, stop := spawn(b, asTarget, b.TempDir())
	defer stop()
	dir := b.TempDir()
	writeLoad(b, dir, address, tenThousand, "pool")
	p := startPart(b, asPolyhealth, dir, "run", "checks.yaml")
	defer p.stop()
	time.Sleep(loadInterval * 3 / 2)
	file := filepath.Join(dir, "checks.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	starts, late := lateness(b, p.address)
	var took []float64
	for b.Loop() {
		for i := range 10 {
			edited := strings.Replace(string(text), "status == 200", fmt.Sprintf("status == %d", 200+i%2), 1)
			if err := os.WriteFile(file, []byte(edited), 0o600); err != nil {
				b.Fatal(err)
			}
			began := time.Now()
			if out, err := program(dir, "reload").CombinedOutput(); err != nil {
				b.Fatalf("%v\n%s", err, out)
			}
			took = append(took, float64(time.Since(began).Milliseconds()))
			time.Sleep(time.Second) // of its usual work
		}
	}
	startsAfter, lateAfter := lateness(b, p.address)
	b.ReportMetric(median(took), "ms/reload")
	b.ReportMetric(float64(startsAfter-starts), "starts")
	b.ReportMetric(float64(lateAfter-late), "late-100ms")
}

// lateness is how many probes have been started, and how many of them more than
// 100 ms after they were due.
func lateness(b *testing.B, address string) (starts, late int) {
	b.Helper()
	_, metrics := (&process{base: "http://" + address}).get("/metrics")
	value := func(series string) int {
		for line := range strings.Lines(metrics) {
			if rest, ok := strings.CutPrefix(line, series+" "); ok {
				n, _ := strconv.Atoi(strings.TrimSpace(rest))
				return n
			}
		}
		b.Fatalf("no %s", series)
		return 0
	}
	starts = value("polyhealth_schedule_lateness_seconds_count")
	return starts, starts - value(`polyhealth_schedule_lateness_seconds_bucket{le="0.1"}`)
}
