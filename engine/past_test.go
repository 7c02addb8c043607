package engine

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// whys are what decided each of the named check's results so far.
func whys(rec *recorder, name string) string {
	synctest.Wait()
	var all []string
	for _, ev := range rec.of(name) {
		all = append(all, ev.Component.Why())
	}
	return strings.Join(all, "\n")
}

// What rules look back at is kept by the engine: values over results in which the
// probe failed, over a reload of an unchanged check and one of other rules, but not of
// another target.
func TestRulesThatLookBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		values := []int{10, 40, -1, 40, 43, 44, 50, 3}
		tg := newTarget()
		tg.behave["a"] = func(_ context.Context, n int) (int, error) {
			if v := values[n]; v >= 0 {
				return v, nil
			}
			return 0, errors.New("down")
		}
		file := func(url, more string) string {
			return `checks: {a: {fake: ` + url + `, interval: 10s, rules: {degraded: ['(rate(value) ?? 9) > 2'` + more + `]}}}`
		}
		e, rec := running(t, tg, file("x", ""))
		wait := func() { time.Sleep(10 * time.Second) }
		time.Sleep(time.Second)
		for range 4 {
			wait()
		}
		apply(t, e, compiled(t, tg, file("x", "")))
		wait() // 44 after 43
		apply(t, e, compiled(t, tg, file("x", ", delta(value) == 6")))
		wait() // 50 after 44
		apply(t, e, compiled(t, tg, file("y", ", delta(value) == 6")))
		time.Sleep(time.Second) // 3 of another target
		want := `degraded because (rate(value) ?? 9) > 2: rate(value) was null
degraded because (rate(value) ?? 9) > 2: rate(value) was 3

healthy: no rule was true
healthy: no rule was true
healthy: no rule was true
degraded because delta(value) == 6: delta(value) was 6
degraded because (rate(value) ?? 9) > 2: rate(value) was null`
		if got := whys(rec, "a"); got != want {
			t.Errorf("decided:\n%s\nwant:\n%s", got, want)
		}
	})
}

// A window counts results by their own status, not by the reported one, and goes on
// from the history; the latency of a probe that failed counts for nothing.
func TestWindowsOfResults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := newTarget()
		tg.behave["a"] = func(ctx context.Context, n int) (int, error) {
			if n%2 == 1 {
				return 0, errors.New("down")
			}
			time.Sleep(time.Second)
			return n, nil
		}
		plan := compiled(t, tg, `
checks:
  a:
    fake: x
    interval: 1m
    thresholds: {unhealthy: 9}
    rules:
      degraded:
        - count_status("unhealthy", "2h") >= 3
        - max(latency, "2h") > "5s"
`)
		rec := &recorder{}
		e := New(quiet(), rec)
		apply(t, e, plan)
		if e.Horizon() != 2*time.Hour {
			t.Errorf("a history of %s is asked for", e.Horizon())
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go e.Run(ctx, time.Second)
		time.Sleep(90 * time.Second) // two results, one of which failed
		ago := func(d time.Duration, s Status, latency time.Duration) {
			e.Backfill("a", Result{At: time.Now().Add(-d), Status: s, Latency: latency})
		}
		ago(time.Hour, Unhealthy, 9*time.Second)
		ago(3*time.Hour, Unhealthy, time.Second) // too long ago
		ago(10*time.Second, Unhealthy, 0)        // after the start: known already
		time.Sleep(3 * time.Minute)
		ago(90*time.Minute, Degraded, 6*time.Second)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		cancel()
		want := `healthy: no rule was true

healthy: no rule was true

degraded because count_status("unhealthy", "2h") >= 3: count_status("unhealthy", "2h") was 3

degraded because count_status("unhealthy", "2h") >= 3: count_status("unhealthy", "2h") was 4`
		if got := whys(rec, "a"); got != want {
			t.Errorf("decided:\n%s\nwant:\n%s", got, want)
		}
	})
}

// A check whose rules do not look back has nothing kept for it.
func TestNothingIsKeptInVain(t *testing.T) {
	e, tg := New(quiet()), newTarget()
	apply(t, e, compiled(t, tg, `
checks:
  plain: {fake: x, rules: {degraded: 'latency > prev.latency * 2 or value > 5'}}
  by the message: {fake: x, message: "{{ delta(value) }}"}
  by metadata: {fake: x, metadata: {m: 'avg(latency, "1h")'}}
`))
	for name, kept := range map[string]bool{"plain": false, "by the message": true, "by metadata": true} {
		if _, memory := e.entry(name).observed(); (memory != nil) != kept {
			t.Errorf("%s: something is kept: %v", name, memory != nil)
		}
	}
	apply(t, e, compiled(t, tg, `checks: {by metadata: {fake: x}}`))
	if _, memory := e.entry("by metadata").observed(); memory != nil {
		t.Error("something is still kept")
	}
}

// What all windows of a file keep is bounded too.
func TestWindowsOfTooManyChecks(t *testing.T) {
	for n, want := range map[int]string{
		4000: "",
		4200: "checks.yaml:1:1: error: the rules of all checks together look back over 262 MB of results: at most 256 MB are kept",
	} {
		names := strings.Repeat("h%, ", n)
		_, text := tryCompile(newTarget(), "checks: {c: {for_each: ["+numbered(names[:len(names)-2])+
			"], fake: x, interval: 1s, rules: {degraded: 'count_status(\"any\", \"4096s\") > 9'}}}", nil)
		if first, _, _ := strings.Cut(text, "\n"); first != want {
			t.Errorf("%d checks: %s", n, first)
		}
	}
}

// More results than are kept are a mistake where the file says it.
func TestWindowOfTooManyResults(t *testing.T) {
	for _, c := range []struct{ keys, want string }{
		{`interval: 1s, rules: {degraded: 'avg(latency, "1h") > "1s"'}`, ``},
		{`interval: 1s, rules: {degraded: 'avg(latency, "2h") > "1s"'}`,
			`checks.yaml:1:56: error: results of every 1s over 2h are too many: at most 4096 are kept`},
		{`interval: 1m, retry_interval: 1s, message: '{{ max(latency, "24h") }}'`,
			`checks.yaml:1:67: error: results of every 1s over 24h are too many: at most 4096 are kept`},
		{`interval: 10s, metadata: {m: 'count_status("any", "24h")'}`,
			`checks.yaml:1:53: error: results of every 10s over 24h are too many: at most 4096 are kept`},
		{`schedule: "* * * * *", metadata: {m: 'count_status("any", "24h")'}`, ``},
		{`interval: 12h, rules: {degraded: 'avg(latency, "24h") > "1s"'}`, ``},
		{`}, whole: {judge: [a], rules: {degraded: 'count_status("degraded", "1h") > 2'}`, ``},
		// Who is judged by others has a result a second where these change that often.
		{`}, whole: {judge: [a], rules: {degraded: 'count_status("degraded", "2h") > 2'}`,
			`checks.yaml:1:65: error: results of every 1s over 2h are too many: at most 4096 are kept`},
	} {
		plan, text := tryCompile(withJudges(), "checks: {a: {fake: x, "+c.keys+"}}", nil)
		if first, _, _ := strings.Cut(text, "\n"); first != c.want || (plan == nil) != (c.want != "") {
			t.Errorf("%s:\n%s", c.keys, text)
		}
	}
}
