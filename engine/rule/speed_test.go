package rule

import (
	"fmt"
	"reflect"
	"testing"
)

// usualRules are most of what is written, over variables whose types are certain.
var usualRules = []string{
	`status >= 500 or latency > "800ms"`,
	`consecutive_failures > 3 && error == ""`,
	`status not in [200, 204] or not connected`,
	`prev.status == "healthy" and latency > prev.latency`,
	`body contains "error" or len(running) == 0`,
	`"100ms" < latency < "2s"`,
}

// otherRules read what is only known when they run.
var otherRules = []string{
	`latency > prev.latency * 2`, `rate > 5`, `json.n > 2`, `json.items[0].state == "up"`, `row.id == 7`,
	`headers["server"] == "x"`, `body matches "err(or)?"`, `any(json.items, .state != "up")`,
}

func TestUsualRulesDoNotAllocate(t *testing.T) {
	s := testScope()
	v := sampleVars()
	v.ConsecutiveFailures, v.Status = 1000, 1000 // small numbers never allocate
	env := any(v)
	var m VM
	for _, src := range usualRules {
		p := mustRule(t, s, src)
		if n := testing.AllocsPerRun(100, func() {
			if _, err := p.True(&m, env); err != nil {
				t.Fatal(err)
			}
		}); n > 0 {
			t.Errorf("%s allocates %v times a run", src, n)
		}
	}
}

// An idle machine must not keep a large body alive.
func TestMachineForgets(t *testing.T) {
	s := testScope()
	for _, src := range []string{`body contains "x"`, `any([body], # == "x")`, `let b = body; b == "x"`, `[body, body, body] == []`} {
		var m VM
		mustRule(t, s, src).True(&m, sampleVars())
		for _, kept := range append(m.machine.Stack[:cap(m.machine.Stack)], m.machine.Variables...) {
			if kept != nil {
				t.Errorf("%s: the machine keeps %v", src, kept)
			}
		}
		if reflect.ValueOf(m.machine).FieldByName("scopePool").Len() > 0 {
			t.Errorf("%s: the machine keeps the list of a loop", src)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	s := testScope()
	env := any(sampleVars())
	for _, src := range append(usualRules, otherRules...) {
		p := mustRule(b, s, src)
		b.Run(src, func(b *testing.B) {
			var m VM
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.True(&m, env); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCompile compiles 30,000 different rules, and as many that are alike.
func BenchmarkCompile(b *testing.B) {
	for _, different := range []bool{true, false} {
		b.Run(fmt.Sprintf("different=%v", different), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s := testScope()
				for i := range 30_000 {
					if !different {
						i = 5
					}
					mustRule(b, s, fmt.Sprintf(`status >= %d or latency > "%dms"`, i, i))
				}
			}
		})
	}
}

// Reading a file of 10,000 checks must not be slow because of its rules.
func TestCompileIsFast(t *testing.T) {
	within(t, generous, func() {
		s := testScope()
		for i := range 30_000 {
			mustRule(t, s, fmt.Sprintf(`status >= %d or latency > "%dms"`, i, i+1))
		}
	})
	within(t, generous, func() {
		s := testScope()
		for range 10_000 {
			shaped := s.WithShape(map[string]map[string]string{"row": {"n": "int"}})
			mustRule(t, shaped, `row.n == 0`)
		}
	})
}

func BenchmarkRender(b *testing.B) {
	tmpl, _ := testScope().Template("{{ status }} in {{ latency }}")
	env := any(sampleVars())
	var m VM
	b.ReportAllocs()
	for b.Loop() {
		tmpl.Render(&m, env)
	}
}
