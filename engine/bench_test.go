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

// BenchmarkCompile is all that validate does with files of 10,000 and 100,000 checks,
// written out, and made of one by for_each; and with one in ten mistaken. yaml.v3
// takes about half of it; the rules, of which most are alike, next to nothing, as a
// scope compiles each text once.
func BenchmarkCompile(b *testing.B) {
	each := func(n int) string {
		return "checks:\n  c:\n    for_each: [" + strings.TrimSuffix(strings.Repeat("h%, ", n), ", ") +
			"]\n    fake: 'http://{{ each.value }}/'\n    rules: {unhealthy: value >= 500}\n"
	}
	for _, n := range []int{10_000, 100_000} {
		mistaken := strings.ReplaceAll(manyChecks(n), "0'}\n    interval", "0'}\n    intervall")
		for name, src := range map[string]string{"written": manyChecks(n), "for_each": numbered(each(n)), "mistaken": mistaken} {
			b.Run(fmt.Sprintf("%s/checks=%d", name, n), func(b *testing.B) {
				reg := newTarget().registry()
				b.ReportAllocs()
				for b.Loop() {
					r := schema.NewReader()
					p := Compile(schema.Parse("checks.yaml", []byte(src), schema.Env{}, r), reg, r)
					if (p == nil) != (name == "mistaken") {
						b.Fatal(r.Diagnostics()[0])
					}
					r.Diagnostics()
				}
			})
		}
	}
}

// numbered replaces each % by a number of its own.
func numbered(text string) string {
	var b strings.Builder
	n := 0
	for part := range strings.SplitSeq(text, "%") {
		if n > 0 {
			fmt.Fprint(&b, n)
		}
		b.WriteString(part)
		n++
	}
	return b.String()
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
