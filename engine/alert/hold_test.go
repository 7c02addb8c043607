package alert

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"polyhealth/engine"
)

// TestBlocked: what depends on another that is not healthy is not told of; once that is
// healthy again it is, if it is still true then.
func TestBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.checks["b"].DependsOn = engine.Needs{{"a"}}
		s.restart()
		s.becomes("a", engine.Healthy)
		s.becomes("b", engine.Healthy)
		s.at(time.Minute)
		s.becomes("a", engine.Unhealthy)
		s.at(2 * time.Minute)
		s.becomes("b", engine.Unhealthy)
		s.at(10 * time.Minute)
		s.expect("1m0s ops/fake firing a unhealthy")
		s.becomes("a", engine.Healthy)
		s.at(10*time.Minute + time.Second)
		s.becomes("b", engine.Unhealthy) // since a is healthy
		s.expect("1m0s ops/fake firing a unhealthy", "10m0s ops/fake resolved a healthy",
			"10m1s ops/fake firing b unhealthy")
	})
}

// TestBlockedAndOver: nothing is told of what came and went with what it depends on.
func TestBlockedAndOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.checks["b"].DependsOn = engine.Needs{{"a"}}
		s.restart()
		s.becomes("a", engine.Unhealthy)
		s.at(time.Second)
		s.becomes("b", engine.Unhealthy)
		s.at(time.Minute)
		s.becomes("a", engine.Healthy)
		s.at(time.Minute + time.Second)
		s.becomes("b", engine.Healthy)
		s.at(10 * time.Minute)
		s.expect("0s ops/fake firing a unhealthy", "1m0s ops/fake resolved a healthy")
	})
}

// TestAnyOf: of a group one healthy check will do.
func TestAnyOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.checks["c"].DependsOn = engine.Needs{{"a", "b"}}
		s.checks["a"].Routes, s.checks["b"].Routes = nil, nil
		s.restart()
		s.becomes("a", engine.Unhealthy)
		s.becomes("b", engine.Healthy)
		s.at(time.Second)
		s.becomes("c", engine.Unhealthy)
		s.at(2 * time.Second)
		s.becomes("a", engine.Unhealthy)
		s.becomes("b", engine.Healthy)
		s.expect("2s ops/fake firing c unhealthy")
	})
}

// TestOlderResultsAreAskedForAgain: a failure that another's may explain, which has not
// been probed since, waits until it is; but not for ever.
func TestOlderResultsAreAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.checks["b"].DependsOn, s.checks["c"].DependsOn = engine.Needs{{"a"}}, engine.Needs{{"a"}}
		s.restart()
		s.becomes("a", engine.Healthy)
		s.at(time.Minute)
		s.becomes("b", engine.Unhealthy)
		s.at(time.Minute + time.Second)
		s.expect()
		if !slices.Contains(s.probes, "a") {
			t.Errorf("probes of %q were asked for, want a", s.probes)
		}
		s.becomes("a", engine.Unhealthy)
		s.at(5 * time.Minute)
		s.expect("1m1s ops/fake firing a unhealthy")

		s.becomes("a", engine.Healthy)
		s.becomes("b", engine.Healthy)
		s.at(20 * time.Minute)
		s.becomes("c", engine.Unhealthy)
		s.at(20*time.Minute + 59*time.Second)
		s.expect("1m1s ops/fake firing a unhealthy", "5m0s ops/fake resolved a healthy")
		s.at(21 * time.Minute)
		s.expect("1m1s ops/fake firing a unhealthy", "5m0s ops/fake resolved a healthy",
			"21m0s ops/fake firing c unhealthy")
	})
}

// TestMaintenance: down, maintenance, up is told; what comes and goes within one is not;
// what stays is told at its end.
func TestMaintenance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		for _, name := range []string{"a", "b", "c"} {
			s.checks[name].Maintenance = []engine.Window{engine.Once("upgrade", s.start.Add(10*time.Minute), time.Hour)}
		}
		s.restart()
		s.becomes("a", engine.Unhealthy)
		s.at(20 * time.Minute)
		s.becomes("a", engine.Healthy)
		s.becomes("b", engine.Unhealthy)
		s.becomes("c", engine.Unhealthy)
		s.at(30 * time.Minute)
		s.becomes("c", engine.Healthy)
		s.at(69 * time.Minute)
		s.expect("0s ops/fake firing a unhealthy")
		s.at(2 * time.Hour)
		lines := s.lines()[:3]
		slices.Sort(lines[1:])
		if want := []string{"0s ops/fake firing a unhealthy", "1h10m0s ops/fake firing b unhealthy", "1h10m0s ops/fake resolved a healthy"}; !slices.Equal(lines, want) {
			t.Errorf("said %q, want %q", lines, want)
		}
		if want := "reminder a held_back 0 maintenance upgrade"; !slices.Contains(s.memory.records, want) {
			t.Errorf("on record is %q, want %q", s.memory.records, want)
		}
		if n := s.log.count("held back"); n != 3 { // a reminder of a, and b, and c
			t.Errorf("%d alerts are logged as held back, want 3:\n%s", n, s.log)
		}
	})
}

// TestFlapping: one message that it flaps, one that it is stable, and none between.
func TestFlapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.restart()
		s.becomes("a", engine.Unhealthy)
		for i := range 10 {
			s.at(time.Duration(i+1) * time.Minute)
			s.flaps = true
			s.becomes("a", []engine.Status{engine.Healthy, engine.Unhealthy}[i%2])
		}
		s.at(40 * time.Minute)
		s.flaps = false
		s.becomes("a", engine.Healthy)
		s.at(time.Hour)
		s.expect("0s ops/fake firing a unhealthy", "15m0s ops/fake flapping a unhealthy", "40m0s ops/fake stable a healthy")
		s.becomes("a", engine.Unhealthy)
		s.at(61 * time.Minute)
		s.becomes("a", engine.Healthy)
		s.expect("0s ops/fake firing a unhealthy", "15m0s ops/fake flapping a unhealthy", "40m0s ops/fake stable a healthy",
			"1h0m0s ops/fake firing a unhealthy", "1h1m0s ops/fake resolved a healthy")
	})
}

// TestFlappingOverARestart: a flapping that was told gets its stable.
func TestFlappingOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.restart()
		s.flaps = true
		s.becomes("a", engine.Unhealthy)
		s.at(time.Minute)
		s.restart()
		s.flaps = false
		s.becomes("a", engine.Unhealthy)
		s.at(2 * time.Minute)
		s.expect("0s ops/fake flapping a unhealthy", "1m0s ops/fake stable a unhealthy")
		s.becomes("a", engine.Healthy)
		s.expect("0s ops/fake flapping a unhealthy", "1m0s ops/fake stable a unhealthy", "2m0s ops/fake resolved a healthy")
	})
}
