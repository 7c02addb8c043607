package sql

import (
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"polyhealth/schema"
)

// Values are those of a statement's placeholders: int64, float64, string, bool
// or nil, as they are written in the file.
type Values []any

// FromNode takes a list of scalars, and keeps their kinds.
func (v *Values) FromNode(n *schema.Node, r *schema.Reader) {
	if n.Kind != schema.List {
		r.Errorf(n, "write it as [value, value]", "args is a list of values")
		return
	}
	*v = make(Values, len(n.Items))
	for i, item := range n.Items {
		(*v)[i] = value(item, r)
	}
}

func value(n *schema.Node, r *schema.Reader) any {
	switch n.Kind {
	case schema.String:
		return n.Value
	case schema.Null:
		return nil
	case schema.Bool:
		return strings.EqualFold(n.Value, "true")
	case schema.Int, schema.Float:
		text := strings.ReplaceAll(n.Value, "_", "")
		if v, err := strconv.ParseInt(text, 0, 64); err == nil {
			return v
		}
		if v, err := strconv.ParseFloat(text, 64); err == nil && strings.ContainsAny(text, ".eE") {
			return v
		}
		r.Errorf(n, "quote it to pass it as a text", "%s is not a number of 64 bits", n.Value)
	default:
		r.Errorf(n, "", "a value is a number, a text, true, false or null, not %s", r.Found(n))
	}
	return nil
}

// JSONSchema describes the list.
func (Values) JSONSchema() *jsonschema.Schema {
	one := &jsonschema.Schema{Types: []string{"string", "number", "boolean", "null"}}
	return &jsonschema.Schema{Type: "array", Items: one}
}
