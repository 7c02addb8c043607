package engine

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"polyhealth/engine/rule"
)

// A Finding is the result of one probe, before it is forgotten.
type Finding struct {
	*Component
	env     any   // the rule variables; nil where there was no probe to speak of
	failure error // of the probe
}

// Reason says what decided, also where that was no rule.
func (f *Finding) Reason() string {
	switch why := f.Why(); {
	case why != "":
		return why
	case f.env == nil:
		return f.Status.String() + ": " + f.Message
	case f.failure != nil:
		return f.Status.String() + " because the probe failed: " + f.Message
	}
	return f.Status.String() + ": there are no rules, and so the type " + f.Check.Type.Name + " decided"
}

// Trials are the check's rules in the order in which they are tried, each with how it
// came out and the values that made it so.
func (f *Finding) Trials() []Trial {
	if f.env == nil {
		return []Trial{}
	}
	vm, done := f.machine(nil)
	defer done()
	return f.Check.trials(vm, f.env, f.failure)
}

// machine is one that has been lent what this result is, and what is known of those
// before.
func (f *Finding) machine(memory *rule.Memory) (*rule.VM, func()) {
	vm := new(rule.VM)
	vm.Lend(memory, rule.Outcome{At: f.LastCheck, Latency: f.Latency, Worked: f.failure == nil})
	return vm, func() { vm.Lend(nil, rule.Outcome{}) }
}

// An Answer is what an expression found.
type Answer struct {
	// Value is JSON. Durations are written for people, as 1.21s.
	Value    []byte
	Readings []rule.Reading // that made it so
}

// A Question is an expression that is asked of a check's result, beside its rules.
type Question struct {
	// Check is the check to probe: it also finds what only the question reads.
	Check  *Check
	expr   *rule.Program
	needs  *rule.Needs
	memory *rule.Memory
}

// LooksBack reports whether the answer depends on earlier results, and how far before
// now on those of a window.
func (q *Question) LooksBack() (window time.Duration, is bool) {
	return q.expr.Window(), q.needs != nil || q.expr.Uses("prev") || q.expr.Uses("consecutive_failures")
}

// Recall tells the question of earlier results, as a history has them: when they were,
// their latency and their status.
func (q *Question) Recall(results []Result) {
	q.memory = rule.NewMemory(q.needs)
	for _, r := range results {
		q.memory.Backfill(r.outcome())
	}
}

// Ask compiles an expression over the variables of the check; it returns either a
// question or mistakes.
func (c *Check) Ask(src string) (*Question, []rule.Mistake) {
	scope := c.narrowed(rule.NewScope(c.Type.Vars))
	p, mistakes := scope.Value(src)
	if p == nil {
		return nil, mistakes
	}
	if mistakes := c.absences(src, p); mistakes != nil {
		return nil, mistakes
	}
	asked := *c
	asked.reads = maps.Clone(c.reads)
	for _, name := range scope.Names() {
		if p.Uses(name) {
			asked.reads[name] = true
		}
	}
	return &Question{Check: &asked, expr: p, needs: scope.Needs([]*rule.Program{p})}, nil
}

// Answer evaluates a question on what its check was found to be. It fails where the
// probe did, unless the question reads `error`, and where the expression has no value.
func (f *Finding) Answer(q *Question) (Answer, error) {
	switch {
	case f.env == nil:
		return Answer{}, errors.New(f.Message)
	case f.failure != nil && !q.expr.Uses("error"):
		return Answer{}, errors.New("the probe failed: " + f.Check.clean(f.failure.Error(), maxMessage))
	}
	vm, done := f.machine(q.memory)
	defer done()
	v, err := q.expr.Eval(vm, f.env)
	if err != nil {
		return Answer{Readings: f.Check.cleaned(q.expr.Readings(vm, f.env))}, errors.New(f.Check.clean(err.Error(), maxMessage))
	}
	return Answer{
		Value:    appendJSON(nil, v, f.Check.secrets.Redact),
		Readings: f.Check.cleaned(q.readings(vm, f.env, v)),
	}, nil
}

// readings are what the question read, but for what is the answer itself.
func (q *Question) readings(vm *rule.VM, env, v any) []rule.Reading {
	values := q.expr.Readings(vm, env)
	if is, ok := v.(bool); ok {
		values = q.expr.Explain(vm, env, is)
	}
	return slices.DeleteFunc(values, func(r rule.Reading) bool { return r.Name == strings.TrimSpace(q.expr.Source()) })
}
