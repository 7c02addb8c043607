package rule

import "time"

// compareSite compares by one of == != < <= > >=.
func compareSite(operator string, left, right operand) site {
	return func(args ...any) (any, uint, error) {
		a, b := plain(args[0]), plain(args[1])
		a, b = asDuration(a, left, b), asDuration(b, right, a)
		if err := comparable(operator, a, b, left, right); err != nil {
			return nil, 0, err
		}
		var w walk
		result := compares(operator, a, b, &w)
		return result, 1 + w.steps, w.err()
	}
}

// asDuration is a value as it compares with another: what is written out in quotes is a
// duration beside one that only now turned out to be one, such as now - row.t.
func asDuration(v any, written operand, other any) any {
	text, isText := v.(string)
	if _, is := other.(time.Duration); !is || !isText || !written.literal {
		return v
	}
	if d, err := parseDuration(text); err == nil {
		return d
	}
	return v
}

// compares is what a comparison of plain values of one class comes to.
func compares(operator string, a, b any, w *walk) bool {
	switch operator {
	case "==":
		return equal(a, b, w)
	case "!=":
		return !equal(a, b, w)
	case "<":
		return order(a, b) < 0
	case "<=":
		return order(a, b) <= 0
	case ">":
		return order(a, b) > 0
	}
	return order(a, b) >= 0
}

// comparable says why two values do not compare.
func comparable(operator string, a, b any, left, right operand) error {
	if a == nil {
		return left.isNull()
	}
	if b == nil {
		return right.isNull()
	}
	ka, kb := kindOf(a), kindOf(b)
	if ka.class() != kb.class() {
		if left.literal && !right.literal {
			return faultf("%s, compared with %s", right.is(b), left.with(a))
		}
		return faultf("%s, compared with %s", left.is(a), right.with(b))
	}
	if isNaN(a) {
		return left.isNaN()
	}
	if isNaN(b) {
		return right.isNaN()
	}
	if operator != "==" && operator != "!=" && !orderedKinds.has(ka) {
		return faultf("%s: it cannot be compared with %s", left.is(a), operator)
	}
	return nil
}

var orderedKinds = anyOf(integer, float, text, duration, moment, semantic)

// inSite tells whether a list holds a value or a map has a key. A list whose
// elements are all of another kind than the value is a mistake, not a no.
func inSite(left, right operand) site {
	return func(args ...any) (any, uint, error) {
		needle, in := plain(args[0]), plain(args[1])
		switch {
		case needle == nil:
			return nil, 0, left.isNull()
		case in == nil:
			return nil, 0, right.isNull()
		case isNaN(needle):
			return nil, 0, left.isNaN()
		}
		switch kindOf(in) {
		case list:
			return inList(needle, in, left, right)
		case mapping, record:
			if kindOf(needle) != text && kindOf(in) == record {
				return nil, 0, faultf("%s, and the fields of %s are strings", left.is(needle), right.text)
			}
			return inMap(needle, in, left, right)
		}
		return nil, 0, faultf("%s, not a list or a map", right.is(in))
	}
}

func inList(needle, in any, left, right operand) (any, uint, error) {
	var w walk
	alike, other := false, any(nil)
	elements := asList(in)
	for _, e := range elements {
		e = plain(e)
		if kindOf(e).class() != kindOf(needle).class() {
			if e != nil {
				other = e
			}
			continue
		}
		alike = true
		if equal(needle, e, &w) || w.err() != nil {
			return true, w.steps + uint(len(elements)), w.err()
		}
	}
	if !alike && other != nil {
		return nil, 0, faultf("%s, but %s holds %ss", left.is(needle), right.text, kindOf(other).noun())
	}
	return false, w.steps + uint(len(elements)), nil
}

func inMap(needle, in any, left, right operand) (any, uint, error) {
	if m, ok := in.(map[string]any); ok {
		if key, ok := needle.(string); ok {
			_, there := m[key]
			return there, 1, nil
		}
	}
	if size(in) == 0 && kindOf(needle) == text {
		return false, 1, nil
	}
	_, there, err := lookUp(in, needle)
	if err != nil {
		return nil, 0, faultf("%s, but the keys of %s are strings", left.is(needle), right.text)
	}
	return there, 1, nil
}
