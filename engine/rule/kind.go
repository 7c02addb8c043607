package rule

import (
	"reflect"
	"strings"
	"time"
)

// A kind is what a value is, in the user's words.
type kind uint8

const (
	anything kind = iota // known only when the rule runs
	null
	boolean
	integer
	float
	text
	duration
	moment
	list
	mapping
	record   // a struct of variables: to the user a map, whose fields are fixed
	semantic // a version
)

// word names the kind in documentation.
func (k kind) word() string {
	return [...]string{"any", "null", "bool", "int", "float", "string", "duration", "time", "list", "map", "map", "version"}[k]
}

// phrase names a value of the kind in a message about the source.
func (k kind) phrase() string {
	return [...]string{"a value", "null", "a bool", "an int", "a float", "a string",
		"a duration", "a time", "a list", "a map", "a map", "a version"}[k]
}

// found names a value of the kind in a message about a run, where a number's
// kind is an accident of where it came from.
func (k kind) found() string {
	if k == integer || k == float {
		return "a number"
	}
	return k.phrase()
}

// noun is found without its article.
func (k kind) noun() string {
	found := k.found()
	return found[strings.IndexByte(found, ' ')+1:]
}

// class puts together the kinds whose values compare with each other.
func (k kind) class() kind {
	switch k {
	case float:
		return integer
	case record:
		return mapping
	}
	return k
}

// kinds is a set of them.
type kinds uint16

func anyOf(ks ...kind) kinds {
	var set kinds
	for _, k := range ks {
		set |= 1 << k
	}
	return set
}

func (s kinds) has(k kind) bool { return s&(1<<k) != 0 }

// A typ is what is known of a value before the rule runs.
type typ struct {
	kind kind
	// goType is the Go type of the value where it is certain, null aside.
	goType reflect.Type
	// null says that the value may be null.
	null bool
	// guarded says that the library's own operators can go wrong on goType: a
	// float may be NaN, a uint64 may be larger than an int, a named type equals
	// nothing.
	guarded bool
	// elem is what a list or map holds, nil where that is anything.
	elem *typ
	// fields are all there are, in order; nil where a map's fields are open.
	fields []field
	// domain is what else is known of a variable's values, or nil.
	domain *domain
}

type field struct {
	name  string
	index []int // in the struct, for reflection
	typ   typ
}

// exact reports whether the library's own operators are safe on the value.
func (t typ) exact() bool { return t.goType != nil && !t.null && !t.guarded }

// certain reports whether the value has the kind, and is not null.
func (t typ) certain() bool { return t.goType != nil && !t.null }

// steady reports whether the plain form of the value has the kind for certain: a
// uint64 may be too large for an int.
func (t typ) steady() bool {
	return t.certain() && t.goType.Kind() != reflect.Uint && t.goType.Kind() != reflect.Uint64
}

func (t typ) element() typ {
	if t.elem == nil {
		return unknown()
	}
	return *t.elem
}

func (t typ) field(name string) (typ, bool) {
	for i := range t.fields {
		if t.fields[i].name == name {
			return t.fields[i].typ, true
		}
	}
	return typ{}, false
}

func (t typ) fieldNames() []string {
	names := make([]string, len(t.fields))
	for i := range t.fields {
		names[i] = t.fields[i].name
	}
	return names
}

// unknown is the type of what is known only when the rule runs.
func unknown() typ { return typ{kind: anything, null: true} }

var (
	boolType     = reflect.TypeFor[bool]()
	intType      = reflect.TypeFor[int]()
	floatType    = reflect.TypeFor[float64]()
	stringType   = reflect.TypeFor[string]()
	durationType = reflect.TypeFor[time.Duration]()
	timeType     = reflect.TypeFor[time.Time]()
	groupsType   = reflect.TypeFor[map[any][]any]()
	listType     = reflect.TypeFor[[]any]()
	mapType      = reflect.TypeFor[map[string]any]()
	versionType  = reflect.TypeFor[version]()
)

// of is the type of a value that our own code makes: never null, never NaN.
func of(k kind) typ {
	t := typ{kind: k}
	switch k {
	case boolean:
		t.goType = boolType
	case integer:
		t.goType = intType
	case float:
		t.goType = floatType
	case text:
		t.goType = stringType
	case duration:
		t.goType = durationType
	case moment:
		t.goType = timeType
	case list:
		t.goType = listType
	case mapping:
		t.goType = mapType
	case semantic:
		t.goType, t.guarded = versionType, true
	default:
		return unknown()
	}
	return t
}

// either is the type of a value that is a or b.
func either(a, b typ) typ {
	switch {
	case a.kind == null:
		b.null = true
		return b
	case b.kind == null:
		a.null = true
		return a
	case a.kind != b.kind:
		if a.kind.class() == integer && b.kind.class() == integer {
			return typ{kind: float, null: a.null || b.null}
		}
		return unknown()
	}
	t := typ{kind: a.kind, null: a.null || b.null, guarded: a.guarded || b.guarded}
	if a.goType == b.goType {
		t.goType = a.goType
	}
	if a.elem == b.elem {
		t.elem = a.elem
	}
	if a.kind == record && t.goType != nil {
		t.fields = a.fields
	}
	return t
}
