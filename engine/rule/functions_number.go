package rule

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

func rounder(round func(float64) float64) func([]any) (any, error) {
	return func(args []any) (any, error) {
		f := toFloat64(args[0])
		return round(f), finite(f)
	}
}

func toFloat64(v any) float64 {
	if n, ok := v.(int); ok {
		return float64(n)
	}
	return v.(float64)
}

func absolute(args []any) (any, error) {
	switch v := args[0].(type) {
	case int:
		if v < 0 {
			return exactInts("*", v, -1)
		}
	case time.Duration:
		if v < 0 {
			return scale(v, -1)
		}
	case float64:
		return math.Abs(v), finite(v)
	}
	return args[0], nil
}

func toInt(args []any) (any, error) {
	switch v := args[0].(type) {
	case float64:
		if err := finite(v); err != nil {
			return nil, err
		}
		return truncated(v)
	case string:
		n, err := strconv.Atoi(strings.TrimSpace(v))
		if err != nil {
			return nil, notANumber(v)
		}
		return n, nil
	}
	return args[0], nil
}

// truncated is a finite float without what follows the point.
func truncated(f float64) (any, error) {
	if f = math.Trunc(f); f < math.MinInt64 || f >= math.MaxInt64 {
		return nil, errLarge
	}
	return int(f), nil
}

func notANumber(s string) error { return fmt.Errorf("%q is not a number", shorten(s, 40)) }

func toFloat(args []any) (any, error) {
	s, ok := args[0].(string)
	if !ok {
		f := toFloat64(args[0])
		return f, finite(f)
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || finite(f) != nil {
		return nil, notANumber(s)
	}
	return f, nil
}

// measured are the arguments, and what the lists among them hold, as plain values
// of one class. There must be one at least.
func measured(args []any) ([]any, error) {
	var all []any
	for _, a := range args {
		elements := []any{a}
		if kindOf(a) == list {
			elements = asList(a)
		}
		for _, e := range elements {
			all = append(all, plain(e))
		}
	}
	if len(all) == 0 {
		return nil, errEmptyList
	}
	return all, sameClass(all)
}

// sameClass says why values do not compare or add up.
func sameClass(all []any) error {
	for _, v := range all {
		k := kindOf(v)
		if k == null {
			return errors.New("one of the values is null")
		}
		if !orderedKinds.has(k) {
			return errors.New("one of the values is " + k.found())
		}
		if k.class() != kindOf(all[0]).class() {
			return fmt.Errorf("one value is %s and another one is %s", kindOf(all[0]).found(), k.found())
		}
		if isNaN(v) {
			return errNaN
		}
	}
	return nil
}

// extremeOf finds the largest value, or with sign -1 the smallest.
func extremeOf(sign int) func([]any) (any, error) {
	return func(args []any) (any, error) {
		all, err := measured(args)
		if err != nil {
			return nil, err
		}
		best := all[0]
		for _, v := range all {
			if order(v, best)*sign > 0 {
				best = v
			}
		}
		return best, nil
	}
}

func sum(args []any) (any, error) {
	all, err := measured(args)
	if err == errEmptyList {
		return 0, nil
	}
	for err == nil && len(all) > 1 {
		all[1], err = calculate("+", all[0], all[1])
		all = all[1:]
	}
	if err != nil {
		return nil, unsummable(err, args)
	}
	if k := kindOf(all[0]); k == text || k == moment {
		return nil, unsummable(errNoKind, args)
	}
	return all[0], nil
}

// unsummable says in words what calculate only has as errNoKind.
func unsummable(err error, args []any) error {
	if err == errNoKind {
		return fmt.Errorf("the list holds %ss", kindOf(plain(asList(args[0])[0])).noun())
	}
	return err
}

func mean(args []any) (any, error) {
	all, err := measured(args)
	if err != nil {
		return nil, err
	}
	total, err := sum([]any{all})
	if err != nil {
		return nil, err
	}
	return calculate("/", total, len(all))
}

func median(args []any) (any, error) {
	all, err := measured(args)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, order)
	return mean(all[(len(all)-1)/2 : len(all)/2+1])
}

func onWhole(does func([]int) (int, error)) func([]any) (any, error) {
	return func(args []any) (any, error) {
		var n [2]int
		for i := range args {
			var err error
			if n[i], err = whole(args[i]); err != nil {
				return nil, err
			}
		}
		return does(n[:])
	}
}

func bitOperations() map[string]func([]int) (int, error) {
	shift := func(by func(n, count int) int) func([]int) (int, error) {
		return func(n []int) (int, error) {
			if n[1] < 0 {
				return 0, errors.New("cannot shift by a negative number")
			}
			return by(n[0], n[1]), nil
		}
	}
	plainly := func(does func(a, b int) int) func([]int) (int, error) {
		return func(n []int) (int, error) { return does(n[0], n[1]), nil }
	}
	return map[string]func([]int) (int, error){
		"bitand":  plainly(func(a, b int) int { return a & b }),
		"bitor":   plainly(func(a, b int) int { return a | b }),
		"bitxor":  plainly(func(a, b int) int { return a ^ b }),
		"bitnand": plainly(func(a, b int) int { return a &^ b }),
		"bitshl":  shift(func(n, count int) int { return n << count }),
		"bitshr":  shift(func(n, count int) int { return n >> count }),
		"bitushr": shift(func(n, count int) int { return int(uint(n) >> count) }),
	}
}
