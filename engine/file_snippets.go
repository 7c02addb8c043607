package engine

import (
	"encoding/json"
	"fmt"
	"strings"

	"polyhealth/schema"

	"github.com/google/jsonschema-go/jsonschema"
)

// A snippet is text that an editor offers, and whose ${…} it goes through.
type snippet struct {
	Label       string `json:"label"`
	Description string `json:"description,omitempty"`
	Body        any    `json:"body"`
}

// A form is a whole entry of a map of names.
type form = snippet

// formOf is an entry with a type's or a notifier's key, and what that needs.
func formOf(key, doc string, config any, short string) form {
	return form{key, doc, object{{"${1:name}", object{{key, neededOf(config, short)}}}}}
}

// offer adds forms to a map of names: one level deeper, as an editor that completes
// the map's own key would have to choose.
func offer(s *jsonschema.Schema, forms []form) {
	s.AllOf = append(s.AllOf, schema.With(&jsonschema.Schema{}, "defaultSnippets", forms))
}

// neededOf is the short form's value, or the keys that must be given.
func neededOf(config any, short string) any {
	var all object
	for _, k := range schema.Describe(config, nil) {
		value := stop(len(all)+2, k)
		switch {
		case k.Name == short:
			return value
		case k.Required, len(k.OneOf) > 0 && k.OneOf[0] == k.Name:
			all = append(all, entryOf{k.Name, value})
		}
	}
	return all
}

// stop is the n-th place that an editor goes to.
func stop(n int, k schema.Key) string {
	if len(k.Enum) > 0 {
		return fmt.Sprintf("${%d|%s|}", n, strings.Join(k.Enum, ","))
	}
	return fmt.Sprintf("${%d:%s}", n, strings.NewReplacer("$", `\$`, "}", `\}`).Replace(k.Example))
}

// An object is a JSON object whose keys stay in order.
type object []entryOf

type entryOf struct {
	key   string
	value any
}

// MarshalJSON writes the keys in order.
func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, e := range o {
		key, err := json.Marshal(e.key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(e.value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, key...), ':'), value...)
	}
	return append(b, '}'), nil
}
