package recovery

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"polyhealth/engine"
)

// What a rehearsal does is what an actor does, whatever becomes of the component.
func TestRehearsalIsTheRealThing(t *testing.T) {
	all := 0
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			chance := rand.New(rand.NewPCG(seed, 2))
			// Nothing is due at the moment of a result: which is first then is left open.
			s := newStage(t, fmt.Sprintf(`
checks:
  trader:
    said: x
    interval: 10s
    thresholds: {unhealthy: 2}
    recovery: {steps: [{command: [./a]}, {command: [./b]}], max_attempts: %d, window: %dm31ms, settle: %d.011s, backoff: %d.023s, reset_after: %dm47ms}
`, 1+chance.IntN(5), 1+chance.IntN(20), 1+chance.IntN(60), 1+chance.IntN(90), 1+chance.IntN(10)))
			check := s.plan.Checks[0]
			play := Rehearse(check.Recovery, s.plan.Recovery)
			var rehearsed, done []string
			note := func(deeds []Deed) {
				for _, d := range deeds {
					if d.Step > 0 {
						rehearsed = append(rehearsed, fmt.Sprintf("%s step %d", d.At.Sub(s.began).Truncate(time.Millisecond), d.Step))
					}
				}
			}
			s.how = func(_ context.Context, of Occasion) (engine.RecoveryResult, string) {
				done = append(done, fmt.Sprintf("%s step %d", of.Action.At.Sub(s.began).Truncate(time.Millisecond), of.Action.Step))
				return engine.RecoveryDone, ""
			}
			s.start()
			defer s.stop()
			for range 600 {
				if chance.IntN(12) == 0 {
					s.set(func() { s.sick["trader"] = chance.IntN(3) > 0 })
				}
				time.Sleep(10*time.Second + 7*time.Microsecond) // off any beat
			}
			synctest.Wait()
			s.set(func() {
				clock := s.began
				for _, c := range s.results {
					note(play.Until(clock, c.LastCheck.Add(-1)))
					play.Result(c)
					note(play.Until(c.LastCheck, c.LastCheck))
					clock = c.LastCheck
				}
				note(play.Until(clock, time.Now()))
				if fmt.Sprint(rehearsed) != fmt.Sprint(done) {
					t.Errorf("seed %d: rehearsed\n%v\ndone\n%v", seed, rehearsed, done)
				}
				all += len(done)
			})
		})
	}
	if all < 100 {
		t.Errorf("only %d actions in all", all)
	}
}
