package engine

import (
	"time"

	"polyhealth/schema"
)

// File is the file's top level.
type File struct {
	// Version of the file's format: 1, the default.
	Version int `yaml:"version" min:"1" max:"1"`
	// Server is where polyhealth answers.
	Server Server `yaml:"server"`
	// Storage is where state and history are kept.
	Storage Storage `yaml:"storage"`
	// Defaults hold for every check that does not say otherwise.
	Defaults Defaults `yaml:"defaults"`
	// Routes are the places alerts go to, by name.
	Routes *schema.Node `yaml:"routes"`
	// Include names more files: their paths, patterns such as checks.d/*.yaml, or
	// folders. What they say is put together with what this file says.
	Include *schema.Node `yaml:"include"`
	// Templates are what several checks have in common, by name; see uses.
	Templates *schema.Node `yaml:"templates"`
	// Maintenance are times at which alerts are held back, by name.
	Maintenance *schema.Node `yaml:"maintenance"`
	// Recovery limits the repairs of all checks together.
	Recovery RecoveryLimits `yaml:"recovery"`
	// Tests are unit tests of the checks, by name: polyhealth test runs them.
	Tests *schema.Node `yaml:"tests"`
	// Checks are what is watched, by name.
	Checks *schema.Node `yaml:"checks,required"`
}

// Server is the file's server key.
type Server struct {
	// Listen is the address of the HTTP server, HOST:PORT; 0.0.0.0:5051 by default.
	Listen string `yaml:"listen" example:"127.0.0.1:5051"`
	// MetricsPrefix begins the names of the two health gauges, PREFIX_health_status
	// and PREFIX_health_failures; polyhealth by default.
	MetricsPrefix string `yaml:"metrics_prefix" example:"polymarket"`
	// DegradedStatus is the HTTP status of /health while the overall status is
	// degraded; 503 by default.
	DegradedStatus int `yaml:"degraded_status" min:"200" max:"599" example:"200"`
	// AdminSocket is the path of the unix socket that takes commands; by default
	// $RUNTIME_DIRECTORY/admin.sock, else admin.sock beside the database.
	AdminSocket string `yaml:"admin_socket" example:"/run/polyhealth/admin.sock"`
	// Token lets the holder of `Authorization: Bearer TOKEN` send commands over
	// TCP too; without one they are taken on the admin socket only.
	Token schema.Secret `yaml:"token"`
	// ShutdownTimeout is how long a stop may take; 10s by default.
	ShutdownTimeout schema.Duration `yaml:"shutdown_timeout"`
}

// Storage is the file's storage key.
type Storage struct {
	// Path of the SQLite database; $STATE_DIRECTORY/polyhealth.db by default, else
	// polyhealth.db in the folder polyhealth runs in.
	Path string `yaml:"path" example:"/var/lib/polyhealth/polyhealth.db"`
	// Retention is how long results are kept; 90d by default.
	Retention schema.Duration `yaml:"retention"`
}

// Thresholds say how many results in a row change the reported status.
type Thresholds struct {
	// Degraded results in a row, or worse ones, report degraded; 1 by default.
	Degraded int `yaml:"degraded" min:"1" max:"1000"`
	// Unhealthy results in a row report unhealthy; 3 by default.
	Unhealthy int `yaml:"unhealthy" min:"1" max:"1000"`
	// Healthy is how many better results in a row end what is reported; 1 by
	// default.
	Healthy int `yaml:"healthy" min:"1" max:"1000"`
}

// Defaults is the file's defaults key.
type Defaults struct {
	// Interval between the starts of two probes; 30s by default.
	Interval schema.Duration `yaml:"interval"`
	// Timeout is a probe's deadline; 10s by default, or the interval where that is
	// shorter.
	Timeout schema.Duration `yaml:"timeout" example:"5s"`
	// RetryInterval replaces the interval while results differ from the reported
	// status, so that it is confirmed or refuted sooner; the interval by default.
	RetryInterval schema.Duration `yaml:"retry_interval" example:"10s"`
	// Thresholds say how many results in a row change the reported status.
	Thresholds Thresholds `yaml:"thresholds"`
	// Routes name the places alerts go to.
	Routes []string `yaml:"routes" example:"[ops]"`
	// Tags are labels to select checks by.
	Tags []string `yaml:"tags" example:"[web]"`
}

// CheckKeys are the keys of a check besides its type's.
type CheckKeys struct {
	Defaults
	// Uses names a template, or a list of them: what they say holds where the check
	// is silent, and of several the last one wins. Maps are merged key by key; lists
	// and everything else are not.
	Uses *schema.Node `yaml:"uses" example:"web"`
	// ForEach makes a check of each element of a list or map. {{ each.key }} and
	// {{ each.value }}, or {{ each.value.name }} of a map, stand for it in any value,
	// and in the name; a name without one gets -KEY at its end.
	ForEach *schema.Node `yaml:"for_each" example:"{eu: https://eu.example.org, us: https://us.example.org}"`
	// Schedule is a cron line, instead of an interval.
	Schedule string `yaml:"schedule" example:"*/5 * * * *"`
	// Timezone of the schedule, an IANA name; the machine's by default.
	Timezone string `yaml:"timezone" example:"Europe/Madrid"`
	// Rules decide the status of a result; without them the type does.
	Rules Rules `yaml:"rules"`
	// Message is shown with the status; {{ … }} holds an expression over the
	// rule variables. The type writes one where there is none.
	Message string `yaml:"message" example:"{{ row.n }} markets"`
	// Metadata are named expressions over the rule variables, shown with the
	// status.
	Metadata *schema.Node `yaml:"metadata"`
	// Description says what the check is for.
	Description string `yaml:"description" example:"the shop answers, and quickly"`
	// DependsOn names checks that this one needs: while one of them is not healthy, its
	// alerts are held back. Of a group, {any_of: [a, b]}, one healthy check will do.
	DependsOn Needs `yaml:"depends_on" example:"[database]"`
	// Recovery are actions that try to repair the component.
	Recovery *RecoveryKeys `yaml:"recovery"`
	// Maintenance is a time at which alerts are held back, or a list of such times.
	Maintenance Windows `yaml:"maintenance" example:"{schedule: 0 3 * * sun, duration: 2h}"`
	// Critical false keeps the component out of the overall status; true by
	// default.
	Critical bool `yaml:"critical"`
	// Enabled false leaves the check out altogether; true by default.
	Enabled bool `yaml:"enabled"`
}

// Rules are a check's expressions by the status they stand for. They are tried
// in this order, and the first that is true decides.
type Rules struct {
	// Unknown rules say that the result tells nothing.
	Unknown Expressions `yaml:"unknown,filled"`
	// Unhealthy rules say that the component is down.
	Unhealthy Expressions `yaml:"unhealthy,filled"`
	// Degraded rules say that the component works less well than it should.
	Degraded Expressions `yaml:"degraded,filled"`
	// Healthy rules say that all is well; where one is declared and none is true,
	// the result is unhealthy.
	Healthy Expressions `yaml:"healthy,filled"`
}

// RouteKeys are the keys of a route besides its notifiers'.
type RouteKeys struct {
	// On lists the statuses that alert when a component enters one; [unhealthy] by
	// default.
	On []string `yaml:"on" enum:"degraded,unhealthy,unknown"`
	// Cooldown is the least time between two alerts on one component; 15m by
	// default.
	Cooldown schema.Duration `yaml:"cooldown"`
	// RepeatInterval is how often an alert is repeated while the status stays;
	// the cooldown by default, `never` for not at all.
	RepeatInterval Repeat `yaml:"repeat_interval"`
	// GroupWait is how long an alert waits for others, so that one message tells of
	// all; by default none waits, and only many at a time are told of together.
	GroupWait schema.Duration `yaml:"group_wait" example:"10s"`
	// SendResolved tells when the component is healthy again; true by default.
	SendResolved bool `yaml:"send_resolved"`
}

// defaultFile is the file that says nothing.
func defaultFile() File {
	return File{
		Version: 1,
		Server: Server{
			Listen: "0.0.0.0:5051", MetricsPrefix: "polyhealth", DegradedStatus: 503,
			ShutdownTimeout: schema.Duration(10 * time.Second),
		},
		Storage:  Storage{Retention: schema.Duration(90 * 24 * time.Hour)},
		Recovery: RecoveryLimits{MaxActionsPerHour: 20, StopWhenUnhealthyAbove: 50},
		Defaults: Defaults{
			Interval:   schema.Duration(30 * time.Second),
			Thresholds: Thresholds{Degraded: 1, Unhealthy: 3, Healthy: 1},
		},
	}
}

// defaultRoute is the route that says nothing.
func defaultRoute() RouteKeys {
	return RouteKeys{
		On: []string{"unhealthy"}, Cooldown: schema.Duration(15 * time.Minute), SendResolved: true,
	}
}
