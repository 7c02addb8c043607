package schema

// Same reports whether two values say the same, wherever they stand. Either may
// be nil. The order of a map's keys counts, as what is made of them keeps it.
func (n *Node) Same(other *Node) bool {
	if n == nil || other == nil {
		return n == other
	}
	if n.Kind != other.Kind || n.Value != other.Value || n.Unset != other.Unset ||
		len(n.Items) != len(other.Items) || len(n.Entries) != len(other.Entries) {
		return false
	}
	for i := range n.Items {
		if !n.Items[i].Same(other.Items[i]) {
			return false
		}
	}
	for i := range n.Entries {
		if n.Entries[i].Key.Value != other.Entries[i].Key.Value || !n.Entries[i].Value.Same(other.Entries[i].Value) {
			return false
		}
	}
	return true
}
