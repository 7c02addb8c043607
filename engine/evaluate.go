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
	Rule     string // the rule that decided, or empty
	Metadata []byte // a JSON object, or nil

	decided int // the rule, from 1; negative where it failed; 0 for none
}

// maxMessage bounds a component's message, in bytes.
const maxMessage = 2048

// judge turns what a probe found into a verdict, on a vm that is the caller's
// meanwhile. facts may be nil where err is not.
func (c *Check) judge(vm *rule.VM, facts checktypes.Facts, err error, before State, latency time.Duration, at time.Time) Verdict {
	if err != nil && checktypes.IsOwnFault(err) {
		return c.redacted(Verdict{Status: Unknown, Message: err.Error()})
	}
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
	return c.redacted(c.evaluate(vm, facts, err))
}

// evaluate applies the check's rules, or the type's judgement where it has none.
func (c *Check) evaluate(vm *rule.VM, facts checktypes.Facts, failure error) Verdict {
	var env any
	if len(c.rules)+len(c.metadata) > 0 || c.message != nil {
		env = facts.Env()
	}
	v, err := c.decide(vm, env, facts, failure)
	switch {
	case err != nil:
		v.Status, v.Message = Unknown, "the rule "+v.Rule+" failed: "+err.Error()
		if failure != nil {
			v.Message += "; the probe failed: " + failure.Error()
		}
		return v
	case failure != nil:
		v.Message = failure.Error()
		return v
	}
	v.Message = c.text(vm, env, facts)
	v.Metadata = c.values(vm, env)
	return v
}

// decide finds the first rule that is true. Where the probe failed, only rules
// that read `error` may speak: all others would judge facts that are not there.
func (c *Check) decide(vm *rule.VM, env any, facts checktypes.Facts, failure error) (Verdict, error) {
	for i := range c.rules {
		r := &c.rules[i]
		if failure != nil && !r.expr.Uses("error") {
			continue
		}
		is, err := r.expr.True(vm, env)
		if err != nil {
			return Verdict{Rule: r.text, decided: -i - 1}, err
		}
		if is {
			return Verdict{Status: r.status, Rule: r.text, decided: i + 1}, nil
		}
	}
	switch {
	case failure != nil:
		return Verdict{Status: Unhealthy}, nil
	case len(c.rules) == 0:
		return Verdict{Status: facts.Judge()}, nil
	case c.hasGood:
		return Verdict{Status: Unhealthy, Rule: "no healthy rule is true"}, nil
	default:
		return Verdict{Status: Healthy}, nil
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

// redacted takes secrets out of a verdict's message, and makes it valid, bounded
// text: in that order, lest half a secret stay at the cut.
func (c *Check) redacted(v Verdict) Verdict {
	v.Message = c.secrets.Redact(strings.ToValidUTF8(v.Message, "\uFFFD"))
	if len(v.Message) > maxMessage {
		cut := maxMessage
		for !utf8.RuneStart(v.Message[cut]) {
			cut--
		}
		v.Message = v.Message[:cut] + "…"
	}
	return v
}

// component is what is published after a result.
func (c *Check) component(s State, v Verdict) *Component {
	return &Component{
		Check: c, Status: s.Reported, Message: v.Message, Rule: v.Rule, Metadata: v.Metadata,
		Since: s.Since, LastCheck: s.LastCheck, LastSuccess: s.LastSuccess,
		Latency: s.LastLatency, Result: s.LastStatus, Failures: s.Failures, Flapping: s.Flaps.Flapping(),
	}
}
