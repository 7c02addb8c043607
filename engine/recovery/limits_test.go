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

// TestLimits plays days of chance: outages, holds, slow actions, restarts in the middle
// of them. Whatever happens, no limit is broken, and something is done at all.
func TestLimits(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { chance(t, rand.New(rand.NewPCG(seed, 1))) })
		})
	}
}

// A reckoning is what must hold while it goes on.
type reckoning struct {
	running map[string]bool
	perHour int
	serial  bool
}

func chance(t *testing.T, r *rand.Rand) {
	serial := r.IntN(2) == 0
	perHour := 2 + r.IntN(6)
	file := fmt.Sprintf("recovery: {max_actions_per_hour: %d, serialize: %t, stop_when_unhealthy_above: 50%%}\n"+
		"defaults: {interval: 10s, thresholds: {unhealthy: 2}}\nchecks:\n", perHour, serial)
	for i := range 5 {
		file += fmt.Sprintf("  c%d: {said: x, recovery: {steps: [{command: [./a], timeout: 40s}, {command: [./b]}], max_attempts: %d, window: %dm, settle: %ds, backoff: %ds, reset_after: %dm}}\n",
			i, 1+r.IntN(4), 5+r.IntN(60), 1+r.IntN(60), 1+r.IntN(90), 1+r.IntN(20))
	}
	s := newStage(t, file)
	k := reckoning{running: map[string]bool{}, perHour: perHour, serial: serial}
	s.how = func(ctx context.Context, of Occasion) (engine.RecoveryResult, string) {
		name := of.Action.Component
		s.set(func() {
			if k.running[name] {
				t.Errorf("two actions on %s at once", name)
			}
			k.running[name] = true
			if k.serial && len(k.running) > 1 {
				t.Errorf("two actions at once: %v", k.running)
			}
			if why := s.held[name]; why != "" {
				t.Errorf("an action on %s, which is %s", name, why)
			}
			if c := s.engine.Component(name); c.Status != engine.Unhealthy && c.LastCheck.Before(of.Action.At) {
				t.Errorf("an action on %s, which is %s", name, c.Status)
			}
		})
		own := rand.New(rand.NewPCG(uint64(of.Action.ID), 3)) // r is the story's
		takes, cures := time.Duration(own.IntN(60))*time.Second, own.IntN(3) == 0
		select {
		case <-time.After(takes):
		case <-ctx.Done():
		}
		s.set(func() {
			delete(k.running, name)
			if cures {
				s.sick[name] = false
			}
		})
		return engine.RecoveryDone, ""
	}
	s.start()
	for range 600 {
		name := fmt.Sprintf("c%d", r.IntN(5))
		switch x := r.IntN(20); {
		case x < 8:
			s.set(func() { s.sick[name] = true })
		case x < 12:
			s.set(func() { s.sick[name] = false })
		case x < 13:
			s.set(func() { s.held[name] = "in maintenance" })
		case x < 16:
			s.set(func() { s.held[name] = "" })
		case x < 17:
			s.set(func() { s.ours[name] = !s.ours[name] })
		case x < 18:
			s.stop()
			s.start()
		}
		time.Sleep(time.Duration(r.IntN(180)) * time.Second)
		synctest.Wait()
	}
	s.stop()
	s.reckon(perHour)
}

// reckon holds all that was done against the limits.
func (s *stage) reckon(perHour int) {
	s.t.Helper()
	all := s.memory.all()
	if len(all) < 10 {
		s.t.Errorf("only %d actions in all", len(all))
	}
	if len(all) != len(s.done) {
		s.t.Errorf("%d actions are remembered, %d were done", len(all), len(s.done))
	}
	of := map[string][]engine.RecoveryAction{}
	for i, a := range all {
		if n := i - perHour; n >= 0 && a.At.Sub(all[n].At) < time.Hour {
			s.t.Errorf("%d actions within %s", perHour+1, a.At.Sub(all[n].At))
		}
		of[a.Component] = append(of[a.Component], a)
	}
	for _, c := range s.plan.Checks {
		r, actions := c.Recovery, of[c.Name]
		for i, a := range actions {
			if n := i - r.MaxAttempts; n >= 0 && a.At.Sub(actions[n].At) < r.Window {
				s.t.Errorf("%s: %d actions within %s", c.Name, r.MaxAttempts+1, a.At.Sub(actions[n].At))
			}
			if a.Result == "" {
				s.t.Errorf("%s: it is not known what became of %+v", c.Name, a)
			}
			if i == 0 {
				continue
			}
			gap := a.At.Sub(actions[i-1].Ended)
			if gap < r.Settle {
				s.t.Errorf("%s: %s after an action the next, before it has settled", c.Name, gap)
			}
			if a.Attempt > 1 && (gap < backoff(r, a.Attempt-1) || a.Attempt != actions[i-1].Attempt+1) {
				s.t.Errorf("%s: attempt %d %s after attempt %d", c.Name, a.Attempt, gap, actions[i-1].Attempt)
			}
			if want := r.Steps[(a.Attempt-1)%2].String(); a.Action != want {
				s.t.Errorf("%s: attempt %d is to %s, want %s", c.Name, a.Attempt, a.Action, want)
			}
		}
	}
}
