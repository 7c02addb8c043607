package recovery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"polyhealth/engine"
)

const (
	// askWithin is how long it may take to learn whether a step may be done.
	askWithin = 10 * time.Second
	// keptWithin is how long an action's beginning may take to be kept.
	keptWithin = 10 * time.Second
	// maxCause bounds a cause, in characters.
	maxCause = 300
)

// begin has an action done in a goroutine of its own. Called under mu.
func (a *Actor) begin(l *lane, c *engine.Component, step int, cause string, byHand bool, now time.Time) engine.RecoveryAction {
	r := c.Check.Recovery
	if text := []rune(cause); len(text) > maxCause {
		cause = string(text[:maxCause-1]) + "…"
	}
	dry := r.DryRun && !byHand
	a.last = max(a.last+1, now.UnixMicro())
	s := r.Steps[step]
	x := engine.RecoveryAction{
		ID: a.last, Component: l.name, At: now, Step: step + 1, Attempt: l.rungs(dry).tried + 1, Kind: s.Kind(), Action: s.String(),
		Cause: cause, ByHand: byHand, DryRun: dry,
	}
	l.current = &x
	if !x.DryRun {
		a.busy++
		a.starts = append(a.starts, now)
	}
	a.acting.Add(1)
	go a.perform(a.ctx, l, c, s, x)
	return x
}

// perform is an action's life: whether it may be, its beginning kept, done, its end
// kept. Then the component settles.
func (a *Actor) perform(ctx context.Context, l *lane, c *engine.Component, s engine.RecoveryStep, x engine.RecoveryAction) {
	defer a.acting.Done()
	if why := a.may(ctx, c, s, x); why != "" {
		a.unwind(l, x, why)
		return
	}
	if err := a.kept(ctx, l, x); err != nil {
		a.unwind(l, x, "it cannot be kept that something is done: "+err.Error())
		return
	}
	a.underway(l, c, s, x)
	x.Result, x.Detail = a.do(ctx, s, Occasion{c, a.tags(c), x})
	x.Ended = time.Now()
	a.end(l, c, x)
}

// may says why an action must not be, or nothing. To ask takes time, in which the
// component may have changed.
func (a *Actor) may(ctx context.Context, c *engine.Component, s engine.RecoveryStep, x engine.RecoveryAction) string {
	if x.DryRun {
		return ""
	}
	ask, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	if why := a.Doer.Ready(ask, s); why != "" {
		return why
	}
	switch now := a.Engine.Component(x.Component); {
	case now == nil:
		return "it is no longer watched"
	case !x.ByHand && !c.Check.Recovery.Tries(now.Status):
		return "it is " + now.Status.String() + " by now"
	}
	return ""
}

// kept keeps that an action begins.
func (a *Actor) kept(ctx context.Context, l *lane, x engine.RecoveryAction) error {
	a.mu.Lock()
	then := engine.RecoveryLadder{Component: l.name, Tried: x.Attempt, Exhausted: l.rungs(x.DryRun).exhausted, DryRun: x.DryRun}
	a.mu.Unlock()
	answer := make(chan error, 1)
	var over atomic.Bool
	a.memory.BeginAction(x, then, func(err error) {
		if !over.Swap(true) {
			answer <- err
		} else if err == nil {
			x.Ended, x.Result, x.Detail = time.Now(), engine.RecoveryFailed, "not begun: the database took too long"
			a.memory.EndAction(x)
		}
	})
	late := time.NewTimer(keptWithin)
	defer late.Stop()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
	case <-late.C:
	}
	if over.Swap(true) {
		return <-answer
	}
	return errors.New("the database does not answer")
}

// underway counts an action that is about to be done, and has its component's results not
// count meanwhile.
func (a *Actor) underway(l *lane, c *engine.Component, s engine.RecoveryStep, x engine.RecoveryAction) {
	a.mu.Lock()
	defer a.mu.Unlock()
	l.turn(x.DryRun)
	l.tried, l.told = x.Attempt, ""
	r, now := c.Check.Recovery, time.Now()
	if x.DryRun {
		return
	}
	a.log.Warn("repairing", "check", l.name, "action", x.Action, "step", x.Step, "attempt", x.Attempt, "by_hand", x.ByHand, "cause", x.Cause)
	a.show(l, r, decision{phase: engine.RecoveryActing, why: x.Action}, now.Add(s.Timeout+r.Settle), now)
}

// do is the Doer's, its panic contained.
func (a *Actor) do(ctx context.Context, s engine.RecoveryStep, of Occasion) (result engine.RecoveryResult, detail string) {
	if of.Action.DryRun {
		return engine.RecoveryDry, "nothing was done"
	}
	defer func() {
		if p := recover(); p != nil {
			result, detail = engine.RecoveryFailed, fmt.Sprintf("the action panicked: %v", p)
		}
	}()
	within, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	result, detail = a.Doer.Do(within, s, of)
	if ctx.Err() != nil && result != engine.RecoveryDone {
		return engine.RecoveryInterrupted, "polyhealth was stopped meanwhile"
	}
	return result, detail
}

// end takes in what became of an action.
func (a *Actor) end(l *lane, c *engine.Component, x engine.RecoveryAction) {
	a.mu.Lock()
	defer a.mu.Unlock()
	x.Detail = a.redact(x.Detail)
	a.memory.EndAction(x)
	l.remember(x)
	a.counts[Count{x.Component, x.Step, x.Kind, string(x.Result)}]++
	a.free(l, x)
	log := a.log.Info
	if x.Result != engine.RecoveryDone {
		log = a.log.Warn
	}
	log("a repair has ended", "check", l.name, "action", x.Action, "result", string(x.Result),
		"after", x.Ended.Sub(x.At).Round(time.Millisecond).String(), "detail", x.Detail)
	r := c.Check.Recovery
	if x.DryRun {
		a.look(l.name)
		return
	}
	settled := x.Ended.Add(r.Settle)
	a.show(l, r, decision{phase: engine.RecoverySettling, why: "the last action takes hold", until: settled}, settled, x.Ended)
}

// unwind is as if an action had not been thought of, but for why. Who asked for it by
// hand finds that in the history.
func (a *Actor) unwind(l *lane, x engine.RecoveryAction, why string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if i := slices.Index(a.starts, x.At); i >= 0 && !x.DryRun {
		a.starts = slices.Delete(a.starts, i, i+1)
	}
	l.stopped = a.redact(why)
	if l.told != l.stopped {
		a.log.Warn("a repair was not begun", "check", l.name, "action", x.Action, "reason", l.stopped)
		l.told = l.stopped
	}
	if x.ByHand {
		x.Ended, x.Result, x.Detail = time.Now(), engine.RecoveryFailed, "not begun: "+l.stopped
		a.memory.EndAction(x)
		l.remember(x)
	}
	a.free(l, x)
	a.look(l.name)
}

// free makes room for the next action. Called under mu.
func (a *Actor) free(l *lane, x engine.RecoveryAction) {
	l.current = nil
	if x.DryRun {
		return
	}
	a.busy--
	for name, other := range a.lanes {
		if other.shown.State == engine.RecoveryWaiting {
			a.look(name)
		}
	}
}

// tags are those of a component's check, without secrets.
func (a *Actor) tags(c *engine.Component) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	tags := make([]string, len(c.Check.Tags))
	for i, tag := range c.Check.Tags {
		tags[i] = a.redact(tag)
	}
	return tags
}

func (a *Actor) redact(text string) string {
	if a.plan == nil {
		return text
	}
	return a.plan.Secrets.Redact(text)
}
