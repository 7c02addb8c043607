package engine

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := newTarget()
		tg.behave["kept"] = func(context.Context, int) (int, error) { return 0, errors.New("down") }
		tg.behave["ruled"] = tg.behave["kept"]
		e, _ := running(t, tg, `
checks:
  kept: {fake: x}
  ruled: {fake: x, rules: {degraded: value > 5}}
  moved: {fake: x}
  gone: {fake: x}
`)
		time.Sleep(35 * time.Second)
		synctest.Wait()
		keptAt := tg.startsOf("kept")
		diff := apply(t, e, compiled(t, tg, `
checks:
  ruled: {fake: x, rules: {degraded: value > 6}, interval: 40s}
  new: {fake: x}
  moved: {fake: y}
  kept: {fake: x}
`))
		want := "added: new\nchanged: ruled (interval, rules.degraded)\nchanged: moved (fake.url)\nremoved: gone\n"
		if got := diff.String(); got != want || diff.Unchanged != 1 {
			t.Errorf("diff:\n%swant:\n%s%d unchanged", got, want, diff.Unchanged)
		}
		var order []string
		for _, c := range e.Components(nil) {
			order = append(order, c.Check.Name)
		}
		if got := strings.Join(order, " "); got != "ruled new moved kept" {
			t.Errorf("order %s", got)
		}
		if c := e.Component("kept"); c.Failures != 2 {
			t.Errorf("kept has %d failures", c.Failures)
		}
		if c := e.Component("ruled"); c.Failures != 2 {
			t.Errorf("a changed rule must keep the streak, %d failures", c.Failures)
		}
		before := len(tg.startsOf("gone"))
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if len(tg.startsOf("new")) != 1 {
			t.Error("a new check starts at once")
		}
		for name, want := range map[string][2]int{"kept": {1, 0}, "ruled": {1, 0}, "moved": {2, 1}, "gone": {1, 1}} {
			if opened, closed := tg.counts(name); opened != want[0] || closed != want[1] {
				t.Errorf("%s was opened %d times and closed %d times, want %v", name, opened, closed, want)
			}
		}
		time.Sleep(90 * time.Second)
		synctest.Wait()
		if len(tg.startsOf("gone")) != before || e.Component("gone") != nil {
			t.Error("a removed check goes on")
		}
		if gap := tg.startsOf("kept")[2].Sub(keptAt[1]); gap != 30*time.Second {
			t.Errorf("the reload moved an unchanged check by %s", gap-30*time.Second)
		}
	})
}

// A probe that runs while its check is changed or removed is left to end, its
// result is dropped, and it is closed then, not before.
func TestReloadDuringProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := newTarget()
		slow := func(ctx context.Context, n int) (int, error) {
			if n == 0 {
				time.Sleep(5 * time.Second)
			}
			return n, nil
		}
		tg.behave["changed"], tg.behave["removed"] = slow, slow
		e, rec := running(t, tg, "checks: {changed: {fake: x}, removed: {fake: x}}")
		time.Sleep(time.Second)
		apply(t, e, compiled(t, tg, "checks: {changed: {fake: y}}"))
		time.Sleep(time.Second)
		closed := func() int {
			_, changed := tg.counts("changed")
			_, removed := tg.counts("removed")
			return changed + removed
		}
		if closed() != 0 {
			t.Error("closed while it ran")
		}
		time.Sleep(5 * time.Second)
		if n := closed(); n != 2 {
			t.Errorf("%d of 2 were closed once they had returned", n)
		}
		if got := rec.of("changed"); len(got) != 1 || got[0].Component.Message != "value 1" {
			t.Errorf("%d results of the changed check", len(got))
		}
		if len(rec.of("removed")) != 0 {
			t.Error("a removed check has a result")
		}
	})
}

func TestPrepareFailsWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := newTarget()
		e, _ := running(t, tg, "checks: {a: {fake: x}}")
		_, err := e.Prepare(compiled(t, tg, "checks: {b: {fake: x}, c: {fake: unopenable}}"))
		if err == nil || err.Error() != `check "c": cannot open` {
			t.Errorf("error %v", err)
		}
		if _, closed := tg.counts("b"); closed != 1 || e.Component("a") == nil || e.Component("b") != nil {
			t.Error("a failed Prepare left something behind")
		}
	})
}

func TestRestore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := newTarget()
		tg.behave["a"] = func(context.Context, int) (int, error) { return 0, errors.New("down") }
		rec := &recorder{}
		first := New(quiet(), rec)
		plan := compiled(t, tg, "checks: {a: {fake: x, interval: 10s}}")
		apply(t, first, plan)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { time.Sleep(15 * time.Second); cancel() }()
		first.Run(ctx, time.Second)
		last := rec.of("a")[1]
		if last.State.Failures != 2 || last.State.Reported != Degraded {
			t.Fatalf("before the restart: %+v", last.State)
		}

		second := New(quiet(), rec)
		second.Restore(map[string]Saved{"a": {State: last.State, Message: last.Component.Message}})
		apply(t, second, compiled(t, tg, "checks: {a: {fake: x, interval: 10s}}"))
		if c := second.Component("a"); c.Status != Degraded || c.Message != "down" || c.Failures != 2 {
			t.Errorf("right after the restart: %+v", c)
		}
		ctx, cancel = context.WithCancel(t.Context())
		go func() { time.Sleep(time.Second); cancel() }()
		second.Run(ctx, time.Second)
		if c := second.Component("a"); c.Status != Unhealthy {
			t.Errorf("the third failure in a row, after a restart: %s", c.Status)
		}
	})
}

func TestNotConfigured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := newTarget()
		e, _ := running(t, tg, `checks: {a: {fake: {url: "${URL:-}"}}}`)
		time.Sleep(time.Minute)
		c := e.Component("a")
		if c.Status != Unknown || c.Message != "not configured: URL" || len(tg.startsOf("a")) != 0 || !e.Ready() {
			t.Errorf("%s: %q, probed %d times, ready %v", c.Status, c.Message, len(tg.startsOf("a")), e.Ready())
		}
		apply(t, e, compiled(t, tg, `checks: {a: {fake: {url: "there"}}}`))
		time.Sleep(time.Second)
		if c := e.Component("a"); c.Status != Healthy {
			t.Errorf("once configured it is %s: %s", c.Status, c.Message)
		}
	})
}
