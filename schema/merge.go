package schema

// Merge is the map that says what over says, and what base says where over is
// silent. Where both hold a map under one key, these are merged likewise; lists and
// scalars are not. short, which may be nil, names the key that the short form of a
// key's value stands for, so that a short form and a map can be merged. Neither
// map is changed.
func Merge(base, over *Node, short func(key string) string) *Node {
	merged := *over
	merged.Entries = make([]Entry, 0, len(base.Entries)+len(over.Entries))
	merged.Again = append(append([]Entry{}, over.Again...), base.Again...)
	for _, e := range over.Entries {
		if below := base.child(e.Key.Value); below != nil {
			e.Value = mergeValues(below, e.Value, e.Key.Value, short)
		}
		merged.Entries = append(merged.Entries, e)
	}
	for _, e := range base.Entries {
		if over.child(e.Key.Value) == nil {
			merged.Entries = append(merged.Entries, e)
		}
	}
	return &merged
}

func mergeValues(base, over *Node, key string, short func(string) string) *Node {
	if short != nil && (base.Kind == Map || over.Kind == Map || short(key) != "") {
		base, over = base.Expand(short(key)), over.Expand(short(key))
	}
	if base.Kind != Map || over.Kind != Map {
		return over
	}
	return Merge(base, over, nil)
}

// Without is a map less one of its keys.
func (n *Node) Without(key string) *Node {
	less := *n
	less.Entries = make([]Entry, 0, len(n.Entries))
	for _, e := range n.Entries {
		if e.Key.Value != key {
			less.Entries = append(less.Entries, e)
		}
	}
	return &less
}
