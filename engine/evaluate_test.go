package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"polyhealth/checktypes"
)

func TestJudge(t *testing.T) {
	down := errors.New("connection refused")
	for _, c := range []struct {
		name    string
		keys    string // of the check, besides its type
		value   int
		err     error
		status  Status
		message string
		rule    string
		meta    string
	}{
		{name: "the type decides", value: 200, status: Healthy, message: "value 200"},
		{name: "the type decides against", value: 500, status: Unhealthy, message: "value 500"},
		{name: "a failed probe", err: down, status: Unhealthy, message: "connection refused"},
		{name: "rules, none true", keys: "rules: {degraded: value > 5}", value: 1, status: Healthy, message: "value 1",
			rule: "healthy: no rule was true"},
		{name: "healthy rules, one true", keys: "rules: {healthy: [value == 1, 'value == 2 or value == 3']}", value: 3, status: Healthy,
			rule: "healthy because value == 2 or value == 3: value was 3"},
		{name: "healthy rules, none true", keys: "rules: {healthy: [value == 1, 'value == 2 and latency < \"1h\"']}", value: 3, status: Unhealthy,
			rule: "unhealthy because no healthy rule was true: value was 3"},
		{name: "a rule that reads nothing", keys: "rules: {degraded: 'true'}", value: 3, status: Degraded, rule: "degraded because true"},
		{name: "a rule of several lines", keys: "rules: {degraded: \"\\n value > 1\\n\\n and true \"}", value: 3, status: Degraded,
			rule: "degraded because value > 1 and true: value was 3"},
		{name: "the first true one decides", keys: "rules: {degraded: value > 5, unhealthy: value > 7}", value: 8,
			status: Unhealthy, message: "value 8", rule: "unhealthy because value > 7: value was 8"},
		{name: "unknown comes first", keys: "rules: {healthy: 'true', unknown: value > 5}", value: 8,
			status: Unknown, message: "value 8", rule: "unknown because value > 5: value was 8"},
		{name: "a list of rules", keys: "rules: {degraded: [value > 10, value == 8]}", value: 8,
			status: Degraded, message: "value 8", rule: "degraded because value == 8: value was 8"},
		{name: "a healthy rule that is not true", keys: "rules: {healthy: value == 1}", value: 2,
			status: Unhealthy, message: "value 2", rule: "unhealthy because no healthy rule was true: value was 2"},
		{name: "a healthy rule cannot see a failed probe", keys: "rules: {healthy: value == 0}", err: down,
			status: Unhealthy, message: "connection refused"},
		{name: "a rule that reads error can", keys: "rules: {degraded: error contains 'refused'}", err: down,
			status: Degraded, message: "connection refused", rule: `degraded because error contains 'refused': error was "connection refused"`},
		{name: "a rule that reads error, not true", keys: "rules: {degraded: error contains 'reset'}", err: down,
			status: Unhealthy, message: "connection refused"},
		{name: "our own fault", keys: "rules: {healthy: error != ''}", err: checktypes.OwnFaultf("no bus"),
			status: Unknown, message: "no bus"},
		{name: "a rule that fails", keys: "rules: {degraded: data.x == 1}", status: Unknown,
			message: "the degraded rule data.x == 1 failed: data.x: there is no such field (data is empty)",
			rule:    "unknown because the degraded rule data.x == 1 failed: data.x was null"},
		{name: "nothing to look back at", keys: "rules: {degraded: delta(value) > 1}", status: Unknown, value: 3,
			rule: "unknown because the degraded rule delta(value) > 1 failed: delta(value) was null"},
		{name: "a message of the file", keys: "message: 'v={{ value }}'", value: 3, status: Healthy, message: "v=3"},
		{name: "metadata", keys: "metadata: {a: value, \"b\\\"\": value * 2, c: data.x, d: '\"text\"'}", value: 3, status: Healthy,
			message: "value 3", meta: `{"a":3,"b\"":6,"c":null,"d":"text"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			tg := newTarget()
			tg.behave["a"] = func(context.Context, int) (int, error) { return c.value, c.err }
			src := "checks: {a: {fake: x"
			if c.keys != "" {
				src += ", " + c.keys
			}
			plan := compiled(t, tg, src+"}}")
			var got *Component
			New(quiet()).Once(t.Context(), plan.Checks, func(comp *Component) { got = comp })
			if got.Status != c.status || got.Why() != c.rule {
				t.Errorf("%s by %q, want %s by %q (%s)", got.Status, got.Why(), c.status, c.rule, got.Message)
			}
			if c.message != "" && got.Message != c.message {
				t.Errorf("message %q, want %q", got.Message, c.message)
			}
			if string(got.Metadata) != c.meta {
				t.Errorf("metadata %s, want %s", got.Metadata, c.meta)
			}
		})
	}
}

// Each expression is bounded, and there may be any number of them: rules, message,
// metadata, what is watched and what explains them end soon all the same.
func TestJudgingIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("takes as long as judging may")
	}
	costly := func(i int) string { return fmt.Sprintf("any(1..900000, # < %d)", -i%7) }
	var rules, metadata []string
	for i := range 4000 {
		rules = append(rules, fmt.Sprintf("'%s'", costly(i)))
		metadata = append(metadata, fmt.Sprintf("m%d: 'changed(%s)'", i, costly(i)))
	}
	for name, keys := range map[string]string{
		"rules":    `rules: {degraded: [` + strings.Join(rules, ", ") + `]}`,
		"message":  `message: "` + strings.Repeat("{{ "+costly(1)+" }}", 550) + `"`,
		"metadata": `metadata: {` + strings.Join(metadata, ", ") + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := compiled(t, newTarget(), "checks: {a: {fake: x, "+keys+"}}")
			var got *Component
			New(quiet()).Once(t.Context(), plan.Checks, func(c *Component) { got = c })
			switch {
			case name == "rules" && (got.Status != Unknown || !strings.HasSuffix(got.Message, "take too long together")):
				t.Errorf("%s: %s", got.Status, got.Message)
			case name == "message" && !strings.HasSuffix(got.Message, "take too long together)"):
				t.Errorf("the message is %s", got.Message)
			case name == "metadata" && !bytes.HasSuffix(got.Metadata, []byte(`:null}`)):
				t.Errorf("the metadata is %s", got.Metadata)
			}
		})
	}
}
