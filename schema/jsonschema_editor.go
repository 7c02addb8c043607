package schema

import "github.com/google/jsonschema-go/jsonschema"

// ExactlyOne is the schema of maps with exactly one of the keys. Editors say none
// where there is none of them, and several at each but the one.
func ExactlyOne(keys []string, none, several string) *jsonschema.Schema {
	s := AtLeastOne(keys, none)
	s.DependentSchemas = map[string]*jsonschema.Schema{}
	for _, k := range keys {
		others := map[string]*jsonschema.Schema{}
		for _, other := range keys {
			if other != k {
				others[other] = Nothing()
			}
		}
		s.DependentSchemas[k] = Saying(several, &jsonschema.Schema{Properties: others})
	}
	return s
}

// AtLeastOne is the schema of maps with any of the keys. (Of an anyOf editors would
// show the parts, wherever they show what the map is.)
func AtLeastOne(keys []string, none string) *jsonschema.Schema {
	anyOf := &jsonschema.Schema{}
	for _, k := range keys {
		anyOf.AnyOf = append(anyOf.AnyOf, &jsonschema.Schema{Required: []string{k}})
	}
	return &jsonschema.Schema{
		If:   &jsonschema.Schema{Not: anyOf},
		Then: Saying(none, &jsonschema.Schema{Required: keys[:1]}),
	}
}

// Saying is a schema of which editors say a message where a value does not fit it,
// in place of their own.
func Saying(message string, s *jsonschema.Schema) *jsonschema.Schema {
	return With(s, "errorMessage", message)
}

// With adds a keyword that only editors know.
func With(s *jsonschema.Schema, keyword string, value any) *jsonschema.Schema {
	if s.Extra == nil {
		s.Extra = map[string]any{}
	}
	s.Extra[keyword] = value
	return s
}
