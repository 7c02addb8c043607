package engine

import (
	"time"

	"polyhealth/checktypes"
	"polyhealth/engine/rule"
	"polyhealth/schema"
)

// Status is the status of a result or a component.
type Status = checktypes.Status

// The statuses.
const (
	Unknown   = checktypes.Unknown
	Healthy   = checktypes.Healthy
	Degraded  = checktypes.Degraded
	Unhealthy = checktypes.Unhealthy
)

// A Registry is what a file may declare: the check types and the notifiers.
type Registry struct {
	Types     []checktypes.Type
	Notifiers []NotifierType
	// UnitName reads the name of a systemd unit: with its suffix, or what is wrong with
	// it and a hint. Nil: any name will do.
	UnitName func(name string) (full, message, hint string)
}

// A NotifierType is a kind of place that alerts go to, as the file declares it.
type NotifierType struct {
	Name  string // its key in a route
	Doc   string // one sentence
	Short string // the key that a bare scalar stands for, or empty

	Config    any        // the zero of its keys with defaults, for its shape
	NewConfig func() any // a fresh pointer to decode into
	// Check notes what is wrong beyond the keys' types. No I/O. May be nil.
	Check func(config any, n *schema.Node, r *schema.Reader)
}

// A Plan is a file that holds no mistake, ready to run. It is read-only.
type Plan struct {
	File    string // as the user named it
	Dir     string // what relative paths are relative to, absolute
	Server  Server
	Storage Storage
	// Recovery limits the repairs of all checks together.
	Recovery RecoveryLimits
	Routes   []*Route // in file order
	Checks   []*Check // in file order, those not enabled left out
	Secrets  *schema.Secrets
}

// A Route is a named place that alerts go to.
type Route struct {
	Name         string
	On           []Status
	Cooldown     time.Duration
	Repeat       time.Duration // 0: never
	SendResolved bool
	GroupWait    time.Duration
	Notifiers    []NotifierConfig
}

// Alerts reports whether entering s makes an alert.
func (r *Route) Alerts(s Status) bool {
	for _, on := range r.On {
		if on == s {
			return true
		}
	}
	return false
}

// A NotifierConfig is one notifier of a route.
type NotifierConfig struct {
	Type   string // the NotifierType's name
	Config any    // a pointer to its keys
	// NotConfigured says why it cannot be used, or is empty: a required value was
	// left empty by ${NAME:-}.
	NotConfigured string
}

// A Check is one compiled check.
type Check struct {
	Name   string
	Type   *checktypes.Type
	Config any // a pointer to the type's keys
	Keys   CheckKeys
	Dir    string // what its relative paths are relative to

	Interval      time.Duration // 0 where Cron is set
	Timeout       time.Duration
	RetryInterval time.Duration // 0: as Interval
	Cron          *Cron
	Thresholds    Thresholds
	Routes        []string
	Tags          []string
	Critical      bool
	Maintenance   []Window
	// DependsOn are the groups of checks of which it needs one each.
	DependsOn Needs
	Recovery  *Recovery // nil where nothing is tried

	// NotConfigured is "not configured: NAME" where a required value was left
	// empty by ${NAME:-}; such a check is unknown and never probed.
	NotConfigured string

	// Inputs names the checks that this one is judged by, in file order, where its
	// type selects some: it runs when one of them changes.
	Inputs []string

	rules     []statusRule // in the order in which they are tried
	hasGood   bool         // a healthy rule is declared
	message   *rule.Template
	metadata  []metadataValue
	reads     map[string]bool // the variables that anything reads
	variables []string        // that there are
	needs     *rule.Needs     // what is kept of results; nil where nothing looks back
	secrets   *schema.Secrets
}

// statusRule is one expression of a check's rules.
type statusRule struct {
	status Status
	expr   *rule.Program
	text   string // latency > "800ms", redacted
	at     *schema.Node
}

// String is the rule with its status: `degraded: latency > "800ms"`.
func (r *statusRule) String() string { return r.status.String() + ": " + r.text }

// metadataValue is one named value of a check's metadata.
type metadataValue struct {
	name string // JSON-quoted
	expr *rule.Program
}
