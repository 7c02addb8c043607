package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"polyhealth/checktypes"
)

// running starts an engine with a file inside a bubble of simulated time, and
// stops it at the end of the test.
func running(t *testing.T, tg *target, src string) (*Engine, *recorder) {
	t.Helper()
	rec := &recorder{}
	e := New(quiet(), rec)
	apply(t, e, compiled(t, tg, src))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.Run(ctx, 10*time.Second)
	}()
	t.Cleanup(func() { cancel(); <-done })
	return e, rec
}

func TestCadence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := newTarget()
		_, rec := running(t, tg, "checks: {a: {fake: x, interval: 10s}}")
		time.Sleep(5*time.Minute + time.Second)
		starts := tg.startsOf("a")
		if len(starts) != 31 {
			t.Fatalf("%d starts in 5 minutes and a second at 10s", len(starts))
		}
		for i := 1; i < len(starts); i++ {
			if gap := starts[i].Sub(starts[i-1]); gap != 10*time.Second {
				t.Errorf("gap %d is %s", i, gap)
			}
		}
		if evs := rec.of("a"); len(evs) != 31 || evs[0].Transition == nil || evs[1].Transition != nil {
			t.Errorf("%d events, the first with %v", len(evs), evs[0].Transition)
		}
	})
}

// A check on a schedule is probed at its start where nothing is known of it; where it is
// known, a restart waits for its time.
func TestScheduledAtStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := newTarget()
		src := "checks:\n  new: {fake: x, schedule: '0 3 * * *', timezone: UTC}\n  known: {fake: x, schedule: '0 3 * * *', timezone: UTC}\n"
		e := New(quiet())
		e.Restore(map[string]Saved{"known": {State: State{Reported: Healthy, Level: Healthy, LastCheck: time.Now().Add(-time.Hour)}}})
		apply(t, e, compiled(t, tg, src))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go e.Run(ctx, time.Second)
		time.Sleep(time.Hour)
		if a, b := len(tg.startsOf("new")), len(tg.startsOf("known")); a != 1 || b != 0 {
			t.Errorf("after an hour the new one was probed %d times, the known one %d", a, b)
		}
		time.Sleep(3 * time.Hour) // the bubble begins at midnight
		if a, b := len(tg.startsOf("new")), len(tg.startsOf("known")); a != 2 || b != 1 {
			t.Errorf("after three o'clock the new one was probed %d times, the known one %d", a, b)
		}
		cancel()
		synctest.Wait()
	})
}

// Thousands of checks start spread over their interval; a few start at once.
func TestSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		b.WriteString("checks:\n")
		for i := range 2000 {
			fmt.Fprintf(&b, "  c%d: {fake: x, interval: 10s}\n", i)
		}
		tg := newTarget()
		start := time.Now()
		running(t, tg, b.String())
		time.Sleep(10*time.Second + time.Millisecond)
		var bySecond [11]int
		for i := range 2000 {
			starts := tg.startsOf(fmt.Sprintf("c%d", i))
			if len(starts) == 0 {
				t.Fatalf("c%d was not probed within its interval", i)
			}
			bySecond[int(starts[0].Sub(start)/time.Second)]++
		}
		for second, n := range bySecond[:10] {
			if n < 140 || n > 260 {
				t.Errorf("second %d: %d of 2000 checks started first", second, n)
			}
		}
	})
}

// A hung probe is given up on, never started twice, and delays nobody.
func TestHungProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := newTarget()
		release := make(chan struct{})
		tg.behave["hung"] = func(context.Context, int) (int, error) { <-release; return 0, nil }
		e, rec := running(t, tg, `
checks:
  hung: {fake: x, interval: 10s, timeout: 2s}
  canary: {fake: x, interval: 1s}
`)
		time.Sleep(31 * time.Second)
		if n := len(tg.startsOf("hung")); n != 1 {
			t.Errorf("the hung probe was started %d times", n)
		}
		if n := len(tg.startsOf("canary")); n < 31 {
			t.Errorf("the canary was started %d times in 31s", n)
		}
		hung := e.Component("hung")
		if hung.Status != Unhealthy || hung.Failures < 3 {
			t.Errorf("after 31s the hung check is %s with %d failures", hung.Status, hung.Failures)
		}
		if got := rec.of("hung")[0].Component.Message; got != "timed out after 2s and has not come back" {
			t.Errorf("message %q", got)
		}
		close(release)
		time.Sleep(11 * time.Second)
		if hung := e.Component("hung"); hung.Status != Healthy {
			t.Errorf("once released it is %s: %s", hung.Status, hung.Message)
		}
		synctest.Wait()
		tg.mu.Lock()
		defer tg.mu.Unlock()
		if tg.twice {
			t.Error("two probes of one check ran at once")
		}
	})
}

func TestTimeoutAndPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := newTarget()
		tg.behave["slow"] = func(ctx context.Context, _ int) (int, error) { <-ctx.Done(); return 0, ctx.Err() }
		tg.behave["unable"] = func(ctx context.Context, _ int) (int, error) {
			<-ctx.Done()
			return 0, checktypes.OwnFaultf("there is no bus: %w", ctx.Err())
		}
		tg.behave["panics"] = func(context.Context, int) (int, error) { panic("boom") }
		e, _ := running(t, tg, `
checks:
  slow: {fake: x, timeout: 3s}
  unable: {fake: x, timeout: 3s}
  panics: {fake: x}
`)
		time.Sleep(5 * time.Second)
		for name, want := range map[string]struct {
			status  Status
			message string
		}{
			"slow":   {Degraded, "timed out after 3s"},
			"unable": {Unknown, "there is no bus: context deadline exceeded"},
			"panics": {Unknown, "the fake probe panicked: boom"},
		} {
			if c := e.Component(name); c.Status != want.status || c.Message != want.message {
				t.Errorf("%s is %s: %q", name, c.Status, c.Message)
			}
		}
	})
}

func TestRetryInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := newTarget()
		tg.behave["a"] = func(_ context.Context, n int) (int, error) {
			if n == 0 || n > 5 {
				return 0, nil
			}
			return 0, errors.New("down")
		}
		_, rec := running(t, tg, "checks: {a: {fake: x, interval: 30s, retry_interval: 2s}}")
		time.Sleep(3 * time.Minute)
		starts := tg.startsOf("a")
		var gaps []string
		for i := 1; i < 8; i++ {
			gaps = append(gaps, starts[i].Sub(starts[i-1]).String())
		}
		// Degraded is reported after the first failure, unhealthy after the third:
		// until then results and report differ, and every 2s tells more.
		if got, want := strings.Join(gaps, " "), "30s 2s 2s 30s 30s 30s 30s"; got != want {
			t.Errorf("gaps %s, want %s", got, want)
		}
		if got := rec.of("a")[3].Component.Status; got != Unhealthy {
			t.Errorf("after the third failure: %s", got)
		}
	})
}

// A process that was stopped for a minute does not blame its targets.
func TestHeldUp(t *testing.T) {
	var p pulse
	start := time.Unix(1000, 0)
	at := func(seconds float64) time.Time { return start.Add(time.Duration(seconds * 1e9)) }
	p.beat(at(0))
	if p.beat(at(0.5)) != 0 || p.held(at(0), at(0.6)) {
		t.Error("a loop that goes around is not held up")
	}
	if !p.held(at(0.4), at(60)) {
		t.Error("whoever wakes before the loop must see that it was held up")
	}
	if got := p.beat(at(60)); got != 59500*time.Millisecond {
		t.Errorf("held up for %s", got)
	}
	if !p.held(at(0.4), at(60.1)) || p.held(at(60.05), at(60.2)) {
		t.Error("only runs that began before the end of the stall were held up")
	}
}

func TestStopDropsResults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := newTarget()
		tg.behave["a"] = func(ctx context.Context, _ int) (int, error) { <-ctx.Done(); return 0, ctx.Err() }
		rec := &recorder{}
		e := New(quiet(), rec)
		apply(t, e, compiled(t, tg, "checks: {a: {fake: x, timeout: 10s}}"))
		ctx, cancel := context.WithCancel(t.Context())
		go func() { time.Sleep(time.Second); cancel() }()
		began := time.Now()
		e.Run(ctx, 10*time.Second)
		if took := time.Since(began); took != time.Second {
			t.Errorf("stopped after %s", took)
		}
		if _, closed := tg.counts("a"); len(rec.of("a")) != 0 || closed != 1 {
			t.Errorf("%d events recorded, closed %d times", len(rec.of("a")), closed)
		}
	})
}
