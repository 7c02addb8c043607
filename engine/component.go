package engine

import "time"

// A Component is what is known of a check at one moment. It is never modified
// after it was published, so that readers need no lock; its texts are redacted.
type Component struct {
	Check   *Check
	Status  Status // as reported: thresholds applied
	Message string
	// Rule is the rule that decided the last result and why; empty where none did.
	// Why shows it.
	Rule     string
	Metadata []byte // a JSON object, or nil

	Since       time.Time     // of the last transition; zero before the first result
	LastCheck   time.Time     // zero before the first result
	LastSuccess time.Time     // of the last healthy result, or zero
	Latency     time.Duration // of the last result
	Result      Status        // of the last result, before thresholds
	Failures    int           // consecutive_failures
	Flapping    bool          // see Flaps
	BlockedBy   string        // see Check.BlockedBy

	Recovering *Recovering // nil where nothing is ever tried

	// Seq grows with everything that is published by an Engine: what is newer has
	// the greater Seq.
	Seq uint64
}

// Probed reports whether the component has had a result, or never will: it is
// not configured.
func (c *Component) Probed() bool {
	return !c.LastCheck.IsZero() || c.Check.NotConfigured != ""
}

// Overall is the status of all critical components together: unhealthy if any
// is, else degraded if any is, healthy if all are, else degraded.
func Overall(components []*Component) Status {
	worst, unknown := Healthy, false
	for _, c := range components {
		switch {
		case !c.Check.Critical:
		case c.Status == Unknown:
			unknown = true
		default:
			worst = max(worst, c.Status)
		}
	}
	if worst == Healthy && unknown {
		return Degraded
	}
	return worst
}
