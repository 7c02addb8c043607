package engine

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"polyhealth/schema"
)

// manyChecks is a file of n checks with three rules each.
func manyChecks(n int) string {
	var b strings.Builder
	b.WriteString("checks:\n")
	for i := range n {
		fmt.Fprintf(&b, "  check-%d:\n    fake: {url: 'http://host/%d'}\n    interval: 30s\n    rules:\n"+
			"      unhealthy: value >= 500\n      degraded: latency > \"800ms\"\n      unknown: error contains \"x%d\"\n"+
			"    message: \"{{ value }} in {{ latency }}\"\n    tags: [a, b]\n", i, i, i%50)
	}
	return b.String()
}

// BenchmarkCompile is all that validate does with a file of 10,000 checks.
// yaml.v3 takes about half of it; the rules, of which most are alike, next to
// nothing, as a scope compiles each text once.
func BenchmarkCompile(b *testing.B) {
	src := []byte(manyChecks(10_000))
	reg := newTarget().registry()
	b.ReportAllocs()
	for b.Loop() {
		r := schema.NewReader()
		if p := Compile(schema.Parse("checks.yaml", src, schema.Env{}, r), reg, r); p == nil {
			b.Fatal(r.Diagnostics()[0])
		}
	}
}

// BenchmarkResult is what the engine adds to a probe: deadline, rules, message,
// thresholds, publication.
func BenchmarkResult(b *testing.B) {
	e, tg := New(quiet()), newTarget()
	apply(b, e, compiled(b, tg, manyChecks(1)))
	en := e.entry("check-0")
	b.ReportAllocs()
	for b.Loop() {
		r := &run{check: en.check, probe: en.probe, started: time.Now()}
		facts, ended, err := e.probe(r)
		v := e.judge(en, r, facts, err, ended)
		e.report(en, r.check, v, Result{At: ended, Status: v.Status})
	}
	tg.starts = nil
}

// BenchmarkHundredThousand runs 100,000 checks every 30 s of a type that does
// nothing, for 20 s, and reports what a check costs: memory of ours, CPU of all.
func BenchmarkHundredThousand(b *testing.B) {
	const n = 100_000
	plan := compiled(b, newTarget(), manyChecks(n))
	for range b.N {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		e := New(quiet())
		c, err := e.Prepare(plan)
		if err != nil {
			b.Fatal(err)
		}
		c.Commit()
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "B/check")
		ctx, cancel := context.WithTimeout(b.Context(), 20*time.Second)
		e.Run(ctx, time.Second)
		cancel()
		_, starts, _ := e.late.Histogram()
		b.ReportMetric(float64(starts), "starts")
		b.ReportMetric(float64(e.late.Max().Microseconds())/1000, "max-late-ms")
	}
}
