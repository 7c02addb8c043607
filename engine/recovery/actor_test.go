package recovery

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"polyhealth/engine"
)

const trader = `
defaults: {interval: 10s, thresholds: {unhealthy: 1}}
checks:
  trader:
    said: x
    recovery: {steps: [{command: [./a]}, {command: [./b]}], settle: 15s, backoff: 30s, reset_after: 5m}
  other: {said: x}
`

// to sleeps until a time of the story.
func (s *stage) to(d time.Duration) {
	time.Sleep(time.Until(s.began.Add(d)))
	synctest.Wait()
}

// wants compares the story so far.
func (s *stage) wants(lines ...string) {
	s.t.Helper()
	want := strings.Join(append(lines, ""), "\n")
	if got := s.story(); got != want {
		s.t.Errorf("%s: this was done:\n%swant\n%s", time.Since(s.began), got, want)
	}
}

func (s *stage) phase(want engine.RecoveryPhase, why string) {
	s.t.Helper()
	if r := s.shows("trader"); r.State != want || !strings.Contains(r.Why, why) {
		s.t.Errorf("%s: it shows %s (%s), want %s (%s)", time.Since(s.began), r.State, r.Why, want, why)
	}
}

// play runs a story in simulated time.
func play(t *testing.T, file string, f func(*stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, file)
		s.start()
		defer func() { s.stop() }()
		f(s)
	})
}

// The ladder, from the first step to its end and to a new beginning.
func TestLadder(t *testing.T) {
	play(t, trader, func(s *stage) {
		s.set(func() {
			s.how = func(context.Context, Occasion) (engine.RecoveryResult, string) {
				time.Sleep(5 * time.Second)
				return engine.RecoveryFailed, "cannot connect with hunter22"
			}
		})
		s.plan.Secrets.Merge(s.compiled(`checks: {a: {said: "${X}"}}`).Secrets)
		s.to(15 * time.Second)
		s.phase("idle", "it is healthy")
		s.set(func() { s.sick["trader"] = true })
		s.to(22 * time.Second) // the probe at 20 s or a little later fails
		s.wants("20s trader 1 run ./a")
		s.phase("acting", "run ./a")
		s.to(30 * time.Second)
		s.phase("settling", "takes hold")
		s.to(121 * time.Second)
		// The action ended at 25 s, the backoff at 55 s, the second one's at 60 s + 1 m.
		s.wants("20s trader 1 run ./a", "55s trader 2 run ./b", "2m0s trader 3 run ./a")
		s.to(3 * time.Minute)
		s.phase("exhausted", "used up")
		r := s.shows("trader")
		if r.Attempts != 3 || r.Most != 3 || r.Exhausted.IsZero() ||
			!strings.HasPrefix(r.Tried, "run ./a: failed; run ./b: failed; run ./a: failed\ncannot connect with ") || strings.Contains(r.Tried, "hunter22") {
			t.Errorf("it shows %+v", r)
		}
		s.to(2 * time.Hour)
		s.wants("20s trader 1 run ./a", "55s trader 2 run ./b", "2m0s trader 3 run ./a")
		s.set(func() { s.sick["trader"] = false })
		s.to(2*time.Hour + 2*time.Minute)
		s.set(func() { s.sick["trader"] = true }) // not healthy for long enough
		s.to(2*time.Hour + 10*time.Minute)
		s.phase("exhausted", "used up")
		s.set(func() { s.sick["trader"] = false })
		s.to(2*time.Hour + 16*time.Minute)
		s.phase("idle", "it is healthy")
		if !s.shows("trader").Exhausted.IsZero() {
			t.Error("it is exhausted still")
		}
		s.set(func() { s.sick["trader"] = true })
		s.to(2*time.Hour + 17*time.Minute)
		if !strings.Contains(s.story(), "2h16m0s trader 1 run ./a\n") {
			t.Errorf("it does not begin anew:\n%s", s.story())
		}
	})
}

// A repair that works ends there; the next outage goes on with the next step, or where
// the check was healthy for long, with the first.
func TestRepairThatWorks(t *testing.T) {
	play(t, trader, func(s *stage) {
		s.set(func() {
			s.sick["trader"] = true
			s.how = func(context.Context, Occasion) (engine.RecoveryResult, string) {
				s.set(func() { s.sick["trader"] = false })
				return engine.RecoveryDone, ""
			}
		})
		s.to(time.Minute)
		if n := strings.Count(s.story(), "\n"); n != 1 {
			t.Fatalf("it was repaired %d times", n)
		}
		s.phase("idle", "begin anew when it has been for 5m")
		s.set(func() { s.sick["trader"] = true })
		s.to(2 * time.Minute)
		if !strings.Contains(s.story(), "trader 2 run ./b\n") {
			t.Errorf("the second step is not next:\n%s", s.story())
		}
		s.to(10 * time.Minute)
		s.set(func() { s.sick["trader"] = true })
		s.to(11 * time.Minute)
		if n := strings.Count(s.story(), "trader 1 run ./a\n"); n != 2 {
			t.Errorf("it does not begin anew:\n%s", s.story())
		}
	})
}

// What speaks against an action keeps it from being done, and nothing else: it is done
// when that is over.
func TestHeld(t *testing.T) {
	for _, c := range []struct {
		name, why string
		hold, let func(*stage)
	}{
		{"by others", "in maintenance", func(s *stage) { s.held["trader"] = "in maintenance" }, func(s *stage) { s.held = nil }},
		{"unknown", "nothing is known", func(s *stage) { s.ours["trader"] = true }, func(s *stage) { s.ours = nil }},
		{"not ready", "starting by itself", func(s *stage) { s.early["run ./a"] = "it is starting by itself" }, func(s *stage) { s.early = nil }},
		{"not kept", "disk is full", func(s *stage) { s.memory.refuses = errors.New("the disk is full") }, func(s *stage) { s.memory.refuses = nil }},
		{"no answer", "does not answer", func(s *stage) { s.memory.silent = true }, func(s *stage) { s.memory.silent = false }},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, trader, func(s *stage) {
				s.to(11 * time.Second)
				s.set(func() { c.hold(s); s.sick["trader"] = true })
				s.to(50 * time.Second)
				s.wants()
				if n := s.shows("trader").Attempts; n > 1 || n == 1 && c.name != "no answer" {
					t.Errorf("%d attempts are counted", n)
				}
				if c.name != "no answer" {
					s.phase("held", c.why)
					if sum := s.actor.Summary(); sum.LastHour != 0 || sum.Running != 0 {
						t.Errorf("what was not done is counted: %+v", sum)
					}
				}
				s.set(func() { c.let(s) })
				s.to(90 * time.Second)
				if !strings.Contains(s.story(), "trader 1 run ./a\n") {
					t.Errorf("it is not done after that: %q", s.story())
				}
			})
		})
	}
}

// A dry run says what it would do, as often as it would do it, and does nothing: results
// count on, and it is no attempt once it is meant.
func TestDryRun(t *testing.T) {
	play(t, strings.Replace(trader, "settle: 15s", "settle: 15s, mode: dry_run", 1), func(s *stage) {
		s.set(func() { s.sick["trader"] = true })
		s.to(5 * time.Minute)
		s.wants()
		all := s.memory.all()
		if len(all) != 3 {
			t.Fatalf("%d actions are said", len(all))
		}
		for _, a := range all {
			if a.Result != engine.RecoveryDry || !a.DryRun {
				t.Errorf("%+v", a)
			}
		}
		s.phase("exhausted", "used up")
		if c := s.engine.Component("trader"); time.Since(c.LastCheck) > 10*time.Second {
			t.Error("results do not count")
		}
		s.plan = s.compiled(trader)
		s.swap(s.plan)
		s.to(6 * time.Minute)
		if !strings.Contains(s.story(), "trader 1 run ./a\n") {
			t.Errorf("once it is meant nothing is done: %q", s.story())
		}
	})
}

// What the process's end cuts off is known as interrupted, counted, and not done twice.
func TestInterrupted(t *testing.T) {
	for _, killed := range []bool{false, true} {
		play(t, trader, func(s *stage) {
			s.set(func() {
				s.sick["trader"] = true
				s.how = func(ctx context.Context, _ Occasion) (engine.RecoveryResult, string) {
					<-ctx.Done()
					return engine.RecoveryFailed, "killed"
				}
			})
			s.to(15 * time.Second)
			n := len(s.memory.all())
			if n != 1 {
				t.Fatalf("%d actions have begun", n)
			}
			begun := s.memory.all()[0]
			s.stop()
			if killed { // then nothing of it was kept but its beginning
				s.memory.EndAction(begun)
			}
			s.set(func() { s.how = nil })
			s.start()
			synctest.Wait()
			if a := s.memory.all()[0]; a.Result != engine.RecoveryInterrupted || a.Ended.IsZero() {
				t.Errorf("it is known as %+v", a)
			}
			if r := s.shows("trader"); r.Attempts != 1 {
				t.Errorf("it shows %+v", r)
			}
			s.to(40 * time.Second)
			if n := len(s.memory.all()); n != 1 {
				t.Errorf("%d actions within the backoff after the restart", n)
			}
			s.to(3 * time.Minute)
			all := s.memory.all()
			if len(all) != 3 || all[1].Action != "run ./b" || all[1].Attempt != 2 {
				t.Errorf("it goes on with %+v", all[1:])
			}
			s.phase("exhausted", "used up")
		})
	}
}

// By hand a step is done whatever speaks against it, and counts; not while one is under
// way.
func TestByHand(t *testing.T) {
	play(t, trader, func(s *stage) {
		s.set(func() { s.held["trader"] = "in maintenance" })
		s.to(11 * time.Second)
		for _, c := range []struct {
			name string
			step int
			want string
		}{{"nobody", 0, "there is no such check"}, {"other", 0, "the check has no recovery"}, {"trader", 3, "there is no step 3: the recovery has 2"}} {
			if _, err := s.actor.ByHand(c.name, c.step, false); err == nil || err.Error() != c.want {
				t.Errorf("%s: %v, want %s", c.name, err, c.want)
			}
		}
		dry, err := s.actor.ByHand("trader", 0, true)
		if err != nil || dry.Action != "run ./a" || dry.Result != engine.RecoveryDry {
			t.Errorf("%+v, %v", dry, err)
		}
		s.wants()
		s.set(func() {
			s.how = func(context.Context, Occasion) (engine.RecoveryResult, string) {
				time.Sleep(time.Second)
				return engine.RecoveryDone, ""
			}
		})
		a, err := s.actor.ByHand("trader", 2, false)
		if err != nil || a.Action != "run ./b" || !a.ByHand {
			t.Errorf("%+v, %v", a, err)
		}
		if _, err := s.actor.ByHand("trader", 0, false); err != ErrBusy {
			t.Errorf("a second one at the same time: %v", err)
		}
		s.to(20 * time.Second)
		s.set(func() { s.early["run ./a"] = "it is starting by itself" })
		if _, err := s.actor.ByHand("trader", 1, false); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if all := s.memory.all(); len(all) != 1 || s.memory.actions[s.actor.last].Detail != "not begun: it is starting by itself" {
			t.Errorf("what was not begun is known as %+v", s.memory.actions)
		}
		s.wants("11s trader 1 run ./b")
		if r := s.shows("trader"); r.Attempts != 2 || r.Last == nil || r.Last.Result != engine.RecoveryFailed {
			t.Errorf("it shows %+v", r)
		}
		if sum := s.actor.Summary(); sum.LastHour != 1 || sum.Running != 0 || sum.Counts[Count{"trader", 2, "command", "done"}] != 1 {
			t.Errorf("the summary is %+v", sum)
		}
	})
}
