package suite

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"polyhealth/checktypes"
	"polyhealth/engine"
	"polyhealth/schema"
)

// An Outcome is what became of one test.
type Outcome struct {
	Name     string
	Check    string
	At       *schema.Node // the test's name in the file
	Failures []Failure    // none where it passed
	Timeline []Line

	steps []*engine.Step
	check *engine.Check
}

// A Failure is one thing that was not as expected.
type Failure struct {
	At      *schema.Node
	Message string
	// Rules are how the rules came out, where that may be the reason.
	Rules []engine.Trial
}

// A Line is one line of a timeline.
type Line struct {
	At   time.Duration
	Text string
}

// Run plays the tests whose name a pattern matches; all where it is nil.
func (s *Suite) Run(pattern *regexp.Regexp) (outcomes []Outcome) {
	for _, c := range s.Cases {
		if pattern == nil || pattern.MatchString(c.Name) {
			outcomes = append(outcomes, c.run())
		}
	}
	return outcomes
}

func (c *Case) run() Outcome {
	p := c.play()
	out := Outcome{Name: c.Name, Check: c.check.Name, At: c.key, check: c.check}
	seen := 0 // lines that an expectation before has looked at
	for _, e := range c.expect {
		p.until(e.at)
		out.Failures = append(out.Failures, p.unmet(e, p.lines[seen:])...)
		seen = len(p.lines)
	}
	if n := len(c.given); n > 0 {
		p.until(max(p.clock, c.given[n-1].at))
	}
	if f, failed := p.transitions(); failed {
		out.Failures = append(out.Failures, f)
	}
	for _, l := range p.lines {
		if l.step != nil {
			out.steps = append(out.steps, l.step)
		}
		out.Timeline = append(out.Timeline, Line{l.at, l.String()})
	}
	return out
}

// unmet is what is not as an expectation says. lines are those since the one before.
func (p *play) unmet(e expectation, lines []line) (failures []Failure) {
	told := false // of the rules
	fail := func(key, format string, args ...any) {
		at := e.node.Get(key)
		f := Failure{At: at, Message: fmt.Sprintf("at %s ", checktypes.FormatDuration(e.at)) + fmt.Sprintf(format, args...)}
		if slices.Contains([]string{"status", "result", "rule"}, key) && !told {
			f.Rules, told = p.check.Trials(), true
		}
		failures = append(failures, f)
	}
	step := p.latest()
	if step == nil {
		step = &engine.Step{Component: &engine.Component{}}
	}
	c := step.Component
	for _, f := range []struct{ key, want, got string }{
		{"status", e.Status, c.Status.String()},
		{"result", e.Result, c.Result.String()},
		{"message", e.Message, c.Message},
	} {
		if f.want != "" && f.want != f.got {
			fail(f.key, "the %s is %s, expected %s", f.key, quoted(f.key, f.got), quoted(f.key, f.want))
		}
	}
	if e.Contains != "" && !strings.Contains(c.Message, e.Contains) {
		fail("contains", "the message is %q, expected it to contain %q", c.Message, e.Contains)
	}
	if e.Failures != nil && *e.Failures != c.Failures {
		fail("failures", "there are %d failures in a row, expected %d", c.Failures, *e.Failures)
	}
	if e.Rule != "" && !(e.Rule == "none" && step.Rule == "") && !sameRule(step.Rule, e.Rule) {
		fail("rule", "%s decided, expected %s", orNone(step.Rule), orNone(strings.TrimSpace(e.Rule)))
	}
	failures = append(failures, e.metadata(c)...)
	if f, failed := e.undone(lines); failed {
		failures = append(failures, f)
	}
	for _, w := range e.alerts {
		if f, failed := w.unmet(e.at, lines); failed {
			failures = append(failures, f)
		}
	}
	return failures
}

func quoted(key, text string) string {
	if key == "message" {
		return fmt.Sprintf("%q", text)
	}
	return text
}

func orNone(rule string) string {
	if rule == "" || rule == "none" {
		return "no rule"
	}
	return "the rule " + rule
}

// metadata compares the values that are mentioned.
func (e expectation) metadata(c *engine.Component) (failures []Failure) {
	if e.Metadata == nil {
		return nil
	}
	got := map[string]any{}
	_ = json.Unmarshal(c.Metadata, &got)
	for _, m := range e.Metadata.Entries {
		var want any
		text, _ := json.Marshal(checktypes.Plain(m.Value))
		_ = json.Unmarshal(text, &want)
		if have, _ := json.Marshal(got[m.Key.Value]); !reflect.DeepEqual(got[m.Key.Value], want) {
			failures = append(failures, Failure{At: m.Value, Message: fmt.Sprintf("at %s the metadata %s is %s, expected %s",
				checktypes.FormatDuration(e.at), m.Key.Value, have, text)})
		}
	}
	return failures
}

// unmet compares what a route said with what it was to say.
func (w wanted) unmet(at time.Duration, lines []line) (Failure, bool) {
	said := []string{}
	for _, l := range lines {
		if l.said != nil && l.route == w.route {
			said = append(said, string(l.said.Event))
		}
	}
	switch {
	case w.says == nil && len(said) != w.count:
		return Failure{At: w.node, Message: fmt.Sprintf("by %s the route %s has sent %d alerts (%s), expected %d",
			checktypes.FormatDuration(at), w.route, len(said), listed(said), w.count)}, true
	case w.says != nil && !slices.Equal(said, w.says):
		return Failure{At: w.node, Message: fmt.Sprintf("by %s the route %s has sent %s, expected %s",
			checktypes.FormatDuration(at), w.route, listed(said), listed(w.says))}, true
	}
	return Failure{}, false
}

func listed(events []string) string {
	if len(events) == 0 {
		return "none"
	}
	return strings.Join(events, ", ")
}

// transitions compares the statuses that were reported, one after the other.
func (p *play) transitions() (Failure, bool) {
	if p.wants == nil {
		return Failure{}, false
	}
	var got []string
	for _, l := range p.lines {
		if l.step != nil && (l.step.Transition != nil || len(got) == 0) {
			got = append(got, l.step.Component.Status.String())
		}
	}
	var want []string
	for _, s := range p.wants {
		want = append(want, s.String())
	}
	if slices.Equal(got, want) {
		return Failure{}, false
	}
	return Failure{At: p.Case.at, Message: fmt.Sprintf("it reports %s, expected %s", listed(got), listed(want))}, true
}

// String is a line for people.
func (l line) String() string {
	switch {
	case l.note != "":
		return l.note
	case l.deed != nil:
		return "recovery: " + deedText(*l.deed)
	case l.said != nil:
		return fmt.Sprintf("%s: %s, %s", l.route, l.said.Event, l.said.Status)
	}
	c := l.step.Component
	text := c.Status.String()
	if c.Result != c.Status {
		text += " (this result: " + c.Result.String() + ")"
	}
	if c.Message != "" {
		text += "  " + c.Message
	}
	if c.Rule != "" {
		text += "  [" + c.Rule + "]"
	}
	return text
}
