package rule

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// A fault is what goes wrong when a rule runs, in the user's words.
type fault struct {
	text  string
	cause error // the library's, for a debugger; never shown
}

func (f *fault) Error() string { return f.text }
func (f *fault) Unwrap() error { return f.cause }

func faultf(format string, args ...any) error { return &fault{text: fmt.Sprintf(format, args...)} }

var errDeep = faultf("lists or maps lie within each other more than %d deep", maxDepth)

var errSteps = faultf("it needs more than %d steps: the lists or texts it goes through are too large", maxSteps)

var errLate = faultf("the expressions of this check take too long together")

// reworded is an error of the library's machine as ours: the fault of a site
// within it, or a message without Go's words.
func reworded(err error, src string) error {
	var ours *fault
	if errors.As(err, &ours) {
		return ours
	}
	message := err.Error()
	for _, known := range []struct {
		part string
		err  error
	}{
		{"memory budget exceeded", errSteps},
		{"invalid operation: ", faultf("%s: the values are of different kinds", shorten(strings.Join(strings.Fields(src), " "), 80))},
		{"reduce of empty array", faultf("reduce: the list is empty and there is no initial value")},
	} {
		if strings.Contains(message, known.part) {
			return known.err
		}
	}
	return &fault{text: "cannot evaluate " + shorten(strings.Join(strings.Fields(src), " "), 80), cause: err}
}

// An operand is a part of the source that a site may have to blame.
type operand struct {
	text    string // as it was written
	literal bool   // written out, such as 0 or "x"
	null    string // why it is null, where that needs words
}

// is says what an operand was found to be: "row.n is a string", or "the number 0".
func (o operand) is(v any) string {
	if o.literal {
		return "the " + kindOf(v).noun() + " " + o.text
	}
	return o.text + " is " + kindOf(v).found()
}

// with says what another operand was compared with.
func (o operand) with(v any) string {
	if o.literal {
		return o.is(v)
	}
	return kindOf(v).found() + ", " + o.text
}

func (o operand) isNull() error { return faultf("%s is null%s", o.text, o.null) }

func isNaN(v any) bool {
	f, ok := v.(float64)
	return ok && math.IsNaN(f)
}

func (o operand) isNaN() error { return faultf("%s is not a number (NaN)", o.text) }

// isNot is the error of an operand that should have been something else.
func (o operand) isNot(v any, wanted string) error {
	if v == nil {
		return o.isNull()
	}
	return faultf("%s, not %s", o.is(v), wanted)
}
