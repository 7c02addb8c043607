package alert

import (
	"time"

	"polyhealth/engine"
)

// An Event is what a message is about.
type Event string

// The events.
const (
	// Firing: the component's status entered the route's list.
	Firing Event = "firing"
	// Reminder: it is still there.
	Reminder Event = "reminder"
	// Resolved: it is healthy again.
	Resolved Event = "resolved"
	// Flapping: its results come and go. Nothing else is told of it until they settle.
	Flapping Event = "flapping"
	// Stable: they have settled, on the status that is told with it.
	Stable Event = "stable"
	// Test: somebody asked whether messages arrive.
	Test Event = "test"

	nothing Event = ""
)

// decide compares what a notifier was last told with a component's status, and
// says which message is due, and when at the earliest:
//
//   - A status of the route's list is told once (firing), and again where another
//     one of the list takes its place or where the list was left in between, then
//     reminded of. Between any two of these there is at least the cooldown.
//   - Healthy is told at once (resolved) where a firing was sent, or may have been.
//   - Any other status is not told. It does not end an alert either.
//   - A component that flaps is told of once (flapping), where it is or was alerted of,
//     and once more when it has settled (stable), whatever its status is by then.
//     Between the two nothing is told.
func decide(r *engine.Route, told engine.Notified, s engine.Status, flaps bool) (Event, time.Time) {
	switch {
	case flaps && !told.Flapping && (told.Firing || r.Alerts(s)):
		if told.At.IsZero() {
			return Flapping, time.Time{}
		}
		return Flapping, told.At.Add(r.Cooldown)
	case flaps:
		return nothing, time.Time{}
	case told.Flapping:
		return Stable, time.Time{}
	case r.Alerts(s) && told.Firing && !told.Went && told.Status == s:
		if r.Repeat <= 0 {
			return nothing, time.Time{}
		}
		return Reminder, told.At.Add(max(r.Repeat, r.Cooldown))
	case r.Alerts(s) && (told.At.IsZero() || told.Trying):
		return Firing, time.Time{}
	case r.Alerts(s):
		return Firing, told.At.Add(r.Cooldown)
	case s == engine.Healthy && (told.Firing || told.Trying):
		return Resolved, time.Time{}
	}
	return nothing, time.Time{}
}

// tell is what a notifier has been told once the event was sent.
func tell(told engine.Notified, ev Event, s engine.Status, now time.Time) engine.Notified {
	told.Status, told.Went, told.Trying = s, false, false
	switch ev {
	case Resolved:
		told.Firing = false
	case Stable:
		told.Firing, told.Flapping = told.Firing && s != engine.Healthy, false
	case Flapping:
		told.Firing, told.Flapping, told.At = true, true, now
	default:
		told.Firing, told.At = true, now
	}
	return told
}

// went notes that the status left the list, without being healthy, after a
// firing. It reports whether that is news.
func went(r *engine.Route, told *engine.Notified, s engine.Status) bool {
	if told.Firing && !told.Went && !r.Alerts(s) && s != engine.Healthy {
		told.Went = true
		return true
	}
	return false
}
