package alert

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"polyhealth/engine"
)

// recovers is what is shown of a component's recovery from its next result on.
func (s *stage) recovers(name string, r engine.Recovering) {
	c := *s.known[name]
	c.Recovering = &r
	s.known[name] = &c
}

// When the attempts to repair a component are used up, that is said once, after the
// cooldown, also where nothing else would be said any more, and over a restart.
func TestExhausted(t *testing.T) {
	for _, restarts := range []bool{false, true} {
		testExhausted(t, restarts)
	}
}

func testExhausted(t *testing.T, restarts bool) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.route().Repeat = 0
		s.restart()
		s.becomes("a", engine.Unhealthy)
		s.at(time.Minute)
		last := &engine.RecoveryAction{Action: "restart a.service", Result: engine.RecoveryFailed, Ended: time.Now()}
		s.recovers("a", engine.Recovering{Attempts: 1, Most: 3, Last: last})
		s.becomes("a", engine.Unhealthy)
		s.at(5 * time.Minute)
		s.recovers("a", engine.Recovering{Attempts: 3, Most: 3, Last: last, Exhausted: time.Now(), Tried: "restart a.service: failed ×3\nno s3cret"})
		s.becomes("a", engine.Unhealthy)
		s.at(6 * time.Minute)
		if restarts {
			s.restart()
		}
		s.becomes("a", engine.Unhealthy)
		s.at(14 * time.Minute)
		s.expect("0s ops/fake firing a unhealthy")
		s.at(16 * time.Minute)
		if restarts {
			s.restart()
		}
		s.becomes("a", engine.Unhealthy)
		s.at(5 * time.Hour)
		s.expect("0s ops/fake firing a unhealthy", "15m0s ops/fake firing a unhealthy")
		all := s.messages()
		if len(all) != 2 {
			return
		}
		if all[0].ID == all[1].ID || all[0].Recovery != "" {
			t.Errorf("the second message is taken for the first: %+v", all)
		}
		text := all[1].Text()
		if !strings.Contains(text, "Recovery: at its end. Tried: restart a.service: failed ×3\nno ") || strings.Contains(text, "s3cret") {
			t.Errorf("it says\n%s", text)
		}
		if json, _ := all[1].MarshalJSON(); !strings.Contains(string(json), `"recovery":"at its end.`) {
			t.Errorf("a webhook gets %s", json)
		}
	})
}

// A message tells what was done lately, and nothing of what would have been done.
func TestRepairsInMessages(t *testing.T) {
	last := &engine.RecoveryAction{Action: "run ./a", Result: engine.RecoveryDone, Ended: time.Now()}
	for want, r := range map[string]*engine.Recovering{
		"run ./a: done (attempt 1 of 3)": {Attempts: 1, Most: 3, Last: last},
		"":                               {Attempts: 1, Most: 3, Last: last, DryRun: true, Exhausted: time.Now()},
		"at its end. Tried: x":           {Exhausted: time.Now(), Tried: "x"},
	} {
		if got := repairs(&engine.Component{Recovering: r}); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
}
