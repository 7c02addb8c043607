package systemd

import (
	"math"
	"time"

	"polyhealth/checktypes"
)

// Vars are the variables of a systemd check's rules.
type Vars struct {
	checktypes.Common
	// Unit is the first unit.
	Unit Unit `expr:"unit"`
	// Units are all units, in the file's order, a pattern's in alphabetical order.
	Units []Unit `expr:"units"`
	// Running are the names of the units that do what they should: they are
	// active, or idle as a finished oneshot or a service that waits for its timer.
	Running []string `expr:"running"`
	// Failed are the names of all others, be they failed, stopped, missing or
	// still starting.
	Failed []string `expr:"failed"`
}

// Unit is what a rule sees of one unit.
type Unit struct {
	// Name is the unit's name as the file writes it, so without .service where
	// the file leaves it out.
	Name string `expr:"name"`
	// ID is systemd's own name of the unit, such as nginx.service.
	ID string `expr:"id"`
	// Status is what the unit's state amounts to: healthy, degraded, unhealthy.
	Status string `expr:"status" enum:"healthy,degraded,unhealthy,unknown"`
	// Reason is why it is not healthy, such as "failed: exit-code", else empty.
	Reason string `expr:"reason"`
	// Load is systemd's load state: loaded, not-found, masked, bad-setting, error.
	Load string `expr:"load" enum:"loaded,not-found,masked,bad-setting,error,stub,merged"`
	// Active is systemd's active state: active, reloading, inactive, failed,
	// activating, deactivating.
	Active string `expr:"active" enum:"active,reloading,inactive,failed,activating,deactivating,maintenance,refreshing"`
	// Sub is the finer state, such as running, exited, dead, auto-restart.
	Sub string `expr:"sub"`
	// Type is a service's Type=, such as simple or oneshot, and for other units
	// what they are: timer, socket, mount.
	Type string `expr:"type"`
	// Result is how it last ended: success, exit-code, signal, timeout, watchdog,
	// oom-kill, start-limit-hit; empty where the unit has no such thing.
	Result string `expr:"result"`
	// Restarts counts how often systemd restarted the service by itself, since it
	// was last started by hand.
	Restarts int `expr:"restarts" min:"0"`
	// Restarted is by how much that count rose since the last probe; 0 at the first.
	Restarted int `expr:"restarted"`
	// MainPID is the main process's id, 0 without one.
	MainPID int `expr:"main_pid" min:"0"`
	// ActiveFor is how long the unit has been active, 0s where it is not.
	ActiveFor time.Duration `expr:"active_for" min:"0s"`
	// Memory is how much the unit uses, in bytes; null where systemd does not count
	// it, or nothing runs. A rule that compares null makes the result unknown.
	Memory *int `expr:"memory" min:"0"`
	// LastTriggerAge is how long ago a timer last fired; longer than any limit (292
	// years) where it never did, null for what is no timer.
	LastTriggerAge *time.Duration `expr:"last_trigger_age"`
	// Triggered is whether a timer, socket or path starts the unit.
	Triggered bool `expr:"triggered"`
}

// never is the age of what has not happened, so that a limit on it is exceeded.
const never = time.Duration(math.MaxInt64)
