package rule

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// documented are the names of all functions that the documentation has, methods with
// their dot.
func documented() (names []string) {
	call := regexp.MustCompile(`^(?:(?:time|duration)(\.\w+)|(\w+))\(.*\)$`)
	for _, g := range Functions() {
		for _, f := range g.Functions {
			m := call.FindStringSubmatch(f.Call)
			if m == nil {
				m = []string{"", "no call: " + f.Call, ""}
			}
			names = append(names, m[1]+m[2])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Every function is documented, nothing else is, and each example is true.
func TestFunctionsAreDocumented(t *testing.T) {
	c := &checker{functions: functions()}
	want := append(c.functionNames(), c.methodNames()...)
	slices.Sort(want)
	if got := documented(); !slices.Equal(got, want) {
		for _, name := range got {
			if !slices.Contains(want, name) {
				t.Errorf("%s is documented, and does not exist", name)
			}
		}
		for _, name := range want {
			if !slices.Contains(got, name) {
				t.Errorf("%s is not documented", name)
			}
		}
	}
}

func TestExamplesAreTrue(t *testing.T) {
	s := NewScope(commonVars{})
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	latency := 400 * time.Millisecond
	for _, g := range Functions() {
		for _, f := range g.Functions {
			if !strings.HasSuffix(f.Doc, ".") {
				t.Errorf("%s: the doc is no sentence: %s", f.Call, f.Doc)
			}
			name, _, _ := strings.Cut(f.Call[strings.IndexByte(f.Call, '.')+1:], "(")
			if !strings.Contains(f.Example, name+"(") {
				t.Errorf("%s is not in its example, %s", f.Call, f.Example)
			}
			p, mistakes := s.Rule(f.Example)
			if p == nil {
				t.Errorf("%s: %+v", f.Example, mistakes)
				continue
			}
			needs := s.Needs([]*Program{p})
			memory := NewMemory(needs)
			var m VM
			for _, o := range []Outcome{
				{At: now.Add(-time.Hour), Latency: 300 * time.Millisecond, Status: "unhealthy", Worked: true},
				{At: now.Add(-time.Minute), Latency: 200 * time.Millisecond, Status: "healthy", Worked: true},
			} {
				m.Lend(memory, o)
				memory.Add(o, needs.Note(&m, commonVars{Latency: o.Latency, Now: o.At}))
			}
			m.Lend(memory, Outcome{At: now, Latency: latency, Worked: true})
			if is, err := p.True(&m, commonVars{Latency: latency, Now: now}); !is || err != nil {
				t.Errorf("%s is %v, %v", f.Example, is, err)
			}
		}
	}
}
