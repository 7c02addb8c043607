package schema

import (
	"reflect"
	"slices"
	"strings"
)

// A Decoded says how a Decode went.
type Decoded struct {
	// OK is false where a mistake was noted below the node.
	OK bool
	// Unset names the variables whose ${NAME:-} left a required value empty.
	Unset []string
}

// Decode fills what into points to from n, and notes every mistake on the way.
// Structs are filled by their `yaml` tags: what the file does not mention keeps
// the value it has. See the package doc for the tags. A type whose pointer has
//
//	FromNode(n *Node, r *Reader)
//
// reads itself.
func (r *Reader) Decode(n *Node, into any) Decoded { return r.DecodeBeside(n, into, Beside{}) }

// Beside is what the caller knows of a map besides the keys that are decoded.
type Beside struct {
	// Others are keys that are the caller's to read. They are listed where a
	// mistyped key is explained.
	Others []string
	// Belongs says, as a hint, where a key belongs that is unknown here, or "". It
	// may be nil.
	Belongs func(key string) string
}

// DecodeBeside is Decode of a map of which the caller knows more.
func (r *Reader) DecodeBeside(n *Node, into any, beside Beside) Decoded {
	before, outer := r.errors, r.unset
	r.unset = nil
	r.depth++
	v := reflect.ValueOf(into).Elem()
	if v.Kind() == reflect.Struct && !reads(v) {
		r.structure(n, v, beside)
	} else {
		r.value(n, v, nil)
	}
	d := Decoded{OK: r.errors == before, Unset: r.unset}
	r.depth--
	r.unset = nil
	if r.depth > 0 { // called by a FromNode
		r.unset = append(outer, d.Unset...)
	}
	return d
}

// fromNode is a type that reads itself.
type fromNode interface {
	FromNode(n *Node, r *Reader)
}

func reads(v reflect.Value) bool {
	_, ok := v.Addr().Interface().(fromNode)
	return ok
}

// structure fills a struct from a map.
func (r *Reader) structure(n *Node, v reflect.Value, beside Beside) {
	info := r.info(v.Type())
	if n.Kind != Map {
		r.notMap(n, info)
		return
	}
	var meant []string
	known := slices.Concat(info.names, beside.Others)
	for i := 0; i < len(n.Entries); i++ {
		e := &n.Entries[i]
		f := info.byName[e.Key.Value]
		switch outside := notIndented(n.Entries[i:], known); {
		case len(outside) > 0:
			r.outside(e, outside)
			i += len(outside)
		case f != nil:
			r.key(e.Value, v.FieldByIndex(f.index), f)
		case !slices.Contains(known, e.Key.Value):
			meant = append(meant, r.unknown(e, known, beside.Belongs))
		}
	}
	for _, e := range n.Again {
		if f := info.byName[e.Key.Value]; f != nil {
			r.key(e.Value, reflect.New(v.FieldByIndex(f.index).Type()).Elem(), f)
		}
	}
	r.missing(n, info, meant)
}

func (r *Reader) notMap(n *Node, info *structInfo) {
	r.hideUnread("", n)
	hint := listOf("its keys are", info.names)
	if n.Kind == List && len(n.Items) > 0 && n.Items[0].Kind == Map {
		hint = "write its keys without a dash before them"
	}
	r.Errorf(n, hint, "%s wants a map of keys, found %s", r.label(n), r.Found(n))
}

// unknown notes a key that is none of the known, and returns the one that it was
// meant to be, or "".
func (r *Reader) unknown(e *Entry, known []string, belongs func(key string) string) (meant string) {
	hint := ""
	if belongs != nil {
		hint = belongs(e.Key.Value)
	}
	if hint == "" {
		meant, _ = Nearest(e.Key.Value, known)
		hint = listOf("the keys here are", known)
	}
	if meant != "" {
		hint = didYouMean(meant)
	}
	r.hideUnread(e.Key.Value, e.Value)
	r.hideUnread(meant, e.Value)
	r.Errorf(e.Key, hint, "unknown key %s", r.quote(e.Key.Value))
	return meant
}

// key fills one field, unless ${NAME:-} left it empty: then it is as if the file
// were silent, which a required value cannot be.
func (r *Reader) key(n *Node, v reflect.Value, f *field) {
	if n.Unset != "" {
		if f.required || f.filled || f.oneof != "" {
			r.unset = append(r.unset, n.Unset)
		}
		return
	}
	if n.Kind == Null {
		r.Errorf(n, "give it a value, or leave the key out", "%s has no value", r.label(n))
		return
	}
	if f.required || f.oneof != "" {
		r.unset = append(r.unset, n.unset()...)
	}
	before := r.errors
	r.value(n, v, f)
	if (f.required || f.oneof != "") && r.errors == before && n.isScalar() && n.Value == "" {
		r.Errorf(n, "", "%s is empty", r.label(n))
	}
}

// unset lists the variables that left scalars of a list or map empty.
func (n *Node) unset() (names []string) {
	for _, item := range n.Items {
		if item.Unset != "" {
			names = append(names, item.Unset)
		}
	}
	return names
}

// missing notes required keys that are not there. One that a mistyped key was
// meant to be is not missing as well.
func (r *Reader) missing(n *Node, info *structInfo, meant []string) {
	var done []string // groups
	for i := range info.fields {
		f := &info.fields[i]
		switch {
		case f.required && n.child(f.name) == nil && !slices.Contains(meant, f.name):
			hint := ""
			if f.example != "" {
				hint = "such as " + f.name + ": " + f.example
			}
			r.Errorf(n, hint, "%s needs %s", r.label(n), f.name)
		case f.oneof != "" && !slices.Contains(done, f.oneof):
			done = append(done, f.oneof)
			r.exactlyOne(n, info.group(f.oneof), meant)
		}
	}
}

func (r *Reader) exactlyOne(n *Node, names, meant []string) {
	first := ""
	for _, e := range n.Entries {
		switch {
		case !slices.Contains(names, e.Key.Value):
		case first == "":
			first = e.Key.Value
		default:
			r.Errorf(e.Key, "keep one of the two", "%s and %s are both given", first, e.Key.Value)
		}
	}
	if first == "" && !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(meant, name) }) {
		r.Errorf(n, "", "%s needs %s", r.label(n), strings.Join(names, " or "))
	}
}

// listOf is a hint that lists names, where those are few enough to read.
func listOf(intro string, names []string) string {
	if len(names) == 0 || len(names) > 30 {
		return ""
	}
	return intro + ": " + strings.Join(names, ", ")
}
