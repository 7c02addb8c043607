package rule

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A jsonPath selects within a value. It is the part of RFC 9535 that needs no loop:
// after $ come .name, ["name"] or ['name'], [3] and [-1] from the end, and .* or [*]
// for all elements of a list or a map. What a path does not find is no error.
type jsonPath struct {
	steps []pathStep
	many  bool // it has a *, and so finds a list
}

// A pathStep is a name, an index or, where it is nil, a *.
type pathStep any

const maxPath = 1 << 10 // bytes

func parsePath(s string) (*jsonPath, error) {
	if len(s) > maxPath {
		return nil, fmt.Errorf("it is longer than %d bytes", maxPath)
	}
	rest, ok := strings.CutPrefix(s, "$")
	if !ok {
		return nil, errors.New("a path begins with $")
	}
	p := &jsonPath{}
	for rest != "" {
		step, width, err := nextStep(rest)
		if err != nil {
			return nil, err
		}
		p.steps = append(p.steps, step)
		p.many = p.many || step == nil
		rest = rest[width:]
	}
	return p, nil
}

// nextStep is the step that s begins with, and its length in bytes.
func nextStep(s string) (pathStep, int, error) {
	switch {
	case strings.HasPrefix(s, ".."):
		return nil, 0, errors.New("it has a .., which could search without an end")
	case s == ".*" || strings.HasPrefix(s, ".*.") || strings.HasPrefix(s, ".*["):
		return nil, 2, nil
	case s[0] == '.':
		n := 1 + strings.IndexAny(s[1:]+".", ".[]*\"' ")
		if n == 1 || n < len(s) && s[n] != '.' && s[n] != '[' {
			return nil, 0, fmt.Errorf(`a name is missing at %s; one with other characters is written ["a name"]`, shorten(s, 20))
		}
		return s[1:n], n, nil
	case s[0] == '[':
		return bracketStep(s)
	}
	return nil, 0, fmt.Errorf("%s does not begin with . or [", shorten(s, 20))
}

func bracketStep(s string) (pathStep, int, error) {
	if len(s) > 1 && (s[1] == '"' || s[1] == '\'') {
		name, width, ok := quotedName(s[1:])
		if !ok || !strings.HasPrefix(s[1+width:], "]") {
			return nil, 0, fmt.Errorf("the name at %s is never closed", shorten(s, 20))
		}
		return name, width + 2, nil
	}
	inner, _, closed := strings.Cut(s[1:], "]")
	if !closed {
		return nil, 0, fmt.Errorf("the [ at %s is never closed", shorten(s, 20))
	}
	if inner == "*" {
		return nil, 3, nil
	}
	n, err := strconv.Atoi(inner)
	if err != nil || strconv.Itoa(n) != inner {
		return nil, 0, fmt.Errorf("[%s] is not a number, a * or a name in quotes", shorten(inner, 20))
	}
	return n, len(inner) + 2, nil
}

// quotedName reads a name in quotes, in which a backslash takes the next character
// as it is.
func quotedName(s string) (name string, width int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == s[0]:
			return b.String(), i + 1, true
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return "", 0, false
}

// find is what the path selects in a value: null where there is nothing, and a list
// where the path has a *.
func (p *jsonPath) find(v any) (any, uint, error) {
	found, steps := []any{v}, uint(1)
	for _, step := range p.steps {
		var next []any
		for _, v := range found {
			v = plain(v)
			if step == nil {
				next = append(next, elements(v)...)
			} else if e, there := select1(v, step); there {
				next = append(next, e)
			}
			if len(next) > maxList {
				return nil, steps, errLongList
			}
		}
		found = next
		steps += uint(len(found)) + 1
	}
	switch {
	case p.many && found == nil:
		return []any{}, steps, nil
	case p.many:
		return found, steps, nil
	case len(found) == 0:
		return nil, steps, nil
	}
	return found[0], steps, nil
}

// select1 is one field or element, by the rules of paths: a name is not looked for
// in a list, nor a number in a map.
func select1(v any, step pathStep) (any, bool) {
	k := kindOf(v)
	switch step.(type) {
	case string:
		if k != mapping && k != record {
			return nil, false
		}
	case int:
		if k != list {
			return nil, false
		}
	}
	e, there, err := lookUp(v, step)
	return e, there && err == nil
}

// elements are what a * selects, those of a map in the order of their names.
func elements(v any) []any {
	switch kindOf(v) {
	case list:
		return asList(v)
	case mapping, record:
		all, _ := valuesOf([]any{v})
		return all.([]any)
	}
	return nil
}
