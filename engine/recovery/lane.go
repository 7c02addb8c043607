package recovery

import (
	"strconv"
	"strings"
	"time"

	"polyhealth/engine"
)

// A lane is what an Actor knows of one component. Its fields are guarded by the
// Actor's mutex.
type lane struct {
	name string
	ladder
	dryRun  bool                    // the ladder is one of what would be done
	actions []engine.RecoveryAction // the last ones that have ended, oldest first
	current *engine.RecoveryAction  // that is under way, or nil
	stopped string                  // why the last action was not begun, or empty
	told    string                  // the same, as it was logged last
	shown   engine.Recovering       // as it was shown last
	again   *time.Timer             // looks at it again
	seen    bool                    // it has had a result since the start
}

// mostActions bounds how many actions of a component are kept in memory.
const mostActions = 1000

// remember takes in an action that has ended.
func (l *lane) remember(x engine.RecoveryAction) {
	l.actions = append(l.actions, x)
	if n := len(l.actions) - mostActions; n > 0 {
		l.actions = append(l.actions[:0:0], l.actions[n:]...)
	}
}

// rungs is the ladder as decisions need it: of the actions those that did what the
// file now wants, or would have done it.
func (l *lane) rungs(dryRun bool) ladder {
	out := ladder{}
	if l.dryRun == dryRun {
		out.tried, out.exhausted = l.tried, l.exhausted
	}
	for _, x := range l.actions {
		if x.DryRun == dryRun {
			out.starts, out.ended = append(out.starts, x.At), x.Ended
		}
	}
	return out
}

// turn has the ladder be one of what is done, or would be.
func (l *lane) turn(dryRun bool) {
	if l.dryRun != dryRun {
		l.tried, l.exhausted, l.dryRun = 0, time.Time{}, dryRun
	}
}

// tale is what was tried since the ladder began, in words.
func (l *lane) tale() string {
	var parts []string
	last := ""
	for _, x := range l.actions[max(0, len(l.actions)-l.tried):] {
		text := x.Action + ": " + string(x.Result)
		if x.Detail != "" && x.Result != engine.RecoveryDone {
			last = "\n" + x.Detail
		}
		if n := len(parts); n > 0 && strings.HasPrefix(parts[n-1], text) {
			count, _ := strconv.Atoi(strings.TrimPrefix(strings.TrimPrefix(parts[n-1], text), " ×"))
			parts[n-1] = text + " ×" + strconv.Itoa(max(count, 1)+1)
			continue
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ") + last
}

// attempts is how many of the last actions began within the window.
func (l *lane) attempts(r *engine.Recovery, now time.Time) int {
	n := len(within(l.rungs(r.DryRun).starts, now.Add(-r.Window)))
	if l.current != nil && l.current.DryRun == r.DryRun {
		n++
	}
	return n
}

// show is what there is to show of the lane after a decision.
func (l *lane) show(r *engine.Recovery, d decision, now time.Time) engine.Recovering {
	s := engine.Recovering{
		State: d.phase, Why: d.why, Until: d.until, Attempts: l.attempts(r, now), Most: r.MaxAttempts, DryRun: r.DryRun,
	}
	if n := len(l.actions); n > 0 {
		last := l.actions[n-1]
		s.Last = &last
	}
	if l.current != nil {
		running := *l.current
		s.Last = &running
	}
	if l.dryRun == r.DryRun && !l.exhausted.IsZero() {
		s.Exhausted, s.Tried = l.exhausted, l.tale()
	}
	return s
}

// same reports whether two are shown alike.
func same(a, b engine.Recovering) bool {
	x, y := a.Last, b.Last
	a.Last, b.Last = nil, nil
	return a == b && (x == nil) == (y == nil) && (x == nil || *x == *y)
}
