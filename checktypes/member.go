package checktypes

import (
	"errors"
	"time"
)

// A Member is another check as a type sees that is judged by others.
type Member struct {
	// Name is the check's name.
	Name string `expr:"name"`
	// Status is the status it reports.
	Status string `expr:"status"`
	// Message is its message.
	Message string `expr:"message"`
	// Tags are its tags.
	Tags []string `expr:"tags"`
	// Latency is that of its last result.
	Latency time.Duration `expr:"latency"`
	// ConsecutiveFailures counts its results in a row that were degraded or
	// unhealthy.
	ConsecutiveFailures int `expr:"consecutive_failures"`
	// Since is when it began to report that status.
	Since time.Time `expr:"since"`
}

// A Selection says which other checks a check is judged by. Where both lists are
// empty, these are all checks that have a probe of their own.
type Selection struct {
	Names []string // of checks, or patterns as of [path.Match] whose * takes a / as well
	Tags  []string // any of which a check has
}

// MembersVariable is the rule variable in which a type that selects has its members,
// by their names.
const MembersVariable = "checks"

// ErrNotYet is the error of a probe that has nothing to say yet: it makes no result.
var ErrNotYet = errors.New("not yet")
