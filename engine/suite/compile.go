package suite

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"polyhealth/checktypes"
	"polyhealth/engine"
	"polyhealth/schema"
)

// mostAsked bounds how many results and reminders the tests of a file ask for: a few
// lines can ask for any number, and the daemon reads them too.
const mostAsked = 100_000

// longest bounds how long a test is in its own time: alerts are repeated meanwhile.
const longest = 31 * 24 * time.Hour

// A Suite is the tests of a file.
type Suite struct {
	plan  *engine.Plan
	Cases []*Case // in file order
}

// Compile reads tests, a map by name, against the plan of the same file. Every
// mistake is noted in r.
func Compile(tests *schema.Node, plan *engine.Plan, r *schema.Reader) *Suite {
	s := &Suite{plan: plan}
	asked := 0
	if tests == nil {
		return s
	}
	if tests.Kind != schema.Map {
		r.Errorf(tests, "", "tests wants a map of names, found %s", r.Found(tests))
		return s
	}
	for _, e := range tests.Entries {
		c := &compiler{Reader: r, plan: plan, test: e.Value, c: &Case{Name: e.Key.Value, key: e.Key}, asked: &asked}
		if c.compile() {
			s.Cases = append(s.Cases, c.c)
		}
	}
	return s
}

// compiler reads one test.
type compiler struct {
	*schema.Reader
	plan *engine.Plan
	test *schema.Node
	c    *Case
	// asked is how much the tests up to here ask for.
	asked *int
}

// ask notes that a test asks for so much more, and whether it may. That it may not is
// said once a file.
func (c *compiler) ask(at *schema.Node, more int) bool {
	before := *c.asked
	if *c.asked += more; *c.asked <= mostAsked {
		return true
	}
	if before > mostAsked {
		return false
	}
	c.Errorf(at, "", "the tests of a file ask for at most %d results and reminders, those up to here for more", mostAsked)
	return false
}

func (c *compiler) compile() bool {
	t := Test{Start: Moment{newYear}}
	if !c.Decode(c.test, &t).OK {
		return false
	}
	c.c.start = t.Start.Time
	if c.c.check = c.checkNamed(t.Check); c.c.check == nil {
		return false
	}
	c.c.limits = c.plan.Recovery
	for _, name := range c.c.check.Routes {
		c.c.routes = append(c.c.routes, c.routeNamed(name))
	}
	for _, text := range t.Transitions {
		s, _ := checktypes.ParseStatus(text)
		c.c.wants = append(c.c.wants, s)
	}
	c.c.at = c.test.Get("transitions")
	c.results(t.Results)
	c.expectations(t.Expect)
	c.reminders()
	if len(t.Expect) == 0 && t.Transitions == nil {
		c.Errorf(c.c.key, "add expect: or transitions:", "the test %q expects nothing", c.c.Name)
	}
	return true
}

func (c *compiler) checkNamed(name string) *engine.Check {
	names := make([]string, len(c.plan.Checks))
	for i, check := range c.plan.Checks {
		if names[i] = check.Name; check.Name == name {
			return check
		}
	}
	c.Errorf(c.test.Get("check"), schema.DidYouMean(name, names), "there is no check %q", name)
	return nil
}

func (c *compiler) routeNamed(name string) *engine.Route {
	for _, r := range c.plan.Routes {
		if r.Name == name {
			return r
		}
	}
	return nil
}

// results lays the results out in time.
func (c *compiler) results(results []Result) {
	list := c.test.Get("results")
	every := c.c.check.Interval
	if every == 0 {
		every = time.Minute // of a cron line
	}
	next := time.Duration(0)
	for i, res := range results {
		n := list.Items[i]
		at := next
		if res.At != nil {
			at = time.Duration(*res.At)
		}
		if at > longest || time.Duration(res.Every) > longest {
			c.Errorf(n, "", "a test is at most %s long", checktypes.FormatDuration(longest))
			return
		}
		if at < next-every && i > 0 || len(c.c.given) > 0 && at < c.c.given[len(c.c.given)-1].at {
			c.Errorf(n.Near("at"), "", "this is before the result above it")
			return
		}
		c.result(n, res)
		gap := every
		if res.Every > 0 {
			gap = time.Duration(res.Every)
		}
		for range max(1, res.Times) {
			if !c.ask(n, 1) {
				break
			}
			if at > longest {
				c.Errorf(n, "", "a test is at most %s long", checktypes.FormatDuration(longest))
				return
			}
			c.c.given = append(c.c.given, given{at: at, result: res, node: n, problem: problem(res)})
			at += gap
		}
		next = at - gap + every
	}
}

func problem(res Result) error {
	switch {
	case res.Unable != "":
		return checktypes.OwnFaultf("%s", res.Unable)
	case res.Error != "":
		return errors.New(res.Error)
	}
	return nil
}

// result notes what is wrong with one result.
func (c *compiler) result(n *schema.Node, res Result) {
	if res.Error != "" && res.Unable != "" {
		c.Errorf(n.KeyOf("unable"), "keep one of the two", "error and unable are both given")
	}
	if problem(res) != nil {
		if res.Vars != nil {
			c.facts(res.Vars)
		}
		return
	}
	vars := res.Vars
	if vars == nil {
		vars = &schema.Node{Kind: schema.Map}
	}
	_, missing := c.facts(vars)
	for _, name := range c.c.check.Variables() {
		if missing(name) && c.c.check.Reads(name) && !common[name] {
			c.Errorf(n, "add it to vars, such as vars: {"+name+": …}", "the rules of %q read %s, and this result does not say what it is", c.c.check.Name, name)
		}
	}
}

// common are the variables that a test gives otherwise, or that need none.
var common = map[string]bool{
	"error": true, "latency": true, "consecutive_failures": true, "prev": true, "now": true,
}

// facts are made of vars anew for each result: rules may hold on to them.
func (c *compiler) facts(vars *schema.Node) (checktypes.Facts, func(string) bool) {
	for _, e := range vars.Entries {
		if common[e.Key.Value] {
			hint := ""
			if e.Key.Value == "error" || e.Key.Value == "latency" {
				hint = "write it beside vars"
			}
			c.Errorf(e.Key, hint, "%s is not among the vars", e.Key.Value)
		}
	}
	return c.c.check.Type.Given(c.c.check.Config, vars, c.Reader)
}

// expectations lays the expectations out in time.
func (c *compiler) expectations(expect []Expectation) {
	list := c.test.Get("expect")
	end := time.Duration(0)
	if n := len(c.c.given); n > 0 {
		end = c.c.given[n-1].at
	}
	last := time.Duration(0)
	for i, e := range expect {
		n := list.Items[i]
		x := expectation{Expectation: e, at: end, node: n}
		if e.At != nil {
			x.at = time.Duration(*e.At)
		}
		if x.at > longest {
			c.Errorf(n, "", "a test is at most %s long", checktypes.FormatDuration(longest))
			return
		}
		if x.at < last {
			c.Errorf(n.Near("at"), "", "this is before the expectation above it")
		}
		last = x.at
		if len(n.Entries) == 0 || len(n.Entries) == 1 && e.At != nil {
			c.Errorf(n, "", "this expects nothing")
		}
		if e.Alerts != nil {
			x.alerts = c.alerts(e.Alerts)
		}
		if e.Recovery != nil {
			x.deeds = c.deeds(e.Recovery)
		}
		if e.Rule != "" {
			c.rule(n.Get("rule"), e.Rule)
		}
		if e.Metadata != nil {
			c.metadata(e.Metadata)
		}
		c.c.expect = append(c.c.expect, x)
	}
}

// rule notes a rule that the check does not have.
func (c *compiler) rule(at *schema.Node, text string) {
	var known []string
	for _, r := range c.c.check.RuleTexts() {
		_, expr, _ := strings.Cut(r.Text, ": ")
		known = append(known, expr)
		if sameRule(r.Text, text) {
			return
		}
	}
	if text == "none" {
		return
	}
	hint := schema.DidYouMean(text, known)
	if hint == "" && len(known) > 0 {
		hint = "its rules are: " + strings.Join(known, "; ")
	}
	c.Errorf(at, hint, "%q has no such rule", c.c.check.Name)
}

// sameRule compares a rule's text, "degraded: x > 1", with what a test says of it,
// with or without the status.
func sameRule(rule, text string) bool {
	_, expr, _ := strings.Cut(rule, ": ")
	flat := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	return flat(text) == flat(expr) || flat(text) == flat(rule)
}

func (c *compiler) metadata(n *schema.Node) {
	if n.Kind != schema.Map {
		c.Errorf(n, "", "metadata wants a map of values, found %s", c.Found(n))
		return
	}
	for _, e := range n.Entries {
		if known := c.c.check.MetadataNames(); !slices.Contains(known, e.Key.Value) {
			c.Errorf(e.Key, schema.DidYouMean(e.Key.Value, known), "%q has no metadata %q", c.c.check.Name, e.Key.Value)
		}
	}
}

// reminders counts those that the routes may send until the test ends.
func (c *compiler) reminders() {
	end := time.Duration(0)
	if n := len(c.c.given); n > 0 {
		end = c.c.given[n-1].at
	}
	if n := len(c.c.expect); n > 0 {
		end = max(end, c.c.expect[n-1].at)
	}
	for _, r := range c.c.routes {
		if r.Repeat > 0 && !c.ask(c.c.key, int(end/max(r.Repeat, r.Cooldown))) {
			return
		}
	}
}

// alerts reads what routes are to say.
func (c *compiler) alerts(n *schema.Node) (all []wanted) {
	if n.Kind != schema.Map {
		if n.Value == "none" || n.Value == "0" {
			for _, r := range c.c.routes {
				all = append(all, wanted{route: r.Name, says: []string{}, node: n})
			}
			return all
		}
		c.Errorf(n, "such as alerts: {ops: firing}, or alerts: none", "alerts wants a map of routes, found %s", c.Found(n))
		return nil
	}
	for _, e := range n.Entries {
		if !slices.Contains(c.c.check.Routes, e.Key.Value) {
			hint := schema.DidYouMean(e.Key.Value, c.c.check.Routes)
			if c.routeNamed(e.Key.Value) == nil {
				c.Errorf(e.Key, hint, "there is no route %q", e.Key.Value)
			} else {
				c.Errorf(e.Key, hint, "the route %q is not told of %q", e.Key.Value, c.c.check.Name)
			}
			continue
		}
		all = append(all, c.saying(e.Key.Value, e.Value))
	}
	return all
}

func (c *compiler) saying(route string, n *schema.Node) wanted {
	w := wanted{route: route, says: []string{}, node: n}
	items := []*schema.Node{n}
	switch {
	case n.Kind == schema.Int:
		w.count, _ = strconv.Atoi(n.Value)
		w.says = nil
		return w
	case n.Value == "none":
		return w
	case n.Kind == schema.List:
		items = n.Items
	}
	for _, item := range items {
		if !slices.Contains(events, item.Value) {
			c.Errorf(item, schema.DidYouMean(item.Value, events), "an alert is one of %s", strings.Join(events, ", "))
		}
		w.says = append(w.says, item.Value)
	}
	return w
}

var events = []string{"firing", "reminder", "resolved"}
