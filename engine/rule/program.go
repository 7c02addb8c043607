package rule

import (
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/expr-lang/expr/vm"
)

// A Program is a compiled expression. It is never changed, and may run on several
// machines at once.
type Program struct {
	text   string
	code   *vm.Program
	base   *base
	uses   []string
	doubts []Mistake
	claim  claim // of a rule, which is always true, or never
	always bool
	never  bool
	behind *lookback // nil where nothing looks back
	lent   int       // the machine's variable that holds its recall, if anything looks back
	// why is the expression as Explain goes through it, once that was asked for.
	explained sync.Once
	why       *reason
	// remembers says that the machine keeps more than its stack: what a loop went
	// through, or what let has named.
	remembers bool
}

// A VM is the machine that programs run on. The zero VM is ready. It is meant to
// be reused, by one goroutine at a time, and then a rule over plain variables
// allocates nothing.
type VM struct {
	machine vm.VM
	recall  recall
	until   time.Time
}

// Until bounds the time that runs may take together: one that begins later than that
// fails. The zero time is no bound.
func (m *VM) Until(t time.Time) { m.until = t }

// Lend tells the machine what expressions look back from: the result that is judged,
// of which the Status is not known yet, and what is kept of those before. Until it is
// lent something, and once it is lent nothing again, expressions find nothing when
// they look back.
func (m *VM) Lend(memory *Memory, now Outcome) {
	m.recall = recall{memory, now.At, now.Latency, now.Worked}
}

// Source is the text of the expression.
func (p *Program) Source() string { return p.text }

// Uses reports whether the expression reads the top-level variable name.
func (p *Program) Uses(name string) bool { return slices.Contains(p.uses, name) }

// True runs a program made by [Scope.Rule]. env is the variables' struct by value,
// boxed once for all programs. An error says in the user's words why there is no
// answer; there is none where a value that the rule needs is missing, null or of
// another kind.
func (p *Program) True(m *VM, env any) (bool, error) {
	v, err := p.run(m, env)
	if err != nil {
		return false, err
	}
	is, ok := v.(bool)
	if !ok {
		return false, faultf("%s is %s, not true or false", p.text, kindOf(plain(v)).found())
	}
	return is, nil
}

// Eval runs a program and returns what it found: nil, bool, int, float64, string,
// time.Duration, time.Time, []any or map[string]any. Within lists and maps,
// durations and times are text, as JSON has neither.
func (p *Program) Eval(m *VM, env any) (any, error) {
	v, err := p.run(m, env)
	if err != nil {
		return nil, err
	}
	var w walk
	if v = tree(v, &w); w.err() != nil {
		return nil, w.err()
	}
	if f, ok := v.(float64); ok && finite(f) != nil {
		return nil, faultf("%s: %s", shorten(p.text, 60), finite(f))
	}
	return v, nil
}

// run runs the bytecode, and leaves nothing in the machine: an idle one must not
// keep a large body alive.
func (p *Program) run(m *VM, env any) (any, error) { return p.runFor(m, env, maxSteps) }

// runFor is run with another budget.
func (p *Program) runFor(m *VM, env any, steps uint) (any, error) {
	if err := p.fits(env); err != nil {
		return nil, err
	}
	if !m.until.IsZero() && time.Now().After(m.until) {
		return nil, errLate
	}
	if p.behind != nil {
		m.place(p.lent)
	}
	m.machine.MemoryBudget = steps
	v, err := m.machine.Run(p.code, env)
	stack := m.machine.Stack
	if cap(stack) > maxStack {
		stack = nil
	}
	clear(stack[:cap(stack)])
	if m.machine.Stack = stack; p.remembers || p.behind != nil {
		m.machine = vm.VM{Stack: stack}
	}
	if err != nil {
		return nil, reworded(err, p.text)
	}
	return v, nil
}

// place puts the recall where a program looks for it.
func (m *VM) place(i int) {
	m.machine.Variables = make([]any, i+1)
	m.machine.Variables[i] = &m.recall
}

// maxStack is how large a stack a machine keeps.
const maxStack = 64

// fits makes sure that env is what the program was compiled for: a pointer to it
// would work, but slowly.
func (p *Program) fits(env any) error {
	if t := reflect.TypeOf(env); t != p.base.envType {
		return faultf("the variables are a %v, not a %v", t, p.base.envType)
	}
	return nil
}
