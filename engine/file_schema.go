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
	checks := mapOf(s.Properties["checks"].Description, checkSchema(reg, types))
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
	s.Properties["checks"], s.Properties["routes"] = checks, routes
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
		s.Properties[t.Name] = formsOf(schema.JSONSchema(t.Config, docs), t.Config, t.Short, t.Doc)
		names = append(names, t.Name)
	}
	known := strings.Join(names, ", ")
	s.Description = "A check: a name of yours, one type (" + known + "), and what all checks may have."
	s.AllOf = append(s.AllOf, schema.ExactlyOne(names, "a check needs a type, one of "+known, "a check has exactly one type: make a check of each"))
	return s
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
