package schema

import (
	"reflect"
	"slices"
	"strings"
)

var (
	nodeType     = reflect.TypeFor[*Node]()
	durationType = reflect.TypeFor[Duration]()
	sizeType     = reflect.TypeFor[Size]()
	secretType   = reflect.TypeFor[Secret]()
)

// value fills v from n. f is the key it belongs to, or nil.
func (r *Reader) value(n *Node, v reflect.Value, f *field) {
	if v.CanAddr() && v.Kind() != reflect.Pointer {
		if own, ok := v.Addr().Interface().(fromNode); ok {
			own.FromNode(n, r)
			return
		}
	}
	switch v.Type() {
	case nodeType:
		v.Set(reflect.ValueOf(n))
		return
	case durationType:
		r.duration(n, v)
		return
	case sizeType:
		r.size(n, v)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		own := reflect.New(v.Type().Elem())
		if !v.IsNil() {
			own.Elem().Set(v.Elem()) // defaults may be shared
		}
		v.Set(own)
		r.value(n, own.Elem(), f)
	case reflect.Struct:
		r.structure(n, v, Beside{})
	case reflect.Slice:
		r.slice(n, v, f)
	case reflect.Map:
		r.mapOf(n, v, f)
	case reflect.String:
		r.text(n, v, f)
	case reflect.Bool:
		r.boolean(n, v)
	default:
		switch {
		case v.CanInt() || v.CanUint():
			r.integer(n, v, f)
		case v.CanFloat():
			r.float(n, v, f)
		default:
			panic("schema: cannot decode into " + v.Type().String())
		}
	}
}

func (r *Reader) slice(n *Node, v reflect.Value, f *field) {
	if n.Kind != List {
		hint := ""
		if n.isScalar() {
			hint = "write it as a list: [" + r.asItems(n.Value) + "]"
		}
		r.Errorf(n, hint, "%s wants a list, found %s", r.label(n), r.Found(n))
		return
	}
	if f != nil && f.required && len(n.Items) == 0 {
		r.Errorf(n, "", "%s is an empty list", r.label(n))
	}
	items := reflect.MakeSlice(v.Type(), len(n.Items), len(n.Items))
	kept := 0
	for _, item := range n.Items {
		if item.Unset == "" { // else it is as if it were not there
			r.value(item, items.Index(kept), f)
			kept++
		}
	}
	v.Set(items.Slice(0, kept))
}

// asItems writes a text as the items of a list, by its words where they have no
// quotes that might hold them together.
func (r *Reader) asItems(text string) string {
	if strings.ContainsAny(text, "'\"`[]{},") {
		return r.short(text)
	}
	return r.short(strings.Join(strings.Fields(text), ", "))
}

func (r *Reader) mapOf(n *Node, v reflect.Value, f *field) {
	if n.Kind != Map {
		r.Errorf(n, "write it as a map: {name: value}", "%s wants a map, found %s", r.label(n), r.Found(n))
		return
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(n.Entries)))
	for _, e := range n.Entries {
		if e.Value.Unset != "" {
			continue // as if it were not there
		}
		item := reflect.New(v.Type().Elem()).Elem()
		r.value(e.Value, item, f)
		v.SetMapIndex(reflect.ValueOf(e.Key.Value).Convert(v.Type().Key()), item)
	}
}

// text takes any scalar but null: a header may look like a number.
func (r *Reader) text(n *Node, v reflect.Value, f *field) {
	if v.Type() == secretType {
		r.hideUnread("secret", n)
	}
	if !n.isScalar() || n.Kind == Null {
		r.Errorf(n, "", "%s wants a text, found %s", r.label(n), r.Found(n))
		return
	}
	if f != nil && len(f.enum) > 0 && !slices.Contains(f.enum, n.Value) {
		hint := DidYouMean(n.Value, f.enum)
		r.Errorf(n, hint, "%s is one of %s, found %s", r.label(n), strings.Join(f.enum, ", "), r.Found(n))
		return
	}
	v.SetString(n.Value)
	if v.Type() == secretType {
		r.Expose(n, r.label(n))
	}
}
