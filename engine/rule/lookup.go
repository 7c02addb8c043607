package rule

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// An access is a read of a field, a key or an element, as it was written.
type access struct {
	base, whole, key operand
	dotted           bool // base.key, and not base[key]
	mercy            mercy
}

// getSite reads a field, a key or an element.
func getSite(a access) site {
	return func(args ...any) (any, uint, error) {
		from, key := plain(args[0]), plain(args[1])
		if from == nil {
			if a.mercy == lenient {
				return nil, 1, nil
			}
			return nil, 0, a.base.isNull()
		}
		v, there, err := lookUp(from, key)
		switch {
		case err != nil && key == nil:
			return nil, 0, a.key.isNull()
		case err != nil:
			return nil, 0, faultf("%s: %s", a.base.is(from), err)
		case there || a.mercy != strict:
			return v, 1, nil
		}
		return nil, 0, a.missing(from, key)
	}
}

var (
	errNoFields   = errors.New("it has no fields")
	errNoElements = errors.New("it has no elements")
)

// lookUp reads a key of a map, a field of a struct or an element of a list, and
// tells whether it is there. The error says why there can be none.
func lookUp(from, key any) (v any, there bool, err error) {
	switch from := from.(type) {
	case map[string]any:
		name, ok := key.(string)
		if !ok {
			return nil, false, fmt.Errorf("its fields are not selected by %s", kindOf(key).found())
		}
		v, there = from[name]
		return v, there, nil
	case []any:
		i, err := index(key, len(from))
		if err != nil || i < 0 {
			return nil, false, err
		}
		return from[i], true, nil
	}
	return lookUpReflected(reflect.ValueOf(from), key)
}

func lookUpReflected(from reflect.Value, key any) (any, bool, error) {
	switch from.Kind() {
	case reflect.Slice, reflect.Array:
		i, err := index(key, from.Len())
		if err != nil || i < 0 {
			return nil, false, err
		}
		return from.Index(i).Interface(), true, nil
	case reflect.Map:
		k := reflect.ValueOf(key)
		if to := from.Type().Key(); to.Kind() != reflect.Interface {
			if !isMapKey(k, to) {
				return nil, false, fmt.Errorf("its fields are not selected by %s", kindOf(key).found())
			}
			k = k.Convert(to)
		} else if !k.IsValid() || !k.Comparable() {
			return nil, false, fmt.Errorf("%s is no key", kindOf(key).found())
		} else if n, err := whole(key); err == nil { // as keySite makes them
			k = reflect.ValueOf(n)
		}
		if v := from.MapIndex(k); v.IsValid() {
			return v.Interface(), true, nil
		}
		return nil, false, nil
	case reflect.Struct:
		name, _ := key.(string)
		for _, f := range structFields(from.Type(), maxFieldDepth) {
			if f.name == name {
				return from.FieldByIndex(f.index).Interface(), true, nil
			}
		}
		if kindOf(from.Interface()) == record {
			return nil, false, nil
		}
	}
	if _, named := key.(string); named {
		return nil, false, errNoFields
	}
	return nil, false, errNoElements
}

// index is a list's index, counted from the end where it is negative; -1 where
// there is no such element.
func index(key any, length int) (int, error) {
	if name, ok := key.(string); ok {
		return 0, fmt.Errorf("it has no field %q", shorten(name, 40))
	}
	i, err := whole(key)
	if isNumber.has(kindOf(key)) && err != nil {
		return 0, errors.New("an element is selected by a whole number")
	} else if err != nil {
		return 0, fmt.Errorf("an element is selected by its number, not by %s", kindOf(key).found())
	}
	if i < 0 {
		i += length
	}
	if i < 0 || i >= length {
		return -1, nil
	}
	return i, nil
}

// missing is the error of reading what is not there.
func (a access) missing(from, key any) error {
	if kindOf(from) == list {
		return faultf("%s: there is no such element (%s has %d)", a.whole.text, a.base.text, size(from))
	}
	names := slices.Sorted(maps.Keys(asMap(from)))
	for i := range names {
		names[i] = shorten(names[i], 40)
	}
	there := a.base.text + " is empty"
	if len(names) > 0 {
		there = "the fields are: " + enumerate(names)
	}
	hint := ""
	if !a.dotted {
		hint = fmt.Sprintf("; test for it with %s in %s, or give a default with ??", a.key.text, a.base.text)
	}
	return faultf("%s: there is no such field (%s)%s", a.whole.text, there, hint)
}

// isMapKey tells whether values of a type can be a key of a map with such keys.
func isMapKey(v reflect.Value, key reflect.Type) bool {
	return v.IsValid() && v.Type().ConvertibleTo(key) && (v.Kind() == reflect.String) == (key.Kind() == reflect.String)
}
