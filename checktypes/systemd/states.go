package systemd

import (
	"slices"
	"strconv"
	"strings"

	"polyhealth/checktypes"
)

// A state is a row of the table of what states amount to. An empty field matches
// everything; where a field has several words, any of them.
type state struct {
	kind, load, active, sub string
	and                     func(*facts) bool

	status checktypes.Status
	reason string // follows the unit's name; {…} are what expand knows
}

const (
	anyUp  = "active reloading refreshing"
	notYet = "auto-restart auto-restart-queued"
)

// states is the table. The first row that matches decides; the last one matches
// what no version of systemd known to us says.
var states = []state{
	// What runs although its file is broken will not come back by itself.
	{load: "not-found", active: anyUp, status: checktypes.Degraded, reason: "runs, but its unit file is gone"},
	{load: "masked", active: anyUp, status: checktypes.Degraded, reason: "runs, but is masked"},
	{load: "bad-setting error", active: anyUp, status: checktypes.Degraded, reason: "runs, but its unit file has a mistake"},
	{load: "not-found", status: checktypes.Unhealthy, reason: "not found"},
	{load: "masked", status: checktypes.Unhealthy, reason: "is masked"},
	{load: "bad-setting", status: checktypes.Unhealthy, reason: "has a bad setting in its unit file"},
	{load: "error", status: checktypes.Unhealthy, reason: "cannot be loaded"},

	{active: "failed", and: hasBadResult, status: checktypes.Unhealthy, reason: "failed: {outcome}"},
	{active: "failed", status: checktypes.Unhealthy, reason: "failed"},

	{kind: "timer", active: anyUp, and: (*facts).startsFailed, status: checktypes.Unhealthy, reason: "started {starts}, which failed: {starts result}"},
	{kind: "timer", active: anyUp, and: neverWill, status: checktypes.Unhealthy, reason: "never triggered and has no next run"},
	{kind: "timer", active: anyUp, and: neverDid, status: checktypes.Unhealthy, reason: "never triggered and is overdue by {overdue}"},
	{kind: "timer", active: anyUp, and: isOverdue, status: checktypes.Unhealthy, reason: "is overdue by {overdue}"},

	{active: anyUp, and: wasRestarted, status: checktypes.Degraded, reason: "restarted {times} since the last probe"},
	{active: anyUp, status: checktypes.Healthy},

	{active: "activating", sub: notYet, and: hasBadResult, status: checktypes.Degraded, reason: "is being restarted after {outcome}"},
	{active: "activating", sub: notYet, status: checktypes.Degraded, reason: "is being restarted"},
	// A job that its timer started is at work all the time that it is "activating".
	{active: "activating", and: isTriggeredJob, status: checktypes.Healthy},
	{active: "activating", status: checktypes.Degraded, reason: "is starting ({sub})"},
	{active: "deactivating", status: checktypes.Degraded, reason: "is stopping ({sub})"},
	{active: "maintenance", status: checktypes.Degraded, reason: "is in maintenance ({sub})"},

	{active: "inactive", and: hasBadResult, status: checktypes.Unhealthy, reason: "inactive ({sub}), last result {outcome}"},
	{active: "inactive", and: isFinishedJob, status: checktypes.Healthy},
	{active: "inactive", and: isAwaited, status: checktypes.Healthy},
	{active: "inactive", and: hasTrigger, status: checktypes.Unhealthy, reason: "inactive ({sub}), and so is {trigger}"},
	{active: "inactive", status: checktypes.Unhealthy, reason: "inactive ({sub})"},

	{status: checktypes.Unknown, reason: "is in a state that polyhealth does not know: {active} ({sub})"},
}

func hasBadResult(f *facts) bool { return f.result != "" && !f.done() }
func neverWill(f *facts) bool {
	_, runs := f.next()
	return f.lastTrigger == 0 && !runs && f.sub != "running"
}
func neverDid(f *facts) bool       { return f.lastTrigger == 0 && f.overdue() > 0 }
func isOverdue(f *facts) bool      { return f.overdue() > 0 }
func wasRestarted(f *facts) bool   { return f.restartedNow > 0 }
func isTriggeredJob(f *facts) bool { return f.oneshot() && len(f.triggeredBy) > 0 }
func isFinishedJob(f *facts) bool  { return f.oneshot() && f.done() }
func isAwaited(f *facts) bool      { return f.awaited() && f.done() }
func hasTrigger(f *facts) bool     { return len(f.triggers) > 0 }

// verdict is what a unit's state amounts to, and why, in words that follow its
// name; the reason is empty where the unit is healthy. It depends on f alone.
func verdict(f *facts) (checktypes.Status, string) {
	i := slices.IndexFunc(states, func(s state) bool { return s.matches(f) })
	return states[i].status, expand(states[i].reason, f)
}

func (s *state) matches(f *facts) bool {
	return within(f.kind, s.kind) && within(f.load, s.load) && within(f.active, s.active) &&
		within(f.sub, s.sub) && (s.and == nil || s.and(f))
}

// within reports whether words holds word, or anything is allowed.
func within(word, words string) bool {
	return words == "" || word == words || slices.Contains(strings.Fields(words), word)
}

// expand replaces what stands in braces.
func expand(reason string, f *facts) string {
	if !strings.Contains(reason, "{") {
		return reason
	}
	trigger := ""
	if len(f.triggers) > 0 {
		trigger = f.triggers[0].name
	}
	return strings.NewReplacer(
		"{active}", f.active, "{sub}", f.sub, "{outcome}", f.outcome(), "{trigger}", trigger,
		"{starts}", f.starts.name, "{starts result}", orElse(f.starts.result, f.starts.active),
		"{overdue}", checktypes.FormatDuration(f.overdue()), "{times}", times(f.restartedNow),
	).Replace(reason)
}

func times(n int) string {
	if n == 1 {
		return "1 time"
	}
	return strconv.Itoa(n) + " times"
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
