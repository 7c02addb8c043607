package engine

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"polyhealth/checktypes"
	"polyhealth/engine/rule"
	"polyhealth/schema"
)

// rules compiles all expressions of a check: its rules, message and metadata.
func (c *compiler) rules(n *schema.Node, w *written) {
	ch := w.Check
	scope := ch.narrowed(c.scope(ch.Type))
	k := ch.Keys.Rules
	for _, of := range []struct {
		status Status
		exprs  Expressions
	}{{Unknown, k.Unknown}, {Unhealthy, k.Unhealthy}, {Degraded, k.Degraded}, {Healthy, k.Healthy}} {
		for _, at := range of.exprs {
			p, mistakes := scope.Rule(at.Value)
			c.mistakes(at, mistakes)
			c.absent(at, ch, p)
			c.window(at, ch, p)
			ch.rules = append(ch.rules, statusRule{of.status, p, c.Secrets.Redact(oneLine(at.Value)), at})
			w.rules = append(w.rules, writtenRule{at, of.status, p})
		}
		ch.hasGood = of.status == Healthy && len(of.exprs) > 0
	}
	if at := n.Get("message"); at != nil && ch.Keys.Message != "" {
		t, mistakes := scope.Template(ch.Keys.Message)
		c.mistakes(at, mistakes)
		c.absent(at, ch, t)
		c.window(at, ch, t)
		ch.message = t
		if t != nil {
			w.doubts = append(w.doubts, doubt{at, t.Warnings()})
		}
	}
	if ch.Keys.Metadata != nil {
		c.eachEntry(ch.Keys.Metadata, "metadata", func(key, value *schema.Node) {
			c.metadata(w, scope, key, value)
		})
	}
	if !c.Failed() {
		ch.variables = scope.Names()
		ch.reads = ch.readsOf(ch.variables)
		ch.needs = ch.needsOf(scope)
	}
}

// narrowed is the scope of the check's type, as far as its keys say more.
func (ch *Check) narrowed(scope *rule.Scope) *rule.Scope {
	if shape := ch.Type.Shape(ch.Config); shape != nil {
		scope = scope.WithShape(shape)
	}
	if ch.Inputs != nil {
		scope = scope.WithKeys(checktypes.MembersVariable, ch.Inputs)
	}
	return scope
}

func (c *compiler) metadata(w *written, scope *rule.Scope, key, value *schema.Node) {
	switch value.Kind {
	case schema.Map, schema.List, schema.Null:
		c.Errorf(value, "a metadata value is an expression; text is written in quotes within the expression: '\"text\"'",
			"metadata %s wants an expression, found a %s", key.Value, value.Kind)
		return
	}
	p, mistakes := scope.Value(value.Value)
	c.mistakes(value, mistakes)
	c.absent(value, w.Check, p)
	c.window(value, w.Check, p)
	w.metadata = append(w.metadata, metadataValue{name: strconv.Quote(key.Value), expr: p})
	if p != nil {
		w.doubts = append(w.doubts, doubt{value, p.Warnings()})
	}
}

func (c *compiler) mistakes(at *schema.Node, ms []rule.Mistake) {
	for _, m := range ms {
		c.ErrorIn(at, m.Offset, m.Width, m.Hint, "%s", m.Message)
	}
}

// absent notes variables that an expression reads and this check does not have.
func (c *compiler) absent(at *schema.Node, ch *Check, expr interface{ Uses(string) bool }) {
	if !reflect.ValueOf(expr).IsNil() {
		c.mistakes(at, ch.absences(at.Value, expr))
	}
}

func (ch *Check) absences(src string, expr interface{ Uses(string) bool }) (all []rule.Mistake) {
	without := ch.Type.Without(ch.Config)
	for _, name := range slices.Sorted(maps.Keys(without)) {
		if expr.Uses(name) {
			all = append(all, rule.Mistake{
				Offset: max(0, strings.Index(src, name)), Width: len(name),
				Message: "there is no " + name + " here: " + without[name],
			})
		}
	}
	return all
}

// window notes that a time is too long to look back over for a check that runs so
// often.
func (c *compiler) window(at *schema.Node, ch *Check, expr interface{ Window() time.Duration }) {
	every := ch.every()
	if reflect.ValueOf(expr).IsNil() || every <= 0 || expr.Window()/every <= rule.MaxKept {
		return
	}
	longest := checktypes.FormatDuration(rule.MaxKept * every)
	hint := "look back over " + longest + " at most"
	if ch.Inputs == nil {
		hint += ", or run the check less often"
	}
	c.ErrorIn(at, 0, len(at.Value), hint,
		"results of every %s over %s are too many: at most %d are kept",
		checktypes.FormatDuration(every), checktypes.FormatDuration(expr.Window()), rule.MaxKept)
}

// every is the least time between two results of the check, or about that; 0 where its
// interval is a mistake.
func (ch *Check) every() time.Duration {
	every := ch.Interval
	if ch.Cron != nil {
		every = time.Minute // the closest that its times can be
	}
	if ch.RetryInterval > 0 {
		every = min(every, ch.RetryInterval)
	}
	if ch.Inputs != nil {
		every = min(every, later)
	}
	return every
}

// maxWindows bounds what all windows of a file may come to keep, in bytes.
const maxWindows = 256 << 20

// windows notes that the rules of all checks together would have too much kept.
func (c *compiler) windows(checks *schema.Node) {
	total := 0
	for _, ch := range c.plan.Checks {
		if every := ch.every(); ch.needs != nil && every > 0 {
			total += int(ch.needs.Window/every) * rule.KeptSize
		}
	}
	if total > maxWindows {
		c.Errorf(checks, "look back over less time, or run these checks less often",
			"the rules of all checks together look back over %d MB of results: at most %d MB are kept", total>>20, maxWindows>>20)
	}
}

// needsOf is what all expressions of the check ask to be kept.
func (ch *Check) needsOf(scope *rule.Scope) *rule.Needs {
	var programs []*rule.Program
	for i := range ch.rules {
		programs = append(programs, ch.rules[i].expr)
	}
	for i := range ch.metadata {
		programs = append(programs, ch.metadata[i].expr)
	}
	return scope.Needs(programs, ch.message)
}

// oneLine is an expression without the line breaks of YAML around and in it.
func oneLine(expression string) string {
	if expression = strings.TrimSpace(expression); strings.Contains(expression, "\n") {
		return strings.Join(strings.Fields(expression), " ")
	}
	return expression
}

// readsOf is the set of the named variables that any expression reads.
func (ch *Check) readsOf(names []string) map[string]bool {
	reads := map[string]bool{}
	for _, name := range names {
		used := ch.message != nil && ch.message.Uses(name)
		for i := range ch.rules {
			used = used || ch.rules[i].expr.Uses(name)
		}
		for i := range ch.metadata {
			used = used || ch.metadata[i].expr.Uses(name)
		}
		if used {
			reads[name] = true
		}
	}
	return reads
}

// uses reports whether any expression of the check reads the variable.
func (ch *Check) uses(variable string) bool { return ch.reads[variable] }

// orList is the hint, or where there is none, what there is to choose from.
func orList(hint, intro string, all []string) string {
	if hint != "" || len(all) == 0 || len(all) > 20 {
		return hint
	}
	return intro + ": " + strings.Join(all, ", ")
}
