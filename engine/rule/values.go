package rule

import (
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"reflect"
	"slices"
	"time"
)

// plain is a value in the form that our own code works with, whatever Go type it
// came in: nil, bool, int, float64, string, time.Duration, time.Time, or a slice,
// a map or a struct as it is. A number too large for an int is a float64.
func plain(v any) any {
	switch v := v.(type) {
	case nil, bool, int, float64, string, time.Duration, time.Time, []any, map[string]any, version:
		return v
	case int64:
		return int(v)
	case []byte:
		return string(v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return int(n)
		}
		if f, err := v.Float64(); err == nil {
			return f
		}
		return string(v)
	}
	return plainReflected(reflect.ValueOf(v))
}

func plainReflected(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return plain(v.Elem().Interface())
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return int(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		if n := v.Uint(); n > math.MaxInt {
			return float64(n)
		}
		return int(v.Uint())
	case reflect.Float32, reflect.Float64:
		return v.Float()
	case reflect.String:
		return v.String()
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return string(v.Bytes())
		}
	}
	return v.Interface()
}

// kindOf is the kind of a plain value.
func kindOf(v any) kind {
	switch v.(type) {
	case nil:
		return null
	case bool:
		return boolean
	case int:
		return integer
	case float64:
		return float
	case string:
		return text
	case time.Duration:
		return duration
	case time.Time:
		return moment
	case []any:
		return list
	case map[string]any:
		return mapping
	case version:
		return semantic
	}
	switch reflect.TypeOf(v).Kind() {
	case reflect.Slice, reflect.Array:
		return list
	case reflect.Map:
		return mapping
	case reflect.Struct:
		return record
	}
	return anything
}

// size is how long a list, a map or a text is.
func size(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []any:
		return len(v)
	case map[string]any:
		return len(v)
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		return r.Len()
	}
	return 1
}

// byKey is the values of a map, in the order of their keys.
func byKey(v any) []any {
	m := asMap(v)
	values := make([]any, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		values = append(values, m[key])
	}
	return values
}

// asList is a list's elements; they belong to the list, and are not to be changed.
func asList(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	r := reflect.ValueOf(v)
	l := make([]any, r.Len())
	for i := range l {
		l[i] = r.Index(i).Interface()
	}
	return l
}

// asMap is a map or a struct of variables as a map, not to be changed. Keys that
// are not strings are written as text.
func asMap(v any) map[string]any {
	if m, ok := v.(map[string]any); ok {
		return m
	}
	r := reflect.ValueOf(v)
	m := map[string]any{}
	if r.Kind() == reflect.Struct {
		for _, f := range structFields(r.Type(), maxFieldDepth) {
			m[f.name] = r.FieldByIndex(f.index).Interface()
		}
		return m
	}
	for entries := r.MapRange(); entries.Next(); {
		m[formatValue(plain(entries.Key().Interface()))] = entries.Value().Interface()
	}
	return m
}

// A walk goes through a value that may hold others. An expression can make lists
// that hold each other many times over, or very deep ones, so each walk counts.
type walk struct {
	steps uint
	depth int
}

// maxDepth is how deep lists and maps may lie within each other.
const maxDepth = 1000

// enter begins a value that costs so many steps; false where the walk must stop.
func (w *walk) enter(cost uint) bool {
	w.steps += cost
	w.depth++
	return w.err() == nil
}

func (w *walk) leave() { w.depth-- }

// err says why a walk had to stop. It stays, as the depth is not left then.
func (w *walk) err() error {
	switch {
	case w.steps > maxSteps:
		return errSteps
	case w.depth > maxDepth:
		return errDeep
	}
	return nil
}

// equal compares plain values of the same class. Within lists and maps, values
// of different kinds are unlike, and null is like null. The answer is worth
// nothing where the walk had to stop.
func equal(a, b any, w *walk) bool {
	if !w.enter(1) {
		return false
	}
	a, b = plain(a), plain(b)
	same := false
	switch ka, kb := kindOf(a).class(), kindOf(b).class(); {
	case ka != kb || ka == anything:
	case ka == list:
		same = equalLists(asList(a), asList(b), w)
	case ka == mapping:
		same = equalMaps(asMap(a), asMap(b), w)
	case ka == moment:
		same = a.(time.Time).Equal(b.(time.Time))
	case ka == integer || ka == semantic:
		same = order(a, b) == 0
	default:
		same = a == b
	}
	if w.err() == nil {
		w.leave()
	}
	return same
}

func equalLists(a, b []any, w *walk) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i], w) {
			return false
		}
	}
	return true
}

func equalMaps(a, b map[string]any, w *walk) bool {
	if len(a) != len(b) {
		return false
	}
	for key := range a {
		other, there := b[key]
		if !there || !equal(a[key], other, w) {
			return false
		}
	}
	return true
}

// order compares two numbers, strings, durations, times or versions; NaN is below
// all.
func order(a, b any) int {
	switch a := a.(type) {
	case int:
		switch b := b.(type) {
		case int:
			return cmp.Compare(a, b)
		case float64:
			return -compareFloatInt(b, a)
		}
	case float64:
		switch b := b.(type) {
		case int:
			return compareFloatInt(a, b)
		case float64:
			return cmp.Compare(a, b)
		}
	case string:
		return cmp.Compare(a, b.(string))
	case time.Duration:
		return cmp.Compare(a, b.(time.Duration))
	case time.Time:
		return a.Compare(b.(time.Time))
	case version:
		return a.compare(b.(version))
	}
	return 0
}

// compareFloatInt is exact, also where the int has no float64 of its own.
func compareFloatInt(f float64, n int) int {
	if f >= math.MaxInt64 {
		return 1
	}
	if c := cmp.Compare(f, float64(n)); c != 0 {
		return c
	}
	return cmp.Compare(int(f), n)
}
