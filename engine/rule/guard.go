package rule

import (
	"time"

	"github.com/expr-lang/expr/vm"
)

// maxSteps is a run's budget; see the package's documentation.
const maxSteps = 2_000_000

// A site is what runs in place of an operation whose operands may turn out to be
// null, or of another kind than they should. It returns the result and the steps
// it took. It keeps no state, as one program runs on many machines.
type site = vm.SafeFunction

// boolSite passes on a bool.
func boolSite(o operand) site {
	return func(args ...any) (any, uint, error) {
		v := plain(args[0])
		if _, ok := v.(bool); !ok {
			return nil, 0, o.isNot(v, "true or false")
		}
		return v, 1, nil
	}
}

// kindSite passes on, in its plain form, a value of one of the kinds.
func kindSite(o operand, wanted kinds, words string) site {
	return func(args ...any) (any, uint, error) {
		v := plain(args[0])
		if !wanted.has(kindOf(v)) {
			return nil, 0, o.isNot(v, words)
		}
		if isNaN(v) {
			return nil, 0, o.isNaN()
		}
		return v, 1, nil
	}
}

// wholeSite passes on a whole number as an int.
func wholeSite(o operand) site {
	return func(args ...any) (any, uint, error) {
		n, err := whole(plain(args[0]))
		if err != nil {
			return nil, 0, faultf("%s is %s", o.text, err)
		}
		return n, 1, nil
	}
}

// keySite passes on what groupBy may group by; a whole number is always an int.
func keySite(o operand) site {
	return func(args ...any) (any, uint, error) {
		switch v := plain(args[0]).(type) {
		case string, bool, int, time.Duration:
			return v, 1, nil
		case float64:
			if n, err := whole(v); err == nil {
				return n, 1, nil
			}
			return v, 1, nil
		default:
			return nil, 0, o.isNot(v, "a string, a number or a bool")
		}
	}
}

// listSite passes on the list that a loop is about to go through, and pays for all
// of its turns at once. A turn costs more where the body has many parts.
func listSite(o operand, parts int) site {
	turn := uint(1 + parts/16)
	return func(args ...any) (any, uint, error) {
		v := plain(args[0])
		switch kindOf(v) {
		case list:
		case mapping:
			v = byKey(v)
		default:
			return nil, 0, o.isNot(v, "a list")
		}
		return v, 1 + turn*uint(size(v)), nil
	}
}

// nullSite tells whether a value is null.
func nullSite(args ...any) (any, uint, error) { return plain(args[0]) == nil, 1, nil }

// boxSite makes what a `?.` jumps on: null stays null, and any other value comes
// in a list, out of which the library's own `?.` takes it again.
func boxSite(args ...any) (any, uint, error) {
	if plain(args[0]) == nil {
		return nil, 1, nil
	}
	return []any{args[0]}, 1, nil
}
