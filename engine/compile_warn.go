package engine

import (
	"slices"
	"strings"

	"polyhealth/engine/rule"
	"polyhealth/schema"
)

// written is a check and where the file declares it.
type written struct {
	*Check
	at     *schema.Node
	rules  []writtenRule
	doubts []doubt // within the message and the metadata
}

type writtenRule struct {
	at     *schema.Node
	status Status
	expr   *rule.Program
}

type doubt struct {
	at    *schema.Node
	about []rule.Mistake
}

// warnings notes what is legal and surely unmeant, in a file that holds no mistake:
// only what is certain, as a false warning is worse than none.
func (c *compiler) warnings(root *schema.Node, f File) {
	for _, e := range c.Exposed() {
		c.Warnf(e.At, "write ${NAME} in its place and set NAME in the environment, or write ${file:/path}",
			"%s is written in clear in this file", e.What)
	}
	c.warnOfRoutes(root, f)
	defaults := root.Get("defaults", "timeout")
	for i := range c.all {
		w := &c.all[i]
		for _, d := range w.doubts {
			c.within(d)
		}
		for j := range w.rules {
			c.warnOfRule(w, j)
		}
		c.warnOfThresholds(w)
		if c.warnOfTimeout(w, defaults) {
			defaults = nil // once is enough
		}
	}
}

// mostCompared is how many rules above it a rule is compared with.
const mostCompared = 100

// warnOfRule notes a rule that cannot decide, or decides always.
func (c *compiler) warnOfRule(w *written, i int) {
	r := &w.rules[i]
	within := doubt{r.at, r.expr.Warnings()}
	c.within(within)
	c.warnOfWindow(w, r)
	switch {
	case len(within.about) > 0: // which says why
	case r.expr.Never():
		c.Warnf(r.at, r.joins("and", `did you mean "or"?`, "take it out; healthy: true calls every result healthy"),
			"this rule is never true")
	case !r.expr.Always():
		c.warnOfRuleBelow(w, i)
	case r.status != Healthy: // healthy: true is how to say that any answer will do
		c.Warnf(r.at, r.joins("or", `did you mean "and"?`, `say when it is true, such as latency > "800ms"`),
			"this rule is always true: every result is %s", r.status)
	}
}

// warnOfWindow notes a time to look back over in which there is no earlier result.
func (c *compiler) warnOfWindow(w *written, r *writtenRule) {
	least := r.expr.LeastWindow()
	if least == 0 || w.Cron != nil || w.Inputs != nil || least >= w.every() {
		return
	}
	c.Warnf(r.at, "look back over several intervals", "in %s there is no earlier result to look back at: the check runs every %s",
		schema.Duration(least), schema.Duration(w.Interval))
}

// joins is the one hint where the rule has a word in it, else the other.
func (r *writtenRule) joins(word, hint, other string) string {
	if slices.Contains(strings.Fields(r.expr.Source()), word) {
		return hint
	}
	return other
}

// warnOfRuleBelow notes a rule that is true only where one above it is, which then
// decides.
func (c *compiler) warnOfRuleBelow(w *written, i int) {
	r := &w.rules[i]
	for _, above := range w.rules[max(0, i-mostCompared):i] {
		// Where the probe failed, only rules that read error are asked.
		if r.expr.Uses("error") && !above.expr.Uses("error") || above.expr.Always() || !r.expr.Within(above.expr) {
			continue
		}
		c.Warnf(r.at, "rules are tried in the order unknown, unhealthy, degraded, healthy, and the first that is true decides",
			"this rule never decides: the %s rule %s comes first, and is true wherever this one is",
			above.status, brief(above.expr.Source()))
		return
	}
}

// brief is an expression in one line of at most 60 characters.
func brief(source string) string {
	text := []rune(strings.Join(strings.Fields(source), " "))
	if len(text) > 60 {
		text = append(text[:59], '…')
	}
	return string(text)
}

// within notes what is doubtful within an expression.
func (c *compiler) within(d doubt) {
	for _, m := range d.about {
		c.WarnIn(d.at, m.Offset, m.Width, m.Hint, "%s", m.Message)
	}
}

// warnOfTimeout notes a timeout that a hanging probe reaches only when the next one
// is due. It reports whether that is said of the file's defaults.
func (c *compiler) warnOfTimeout(w *written, defaults *schema.Node) bool {
	if w.Keys.Timeout == 0 || w.Interval == 0 || w.Timeout < w.Interval {
		return false
	}
	at := w.at.Get("timeout")
	if at == nil {
		at = w.at.Get("interval")
	}
	fromDefaults := at == nil
	if fromDefaults {
		if at = defaults; at == nil {
			return false
		}
	}
	c.Warnf(at, "let it be shorter than the interval",
		"the timeout of %s is not shorter than the interval of %s: a probe that hangs delays the next",
		schema.Duration(w.Timeout), schema.Duration(w.Interval))
	return fromDefaults
}

// warnOfThresholds notes a threshold that only degraded results could reach, of
// which there are none.
func (c *compiler) warnOfThresholds(w *written) {
	at := w.at.Get("thresholds", "degraded")
	t := w.Thresholds
	degrades := slices.ContainsFunc(w.rules, func(r writtenRule) bool { return r.status == Degraded })
	if at == nil || t.Degraded <= t.Unhealthy || len(w.rules) == 0 || degrades {
		return
	}
	c.Warnf(at, "leave it out, or add a degraded rule",
		"this is never reached: no rule says degraded, and after %d unhealthy results the check is unhealthy", t.Unhealthy)
}

// warnOfRoutes notes routes that nothing is sent to.
func (c *compiler) warnOfRoutes(root *schema.Node, f File) {
	if f.Routes == nil || len(f.Routes.Entries) == 0 {
		return
	}
	used := map[string]bool{}
	for _, name := range f.Defaults.Routes {
		used[name] = true
	}
	for _, w := range c.all {
		for _, name := range w.Routes {
			used[name] = true
		}
	}
	if len(used) == 0 {
		c.Warnf(root.KeyOf("routes"), "name them for all checks: defaults: {routes: ["+f.Routes.Entries[0].Key.Value+"]}",
			"no check names a route: nobody is told of anything")
		return
	}
	for _, e := range f.Routes.Entries {
		if !used[e.Key.Value] {
			c.Warnf(e.Key, "name it in the routes of a check or of defaults, or take it out",
				"no check uses the route %q", e.Key.Value)
		}
	}
}
