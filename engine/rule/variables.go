package rule

import (
	"maps"
	"reflect"
	"slices"
)

// A Variable describes what an expression may read, for documentation.
type Variable struct {
	// Name is what a rule writes.
	Name string
	// Kind is int, float, string, bool, duration, time, list, map or any.
	Kind string
	// Fields are the known fields of a map, or of the maps in a list.
	Fields []Variable
}

// maxFieldDepth bounds how deep structs are looked into: a type may hold itself.
const maxFieldDepth = 6

// structFields are the variables of a struct: its exported fields, and those of
// structs it embeds, by their `expr` tags. A name that is there twice belongs to
// the outermost. Their tags min, max and enum say what values they have, as those
// of the file's keys do.
func structFields(t reflect.Type, depth int) []field {
	var fields []field
	at := map[string]int{}
	for _, f := range reflect.VisibleFields(t) {
		name := f.Tag.Get("expr")
		if !f.IsExported() || name == "-" || f.Anonymous && f.Type.Kind() == reflect.Struct && name == "" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		ft, ok := fromGo(f.Type, depth)
		if !ok {
			continue
		}
		if depth < maxFieldDepth { // deeper, and while a rule runs, nobody asks
			ft.domain = domainOf(f.Tag, ft.kind)
		}
		new := field{name: name, index: f.Index, typ: ft}
		if i, twice := at[name]; twice {
			if len(f.Index) < len(fields[i].index) {
				fields[i] = new
			}
			continue
		}
		at[name] = len(fields)
		fields = append(fields, new)
	}
	return fields
}

// fromGo is what is known of values of a Go type; false where they can't be
// variables.
func fromGo(t reflect.Type, depth int) (typ, bool) {
	named := t.PkgPath() != ""
	switch {
	case t == durationType:
		return typ{kind: duration, goType: t}, true
	case t == timeType:
		return typ{kind: moment, goType: t}, true
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return typ{kind: text, goType: t, guarded: true}, true
	case depth > maxFieldDepth:
		return unknown(), true
	}
	switch t.Kind() {
	case reflect.Bool:
		return typ{kind: boolean, goType: t, guarded: named}, true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return typ{kind: integer, goType: t, guarded: named}, true
	case reflect.Uint, reflect.Uint64:
		return typ{kind: integer, goType: t, guarded: true}, true
	case reflect.Float32, reflect.Float64:
		return typ{kind: float, goType: t, guarded: true}, true
	case reflect.String:
		return typ{kind: text, goType: t, guarded: named}, true
	case reflect.Struct:
		return typ{kind: record, goType: t, fields: structFields(t, depth+1)}, true
	}
	return fromContainer(t, depth)
}

func fromContainer(t reflect.Type, depth int) (typ, bool) {
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		k := list
		if t.Kind() == reflect.Map {
			k = mapping
		}
		elem, ok := fromGo(t.Elem(), depth+1)
		return typ{kind: k, goType: t, elem: &elem}, ok
	case reflect.Pointer:
		elem, ok := fromGo(t.Elem(), depth+1)
		elem.goType, elem.null = nil, true
		return elem, ok
	case reflect.Interface:
		return unknown(), true
	}
	return typ{}, false
}

// shaped is t where its fields, or those of its elements, are known to be these.
func shaped(t typ, fields map[string]string) typ {
	if t.kind == list {
		elem := shaped(t.element(), fields)
		t.elem = &elem
		return t
	}
	if t.kind != mapping && t.kind != anything {
		return t
	}
	t.kind, t.fields = mapping, []field{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		// A column may hold null, and SQLite keeps any type in any column.
		ft := typ{kind: kindNamed(fields[name]), null: true}
		t.fields = append(t.fields, field{name: name, typ: ft})
	}
	return t
}

func kindNamed(word string) kind {
	for _, k := range []kind{boolean, integer, float, text, duration, moment, list, mapping} {
		if k.word() == word {
			return k
		}
	}
	return anything
}

func describe(fields []field) []Variable {
	var vs []Variable
	for _, f := range fields {
		of := f.typ
		for (of.kind == list || of.kind == mapping) && of.fields == nil && of.elem != nil {
			of = *of.elem
		}
		vs = append(vs, Variable{Name: f.name, Kind: f.typ.kind.word(), Fields: describe(of.fields)})
	}
	return vs
}
