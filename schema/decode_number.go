package schema

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

func (r *Reader) boolean(n *Node, v reflect.Value) {
	if r.kind(n) == Bool {
		v.SetBool(strings.EqualFold(n.Value, "true"))
		return
	}
	r.Errorf(n, quotesHint(n, "write true or false", Bool), "%s wants true or false, found %s", r.label(n), r.Found(n))
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
		r.Errorf(n, quotesHint(n, "", Int), "%s wants a whole number, found %s", r.label(n), r.Found(n))
		return
	}
	if digits := strings.TrimLeft(n.Value, "+-"); len(digits) > 1 && digits[0] == '0' && (digits[1] >= '0' && digits[1] <= '9' || digits[1] == '_') {
		r.Errorf(n, "leave the zero out; an octal number begins with 0o", "%s begins with a zero, found %s", r.label(n), r.Found(n))
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
		r.Errorf(n, quotesHint(n, "", Int, Float), "%s wants a number, found %s", r.label(n), r.Found(n))
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
