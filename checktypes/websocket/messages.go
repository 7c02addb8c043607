package websocket

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"polyhealth/schema"
)

// Messages are texts to send. In a file they are one text, one map, or a list of
// texts and maps; maps become JSON with their keys in the file's order.
type Messages []string

// FromNode reads the messages at n.
func (m *Messages) FromNode(n *schema.Node, r *schema.Reader) {
	*m = nil
	items := []*schema.Node{n}
	if n.Kind == schema.List {
		items = n.Items
	}
	for _, item := range items {
		switch item.Kind {
		case schema.Null:
			r.Errorf(item, `write "" for an empty message`, "a message to send is a text or a map, not null")
		case schema.List, schema.Map:
			*m = append(*m, string(appendJSON(nil, item)))
		default:
			*m = append(*m, item.Value)
		}
	}
}

// JSONSchema says how messages are written.
func (Messages) JSONSchema() *jsonschema.Schema {
	one := func() []*jsonschema.Schema { return []*jsonschema.Schema{{Type: "string"}, {Type: "object"}} }
	return &jsonschema.Schema{AnyOf: append(one(), &jsonschema.Schema{
		Type: "array", Items: &jsonschema.Schema{AnyOf: append(one(), &jsonschema.Schema{Type: "array"})},
	})}
}

// appendJSON appends n's value as JSON to b.
func appendJSON(b []byte, n *schema.Node) []byte {
	switch n.Kind {
	case schema.Map:
		b = append(b, '{')
		for i, e := range n.Entries {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, e.Key.Value), ':')
			b = appendJSON(b, e.Value)
		}
		return append(b, '}')
	case schema.List:
		b = append(b, '[')
		for i, item := range n.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, item)
		}
		return append(b, ']')
	case schema.Null:
		return append(b, "null"...)
	case schema.Bool:
		return append(b, strings.ToLower(n.Value)...)
	case schema.Int, schema.Float:
		return appendNumber(b, n.Value)
	}
	return appendString(b, n.Value)
}

// appendNumber appends a YAML number, which JSON may have to write another way.
func appendNumber(b []byte, text string) []byte {
	if json.Valid([]byte(text)) {
		return append(b, text...)
	}
	if n, err := strconv.ParseInt(text, 0, 64); err == nil {
		return strconv.AppendInt(b, n, 10)
	}
	f, err := strconv.ParseFloat(text, 64)
	if number, invalid := json.Marshal(f); err == nil && invalid == nil {
		return append(b, number...)
	}
	return appendString(b, text) // .inf and .nan
}

func appendString(b []byte, s string) []byte {
	var quoted strings.Builder
	e := json.NewEncoder(&quoted)
	e.SetEscapeHTML(false)
	e.Encode(s) // a string cannot fail
	return append(b, strings.TrimSuffix(quoted.String(), "\n")...)
}
