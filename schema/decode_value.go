package schema

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
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
		r.structure(n, v, nil)
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
			hint = "write it as a list: [" + r.short(n.Value) + "]"
		}
		r.Errorf(n, hint, "%s wants a list, found %s", r.label(n), r.describe(n))
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

func (r *Reader) mapOf(n *Node, v reflect.Value, f *field) {
	if n.Kind != Map {
		r.Errorf(n, "write it as a map: {name: value}", "%s wants a map, found %s", r.label(n), r.describe(n))
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
		r.Errorf(n, "", "%s wants a text, found %s", r.label(n), r.describe(n))
		return
	}
	if f != nil && len(f.enum) > 0 && !slices.Contains(f.enum, n.Value) {
		hint := DidYouMean(n.Value, f.enum)
		r.Errorf(n, hint, "%s is one of %s, found %s", r.label(n), strings.Join(f.enum, ", "), r.describe(n))
		return
	}
	v.SetString(n.Value)
}

func (r *Reader) boolean(n *Node, v reflect.Value) {
	if r.kind(n) == Bool {
		v.SetBool(strings.EqualFold(n.Value, "true"))
		return
	}
	r.Errorf(n, quotesHint(n, "write true or false", Bool), "%s wants true or false, found %s", r.label(n), r.describe(n))
}

// kind is the kind of a scalar to a key that wants a number or a bool. Where all of
// it comes from one ${…} it is what that looks like, also in quotes: within { }
// it has to be in quotes.
func (r *Reader) kind(n *Node) Kind {
	if n.Kind == String && n.raw != nil && len(n.raw.segments) == 1 && n.raw.segments[0].end-n.raw.segments[0].at == len(n.raw.text) {
		return looksLike(n.Value)
	}
	return n.Kind
}

// quotesHint is the hint for a scalar of the wrong kind, which only its quotes may
// make wrong.
func quotesHint(n *Node, otherwise string, kinds ...Kind) string {
	if n.Kind == String && n.style != plain && slices.Contains(kinds, looksLike(n.Value)) {
		return "leave the quotes out"
	}
	return otherwise
}

func (r *Reader) integer(n *Node, v reflect.Value, f *field) {
	if r.kind(n) != Int {
		r.Errorf(n, quotesHint(n, "", Int), "%s wants a whole number, found %s", r.label(n), r.describe(n))
		return
	}
	if digits := strings.TrimLeft(n.Value, "+-"); len(digits) > 1 && digits[0] == '0' && (digits[1] >= '0' && digits[1] <= '9' || digits[1] == '_') {
		r.Errorf(n, "leave the zero out; an octal number begins with 0o", "%s begins with a zero, found %s", r.label(n), r.describe(n))
		return
	}
	i, err := strconv.ParseInt(strings.ReplaceAll(n.Value, "_", ""), 0, 64)
	if err == nil && !r.within(n, float64(i), f) {
		return
	}
	switch unsigned := v.CanUint(); {
	case err != nil || unsigned && (i < 0 || v.OverflowUint(uint64(i))) || !unsigned && v.OverflowInt(i):
		r.Errorf(n, "", "%s is out of range: %s", r.label(n), r.short(n.Value))
	case unsigned:
		v.SetUint(uint64(i))
	default:
		v.SetInt(i)
	}
}

func (r *Reader) float(n *Node, v reflect.Value, f *field) {
	x, err := strconv.ParseFloat(strings.ReplaceAll(n.Value, "_", ""), 64)
	if kind := r.kind(n); kind == Int && err != nil { // 0x10
		var i int64
		i, err = strconv.ParseInt(strings.ReplaceAll(n.Value, "_", ""), 0, 64)
		x = float64(i)
	} else if kind != Int && kind != Float || math.IsNaN(x) || math.IsInf(x, 0) {
		err = strconv.ErrSyntax
	}
	if err != nil {
		r.Errorf(n, quotesHint(n, "", Int, Float), "%s wants a number, found %s", r.label(n), r.describe(n))
		return
	}
	if r.within(n, x, f) {
		v.SetFloat(x)
	}
}

// within notes a number outside of its key's range.
func (r *Reader) within(n *Node, x float64, f *field) bool {
	if f == nil || (f.min == nil || x >= *f.min) && (f.max == nil || x <= *f.max) {
		return true
	}
	text := func(x *float64) string { return strconv.FormatFloat(*x, 'f', -1, 64) }
	wants := ""
	switch {
	case f.max == nil:
		wants = "at least " + text(f.min)
	case f.min == nil:
		wants = "at most " + text(f.max)
	case *f.min == *f.max:
		wants = text(f.min)
	default:
		wants = "a number from " + text(f.min) + " to " + text(f.max)
	}
	r.Errorf(n, "", "%s is %s, found %s", r.label(n), wants, r.short(n.Value))
	return false
}

func (r *Reader) duration(n *Node, v reflect.Value) {
	if !n.isScalar() || n.Kind == Null {
		r.Errorf(n, "", "%s wants a duration such as 30s, found %s", r.label(n), r.describe(n))
		return
	}
	d, err := ParseDuration(n.Value)
	if err != nil {
		r.Errorf(n, durationHint(n.Value), "%s wants a duration such as 30s: %s %s", r.label(n), r.quote(n.Value), err)
		return
	}
	v.Set(reflect.ValueOf(Duration(d)))
}

// durationHint writes what was meant as it is to be written.
func durationHint(text string) string {
	number, unit := splitUnit(text)
	known := units[unit] > 0
	switch _, err := strconv.ParseFloat(number, 64); {
	case strings.HasPrefix(text, "-") || err == nil && strings.Trim(number, "0.") == "":
		return "" // a unit does not help it
	case err != nil:
		return "write a number and a unit: ms, s, m, h or d"
	case number+unit == text && known:
		return ""
	case known:
		return "write " + number + unit
	case unit == "":
		return "write " + number + "s for seconds"
	case units[strings.ToLower(unit)] > 0:
		return "write " + number + strings.ToLower(unit)
	case strings.HasPrefix("weeks", unit):
		return "write it in days: 1 week is 7d"
	}
	for _, long := range []string{"msecs ms", "milliseconds ms", "seconds s", "minutes m", "hours h", "days d"} {
		long, short, _ := strings.Cut(long, " ")
		if strings.HasPrefix(long, strings.TrimSuffix(strings.ToLower(unit), "s")) {
			return "write " + number + short
		}
	}
	return ""
}

// splitUnit splits a text into the number that it begins with and the rest.
func splitUnit(text string) (number, unit string) {
	unit = strings.TrimLeft(text, "0123456789.")
	return text[:len(text)-len(unit)], strings.TrimSpace(unit)
}

func (r *Reader) size(n *Node, v reflect.Value) {
	if !n.isScalar() || n.Kind == Null {
		r.Errorf(n, "", "%s wants a size such as 64KiB, found %s", r.label(n), r.describe(n))
		return
	}
	size, err := ParseSize(n.Value)
	if err != nil {
		r.Errorf(n, sizeHint(n.Value), "%s wants a size such as 64KiB: %s %s", r.label(n), r.quote(n.Value), err)
		return
	}
	v.SetInt(size)
}

// sizeHint writes what was meant as it is to be written.
func sizeHint(text string) string {
	number, unit := splitUnit(text)
	if _, known := sizes[unit]; known && number != "" {
		return ""
	}
	for _, known := range []string{"KB", "MB", "GB", "KiB", "MiB", "GiB"} {
		if number != "" && (strings.EqualFold(unit, known) || strings.EqualFold(unit, known[:len(known)-1])) {
			return "write " + number + known
		}
	}
	return "write a number and a unit: B, KB, KiB, MB, MiB, GB or GiB"
}

// String is the duration as it is written in the file.
func (d Duration) String() string {
	t := time.Duration(d)
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}, {time.Millisecond, "ms"}} {
		if t >= u.unit && t%u.unit == 0 {
			return strconv.FormatInt(int64(t/u.unit), 10) + u.name
		}
	}
	return t.String()
}
