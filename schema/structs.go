package schema

import (
	"reflect"
	"strconv"
	"strings"
)

// structInfo is what the tags of a struct say of its keys.
type structInfo struct {
	fields []field
	names  []string
	byName map[string]*field
}

// field is one key of a struct.
type field struct {
	name     string
	index    []int
	typ      reflect.Type
	goName   string // Struct.Field with its package, as docs are keyed
	required bool
	filled   bool   // it may be left out, but not be left empty by ${NAME:-}
	oneof    string // the group of which exactly one must be given
	enum     []string
	min, max *float64
	example  string
}

// infoOf reads a struct type's tags, those of embedded structs included.
func infoOf(t reflect.Type) *structInfo {
	info := &structInfo{byName: map[string]*field{}}
	info.gather(t, nil)
	for i := range info.fields {
		f := &info.fields[i]
		info.byName[f.name] = f
		info.names = append(info.names, f.name)
	}
	return info
}

func (info *structInfo) gather(t reflect.Type, index []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(append([]int{}, index...), i)
		tag, tagged := f.Tag.Lookup("yaml")
		if f.Anonymous && !tagged && f.Type.Kind() == reflect.Struct {
			info.gather(f.Type, at)
			continue
		}
		if !tagged || tag == "-" {
			continue
		}
		options := strings.Split(tag, ",")
		key := field{name: options[0], index: at, typ: f.Type, goName: t.String() + "." + f.Name}
		for _, o := range options[1:] {
			key.required = key.required || o == "required"
			key.filled = key.filled || o == "filled"
			if group, ok := strings.CutPrefix(o, "oneof="); ok {
				key.oneof = group
			}
		}
		if enum := f.Tag.Get("enum"); enum != "" {
			key.enum = strings.Split(enum, ",")
		}
		key.min, key.max = number(f.Tag.Get("min")), number(f.Tag.Get("max"))
		key.example = f.Tag.Get("example")
		info.fields = append(info.fields, key)
	}
}

func number(text string) *float64 {
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return &n
	}
	return nil
}

// group lists the names of a oneof group.
func (info *structInfo) group(name string) (names []string) {
	for _, f := range info.fields {
		if f.oneof == name {
			names = append(names, f.name)
		}
	}
	return names
}

func (r *Reader) info(t reflect.Type) *structInfo {
	info := r.structs[t]
	if info == nil {
		info = infoOf(t)
		r.structs[t] = info
	}
	return info
}
