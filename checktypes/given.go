package checktypes

import (
	"reflect"
	"slices"
	"strconv"
	"time"

	"polyhealth/schema"
)

// Given are facts that a file states instead of a probe: those of a test. They are
// what a probe of a check with config would have brought back, had it found the
// variables that n, a map, gives by name. What n leaves out follows from the rest
// where the type says so, and is else its zero; missing reports which variables have
// been left without a value. Mistakes are noted in r.
func (t Type) Given(config any, n *schema.Node, r *schema.Reader) (facts Facts, missing func(variable string) bool) {
	given := map[string]bool{}
	facts = t.given(config, func(vars any) {
		fill(reflect.ValueOf(vars).Elem(), n, r, given)
	}, given)
	return facts, func(variable string) bool { return !given[variable] }
}

// fill sets the fields of a struct that a map gives by their expr tags, and notes
// at the top which.
func fill(v reflect.Value, n *schema.Node, r *schema.Reader, given map[string]bool) {
	if n.Kind != schema.Map {
		r.Errorf(n, "", "%s is a map of variables, found %s", last(n.Path), r.Found(n))
		return
	}
	fields := fieldsOf(v)
	names := make([]string, 0, len(fields))
	for _, f := range fields {
		names = append(names, f.name)
	}
	for _, e := range n.Entries {
		i := slices.Index(names, e.Key.Value)
		if i < 0 {
			hint := schema.DidYouMean(e.Key.Value, names)
			r.Errorf(e.Key, hint, "there is no variable %q", e.Key.Value)
			continue
		}
		if given != nil {
			given[e.Key.Value] = true
		}
		set(fields[i].value, e.Value, r)
	}
}

// A variable is a field of a variables struct, by its tag.
type variable struct {
	name  string
	value reflect.Value
}

func fieldsOf(v reflect.Value) (fields []variable) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch tag := f.Tag.Get("expr"); {
		case f.Anonymous:
			fields = append(fields, fieldsOf(v.Field(i))...)
		case tag != "" && tag != "-" && f.IsExported():
			fields = append(fields, variable{tag, v.Field(i)})
		}
	}
	return fields
}

// set gives a field the value of a node, whose kind must fit.
func set(v reflect.Value, n *schema.Node, r *schema.Reader) {
	switch v.Interface().(type) {
	case time.Duration:
		setDuration(v, n, r)
		return
	case time.Time:
		at, err := time.Parse(time.RFC3339, n.Value)
		if err != nil {
			r.Errorf(n, "write it as 2026-01-31T12:00:00Z", "%s is a time", last(n.Path))
		}
		v.Set(reflect.ValueOf(at))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if n.Kind != schema.Null {
			own := reflect.New(v.Type().Elem())
			set(own.Elem(), n, r)
			v.Set(own)
		}
	case reflect.Interface:
		if value := Plain(n); value != nil {
			v.Set(reflect.ValueOf(value))
		}
	case reflect.Struct:
		fill(v, n, r, nil)
	case reflect.Slice:
		setList(v, n, r)
	case reflect.Map:
		setMap(v, n, r)
	default:
		setScalar(v, n, r)
	}
}

// setDuration takes 0s too, and what is negative, as a probe may.
func setDuration(v reflect.Value, n *schema.Node, r *schema.Reader) {
	d, err := time.ParseDuration(n.Value)
	if err != nil {
		if d, err = schema.ParseDuration(n.Value); err != nil {
			r.Errorf(n, "such as 35ms", "%s is a duration: %q %s", last(n.Path), n.Value, err)
		}
	}
	v.SetInt(int64(d))
}

func setList(v reflect.Value, n *schema.Node, r *schema.Reader) {
	if n.Kind != schema.List {
		r.Errorf(n, "", "%s is a list, found %s", last(n.Path), r.Found(n))
		return
	}
	list := reflect.MakeSlice(v.Type(), len(n.Items), len(n.Items))
	for i, item := range n.Items {
		set(list.Index(i), item, r)
	}
	v.Set(list)
}

func setMap(v reflect.Value, n *schema.Node, r *schema.Reader) {
	if n.Kind != schema.Map {
		r.Errorf(n, "", "%s is a map, found %s", last(n.Path), r.Found(n))
		return
	}
	m := reflect.MakeMapWithSize(v.Type(), len(n.Entries))
	for _, e := range n.Entries {
		value := reflect.New(v.Type().Elem()).Elem()
		set(value, e.Value, r)
		m.SetMapIndex(reflect.ValueOf(e.Key.Value).Convert(v.Type().Key()), value)
	}
	v.Set(m)
}

func setScalar(v reflect.Value, n *schema.Node, r *schema.Reader) {
	value, fits := Plain(n), false
	switch x := value.(type) {
	case bool:
		if fits = v.Kind() == reflect.Bool; fits {
			v.SetBool(x)
		}
	case int:
		switch fits = v.CanInt() || v.CanFloat() || v.CanUint() && x >= 0; {
		case !fits:
		case v.CanInt():
			v.SetInt(int64(x))
		case v.CanUint():
			v.SetUint(uint64(x))
		default:
			v.SetFloat(float64(x))
		}
	case float64:
		if fits = v.CanFloat(); fits {
			v.SetFloat(x)
		}
	case string:
		if fits = v.Kind() == reflect.String; fits {
			v.SetString(x)
		}
	}
	if !fits {
		r.Errorf(n, "", "%s is %s, found %s", last(n.Path), wanted(v.Kind()), r.Found(n))
	}
}

func wanted(k reflect.Kind) string {
	switch k {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Float32, reflect.Float64:
		return "a number"
	}
	return "a whole number"
}

// Plain is a node's value as rules see data of any shape: nil, bool, int, float64,
// string, []any or map[string]any.
func Plain(n *schema.Node) any {
	switch n.Kind {
	case schema.Null:
		return nil
	case schema.Bool:
		return n.Value == "true" || n.Value == "True" || n.Value == "TRUE"
	case schema.Int:
		if i, err := strconv.ParseInt(n.Value, 0, 64); err == nil {
			return int(i)
		}
		f, _ := strconv.ParseFloat(n.Value, 64)
		return f
	case schema.Float:
		f, _ := strconv.ParseFloat(n.Value, 64)
		return f
	case schema.List:
		list := make([]any, len(n.Items))
		for i, item := range n.Items {
			list[i] = Plain(item)
		}
		return list
	case schema.Map:
		m := make(map[string]any, len(n.Entries))
		for _, e := range n.Entries {
			m[e.Key.Value] = Plain(e.Value)
		}
		return m
	}
	return n.Value
}

// last is the last step of a path.
func last(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '.' {
			return path[i+1:]
		}
	}
	return path
}
