package rule

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/big"
	"time"
)

// calculate is an operator over two plain values; errNoKind where it has no
// meaning for them.
func calculate(operator string, a, b any) (any, error) {
	if _, ok := resultKind(operator, kindOf(a), kindOf(b)); !ok {
		return nil, errNoKind
	}
	switch a := a.(type) {
	case int:
		switch b := b.(type) {
		case int:
			return calculateInts(operator, a, b)
		case float64:
			return calculateFloats(operator, float64(a), b)
		case time.Duration:
			return scale(b, float64(a))
		}
	case float64:
		switch b := b.(type) {
		case int:
			return calculateFloats(operator, a, float64(b))
		case float64:
			return calculateFloats(operator, a, b)
		case time.Duration:
			return scale(b, a)
		}
	case string:
		b := b.(string)
		if len(a)+len(b) > maxText {
			return nil, errLong
		}
		return a + b, nil
	}
	return calculateTimes(operator, a, b)
}

func calculateInts(operator string, a, b int) (any, error) {
	switch operator {
	case "+", "-", "*":
		return exactInts(operator, a, b)
	case "%":
		if b == 0 {
			return nil, errZero
		}
		return a % b, nil
	}
	return calculateFloats(operator, float64(a), float64(b))
}

// exactInts calculates without a silent overflow.
func exactInts(operator string, a, b int) (any, error) {
	const small = 1 << 30 // no result of smaller numbers overflows
	if -small < a && a < small && -small < b && b < small {
		switch operator {
		case "+":
			return a + b, nil
		case "-":
			return a - b, nil
		}
		return a * b, nil
	}
	x, y := big.NewInt(int64(a)), big.NewInt(int64(b))
	switch operator {
	case "+":
		x.Add(x, y)
	case "-":
		x.Sub(x, y)
	default:
		x.Mul(x, y)
	}
	if !x.IsInt64() {
		return nil, errLarge
	}
	return int(x.Int64()), nil
}

func calculateFloats(operator string, a, b float64) (any, error) {
	var f float64
	switch operator {
	case "+":
		f = a + b
	case "-":
		f = a - b
	case "*":
		f = a * b
	case "/":
		if b == 0 {
			return nil, errZero
		}
		f = a / b
	case "%": // JSON's numbers are floats, and may well be whole
		n, err := whole(a)
		m, err2 := whole(b)
		if err = cmp.Or(err, err2); err != nil {
			return nil, errWhole
		}
		return calculateInts("%", n, m)
	default:
		f = math.Pow(a, b)
	}
	return f, finite(f)
}

// divisor says why nothing can be divided by a value.
func divisor(operator string, by any) error {
	switch {
	case operator != "/" && operator != "%":
	case by == 0 || by == 0.0 || by == zeroDuration:
		return errZero
	case operator == "%":
		if _, err := whole(by); err != nil {
			return errWhole
		}
	}
	return nil
}

func finite(f float64) error {
	switch {
	case math.IsNaN(f):
		return errNaN
	case math.IsInf(f, 0):
		return errLarge
	}
	return nil
}

// scale is a duration times a number.
func scale(d time.Duration, by float64) (any, error) {
	if n := int64(by); float64(n) == by && math.Abs(by) < 1<<53 {
		v, err := exactInts("*", int(d), int(n))
		if err != nil {
			return nil, err
		}
		return time.Duration(v.(int)), nil
	}
	return toDuration(float64(d) * by)
}

func toDuration(f float64) (any, error) {
	if err := finite(f); err != nil {
		return nil, err
	}
	if f = math.Round(f); math.Abs(f) >= math.MaxInt64 {
		return nil, errLarge
	}
	return time.Duration(f), nil
}

// calculateTimes is calculate for durations and times.
func calculateTimes(operator string, a, b any) (any, error) {
	switch a := a.(type) {
	case time.Duration:
		switch b := b.(type) {
		case time.Time:
			return addTime(b, a)
		case time.Duration:
			if operator == "/" {
				return calculateFloats("/", float64(a), float64(b))
			}
			v, err := exactInts(operator, int(a), int(b))
			if err != nil {
				return nil, err
			}
			return time.Duration(v.(int)), nil
		case int:
			return scaleBy(operator, a, float64(b))
		case float64:
			return scaleBy(operator, a, b)
		}
	case time.Time:
		switch b := b.(type) {
		case time.Time:
			return a.Sub(b), nil
		case time.Duration:
			if operator == "-" {
				return addTime(a, -b)
			}
			return addTime(a, b)
		}
	}
	return nil, errNoKind
}

func scaleBy(operator string, d time.Duration, by float64) (any, error) {
	if operator == "*" {
		return scale(d, by)
	}
	if by == 0 {
		return nil, errZero
	}
	return toDuration(float64(d) / by)
}

// addTime refuses a year that time.Time wraps around or RFC 3339 cannot write.
func addTime(t time.Time, d time.Duration) (any, error) {
	sum := t.Add(d)
	if year := sum.Year(); year < 0 || year > 9999 {
		return nil, errDate
	}
	return sum, nil
}

// whole is a number as an int; the error says what it is instead.
func whole(v any) (int, error) {
	switch v := v.(type) {
	case int:
		return v, nil
	case float64:
		if n := int(v); float64(n) == v && math.Abs(v) < 1<<53 {
			return n, nil
		}
		return 0, errors.New("not a whole number")
	}
	return 0, fmt.Errorf("%s, not a whole number", kindOf(v).found())
}
