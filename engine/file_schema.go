package engine

import (
	"polyhealth/schema"

	"github.com/google/jsonschema-go/jsonschema"
)

// FileSchema is the JSON Schema of the file, draft 2020-12. types and notifiers
// are the doc comments of the registry's structs.
func FileSchema(reg Registry, types, notifiers map[string]string) *jsonschema.Schema {
	s := schema.JSONSchema(defaultFile(), FieldDocs())
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.Title = "polyhealth checks.yaml"
	s.Properties["checks"] = mapOf(s.Properties["checks"].Description, checkSchema(reg, types))
	s.Properties["routes"] = mapOf(s.Properties["routes"].Description, routeSchema(reg, notifiers))
	return s
}

func mapOf(doc string, of *jsonschema.Schema) *jsonschema.Schema {
	one := 1
	return &jsonschema.Schema{Type: "object", Description: doc, MinProperties: &one, AdditionalProperties: of}
}

func checkSchema(reg Registry, docs map[string]string) *jsonschema.Schema {
	keys := CheckKeys{Critical: true, Enabled: true, Defaults: defaultFile().Defaults}
	s := schema.JSONSchema(keys, FieldDocs())
	s.Properties["metadata"].AdditionalProperties = &jsonschema.Schema{Types: []string{"string", "number", "boolean"}}
	s.Properties["metadata"].Type = "object"
	var names []string
	for _, t := range reg.Types {
		s.Properties[t.Name] = short(schema.JSONSchema(t.Config, docs), t.Short, t.Doc)
		names = append(names, t.Name)
	}
	s.AllOf = append(s.AllOf, schema.ExactlyOne(names))
	return s
}

func routeSchema(reg Registry, docs map[string]string) *jsonschema.Schema {
	s := schema.JSONSchema(defaultRoute(), FieldDocs())
	for _, n := range reg.Notifiers {
		s.Properties[n.Name] = short(schema.JSONSchema(n.Config, docs), n.Short, n.Doc)
		s.AnyOf = append(s.AnyOf, &jsonschema.Schema{Required: []string{n.Name}})
	}
	return s
}

// short adds the short form, where there is one, to the schema of a map of keys.
func short(full *jsonschema.Schema, key, doc string) *jsonschema.Schema {
	full.Description = doc
	if key == "" {
		return full
	}
	value := *full.Properties[key]
	return &jsonschema.Schema{Description: doc, AnyOf: []*jsonschema.Schema{&value, full}}
}
