package rule

import (
	"errors"
	"fmt"
)

var (
	errZero   = errors.New("this divides by zero")
	errLarge  = errors.New("the result is too large a number")
	errNaN    = errors.New("the result is not a number (NaN)")
	errLong   = errors.New("the result is too long a text")
	errDate   = errors.New("the result is too far in the past or in the future")
	errWhole  = errors.New("% wants whole numbers")
	errNoKind = errors.New("kinds")
)

// verbs say what an operator does, for messages.
var verbs = map[string]string{
	"+": "add %[2]s to %[1]s", "-": "subtract %[2]s from %[1]s", "*": "multiply %s by %s",
	"/": "divide %s by %s", "%": "divide %s by %s", "**": "raise %s to the power of %s", "^": "raise %s to the power of %s",
}

// resultKind is the kind of a result, and whether the operator is defined: so
// for anything too, whose kind is known only when the rule runs.
func resultKind(operator string, a, b kind) (kind, bool) {
	na, nb := a.class() == integer, b.class() == integer
	if a == anything || b == anything {
		known := max(a, b) // the other one
		if a != anything {
			known = a
		}
		return anything, known != null && known != boolean && known < list
	}
	switch {
	case na && nb && operator == "%":
		return integer, true
	case na && nb && (operator == "/" || operator == "**" || operator == "^"):
		return float, true
	case na && nb:
		return max(a, b), true // integer < float
	case a == text && b == text:
		return text, operator == "+"
	case a == duration && b == duration && operator == "/":
		return float, true
	case a == duration && b == duration:
		return duration, operator == "+" || operator == "-"
	case a == duration && nb:
		return duration, operator == "*" || operator == "/"
	case na && b == duration:
		return duration, operator == "*"
	case a == moment && b == moment:
		return duration, operator == "-"
	case a == moment && b == duration:
		return moment, operator == "+" || operator == "-"
	case a == duration && b == moment:
		return moment, operator == "+"
	}
	return anything, false
}

// arithmeticSite calculates; what is not a finite number of the right kind is an
// error.
func arithmeticSite(operator string, whole, left, right operand) site {
	return func(args ...any) (any, uint, error) {
		a, b := plain(args[0]), plain(args[1])
		switch {
		case a == nil:
			return nil, 0, left.isNull()
		case b == nil:
			return nil, 0, right.isNull()
		}
		v, err := calculate(operator, a, b)
		if err == errNoKind {
			return nil, 0, faultf("cannot %s in %s",
				fmt.Sprintf(verbs[operator], kindOf(a).found(), kindOf(b).found()), whole.text)
		}
		if err != nil {
			return nil, 0, faultf("%s: %s", whole.text, err)
		}
		if s, ok := v.(string); ok {
			return s, textCost(s), nil
		}
		return v, 1, nil
	}
}

// negateSite is the minus sign.
func negateSite(whole, o operand) site {
	return func(args ...any) (any, uint, error) {
		v := plain(args[0])
		if !anyOf(integer, float, duration).has(kindOf(v)) {
			return nil, 0, o.isNot(v, "a number")
		}
		out, err := calculate("*", v, -1)
		if err != nil {
			return nil, 0, faultf("%s: %s", whole.text, err)
		}
		return out, 1, nil
	}
}
