package schema

// Kind is the kind of a Node's value, named as users name it.
type Kind string

// The kinds.
const (
	Null   Kind = "null"
	Bool   Kind = "bool"
	Int    Kind = "int"
	Float  Kind = "float"
	String Kind = "string"
	List   Kind = "list"
	Map    Kind = "map"
)

// A Node is one value of the file. Nodes are read-only once Parse has returned.
type Node struct {
	Kind   Kind
	Value  string // a scalar's text, after ${…} was replaced
	Path   string // such as checks.api.http.url or checks.api.tags[0]
	Line   int    // from 1
	Column int    // from 1, in characters

	Items   []*Node // of a list
	Entries []Entry // of a map, in file order, keys unique
	// Again are the entries whose key was there before. That is a mistake, and noted;
	// what is wrong within them is looked for as well.
	Again []Entry

	// Unset names the variable whose ${NAME:-} left this scalar empty, else "".
	Unset string
	// Secret is true where any part of Value came from ${…} outside the file.
	Secret bool

	style  style   // of a scalar
	broken bool    // a mistake in it was noted that makes others of it: they are not told
	raw    *origin // nil where Value is the scalar's text as it is
	src    *source // the file, for its lines
}

// An Entry is a key of a map and its value.
type Entry struct {
	Key   *Node
	Value *Node
}

// Dir is the absolute folder of the file that the value stands in: what a relative
// path in it is relative to.
func (n *Node) Dir() string {
	if n == nil || n.src == nil {
		return ""
	}
	return n.src.dir
}

// Get returns the value at the path of keys below n, or nil where there is none.
// It may be called on nil.
func (n *Node) Get(keys ...string) *Node {
	for _, k := range keys {
		if n == nil {
			return nil
		}
		n = n.child(k)
	}
	return n
}

// Near returns the deepest node that exists on the path of keys below n: the
// place to cite for a value that is missing.
func (n *Node) Near(keys ...string) *Node {
	for _, k := range keys {
		next := n.child(k)
		if next == nil {
			break
		}
		n = next
	}
	return n
}

// KeyOf returns the key node of the entry named key, or nil.
func (n *Node) KeyOf(key string) *Node {
	for i := range n.Entries {
		if n.Entries[i].Key.Value == key {
			return n.Entries[i].Key
		}
	}
	return nil
}

func (n *Node) child(key string) *Node {
	if n == nil {
		return nil
	}
	for i := range n.Entries {
		if n.Entries[i].Key.Value == key {
			return n.Entries[i].Value
		}
	}
	return nil
}
