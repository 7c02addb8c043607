package schema

import "slices"

// notIndented returns the entries below the first that are likely meant to be
// within it: it has no value, and they stand in its column and are no keys here.
func notIndented(entries []Entry, known []string) (outside []Entry) {
	first := entries[0]
	if first.Value.Kind != Null || first.Value.Value != "" || !slices.Contains(known, first.Key.Value) {
		return nil
	}
	for i, e := range entries[1:] {
		_, near := Nearest(e.Key.Value, known)
		if near || e.Key.Column != first.Key.Column || e.Key.Line == first.Key.Line {
			return entries[1 : i+1]
		}
	}
	return entries[1:]
}

// outside notes entries that stand outside the one they belong to. What its value
// lacks is not told as well.
func (r *Reader) outside(of *Entry, entries []Entry) {
	for _, e := range entries {
		r.hideUnread(of.Key.Value, e.Value)
		r.hideUnread(e.Key.Value, e.Value)
	}
	r.Errorf(entries[0].Key, "indent it further, if it is part of "+r.short(of.Key.Value),
		"%s stands beside %s, which is left without a value", r.quote(entries[0].Key.Value), r.short(of.Key.Value))
	of.Value.broken = true
}
