package engine

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// While a repair takes hold no result counts, whoever gives it: then the check is
// probed at once, and that one does.
func TestSettling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := newTarget()
		began := time.Now()
		for _, name := range []string{"often", "seldom", "hangs"} {
			tg.behave[name] = func(ctx context.Context, _ int) (int, error) {
				switch since := time.Since(began); {
				case name == "hangs" && since > 11*time.Second && since < 40*time.Second:
					<-ctx.Done() // its deadline comes within the time to settle
					return 0, ctx.Err()
				case since > 15*time.Second && since < 40*time.Second:
					return 0, errors.New("it is starting")
				}
				return 0, nil
			}
		}
		e, rec := running(t, tg, `
checks:
  often: {fake: x, interval: 10s, timeout: 5s}
  seldom: {fake: x, interval: 10m, timeout: 5s}
  hangs: {fake: x, interval: 10s, timeout: 5s}
`)
		time.Sleep(15 * time.Second)
		settled := time.Now().Add(30 * time.Second)
		note := &Recovering{State: RecoverySettling}
		for _, name := range []string{"often", "seldom", "hangs"} {
			e.Recovering(name, note, settled)
		}
		e.Recovering("nobody", note, settled)
		if c := e.Component("seldom"); c.Recovering != note || c.Status != Healthy {
			t.Errorf("it shows %+v", c)
		}
		time.Sleep(29 * time.Second)
		for _, name := range []string{"often", "seldom", "hangs"} {
			last := e.Component(name).LastCheck
			if last.After(began.Add(15 * time.Second)) {
				t.Errorf("%s: a result at %s counts", name, last.Sub(began))
			}
		}
		time.Sleep(1*time.Second + time.Millisecond)
		for _, name := range []string{"often", "seldom", "hangs"} {
			if starts := tg.startsOf(name); !starts[len(starts)-1].Equal(settled) {
				t.Errorf("%s is probed last at %s, not when it has settled", name, starts[len(starts)-1].Sub(began))
			}
			if c := e.Component(name); !c.LastCheck.Equal(settled) || c.Recovering != note {
				t.Errorf("%s: the first result that counts is of %s", name, c.LastCheck.Sub(began))
			}
			for _, ev := range rec.of(name) {
				if ev.Result.Status != Healthy {
					t.Errorf("%s: %v is told of", name, ev.Result)
				}
			}
		}
		before := len(tg.startsOf("often"))
		time.Sleep(time.Minute)
		if n := len(tg.startsOf("often")) - before; n != 6 {
			t.Errorf("%d probes in the minute after", n)
		}
	})
}

// A probe that is on its way when the repair has taken hold began too early: another
// begins when it ends.
func TestSettlingDuringAProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := newTarget()
		tg.behave["slow"] = func(_ context.Context, n int) (int, error) {
			time.Sleep(4 * time.Second)
			return 500 * (n % 2), nil
		}
		e, _ := running(t, tg, "checks: {slow: {fake: x, interval: 1m, timeout: 10s}}")
		time.Sleep(time.Minute + time.Second)
		second := tg.startsOf("slow")[1]
		e.Recovering("slow", nil, second.Add(2*time.Second))
		time.Sleep(9 * time.Second)
		starts := tg.startsOf("slow")
		if len(starts) != 3 || !starts[2].Equal(second.Add(4*time.Second)) {
			t.Fatalf("it is probed at %v", starts)
		}
		if c := e.Component("slow"); c.Status != Healthy || !c.LastCheck.Equal(second.Add(8*time.Second)) {
			t.Errorf("it is %s, by the result of %v", c.Status, c.LastCheck)
		}
	})
}
