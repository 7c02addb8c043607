package engine

import (
	"strings"
	"time"
	"unicode/utf8"

	"polyhealth/checktypes"
	"polyhealth/engine/rule"
)

// A Verdict is what is made of one result.
type Verdict struct {
	Status   Status
	Message  string
	Rule     string // what decided and why, as Component.Rule
	Metadata []byte // a JSON object, or nil

	worked  bool       // the probe did
	notes   rule.Notes // where the rules look back: what the results after this one may see
	decided int        // the rule, from 1; negative where it failed; 0 for none
}

const (
	maxMessage = 2048 // bytes of a component's message
	maxRule    = 4096 // bytes of what decided
	// maxJudging is how long all expressions of a check may take together. Each has its
	// own bound, of a second or so, and a file may hold any number of them.
	maxJudging = 5 * time.Second
)

// judge turns what a probe found into a verdict, on a vm that is the caller's
// meanwhile, and in the light of what is kept of the results before, which it leaves
// as it is. facts may be nil where err is not.
func (c *Check) judge(vm *rule.VM, memory *rule.Memory, facts checktypes.Facts, err error, before State, latency time.Duration, at time.Time) Verdict {
	if err != nil && checktypes.IsOwnFault(err) {
		return c.redacted(Verdict{Status: Unknown, Message: err.Error()})
	}
	facts = c.settled(facts, err, before, latency, at)
	vm.Until(time.Now().Add(maxJudging))
	defer vm.Until(time.Time{})
	if c.needs != nil {
		vm.Lend(memory, rule.Outcome{At: at, Latency: latency, Worked: err == nil})
		defer vm.Lend(nil, rule.Outcome{})
	}
	return c.redacted(c.evaluate(vm, facts, err))
}

// settled are facts with what the engine knows filled in; facts may be nil.
func (c *Check) settled(facts checktypes.Facts, err error, before State, latency time.Duration, at time.Time) checktypes.Facts {
	if facts == nil {
		facts = c.Type.Blank()
	}
	common := facts.Common()
	common.Latency, common.Now = latency, at
	common.ConsecutiveFailures = before.Failures
	common.Prev = checktypes.Prev{Status: before.LastStatus.String(), Latency: before.LastLatency}
	if err != nil {
		common.Error = err.Error()
	}
	return facts
}

// evaluate applies the check's rules, or the type's judgement where it has none.
func (c *Check) evaluate(vm *rule.VM, facts checktypes.Facts, failure error) (v Verdict) {
	var env any
	if len(c.rules)+len(c.metadata) > 0 || c.message != nil {
		env = facts.Env()
	}
	v, failed := c.decide(vm, env, facts, failure)
	switch {
	case failed != "":
		v.Message = failed
		if failure != nil {
			v.Message += "; the probe failed: " + failure.Error()
		}
	case failure != nil:
		v.Message = failure.Error()
	default:
		v.Message = c.text(vm, env, facts)
		v.Metadata = c.values(vm, env)
	}
	if v.worked = failure == nil; v.worked && c.needs != nil {
		v.notes = c.needs.Note(vm, env)
	}
	return v
}

// judges reports whether a rule may speak. Where the probe failed, only one that reads
// `error` may: all others would judge facts that are not there.
func (r *statusRule) judges(failure error) bool { return failure == nil || r.expr.Uses("error") }

// decide finds the first rule that is true. Where one fails, the result is unknown,
// and failed says why.
func (c *Check) decide(vm *rule.VM, env any, facts checktypes.Facts, failure error) (v Verdict, failed string) {
	for i := range c.rules {
		r := &c.rules[i]
		if !r.judges(failure) {
			continue
		}
		is, err := r.expr.True(vm, env)
		if err != nil {
			reason := "the " + r.status.String() + " rule " + r.text + " failed"
			v.Rule, v.decided = because(Unknown, reason, r.expr.Readings(vm, env)), -i-1
			return v, reason + ": " + err.Error()
		}
		if is {
			v.Status, v.decided = r.status, i+1
			v.Rule = because(r.status, r.text, r.expr.Explain(vm, env, true))
			return v, ""
		}
	}
	switch {
	case failure != nil:
		return Verdict{Status: Unhealthy}, ""
	case len(c.rules) == 0:
		return Verdict{Status: facts.Judge()}, ""
	case c.hasGood:
		return Verdict{Status: Unhealthy, Rule: c.noneGood(vm, env)}, ""
	default:
		return Verdict{Status: Healthy}, ""
	}
}

// text is the message: the file's, else the type's.
func (c *Check) text(vm *rule.VM, env any, facts checktypes.Facts) string {
	if c.message == nil {
		return facts.Summary()
	}
	s, err := c.message.Render(vm, env)
	if err != nil {
		return facts.Summary() + " (the message failed: " + err.Error() + ")"
	}
	return s
}

// values is the metadata as a JSON object; a value that fails is null, and says
// nothing about the status.
func (c *Check) values(vm *rule.VM, env any) []byte {
	if len(c.metadata) == 0 {
		return nil
	}
	b := []byte{'{'}
	for i, m := range c.metadata {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, m.name...), ':')
		v, err := m.expr.Eval(vm, env)
		if err != nil {
			v = nil
		}
		b = appendJSON(b, v, c.secrets.Redact)
	}
	return append(b, '}')
}

// remember adds a judged result to what is kept for those after it; memory is nil where
// nothing looks back.
func (v Verdict) remember(memory *rule.Memory, res Result) {
	if memory != nil {
		memory.Add(rule.Outcome{At: res.At, Latency: res.Latency, Status: res.Status.String(), Worked: v.worked}, v.notes)
	}
}

// redacted makes a verdict's texts fit to be shown.
func (c *Check) redacted(v Verdict) Verdict {
	v.Message = c.clean(v.Message, maxMessage)
	if v.Rule != "" {
		v.Rule = c.clean(v.Rule, maxRule)
	}
	return v
}

// clean takes secrets out of a text, and makes it valid and bounded: in that order,
// lest half a secret stay at the cut.
func (c *Check) clean(text string, most int) string {
	return cut(c.secrets.Redact(strings.ToValidUTF8(text, "\uFFFD")), most)
}

// cut is a text of at most so many bytes and "…".
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}

// component is what is published after a result.
func (c *Check) component(s State, v Verdict) *Component {
	return &Component{
		Check: c, Status: s.Reported, Message: v.Message, Rule: v.Rule, Metadata: v.Metadata,
		Since: s.Since, LastCheck: s.LastCheck, LastSuccess: s.LastSuccess,
		Latency: s.LastLatency, Result: s.LastStatus, Failures: s.Failures, Flapping: s.Flaps.Flapping(),
	}
}
