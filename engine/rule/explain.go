package rule

import (
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// A Reading is a value that an expression found, as text for a person.
type Reading struct {
	// Name is what was read, as it was written: latency, json.items[0].state or
	// len(failed).
	Name string `json:"name"`
	// Text is the value, such as 1.21s or "down", shortened where it is long, and safe
	// to print.
	Text string `json:"value"`
}

const (
	maxReading  = 120 // bytes of a reading's text
	maxReadings = 10
	// maxExplaining is the budget of each part that is run again to explain it, in
	// steps: all of an explanation may cost what one run may.
	maxExplaining = maxSteps / maxReadings / 2
)

// Explain says why a rule came out as it did, by the values of those parts that
// mattered: of what `and` and `or` connect only what decided, of a call its result,
// of any(…) the element that was found. It runs these parts again, so it is for a rule
// that has decided and not for each that is tried; env, and what the machine is lent,
// must be as they were. At most 10 values are told.
func (p *Program) Explain(m *VM, env any, outcome bool) []Reading {
	e := explanation{of: p, vm: m, env: env}
	if p.fits(env) == nil {
		e.explain(p.reasons(), outcome)
	}
	return e.readings
}

// Readings are the values that an expression reads, whether they mattered or not.
func (p *Program) Readings(m *VM, env any) []Reading {
	e := explanation{of: p, vm: m, env: env}
	if p.fits(env) == nil {
		e.all(p.reasons())
	}
	return e.readings
}

// reasons are made when they are first asked for: most rules never decide.
func (p *Program) reasons() *reason {
	p.explained.Do(func() { p.why = newReason(p.text, p.terms()) })
	return p.why
}

// terms are those of the variables' struct: what else the scope knew of their shape is
// not kept with each program, as parts that compiled with it do without.
func (p *Program) terms() *terms { return &terms{p.base, p.base.whole} }

// An explanation is one call of Explain.
type explanation struct {
	of       *Program
	vm       *VM
	env      any
	readings []Reading
	runs     int
}

func (e *explanation) explain(r *reason, outcome bool) {
	switch r.kind {
	case conjunction, disjunction:
		if (r.kind == conjunction) == outcome {
			for _, part := range r.parts {
				e.explain(part, outcome)
			}
		} else if i, ok := e.number(r.which); ok && i < len(r.parts) {
			e.explain(r.parts[i], outcome)
		} else {
			e.all(r)
		}
	case negation:
		e.explain(r.parts[0], !outcome)
	case choice:
		if i, ok := e.number(r.which); ok {
			e.explain(r.parts[0], i == 1)
			e.explain(r.parts[2-i], outcome)
		} else {
			e.all(r)
		}
	case loopOver:
		if outcome != r.found || !e.element(r) {
			e.show(r.values)
		}
	case simple:
		e.show(r.values)
	}
}

// all shows everything that is read.
func (e *explanation) all(r *reason) {
	e.show(r.values)
	for _, part := range r.parts {
		e.all(part)
	}
}

// number is the whole number that a part finds.
func (e *explanation) number(part *lazy) (int, bool) {
	v, ok := e.run(part)
	n, err := whole(v)
	return n, ok && err == nil && n >= 0
}

// run evaluates a part again; false where that has no answer, or costs too much.
func (e *explanation) run(part *lazy) (any, bool) {
	if e.runs++; e.runs > 2*maxReadings {
		return nil, false
	}
	p := part.program(e.of)
	if p == nil {
		return nil, false
	}
	v, err := p.runFor(e.vm, e.env, maxExplaining)
	return plain(v), err == nil
}

// element shows the element of a list that decided.
func (e *explanation) element(r *reason) bool {
	i, ok := e.number(r.which)
	if !ok {
		return false
	}
	in, _ := e.run(r.list)
	v, there, _ := lookUp(in, i)
	if there {
		e.add(r.name+"["+formatValue(i)+"]", v)
	}
	return there
}

func (e *explanation) show(values []shown) {
	for i := range values {
		s := &values[i]
		if e.told(s.name) {
			continue
		}
		if s.index != nil {
			e.add(s.name, s.read(e.env))
		} else if v, ok := e.run(s.part); ok {
			e.add(s.name, v)
		}
	}
}

func (e *explanation) told(name string) bool {
	return slices.ContainsFunc(e.readings, func(r Reading) bool { return r.Name == name })
}

func (e *explanation) add(name string, v any) {
	if len(e.readings) < maxReadings && !e.told(name) {
		e.readings = append(e.readings, Reading{printable(name), readingText(plain(v))})
	}
}

// read is the value of a variable, or of a field within it; null where it is not
// there.
func (s *shown) read(env any) any {
	v := plain(reflect.ValueOf(env).FieldByIndex(s.index).Interface())
	for _, key := range s.path {
		if v == nil {
			break
		}
		v, _, _ = lookUp(v, key)
		v = plain(v)
	}
	return v
}

// readingText shows a string in quotes, so that an empty one can be seen.
func readingText(v any) string {
	switch k := kindOf(v); k {
	case text:
		return printable(string(appendString(nil, shorten(v.(string), maxReading))))
	case list, mapping, record:
		b, err := toJSONText(v, maxReading)
		s := shorten(string(b), maxReading)
		if err != nil && !strings.HasSuffix(s, "…") {
			s += "…"
		}
		return printable(s)
	case float:
		return shortFloat(v.(float64))
	}
	return formatValue(v)
}

// printable writes out what would move a terminal's cursor or turn its text around.
func printable(s string) string {
	if !strings.ContainsFunc(s, unprintable) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unprintable(r) {
			const hex = "0123456789abcdef"
			b.Write([]byte{'\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15]})
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}
