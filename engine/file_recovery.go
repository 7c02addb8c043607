package engine

import (
	"math"
	"strconv"
	"strings"

	"polyhealth/schema"

	"github.com/google/jsonschema-go/jsonschema"
)

// RecoveryKeys is a check's recovery key.
type RecoveryKeys struct {
	// On lists the reported statuses in which a repair is tried; [unhealthy] by default.
	// Nothing is ever tried on unknown.
	On []string `yaml:"on" enum:"degraded,unhealthy" example:"[unhealthy]"`
	// Steps are tried one after the other, each after the one before has not helped.
	// After the last comes the first again.
	Steps []StepKeys `yaml:"steps,required"`
	// Settle is how long after an action results are not counted; then the check is
	// probed at once. 30s by default.
	Settle schema.Duration `yaml:"settle" example:"30s"`
	// MaxAttempts is how many actions there are within the window at most, restarts of
	// polyhealth included; 3 by default, or one of each step where there are more. After
	// them an alert says what was tried.
	MaxAttempts int `yaml:"max_attempts" min:"1" max:"1000" example:"3"`
	// Window is the time over which attempts are counted; 1h by default.
	Window schema.Duration `yaml:"window" example:"1h"`
	// Backoff is the least time between an action and the next; it doubles with each
	// that follows, up to the window. 30s by default.
	Backoff schema.Duration `yaml:"backoff" example:"30s"`
	// ResetAfter is how long the check must be healthy until the steps begin anew, after
	// the attempts were used up too; 10m by default.
	ResetAfter schema.Duration `yaml:"reset_after" example:"10m"`
	// Mode is act, the default, or dry_run, which only says what would be done.
	Mode string `yaml:"mode" enum:"act,dry_run"`
}

// StepKeys is one step of a recovery: one action.
type StepKeys struct {
	// RestartUnit names a systemd unit to restart, over D-Bus; its job's result is waited
	// for.
	RestartUnit string `yaml:"restart_unit,oneof=step" example:"polymarket-trader.service"`
	// Command is a program to run, with its arguments; no shell is involved. It finds the
	// component in POLYHEALTH_CHECK, _STATUS, _MESSAGE, _FAILURES, _SINCE, _TAGS,
	// _METADATA, _STEP and _ATTEMPT. It works where it exits with 0.
	Command []string `yaml:"command,oneof=step" example:"[./reconnect.sh]"`
	// Webhook is a URL to send the component to, as JSON. It works where it answers 2xx.
	Webhook *WebhookKeys `yaml:"webhook,oneof=step"`
	// Scope is whose unit restart_unit means: system, the default, for the machine's, user
	// for that of the user that polyhealth runs as.
	Scope string `yaml:"scope" enum:"system,user"`
	// Timeout is how long the action may take; 2m by default, 30s for a webhook.
	Timeout schema.Duration `yaml:"timeout" example:"1m"`
}

// WebhookKeys is the webhook of a step.
type WebhookKeys struct {
	// URL to send to, beginning with http:// or https://.
	URL string `yaml:"url,required" example:"https://example.org/repair"`
	// Headers to send besides Content-Type and Idempotency-Key.
	Headers map[string]string `yaml:"headers" example:"Authorization: Bearer ${TOKEN}"`
}

// RecoveryLimits is the file's recovery key: limits of all recovery together.
type RecoveryLimits struct {
	// MaxActionsPerHour is how many actions there are within an hour at most, of all
	// checks together; 20 by default.
	MaxActionsPerHour int `yaml:"max_actions_per_hour" min:"1" max:"10000"`
	// Serialize true lets only one action run at a time; false by default.
	Serialize bool `yaml:"serialize"`
	// StopWhenUnhealthyAbove is the share of the other checks, and two of them at least,
	// whose being unhealthy stops all recovery: then the fault is likely ours. 50% by
	// default.
	StopWhenUnhealthyAbove Percent `yaml:"stop_when_unhealthy_above" example:"30%"`
}

// A Percent is a share from 0% to 100%.
type Percent float64

// FromNode reads a number with a percent sign.
func (p *Percent) FromNode(n *schema.Node, r *schema.Reader) {
	number, signed := strings.CutSuffix(n.Value, "%")
	f, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	switch {
	case err != nil || math.IsNaN(f) || f < 0 || f > 100:
		r.Errorf(n, "such as 30%", "this is a share from 0%% to 100%%, found %q", n.Value)
	case !signed:
		r.Errorf(n, "write "+number+"%", "a share wants a percent sign")
	}
	*p = Percent(f)
}

// String is the share as the file would write it.
func (p Percent) String() string { return strconv.FormatFloat(float64(p), 'g', -1, 64) + "%" }

// JSONSchema describes it.
func (Percent) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^[0-9.]+ *%$|\$\{`, Examples: []any{"30%"}}
}
