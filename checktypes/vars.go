package checktypes

import "time"

// Common are the variables that every rule sees. A type's variables struct
// embeds it, and leaves it alone: the engine fills it in.
type Common struct {
	// Error is why the probe failed, empty when it worked.
	Error string `expr:"error"`
	// Latency is how long the probe took.
	Latency time.Duration `expr:"latency" min:"0s"`
	// ConsecutiveFailures counts the results in a row, before this one, that
	// were degraded or unhealthy.
	ConsecutiveFailures int `expr:"consecutive_failures" min:"0"`
	// Prev is the result before this one.
	Prev Prev `expr:"prev"`
	// Now is when the probe ended.
	Now time.Time `expr:"now"`
}

// Prev is what a rule sees of the last result.
type Prev struct {
	// Status is the last result's status, "unknown" before the first.
	Status string `expr:"status" enum:"healthy,degraded,unhealthy,unknown"`
	// Latency is the last result's latency, 0s before the first.
	Latency time.Duration `expr:"latency" min:"0s"`
}

func (c *Common) common() *Common { return c }
