package schema

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
)

// A Key describes one key of a struct that Decode fills, for documentation.
type Key struct {
	Name     string
	Kind     string // in the user's words, such as duration or list of text
	Required bool
	OneOf    []string // the keys of which exactly one must be given, Name among them
	Default  string   // as it would be written, or empty
	Enum     []string
	Example  string
	Doc      string
	Keys     []Key // of a map of keys
}

// Describe lists the keys of a struct. v holds the defaults; docs are doc
// comments by "package.Struct.Field", as fielddocs gathers them.
func Describe(v any, docs map[string]string) []Key {
	value := reflect.ValueOf(v)
	info := infoOf(value.Type())
	keys := make([]Key, 0, len(info.fields))
	for _, f := range info.fields {
		at := value.FieldByIndex(f.index)
		k := Key{
			Name: f.name, Kind: kindOf(f.typ), Required: f.required, Default: defaultOf(at),
			Enum: f.enum, Example: f.example, Doc: docOf(f, docs),
		}
		if f.oneof != "" {
			k.OneOf = info.group(f.oneof)
		}
		if s, ok := structOf(f.typ); ok {
			nested := reflect.New(s).Elem()
			if at.Kind() == reflect.Struct {
				nested = at
			}
			k.Keys = Describe(nested.Interface(), docs)
		}
		keys = append(keys, k)
	}
	return keys
}

// docOf is a key's doc comment, with the field's Go name as the key's.
func docOf(f field, docs map[string]string) string {
	doc := docs[f.goName]
	goName := f.goName[strings.LastIndexByte(f.goName, '.')+1:]
	if rest, ok := strings.CutPrefix(doc, goName+" "); ok {
		doc = f.name + " " + rest
	}
	return doc
}

// structOf is the struct type of a map of keys.
func structOf(t reflect.Type) (reflect.Type, bool) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == nodeType.Elem() || reflect.PointerTo(t).Implements(reflect.TypeFor[fromNode]()) {
		return nil, false
	}
	return t, true
}

// kindOf is a type in the user's words.
func kindOf(t reflect.Type) string {
	switch {
	case t == durationType:
		return "duration"
	case t == sizeType:
		return "size"
	case t == nodeType:
		return "any"
	case reflect.PointerTo(t).Implements(reflect.TypeFor[fromNode]()):
		return splitWords(t.Name())
	}
	switch t.Kind() {
	case reflect.Pointer:
		return kindOf(t.Elem())
	case reflect.Slice:
		return "list of " + kindOf(t.Elem())
	case reflect.Map:
		return "map of " + kindOf(t.Elem())
	case reflect.Struct:
		return "map"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "text"
	case reflect.Float64:
		return "number"
	default:
		return "whole number"
	}
}

// splitWords turns a type's name into words: SendText is send text.
func splitWords(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// defaultOf writes a default as the file would, or "" for none.
func defaultOf(v reflect.Value) string {
	if v.IsZero() && v.Kind() != reflect.Bool {
		return ""
	}
	switch x := v.Interface().(type) {
	case Duration:
		return x.String()
	case Size:
		return x.String()
	}
	switch {
	case v.Kind() == reflect.Bool, v.Kind() == reflect.String, v.CanInt(), v.CanUint(), v.CanFloat():
		return fmt.Sprint(v.Interface())
	case v.Kind() == reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = fmt.Sprint(v.Index(i).Interface())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return ""
}

// String is the size as it is written in the file.
func (s Size) String() string {
	for _, u := range []struct {
		size Size
		name string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if s >= u.size && s%u.size == 0 {
			return fmt.Sprint(int64(s/u.size)) + u.name
		}
	}
	return fmt.Sprint(int64(s))
}
