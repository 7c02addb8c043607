package rule

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"
)

func firstOf(args []any) (any, error) { return elementAt(args[0], 0), nil }
func lastOf(args []any) (any, error)  { return elementAt(args[0], -1), nil }

// elementAt is null where there is no such element.
func elementAt(l any, i int) any {
	v, _, _ := lookUp(l, i)
	return v
}

func take(args []any) (any, error) {
	n, err := whole(args[1])
	if err != nil {
		return nil, err
	}
	if n < 0 {
		return nil, errors.New("cannot take a negative number of elements")
	}
	l := asList(args[0])
	return l[:min(n, len(l))], nil
}

// uniq keeps the first of equal elements.
func uniq(args []any) (any, error) {
	seen, out, size := map[any]bool{}, []any{}, 0
	for _, e := range asList(args[0]) {
		key, length, err := identity(plain(e))
		if size += length; err != nil || size > maxText {
			return nil, cmp.Or(err, errLong)
		}
		if !seen[key] {
			seen[key] = true
			out = append(out, e)
		}
	}
	return out, nil
}

// identity is equal for equal values, and can be a map's key. Numbers are equal as
// numbers; lists and maps are compared by their JSON, of the length returned.
func identity(v any) (key any, length int, err error) {
	switch v := v.(type) {
	case float64:
		if n, err := whole(v); err == nil {
			return n, 0, nil
		}
	case time.Time:
		return [1]int64{v.UnixNano()}, 0, nil
	case version:
		return version{v.normal()}, 0, nil
	default:
		if k := kindOf(v); k == list || k == mapping || k == record {
			b, err := toJSONText(v, maxText)
			return [1]string{string(b)}, len(b), err // no string in the list is equal to it
		}
	}
	return v, 0, nil
}

func concat(args []any) (any, error) {
	var out []any
	for _, a := range args {
		if out = append(out, asList(a)...); len(out) > maxList {
			return nil, errLongList
		}
	}
	return out, nil
}

func flatten(args []any) (any, error) {
	var w walk
	out := flattened(nil, asList(args[0]), &w)
	if w.err() == nil && len(out) > maxList {
		return nil, errLongList
	}
	return out, w.err()
}

func flattened(out []any, l []any, w *walk) []any {
	for _, e := range l {
		if !w.enter(1) || len(out) > maxList {
			return out
		}
		if p := plain(e); kindOf(p) == list {
			out = flattened(out, asList(p), w)
		} else {
			out = append(out, e)
		}
		if w.err() != nil {
			return out
		}
		w.leave()
	}
	return out
}

func sortList(args []any) (any, error) {
	sign := 1
	if len(args) == 2 {
		switch args[1] {
		case "asc":
		case "desc":
			sign = -1
		default:
			return nil, errOrder
		}
	}
	l := slices.Clone(asList(args[0]))
	values := make([]any, len(l))
	for i := range l {
		values[i] = plain(l[i])
	}
	if err := sameClass(values); err != nil {
		return nil, err
	}
	slices.SortStableFunc(l, func(a, b any) int { return sign * order(plain(a), plain(b)) })
	return l, nil
}

func get(args []any) (any, error) {
	if args[0] == nil {
		return nil, nil
	}
	v, _, err := lookUp(args[0], args[1])
	return v, err
}

func keysOf(args []any) (any, error) {
	out := []any{}
	for _, key := range slices.Sorted(maps.Keys(asMap(args[0]))) {
		out = append(out, key)
	}
	return out, nil
}

func valuesOf(args []any) (any, error) {
	m, out := asMap(args[0]), []any{}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[key])
	}
	return out, nil
}

func toPairs(args []any) (any, error) {
	m, out := asMap(args[0]), []any{}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		out = append(out, []any{key, m[key]})
	}
	return out, nil
}

func fromPairs(args []any) (any, error) {
	out := map[string]any{}
	for _, e := range asList(args[0]) {
		e = plain(e)
		if kindOf(e) != list || size(e) != 2 {
			return nil, errors.New("a pair is a list of a key and a value")
		}
		pair := asList(e)
		out[formatValue(plain(pair[0]))] = pair[1]
	}
	return out, nil
}
