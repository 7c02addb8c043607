package rule

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// textCost is what reading or making s costs.
func textCost(s string) uint { return 1 + uint(len(s))/64 }

// textSite does one of contains, startsWith and endsWith. A list contains an element
// as a text does a part.
func textSite(operator string, left, right operand) site {
	within := inSite(right, left)
	does := strings.Contains
	switch operator {
	case "startsWith":
		does = strings.HasPrefix
	case "endsWith":
		does = strings.HasSuffix
	}
	return func(args ...any) (any, uint, error) {
		if operator == "contains" && args[0] != nil && kindOf(plain(args[0])) == list {
			return within(args[1], args[0])
		}
		s, part, err := twoTexts(args, left, right)
		if err != nil {
			return nil, 0, err
		}
		return does(s, part), textCost(s), nil
	}
}

func twoTexts(args []any, left, right operand) (string, string, error) {
	a, b := plain(args[0]), plain(args[1])
	s, ok := a.(string)
	if !ok {
		return "", "", left.isNot(a, "a string")
	}
	t, ok := b.(string)
	if !ok {
		return "", "", right.isNot(b, "a string")
	}
	return s, t, nil
}

// A pattern is a regular expression, and how many instructions it has: matching
// takes time by that number and by the length of the text.
type pattern struct {
	*regexp.Regexp
	size int
}

// maxPattern bounds a regular expression, in bytes.
const maxPattern = 1 << 10

func newPattern(s string) (*pattern, error) {
	if len(s) > maxPattern {
		return nil, fmt.Errorf("it is longer than %d bytes", maxPattern)
	}
	parsed, err := syntax.Parse(s, syntax.Perl)
	if err != nil {
		return nil, patternError(err)
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, patternError(err)
	}
	re, err := regexp.Compile(s)
	if err != nil {
		return nil, patternError(err)
	}
	return &pattern{re, len(program.Inst)}, nil
}

// cost is what it takes to match s.
func (p *pattern) cost(s string) uint { return 1 + uint(len(s))*uint(8+p.size)/128 }

// matchSite matches text with a pattern that is known, or where it is nil, given.
func matchSite(known *pattern, left, right operand) site {
	return func(args ...any) (any, uint, error) {
		s, written, err := twoTexts(args, left, right)
		if err != nil {
			return nil, 0, err
		}
		p, cost := known, uint(0)
		if p == nil {
			if p, err = newPattern(written); err != nil {
				return nil, 0, faultf("%s is not a pattern: %s", right.text, err)
			}
			cost = uint(10 * p.size) // making it
		}
		if cost += p.cost(s); cost > maxSteps {
			return nil, 0, errSteps
		}
		return p.MatchString(s), cost, nil
	}
}

// patternError is what is wrong with a regular expression.
func patternError(err error) error {
	return errors.New(strings.TrimPrefix(err.Error(), "error parsing regexp: "))
}

// sliceSite is a part of a list, or of a text in characters. Bounds count from
// the end where they are negative, and what is outside is left out.
func sliceSite(o operand) site {
	return func(args ...any) (any, uint, error) {
		v := plain(args[0])
		switch kindOf(v) {
		case list:
			l := asList(v)
			from, to := bounds(args[1], args[2], len(l))
			return l[from:to:to], 1 + uint(len(l))/16, nil
		case text:
			s := []rune(v.(string))
			from, to := bounds(args[1], args[2], len(s))
			return string(s[from:to]), 1 + uint(len(s))/16, nil
		}
		return nil, 0, o.isNot(v, "a list or a string")
	}
}

// bounds are those of a slice, nil where they were not written.
func bounds(from, to any, length int) (int, int) {
	bound := func(v any, otherwise int) int {
		n, ok := v.(int)
		if !ok {
			n = otherwise
		} else if n < 0 {
			n += length
		}
		return max(0, min(n, length))
	}
	f, t := bound(from, 0), bound(to, length)
	return min(f, t), t
}
