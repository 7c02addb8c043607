package alert

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"polyhealth/engine"
)

// What a rehearsal says is what a dispatcher sends, whatever the status does.
func TestRehearsalIsTheRealThing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := engine.Route{
			Name: "ops", On: rapid.SampledFrom([][]engine.Status{
				{engine.Unhealthy}, {engine.Degraded, engine.Unhealthy}, {engine.Unknown},
			}).Draw(rt, "on"),
			Cooldown:     rapid.SampledFrom([]time.Duration{time.Minute, 15 * time.Minute}).Draw(rt, "cooldown"),
			Repeat:       rapid.SampledFrom([]time.Duration{0, 15 * time.Minute, time.Hour}).Draw(rt, "repeat"),
			SendResolved: rapid.Bool().Draw(rt, "resolved"),
		}
		type change struct {
			status engine.Status
			after  time.Duration // until the next
		}
		changes := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) change {
			return change{
				rapid.SampledFrom([]engine.Status{engine.Unknown, engine.Healthy, engine.Degraded, engine.Unhealthy}).Draw(rt, "status"),
				// No change falls on a moment at which something is due: which is first then is
				// left open.
				time.Duration(rapid.IntRange(1, 2000).Draw(rt, "seconds"))*time.Second + 37*time.Millisecond,
			}
		}), 1, 12).Draw(rt, "changes")

		var rehearsed, sent []string
		start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // synctest's
		now, play := start, Rehearse(&r)
		for _, c := range changes {
			play.Observe(&engine.Component{Check: &engine.Check{}, Status: c.status})
			for _, s := range play.Until(now, now.Add(c.after-1)) {
				rehearsed = append(rehearsed, fmt.Sprint(s.Event, " ", s.Status, " at ", s.At.Sub(start)))
			}
			now = now.Add(c.after)
		}
		synctest.Test(t, func(t *testing.T) {
			s := newStage(t)
			r.Notifiers = s.route().Notifiers
			s.plan.Routes[0] = &r
			s.restart()
			for _, c := range changes {
				s.becomes("a", c.status)
				time.Sleep(c.after)
			}
			synctest.Wait()
			for _, m := range s.messages() {
				if at := m.Time.Sub(start); at < now.Sub(start) {
					sent = append(sent, fmt.Sprint(m.Event, " ", m.Status, " at ", at))
				}
			}
		})
		if fmt.Sprint(rehearsed) != fmt.Sprint(sent) {
			rt.Fatalf("rehearsed\n%v\nsent\n%v", rehearsed, sent)
		}
	})
}
