package schema

import (
	"cmp"
	"encoding/json"
	"reflect"

	"github.com/google/jsonschema-go/jsonschema"
)

// variable matches what ${…} and {{ each.… }} may turn into anything.
const variable = `\$\{|\{\{ *each\.`

// describer is a type that reads itself and says how it is written.
type describer interface {
	JSONSchema() *jsonschema.Schema
}

// JSONSchema is the JSON Schema (draft 2020-12) of a map of keys that Decode
// fills: v holds the defaults, docs is as for Describe. Where the schema is asked
// of a map that may hold other keys, the caller adds them to its Properties.
func JSONSchema(v any, docs map[string]string) *jsonschema.Schema {
	value := reflect.ValueOf(v)
	info := infoOf(value.Type())
	s := &jsonschema.Schema{
		Type: "object", Properties: map[string]*jsonschema.Schema{}, AdditionalProperties: Nothing(),
	}
	groups := map[string]bool{}
	for _, f := range info.fields {
		p := schemaOf(f, value.FieldByIndex(f.index), docs)
		p.Description = docOf(f, docs)
		s.Properties[f.name] = p
		s.PropertyOrder = append(s.PropertyOrder, f.name)
		if f.required {
			s.Required = append(s.Required, f.name)
		}
		if f.oneof != "" && !groups[f.oneof] {
			groups[f.oneof] = true
			s.AllOf = append(s.AllOf, ExactlyOne(info.group(f.oneof)))
		}
	}
	return s
}

// Nothing is the schema that no value fits.
func Nothing() *jsonschema.Schema { return &jsonschema.Schema{Not: &jsonschema.Schema{}} }

// ExactlyOne is the schema of maps with exactly one of the keys.
func ExactlyOne(keys []string) *jsonschema.Schema {
	s := &jsonschema.Schema{}
	for _, k := range keys {
		s.OneOf = append(s.OneOf, &jsonschema.Schema{Required: []string{k}})
	}
	return s
}

// schemaOf is the schema of one key's value.
func schemaOf(f field, at reflect.Value, docs map[string]string) *jsonschema.Schema {
	s := schemaOfType(f.typ, at, docs)
	one := 1
	if f.required && s.Type == "array" {
		s.MinItems = &one
	} else if f.required && f.typ.Kind() == reflect.String {
		s.MinLength = &one
	}
	restrict(s, f)
	if f.example != "" {
		s.Examples = []any{f.example}
	}
	if text := defaultOf(at); text != "" {
		s.Default = defaultJSON(at, text)
	}
	return s
}

// restrict adds a key's enum and range, to the parts of a list or map too.
func restrict(s *jsonschema.Schema, f field) {
	switch s.Type {
	case "array":
		restrict(s.Items, f)
		return
	case "object":
		if s.AdditionalProperties != nil && s.Properties == nil {
			restrict(s.AdditionalProperties, f)
		}
		return
	}
	if len(f.enum) > 0 {
		words := make([]any, len(f.enum))
		for i, w := range f.enum {
			words[i] = w
		}
		s.Type, s.Types = "", nil
		s.AnyOf = []*jsonschema.Schema{{Enum: words}, {Type: "string", Pattern: variable}}
	}
	for _, one := range append([]*jsonschema.Schema{s}, s.AnyOf...) {
		if one.Type == "integer" || one.Type == "number" {
			one.Minimum, one.Maximum = cmp.Or(f.min, one.Minimum), cmp.Or(f.max, one.Maximum)
		}
	}
}

func defaultJSON(at reflect.Value, text string) json.RawMessage {
	var v any = at.Interface()
	switch v.(type) {
	case Duration, Size:
		v = text
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return raw
}

func schemaOfType(t reflect.Type, at reflect.Value, docs map[string]string) *jsonschema.Schema {
	if d, ok := reflect.New(t).Interface().(describer); ok {
		return d.JSONSchema()
	}
	switch {
	case t == nodeType, reflect.PointerTo(t).Implements(reflect.TypeFor[fromNode]()):
		return &jsonschema.Schema{}
	case t == durationType:
		return &jsonschema.Schema{Type: "string", Pattern: `^([0-9.]+(ns|us|µs|ms|s|m|h|d))+$|` + variable}
	case t == sizeType:
		least := 1.0
		return &jsonschema.Schema{Types: []string{"string", "integer"}, Minimum: &least, Pattern: `^[0-9.]+ *([kKMG]i?)?B?$|` + variable}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOfType(t.Elem(), reflect.Zero(t.Elem()), docs)
	case reflect.Struct:
		return JSONSchema(at.Interface(), docs)
	case reflect.Slice:
		return &jsonschema.Schema{Type: "array", Items: schemaOfType(t.Elem(), reflect.Zero(t.Elem()), docs)}
	case reflect.Map:
		return &jsonschema.Schema{Type: "object", AdditionalProperties: schemaOfType(t.Elem(), reflect.Zero(t.Elem()), docs)}
	case reflect.Bool:
		return orVariable("boolean")
	case reflect.String:
		return &jsonschema.Schema{Types: []string{"string", "number", "boolean"}}
	case reflect.Float64:
		return orVariable("number")
	default:
		return orVariable("integer")
	}
}

func orVariable(kind string) *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: kind}, {Type: "string", Pattern: variable}}}
}
