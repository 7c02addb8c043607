package rule

import (
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVariables(t *testing.T) {
	s := NewScope(testVars{}).WithShape(map[string]map[string]string{
		"row": {"n": "int", "at": "time", "f": "float", "b": "bool", "s": "string", "x": "any"},
	})
	want := []Variable{
		{Name: "error", Kind: "string"},
		{Name: "latency", Kind: "duration"},
		{Name: "consecutive_failures", Kind: "int"},
		{Name: "prev", Kind: "map", Fields: []Variable{{Name: "status", Kind: "string"}, {Name: "latency", Kind: "duration"}}},
		{Name: "now", Kind: "time"},
		{Name: "status", Kind: "int"},
		{Name: "body", Kind: "string"},
		{Name: "json", Kind: "any"},
		{Name: "headers", Kind: "map"},
		{Name: "rate", Kind: "float"},
		{Name: "row", Kind: "map", Fields: []Variable{{Name: "at", Kind: "time"}, {Name: "b", Kind: "bool"}, {Name: "f", Kind: "float"},
			{Name: "n", Kind: "int"}, {Name: "s", Kind: "string"}, {Name: "x", Kind: "any"}}},
		{Name: "rows", Kind: "list"},
		{Name: "units", Kind: "list", Fields: []Variable{{Name: "name", Kind: "string"}, {Name: "active", Kind: "string"},
			{Name: "active_for", Kind: "duration"}, {Name: "memory", Kind: "int"}, {Name: "restarts", Kind: "int"},
			{Name: "last", Kind: "map", Fields: []Variable{{Name: "status", Kind: "string"}, {Name: "latency", Kind: "duration"}}}}},
		{Name: "running", Kind: "list"},
		{Name: "count", Kind: "int"},
		{Name: "connected", Kind: "bool"},
		{Name: "close_code", Kind: "int"},
		{Name: "raw", Kind: "string"},
		{Name: "state", Kind: "string"},
		{Name: "perfdata", Kind: "map"},
	}
	if diff := cmp.Diff(want, s.Variables()); diff != "" {
		t.Error(diff)
	}
	var names []string
	for _, v := range want {
		names = append(names, v.Name)
	}
	if diff := cmp.Diff(names, s.Names()); diff != "" {
		t.Error(diff)
	}
}

// A map whose keys are all known has no others.
func TestWithKeys(t *testing.T) {
	s := testScope().WithKeys("perfdata", []string{"load", "bad"})
	mustRule(t, s, `perfdata.load > 0.4 and perfdata["load"] < 1`)
	mustRule(t, s, `count(perfdata, # > 0.4) == 1`)
	_, mistakes := s.Rule(`perfdata.laod > 1`)
	if len(mistakes) != 1 || mistakes[0].Message != `perfdata has no field "laod"` || mistakes[0].Hint != `did you mean "load"?` {
		t.Errorf("%+v", mistakes)
	}
	mustRule(t, testScope(), `perfdata.laod > 1`)
}

// A shape belongs to the scope that was made with it.
func TestShapeLeavesTheScopeAsItWas(t *testing.T) {
	s := testScope()
	shaped := s.WithShape(map[string]map[string]string{"row": {"n": "int"}})
	if p, _ := shaped.Rule(`row.x == 1`); p != nil {
		t.Error("the shape is not known")
	}
	mustRule(t, s, `row.x == 1`)
	mustRule(t, shaped, `row.n == 1 and "x" in row and get(row, "x") == nil`)
}

// The declared kind of a column is what the check says; what a row holds is what
// the database says.
func TestShapedValueOfAnotherKind(t *testing.T) {
	s := testScope().WithShape(map[string]map[string]string{"row": {"n": "int", "t": "time"}})
	env := sampleVars()
	for _, c := range []struct {
		n    any
		want string
	}{
		{"5", "row.n is a string, compared with the number 0"},
		{nil, "row.n is null"},
		{int32(0), ""},
		{0.0, ""},
		{[]byte("0"), "row.n is a string, compared with the number 0"},
	} {
		env.Row = map[string]any{"n": c.n}
		is, err := mustRule(t, s, `row.n == 0`).True(new(VM), env)
		if c.want == "" && (!is || err != nil) || c.want != "" && (err == nil || err.Error() != c.want) {
			t.Errorf("of %v it is %v, %v; want %q", c.n, is, err, c.want)
		}
	}
	env.Row = nil
	_, err := mustRule(t, s, `row.n == 0`).True(new(VM), env)
	if want := "row.n: there is no such field (row is empty)"; err == nil || err.Error() != want {
		t.Errorf("of no row it is %v, want %s", err, want)
	}
}

func TestUses(t *testing.T) {
	s := testScope()
	for src, want := range map[string][]string{
		`error == ""`:                                    {"error"},
		`json.body > 1`:                                  {"json"},
		`let body = 1; let x = status; x > 1`:            nil, // a mistake
		`let b = 1; b == status`:                         {"status"},
		`any(rows, .status > count)`:                     {"rows", "count"},
		`headers[body] ?? state == "a"`:                  nil, // a mistake
		`(headers[body] ?? state) == "a"`:                {"headers", "body", "state"},
		`prev.latency > "1s" and count(rows, true) == 1`: {"prev", "rows"},
	} {
		p, mistakes := s.Rule(src)
		if p == nil {
			if want != nil {
				t.Errorf("%s: %+v", src, mistakes)
			}
			continue
		}
		for _, name := range s.Names() {
			if p.Uses(name) != slices.Contains(want, name) {
				t.Errorf("%s uses %s: %v", src, name, p.Uses(name))
			}
		}
		if p.Source() != src {
			t.Errorf("the source is %q", p.Source())
		}
	}
}

func TestVariablesOfAnotherType(t *testing.T) {
	p := mustRule(t, testScope(), `status == 200`)
	v := sampleVars()
	for _, env := range []any{nil, &v, 5, struct{ Status int }{200}} {
		if _, err := p.True(new(VM), env); err == nil {
			t.Errorf("%T is taken", env)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a pointer is taken for a struct")
		}
	}()
	NewScope(&v)
}

// A scope is used by all that compile at once, and a program by all workers.
func TestConcurrentUse(t *testing.T) {
	s := testScope()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			scope := s
			if i%2 == 0 {
				scope = s.WithShape(map[string]map[string]string{"row": {"id": "int"}})
			}
			var m VM
			for range 20 {
				for _, src := range append(usualRules, otherRules...) {
					if _, err := mustRule(t, scope, src).True(&m, sampleVars()); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	a, _ := s.Rule(usualRules[0])
	b, _ := s.Rule(usualRules[0])
	if a != b {
		t.Error("one text is compiled twice")
	}
}

func TestRootMustBeTrueOrFalseWhenItRuns(t *testing.T) {
	p := mustValue(t, testScope(), `status`)
	if is, err := p.True(new(VM), sampleVars()); is || err == nil || err.Error() != "status is a number, not true or false" {
		t.Errorf("it is %v, %v", is, err)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"latncy", "latency", 1}, {"sttaus", "status", 1}, {"statsu", "status", 1}, {"kitten", "sitting", 3}, {"é", "e", 1}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("from %q to %q it is %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
