package schema

import (
	"cmp"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
	"gopkg.in/yaml.v3"
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
			names := info.group(f.oneof)
			s.AllOf = append(s.AllOf, ExactlyOne(names, strings.Join(names, " or ")+" is missing", "only one of "+strings.Join(names, " and ")+" can be given"))
		}
	}
	return s
}

// Nothing is the schema that no value fits.
func Nothing() *jsonschema.Schema { return &jsonschema.Schema{Not: &jsonschema.Schema{}} }

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
	if text := defaultOf(at); text != "" {
		s = within(s)
		s.Default = defaultJSON(at, text)
	}
	if f.example != "" {
		s.Examples = []any{exampleOf(f)}
	}
	return s
}

// within is a text's schema one level deeper: an editor that completes a map writes
// the defaults of all its texts, but not of what may have several forms.
func within(s *jsonschema.Schema) *jsonschema.Schema {
	if s.Type != "string" && len(s.Types) == 0 {
		return s
	}
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{s}}
}

// exampleOf is a key's example as a value of its kind, as editors write it.
func exampleOf(f field) any {
	var v any
	if t := f.typ; t.Kind() == reflect.String || t == durationType || t == sizeType || yaml.Unmarshal([]byte(f.example), &v) != nil {
		return f.example
	}
	return v
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
		return Saying("write a number and a unit, such as 500ms, 30s, 5m, 36h or 90d",
			&jsonschema.Schema{Type: "string", Pattern: `^([0-9.]+(ns|us|µs|ms|s|m|h|d))+$|` + variable})
	case t == sizeType:
		least := 1.0
		return Saying("write a size such as 64KiB or 10MB",
			&jsonschema.Schema{Types: []string{"string", "integer"}, Minimum: &least, Pattern: `^[0-9.]+ *([kKMG]i?)?B?$|` + variable})
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
