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
	s.Defs = map[string]*jsonschema.Schema{"template": templateSchema(reg, types), "check": checkSchema(reg)}
	s.Properties["checks"] = mapOf(s.Properties["checks"].Description, &jsonschema.Schema{Ref: "#/$defs/check"})
	s.Properties["templates"] = mapOf(s.Properties["templates"].Description, &jsonschema.Schema{Ref: "#/$defs/template"})
	oneOrMore(s.Properties["include"])
	s.Properties["routes"] = mapOf(s.Properties["routes"].Description, routeSchema(reg, notifiers))
	return s
}

func mapOf(doc string, of *jsonschema.Schema) *jsonschema.Schema {
	one := 1
	return &jsonschema.Schema{Type: "object", Description: doc, MinProperties: &one, AdditionalProperties: of}
}

// checkSchema is of a check: a template that has one type, its own with all that it
// needs, or that of one it uses.
func checkSchema(reg Registry) *jsonschema.Schema {
	var names []string
	needs := &jsonschema.Schema{Properties: map[string]*jsonschema.Schema{}}
	for _, t := range reg.Types {
		names = append(names, t.Name)
		full := schema.JSONSchema(t.Config, nil)
		needs.Properties[t.Name] = &jsonschema.Schema{
			If:   &jsonschema.Schema{Type: "object"},
			Then: &jsonschema.Schema{Required: full.Required, AllOf: full.AllOf},
		}
	}
	return &jsonschema.Schema{
		AllOf: []*jsonschema.Schema{{Ref: "#/$defs/template"}},
		If:    &jsonschema.Schema{Not: &jsonschema.Schema{Required: []string{"uses"}}},
		Then:  &jsonschema.Schema{OneOf: schema.ExactlyOne(names).OneOf, Properties: needs.Properties},
	}
}

// templateSchema is of what a check or a template may say.
func templateSchema(reg Registry, docs map[string]string) *jsonschema.Schema {
	keys := CheckKeys{Critical: true, Enabled: true, Defaults: defaultFile().Defaults}
	s := schema.JSONSchema(keys, FieldDocs())
	s.Properties["metadata"].AdditionalProperties = &jsonschema.Schema{Types: []string{"string", "number", "boolean"}}
	s.Properties["metadata"].Type = "object"
	s.Properties["for_each"].Types = []string{"array", "object"}
	oneOrMore(s.Properties["uses"])
	for _, t := range reg.Types {
		keys := schema.JSONSchema(t.Config, docs)
		keys.Required, keys.AllOf = nil, nil // a part may say the rest
		s.Properties[t.Name] = short(keys, t.Short, t.Doc)
	}
	return s
}

// oneOrMore makes a schema that of a text or a list of them.
func oneOrMore(s *jsonschema.Schema) {
	text := &jsonschema.Schema{Type: "string"}
	s.AnyOf = []*jsonschema.Schema{text, {Type: "array", Items: text}}
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
