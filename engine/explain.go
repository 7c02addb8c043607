package engine

import (
	"strings"

	"polyhealth/engine/rule"
)

// maxReason bounds how much of a rule is quoted, in bytes.
const maxReason = 500

// Why says what decided the last result, such as
// `degraded because latency > "800ms": latency was 1.21s`; empty where the type did,
// where the probe failed, and before the first result.
func (c *Component) Why() string {
	if c.Rule == "" && c.Result == Healthy && len(c.Check.rules) > 0 {
		return "healthy: no rule was true" // so of most components: not kept with each
	}
	return c.Rule
}

// because is a verdict in words: the status, what decided, and the values that made
// it so.
func because(s Status, reason string, values []rule.Reading) string {
	var b strings.Builder
	b.WriteString(s.String() + " because " + cut(reason, maxReason))
	between := ": "
	for _, v := range values {
		b.WriteString(between + v.Name + " was " + v.Text)
		between = ", "
	}
	return b.String()
}

// noneGood is because of the rules that ought to have been true, and were not.
func (c *Check) noneGood(vm *rule.VM, env any) string {
	var values []rule.Reading
	for i := range c.rules {
		if r := &c.rules[i]; r.status == Healthy {
			values = append(values, r.expr.Explain(vm, env, false)...)
		}
	}
	return because(Unhealthy, "no healthy rule was true", unrepeated(values))
}

// unrepeated leaves out values that are there already.
func unrepeated(values []rule.Reading) (all []rule.Reading) {
	told := map[string]bool{}
	for _, v := range values {
		if !told[v.Name] {
			all = append(all, v)
		}
		told[v.Name] = true
	}
	return all
}

// A Trial is one rule of a check, and how it came out on a result.
type Trial struct {
	Status Status `json:"status"` // that the rule stands for
	Rule   string `json:"rule"`
	// Outcome is true, false, failed, or skipped where it was not tried.
	Outcome string `json:"outcome"`
	// Why says why it failed or was skipped.
	Why string `json:"why,omitempty"`
	// Readings are the values that made it true or false, or all that it reads where it
	// failed.
	Readings []rule.Reading `json:"readings"`
}

// trials tries the rules as decide does, and tells of each.
func (c *Check) trials(vm *rule.VM, env any, failure error) []Trial {
	all := make([]Trial, 0, len(c.rules))
	decided := false
	for i := range c.rules {
		r := &c.rules[i]
		t := Trial{Status: r.status, Rule: r.text, Readings: []rule.Reading{}}
		switch {
		case decided:
			t.Outcome, t.Why = "skipped", "it was decided before"
		case !r.judges(failure):
			t.Outcome, t.Why = "skipped", "the probe failed, and the rule does not read error"
		default:
			decided = c.try(&t, r.expr, vm, env)
		}
		all = append(all, t)
	}
	return all
}

// try runs one rule, and reports whether that ends the search.
func (c *Check) try(t *Trial, expr *rule.Program, vm *rule.VM, env any) (decides bool) {
	is, err := expr.True(vm, env)
	var values []rule.Reading
	switch {
	case err != nil:
		t.Outcome, t.Why, values = "failed", c.clean(err.Error(), maxMessage), expr.Readings(vm, env)
	case is:
		t.Outcome, values = "true", expr.Explain(vm, env, true)
	default:
		t.Outcome, values = "false", expr.Explain(vm, env, false)
	}
	t.Readings = c.cleaned(values)
	return is || err != nil
}

// cleaned takes secrets out of readings.
func (c *Check) cleaned(values []rule.Reading) []rule.Reading {
	clean := make([]rule.Reading, len(values))
	for i, v := range values {
		clean[i] = rule.Reading{Name: c.secrets.Redact(v.Name), Text: c.secrets.Redact(v.Text)}
	}
	return clean
}
