package suite

import (
	"time"

	"polyhealth/engine"
	"polyhealth/schema"

	"github.com/google/jsonschema-go/jsonschema"
)

// Test is one test of the file's tests key.
type Test struct {
	// Check is the name of the check that is tested.
	Check string `yaml:"check,required" example:"database"`
	// Start is the time that at: 0s stands for; 2026-01-01T00:00:00Z by default.
	Start Moment `yaml:"start" example:"2026-03-29T00:30:00Z"`
	// Results are what the check's probes find, in the order of time.
	Results []Result `yaml:"results,required"`
	// Expect is what is to come of them, in the order of time.
	Expect []Expectation `yaml:"expect"`
	// Transitions are all statuses that the check comes to report, one after the
	// other, the first one too.
	Transitions []string `yaml:"transitions" enum:"unknown,healthy,degraded,unhealthy"`
}

// Result is what one probe finds, or several in a row.
type Result struct {
	// At is when the probe ends, from the start of the test; by default one interval
	// of the check after the result before.
	At *Offset `yaml:"at" example:"90s"`
	// Times is how many such results there are in a row; 1 by default.
	Times int `yaml:"times" min:"1" max:"10000"`
	// Every is the time between them; the check's interval by default.
	Every schema.Duration `yaml:"every"`
	// Latency is how long the probe takes; 0s by default.
	Latency *Offset `yaml:"latency" example:"35ms"`
	// Error is why the probe fails.
	Error string `yaml:"error" example:"connection refused"`
	// Unable is why polyhealth itself cannot probe, which makes the result unknown.
	Unable string `yaml:"unable" example:"no system bus"`
	// Vars are the variables that the probe finds, by name. What follows from others
	// need not be given, such as row from rows.
	Vars *schema.Node `yaml:"vars"`
}

// Expectation is what is to be true at some time. What it does not mention is not
// looked at.
type Expectation struct {
	// At is the time, from the start of the test; that of the last result by default.
	At *Offset `yaml:"at" example:"90s"`
	// Status is what the check reports.
	Status string `yaml:"status" enum:"unknown,healthy,degraded,unhealthy"`
	// Result is what the last result was judged, before thresholds.
	Result string `yaml:"result" enum:"unknown,healthy,degraded,unhealthy"`
	// Rule is the expression that decided the last result, or none.
	Rule string `yaml:"rule"`
	// Message is the check's message.
	Message string `yaml:"message"`
	// Contains is a part of the message.
	Contains string `yaml:"contains"`
	// Failures is consecutive_failures.
	Failures *int `yaml:"failures" min:"0"`
	// Metadata are some of the metadata's values.
	Metadata *schema.Node `yaml:"metadata"`
	// Alerts are what the named routes say since the expectation before: firing,
	// reminder, resolved, a list of these, a number of them, or none.
	Alerts *schema.Node `yaml:"alerts" example:"{ops: firing}"`
	// Recovery is what is done to repair the component since the expectation before: the
	// number of a step, exhausted, a list of these, or none. An action takes no time in a
	// test, and results do not count until it has settled.
	Recovery *schema.Node `yaml:"recovery" example:"[1, 2, exhausted]"`
}

// An Offset is a time from the start of a test, or a length of time; 0s as well.
type Offset time.Duration

// FromNode reads a duration, or 0s.
func (o *Offset) FromNode(n *schema.Node, r *schema.Reader) {
	if n.Value == "0s" {
		return
	}
	var d schema.Duration
	if r.Decode(n, &d).OK {
		*o = Offset(d)
	}
}

// JSONSchema describes it.
func (Offset) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Examples: []any{"0s", "90s"}}
}

// A Moment is a time of the calendar.
type Moment struct{ time.Time }

// FromNode reads a time in RFC 3339.
func (m *Moment) FromNode(n *schema.Node, r *schema.Reader) {
	t, err := time.Parse(time.RFC3339, n.Value)
	if err != nil {
		r.Errorf(n, "write it as 2026-01-31T12:00:00Z, or with +01:00 for Z", "start is a time of the calendar")
	}
	m.Time = t
}

// JSONSchema describes it.
func (Moment) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Format: "date-time"}
}

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Schema is the JSON Schema of the tests key.
func Schema() *jsonschema.Schema {
	return &jsonschema.Schema{
		Type: "object", Description: "Tests are unit tests of the checks, by name: polyhealth test runs them.",
		AdditionalProperties: schema.JSONSchema(Test{}, FieldDocs()),
	}
}

// A Case is a test, compiled.
type Case struct {
	Name   string
	check  *engine.Check
	routes []*engine.Route
	limits engine.RecoveryLimits
	start  time.Time
	given  []given
	expect []expectation
	wants  []engine.Status // transitions; nil where they are not looked at
	key    *schema.Node
	at     *schema.Node // of the transitions
}

// given is one result, at a time of its own.
type given struct {
	at      time.Duration
	result  Result
	node    *schema.Node
	problem error // why there are no facts
}

// expectation is one, with where it stands.
type expectation struct {
	Expectation
	at     time.Duration
	node   *schema.Node
	alerts []wanted
	deeds  []string // nil where they are not looked at
}

// wanted is what a route is to say.
type wanted struct {
	route string
	says  []string // the events; nil where only their number counts
	count int
	node  *schema.Node
}
