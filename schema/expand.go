package schema

// Expand turns the short form of a value into its full one: a scalar or a list n
// becomes a map with n under the given key, at n's place. A map, and anything
// where key is empty, is returned as it is.
func (n *Node) Expand(key string) *Node {
	if key == "" || n.Kind == Map || n.Kind == Null && n.Unset == "" {
		return n
	}
	value := *n
	value.Path = n.Path + "." + key
	full := *n
	full.Kind, full.Value, full.Items, full.Unset = Map, "", nil, ""
	full.Entries = []Entry{{Key: &Node{Kind: String, Value: key, Path: value.Path, Line: n.Line, Column: n.Column, src: n.src}, Value: &value}}
	return &full
}
