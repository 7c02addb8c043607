package rule

import (
	"errors"
	"fmt"
	"testing"
)

// An atom is an operand of the tests over all pairs, and what it is at run time,
// known here and not taken from the code under test.
type atom struct {
	src  string
	kind string // number, string, bool, duration, time, list, map, null, nan, missing
}

var atoms = []atom{
	{`status`, "number"}, {`count`, "number"}, {`rate`, "number"}, {`json.n`, "number"}, {`row.id`, "number"},
	{`units[0].memory`, "number"}, {`5`, "number"}, {`2.5`, "number"}, {`(status + 1)`, "number"}, {`len(body)`, "number"},
	{`max(rate, 1)`, "number"}, {`sum(rows, .id)`, "number"}, {`row.id % 2`, "number"}, {`json.n * 2`, "number"},
	{`body`, "string"}, {`json.state`, "string"}, {`row.name`, "string"}, {`row.price`, "string"}, {`raw`, "string"},
	{`state`, "string"}, {`headers.server`, "string"}, {`(headers["x"] ?? "a")`, "string"}, {`"a"`, "string"}, {`b"a"`, "string"},
	{`connected`, "bool"}, {`json.yes`, "bool"}, {`true`, "bool"}, {`(status > 1)`, "bool"},
	{`latency`, "duration"}, {`(latency * 2)`, "duration"}, {`duration("5s")`, "duration"},
	{`now`, "time"}, {`date("2026-01-01")`, "time"},
	{`running`, "list"}, {`json.items`, "list"}, {`rows`, "list"}, {`[1, 2]`, "list"}, {`[]`, "list"},
	{`json`, "map"}, {`row`, "map"}, {`prev`, "map"}, {`{"a": 1}`, "map"},
	{`json.count`, "null"}, {`row.n`, "null"}, {`close_code`, "null"}, {`get(json, "nope")`, "null"},
	{`first([])`, "null"}, {`json?.nope`, "null"}, {`find(rows, .id == 9)`, "null"},
	{`perfdata.bad`, "nan"},
	{`json.nope`, "missing"}, {`headers.nope`, "missing"}, {`json.items[9]`, "missing"}, {`running[9]`, "missing"},
	{`json.count.x`, "missing"}, {`rows[5].id`, "missing"},
}

var sample any = sampleVars()

// answer runs an expression; refused means a mistake, or an error when it runs.
func answer(t *testing.T, compile func(string) (*Program, []Mistake), src string) (v any, refused bool) {
	t.Helper()
	p, mistakes := compile(src)
	if p == nil {
		checkPlaces(t, src, mistakes)
		return nil, true
	}
	v, err := p.Eval(new(VM), sample)
	var ours *fault
	if err != nil && (!errors.As(err, &ours) || ours.cause != nil) {
		t.Errorf("%s fails within the library: %v: %v", src, err, errors.Unwrap(err))
	}
	return v, err != nil
}

// Nothing fails open: a comparison has an answer just where both sides are there
// and are of one kind, whatever the operands are and wherever they come from, and
// then it is the same answer both ways round.
func TestComparisonsOfAllPairs(t *testing.T) {
	s := testScope()
	ordered := map[string]bool{"number": true, "string": true, "duration": true, "time": true}
	mirror := map[string]string{"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
	literal := map[string]bool{`"a"`: true, `b"a"`: true}
	for _, a := range atoms {
		for _, b := range atoms {
			if literal[a.src] && b.kind == "duration" || literal[b.src] && a.kind == "duration" {
				continue // quoted text meets a duration: a mistake of another sort
			}
			for op, back := range mirror {
				equality := op == "==" || op == "!="
				answerable := a.kind == b.kind && (ordered[a.kind] ||
					equality && (a.kind == "bool" || a.kind == "list" || a.kind == "map"))
				src := fmt.Sprintf("%s %s %s", a.src, op, b.src)
				is, refused := answer(t, s.Rule, src)
				if refused == answerable {
					t.Errorf("%s (%s, %s): refused is %v", src, a.kind, b.kind, refused)
					continue
				}
				turned, _ := answer(t, s.Rule, fmt.Sprintf("%s %s %s", b.src, back, a.src))
				if is != turned {
					t.Errorf("%s is %v, and turned around it is %v", src, is, turned)
				}
			}
		}
	}
}

// What is not true or false decides nothing, and a number that is none is no
// answer either.
func TestOperatorsOverAllPairs(t *testing.T) {
	s := testScope()
	for _, a := range atoms {
		for _, src := range []string{"%s", "not %s", "%s and true", "%s or false", "true and %s", "false or %s",
			"%s ? true : false", "any([1], %s)", "all([1], {let x = #; %s})", "count([1], %s) == 1", "none([1], %s)"} {
			src = fmt.Sprintf(src, a.src)
			if _, refused := answer(t, s.Rule, src); refused != (a.kind != "bool") {
				t.Errorf("%s, of a %s: refused is %v", src, a.kind, refused)
			}
		}
		for _, b := range kindsOfAtoms() {
			for _, op := range []string{"+", "-", "*", "/", "%", "**", "in", "not in", "contains", "startsWith", "endsWith",
				"matches", "..", "??"} {
				src := fmt.Sprintf("%s %s %s", a.src, op, b.src)
				_, refused := answer(t, s.Value, src)
				if op != "??" && (unfit(a) || unfit(b) && op != "in" && op != "not in") && !refused {
					t.Errorf("%s has an answer, of %s and %s", src, a.kind, b.kind)
				}
			}
		}
	}
}

// unfit is an atom that no calculation has an answer for.
func unfit(a atom) bool { return a.kind == "missing" || a.kind == "null" || a.kind == "nan" }

// kindsOfAtoms is one atom of each kind.
func kindsOfAtoms() []atom {
	var some []atom
	seen := map[string]bool{}
	for _, a := range atoms {
		if !seen[a.kind] {
			some = append(some, a)
		}
		seen[a.kind] = true
	}
	return some
}

// Each function over each operand, or two: it answers, or fails in our words.
func TestFunctionsOverAllAtoms(t *testing.T) {
	s := testScope()
	others := kindsOfAtoms()
	for name, f := range functions() {
		for _, a := range atoms {
			calls := []string{name + "(" + a.src + ")"}
			if name[0] == '.' {
				calls = []string{a.src + name + "()", a.src + name + `("15:04")`}
			}
			for _, b := range others {
				calls = append(calls, fmt.Sprintf("%s(%s, %s)", name, a.src, b.src))
			}
			for _, call := range calls {
				_, refused := answer(t, s.Value, call)
				unfit := a.kind == "missing" || a.kind == "null" && !f.takes[0].has(null) || a.kind == "nan" && f.takes[0] != isAnything
				if unfit && !refused {
					t.Errorf("%s has an answer, of %s", call, a.kind)
				}
			}
		}
	}
	for _, name := range loopNames {
		for _, a := range atoms {
			for _, b := range others {
				for _, call := range []string{"%s(%s, %s)", "%s(%s, # == %s)", "%s([%s], %s)", "%s([%s, %s], #)"} {
					answer(t, s.Value, fmt.Sprintf(call, name, a.src, b.src))
				}
			}
		}
	}
}
