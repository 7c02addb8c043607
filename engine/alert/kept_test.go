package alert

import (
	"errors"
	"regexp"
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
		s.memory.keep()
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
		s.at(5 * time.Second)
		s.expect("5s ops/fake firing a unhealthy")
		s.at(6 * time.Second)
		s.expect("5s ops/fake firing a unhealthy", "6s ops/fake firing b unhealthy")
		s.memory.keep() // late, and of no matter
		s.expect("5s ops/fake firing a unhealthy", "6s ops/fake firing b unhealthy")
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
