package engine

import (
	"strconv"
	"time"

	"polyhealth/checktypes"
	"polyhealth/engine/rule"
	"polyhealth/schema"
)

// A Rehearsal plays results of one check on made-up time, through the code that
// judges real ones: rules, thresholds, message, metadata.
type Rehearsal struct {
	check  *Check
	state  State
	memory *rule.Memory // of the results before the last one
	vm     rule.VM
	last   rehearsed
}

// rehearsed is one result, and what it was judged by.
type rehearsed struct {
	Result
	facts   checktypes.Facts
	failure error
	before  State
	verdict Verdict
}

// Rehearse begins with a check that has had no result.
func (c *Check) Rehearse() *Rehearsal {
	return &Rehearsal{check: c, memory: rule.NewMemory(c.needs)}
}

// A Step is what one result led to.
type Step struct {
	Component  *Component
	Transition *Transition // nil where the reported status stayed
	// Tried tells of each of the check's rules, in the order in which they are
	// tried, what came of it.
	Tried []Tried
	// Rule is the one that decided, such as `degraded: latency > "1s"`, or empty.
	Rule string
}

// Tried is what came of a rule.
type Tried uint8

// What may come of a rule.
const (
	NotTried Tried = iota // one before it decided, or the probe failed
	WasFalse
	WasTrue
	HasFailed
)

// Result plays one result. facts may be nil where err is not.
func (r *Rehearsal) Result(facts checktypes.Facts, err error, latency time.Duration, at time.Time) Step {
	if !r.last.At.IsZero() {
		r.last.verdict.remember(r.memory, r.last.Result)
	}
	before := r.state
	v := r.check.judge(&r.vm, r.memory, facts, err, before, latency, at)
	r.last = rehearsed{Result{At: at, Status: v.Status, Latency: latency}, facts, err, before, v}
	r.state = Advance(before, v.Status, r.check.Thresholds, at)
	r.state.LastLatency = latency
	s := Step{Component: r.check.component(r.state, v), Tried: r.check.tried(v, err)}
	if i := max(v.decided, -v.decided) - 1; i >= 0 {
		s.Rule = r.check.rules[i].String()
	}
	if r.state.Reported != before.Reported {
		s.Transition = &Transition{From: before.Reported, To: r.state.Reported, At: at}
	}
	return s
}

// Trials are the rules as they were tried on the last result, each with how it came out
// and the values that made it so.
func (r *Rehearsal) Trials() []Trial {
	l := r.last
	if l.At.IsZero() || l.failure != nil && checktypes.IsOwnFault(l.failure) {
		return nil
	}
	env := r.check.settled(l.facts, l.failure, l.before, l.Latency, l.At).Env()
	r.vm.Lend(r.memory, rule.Outcome{At: l.At, Latency: l.Latency, Worked: l.failure == nil})
	defer r.vm.Lend(nil, rule.Outcome{})
	return r.check.trials(&r.vm, env, l.failure)
}

// tried tells what came of each rule where a verdict was reached.
func (c *Check) tried(v Verdict, failure error) []Tried {
	all := make([]Tried, len(c.rules))
	if failure != nil && checktypes.IsOwnFault(failure) {
		return all
	}
	for i := range c.rules {
		switch {
		case failure != nil && !c.rules[i].expr.Uses("error"):
		case v.decided == i+1:
			all[i] = WasTrue
			return all
		case v.decided == -i-1:
			all[i] = HasFailed
			return all
		default:
			all[i] = WasFalse
		}
	}
	return all
}

// A RuleText is one rule of a check, and where it stands in the file.
type RuleText struct {
	Text string // "degraded: latency > …", redacted
	At   *schema.Node
}

// RuleTexts are the check's rules, in the order in which they are tried.
func (c *Check) RuleTexts() []RuleText {
	all := make([]RuleText, len(c.rules))
	for i := range c.rules {
		all[i] = RuleText{c.rules[i].String(), c.rules[i].at}
	}
	return all
}

// Reads reports whether any expression of the check reads a variable.
func (c *Check) Reads(variable string) bool { return c.uses(variable) }

// Variables are the names of the variables of the check's type.
func (c *Check) Variables() []string { return c.variables }

// MetadataNames are the names of the check's metadata.
func (c *Check) MetadataNames() []string {
	names := make([]string, len(c.metadata))
	for i, m := range c.metadata {
		names[i], _ = strconv.Unquote(m.name)
	}
	return names
}
