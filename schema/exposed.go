package schema

import "strings"

// An Exposed is a secret that stands in the file itself.
type Exposed struct {
	At   *Node
	What string // it is, for a person
}

// Expose notes that a secret stands in the file itself, at n. It does nothing where
// any of it is to come from elsewhere by ${…}.
func (r *Reader) Expose(n *Node, what string) {
	if n != nil && n.Value != "" && n.isScalar() && !strings.Contains(n.text(), "${") {
		r.exposed = append(r.exposed, Exposed{n, what})
	}
}

// Exposed are the secrets that stand in the file itself.
func (r *Reader) Exposed() []Exposed { return r.exposed }
