package alert

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"polyhealth/engine"
)

// TestNothingIsSaidBeforeItIsKept: what a restart would not know of is not told, so
// that a firing is never sent whose end nobody would tell.
func TestNothingIsSaidBeforeItIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.restart()
		s.memory.slow = true
		s.at(time.Second)
		s.becomes("a", engine.Unhealthy)
		s.at(2 * time.Second)
		s.expect()
		s.becomes("a", engine.Unhealthy) // another result that is no news does not overtake it
		s.at(3 * time.Second)
		s.expect()
		s.memory.keep() // the change
		synctest.Wait()
		s.expect()
		s.memory.keep() // that it is about to be told
		s.expect("3s ops/fake firing a unhealthy")
	})
}

// TestADiskThatHangsSilencesNobody: what is not kept in time is told all the same.
func TestADiskThatHangsSilencesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.restart()
		s.memory.slow = true
		s.becomes("a", engine.Unhealthy)
		s.at(time.Second)
		s.becomes("b", engine.Unhealthy)
		s.at(6 * time.Second) // three for the change, and three for what is about to be told
		s.expect("6s ops/fake firing a unhealthy")
		s.at(9 * time.Second)
		s.expect("6s ops/fake firing a unhealthy", "9s ops/fake firing b unhealthy")
		s.memory.keep() // late, and of no matter
		s.expect("6s ops/fake firing a unhealthy", "9s ops/fake firing b unhealthy")
	})
}

// TestWhatIsOverBeforeItIsKept: nothing is left to say.
func TestWhatIsOverBeforeItIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.restart()
		s.memory.slow = true
		s.becomes("a", engine.Healthy)
		s.becomes("a", engine.Unhealthy)
		s.becomes("a", engine.Healthy)
		s.memory.keep()
		s.at(time.Minute)
		s.expect()
	})
}

// TestRecords: what became of an alert is on record, its attempts counted.
func TestRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.restart()
		s.answers(func(m Message) Outcome {
			if time.Since(s.start) < time.Minute {
				return Retry(errors.New("busy s3cret"), 0)
			}
			return Sent()
		})
		s.becomes("a", engine.Unhealthy)
		s.at(10 * time.Minute)
		s.becomes("a", engine.Healthy)
		s.at(11 * time.Minute)
		records := s.memory.records
		if len(records) != 3 || records[0] != "firing a failed 1 busy [redacted]" ||
			!regexp.MustCompile(`^firing a sent [6-9] $`).MatchString(records[1]) || records[2] != "resolved a sent 1 " {
			t.Errorf("on record is %q", records)
		}
	})
}

// TestAStopIsInTime: a message that hangs, heeding nothing, does not hold up a stop.
func TestAStopIsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.grace = 2 * time.Second
		s.restart()
		hangs := make(chan struct{})
		s.answers(func(Message) Outcome { <-hangs; return Sent() })
		s.becomes("a", engine.Unhealthy)
		s.at(time.Second)
		stop := time.Now()
		s.kill()
		if took := time.Since(stop); took > 2*time.Second {
			t.Errorf("the stop took %v", took)
		}
		close(hangs)
	})
}

// TestWhatMayHaveArrivedGetsItsEnd: a firing that was on its way at a kill, or whose
// receiver was not heard of again, is resolved though nobody knows whether it was taken;
// one that was refused is not.
func TestWhatMayHaveArrivedGetsItsEnd(t *testing.T) {
	for _, c := range []struct {
		name string
		out  Outcome
		kill bool
		want []string
	}{
		{"killed", Outcome{}, true, []string{"ops/fake resolved a healthy"}},
		{"not heard of again", Retry(errTest, 0).Maybe(), false, []string{"ops/fake resolved a healthy"}},
		{"refused", Permanent(errTest), false, nil},
		{"busy", Retry(errTest, 0), false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, engine.Unhealthy)
				s.restart()
				s.answers(func(Message) Outcome {
					if c.kill {
						time.Sleep(30 * time.Second) // as in a process that is no more
					}
					return c.out
				})
				s.becomes("a", engine.Unhealthy)
				s.at(10 * time.Millisecond)
				if c.kill {
					s.kill()
				}
				s.at(time.Minute)
				s.answers(nil)
				s.becomes("a", engine.Healthy)
				if c.kill {
					s.restart()
				}
				s.at(5 * time.Minute)
				var said []string
				for _, line := range s.lines() {
					_, what, _ := strings.Cut(line, " ")
					said = append(said, what)
				}
				if !slices.Equal(said, c.want) {
					t.Errorf("said %q, want %q", said, c.want)
				}
				if n := s.memory.size(); len(c.want) == 0 && n > 0 {
					t.Errorf("%d things are remembered of what was never told", n)
				}
			})
		})
	}
}

// TestTheEndIsTheSameHoweverOftenItIsTold: a resolved whose record a kill has cost is told
// again by the same id.
func TestTheEndIsTheSameHoweverOftenItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.restart()
		s.at(time.Second)
		s.becomes("a", engine.Unhealthy)
		synctest.Wait()
		s.memory.mu.Lock()
		before := map[string]engine.Notified{}
		for key, n := range s.memory.all { // as it was before the firing was taken
			n.Firing, n.At, n.Trying = false, time.Time{}, true
			before[key] = n
		}
		s.memory.mu.Unlock()
		s.at(2 * time.Second)
		s.becomes("a", engine.Healthy)
		synctest.Wait()
		s.kill()
		s.memory.mu.Lock()
		s.memory.all = before
		s.memory.mu.Unlock()
		s.restart()
		s.at(time.Minute)
		m := s.messages()
		if len(m) != 3 || m[1].Event != Resolved || m[2].Event != Resolved || m[1].ID != m[2].ID {
			t.Errorf("told were %+v", m)
		}
	})
}
