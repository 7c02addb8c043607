package engine

import (
	"strings"

	"polyhealth/schema"

	"github.com/google/jsonschema-go/jsonschema"
)

// FileSchema is the JSON Schema of the file, draft 2020-12. types and notifiers
// are the doc comments of the registry's structs.
func FileSchema(reg Registry, types, notifiers map[string]string) *jsonschema.Schema {
	s := schema.JSONSchema(defaultFile(), FieldDocs())
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	checks := mapOf(s.Properties["checks"].Description, &jsonschema.Schema{Ref: "#/$defs/check"})
	routes := mapOf(s.Properties["routes"].Description, routeSchema(reg, notifiers))
	var checkForms, routeForms []form
	for _, t := range reg.Types {
		checkForms = append(checkForms, formOf(t.Name, t.Doc, t.Config, t.Short))
	}
	for _, n := range reg.Notifiers {
		routeForms = append(routeForms, formOf(n.Name, n.Doc, n.Config, n.Short))
	}
	offer(checks, checkForms)
	offer(routes, routeForms)
	s.Defs = map[string]*jsonschema.Schema{
		"check": checkSchema(), "whole": wholeSchema(reg, types), "template": templateSchema(reg, types),
	}
	s.Properties["checks"], s.Properties["routes"] = checks, routes
	s.Properties["templates"] = mapOf(s.Properties["templates"].Description, &jsonschema.Schema{Ref: "#/$defs/template"})
	oneOrMore(s.Properties["include"])
	s.Properties["maintenance"] = mapOf(s.Properties["maintenance"].Description, schema.JSONSchema(PlannedKeys{}, FieldDocs()))
	return s
}

func mapOf(doc string, of *jsonschema.Schema) *jsonschema.Schema {
	one := 1
	return &jsonschema.Schema{Type: "object", Description: doc, MinProperties: &one, AdditionalProperties: of}
}

// checkSchema is of a check: what a template may say where it uses one, else all that
// it needs.
func checkSchema() *jsonschema.Schema {
	return &jsonschema.Schema{
		If:   &jsonschema.Schema{Required: []string{"uses"}},
		Then: &jsonschema.Schema{Ref: "#/$defs/template"},
		Else: &jsonschema.Schema{Ref: "#/$defs/whole"},
	}
}

// wholeSchema is of a check that stands by itself: it has one type.
func wholeSchema(reg Registry, docs map[string]string) *jsonschema.Schema {
	var names []string
	for _, t := range reg.Types {
		names = append(names, t.Name)
	}
	known := strings.Join(names, ", ")
	s := keysSchema(reg, docs, true)
	s.Description = "A check: a name of yours, one type (" + known + "), and what all checks may have."
	s.AllOf = append(s.AllOf, schema.ExactlyOne(names, "a check needs a type, one of "+known, "a check has exactly one type: make a check of each"))
	return s
}

// templateSchema is of what a template may say, and a check that uses one: any part.
func templateSchema(reg Registry, docs map[string]string) *jsonschema.Schema {
	s := keysSchema(reg, docs, false)
	s.Description = "What several checks have in common: any of a check's keys."
	return s
}

// keysSchema is of the keys of a check; whole demands of a type's keys those that it
// needs.
func keysSchema(reg Registry, docs map[string]string, whole bool) *jsonschema.Schema {
	keys := CheckKeys{Critical: true, Enabled: true, Defaults: defaultFile().Defaults}
	s := schema.JSONSchema(keys, FieldDocs())
	s.Properties["metadata"].AdditionalProperties = &jsonschema.Schema{Types: []string{"string", "number", "boolean"}}
	s.Properties["metadata"].Type = "object"
	s.Properties["for_each"].Types = []string{"array", "object"}
	oneOrMore(s.Properties["uses"])
	for _, t := range reg.Types {
		keys := schema.JSONSchema(t.Config, docs)
		if !whole {
			keys.Required, keys.AllOf = nil, nil
		}
		s.Properties[t.Name] = formsOf(keys, t.Config, t.Short, t.Doc)
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
	var names []string
	for _, n := range reg.Notifiers {
		s.Properties[n.Name] = formsOf(schema.JSONSchema(n.Config, docs), n.Config, n.Short, n.Doc)
		names = append(names, n.Name)
	}
	known := strings.Join(names, ", ")
	s.Description = "A route: a name of yours, one notifier or more (" + known + "), and when to tell."
	s.AllOf = append(s.AllOf, schema.AtLeastOne(names, "a route needs a notifier, one of "+known))
	return s
}

// formsOf are the forms of a type's value, or a notifier's: its keys, and where
// there is one, the short form.
func formsOf(full *jsonschema.Schema, config any, short, doc string) *jsonschema.Schema {
	full.Description = doc
	s := &jsonschema.Schema{Description: doc, AnyOf: []*jsonschema.Schema{full}}
	if short == "" {
		return schema.With(s, "defaultSnippets", []snippet{{Label: "all that is needed", Body: neededOf(config, "")}})
	}
	value := *full.Properties[short]
	value.Description = doc + " The short form of " + short + ": " + value.Description
	s.Examples, value.Examples = value.Examples, nil
	s.AnyOf = []*jsonschema.Schema{&value, full}
	return s
}
