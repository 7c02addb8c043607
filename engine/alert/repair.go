package alert

import (
	"fmt"
	"time"

	"polyhealth/engine"
)

// exhausted is when the attempts to repair a component were used up, or zero. From
// then on there is something to say of it that was not said before: it fires anew.
func exhausted(c *engine.Component) time.Time {
	if c == nil || c.Recovering == nil || c.Recovering.DryRun {
		return time.Time{}
	}
	return c.Recovering.Exhausted
}

// repairs is what was done lately to repair a component, or empty.
func repairs(c *engine.Component) string {
	r := c.Recovering
	switch {
	case r == nil || r.DryRun:
		return ""
	case !r.Exhausted.IsZero():
		return "at its end. Tried: " + r.Tried
	case r.Attempts == 0 || r.Last == nil || r.Last.Ended.IsZero():
		return ""
	}
	return fmt.Sprintf("%s: %s (attempt %d of %d)", r.Last.Action, r.Last.Result, r.Attempts, r.Most)
}
